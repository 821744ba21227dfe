"""What the inspector tells of one scene: every field with where its value comes from, marks, problems. Pure.

It takes a `View` apart and asks no file; what is written where is decided by the storyboard's model and `resolve`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from vktrs.lines import Word
from vktrs.motion.parameters import PARAMETERS
from vktrs.runs.parameter_view import Parameters
from vktrs.storyboard.model import Animation, Look, Scene, Storyboard
from vktrs.storyboard.problems import Problem
from vktrs.storyboard.resolve import Resolved
from vktrs.timing import format_clock
from vktrs_tui.entering import FIELDS
from vktrs_tui.view import Failure, Mark, SceneMarks, View

MOTION = "Motion"
"""The heading of the fields whose curves may be drawn."""
Origin = Literal["own", "look", "default", "derived", "unset"]
"""Written in the scene; what `[look]` says; the program's default; made from others; nothing."""


@dataclass(frozen=True, slots=True)
class FieldDetail:
    """One field of a scene: the key in the file, its label, the value that holds, and where that comes from."""

    field: str
    label: str
    value: str
    origin: Origin
    note: str = ""
    """What is to be said beside it, in the place of where it comes from."""


@dataclass(frozen=True, slots=True)
class SceneDetails:
    """Everything that is known of one scene; `groups` are pairs of a heading and its fields."""

    id: str
    number: int
    locked: bool
    groups: tuple[tuple[str, tuple[FieldDetail, ...]], ...]
    marks: SceneMarks
    problems: tuple[Problem, ...] = ()
    failures: tuple[Failure, ...] = ()
    parameters: Parameters | None = None
    """What changes within the scene, where it moves."""

    @property
    def things(self) -> tuple[tuple[str, Mark], ...]:
        """The three things that are made of a scene, each with its mark."""
        return (("keyframe", self.marks.keyframe), ("variations", self.marks.variations), ("clip", self.marks.clip))

    @property
    def fields(self) -> tuple[FieldDetail, ...]:
        """All fields in the order of the groups."""
        return tuple(field for _, fields in self.groups for field in fields)


def details_of(view: View, scene_id: str | None, failures: Iterable[Failure] = ()) -> SceneDetails | None:
    """What there is to tell of that scene; None where the view has none of that id.

    `failures` are those of the last run; the ones of other scenes are left out.
    """
    place = view.index(scene_id)
    if place is None:
        return None
    row, value = view.rows[place], view.resolved[place]
    scene = view.board.scene(row.id)
    groups = (
        ("Sung", _sung(scene, row.length)),
        ("Picture", _picture(view.board, scene, value)),
        (MOTION, _motion(view.board, scene, value)),
    )
    mine = tuple(each for each in failures if each.scene == row.id)
    moving = view.parameters.get(row.id) if value.animation == "img2img" else None
    return SceneDetails(row.id, row.number, scene.locked, groups, row.marks, row.problems, mine, moving)


def _sung(scene: Scene, length: float | None) -> tuple[FieldDetail, ...]:
    lasts = f"  for {format_clock(length)}" if length is not None else ""
    return (
        FieldDetail("start", "start", format_clock(scene.start) + lasts, "own"),
        FieldDetail("end", "line ends", "" if scene.end is None else format_clock(scene.end), _own(scene.end)),
        FieldDetail("text", "lyric", scene.text, "own" if scene.text else "unset"),
        FieldDetail("caption", "caption", _caption(scene), _own(scene.caption, "derived" if scene.text else "unset")),
        FieldDetail("section", "section", scene.section or "", _own(scene.section)),
        FieldDetail("words", "words", _words(scene.words), _own(scene.words, "derived" if scene.text else "unset")),
        FieldDetail("locked", "locked", "yes" if scene.locked else "no", "own" if scene.locked else "default"),
    )


