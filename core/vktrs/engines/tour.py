"""The smoothest closed tour through pictures: cosine distances, exact for few, fast-tsp for many.

It orders arrays; where they come from and how they are played is not its business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vktrs.picture import Picture

EXACT_LIMIT = 12
FULL_RESOLUTION_LIMIT = 32
_THUMBNAIL = 64
_BLOCK = 16_384
_SEARCH_SECONDS = ((100, 0.05), (300, 0.5))
_LONG_SEARCH_SECONDS = 2.0
_UNITS = 65_535  # the largest distance that fast-tsp takes


def closed_tour(pictures: Sequence[Picture]) -> list[int]:
    """The order of the smoothest closed loop through pictures of one size, starting with picture 0.

    Up to 12 pictures by Held and Karp's dynamic programming (1962), which is exact; above by local search with
    `fast-tsp`. Up to 32 pictures are compared at full resolution, more as thumbnails.
    """
    return shortest_tour(cosine_distances(pictures))


def cosine_distances(pictures: Sequence[Picture]) -> NDArray[np.float64]:
    """Pairwise cosine distance of the pictures' raw values: symmetric `(n, n)`, 0..1, zero diagonal."""
    small = len(pictures) > FULL_RESOLUTION_LIMIT
    rows = np.stack([(_thumbnail(picture) if small else picture).reshape(-1) for picture in pictures])
    products = np.zeros((len(rows), len(rows)))
    # In blocks that stay in the processor's cache; single precision within one, double over all of them.
    for at in range(0, rows.shape[1], _BLOCK):
        # An all-black picture has no direction; one unit in every value gives it one and moves the others by nothing.
        block = rows[:, at : at + _BLOCK].astype(np.float32) + np.float32(1)
        products += block @ block.T
    lengths = np.sqrt(np.diag(products))
    distances = np.clip(1.0 - products / np.outer(lengths, lengths), 0.0, None)
    np.fill_diagonal(distances, 0.0)
    return np.asarray((distances + distances.T) / 2)


def shortest_tour(distances: NDArray[np.float64]) -> list[int]:
    """The shortest closed tour through symmetric distances `(n, n)`, as indexes starting with 0."""
    count = len(distances)
    if count <= 3:
        return list(range(count))
    tour = _held_karp(distances) if count <= EXACT_LIMIT else _local_search(distances)
    at = tour.index(0)
    tour = tour[at:] + tour[:at]
    # a loop is as long backwards; one direction, so that the same pictures are played in the same order again
    return tour if tour[1] < tour[-1] else [0, *reversed(tour[1:])]


def tour_length(distances: NDArray[np.float64], tour: Sequence[int]) -> float:
    """The length of a closed tour."""
    order = np.asarray(tour)
    return float(distances[order, np.roll(order, -1)].sum())


def _held_karp(distances: NDArray[np.float64]) -> list[int]:
    """Exact: `cost[s, j]` is the shortest path from 0 through the set s of others (bit i is i + 1) ending in j."""
    others = len(distances) - 1
    inner = distances[1:, 1:]
    cost = np.full((1 << others, others), np.inf)
    came_from = np.zeros((1 << others, others), dtype=np.int8)
    for last in range(others):
        cost[1 << last, last] = distances[0, last + 1]
    sets = np.arange(1 << others)
    sizes = np.array([int(each).bit_count() for each in sets])
    for size in range(2, others + 1):
        of_size = sets[sizes == size]
        for last in range(others):
            with_last = of_size[of_size >> last & 1 == 1]
            paths = cost[with_last ^ (1 << last)] + inner[:, last]
            came_from[with_last, last] = paths.argmin(axis=1)
            cost[with_last, last] = paths.min(axis=1)
    everything = (1 << others) - 1
    last = int((cost[everything] + distances[1:, 0]).argmin())
    tour, visited = [], everything
    while visited:
        tour.append(last + 1)
        visited, last = visited ^ (1 << last), int(came_from[visited, last])
    return [0, *reversed(tour)]


def _local_search(distances: NDArray[np.float64]) -> list[int]:
    import fast_tsp

    largest = float(distances.max()) or 1.0
    whole = np.rint(distances * (_UNITS / largest)).astype(np.int64).tolist()
    count = len(distances)
    seconds = next((limit for most, limit in _SEARCH_SECONDS if count <= most), _LONG_SEARCH_SECONDS)
    return [int(index) for index in fast_tsp.find_tour(whole, duration_seconds=seconds, stop_when_converged=True)]


def _thumbnail(picture: Picture) -> Picture:
    from PIL import Image

    return np.asarray(Image.fromarray(picture).resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX))
