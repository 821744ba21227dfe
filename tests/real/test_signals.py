"""Every operation of a chain against a signal whose answer is known in closed form; the time axis; odd sounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vktrs.chains import OPERATIONS, Operation, canonical, parse_chain, possible_after
from vktrs.engines.signals import HOP, RATE, Curve, applied, compute, curves_after_each, walk
from vktrs.errors import Stopped

STEP = HOP / RATE
"""Seconds between two values of a curve."""

Samples = NDArray[np.float32]

EXAMPLES = {
    "bandpass": "bandpass(40, 5000)",
    "pow": "pow(3)",
    "threshold": "threshold(0.2)",
    "clamp": "clamp(0.7)",
    "quantize": "quantize(4)",
    "slice": "slice(0.1, 5)",
    "shift": "shift(0)",
    "delay": "delay(0)",
}
"""Operations that need arguments, such that none of them moves anything."""


def seconds(length: float) -> NDArray[np.float64]:
    return np.arange(round(length * RATE)) / RATE


def sine(frequency: float, length: float, height: float = 0.5) -> Samples:
    return (height * np.sin(2 * np.pi * frequency * seconds(length))).astype(np.float32)


def clicks(times: NDArray[np.float64], length: float) -> Samples:
    made = np.zeros(round(length * RATE), dtype=np.float32)
    made[np.round(times * RATE).astype(int)] = 0.8
    return made


def swell(at: float, length: float, frequency: float = 440.0) -> Samples:
    """A tone that swells up to its loudest at one time."""
    around = seconds(length) - at
    return (0.5 * np.exp(-0.5 * (around / 0.2) ** 2) * np.cos(2 * np.pi * frequency * around)).astype(np.float32)


def curve_of(values: object) -> Curve:
    return Curve(np.asarray(values, dtype=np.float32), RATE / HOP)


def after(text: str, values: object) -> NDArray[np.float32]:
    """What a chain of operations on curves leaves of these values."""
    curve = curve_of(values)
    for operation in parse_chain(text):
        curve = applied(operation, curve)
    return curve.values


def peaks_of(curve: Curve, least: float = 0.3) -> NDArray[np.float64]:
    values = np.pad(curve.values, 1)
    tops = (values[1:-1] > values[:-2]) & (values[1:-1] >= values[2:]) & (values[1:-1] >= least)
    return curve.times()[tops]


# what works on sound


@pytest.mark.parametrize(
    ("band", "kept"),
    [("40, 120", 80), ("500, 2000", 1000), ("0, 120", 80), ("4000, 11025", 6000), ("999, 1001", 1000)],
)
def test_a_band_keeps_what_sounds_in_it_where_it_sounds_and_nothing_else(band: str, kept: float) -> None:
    parts = {frequency: sine(frequency, 4, 0.3) for frequency in (80, 1000, 6000)}
    *_, left = walk(parse_chain(f"bandpass({band})"), np.sum(list(parts.values()), axis=0))
    middle = slice(RATE, 3 * RATE)
    assert left.values[middle] == pytest.approx(parts[int(kept)][middle], abs=0.012)


@pytest.mark.parametrize("band", ["0, 11025", "1e-150, 11025", "0.9, 11024.9"])
def test_the_whole_band_is_the_sound_itself(band: str) -> None:
    sound = sine(300, 1)
    *_, left = walk(parse_chain(f"bandpass({band})"), sound)
    assert np.array_equal(left.values, sound)


@pytest.mark.parametrize("band", ["1e-150, 1", "1, 2", "1.5, 11024", "11024, 11025", "11022, 11023.5", "0, 1"])
def test_a_band_at_either_end_can_be_computed(band: str) -> None:
    noise = np.random.default_rng(7).standard_normal(3 * RATE).astype(np.float32) * np.float32(0.1)
    *_, left = walk(parse_chain(f"bandpass({band})"), noise)
    assert np.isfinite(left.values).all()
    assert np.abs(left.values).max() < 1.0


def test_rms_is_in_proportion_to_how_loud_it_is() -> None:
    sound = np.concatenate([sine(220, 2, 0.8), sine(220, 2, 0.4), sine(220, 2, 0.08), np.zeros(2 * RATE)])
    values = compute(parse_chain("rms"), sound.astype(np.float32)).at([0.0, 1.0, 3.0, 5.0, 7.0])
    assert values == pytest.approx([1.0, 1.0, 0.5, 0.1, 0.0], abs=0.01)


def test_novelty_peaks_where_something_sets_in_and_rests_while_it_is_held() -> None:
    tone = sine(440, 6, 0.3)
    tone[: 2 * RATE] = 0.0
    times = np.array([3.2, 4.0, 5.1])
    curve = compute(parse_chain("novelty"), np.maximum(tone, clicks(times, 6)))
    for time in (2.0, *times):
        near = curve.at(np.arange(time - STEP, time + STEP, 0.001)).max()
        assert near == pytest.approx(curve.at(np.arange(time - 0.1, time + 0.1, 0.001)).max(), rel=0.05)
        assert near > 0.3
    assert curve.at([0.5, 1.5, 2.6, 3.6, 5.6]).max() < 0.05


@pytest.mark.parametrize("tempo", [80.0, 100.0, 120.0, 151.0])
def test_the_pulse_peaks_on_every_beat_and_only_there(tempo: float) -> None:
    beats = np.arange(1.0, 19.0, 60 / tempo)
    pulse = compute(parse_chain("predominant_pulse"), clicks(beats, 20))
    found = peaks_of(pulse)
    inside = found[(found > 0.9) & (found < beats[-1] + 0.1)]
    assert len(inside) == len(beats)
    assert np.abs(inside - beats).max() < 2 * STEP


def test_the_pulse_goes_on_through_a_missing_beat() -> None:
    beats = np.delete(np.arange(1.0, 19.0, 0.5), 15)
    pulse = compute(parse_chain("predominant_pulse"), clicks(beats, 20))
    assert pulse.at(8.5) > 0.6
    assert pulse.at(8.25) < 0.1


def test_what_is_held_and_what_is_struck_come_apart() -> None:
    held, struck = sine(440, 4, 0.3), clicks(np.arange(0.5, 3.9, 0.5), 4)
    *_, harmonic = walk(parse_chain("harmonic"), held + struck)
    *_, percussive = walk(parse_chain("percussive"), held + struck)
    inside = slice(RATE // 4, -RATE // 4)
    assert np.abs(harmonic.values - held)[inside].max() < 0.1
    assert np.abs(percussive.values - struck)[inside].max() < 0.1
    assert percussive.values[round(1.5 * RATE)] > 0.7


def test_the_two_parts_are_those_of_librosa() -> None:
    from librosa.effects import hpss

    noise = np.random.default_rng(1).standard_normal(3 * RATE).astype(np.float32) * np.float32(0.1)
    sound = noise + sine(330, 3, 0.3) + clicks(np.array([0.7, 1.4, 2.2]), 3)
    inside = slice(20 * 512, -20 * 512)  # the ends are mirrored in another way
    for name, theirs in zip(("harmonic", "percussive"), hpss(sound), strict=True):
        *_, ours = walk(parse_chain(name), sound)
        assert np.abs(ours.values - theirs)[inside].max() < 1e-4


def test_a_long_sound_is_taken_apart_as_a_short_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from vktrs.engines.signals import splitting

    sound = np.random.default_rng(2).standard_normal(5 * RATE).astype(np.float32) * np.float32(0.1)
    *_, whole = walk(parse_chain("percussive"), sound)
    monkeypatch.setattr(splitting, "_PIECE", 80 * 512)
    *_, pieces = walk(parse_chain("percussive"), sound)
    assert np.abs(whole.values - pieces.values).max() < 1e-6


# what works on values, whatever they are


@pytest.mark.parametrize(
    ("text", "power"), [("stretch", 2.0), ("smoosh", 0.5), ("sqrt", 0.5), ("pow(3)", 3.0), ("pow(0.25)", 0.25)]
)
def test_a_power_is_that_power_and_keeps_the_sign_of_a_sound(text: str, power: float) -> None:
    ramp = np.linspace(0, 1, 50)
    assert after(text, ramp) == pytest.approx(ramp**power, abs=1e-6)
    *_, sound = walk(parse_chain(text), sine(100, 1))
    wanted = sine(100, 1)
    assert sound.values == pytest.approx(np.sign(wanted) * np.abs(wanted) ** power, abs=1e-6)


def test_abs_turns_up_what_is_below_zero() -> None:
    *_, sound = walk(parse_chain("abs"), sine(100, 1))
    assert np.array_equal(sound.values, np.abs(sine(100, 1)))


def test_normalize_sets_the_highest_value_to_one() -> None:
    assert after("normalize", [0.0, 0.1, 0.25, 0.05]) == pytest.approx([0.0, 0.4, 1.0, 0.2])
    assert not after("normalize", [0.0, 0.0]).any()


def test_threshold_and_clamp_cut_and_stretch_nothing() -> None:
    values = [0.0, 0.1, 0.2, 0.5, 0.9, 1.0]
    assert after("threshold(0.2)", values) == pytest.approx([0.0, 0.0, 0.2, 0.5, 0.9, 1.0])
    assert after("clamp(0.5)", values) == pytest.approx([0.0, 0.1, 0.2, 0.5, 0.5, 0.5])
    assert compute(parse_chain("rms | clamp(0.5)"), sine(100, 1)).values.max() == pytest.approx(0.5)
    assert compute(parse_chain("rms | clamp(0.5) | normalize"), sine(100, 1)).values.max() == pytest.approx(1.0)


def test_an_operation_never_changes_what_it_was_given() -> None:
    values = np.random.default_rng(3).random(300).astype(np.float32)
    for name, kind in OPERATIONS.items():
        if kind.takes.value != "sound":
            given = curve_of(values.copy())
            applied(parse_chain(EXAMPLES.get(name, name))[0], given)
            assert np.array_equal(given.values, values), name


def test_sustain_rises_at_once_and_falls_like_half_a_hann_window() -> None:
    pulse = np.zeros(200)
    pulse[50] = 0.8
    fall = 0.8 * np.cos(np.pi / 2 * np.clip(np.arange(150) * STEP / 0.3, 0, 1)) ** 2
    assert after("sustain(0.3)", pulse) == pytest.approx(np.concatenate([np.zeros(50), fall]), abs=1e-6)


def test_sustain_leaves_a_level_and_its_attack_as_they_are() -> None:
    step = np.concatenate([np.zeros(40), np.full(60, 0.7), np.zeros(60)])
    held = after("sustain(0.2)", step)
    assert held[:100] == pytest.approx(step[:100])
    assert np.all(np.diff(held[99:]) <= 0)
    assert held[99 + round(0.1 / STEP)] == pytest.approx(0.35, abs=0.03)
    assert not held[100 + round(0.2 / STEP) :].any()


def test_smooth_makes_of_a_step_the_integral_of_a_hann_window() -> None:
    step = np.concatenate([np.zeros(100), np.ones(100)])
    place = (np.arange(200) - 99.5) * STEP / 0.5
    wanted = np.where(np.abs(place) < 0.5, place + 0.5 + np.sin(2 * np.pi * place) / (2 * np.pi), place > 0)
    assert after("smooth(0.5)", step) == pytest.approx(wanted, abs=1e-3)


def test_smooth_leaves_a_level_as_it_is_up_to_both_ends() -> None:
    assert after("smooth(0.4)", np.full(60, 0.6)) == pytest.approx(np.full(60, 0.6))
    assert after("smooth(30)", np.full(60, 0.6)) == pytest.approx(np.full(60, 0.6))


HILLS = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(240) / 20)
"""Twelve hills, 20 values wide, each with its top in the middle."""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("modulo(1)", range(12)),
        ("modulo", range(0, 12, 2)),
        ("modulo(2, 1)", range(1, 12, 2)),
        ("modulo(4)", (0, 4, 8)),
        ("modulo(4, 1)", (3, 7, 11)),
        ("modulo(64)", (0,)),
    ],
)
def test_modulo_keeps_every_kth_peak_as_it_is_and_nothing_of_the_others(text: str, kept: tuple[int, ...]) -> None:
    ripple = 0.01 * np.sin(np.arange(240) * 2.1)
    hills = np.clip(HILLS + ripple, 0, 1)
    hill = np.arange(240) // 20
    left = after(text, hills)
    for number in range(12):
        inside = (hill == number) & (HILLS > 0.1)
        assert left[inside] == pytest.approx(hills[inside] if number in kept else 0.0)


def test_modulo_of_what_has_no_peak_is_nothing() -> None:
    assert not after("modulo", np.zeros(50)).any()
    assert not after("modulo", np.full(50, 0.02)).any()


@pytest.mark.parametrize("k", [1, 2, 4, 7])
def test_quantize_leaves_even_steps_and_the_nearest_of_them(k: int) -> None:
    ramp = np.linspace(0, 1, 1001)
    left = after(f"quantize({k})", ramp)
    assert np.unique(left) == pytest.approx(np.arange(k + 1) / k)
    assert np.abs(left - ramp).max() <= 0.5 / k + 1e-6
    assert np.all(np.diff(left) >= 0)


# what is done to time


def test_slice_keeps_what_is_between_two_times_and_nothing_else() -> None:
    whole = after("abs", np.full(400, 0.5))
    left = after("slice(1, 2.5)", whole)
    times = np.arange(400) * STEP
    assert left == pytest.approx(np.where((times >= 1) & (times < 2.5), 0.5, 0.0))
    *_, sound = walk(parse_chain("slice(0.25, 0.75)"), np.ones(RATE, dtype=np.float32))
    assert np.array_equal(sound.values, (np.arange(RATE) >= RATE / 4) & (np.arange(RATE) < 3 * RATE / 4))


@pytest.mark.parametrize(
    ("text", "moved"), [("delay(0.5)", 0.5), ("shift(0.5)", 0.5), ("shift(-0.737)", -0.737), ("delay(0.001)", 0.001)]
)
def test_what_is_moved_is_moved_by_exactly_that_and_silence_comes_in(text: str, moved: float) -> None:
    before = curve_of(0.2 + 0.5 * np.sin(np.arange(500) / 40) ** 2)
    shifted = applied(parse_chain(text)[0], before)
    times = np.arange(1.5, 4.5, 0.01)
    assert shifted.at(times) == pytest.approx(before.at(times - moved), abs=1e-6)
    assert -1 / shifted.rate < shifted.offset <= 0
    empty = np.array([moved - STEP]) if moved > STEP else np.array([before.times()[-1] + moved + STEP])
    if abs(moved) > STEP:
        assert not shifted.at(empty).any()


def test_a_sound_is_moved_with_all_that_is_made_of_it() -> None:
    sound = swell(3.2, 6)
    assert compute(parse_chain("delay(0.75) | rms"), sound).at([3.95]) == pytest.approx([1.0], abs=1e-3)
    assert compute(parse_chain("rms | delay(0.75)"), sound).at([3.95]) == pytest.approx([1.0], abs=1e-3)
    assert not compute(parse_chain("delay(3600) | rms"), sound).values.any()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rms",
        "bandpass(200, 900) | rms",
        "harmonic | rms",
        "rms | smooth(0.5)",
        "rms | smooth(0.3) | sustain(2)",
        "smooth(0.2)",
        "sustain(1)",
        "stretch | rms | smoosh | smooth",
        "rms | modulo(1)",
        "rms | threshold(0.5) | smooth(1)",
        "rms | slice(3, 4)",
        "harmonic | bandpass(200, 900) | rms | smooth(1) | sustain(1) | smooth(0.01)",
    ],
)
def test_a_peak_stays_where_it_is_whatever_window_looks_at_it(text: str) -> None:
    curve = compute(parse_chain(text), swell(3.2, 6))
    tops = curve.times()[curve.values == curve.values.max()]
    assert np.abs(tops - 3.2).max() <= (2 if "sustain" in text else 1) * STEP


@pytest.mark.parametrize("text", ["novelty", "percussive | novelty", "novelty | smooth(0.2)", "predominant_pulse"])
def test_an_attack_stays_where_it_is_whatever_window_looks_at_it(text: str) -> None:
    curve = compute(parse_chain(text), clicks(np.array([3.2]), 6))
    tops = curve.times()[curve.values == curve.values.max()]
    assert np.abs(tops - 3.2).max() <= 1.5 * STEP


def test_between_values_a_curve_is_straight_and_beyond_its_ends_it_is_held() -> None:
    curve = Curve(np.array([0.0, 1.0, 0.5], dtype=np.float32), rate=2.0, offset=1.0)
    assert curve.at([0.0, 1.0, 1.25, 1.5, 1.75, 2.0, 9.0]) == pytest.approx([0, 0, 0.5, 1.0, 0.75, 0.5, 0.5])


# the chain as a whole


def test_a_chain_that_ends_as_a_sound_becomes_its_envelope() -> None:
    sound = np.concatenate([sine(220, 1, 0.8), sine(220, 1, 0.2)])
    curve = compute((), sound)
    assert curve.rate == RATE / HOP
    assert curve.at([0.5, 1.5]) == pytest.approx([1.0, 0.25], abs=0.01)
    assert np.array_equal(curve.values, compute(parse_chain("clamp(1)"), sound).values)


def test_the_same_chain_gives_the_same_curve_to_the_last_bit() -> None:
    sound = np.random.default_rng(4).standard_normal(2 * RATE).astype(np.float32) * np.float32(0.2)
    for text in ("percussive | novelty | smooth", "bandpass(40, 400) | rms | sustain", "predominant_pulse"):
        first, second = (compute(parse_chain(text), sound.copy()) for _ in range(2))
        assert np.array_equal(first.values, second.values)


def test_what_there_is_to_draw_is_the_curve_after_each_operation_with_every_peak() -> None:
    chain = parse_chain("bandpass(40, 120) | rms | clamp(0.8) | sustain(0.3)")
    sound = sine(80, 5) + clicks(np.array([2.0, 3.0]), 5)
    drawn = curves_after_each(chain, sound, most=50)
    assert len(drawn) == 5
    assert all(len(curve.values) <= 50 for curve in drawn)
    assert [curve.values.max() for curve in drawn] == pytest.approx([1.0, 1.0, 1.0, 0.8, 0.8])
    whole = curves_after_each(chain, sound)[-1]
    assert np.array_equal(whole.values, compute(chain, sound).values)


def test_each_operation_is_told_before_it_begins_and_may_be_stopped() -> None:
    told: list[str] = []

    def on_stage(operation: Operation) -> None:
        told.append(operation.name)
        if operation.name == "novelty":
            raise Stopped

    with pytest.raises(Stopped):
        compute(parse_chain("stretch | novelty | smooth"), sine(100, 1), on_stage)
    assert told == ["stretch", "novelty"]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("length", [0, 1, 100, HOP, 2047, RATE])
@pytest.mark.parametrize("name", OPERATIONS)
def test_silence_stays_silence_however_short_it_is(name: str, length: int) -> None:
    curve = compute(parse_chain(EXAMPLES.get(name, name)), np.zeros(length, dtype=np.float32))
    assert len(curve.values) == 1 + length // HOP
    assert not curve.values.any()


def test_faint_noise_is_not_blown_up() -> None:
    noise = (1e-6 * np.random.default_rng(5).standard_normal(RATE)).astype(np.float32)
    for text in ("", "rms", "novelty", "predominant_pulse", "rms | normalize"):
        assert not compute(parse_chain(text), noise).values.any(), text


@st.composite
def chains(draw: st.DrawFn) -> str:
    chain: tuple[Operation, ...] = ()
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(possible_after(chain)))
        values = [
            float(draw(st.integers(int(each.lowest), int(each.highest))))
            if each.whole
            else draw(st.floats(each.lowest, each.highest))
            for each in kind.parameters
        ]
        if kind.name in ("bandpass", "slice"):
            values = [min(values[0], 11_024.0), max(values[0] + 1.0, values[1])]
            values = [values[0], min(values[1], kind.parameters[1].highest)]
        chain = (*chain, Operation(kind.name, tuple(values)))
    return canonical(chain)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=60, deadline=None)
@given(chains(), st.sampled_from([0, 1, 300, 3000, 22_050]), st.sampled_from(["noise", "loud", "broken", "steady"]))
def test_whatever_the_chain_and_the_sound_the_curve_is_finite_and_in_0_1(text: str, length: int, kind: str) -> None:
    noise = np.random.default_rng(6).standard_normal(length).astype(np.float32)
    sound = {
        "noise": noise * np.float32(0.1),
        "loud": noise * np.float32(1e30),
        "broken": np.where(noise > 0.5, np.nan, noise * np.float32(np.inf)).astype(np.float32),
        "steady": np.full(length, 0.5, dtype=np.float32),
    }[kind]
    curve = compute(parse_chain(text), sound)
    assert curve.values.dtype == np.float32
    assert np.isfinite(curve.values).all()
    assert curve.values.min() >= 0.0
    assert curve.values.max() <= 1.0
