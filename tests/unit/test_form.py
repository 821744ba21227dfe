"""Sections are plain values: they survive JSON, tell what is no section, and name the stretches that lie in them."""

from __future__ import annotations

from typing import Any

import pytest

from vktrs.form import Section, inner_edges, label_of, section_from_json, sections_from_json

SONG = (Section(0, 10, "A"), Section(10, 18, "B"), Section(18, 30, "A"))


def test_sections_survive_json_and_come_back_in_order() -> None:
    assert sections_from_json([section.as_json() for section in reversed(SONG)]) == SONG


@pytest.mark.parametrize(
    "value",
    [[0, 1], [0, 1, ""], [0, 1, 2], [2, 1, "A"], ["x", 1, "A"], [0, float("nan"), "A"], [0, None, "A"], 5],
)
def test_anything_else_is_no_section(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        section_from_json(value)


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        (0, 4, "A"),
        (8, 13, "B"),
        (8, 12, "A"),  # half and half: the earlier one
        (9, 30, "A"),
        (17, 20, "A"),
        (29, 40, "A"),
        (30, 40, None),
        (4, 4, None),
    ],
)
def test_a_stretch_has_the_label_of_the_section_in_which_most_of_it_lies(
    start: float, end: float, label: str | None
) -> None:
    assert label_of(SONG, start, end) == label


def test_edges_are_where_sections_meet_inside_a_stretch() -> None:
    assert inner_edges(SONG, 0, 30) == [10, 18]
    assert inner_edges(SONG, 10, 18) == []
    assert inner_edges((), 0, 30) == []
