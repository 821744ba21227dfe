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
from vktrs.motion import Border, ColorCoherence

SCHEMA = 1

AssignThemes = Literal["structure", "rotate", "first"]
Animation = Literal["static", "variations", "img2img"]
Order = Literal["tsp", "as-made", "ping-pong"]
Captions = Literal["none", "line", "word", "soft"]
Position = Literal["bottom", "middle", "top"]
Speech = Literal["auto", "faster-whisper", "whisper", "captions", "api", "none"]
LOCAL_SPEECH: tuple[Speech, ...] = ("auto", "faster-whisper", "whisper")
"""Those by which a model on this machine listens."""
Pictures = Literal["cppn", "diffusers", "stability"]
Snap = Literal["none", "beat", "bar"]
SplitBy = Literal["line", "pause", "stanza", "words", "seconds"]

Amount = float | str
"""A number, or a text that gives one for each frame: an expression over signals and time, or a Deforum schedule."""

Loop = float | str
"""How long a cycle lasts: seconds, or "beat", "2 beats", "bar", ...; "none": as long as its pictures are held."""


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
class Lettering:
    """How captions look that are drawn into the picture. Colours as "#rrggbb", fades in seconds from 0.

    `font` is the name of a file (None: the font that is shipped). `size`, `outline` and `shadow` are parts of the
    picture's height; `shadow` None is one for captions by the word, and none for lines. `highlight_color` is that of
    the words that were sung.
    """

    font: str | None = None
    size: float = 0.055
    color: str = "#ffffff"
    highlight_color: str = "#ffd24a"
    outline: float = 0.005
    outline_color: str = "#101010"
    shadow: float | None = None
    position: Position = "bottom"
    fade_in: float = 0.0
    fade_out: float = 0.0


@dataclass(frozen=True, slots=True)
class Engines:
    """Which engine does what; `options["whisper"]["model"]` is what `[engines.whisper] model` says."""

    speech: Speech = "auto"
    pictures: Pictures = "cppn"
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Split:
    """How the machine cuts scenes: whether their starts lie on beats or bars, and then never later than they were.

    `by` tells what is one scene: a line, what is sung without a `pause` of so many seconds, a stanza, at most so many
    `words`, or about so many `seconds`; of these three numbers only that of its name counts.
    """

    snap: Snap = "none"
    snap_earlier_only: bool = False
    by: SplitBy = "line"
    pause: float = 0.8
    words: int = 8
    seconds: float = 6.0


@dataclass(frozen=True, slots=True)
class Signal:
    """A curve in 0..1 over the song: what it listens to, and what is done with that, step by step (`vktrs.chains`).

    `source` is "mix", a stem ("vocals", "drums", "bass", "other"), "harmonic", "percussive", or the name of a file.
    """

    source: str = "mix"
    chain: str = "rms"


@dataclass(frozen=True, slots=True)
class Look:
    """What holds for every scene that does not say otherwise. `consistency` in 0..1, `hold` in frames from 1.

    `transition` in seconds from 0. From `zoom` on, only scenes whose `animation` is "img2img" ask: `strength` None is
    1 - `consistency`, `guidance_scale` None the engine's own, `cadence` how many pictures there are to each one made.
    """

    themes: tuple[str, ...] = ()
    assign_themes: AssignThemes = "structure"
    prompt_lag: int = 1
    negative_prompt: str = ""
    animation: Animation = "variations"
    order: Order = "tsp"
    variations: int = 7
    hold: int = 1
    consistency: Amount = 0.72
    seed: int = 1
    loop: Loop = "none"
    transition: float = 0.0
    zoom: Amount = 1.0
    angle: Amount = 0.0
    translation_x: Amount = 0.0
    translation_y: Amount = 0.0
    transform_center_x: Amount = 0.5
    transform_center_y: Amount = 0.5
    strength: Amount | None = None
    noise: Amount = 0.02
    guidance_scale: Amount | None = None
    border: Border = "reflect"
    color_coherence: ColorCoherence = "LAB"
    cadence: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of the video from `start` until the next scene starts; `end` is when its line stops being sung.

    `theme` is a number in the list of themes (from 1) or a text of its own; `words` only where a person has
    retimed them, or took them from another hearing; `frame_seeds` are numbers of variations (from 1), each with the
    seed that it has instead of its own. All that `[look]` has too overrides what stands there.
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
    consistency: Amount | None = None
    seed: int | None = None
    frame_seeds: tuple[tuple[int, int], ...] | None = None
    loop: Loop | None = None
    transition: float | None = None
    zoom: Amount | None = None
    angle: Amount | None = None
    translation_x: Amount | None = None
    translation_y: Amount | None = None
    transform_center_x: Amount | None = None
    transform_center_y: Amount | None = None
    strength: Amount | None = None
    noise: Amount | None = None
    guidance_scale: Amount | None = None
    border: Border | None = None
    color_coherence: ColorCoherence | None = None
    cadence: int | None = None


@dataclass(frozen=True, slots=True)
class Storyboard:
    """Everything that the user decides: the first scene starts at 0, starts strictly increase, all ids differ."""

    song: Song = field(default_factory=Song)
    video: Video = field(default_factory=Video)
    captions: Lettering = field(default_factory=Lettering)
    engines: Engines = field(default_factory=Engines)
    split: Split = field(default_factory=Split)
    signals: Mapping[str, Signal] = field(default_factory=dict)
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
