"""What is held and what is struck: median filters over a spectrogram, which is stripes along time or along pitch.

D. Fitzgerald, "Harmonic/percussive separation using median filtering", 2010.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.signals.curve import RATE, Curve, Values

_WINDOW = 2048
_HOP = 512
_KERNEL = 31  # frames or bins, as the paper and librosa have it
_PIECE = 2560 * _HOP  # samples, a minute: an hour as a whole would take gigabytes
_MARGIN = 32 * _HOP  # on either side: more than a kernel and a window see


def harmonic(sound: Curve) -> Curve:
    """What is held: of each moment and pitch as much as goes on for longer than it is wide."""
    return _part(sound, held=True)


def percussive(sound: Curve) -> Curve:
    """What is struck: of each moment and pitch as much as is wider than it goes on for."""
    return _part(sound, held=False)


def _part(sound: Curve, held: bool) -> Curve:
    count = len(sound.values)
    found = np.empty(count, dtype=np.float32)
    for start in range(0, count, _PIECE):
        before = min(start, _MARGIN)
        piece = _part_of_piece(sound.values[start - before : start + _PIECE + _MARGIN], held)
        found[start : start + _PIECE] = piece[before : before + _PIECE]
    return Curve(found, RATE, sound.offset)


def _part_of_piece(samples: Values, held: bool) -> Values:
    from scipy.signal import istft, stft

    padded = np.pad(samples, (0, max(_WINDOW - len(samples), 0)))
    shape = {"window": "hann", "nperseg": _WINDOW, "noverlap": _WINDOW - _HOP}
    spectrum = stft(padded, RATE, **shape)[2]
    size = np.abs(spectrum)
    along_time = np.square(_median_of_rows(size))
    along_pitch = np.square(_median_of_rows(size.T).T)
    share = (along_time if held else along_pitch) / np.maximum(along_time + along_pitch, np.float32(1e-20))
    return np.asarray(istft(spectrum * share, RATE, **shape)[1][: len(samples)], dtype=np.float32)


def _median_of_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The running median of each row, mirrored at its ends.

    All rows are laid end to end, because scipy filters one long row about ten times as fast as rows beside each other.
    """
    from scipy.ndimage import median_filter

    margin = _KERNEL // 2
    laid = np.pad(rows, ((0, 0), (margin, margin)), mode="symmetric")
    found = median_filter(laid.ravel(), _KERNEL).reshape(laid.shape)
    return np.asarray(found[:, margin:-margin], dtype=np.float32)