def _picture(board: Storyboard, scene: Scene, value: Resolved) -> tuple[FieldDetail, ...]:
    return (
        FieldDetail("prompt", "prompt", value.prompt, _own(scene.prompt, "derived")),
        FieldDetail("theme", "theme", _theme(scene, value), _own(scene.theme, "derived" if value.theme else "unset")),
        _inherited(board, scene, "prompt_lag", "prompt lag"),
        _inherited(board, scene, "negative_prompt", "negative"),
        FieldDetail("seed", "seed", str(value.seed), _own(scene.seed, "derived")),
        FieldDetail("frame_seeds", "frame seeds", _frame_seeds(scene.frame_seeds), _own(scene.frame_seeds)),
        FieldDetail("picture", "own picture", scene.picture or "", _own(scene.picture)),
    )


_ALWAYS = ("animation", "transition")
_CYCLE = ("order", "variations", "hold", "loop", "consistency")
_MOVES = (
    *("order", "hold", "cadence", "strength", "zoom", "angle", "translation_x", "translation_y"),
    *("transform_center_x", "transform_center_y", "noise", "guidance_scale", "border", "color_coherence"),
)
ASKED: Mapping[Animation, tuple[str, ...]] = {
    "static": _ALWAYS,
    "variations": (*_ALWAYS[:1], *_CYCLE, *_ALWAYS[1:]),
    "img2img": (*_ALWAYS[:1], *_MOVES, *_ALWAYS[1:]),
}
"""What each animation reads of a scene; the rest is shown where somebody has written it, and that nothing reads it."""


def _motion(board: Storyboard, scene: Scene, value: Resolved) -> tuple[FieldDetail, ...]:
    asked = ASKED[value.animation]
    if value.animation == "img2img" and value.amount("strength") is None:
        place = asked.index("strength") + 1
        asked = (*asked[:place], "consistency", *asked[place:])  # strength follows from it
    written = [name for name in _MOTION if name not in asked and getattr(scene, name) is not None]
    fields = [_of_motion(board, scene, value, name) for name in (*asked, *written)]
    note = f"not read by {value.animation}"
    return tuple(replace(each, note=note) if each.field in written else each for each in fields)


_MOTION = tuple(dict.fromkeys([*_ALWAYS, *_CYCLE, *_MOVES]))
_LABELS = {field.name: field.label for field in FIELDS}


def _of_motion(board: Storyboard, scene: Scene, value: Resolved, name: str) -> FieldDetail:
    label = _LABELS[name]
    if name not in PARAMETERS:
        held = getattr(value, name)
        return _inherited(board, scene, name, label, f"{held:g} s" if isinstance(held, float) else str(held))
    amount = value.amount(name)
    if amount is not None:
        return _inherited(board, scene, name, label, amount if isinstance(amount, str) else f"{amount:g}")
    if name == "strength":
        base = value.consistency
        told = f"1 - ({base})" if isinstance(base, str) else f"{1 - base:g}"
        return FieldDetail(name, label, told, "derived", "from consistency")
    return FieldDetail(name, label, "the engine's own", "default")


def _inherited(board: Storyboard, scene: Scene, name: str, label: str, shown: str | None = None) -> FieldDetail:
    """A field that `[look]` has too; a `[look]` that says the default counts as the default."""
    own, look = getattr(scene, name), getattr(board.look, name)
    origin: Origin = "own" if own is not None else "look" if look != getattr(Look(), name) else "default"
    value = str(look if own is None else own) if shown is None else shown
    return FieldDetail(name, label, value, "unset" if origin == "default" and not value else origin)


def _own(value: object, otherwise: Origin = "unset") -> Origin:
    return otherwise if value is None else "own"


def _caption(scene: Scene) -> str:
    return scene.text if scene.caption is None else scene.caption


def _theme(scene: Scene, value: Resolved) -> str:
    return f"{scene.theme}: {value.theme}" if isinstance(scene.theme, int) else value.theme


def _frame_seeds(seeds: tuple[tuple[int, int], ...] | None) -> str:
    return "  ".join(f"variation {number}: {seed}" for number, seed in seeds or ())


def _words(words: tuple[Word, ...] | None) -> str:
    if not words:
        return "as they were heard" if words is None else ""
    return "  ".join(f"{word.text.strip()} {format_clock(word.start, 2)}" for word in words)
