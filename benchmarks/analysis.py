"""Hearing a song's structure: ours against the old notebook's, which is librosa's example of spectral clustering.

The song is played from a score, so that tempo, beats and sections are known exactly.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure, Goal, Row, Scale, absolute, speedup
from benchmarks.measuring import Cost, in_turns, measured, measured_command
from tests.real.composed_song import POP, RATE, Score, Song, compose
from vktrs.engines.beats import analyse

_SECONDS = Goal(3.0, " s")
_TEMPO = Goal(1.0, " %")
_BEATS = Goal(95.0, " %", at_least=True)
_ALL = Goal(100.0, " %", at_least=True)
_TWICE = Goal(2.0, " times")
_NEAR = 0.07  # seconds
IMPORTS = {
    "theirs": "import librosa.beat, librosa.feature, librosa.segment, scipy.linalg, scipy.ndimage, sklearn.cluster",
    "ours": "import vktrs.engines.beats, scipy.fft, scipy.linalg, scipy.ndimage, threadpoolctl",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What either way says: beats a minute, beats and boundaries of sections in seconds."""

    tempo: float
    beats: Sequence[float]
    boundaries: Sequence[float]


def measure(scale: Scale) -> list[Row]:
    """One row: the song of three and a half minutes, or its first half minute."""
    score = replace(POP, form=(("A", 8), ("B", 8)), tail=0.5) if scale.quick else POP
    song = compose(score)
    by_notebook(compose(replace(score, form=(("A", 8), ("B", 8)))).sound, 2)  # loads and compiles what it needs
    analyse(song.sound[: 12 * RATE])
    said: dict[str, Heard] = {}

    def theirs() -> None:
        said["theirs"] = by_notebook(song.sound, len(score.parts))

    def ours() -> None:
        found = analyse(song.sound)
        said["ours"] = Heard(found.tempo or 0.0, found.beats, [section.start for section in found.sections[1:]])

    costs = in_turns({"theirs": lambda: measured(theirs), "ours": lambda: measured(ours)}, scale.rounds)
    imports = in_turns({side: partial(_imported, code) for side, code in IMPORTS.items()}, scale.rounds)
    figures = (
        speedup("CPU, times faster", costs["theirs"].cpu, costs["ours"].cpu, " s"),
        speedup("wall, times faster", costs["theirs"].wall, costs["ours"].wall, " s"),
        absolute("CPU", f"{costs['theirs'].cpu:.4g} s", costs["ours"].cpu, " s", _SECONDS),
        speedup("CPU of importing what does it", imports["theirs"].cpu, imports["ours"].cpu, " s"),
        *accuracy(song, score, said["theirs"], said["ours"]),
    )
    how = (
        f"{len(song.sound) / RATE:.0f} s from a score, {score.tempo:g} beats a minute, "
        f"{''.join(label for label, _ in score.form)}; decoded before, everything imported and compiled. Theirs: "
        f"CQT of 36 bins an octave, beats, recurrence and path, all eigenvectors, k-means told the number of labels "
        f"({len(score.parts)}). {'One round.' if scale.rounds == 1 else f'Medians of {scale.rounds} rounds.'}"
    )
    return [Row("analysis", "Structure of a song", how, figures)]


def _imported(code: str) -> Cost:
    """What a process costs that only imports."""
    return measured_command([sys.executable, "-c", code])


def accuracy(song: Song, score: Score, theirs: Heard, ours: Heard) -> list[Figure]:
    """How far both are from the score."""
    near = 2 * score.beats_a_bar * 60 / score.tempo

    def figure(name: str, of: str, goal: Goal, unit: str = " %") -> Figure:
        values = {side: _scores(song, score, heard, near)[of] for side, heard in (("t", theirs), ("o", ours))}
        return absolute(name, f"{values['t']:.4g}{unit}", values["o"], unit, goal)

    return [
        figure("tempo, error", "tempo", _TEMPO),
        figure("beats of the score met within 70 ms", "met", _BEATS),
        figure("beats heard that are within 70 ms of one", "true", _BEATS),
        figure("boundaries of sections met within two bars", "bounds", _ALL),
        figure("boundaries heard for each that there is", "many", _TWICE, " times"),
    ]


def _scores(song: Song, score: Score, heard: Heard, near: float) -> dict[str, float]:
    return {
        "tempo": 100 * abs(heard.tempo / score.tempo - 1),
        "met": 100 * _met(song.beats, heard.beats, _NEAR),
        "true": 100 * _met(heard.beats, song.beats, _NEAR),
        "bounds": 100 * _met(song.boundaries, heard.boundaries, near),
        "many": len(heard.boundaries) / len(song.boundaries),
    }


def _met(wanted: Sequence[float] | NDArray[Any], found: Sequence[float] | NDArray[Any], near: float) -> float:
    """The share of `wanted` times that have one of `found` within `near` seconds."""
    if len(found) == 0 or len(wanted) == 0:
        return 0.0
    return float(np.mean([np.abs(np.asarray(found) - time).min() <= near for time in wanted]))


def by_notebook(audio: NDArray[np.float32], labels: int) -> Heard:
    """The notebook's analysis, step by step; its sections are runs of beats with the same label."""
    import librosa
    import scipy.linalg
    import scipy.ndimage
    from sklearn.cluster import KMeans

    octave, octaves = 12 * 3, 7
    cqt = librosa.cqt(y=audio, sr=RATE, bins_per_octave=octave, n_bins=octaves * octave)
    levels = librosa.amplitude_to_db(np.abs(cqt), ref=np.max)
    tempo, beats = librosa.beat.beat_track(y=audio, sr=RATE, trim=False)
    by_beat = librosa.util.sync(levels, beats, aggregate=np.median)
    times = librosa.frames_to_time(librosa.util.fix_frames(beats, x_min=0), sr=RATE)
    recurrence = librosa.segment.recurrence_matrix(by_beat, width=3, mode="affinity", sym=True)
    filtered = librosa.segment.timelag_filter(scipy.ndimage.median_filter)(recurrence, size=(1, 7))
    timbre = librosa.util.sync(librosa.feature.mfcc(y=audio, sr=RATE), beats)
    steps = np.sum(np.diff(timbre, axis=1) ** 2, axis=0)
    beside = np.exp(-steps / np.median(steps))
    path = np.diag(beside, k=1) + np.diag(beside, k=-1)
    of_path, again = path.sum(axis=1), filtered.sum(axis=1)
    share = of_path.dot(of_path + again) / np.sum((of_path + again) ** 2)
    laplacian = scipy.sparse.csgraph.laplacian(share * filtered + (1 - share) * path, normed=True)
    _, vectors = scipy.linalg.eigh(laplacian)
    smooth = scipy.ndimage.median_filter(vectors, size=(9, 1))
    norm = np.cumsum(smooth**2, axis=1) ** 0.5
    found = KMeans(n_clusters=labels, n_init="auto").fit_predict(smooth[:, :labels] / norm[:, labels - 1 : labels])
    changes = [float(times[place]) for place in range(1, len(found)) if found[place] != found[place - 1]]
    return Heard(
        float(np.atleast_1d(tempo)[0]), [float(time) for time in librosa.frames_to_time(beats, sr=RATE)], changes
    )
