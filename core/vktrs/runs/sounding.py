"""The signals that expressions use, computed from the song, one of its stems, or a sound file of the user's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vktrs.artifacts import fingerprint
from vktrs.chains import STEMS
from vktrs.errors import InputError, MissingError
from vktrs.inventory import source_path
from vktrs.plan import Plan
from vktrs.project import Project
from vktrs.runs.machine import machine_settings
from vktrs.runs.scope import Scope
from vktrs.stages import signals, song, stems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vktrs.chains import Operation

TAKEN_APART = "the song is taken apart"
_TAKES_APART = "`vktrs run` does that once an expression uses a signal that listens to one."


def step(scope: Scope, plan: Plan) -> bool:
    """Make the first signal that is missing; whether something was done."""
    wanted = scope.listened(plan)
    missing = [(name, piece) for name, piece in wanted.items() if not piece.made]
    if not missing or plan.song is None or plan.duration is None:
        return False
    name, piece = missing[0]
    scope.stage(signals.STAGE, "begun", piece.key)
    done, total = len(wanted) - len(missing), len(wanted)

    def tell(operation: Operation) -> None:
        scope.check_stop()
        scope.progress.tell(signals.STAGE, done, total, f"{name}: {operation.name}")

    signals.make(scope.project.store, piece.key, piece.inputs, _samples(scope, plan, name), tell)
    scope.made(signals.STAGE, piece.key)
    if len(missing) == 1:
        scope.stage(signals.STAGE, "done")
    return True


def _samples(scope: Scope, plan: Plan, name: str) -> NDArray[np.float32]:
    source = plan.board.signals[name].source
    if source in STEMS:
        take_apart(scope, plan, lambda done, total: scope.progress.tell(signals.STAGE, done, total, TAKEN_APART))
    return samples(scope.project, plan, source)


def samples(project: Project, plan: Plan, source: str) -> NDArray[np.float32]:
    """What a source sounds like: float32 mono at 22050 Hz, as long as the song, which was read.

    InputError where a file of the user's is not there; MissingError where the song was not taken apart into stems.
    """
    assert plan.song is not None and plan.duration is not None
    if signals.is_file(source):
        from vktrs.media.audio import listen

        path = project.resolve(source)
        if not path.is_file():
            raise InputError(f"the sound {source} is not there.", "Mend the `source` of the signal.")
        return signals.fitted(listen(path, (song.ANALYSIS_RATE,))[1][0], plan.duration)
    if source in STEMS:
        key = fingerprint(stems.inputs(plan.song.key))
        if not project.store.path(stems.STAGE, key).exists():
            raise MissingError("the song was not taken apart into stems yet.", _TAKES_APART)
        return stems.load(project.store, key, source)
    return song.samples(project.store, plan.song.key, "analysis")


def take_apart(scope: Scope, plan: Plan, tell: Callable[[float, float], None]) -> str:
    """The stems of the song, once for all that listens to one; their fingerprint. `tell(done, total)`: seconds."""
    assert plan.song is not None
    store, ingredients = scope.project.store, stems.inputs(plan.song.key)
    key = fingerprint(ingredients)
    if store.path(stems.STAGE, key).exists():
        return key
    from vktrs.engines.stems import RATE_IN, separate
    from vktrs.media.audio import decode

    source = source_path(scope.project, plan.board)
    assert source is not None

    taken = separate(
        decode(source, RATE_IN, mono=False),
        model=stems.MODEL,
        device=machine_settings(scope.request.device).device,
        on_progress=tell,
        should_stop=scope.should_stop,
        on_remark=scope.remark,
    )
    stems.make(store, key, ingredients, taken)
    return key
