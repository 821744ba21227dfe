"""Sections of a song and which of them sound alike: spectral clustering of a graph of its beats.

The method is B. McFee and D. Ellis, "Analyzing Song Structure with Spectral Clustering" (ISMIR 2014): beats that sound
alike are joined, as are neighbours, and what hangs together is a section. Here a section consists of whole bars, at
least four of them, and the number of labels is the one that keeps most of the likeness within labels.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.spectra import Floats, means_between
from vktrs.form import Section

_SHORTEST_SONG = 10.0  # seconds; what is shorter is one section
_GRID = 0.5  # seconds; takes the place of a beat where there is none
_SHORTEST = 4  # bars
_SHORTEST_SECONDS = 8.0  # where bars are quicker than two seconds a section has more of them
_MOST_LABELS = 6
_MOST_NODES = 1600  # ten minutes of beats; a longer song is looked at more coarsely
_TIMBRE = 0.4  # what likeness of sound counts against likeness of harmony
_CHANGE = 0.6  # of the shortest section with the wrong label is better than a change of section
_CHANCE = 0.45  # of the likeness expected by chance, how much is taken off for each label
_LEAST = 0.525  # of the likeness has to be kept so that there is a division at all; a song of one loop keeps 0.52
_STARTS = 8  # of k-means, the best one counts

Matrix = NDArray[np.float64]
Times = NDArray[np.float64]


def find_sections(
    levels: Floats, tones: Floats, beats: Times, downbeats: Times, duration: float
) -> tuple[Section, ...]:
    """Sections that cover 0..`duration` seconds; one called "A" where nothing changes or the song is very short.

    `levels` and `tones` as `spectra` has them. Sections start at bars: at `downbeats`, else at every fourth of the
    `beats`; without beats at multiples of two seconds. The same sound gives the same sections. Wants to be called under
    one BLAS thread: the matrices are small.
    """
    if duration <= 0:
        return ()
    edges, bars = _grid(beats, downbeats, duration)
    if duration < _SHORTEST_SONG or len(bars) < 2 * _SHORTEST or float(np.ptp(levels)) == 0:
        return (Section(0.0, duration, "A"),)
    shortest = max(_SHORTEST, math.ceil(_SHORTEST_SECONDS / float(np.median(np.diff(bars))) - 0.1))
    graph = _graph(means_between(tones, edges), means_between(levels, edges))
    labels = _labels(graph, _bar_of_each(edges, bars), len(bars), shortest)
    return _named(labels, bars, duration)


def _grid(beats: Times, downbeats: Times, duration: float) -> tuple[Times, Times]:
    """The edges of what is compared, and the starts of bars."""
    if len(beats) < 2 * _SHORTEST:
        beats, downbeats = np.arange(0, duration, _GRID), np.empty(0)
    bars = downbeats if len(downbeats) > 1 else beats[::4]
    edges = np.append(beats, duration)
    while len(edges) > _MOST_NODES:
        edges = edges[::2]
    return edges, bars


def _bar_of_each(edges: Times, bars: Times) -> NDArray[np.int64]:
    """The bar in which each stretch between edges lies; what comes before the first bar counts to it."""
    middles = (edges[1:] + edges[:-1]) / 2
    return np.maximum(np.searchsorted(bars, middles, side="right") - 1, 0)


# The graph ----------------------------------------------------------------------------------------------------------


def _graph(harmony: Matrix, spectrum: Matrix) -> Matrix:
    """Weights between beats, `(n, n)`, symmetric: repetition and neighbourhood, balanced as the paper does it."""
    from scipy.fft import dct
    from scipy.ndimage import uniform_filter1d

    timbre = dct(spectrum - spectrum.mean(axis=0), axis=1, norm="ortho")[:, :14]
    timbre /= timbre.std() + 1e-9
    chords = harmony / (np.linalg.norm(harmony, axis=1, keepdims=True) + 1e-9)
    again = _along_diagonals(_alike(chords)) + _TIMBRE * _alike(uniform_filter1d(timbre, 8, axis=0, mode="nearest"))
    steps = np.linalg.norm(np.diff(timbre, axis=0), axis=1)
    beside = np.exp(-steps / max(float(np.median(steps)), 1e-9))
    path = np.diag(beside, 1) + np.diag(beside, -1)
    of_again, of_path = again.sum(axis=1), path.sum(axis=1)
    both = of_again + of_path
    share = float(of_path @ both) / max(float(both @ both), 1e-9)
    return np.asarray(share * again + (1 - share) * path)


def _alike(features: Matrix) -> Matrix:
    """Affinity of beats that are among each other's nearest, `(n, n)`; neighbours in time do not count."""
    squares = (features**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * features @ features.T, 0))
    place = np.arange(len(apart))
    beside = np.abs(place[:, None] - place) < 3
    count = min(round(2 * np.sqrt(len(apart))), len(apart) - 1)
    limit = np.partition(np.where(beside, np.inf, apart), count - 1, axis=1)[:, count - 1]
    mutual = (apart <= limit[:, None]) & (apart <= limit) & ~beside
    usual = max(float(np.median(limit)), 1e-9)
    return np.asarray(np.where(mutual, np.exp(-apart / usual), 0.0))


def _along_diagonals(affinity: Matrix) -> Matrix:
    """What goes on for seven beats at the same distance: a repeated sequence stays, a chance likeness goes."""
    from scipy.ndimage import median_filter

    place = np.arange(len(affinity))
    later = (place[:, None] + place) % len(affinity)
    filtered = np.zeros_like(affinity)
    filtered[place, later] = median_filter(affinity[place, later], size=(1, 7), mode="mirror")
    return np.asarray((filtered + filtered.T) / 2)


