"""Signals to look at: those of a storyboard, and the curve of one, saved or not, after each operation.

What a run made is read; what it did not make is computed and not kept. Importing this is light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vktrs.artifacts import fingerprint
from vktrs.chains import STEMS, canonical, parse_chain
from vktrs.chains.notation import MOST_OPERATIONS
from vktrs.errors import ArtifactDamaged, InputError, UsageError
from vktrs.inventory import look
from vktrs.plan import Plan, all_signals, make_plan
from vktrs.project import Project
from vktrs.runs import sounding
from vktrs.stages import signals, stems
from vktrs.stages.signals import SignalCurve, SignalStep
from vktrs.storyboard.model import Signal, Storyboard
from vktrs.storyboard.signal_uses import Use, signal_uses

MOST_VALUES = 2000
"""Values of a curve that are handed out to be drawn."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A signal of the storyboard; `made` tells whether its curve lies there, `used_by` which fields ask for it."""

    name: str
    source: str
    chain: str
    made: bool
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A signal and what each of its operations leaves. `name` is the one that was asked for.

    `duration` of the song in seconds. The first step is the source, the last one the curve itself; each has at most
    MOST_VALUES values, of neighbours the largest.
    """

    name: str | None
    source: str
    chain: str
    duration: float
    made: bool
    steps: tuple[SignalStep, ...]
    used_by: tuple[str, ...]


def listed(project: Project) -> list[Listed]:
    """The signals of a storyboard in its order."""
    board = project.document().board
    found = look(project, board)
    song = make_plan(board, found).song
    pieces = all_signals(board, found, song) if song is not None else {}
    uses = _told_uses(board)
    return [
        Listed(name, each.source, each.chain, name in pieces and pieces[name].made, uses[name])
        for name, each in board.signals.items()
    ]


def preview(project: Project, name: str | None, source: str | None = None, chain: str | None = None) -> Preview:
    """The curves of a signal; `source` and `chain` stand in for those that are written.

    With both of them the signal need not be in the storyboard, and need have no `name`; with one of them and no name
    the other one is that of a new signal. UsageError where there is no such signal, or the song was not read yet;
    InputError for a wrong chain (with its position) or a sound that is not there; MissingError where stems are not.
    """
    board = project.document().board
    if name is not None and name not in board.signals and (source is None or chain is None):
        known = f"There are {', '.join(board.signals)}." if board.signals else "The storyboard has none yet."
        raise UsageError(f"there is no signal `{name}`.", known)
    written = board.signals.get(name or "", Signal())
    source = written.source if source is None else source
    chain = canonical(parse_chain(written.chain if chain is None else chain))
    plan = make_plan(board, look(project, board))
    if plan.song is None or not plan.song.made or plan.duration is None:
        raise UsageError("the song was not read yet.", "`vktrs run --to song` reads it.")
    steps, made = _steps(project, plan, source, chain)
    used_by = _told_uses(board).get(name or "", ())
    return Preview(name, source, chain, plan.duration, made, tuple(map(_thinned, steps)), used_by)


def _steps(project: Project, plan: Plan, source: str, chain: str) -> tuple[Sequence[SignalStep], bool]:
    """What there is to draw, and whether it lay there."""
    assert plan.song is not None
    digest = None
    if signals.is_file(source):
        try:
            digest = project.digest(project.resolve(source))
        except OSError:
            raise InputError(f"the sound {source} is not there.", "Mend the `source` of the signal.") from None
    ingredients = signals.inputs(plan.song.key, source, chain, digest)
    key = fingerprint(ingredients)
    if project.store.path(signals.STAGE, key).exists():
        try:
            return signals.load_steps(project.store, key), True
        except ArtifactDamaged:  # a run makes it again; here it is computed
            pass
    if source in STEMS and not project.store.path(stems.STAGE, ingredients["stems"]).exists():
        from vktrs.engines.stems import find_problems

        for problem in find_problems(stems.MODEL):
            raise problem
    return _computed(project, plan, source, ingredients["chain"]), False


def _computed(project: Project, plan: Plan, source: str, chain: str) -> list[SignalStep]:
    from array import array

    from vktrs.engines.signals import curves_after_each

    operations = parse_chain(chain, MOST_OPERATIONS + 1)  # the source may have become one
    curves = curves_after_each(operations, sounding.samples(project, plan, source), MOST_VALUES)
    names = ["", *(canonical([operation]) for operation in operations)]
    return [
        SignalStep(name, SignalCurve(array("f", curve.values.tolist()), curve.rate, curve.offset))
        for name, curve in zip(names, curves, strict=True)
    ]


def _thinned(step: SignalStep) -> SignalStep:
    """At most MOST_VALUES values, of neighbours the largest, so that no peak is lost."""
    curve = step.curve
    size = -(-len(curve.values) // MOST_VALUES)
    if size == 1:
        return step
    values = curve.values[:0]
    values.extend(max(curve.values[at : at + size]) for at in range(0, len(curve.values), size))
    offset = curve.offset + (size - 1) / 2 / curve.rate
    return SignalStep(step.name, SignalCurve(values, curve.rate / size, offset))


def _told_uses(board: Storyboard) -> dict[str, tuple[str, ...]]:
    return {name: tuple(map(_told, uses)) for name, uses in signal_uses(board).items()}


def _told(use: Use) -> str:
    return f"look.{use.field}" if use.scene is None else f"scene {use.scene} {use.field}"
