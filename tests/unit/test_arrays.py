"""An array over several lines changed element by element: it means what was asked, and no comment is lost."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.storyboard.arrays import remarks, with_elements
from vktrs.storyboard.writing import spelled

THEMES = """\
[
  "wedding",   # verse
  "party, [all]",
  # last
  'neon' # n
]"""

CHANGES = {
    "one": (["wedding", "x", "neon"], THEMES.replace('"party, [all]"', '"x"')),
    "one less": (["wedding", "neon"], THEMES.replace('  "party, [all]",\n', "")),
    "one less that has a comment": (["party, [all]", "neon"], THEMES.replace('"wedding",', "")),
    "one between": (
        ["wedding", "x", "party, [all]", "neon"],
        THEMES.replace("# verse\n", '# verse\n  "x",\n'),
    ),
    "one at the end": (
        ["wedding", "party, [all]", "neon", "x"],
        THEMES.replace("'neon' # n\n", "'neon', # n\n  \"x\",\n"),
    ),
    "one before": (["x", "wedding", "party, [all]", "neon"], THEMES.replace('"wed', '"x",\n  "wed')),
}


def changed(text: str, values: list[Any], newline: str = "\n") -> str:
    return with_elements(text, values, [spelled(value) for value in values], newline)


@pytest.mark.parametrize("name", CHANGES)
def test_elements_that_stay_keep_their_lines(name: str) -> None:
    values, wanted = CHANGES[name]
    assert changed(THEMES, values) == wanted
    assert changed(THEMES.replace("\n", "\r\n"), values, "\r\n") == wanted.replace("\n", "\r\n")


VALUES = st.lists(st.sampled_from(["a", "b # x", "c, d", "]", "", 'q"q', 1, 2.5, True, [1, "x"]]), max_size=5)
GAPS = st.sampled_from(["", " ", "\n", "\n  ", "  # c\n", '\n  # d, ] "\n  ', "\r\n\t"])


@given(st.data())
def test_any_array_takes_any_values_and_keeps_its_comments(data: st.DataObject) -> None:
    def gap() -> str:
        return data.draw(GAPS)

    old, new = data.draw(VALUES), data.draw(VALUES)
    commas = [*([","] * (len(old) - 1)), data.draw(st.sampled_from([",", ""]))]
    body = "".join(spelled(value) + gap() + comma + gap() for value, comma in zip(old, commas, strict=False))
    text = f"[{gap()}{body}]"
    assert tomllib.loads(f"array = {text}")["array"] == old
    result = changed(text, new)
    assert tomllib.loads(f"array = {result}")["array"] == new
    assert remarks(result) == remarks(text)
