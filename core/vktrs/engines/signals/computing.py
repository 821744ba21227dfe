"""Walks through a chain: each operation is given what the one before it left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from vktrs.chains import Domain, Operation
from vktrs.engines.signals import hearing, pulse, shaping, splitting
from vktrs.engines.signals.curve import MOST_DRAWN, RATE, Curve, Values, drawable, envelope, finished

_WORK: Mapping[str, Callable[..., Curve]] = {
    "bandpass": hearing.bandpass,
    "harmonic": splitting.harmonic,
    "percussive": splitting.percussive,
    "rms": hearing.rms,
    "novelty": hearing.novelty,
    "predominant_pulse": pulse.predominant_pulse,
    "stretch": lambda curve: shaping.power(curve, 2.0),
    "smoosh": lambda curve: shaping.power(curve, 0.5),
    "pow": shaping.power,
    "sqrt": lambda curve: shaping.power(curve, 0.5),
    "abs": shaping.magnitude,
    "normalize": shaping.normalize,
    "sustain": shaping.sustain,
    "smooth": shaping.smooth,
    "threshold": shaping.threshold,
    "clamp": shaping.clamp,
    "modulo": shaping.modulo,
    "quantize": shaping.quantize,
    "slice": shaping.cut,
    "shift": shaping.shift,
    "delay": shaping.shift,
}


def compute(chain: Sequence[Operation], samples: Values, on_stage: Callable[[Operation], None] | None = None) -> Curve:
    """The curve of a chain over `samples` (float32 mono, 22050 Hz, about -1..1): values in 0..1, see `finished`.

    The same samples and chain give the same curve. `on_stage` is told each operation before it begins; what it raises
    ends the work.
    """
    last = Curve(np.zeros(1, dtype=np.float32), RATE)
    for last in walk(chain, samples, on_stage):  # noqa: B007 - the last one is what is wanted
        pass
    return finished(last)


def curves_after_each(chain: Sequence[Operation], samples: Values, most: int = MOST_DRAWN) -> list[Curve]:
    """What there is to draw: the envelope of the samples, and the finished curve after each operation.

    `len(chain) + 1` curves of `most` values at most, in which no peak is lost.
    """
    return [drawable(curve, most) for curve in walk(chain, samples)]


def walk(
    chain: Sequence[Operation], samples: Values, on_stage: Callable[[Operation], None] | None = None
) -> Iterator[Curve]:
    """The sound, and then what each operation leaves, sound or curve; `len(chain) + 1` of them."""
    clean = np.nan_to_num(np.asarray(samples, dtype=np.float32), posinf=1.0, neginf=-1.0)
    current = Curve(np.clip(clean, -1.0, 1.0), RATE)
    yield current
    for operation in chain:
        if on_stage is not None:
            on_stage(operation)
        current = applied(operation, current)
        yield current


def applied(operation: Operation, before: Curve) -> Curve:
    """What one operation leaves of a sound or a curve; of a sound, what works on curves is given the envelope."""
    given = envelope(before) if operation.kind.takes is Domain.CURVE else before
    return _WORK[operation.name](given, *operation.arguments)