# Its parts ----------------------------------------------------------------------------------------------------------


def _labels(graph: Matrix, bar_of: NDArray[np.int64], bars: int, shortest: int) -> NDArray[np.int64]:
    """A number for every bar, `(bars,)`: the division, into one label or more, that keeps most within labels."""
    from scipy.linalg import eigh
    from scipy.ndimage import median_filter

    scale = 1 / np.sqrt(np.maximum(graph.sum(axis=1), 1e-9))
    laplacian = np.eye(len(graph)) - scale[:, None] * graph * scale
    most = min(_MOST_LABELS, len(graph), bars // shortest)
    _, vectors = eigh(laplacian, subset_by_index=[0, max(most, 1) - 1])
    best, most_kept = np.zeros(bars, dtype=np.int64), _LEAST
    for count in range(2, most + 1):
        places = median_filter(vectors[:, :count], size=(9, 1), mode="nearest")
        places = places / (np.linalg.norm(places, axis=1, keepdims=True) + 1e-9)
        by_bar = _means_by_bar(places, bar_of, bars)
        found = _smoothed(_distances(by_bar, _centres(by_bar, count)), shortest)
        kept = _kept(graph, found[bar_of])
        if np.ptp(found) and kept > most_kept + 1e-9:
            best, most_kept = found, kept
    return best


def _means_by_bar(places: Matrix, bar_of: NDArray[np.int64], bars: int) -> Matrix:
    """`(bars, columns)`; a bar in which nothing lies is like the one before it."""
    counts = np.bincount(bar_of, minlength=bars)
    sums = np.zeros((bars, places.shape[1]))
    np.add.at(sums, bar_of, places)
    filled = np.maximum.accumulate(np.where(counts > 0, np.arange(bars), 0))
    return np.asarray(sums[filled] / np.maximum(counts[filled], 1)[:, None])


def _centres(points: Matrix, count: int) -> Matrix:
    """k-means from fixed seeds, `(count, columns)`; the first ones by k-means++ (Arthur and Vassilvitskii 2007)."""
    tries = []
    for seed in range(_STARTS):
        chance = np.random.default_rng((seed, count))
        centres = points[[int(chance.integers(len(points)))]]
        while len(centres) < count:
            odds = _distances(points, centres).min(axis=1)
            odds = odds / odds.sum() if odds.sum() > 0 else np.full(len(points), 1 / len(points))
            centres = np.vstack([centres, points[int(chance.choice(len(points), p=odds))]])
        for _ in range(50):
            nearest = _distances(points, centres).argmin(axis=1)
            own = [points[nearest == each] for each in range(count)]
            moved = np.array([each.mean(axis=0) if len(each) else old for each, old in zip(own, centres, strict=True)])
            if np.array_equal(moved, centres):
                break
            centres = moved
        tries.append(centres)
    return min(tries, key=lambda centres: float(_distances(points, centres).min(axis=1).sum()))


def _distances(points: Matrix, centres: Matrix) -> Matrix:
    """Squared, `(points, centres)`."""
    return np.asarray(((points[:, None] - centres) ** 2).sum(axis=2))


def _smoothed(costs: Matrix, shortest: int) -> NDArray[np.int64]:
    """The cheapest labels, `(bars,)`, of `costs` `(bars, labels)`: each stays for `shortest` bars, and a change costs.

    By dynamic programming over (how long the label has lasted, up to that; the label).
    """
    bars, labels = costs.shape
    total = np.full((shortest, labels), np.inf)
    total[0] = costs[0]
    before = np.zeros((bars, shortest, labels), dtype=np.int64)  # the state a bar earlier, as lasted * labels + label
    for bar in range(1, bars):
        new = np.full_like(total, np.inf)
        old = total[-1][None, :] + np.where(np.eye(labels, dtype=bool), np.inf, _CHANGE * shortest)
        new[0], before[bar, 0] = old.min(axis=1), (shortest - 1) * labels + old.argmin(axis=1)
        for lasted in range(1, shortest):
            new[lasted], before[bar, lasted] = total[lasted - 1], (lasted - 1) * labels + np.arange(labels)
        stays = total[-1] < new[-1]
        new[-1] = np.minimum(total[-1], new[-1])
        before[bar, -1] = np.where(stays, (shortest - 1) * labels + np.arange(labels), before[bar, -1])
        total = new + costs[bar]
    state = (shortest - 1) * labels + int(total[-1].argmin())
    found = np.zeros(bars, dtype=np.int64)
    for bar in range(bars - 1, -1, -1):
        found[bar] = state % labels
        state = int(before[bar].reshape(-1)[state])
    return found


def _kept(graph: Matrix, labels: NDArray[np.int64]) -> float:
    """The share of the weights within labels, less a part of what chance would give (modularity, Newman 2004)."""
    whole = float(graph.sum())
    if whole <= 0:
        return 0.0
    within = float(graph[labels[:, None] == labels].sum())
    shares = np.bincount(labels, weights=graph.sum(axis=1)) / whole
    return within / whole - _CHANCE * float((shares**2).sum())


def _named(labels: NDArray[np.int64], bars: Times, duration: float) -> tuple[Section, ...]:
    """Runs of the same label as sections; "A" is what comes first."""
    firsts = [bar for bar in range(len(labels)) if bar == 0 or labels[bar] != labels[bar - 1]]
    edges = [0.0, *(float(bars[bar]) for bar in firsts[1:]), duration]
    order = list(dict.fromkeys(int(labels[bar]) for bar in firsts))
    names = [chr(ord("A") + order.index(int(labels[bar]))) for bar in firsts]
    return tuple(Section(left, right, name) for left, right, name in zip(edges, edges[1:], names, strict=False))
