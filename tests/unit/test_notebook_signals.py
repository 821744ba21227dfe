"""Signals and expressions of the notebook mean here what they were described to mean there."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.chains import parse_chain
from vktrs.expressions import is_signal_name, parse
from vktrs.interop.notebook.curves import Curve, NoCurve, read_curve
from vktrs.interop.notebook.formulas import Line, NoFormula, mapped, translated
from vktrs.interop.notebook.ledger import Ledger, told
from vktrs.interop.notebook.signals import NoChain, converted, read_signals

SIGNALS = {"pulse": Line("pulse"), "beat": Line("beat_signal"), "loud": Line("loud", slope=2.0)}


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("pulse[t]", "pulse"),
        ("beat[t]", "beat_signal"),
        ("loud[t]", "2 * loud"),
        ("pulse[t]*(.06-.03) + .03", "pulse * (0.06 - 0.03) + 0.03"),
        ("np.sin(t) * math.pi", "sin(t) * pi"),
        ("max(pulse[t], beat[t]) if scene_id > 2 else 0.5", "max(pulse, beat_signal) if scene - 1 > 2 else 0.5"),
        ("np.clip(pulse[t], 0, 1) ** 2", "clamp(pulse, 0, 1) ** 2"),
        ("frame_id % 8 / 8", "frame % 8 / 8"),
        ("theme_id", "theme - 1"),
        ("fabs(-pulse[t])", "abs(-pulse)"),
    ],
)
def test_an_expression_names_what_it_named_there(there: str, here: str) -> None:
    assert translated(there, SIGNALS).written() == here


@pytest.mark.parametrize(
    ("there", "why"),
    [
        ("pulse", "stands without its time"),
        ("pulse[t - 0.1]", "another time than t"),
        ("voice[t]", "no signal of the project"),
        ("().__class__", "is not known here"),
        ("np.load('x')", "is not known here"),
        ("__import__('os')", "is not known here"),
        ("[x for x in (1,)]", "is not known here"),
        ("lambda: 1", "cannot stand in an expression"),
        ("pulse[t] +", "no expression"),
        ("(" * 3000, "characters"),
        ("-" * 1500 + "1", "no expression"),
        ("'a'", "no number"),
        ("max(t, key=1)", "is not known here"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_a_reason(there: str, why: str) -> None:
    with pytest.raises(NoFormula, match=why):
        translated(there, SIGNALS)


@given(
    st.floats(-5, 5).map(lambda x: round(x, 3)), st.floats(-5, 5).map(lambda x: round(x, 3)), st.booleans(),
    st.floats(0, 1), st.floats(0, 10),
)  # fmt: skip
def test_a_mapping_gives_the_value_that_the_notebook_worked_out(
    low: float, high: float, inverted: bool, pulse: float, t: float
) -> None:
    there = 0.7 * pulse + 0.1 * math.sin(t)
    wanted = (1 - there if inverted else there) * (high - low) + low
    line = mapped("pulse[t]*.7 + .1*np.sin(t)", low, high, inverted, SIGNALS)
    written = line.written()
    value = parse(written).evaluate({"pulse": pulse, "t": t}) if isinstance(written, str) else written
    assert value == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (Line("pulse"), "pulse"),
        (Line("pulse", 0.0, -1.0), "-pulse"),
        (Line("a + b", 1.0, -1.0), "1 - (a + b)"),
        (Line("pulse", 0.03, 0.03), "0.03 + 0.03 * pulse"),
        (Line("pulse", 0.5, 0.0), 0.5),
        (Line("", 0.1 + 0.2), 0.3),
        (Line("pulse", 0.0, -2.0), "-2 * pulse"),
    ],
)
def test_a_line_is_written_as_a_person_would(line: Line, text: object) -> None:
    assert line.written() == text


@pytest.mark.parametrize(
    ("there", "here", "said"),
    [
        ("harmonic | bandpass(300, 500) | rms | smoosh ", "harmonic | bandpass(300, 500) | rms | smoosh", []),
        ("rms | sustain(500)", "rms | sustain(11.61)", ["11.61"]),
        ("rms | sustain(k=43)", "rms | sustain(0.998)", ["0.998"]),
        ("rms|smooth", "rms | smooth(3.483)", ["3.483"]),
        ("smooth(22050) | rms", "smooth(1)", ["smooth(1)", "`rms` is left out"]),
        ("rms | sqrt", "rms | sqrt", ["square root"]),
        ("rms | pow2 | pow(3)", "rms | pow(2) | pow(3)", []),
        ("raw | novelty", "novelty", []),
        ("rms | novelty | stretch", "rms | stretch", ["`novelty` is left out"]),
        ("rms | clamp(2)", "rms", ["clamp(2)"]),
        ("rms | threshold(5e-1)", "rms | threshold(0.5)", []),
        ("threshold(0.1) | abs", "threshold(0.1) | abs", ["loudness"]),
        ("rms | modulo | quantize(4)", "rms | modulo(2, 0) | quantize(4)", ["flanks", "even steps"]),
        ("rms | sustain(1)", "rms | sustain(0.023)", ["0.023"]),
        ("", "", []),
    ],
)
def test_a_chain_counts_in_seconds_and_keeps_its_meaning(there: str, here: str, said: list[str]) -> None:
    chain, remarks = converted(there)
    assert chain == here
    assert len(remarks) == len(said)
    for remark, word in zip(remarks, said, strict=True):
        assert word in remark
    parse_chain(chain)


@pytest.mark.parametrize("there", ["shout", "bandpass(1)", "rms | sustain(a)", "rms(", "rms | pow(1e9)"])
def test_a_chain_that_is_none_is_refused(there: str) -> None:
    with pytest.raises(NoChain):
        converted(there)


def test_a_curve_holds_steps_and_lines() -> None:
    curve, said = read_curve({"curve": [[0, 0.0, "previous"], [1, 0.5, "linear"], [2, 1.0, "next"], [3, 0.25]]})
    assert [curve.at(t) for t in (-1, 0, 0.9, 1, 1.5, 2, 2.1, 3, 9)] == [0, 0, 0, 0.5, 0.75, 1, 0.25, 0.25, 0.25]
    assert said == ""
    assert curve.highest == 1.0


@pytest.mark.parametrize(
    "rows",
    [
        {0: {"t": 0, "value": 0.5, "interpolation_method": "previous"}, 1.5: {"t": 1.5, "value": 1.0}},
        [{"t": 0, "value": 0.5}, {"t": 1.5, "value": 1.0}],
        {"0": 0.5, "1.5": 1.0},
    ],
)
def test_a_curve_is_read_in_every_form_that_keyframed_has(rows: Any) -> None:
    curve, _ = read_curve({"curve": rows})
    assert curve == Curve((0.0, 1.5), (0.5, 1.0), ("previous", "previous"))


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"parameters": {}, "reduction": "add"}, "put together from other curves"),
        ({"curve": []}, "no values"),
        ({"curve": "0:(1)"}, "no list"),
        ({"curve": [[0]]}, "no time with a value"),
        ({"curve": [["a", 1]]}, "no time with a value"),
        ({"curve": [[0, float("nan")]]}, "no time with a value"),
        ({"curve": [[0, -1]]}, "below 0"),
        ({"curve": [[1e9, 1]]}, "no seconds of a song"),
    ],
)
def test_a_curve_that_is_none_is_refused(table: Any, why: str) -> None:
    with pytest.raises(NoCurve, match=why):
        read_curve(table)


def test_signals_come_with_names_that_they_may_have() -> None:
    ledger = Ledger()
    found = read_signals(
        {
            "beat": "rms",
            "my-signal": {"driving_signal_name": "drum stem", "signal_manipulations": "rms | stretch"},
            "loud": {"curve": [[0, 0.5], [1, 2.0]]},
            "own": {"custom_signal_fpath": "claps.wav", "driving_signal_name": "user specified", "chain": "rms"},
            "broken": {"chain": "shout"},
            "nothing": 3,
        },
        ledger,
    )
    assert {there: each.name for there, each in found.items()} == {
        "beat": "beat_signal", "my-signal": "my_signal", "loud": "loud", "own": "own",
    }  # fmt: skip
    assert all(is_signal_name(each.name) for each in found.values())
    assert (found["my-signal"].signal.source, found["my-signal"].signal.chain) == ("drums", "rms | stretch")
    assert found["loud"].line == Line("loud", slope=2.0)
    assert found["own"].sound == "claps.wav"
    left = " ".join(told(ledger.left))
    assert "signals.broken: there is no operation 'shout'" in left
    assert "signals.nothing: it is no signal" in left
    assert "signals.beat: it is called `beat_signal` here" in " ".join(told(ledger.changed))
