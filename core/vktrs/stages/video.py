"""The video stage: clips and the song become output.mp4, which carries its own fingerprint."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import fingerprint
from vktrs.errors import InputError, VktrsError
from vktrs.media.mark import MARK, is_vktrs_file

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.media.subtitles import Subtitles
    from vktrs.media.x264 import EncoderSettings

VERSION = 1
STAGE = "video"
AUDIO = "audio"
_TEMPORARY = ".vktrs-"


def inputs(
    clips: Sequence[tuple[str, str]],
    song: str,
    title: str,
    excerpt: tuple[float, float] | None,
    subtitles: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The clips as (scene id, fingerprint) in their order, the song and its excerpt, the title, a subtitle track."""
    return {
        "version": VERSION,
        "clips": [list(clip) for clip in clips],
        "song": song,
        "title": title,
        "excerpt": list(excerpt) if excerpt else None,
        **({"subtitles": subtitles} if subtitles else {}),
    }


def audio_inputs(song: str, excerpt: tuple[float, float] | None) -> dict[str, Any]:
    """The song and the seconds of it that are heard."""
    return {"version": VERSION, "song": song, "excerpt": list(excerpt) if excerpt else None}


def audio(store: Store, song: str, source: Path, excerpt: tuple[float, float] | None) -> Path:
    """The song as AAC, encoded once and kept; its path."""
    from vktrs.media.audio import encode_aac

    ingredients = audio_inputs(song, excerpt)
    key = fingerprint(ingredients)
    path = store.path(AUDIO, key) / "audio.m4a"
    if not path.exists():
        start, end = excerpt or (None, None)
        with store.making(AUDIO, key, ingredients) as folder:
            encode_aac(source, folder / "audio.m4a", start=start, end=end)
    return path


def check_target(path: Path) -> None:
    """InputError where a file of that name exists that vktrs did not write; it is never overwritten."""
    if path.is_dir():
        raise InputError(f"{path} is a folder.", "Give the video another name: `file` in [video].")
    if path.exists() and not is_vktrs_file(path):
        raise InputError(
            f"{path} was not made by vktrs and is not overwritten.",
            "Move it away, or give the video another name: `file` in [video].",
        )


def make(
    key: str,
    ingredients: Mapping[str, Any],
    clips: Sequence[Path],
    sound: Path,
    settings: EncoderSettings,
    frames: int,
    target: Path,
    on_progress: Callable[[int, int], None],
) -> None:
    """Join the clips and the sound without coding anything anew and put the video in place by rename."""
    from vktrs.media.join import join_clips

    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{_TEMPORARY}{os.getpid()}-{target.stem}.mp4")
    try:
        joined = join_clips(
            clips,
            sound,
            temporary,
            settings=settings,
            title=ingredients["title"],
            comment=f"{MARK}{key}",
            subtitles=_subtitles(ingredients.get("subtitles")),
            on_progress=on_progress,
        )
        if joined != frames:
            wrong = f"{target.name} came out with {joined} frames, not {frames}; it is left as it was."
            raise VktrsError(wrong, "Remove the folder .vktrs/cache/clips, and run again.")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _subtitles(told: Mapping[str, Any] | None) -> Subtitles | None:
    from vktrs.media.subtitles import Subtitles, language_code

    if told is None:
        return None
    return Subtitles(tuple((start, end, text) for start, end, text in told["cues"]), language_code(told["language"]))


def sweep(target: Path) -> None:
    """Remove what killed processes left half joined; only for whoever holds the project's run lock."""
    for kind in ("", ".*"):  # also of partial videos and animatics
        for path in target.parent.glob(f"{_TEMPORARY}*-{glob.escape(target.stem)}{kind}.mp4"):
            path.unlink(missing_ok=True)


def remember(store: Store, key: str, ingredients: Mapping[str, Any]) -> None:
    """Note what the project's video was joined from, so that a later plan can say what changed."""
    with store.making(STAGE, key, ingredients):
        pass
