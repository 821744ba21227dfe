"""The text of a new storyboard.toml: every key that people change, with a word on what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VIDEO = "output.mp4"
"""The name of the video in a new storyboard."""

_TEXT = """\
# A music video by vktrs. Change anything here at any time, also while a run is going on:
# what you write is never overwritten, and `vktrs run` makes again only what your change touches.
# The scenes stand at the end; the first run writes them from the words of the song.
schema = 1

[song]
source = {source}{lyrics}
title = {title}
# language = "en"               # helps the recognition; guessed from the song otherwise
# excerpt = [0.0, 42.0]         # render only these seconds

[video]
width = {width}
height = {height}
fps = {fps}
{captions}# none, line
file = "{video}"

[engines]
{speech}# auto, faster-whisper, whisper, none
{pictures}# cppn needs no model

[look]                          # holds for every scene that does not say otherwise
themes = {themes}
assign_themes = "structure"     # structure (by `section` of the scenes, else in turn), rotate, first
prompt_lag = 1                  # how many earlier lyrics are put before a scene's own
negative_prompt = ""
animation = "variations"        # variations, static
order = "tsp"                   # tsp (the smoothest loop), as-made, ping-pong
variations = 7                  # beside the keyframe: a cycle of 8 pictures
hold = 1                        # frames that each picture of a cycle stays
consistency = 0.72              # 1.0: no change between pictures; 0.0: anything goes
seed = 1
"""
_COMMENT = 32


@dataclass(frozen=True, slots=True)
class NewProject:
    """What `vktrs new` was told; `fps` as written in TOML, a number or "30000/1001"."""

    source: str
    title: str
    lyrics: str | None = None
    themes: Sequence[str] = ()
    speech: str = "auto"
    pictures: str = "cppn"
    captions: str = "none"
    width: int = 512
    height: int = 512
    fps: int | str = 24


def new_storyboard(project: NewProject) -> str:
    """The text of a storyboard without scenes."""
    return _TEXT.format(
        source=_string(project.source),
        lyrics=f"\nlyrics = {_string(project.lyrics)}" if project.lyrics else "",
        title=_string(project.title),
        width=project.width,
        height=project.height,
        fps=project.fps if isinstance(project.fps, int) else _string(project.fps),
        captions=_setting("captions", project.captions),
        speech=_setting("speech", project.speech),
        pictures=_setting("pictures", project.pictures),
        video=VIDEO,
        themes="[" + ", ".join(_string(theme) for theme in project.themes) + "]",
    )


def _setting(key: str, value: str) -> str:
    """`key = "value"`, padded to where its comment begins."""
    return f"{key} = {_string(value)} ".ljust(_COMMENT)


def _string(text: str) -> str:
    import tomlkit

    return tomlkit.string(text).as_string()
