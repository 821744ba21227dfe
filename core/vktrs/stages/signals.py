"""The signals stage: a curve in 0..1 over the time of the song, one artifact for each source and chain.

Curves are read back without numpy: planning and the studio ask for their values too.
"""

from __future__ import annotations

import json
import math
import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import fingerprint
from vktrs.chains import SOURCES, STEMS, Operation, canonical, parse_chain
from vktrs.chains.notation import MOST_OPERATIONS
from vktrs.errors import ArtifactDamaged
from vktrs.stages import stems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vktrs.artifacts import Store
    from vktrs.engines.signals import Curve

VERSION = 1
STAGE = "signals"
FILE = "file"
"""The source in the inputs of a signal that comes from a sound file of the user's."""

_CURVE = "curve"
_STEPS = "steps"
_IN_THE_MIX = ("harmonic", "percussive")


@dataclass(frozen=True, slots=True, eq=False)
class SignalCurve:
    """A curve as it was kept: `rate` values a second in 0..1, the first at `offset` seconds of the song."""

    values: array[float]
    rate: float
    offset: float

    def at(self, seconds: float) -> float:
        """The value at a time of the song, between two values on the line between them; held beyond either end."""
        place = min(max((seconds - self.offset) * self.rate, 0.0), len(self.values) - 1.0)
        before = int(place)
        after = min(before + 1, len(self.values) - 1)
        low = self.values[before]
        return low + (self.values[after] - low) * (place - before)

    def sampled(self, times: Sequence[float]) -> list[float]:
        """The values at these times (seconds of the song)."""
        return [self.at(seconds) for seconds in times]


def is_file(source: str) -> bool:
    """Whether a source names a sound file of the user's."""
    return source not in SOURCES


@dataclass(frozen=True, slots=True, eq=False)
class SignalStep:
    """A curve on its way: behind the operation `name` (canonical, with its arguments; empty: the source itself)."""

    name: str
    curve: SignalCurve


def inputs(
    song: str, source: str, chain: str, file_digest: str | None = None, model: str = stems.MODEL
) -> dict[str, Any]:
    """The song, where its sound comes from, and the chain (canonical); `file_digest` of a file of the user's.

    `source` and `chain` of the answer are those that `make` goes by: "harmonic" and "percussive" are found in the mix
    by an operation of that name, so both ways to write it share their curve. A stem depends on the `model`.
    """
    found: dict[str, Any] = {"version": VERSION, "song": song, "source": source, "chain": chain}
    if source in _IN_THE_MIX:
        found |= {"source": "mix", "chain": f"{source} | {chain}" if chain else source}
    elif source in STEMS:
        found["stems"] = fingerprint(stems.inputs(song, model))
    elif source not in SOURCES:
        found |= {"source": FILE, "file": file_digest}
    return found


def make(
    store: Store,
    key: str,
    ingredients: Mapping[str, Any],
    samples: NDArray[np.float32],
    on_stage: Callable[[Operation], None] | None = None,
) -> None:
    """Compute the curve of `samples` (float32 mono, 22050 Hz: what `source` of the ingredients names) and keep it.

    `on_stage` is told each operation before it begins; what it raises (Stopped) ends the work. A sound file of the
    user's has been brought to the length of the song (`fitted`).
    """
    from vktrs.engines.signals import drawable, finished, walk

    chain = parse_chain(ingredients["chain"], MOST_OPERATIONS + 1)  # the source may have become one
    names = ["", *(canonical([operation]) for operation in chain)]
    steps = []
    for curve in walk(chain, samples, on_stage):
        steps.append(drawable(curve))
        whole = finished(curve)
    with store.making(STAGE, key, ingredients) as folder:
        _write(folder / _CURVE, [("", whole)])
        _write(folder / _STEPS, list(zip(names, steps, strict=True)))


def load(store: Store, key: str) -> SignalCurve:
    """The curve, read without numpy; ArtifactDamaged where it cannot be read."""
    return _read(store.path(STAGE, key) / _CURVE)[0].curve


def load_steps(store: Store, key: str) -> tuple[SignalStep, ...]:
    """What there is to draw: the source, and the curve after each operation; ArtifactDamaged where it cannot be read.

    Of long curves the largest of neighbours, so that no peak is lost.
    """
    return _read(store.path(STAGE, key) / _STEPS)


def fitted(samples: NDArray[np.float32], duration: float) -> NDArray[np.float32]:
    """A sound (22050 Hz) as long as the song (seconds): cut, or silence behind it."""
    import numpy as np

    from vktrs.engines.signals import RATE

    count = round(duration * RATE)
    return np.pad(samples[:count], (0, max(count - len(samples), 0)))


def _write(path: Path, curves: Sequence[tuple[str, Curve]]) -> None:
    """One line of JSON that tells of each curve, and behind it the values of all, float32, little endian."""
    told = [
        {"name": name, "rate": curve.rate, "offset": curve.offset, "count": len(curve.values)} for name, curve in curves
    ]
    values = b"".join(curve.values.astype("<f4").tobytes() for _, curve in curves)
    path.write_bytes(json.dumps(told).encode() + b"\n" + values)


def _read(path: Path) -> tuple[SignalStep, ...]:
    """What `_write` wrote, at least one curve with a value. ArtifactDamaged where it is not that."""
    try:
        line, _, packed = path.read_bytes().partition(b"\n")
        values = _unpacked(packed)
        found, place = [], 0
        for each in json.loads(line):
            end = place + int(each["count"])
            curve = SignalCurve(values[place:end], float(each["rate"]), float(each["offset"]))
            _check(curve, end - place)
            found.append(SignalStep(str(each["name"]), curve))
            place = end
        if not found or place != len(values):
            raise ValueError("it does not hold as many values as it tells of")
    except (OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise ArtifactDamaged(path, str(error)) from None
    return tuple(found)


def _unpacked(packed: bytes) -> array[float]:
    values = array("f")
    values.frombytes(packed)
    if sys.byteorder == "big":
        values.byteswap()
    if not all(0.0 <= value <= 1.0 for value in values):
        raise ValueError("a value lies outside 0 and 1")
    return values


def _check(curve: SignalCurve, count: int) -> None:
    if count < 1 or len(curve.values) != count:
        raise ValueError("a curve has not the values that it tells of")
    if not (0.0 < curve.rate < math.inf and math.isfinite(curve.offset)):
        raise ValueError("a curve has no time axis")
