"""What the notebook's `params` say of the whole song, as settings here. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from vktrs.interop.notebook.ledger import Ledger, Path
from vktrs.storyboard.schema import Unfit, checked, shown

VARIATIONS = 5
CONSISTENCY = 0.75
"""What the notebook took where nothing was written: pictures with the keyframe, and how alike they are."""

_DOWNLOADED = "DOWNLOADED__"


@dataclass
class Params:
    """The settings by their tables, as far as they were written; `pictures` counts the keyframe."""

    song: dict[str, Any] = field(default_factory=dict)
    video: dict[str, Any] = field(default_factory=dict)
    look: dict[str, Any] = field(default_factory=dict)
    audio: str | None = None
    url: str | None = None
    duration: float | None = None
    pictures: int = VARIATIONS
    consistency: float = CONSISTENCY
    tour: bool | None = None

    @property
    def title(self) -> str:
        """What the song's file is called."""
        name = base_name(self.audio or "").rpartition(".")[0]
        return name.removeprefix(_DOWNLOADED).strip()


def base_name(path: str) -> str:
    """The last part of a path of whatever system."""
    return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name


def read_params(table: Any, ledger: Ledger) -> Params:
    """The settings in `params`."""
    found = Params()
    path: Path = ("params",)
    if not isinstance(table, Mapping):
        if table is not None:
            ledger.leave(path, "it is no table")
        return found
    for key, value in table.items():
        own = (*path, key)
        if value is None or value == "":
            ledger.anew.add(own)
        elif key in _READ:
            _READ[key](found, value, ledger, own)
        elif key in _SETTINGS:
            _set(found, *_SETTINGS[key], value, ledger, own)
    return found


def _set(found: Params, table: str, key: str, value: Any, ledger: Ledger, path: Path) -> None:
    try:
        getattr(found, table)[key] = checked(table, key, value)
    except Unfit as error:
        ledger.leave(path, f"{shown(value)} is no value for it: {error.right.rstrip('.')}")
    else:
        ledger.take(path, f"{table}.{key}")


_SETTINGS: Mapping[str, tuple[str, str]] = {
    "fps": ("video", "fps"),
    "width": ("video", "width"),
    "height": ("video", "height"),
    "negative_prompt": ("look", "negative_prompt"),
    "title": ("song", "title"),
}


def _audio(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    found.audio = str(value)
    ledger.take(path, "song.source")


def _url(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    if not re.match(r"https?://[^\s\x00-\x1f]+$", str(value)):
        ledger.leave(path, f"{shown(value)} is no address of a song")
        return
    found.url = str(value)
    ledger.take(path, "song.source", "the song was fetched from it; where its file is not found, it is fetched again")


def _themes(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    _set(found, "look", "themes", [part.strip() for part in str(value).split("|") if part.strip()], ledger, path)


def _lag(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    _set(found, "look", "prompt_lag", int(value) if isinstance(value, bool) else value, ledger, path)


def _duration(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    found.duration = float(value) if isinstance(value, (int, float)) and value > 0 else None
    ledger.anew.add(path)


def _pictures(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    count = variations_of(value)
    if count is None:
        ledger.leave(path, f"{shown(value)} is no number of pictures")
        return
    found.pictures = count + 1
    ledger.take(path, "look.variations")


def variations_of(value: Any) -> int | None:
    """How many pictures there are beside the keyframe, of a number that counts it too; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or not 0 <= value <= 1000:
        return None
    return max(int(value) - 1, 0)


def _consistency(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    try:
        found.consistency = float(str(checked("look", "consistency", value)))
    except (Unfit, ValueError):
        ledger.leave(path, f"{shown(value)} is no number from 0 to 1")
    else:
        ledger.take(path, "look.consistency")


def _output(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    name = base_name(str(value))
    if re.fullmatch(r"[^\0-\x1f/\\~][^\0-\x1f/\\]*\.mp4", name):
        _set(found, "video", "file", name, ledger, path)
    else:
        ledger.leave(path, f"{shown(value)} is no name for a video here: it has to end in .mp4")


def _most(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    if found.duration is not None and isinstance(value, (int, float)) and value >= found.duration:
        ledger.anew.add(path)
        return
    _set(found, "song", "excerpt", [0.0, value], ledger, path)


def _captions(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    _set(found, "video", "captions", "line" if value is True else "none", ledger, path)


def _upscale(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    _set(found, "video", "upscale", 2 if value is True else 1, ledger, path)


def _tour(found: Params, value: Any, ledger: Ledger, path: Path) -> None:
    found.tour = value is True
    ledger.take(path, "look.order")


_READ: Mapping[str, Callable[[Params, Any, Ledger, Path], None]] = {
    "audio_fpath": _audio,
    "video_url": _url,
    "theme_prompt": _themes,
    "prompt_lag": _lag,
    "video_duration": _duration,
    "n_variations": _pictures,
    "image_consistency": _consistency,
    "output_filename": _output,
    "max_video_duration_in_seconds": _most,
    "add_caption": _captions,
    "upscale": _upscale,
    "optimal_ordering": _tour,
}
