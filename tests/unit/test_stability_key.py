"""The key: found in the environment only, and shown nowhere."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from urllib.parse import quote

import pytest

from vktrs.engines.services.key import Key
from vktrs.engines.stability.key import find_key
from vktrs.errors import MissingError

VALUE = 'sk-a/b+c"d%e0123456789'


@pytest.mark.parametrize(
    ("environ", "value"),
    [
        ({"STABILITY_KEY": "one", "STABILITY_API_KEY": "two"}, "one"),
        ({"STABILITY_API_KEY": "two"}, "two"),
        ({"STABILITY_KEY": "  ", "STABILITY_API_KEY": " two\n"}, "two"),
    ],
)
def test_the_key_comes_from_the_environment(environ: dict[str, str], value: str) -> None:
    assert find_key(environ).reveal() == value


def test_no_key_is_answered_with_the_line_that_mends_it() -> None:
    with pytest.raises(MissingError) as raised:
        find_key({})
    assert raised.value.exit_code == 4
    assert "export STABILITY_KEY=" in raised.value.hint


@pytest.mark.parametrize("value", ["sk-one two", "sk-ünsinn", "sk-a\nb"])
def test_what_no_header_can_hold_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(MissingError) as raised:
        find_key({"STABILITY_KEY": value})
    assert value not in str(raised.value)
    assert "STABILITY_KEY" in raised.value.message


@pytest.mark.parametrize("show", [repr, str, "{}".format, "%r".__mod__, lambda key: json.dumps(key, default=str)])
def test_it_does_not_show_itself(show: object) -> None:
    assert callable(show)
    assert VALUE not in show(Key(VALUE))


@pytest.mark.parametrize("take", [pickle.dumps, copy.deepcopy])
def test_it_cannot_be_written_or_copied_by_accident(take: object) -> None:
    assert callable(take)
    with pytest.raises(TypeError):
        take(Key(VALUE))


@pytest.mark.parametrize(
    "spelt",
    [
        VALUE,
        VALUE.upper(),
        quote(VALUE, safe=""),
        json.dumps(VALUE),
        repr(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        f"Bearer {VALUE}, again {VALUE}",
        VALUE.replace("/", "\\/"),
        "".join(f"\\u{ord(sign):04X}" for sign in VALUE),
        VALUE.replace("-", "\\u002d"),
        "".join(f"&#{ord(sign)};" if sign in "/-" else sign for sign in VALUE),
    ],
)
def test_texts_are_scrubbed_of_every_spelling(spelt: str) -> None:
    text = Key(VALUE).scrub(f"Incorrect key provided: {spelt}.")
    assert "0123456789" not in text
    assert VALUE[3:8] not in text
    assert "[key]" in text


def test_what_looks_like_another_key_is_scrubbed_too() -> None:
    assert Key(VALUE).scrub("wrong: sk-abcd***wxyz!") == "wrong: [key]!"
    assert Key(VALUE).scrub("a risk-averse text") == "a risk-averse text"
