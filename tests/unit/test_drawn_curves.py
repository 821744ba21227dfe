"""Curves as characters: as wide as they are asked to be, and without losing a peak."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs_tui.widgets.drawn_curves import columns_of, resampled, spark

VALUES = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=300)


@pytest.mark.parametrize(
    ("values", "width", "drawn"),
    [
        ([0.0, 1.0], 2, "▁█"),
        ([0.0, 1.0], 4, "▁▁██"),
        ([1.0, 0.0, 0.0, 0.0], 2, "█▁"),
        ([5.0, 5.0], 3, "▁▁▁"),
        ([], 5, ""),
        ([1.0], 0, ""),
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
    ],
)
def test_a_line_goes_from_the_lowest_value_to_the_highest(values: list[float], width: int, drawn: str) -> None:
    assert spark(values, width) == drawn


@given(VALUES, st.integers(1, 200))
def test_a_line_is_as_wide_as_asked_and_reaches_both_ends(values: list[float], width: int) -> None:
    drawn = spark(values, width)
    assert len(drawn) == width
    if len(values) <= width and max(values) - min(values) > 1e-6:
        assert {"▁", "█"} <= set(drawn)


def test_a_single_peak_among_thousands_is_seen() -> None:
    values = [0.0] * 5000
    values[3210] = 1.0
    assert resampled(values, 80).count(1.0) == 1
    assert spark(values, 80).count("█") == 1


def test_columns_stand_on_the_lowest_line() -> None:
    assert columns_of([0.0, 0.001, 0.01, 0.25, 0.5, 1.0], 2) == ["     █", "  ▁▄██"]
