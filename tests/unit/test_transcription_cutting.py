"""Where a long song is cut: everything is in exactly one piece, none is too long, and cuts lie where it is quiet."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vktrs.engines.transcription.cutting import HOP, loudness, next_cut

RATE = 16_000


def cuts(curve: NDArray[np.float64], longest: float) -> list[float]:
    """All edges, from 0 to the end."""
    edges = [0.0]
    while (cut := next_cut(curve, edges[-1], longest)) is not None:
        assert cut > edges[-1], "it goes on"
        edges.append(cut)
    return [*edges, len(curve) * HOP]


def curve_of(*parts: tuple[float, float]) -> NDArray[np.float64]:
    """Seconds and how loud, one part after another."""
    return np.concatenate([np.full(round(seconds / HOP), level) for seconds, level in parts])


CURVES = st.lists(st.floats(0, 2), min_size=1, max_size=600).map(np.array)


@given(CURVES, st.floats(2.0, 30.0))
def test_every_piece_is_short_enough_and_no_scrap(curve: NDArray[np.float64], longest: float) -> None:
    edges = cuts(curve, longest)
    lengths = [right - left for left, right in pairwise(edges)]
    assert all(length <= longest + 1e-6 for length in lengths)
    assert all(length >= longest / 2 - 1e-6 for length in lengths[:-1])
    assert len(lengths) == 1 or lengths[-1] >= longest / 4 - 1e-6
    assert sum(lengths) == pytest.approx(len(curve) * HOP)


@given(CURVES, st.floats(2.0, 30.0))
def test_no_cut_lies_where_it_is_louder_than_it_had_to_be(curve: NDArray[np.float64], longest: float) -> None:
    def around(place: int) -> float:
        return float(curve[max(place - 2, 0) : place + 2].max())

    for start, cut in pairwise(cuts(curve, longest)[:-1]):
        last = min(start + longest, len(curve) * HOP - longest / 4)
        places = range(int(np.ceil((start + longest / 2) / HOP - 1e-9)), int(last / HOP + 1e-9) + 1)
        assert around(round(cut / HOP)) <= min(map(around, places)) + 0.05 + 1e-9


@pytest.mark.parametrize(
    ("parts", "longest", "expected"),
    [
        ([(10, 1.0)], 10, []),
        ([(7, 1.0), (1, 0.0), (7, 1.0)], 10, [8.0 - 0.2]),  # the pause, as late as it is calm around
        ([(5, 1.0), (1, 0.0), (2, 1.0), (1, 0.1), (6, 1.0)], 10, [6.0 - 0.2]),  # the quieter one of two
        ([(5, 1.0), (1, 0.0), (2, 1.0), (1, 0.04), (6, 1.0)], 10, [9.0 - 0.2]),  # as quiet: the later one
        ([(20, 1.0)], 10, [10.0]),  # no pause at all: as late as it goes
        ([(11, 1.0)], 10, [8.5]),  # and no scrap at the end
        ([(8.8, 1.0), (0.1, 0.0), (0.5, 1.0), (5, 0.3), (3, 1.0)], 10, [10.0]),  # a gap between syllables is no pause
    ],
)
def test_the_pause_that_is_taken(parts: list[tuple[float, float]], longest: float, expected: list[float]) -> None:
    assert cuts(curve_of(*parts), longest)[1:-1] == pytest.approx(expected)


def test_a_song_is_quiet_where_nobody_sings_and_nothing_sounds() -> None:
    time = np.arange(10 * RATE) / RATE
    audio = np.where(time < 5, np.sin(2 * np.pi * 300 * time), 0.0).astype(np.float32)
    voice = np.where(np.arange(312) < 100, 1.0, 0.0).astype(np.float32)  # until about 3.2 s
    curve = loudness(audio, RATE, voice)
    assert len(curve) == 100
    assert (curve[:30] > 1.9).all()
    assert ((curve[35:49] > 0.9) & (curve[35:49] < 1.1)).all()
    assert (curve[51:] == 0).all()


def test_a_silent_song_and_one_without_samples_have_curves_too() -> None:
    assert (loudness(np.zeros(RATE, np.float32), RATE, np.zeros(0, np.float32)) == 0).all()
    assert len(loudness(np.zeros(0, np.float32), RATE, np.zeros(0, np.float32))) == 0
