"""The notebook's `prompt_starts` as scenes: times, texts, modes, and what pictures they have. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vktrs.interop.notebook.formulas import Line
from vktrs.interop.notebook.ledger import SCENES, Ledger, Path
from vktrs.interop.notebook.motion import Fields, read_mappings, read_settings
from vktrs.interop.notebook.params import Params, variations_of
from vktrs.storyboard.schema import LONGEST, Unfit, checked, shown
from vktrs.timing import ends_of

_SHORTEST = 0.001  # seconds; starts keep a millisecond from each other
_ANEW = frozenset({"scene_id", "duration_", "anim_start", "anim_duration", "frames", "frame_order"})
_SERVICE: Fields = {"strength": 0.35, "guidance_scale": 7.0, "border": "replicate"}
"""What the service took for pictures that move, as far as it is something else than what holds here by itself."""

_MODES: Mapping[str, Fields] = {
    "static": {"animation": "static"},
    "variations": {"animation": "variations", "order": "as-made"},
    "variations tsp": {"animation": "variations", "order": "tsp"},
    "img2img": {"animation": "img2img"},
}


@dataclass
class Draft:
    """A scene on its way: number in the notebook's table (from 0), time, text, its own fields, its pictures' paths.

    `theme` is the text of the theme that it has there, `asked` the prompt that its picture was made with.
    """

    index: int
    start: float
    end: float | None = None
    text: str = ""
    fields: Fields = field(default_factory=dict)
    theme: str | None = None
    asked: str | None = None
    picture: str | None = None


Reader = Callable[[Draft, Any, Ledger, Path], None]
"""Takes the value of one key over into a draft, and says what became of it."""


@dataclass(frozen=True, slots=True)
class Common:
    """What scenes stand on: the settings of the song, its signals, and what holds where a scene says nothing.

    `settings` and `mappings` are those of the whole storyboard; `mode` is the animation of a scene that names none.
    """

    params: Params
    signals: Mapping[str, Line]
    settings: Fields
    mappings: Fields
    mode: str = "variations tsp"


def read_scenes(rows: Any, common: Common, ledger: Ledger) -> list[Draft]:
    """The scenes in their order: the first starts with the song, each after the one before it."""
    if not isinstance(rows, list):
        if rows:
            ledger.leave((SCENES,), "it is no list of scenes")
        return []
    drafts: list[Draft] = []
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            ledger.leave((SCENES, index), "it is no scene")
            continue
        drafts.append(_draft(index, row, _start(index, row, drafts, ledger), common, ledger))
    for draft, after in zip(drafts, ends_of(drafts, common.params.duration), strict=True):
        if draft.end is not None and (draft.end < draft.start or (after is not None and draft.end >= after - 1e-6)):
            draft.end = None  # the notebook wrote the next start over it: when the line ends is not known
    return drafts


def _start(index: int, row: Mapping[str, Any], before: Sequence[Draft], ledger: Ledger) -> float:
    path: Path = (SCENES, index, "start")
    least = round(before[-1].start + _SHORTEST, 3) if before else 0.0
    value = row.get("start")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LONGEST:
        said = "it has no start" if value is None else f"{shown(value)} is no time in seconds"
        ledger.leave(path, f"{said}: it starts with the song, or a millisecond after the scene before it")
        return least
    start = round(float(value), 3) + 0.0
    remark = ""
    if not before and start:
        start, remark = 0.0, f"{value:g} s: the first scene always starts with the song"
    elif before and start < least:
        start, remark = least, f"{value:g} s is not after the scene before it: put a millisecond behind that one"
    ledger.take(path, "start", remark)
    return start


def _draft(index: int, row: Mapping[str, Any], start: float, common: Common, ledger: Ledger) -> Draft:
    draft = Draft(index, start)
    for key, value in row.items():
        path: Path = (SCENES, index, key)
        if key == "start":
            continue
        if key in _ANEW or (value is None and key not in ("text", "prompt")):
            ledger.anew.add(path)
        elif key in _READ:
            _READ[key](draft, value, ledger, path)
    mode = _mode(row, common, ledger, index)
    base = {**_usual(common), **mode, **(_SERVICE if mode["animation"] == "img2img" else {})}
    own = (
        read_settings(row["animation_args"], ledger, (SCENES, index, "animation_args"))
        if row.get("animation_args")
        else {}
    )
    driven = common.mappings
    if row.get("signal_mappings"):
        driven = read_mappings(row["signal_mappings"], common.signals, ledger, (SCENES, index, "signal_mappings"))
    draft.fields = {**base, **common.settings, **own, **draft.fields, **driven}
    return draft


def _usual(common: Common) -> Fields:
    """What the notebook takes where a scene says nothing."""
    return {"variations": common.params.pictures - 1, "consistency": common.params.consistency}


def _mode(row: Mapping[str, Any], common: Common, ledger: Ledger, index: int) -> Fields:
    written = row.get("animation_mode")
    path: Path = (SCENES, index, "animation_mode")
    mode = str(written if written is not None else "default").lower()
    if mode in _MODES:
        ledger.take(path, "animation")
        fields = _MODES[mode]
    else:
        if written is not None and mode != "default":
            ledger.leave(path, f"{shown(written)} is none of {', '.join(_MODES)}")
        elif written is not None:
            ledger.take(path, "animation")
        fields = _MODES[common.mode]
    if common.params.tour is not None and fields.get("animation") == "variations":
        return {**fields, "order": "tsp" if common.params.tour or fields["order"] == "tsp" else "as-made"}
    return fields


def _text(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    draft.text = _words(" ".join(str(value).split()) if value is not None else "", "text", ledger, path) or ""


def _words(value: Any, field: str, ledger: Ledger, path: Path) -> str | None:
    """A text as a storyboard may hold it; None, and said, where it may not."""
    try:
        text = str(checked("scenes", field, str(value)))
    except Unfit as error:
        ledger.leave(path, f"{shown(value)} is no value for it: {error.right.rstrip('.')}")
        return None
    ledger.take(path, field)
    return text


def _end(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        draft.end = round(float(value), 3)
        ledger.take(path, "end")
    else:
        ledger.leave(path, f"{shown(value)} is no time in seconds")


def _field(name: str) -> Reader:
    def read(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
        if value is None or value == "":
            ledger.anew.add(path)
            return
        text = _words(value, name, ledger, path)
        if text is not None:
            draft.fields[name] = text

    return read


def _consistency(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        draft.fields["consistency"] = float(value)
        ledger.take(path, "consistency")
    else:
        ledger.leave(path, f"{shown(value)} is no number from 0 to 1")


def _variations(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    count = variations_of(value)
    if count is None:
        ledger.leave(path, f"{shown(value)} is no number of pictures")
        return
    draft.fields["variations"] = count
    ledger.take(path, "variations")


def _caption(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    if value is True:  # the rest of a line that was cut up: its text stands in the first piece only
        draft.fields["caption"] = ""
        ledger.take(path, "caption")
    else:
        ledger.anew.add(path)


def _section(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 26:
        draft.fields["section"] = chr(ord("A") + value)
        ledger.take(path, "section")
    else:
        ledger.leave(path, f"{shown(value)} is no number of a section")


def _theme(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    draft.theme = _words(value, "theme", ledger, path)


def _asked(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    draft.asked = _words(value, "prompt", ledger, path)


def _picture(draft: Draft, value: Any, ledger: Ledger, path: Path) -> None:
    draft.picture = str(value)
    ledger.take(path, "picture")


_READ: Mapping[str, Reader] = {
    "text": _text,
    "end": _end,
    "prompt": _field("prompt"),
    "override_prompt": _field("prompt"),
    "negative_prompt": _field("negative_prompt"),
    "caption": _field("caption"),
    "image_consistency": _consistency,
    "n_variations": _variations,
    "inferred_subscene": _caption,
    "structural_segmentation_label": _section,
    "_theme": _theme,
    "_prompt": _asked,
    "frame0_fpath": _picture,
}
