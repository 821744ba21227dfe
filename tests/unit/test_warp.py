"""What moving the pixels of a picture promises: borders exact however far, shifts and turns as computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.motion import Border
from vktrs.motion.affine import IDENTITY, Affine, Move, chain, inverse, matrix
from vktrs.motion.warp import warped
from vktrs.picture import Picture

NUMPY_MODES: dict[Border, str] = {"replicate": "edge", "reflect": "symmetric", "wrap": "wrap"}


def noisy(width: int, height: int, seed: int = 1) -> Picture:
    return np.random.RandomState(seed).randint(0, 256, (height, width, 3)).astype(np.uint8)


def soft(width: int, height: int) -> Picture:
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 100 * np.sin(x / (5 + c) + c) * np.cos(y / (7 - c)) for c in range(3)]
    return np.stack(waves, axis=-1).astype(np.uint8)


def square(width: int, height: int, left: int, top: int, side: int = 4) -> Picture:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[top : top + side, left : left + side] = (250, 120, 60)
    return picture


def shift(right: float, down: float) -> Affine:
    return (1.0, 0.0, right, 0.0, 1.0, down)


def by_definition(picture: Picture, affine: Affine, border: Border) -> np.ndarray:
    """Each pixel by itself, in floating point: the four pixels around where it comes from, as numpy.pad names them."""
    height, width = picture.shape[:2]
    a, b, c, d, e, f = inverse(affine)
    answer = np.empty(picture.shape)

    def index(at: int, length: int) -> int:
        if border == "wrap":
            return at % length
        if border == "reflect":
            at %= 2 * length
            return min(at, 2 * length - 1 - at)
        return max(0, min(at, length - 1))

    for row in range(height):
        for column in range(width):
            x = a * (column + 0.5) + b * (row + 0.5) + c - 0.5
            y = d * (column + 0.5) + e * (row + 0.5) + f - 0.5
            left, above = math.floor(x), math.floor(y)
            answer[row, column] = sum(
                (1 - abs(x - i)) * (1 - abs(y - j)) * picture[index(j, height), index(i, width)]
                for i in (left, left + 1)
                for j in (above, above + 1)
            )
    return answer


@pytest.mark.parametrize("border", NUMPY_MODES)
def test_nothing_moves_by_no_motion(border: Border) -> None:
    picture = noisy(18, 12)
    assert warped(picture, IDENTITY, border).tobytes() == picture.tobytes()
    assert warped(picture, matrix(Move(), 18, 12), border).tobytes() == picture.tobytes()


@pytest.mark.parametrize(("right", "down"), [(7, 0), (-5, 3), (0, -8), (11, 9)])
def test_a_square_moved_by_whole_pixels_lands_there_exactly(right: int, down: int) -> None:
    moved = warped(square(48, 40, 16, 14), shift(right, down), "replicate")
    assert moved.tobytes() == square(48, 40, 16 + right, 14 + down).tobytes()


@pytest.mark.parametrize("border", NUMPY_MODES)
@pytest.mark.parametrize(("right", "down"), [(3, 2), (-4, 9), (24, -16), (-61, 70), (24 * 9 + 5, -16 * 8 - 3)])
def test_what_comes_from_beyond_the_edge_is_what_numpy_pads(border: Border, right: int, down: int) -> None:
    picture, far = noisy(24, 16), 256
    padded = np.pad(picture, ((far, far), (far, far), (0, 0)), mode=NUMPY_MODES[border])  # type: ignore[call-overload]
    there = padded[far - down : far - down + 16, far - right : far - right + 24]
    assert warped(picture, shift(right, down), border).tobytes() == there.tobytes()


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_quarter_turn_around_the_middle_is_numpys_rot90(quarter: int) -> None:
    picture = noisy(33, 33)
    turned = warped(picture, matrix(Move(angle=90 * quarter), 33, 33), "replicate")
    assert turned.tobytes() == np.rot90(picture, quarter).tobytes()


@settings(max_examples=60, deadline=None)
@given(
    zoom=st.floats(0.08, 9),
    angle=st.floats(-360, 360),
    right=st.floats(-300, 300),
    down=st.floats(-300, 300),
    center=st.floats(-1, 2),
    border=st.sampled_from(list(NUMPY_MODES)),
    size=st.sampled_from([(1, 1), (2, 9), (13, 6), (10, 10)]),
)
def test_any_motion_is_the_bilinear_mean_of_four_pixels(
    zoom: float, angle: float, right: float, down: float, center: float, border: Border, size: tuple[int, int]
) -> None:
    picture = noisy(*size)
    affine = matrix(Move(zoom, angle, right, down, center, 0.5), *size)
    assert np.abs(warped(picture, affine, border) - by_definition(picture, affine, border)).max() < 0.75


@pytest.mark.parametrize("border", NUMPY_MODES)
def test_a_picture_moved_by_billions_of_pixels_is_still_one(border: Border) -> None:
    picture = noisy(20, 20)
    whole = warped(picture, shift(20.0 * 10**9, -20.0 * 10**9), border)
    if border == "replicate":
        assert whole.tobytes() == np.broadcast_to(picture[-1, 0], picture.shape).tobytes()
    else:  # that many widths, which is even
        assert whole.tobytes() == picture.tobytes()


@pytest.mark.parametrize("border", NUMPY_MODES)
@pytest.mark.parametrize("zoom", [0.0, 1e-200, math.nan, math.inf])
def test_where_a_matrix_leaves_no_picture_the_mean_colour_is_left(border: Border, zoom: float) -> None:
    picture = noisy(20, 10)
    left = warped(picture, matrix(Move(zoom=zoom), 20, 10), border)
    assert left.shape == picture.shape
    assert np.unique(left.reshape(-1, 3), axis=0).tolist() == [np.rint(picture.mean(axis=(0, 1))).tolist()]


def test_motion_there_and_back_gives_a_soft_picture_back() -> None:
    picture, affine = soft(64, 48), matrix(Move(1.07, 3, 2.5, -1), 64, 48)
    again = warped(warped(picture, affine, "reflect"), inverse(affine), "reflect")
    assert np.abs(again.astype(int) - picture)[8:-8, 8:-8].mean() < 2.5


def test_a_long_chain_of_small_motions_neither_darkens_nor_lightens() -> None:
    picture = moved = soft(64, 48)
    step = matrix(Move(angle=0.7, translation_x=0.3), 64, 48)
    for _ in range(200):
        moved = warped(moved, step, "wrap")
    assert np.abs(moved.mean(axis=(0, 1)) - picture.mean(axis=(0, 1))).max() < 4


def test_one_matrix_for_a_chain_moves_as_its_steps_do() -> None:
    picture = soft(64, 64)
    steps = [matrix(Move(1.01, 1.5, 1, -0.5), 64, 64)] * 4
    at_once = warped(picture, chain(steps), "reflect")
    one_by_one = picture
    for step in steps:
        one_by_one = warped(one_by_one, step, "reflect")
    assert np.abs(at_once.astype(int) - one_by_one)[8:-8, 8:-8].mean() < 3
