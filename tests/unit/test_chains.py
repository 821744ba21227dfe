"""The notation of signals: what is read, what is refused and where, one way to write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.chains import OPERATIONS, Chain, ChainError, Domain, Parameter, canonical, parse_chain, possible_after
from vktrs.chains.notation import MOST_OPERATIONS


def test_a_chain_is_read_with_its_arguments_and_their_places() -> None:
    chain = parse_chain("bandpass(40, 120) | rms | smoosh | sustain(0.3)")
    assert [each.name for each in chain] == ["bandpass", "rms", "smoosh", "sustain"]
    assert [each.arguments for each in chain] == [(40.0, 120.0), (), (), (0.3,)]
    assert [each.position for each in chain] == [1, 21, 27, 36]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_no_text_is_the_source_itself(text: str) -> None:
    assert parse_chain(text) == ()
    assert canonical(()) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("rms|sustain", "rms | sustain(0.3)"),
        ("rms|sustain()", "rms | sustain(0.3)"),
        ("  rms |smooth( 0.150 )", "rms | smooth(0.15)"),
        ("novelty | modulo", "novelty | modulo(2, 0)"),
        ("novelty | modulo(3)", "novelty | modulo(3, 0)"),
        ("bandpass(4e1,120.)", "bandpass(40, 120)"),
        ("rms | shift(-0)", "rms | shift(0)"),
        ("rms | shift(-.5)", "rms | shift(-0.5)"),
        ("percussive | bandpass(300, 500) | stretch | rms", "percussive | bandpass(300, 500) | stretch | rms"),
    ],
)
def test_writing_a_default_down_changes_nothing(written: str, meant: str) -> None:
    assert canonical(parse_chain(written)) == meant
    assert parse_chain(written) == parse_chain(meant)


@pytest.mark.parametrize(
    ("text", "position", "found", "right"),
    [
        ("bandpas(1, 2)", 1, "no operation 'bandpas'", "Did you mean bandpass?"),
        ("RMS", 1, "no operation 'RMS'", "Did you mean rms?"),
        ("rms | xyzzy", 7, "no operation 'xyzzy'", "There is bandpass, harmonic"),
        ("rms | ", 7, "missing", "Between two bars"),
        ("| rms", 1, "missing", "Between two bars"),
        ("rms || smooth", 6, "missing", "Between two bars"),
        ("rms smooth", 5, "'smooth' does not belong here", "rms"),
        ("smooth(0.1", 7, "'(0.1' does not belong here", "smooth(seconds = 0.15)"),
        ("smooth 0.1)", 8, "'0.1)' does not belong here", "smooth(seconds = 0.15)"),
        ("bandpass", 1, "no arguments", "bandpass(low, high)"),
        ("bandpass(40)", 1, "1 argument.", "bandpass(low, high)"),
        ("novelty | modulo(2, 1, 3)", 24, "3 arguments", "modulo(k = 2, offset = 0)"),
        ("rms(1)", 5, "1 argument.", "Right is rms."),
        ("pow(two)", 5, "'two' is not a number", "40 or 0.3"),
        ("pow(nan)", 5, "'nan' is not a number", "40 or 0.3"),
        ("bandpass(40,)", 13, "a number is missing", "40 or 0.3"),
        ("pow(1e999)", 5, "k = inf", "from 0.01 to 100"),
        ("pow(-2)", 5, "k = -2", "from 0.01 to 100"),
        ("rms | sustain(500)", 15, "seconds = 500", "from 0.001 to 30 seconds"),
        ("rms | delay(-1)", 13, "seconds = -1", "from 0 to 3600 seconds"),
        ("rms | modulo(2.5)", 14, "k = 2.5", "a whole number from 1 to 64"),
        ("bandpass(40, 20000)", 14, "high = 20000", "from 0 to 11025 Hz"),
        ("bandpass(300, 40)", 10, "from 300 to 40", "low below high"),
        ("bandpass(40, 40)", 10, "from 40 to 40", "low below high"),
        ("bandpass(40, 40.5)", 10, "too narrow", "1 Hz"),
        ("rms | slice(9, 3)", 13, "from 9 to 3", "from below to"),
        ("rms | bandpass(40, 120)", 7, "rms before it has left a curve", "Put it before rms"),
        ("sustain | abs | novelty", 17, "sustain before it has left a curve", "Put it before sustain"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_would_be_right(
    text: str, position: int, found: str, right: str
) -> None:
    with pytest.raises(ChainError) as caught:
        parse_chain(text)
    assert caught.value.position == position
    assert found in caught.value.found
    assert right in caught.value.right
    assert f"character {position}: " in caught.value.message


def test_a_chain_of_endless_operations_is_refused() -> None:
    parse_chain(" | ".join(["abs"] * MOST_OPERATIONS))
    with pytest.raises(ChainError) as caught:
        parse_chain("|".join(["abs"] * (MOST_OPERATIONS + 1)))
    assert caught.value.position == 4 * MOST_OPERATIONS + 1


def test_what_may_follow_is_known() -> None:
    assert {kind.name for kind in possible_after(())} == set(OPERATIONS)
    after_curve = {kind.name for kind in possible_after(parse_chain("rms"))}
    assert {"sustain", "pow", "slice"} <= after_curve
    assert not after_curve & {"bandpass", "harmonic", "rms", "novelty"}
    assert possible_after(parse_chain("bandpass(40, 90) | stretch")) == possible_after(())


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_does_and_how_it_is_written(name: str) -> None:
    kind = OPERATIONS[name]
    assert kind.description.endswith(".")
    assert len(kind.description) < 110
    assert kind.signature.startswith(name)
    assert kind.leaves is not Domain.EITHER or kind.takes is Domain.EITHER


@given(st.text(alphabet="rmspow|(),.0123456789e-+ x\n", max_size=60) | st.text(max_size=60))
def test_any_text_is_a_chain_or_a_chain_error(text: str) -> None:
    try:
        chain = parse_chain(text)
    except ChainError as error:
        assert 1 <= error.position <= len(text) + 1
        assert error.found
        assert error.right
    else:
        assert parse_chain(canonical(chain)) == chain


def values_of(parameter: Parameter) -> st.SearchStrategy[float]:
    if parameter.whole:
        return st.integers(int(parameter.lowest), int(parameter.highest)).map(float)
    return st.floats(parameter.lowest, parameter.highest)


@st.composite
def written_steps(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(list(OPERATIONS.values())))
    values = [draw(values_of(each)) for each in kind.parameters]
    return f"{kind.name}({','.join(map(repr, values))})"


@given(st.lists(written_steps(), max_size=6).map("|".join))
def test_what_is_written_anew_is_read_as_the_same(text: str) -> None:
    try:
        chain: Chain = parse_chain(text)
    except ChainError:
        return
    assert parse_chain(canonical(chain)) == chain
    assert canonical(parse_chain(canonical(chain))) == canonical(chain)
