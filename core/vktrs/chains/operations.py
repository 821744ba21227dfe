"""Every operation of a chain, in one table: its parameters with their ranges, what it works on, what it leaves.

Two kinds of things walk through a chain. A *sound* has 22050 samples a second in -1..1, a *curve* some 86 values a
second in 0..1. What makes a curve of a sound leaves it with its highest value at 1 (zeros for silence). What works
on curves keeps 0..1 and stretches nothing, except `normalize`; given a sound, it works on its envelope: the largest
magnitude around each moment, the highest being 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

STEMS = ("vocals", "drums", "bass", "other")
SOURCES = ("mix", *STEMS, "harmonic", "percussive")
"""Where a signal comes from; anything else is the name of a sound file of the user's."""

HALF_RATE = 11_025.0
"""Hz; sound is looked at with 22050 samples a second, so nothing above this is in it."""


class Domain(Enum):
    """What an operation works on, or leaves; `EITHER` leaves what it was given."""

    SOUND = "sound"
    CURVE = "curve"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an operation: its name, its range (both ends allowed), its unit; `default` None: to be given."""

    name: str
    lowest: float
    highest: float
    default: float | None = None
    unit: str = ""
    whole: bool = False

    @property
    def range_in_words(self) -> str:
        """Such as `from 0 to 11025 Hz` or `a whole number from 1 to 64`."""
        unit = f" {self.unit}" if self.unit else ""
        return f"{'a whole number ' if self.whole else ''}from {self.lowest:g} to {self.highest:g}{unit}"


@dataclass(frozen=True, slots=True)
class OperationKind:
    """A row of the table. `takes` SOUND: refuses a curve; CURVE: of a sound takes the envelope; EITHER: as it comes."""

    name: str
    takes: Domain
    leaves: Domain
    parameters: tuple[Parameter, ...]
    description: str

    @property
    def signature(self) -> str:
        """How it is written, with defaults: `modulo(k = 2, offset = 0)`."""
        if not self.parameters:
            return self.name
        parts = [each.name if each.default is None else f"{each.name} = {each.default:g}" for each in self.parameters]
        return f"{self.name}({', '.join(parts)})"


_SOUND, _CURVE, _EITHER = Domain.SOUND, Domain.CURVE, Domain.EITHER


_BAND = (Parameter("low", 0.0, HALF_RATE, unit="Hz"), Parameter("high", 0.0, HALF_RATE, unit="Hz"))
_POWER = (Parameter("k", 0.01, 100.0),)
_DECAY = (Parameter("seconds", 0.001, 30.0, 0.3, "seconds"),)
_WINDOW = (Parameter("seconds", 0.001, 30.0, 0.15, "seconds"),)
_LOW = (Parameter("low", 0.0, 1.0),)
_HIGH = (Parameter("high", 0.0, 1.0),)
_PEAKS = (Parameter("k", 1, 64, 2, whole=True), Parameter("offset", 0, 63, 0, whole=True))
_STEPS = (Parameter("k", 1, 64, whole=True),)
_SPAN = (Parameter("from", 0.0, 86_400.0, unit="seconds"), Parameter("to", 0.0, 86_400.0, unit="seconds"))
_EITHER_WAY = (Parameter("seconds", -3600.0, 3600.0, unit="seconds"),)
_LATER = (Parameter("seconds", 0.0, 3600.0, unit="seconds"),)

# fmt: off
_ROWS = (
    ("bandpass", _SOUND, _SOUND, _BAND, "Keeps what sounds between two frequencies."),
    ("harmonic", _SOUND, _SOUND, (), "Keeps what is held: voices, strings, chords."),
    ("percussive", _SOUND, _SOUND, (), "Keeps what is struck: drums and attacks."),
    ("rms", _SOUND, _CURVE, (), "How loud it is, over 93 ms around each moment."),
    ("novelty", _SOUND, _CURVE, (), "How much sets in at each moment: notes, hits, syllables."),
    ("predominant_pulse", _SOUND, _CURVE, (), "A smooth pulse with its peaks on the beats, as far as there are any."),
    ("stretch", _EITHER, _EITHER, (), "Squares it (x^2): what is low becomes lower, peaks stand out."),
    ("smoosh", _EITHER, _EITHER, (), "Takes the root (x^0.5): what is low comes up, peaks stand out less."),
    ("pow", _EITHER, _EITHER, _POWER, "Raises it to a power (x^k)."),
    ("sqrt", _EITHER, _EITHER, (), "Takes the square root (x^0.5)."),
    ("abs", _EITHER, _EITHER, (), "Takes the magnitude: of a sound, what is below zero is turned up."),
    ("normalize", _EITHER, _EITHER, (), "Scales it so that its highest value is 1; silence stays silence."),
    ("sustain", _CURVE, _CURVE, _DECAY, "Lets each value go slowly: rises at once, falls within that time."),
    ("smooth", _CURVE, _CURVE, _WINDOW, "Averages over that time around each moment (Hann window)."),
    ("threshold", _CURVE, _CURVE, _LOW, "Sets what is below `low` to 0."),
    ("clamp", _CURVE, _CURVE, _HIGH, "Sets what is above `high` to `high`."),
    ("modulo", _CURVE, _CURVE, _PEAKS,
     "Keeps every k-th peak with its flanks, 0 elsewhere: those whose number k divides, the first being `offset`."),
    ("quantize", _CURVE, _CURVE, _STEPS, "Rounds to k even steps: 0, 1/k, 2/k ... 1."),
    ("slice", _EITHER, _EITHER, _SPAN, "Keeps it between two times of the song, 0 elsewhere."),
    ("shift", _EITHER, _EITHER, _EITHER_WAY, "Moves it later, or earlier where negative; 0 comes in."),
    ("delay", _EITHER, _EITHER, _LATER, "Moves it later; 0 comes in before it."),
)
# fmt: on

OPERATIONS: Mapping[str, OperationKind] = MappingProxyType({row[0]: OperationKind(*row) for row in _ROWS})
"""Every operation by its name, those on sound first."""
