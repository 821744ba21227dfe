"""The tour through the pictures is the shortest there is where that can be known, and close to it elsewhere."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vktrs.engines.tour import EXACT_LIMIT, closed_tour, cosine_distances, shortest_tour, tour_length

Distances = NDArray[np.float64]


def distances_of(points: NDArray[np.float64]) -> Distances:
    """Euclidean distances between the rows of `points`."""
    return np.asarray(np.linalg.norm(points[:, None] - points[None], axis=-1))


def random_points(count: int, seed: int) -> Distances:
    """Distances of random points in a square."""
    return distances_of(np.random.default_rng(seed).random((count, 2)))


def by_brute_force(distances: Distances) -> float:
    """The length of the shortest closed tour, by trying all of them."""
    others = range(1, len(distances))
    return min(tour_length(distances, [0, *order]) for order in itertools.permutations(others))


def by_recursion(distances: Distances) -> float:
    """The same by dynamic programming, written down once more from its definition."""
    best = {(frozenset([last]), last): distances[0, last] for last in range(1, len(distances))}
    for size in range(2, len(distances)):
        longer = {}
        for chosen in itertools.combinations(range(1, len(distances)), size):
            through = frozenset(chosen)
            for last in chosen:
                before = through - {last}
                longer[through, last] = min(best[before, each] + distances[each, last] for each in before)
        best = longer
    return float(min(length + distances[last, 0] for (_, last), length in best.items()))


def by_improving(distances: Distances) -> float:
    """What the textbook reaches: the nearest neighbour from every start, then exchanges of two until none helps."""
    return min(tour_length(distances, _two_opt(distances, _nearest(distances, start))) for start in (0, 1, 2))


def _nearest(distances: Distances, start: int) -> list[int]:
    tour, left = [start], set(range(len(distances))) - {start}
    while left:
        tour.append(min(left, key=lambda each: distances[tour[-1], each]))
        left.remove(tour[-1])
    return tour


def _two_opt(distances: Distances, tour: list[int]) -> list[int]:
    count, better = len(tour), True
    while better:
        better = False
        for low, high in itertools.combinations(range(1, count), 2):
            a, b, c, d = tour[low - 1], tour[low], tour[high], tour[(high + 1) % count]
            if distances[a, c] + distances[b, d] < distances[a, b] + distances[c, d] - 1e-12:
                tour[low : high + 1] = reversed(tour[low : high + 1])
                better = True
    return tour


@given(count=st.integers(1, 8), seed=st.integers(0, 10_000), whole=st.booleans())
@settings(max_examples=60, deadline=None)
def test_up_to_eight_it_is_the_shortest_of_all(count: int, seed: int, whole: bool) -> None:
    distances = random_points(count, seed)
    if whole:  # many tours of the same length, and distances of zero
        distances = np.round(distances * 2)
    tour = shortest_tour(distances)
    assert tour[0] == 0
    assert sorted(tour) == list(range(count))
    assert tour_length(distances, tour) == pytest.approx(by_brute_force(distances), abs=1e-9)


@pytest.mark.parametrize("count", [9, 10, 11, EXACT_LIMIT])
def test_up_to_its_limit_it_is_the_shortest_by_another_reckoning(count: int) -> None:
    distances = random_points(count, count)
    assert tour_length(distances, shortest_tour(distances)) == pytest.approx(by_recursion(distances))


@pytest.mark.parametrize(("count", "at_most"), [(13, 1.0), (16, 1.0), (40, 1.0), (100, 0.99)])
def test_above_it_is_no_longer_than_what_the_textbook_reaches(count: int, at_most: float) -> None:
    distances = random_points(count, 7)
    tour = shortest_tour(distances)
    assert tour[0] == 0
    assert sorted(tour) == list(range(count))
    assert tour_length(distances, tour) <= by_improving(distances) * at_most + 1e-4


@pytest.mark.parametrize("count", [13, 40, 100])
def test_a_circle_is_walked_around(count: int) -> None:
    rng = np.random.default_rng(count)
    places = np.concatenate([[0], 1 + rng.permutation(count - 1)])
    angles = 2 * np.pi * places / count
    distances = distances_of(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    walked = places[shortest_tour(distances)]
    steps = np.diff([*walked, walked[0]]) % count
    assert set(steps.tolist()) in ({1}, {count - 1})


@pytest.mark.parametrize("count", [5, EXACT_LIMIT, 13, 40])
def test_the_same_pictures_give_the_same_tour(count: int) -> None:
    distances = random_points(count, 3)
    first = shortest_tour(distances)
    assert all(shortest_tour(distances.copy()) == first for _ in range(5))


def pictures(count: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    """Small random pictures."""
    return list(np.random.default_rng(seed).integers(0, 256, (count, 6, 8, 3), dtype=np.uint8))


def test_cosine_distance_is_that_of_the_pixels_in_a_row() -> None:
    distances = cosine_distances(pictures(5))
    rows = np.stack([picture.reshape(-1) for picture in pictures(5)]).astype(np.float64) + 1
    cosines = rows @ rows.T / np.outer(np.linalg.norm(rows, axis=1), np.linalg.norm(rows, axis=1))
    assert np.allclose(distances, 1 - cosines, atol=1e-6)
    assert np.array_equal(distances, distances.T)
    assert not distances.diagonal().any()


def test_black_pictures_and_doubles_have_a_place() -> None:
    one, other = pictures(2)
    black = np.zeros_like(one)
    tour = closed_tour([black, one, other, black, one, other])
    assert tour[0] == 0
    assert sorted(tour) == list(range(6))
    at = {index: place for place, index in enumerate(tour)}
    assert all((at[index] - at[index + 3]) % 6 in (1, 5) for index in range(3))  # doubles stand side by side


@pytest.mark.parametrize("count", [1, 2, 3, 13, 40])
def test_any_number_of_equal_pictures(count: int) -> None:
    tour = closed_tour([np.zeros((4, 4, 3), np.uint8)] * count)
    assert tour[0] == 0
    assert sorted(tour) == list(range(count))


def test_very_similar_pictures_are_still_told_apart() -> None:
    """Pictures of one cycle differ by little; the order in which they were shifted is found all the same."""
    x = np.arange(64)
    waves = [100 + 2 * np.cos(2 * np.pi * (x / 64 - phase / 14)) for phase in range(14)]
    noise = np.random.default_rng(1).permutation(13) + 1
    places = [0, *noise.tolist()]
    shown = [np.tile(waves[place][None, :, None] * 2.5, (48, 1, 3)).astype(np.uint8) for place in places]
    walked = [places[index] for index in closed_tour(shown)]
    assert walked in (list(range(14)), [0, *range(13, 0, -1)])
