"""The values of a storyboard, as storyboard.toml means them: frozen, checked, free of layout.

`None` in a scene means "not written here"; what then holds is the work of `resolve`. Reading and writing the
file is the work of `document`, changing values the work of `edits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any, Literal

from vktrs.lines import Word

SCHEMA = 1

AssignThemes = Literal["structure", "rotate", "first"]
Animation = Literal["static", "variations", "img2img"]
Order = Literal["tsp", "as-made", "ping-pong"]
Captions = Literal["none", "line", "word", "soft"]
Speech = Literal["auto", "faster-whisper", "whisper", "captions", "none"]
Pictures = Literal["cppn", "diffusers", "stability"]


@dataclass(frozen=True, slots=True)
class Song:
    """Where the music comes from. `excerpt` is (from, to) in seconds of the song; paths are as written."""

    source: str = ""
    title: str = ""
    lyrics: str | None = None
    language: str | None = None
    excerpt: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """What comes out: pixels (even), frames a second (1..120), `upscale` 1 or 2, captions, and the file's name."""

    width: int = 512
    height: int = 512
    fps: Fraction = Fraction(24)
    upscale: int = 1
    captions: Captions = "none"
    file: str = "output.mp4"


@dataclass(frozen=True, slots=True)
class Engines:
    """Which engine does what; `options["whisper"]["model"]` is what `[engines.whisper] model` says."""

    speech: Speech = "auto"
    pictures: Pictures = "cppn"
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What holds for every scene that does not say otherwise. `consistency` in 0..1, `hold` in frames from 1."""

    themes: tuple[str, ...] = ()
    assign_themes: AssignThemes = "structure"
    prompt_lag: int = 1
    negative_prompt: str = ""
    animation: Animation = "variations"
    order: Order = "tsp"
    variations: int = 7
    hold: int = 1
    consistency: float = 0.72
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of the video from `start` until the next scene starts; `end` is when its line stops being sung.

    `theme` is a number in the list of themes (from 1) or a text of its own; `words` only where a person has
    retimed them. The fields from `negative_prompt` on override those of `[look]`.
    """

    id: str
    start: float
    end: float | None = None
    text: str = ""
    section: str | None = None
    prompt: str | None = None
    theme: int | str | None = None
    caption: str | None = None
    picture: str | None = None
    locked: bool = False
    words: tuple[Word, ...] | None = None
    prompt_lag: int | None = None
    negative_prompt: str | None = None
    animation: Animation | None = None
    order: Order | None = None
    variations: int | None = None
    hold: int | None = None
    consistency: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Storyboard:
    """Everything that the user decides: the first scene starts at 0, starts strictly increase, all ids differ."""

    song: Song = field(default_factory=Song)
    video: Video = field(default_factory=Video)
    engines: Engines = field(default_factory=Engines)
    look: Look = field(default_factory=Look)
    scenes: tuple[Scene, ...] = ()
    schema: int = SCHEMA

    def index(self, scene_id: str) -> int:
        """The place of a scene in the table, from 0; KeyError where there is none of that id."""
        for index, scene in enumerate(self.scenes):
            if scene.id == scene_id:
                return index
        raise KeyError(scene_id)

    def scene(self, scene_id: str) -> Scene:
        """The scene of that id; KeyError where there is none."""
        return self.scenes[self.index(scene_id)]


SCENE_FIELDS: tuple[str, ...] = tuple(each.name for each in fields(Scene))
"""Every key that a `[[scenes]]` table may hold, in the order in which a new one is written."""

MACHINE_FIELDS: tuple[str, ...] = ("start", "end", "text", "section")
"""The fields of a scene that the machine proposes; all others are written by people only."""
