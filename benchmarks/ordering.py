"""Finding the smoothest closed loop: 16 pictures against exact dynamic programming, hundreds against the best known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks import notebook
from benchmarks.figures import Figure, Goal, Row, Scale, absolute, speedup
from benchmarks.gallery import SIZE, diffusion_like
from benchmarks.measuring import in_turns, measured
from vktrs.engines.tour import closed_tour, tour_length
from vktrs.picture import Picture

_FASTER = Goal(100, " times", at_least=True)
_SAME = Goal(1.0000001)
_NEAR = Goal(1.01)
_LONG_SECONDS = (2.0, 2.0, 4.0)  # of fast-tsp, several times: the best known tour
_UNITS = 65_535
_BLOCK = 1 << 16

Distances = NDArray[np.float64]


def measure(scale: Scale) -> list[Row]:
    """The rows of exact and of large orders."""
    # fast-tsp and python-tsp compile or load on their first call, which is no part of the work
    notebook.order_pictures(list(diffusion_like(0, 5, 32)))
    closed_tour(list(diffusion_like(0, 14, 32)))
    if scale.quick:
        return [_exact(10, 64, 1)]
    large = ((100, Goal(0.2, " s")), (300, Goal(1.0, " s")))
    return [_exact(16, SIZE, scale.rounds), *(_large(count, goal, scale.rounds) for count, goal in large)]


def _exact(count: int, size: int, rounds: int) -> Row:
    pictures = list(diffusion_like(1, count, size))
    tours: dict[str, list[int]] = {}

    def theirs() -> None:
        tours["theirs"] = notebook.order_pictures(pictures)

    def ours() -> None:
        tours["ours"] = closed_tour(pictures)

    costs = in_turns({"theirs": lambda: measured(theirs), "ours": lambda: measured(ours)}, rounds)
    distances = full_distances(pictures)
    lengths = {name: tour_length(distances, tour) for name, tour in tours.items()}
    figures = (
        speedup("CPU, times faster", costs["theirs"].cpu, costs["ours"].cpu, " s", _FASTER),
        speedup("wall, times faster", costs["theirs"].wall, costs["ours"].wall, " s"),
        _length("length of the tour", lengths["theirs"], lengths["ours"], _SAME),
        absolute("of ours, without the distances", "", _search_seconds(distances, rounds), " s CPU"),
    )
    how = f"{size} x {size}, distances included; the notebook's way is exact. {_rounds(rounds)}"
    return Row("order", f"Ordering {count} pictures", how, figures)


def _large(count: int, goal: Goal, rounds: int) -> Row:
    pictures = list(diffusion_like(2, count, SIZE))
    tours: list[list[int]] = []
    cost = in_turns({"ours": lambda: measured(lambda: tours.append(closed_tour(pictures)))}, rounds)["ours"]
    distances = full_distances(pictures)
    best, name = best_known(distances)
    worst = max(tour_length(distances, tour) for tour in tours)
    figures = (
        absolute("CPU", "", cost.cpu, " s", goal),
        absolute("wall", "", cost.wall, " s"),
        _length("length of the tour (the worst of all rounds)", best, worst, _NEAR),
    )
    how = (
        f"{SIZE} x {SIZE}, distances included; both lengths in distances at full resolution. "
        f"The best known tour is that of {name}. {_rounds(rounds)}"
    )
    return Row("order", f"Ordering {count} pictures", how, figures)


def _length(name: str, theirs: float, ours: float, goal: Goal) -> Figure:
    return Figure(name, f"{theirs:.6f}", f"{ours:.6f}", ours / theirs, goal)


def best_known(distances: Distances) -> tuple[float, str]:
    """The length of the best tour of long searches by two programs, and whose it is."""
    import fast_tsp
    from python_tsp.heuristics import solve_tsp_lin_kernighan

    whole = np.rint(distances * (_UNITS / distances.max())).astype(np.int64).tolist()
    found = [
        (tour_length(distances, fast_tsp.find_tour(whole, duration_seconds=seconds)), "fast-tsp in 2 to 4 s")
        for seconds in _LONG_SECONDS
    ]
    if len(distances) <= 100:  # it takes minutes beyond
        tour, _ = solve_tsp_lin_kernighan(distances)
        found.append((tour_length(distances, tour), "python-tsp's Lin-Kernighan"))
    return min(found)


def full_distances(pictures: Sequence[Picture]) -> Distances:
    """Pairwise cosine distances at full resolution, `(n, n)`, by blocks of pixels: hundreds of pictures fit so."""
    raveled = [picture.reshape(-1) for picture in pictures]
    products = np.zeros((len(raveled), len(raveled)))
    for first in range(0, len(raveled[0]), _BLOCK):
        block = np.stack([each[first : first + _BLOCK] for each in raveled]).astype(np.float32)
        products += block @ block.T
    norms = np.sqrt(np.diag(products))
    distances = np.clip(1 - products / np.outer(norms, norms), 0, None)
    np.fill_diagonal(distances, 0)
    return np.asarray(distances)


def _search_seconds(distances: Distances, rounds: int) -> float:
    from vktrs.engines.tour import shortest_tour

    return in_turns({"search": lambda: measured(lambda: shortest_tour(distances))}, rounds)["search"].cpu


def _rounds(rounds: int) -> str:
    return "One round." if rounds == 1 else f"Medians of {rounds} rounds."
