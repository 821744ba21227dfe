"""What is offered while a chain is typed: what may stand there, written so that it can be gone on with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.chains import OPERATIONS, ChainError, parse_chain
from vktrs_tui.chain_completing import asked_for, offers


def texts(text: str, at: int | None = None) -> list[str]:
    return [each.text for each in offers(text, at)]


def test_at_the_beginning_everything_is_offered() -> None:
    assert [each.signature.partition("(")[0] for each in offers("")] == list(OPERATIONS)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("ba", ["bandpass("]),
        ("bandpass(40, 120) | r", ["bandpass(40, 120) | rms"]),
        ("rms |su", ["rms |sustain"]),
        ("rms|", None),
        ("rms | b", []),  # bandpass works on sound, and behind rms there is none
        ("rms", []),
        ("rms ", []),
        ("bandpass(40", []),
        ("bandpass(1) | r", []),
        ("nothing | r", []),
    ],
)
def test_what_fits_is_offered(text: str, offered: list[str] | None) -> None:
    if offered is None:
        assert "rms| sustain" in texts(text)
    else:
        assert texts(text) == offered


def test_what_stands_behind_the_cursor_stays() -> None:
    assert texts("sm | pow(2)", 2) == ["smoosh | pow(2)", "smooth | pow(2)"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rms", "rms: How loud it is"),
        ("bandpass(", "low is from 0 to 11025 Hz"),
        ("bandpass(40, ", "high is from 0 to 11025 Hz"),
        ("rms | sustain(", "seconds is from 0.001 to 30 seconds, else 0.3"),
        ("rms | modulo(3, 1)", "modulo(k = 2, offset = 0): Keeps every k-th peak"),
        ("rms | q", ""),
        ("", ""),
    ],
)
def test_an_operation_tells_what_it_does_and_what_its_arguments_are(text: str, said: str) -> None:
    assert said in asked_for(text) if said else asked_for(text) == ""


@given(st.lists(st.integers(0, 30), max_size=4))
def test_taking_offers_one_after_another_always_leads_to_a_chain(choices: list[int]) -> None:
    text = ""
    for choice in choices:
        found = offers(f"{text} | " if text else "")
        text = found[choice % len(found)].text
        if text.endswith("("):
            kind = OPERATIONS[text.rpartition("|")[2].strip(" (")]
            low = [max(each.lowest, 0.0) for each in kind.parameters]
            given = [low[0], low[0] + 2] if kind.name in ("bandpass", "slice") else [max(low[0], 1.0)]
            text += f"{', '.join(f'{value:g}' for value in given)})"
    try:
        parse_chain(text)
    except ChainError as error:
        raise AssertionError(text) from error
