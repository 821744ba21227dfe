"""What the diffusers engine does to pixels on its device is what every engine does to them with numpy."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.motion import Border, colour, warp
from vktrs.motion.affine import Affine, Move, matrix
from vktrs.picture import Picture

torch = pytest.importorskip("torch")

WIDTH, HEIGHT = 40, 24
NOISE = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def moved_on_device(picture: Picture, affine: Affine, border: Border) -> Picture:
    from vktrs.engines.diffusion.warping import warped

    sheet = warped(torch.from_numpy(picture).permute(2, 0, 1), affine, border)
    assert sheet.dtype == torch.uint8
    moved: Picture = sheet.permute(1, 2, 0).numpy()
    return moved


def matched_on_device(picture: Picture, reference: Picture) -> Picture:
    from vktrs.engines.diffusion.colouring import Colours

    one, other = (torch.from_numpy(each.copy()).permute(2, 0, 1) for each in (picture, reference))
    matched: Picture = Colours(other).given_to(one).permute(1, 2, 0).numpy()
    return matched


def apart(one: Picture, other: Picture) -> tuple[float, float]:
    """How far they are apart, of 255: in the mean, and at most."""
    away = np.abs(one.astype(int) - other)
    return float(away.mean()), float(away.max())


@settings(deadline=None, max_examples=60)
@given(
    st.builds(
        Move,
        zoom=st.floats(0.2, 5),
        angle=st.floats(-360, 360),
        translation_x=st.floats(-100, 100) | st.sampled_from((0.0, 1e6, -1e6)),
        translation_y=st.floats(-100, 100),
        transform_center_x=st.floats(0, 1),
        transform_center_y=st.floats(0, 1),
    )
    | st.builds(Move, zoom=st.sampled_from((0.0, -1.0, 1e-20, 1.0)), angle=st.sampled_from((0.0, 90.0, 180.0))),
    st.sampled_from(get_args(Border)),
)
def test_a_picture_is_moved_as_numpy_moves_it(move: Move, border: Border) -> None:
    affine = matrix(move, WIDTH, HEIGHT)
    mean, most = apart(moved_on_device(NOISE, affine, border), warp.warped(NOISE, affine, border))
    assert mean < 0.3
    assert most <= 3


@pytest.mark.parametrize("border", get_args(Border))
def test_a_quarter_turn_moves_whole_pixels(border: Border) -> None:
    square = NOISE[:, :HEIGHT]
    turned = moved_on_device(square, matrix(Move(angle=90), HEIGHT, HEIGHT), border)
    assert apart(turned, np.rot90(square)) == (0, 0)


def blurred(seed: int, width: int, height: int, low: int = 0, high: int = 255) -> Picture:
    """Large soft spots of levels from `low` to `high`."""
    from PIL import Image

    spots = np.random.default_rng(seed).integers(low, high + 1, (5, 7, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(spots).resize((width, height), Image.Resampling.BICUBIC))


def half(level: int) -> Picture:
    """The left half nearly of one level, as a night sky is, the right one of middle levels."""
    dice = np.random.default_rng(level)
    sides = dice.integers(max(0, level - 4), level + 1, (64, 32, 3)), dice.integers(60, 200, (64, 32, 3))
    return np.concatenate(sides, axis=1).astype(np.uint8)


PICTURES = {
    "spots": blurred(1, 96, 64),
    "pale": blurred(2, 64, 64, 90, 160),
    "large": blurred(3, 640, 416, 20, 220),
    "noise": NOISE,
    "black": half(0),
    "dark": half(9),
    "white": half(255),
}


@pytest.mark.parametrize("reference", PICTURES)
@pytest.mark.parametrize("picture", PICTURES)
def test_colours_are_matched_as_numpy_matches_them(picture: str, reference: str) -> None:
    ours = matched_on_device(PICTURES[picture], PICTURES[reference])
    mean, _ = apart(ours, colour.matched(PICTURES[picture], PICTURES[reference]))
    assert mean < 0.5


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_that_has_the_colours_stays_as_it_is(picture: str) -> None:
    assert apart(matched_on_device(PICTURES[picture], PICTURES[picture]), PICTURES[picture])[1] <= 1


def test_the_colours_of_what_is_bright_stay_where_the_dark_is_lifted_a_little() -> None:
    """Also at the very end of a channel no pixel is lost from its histogram."""
    for picture, reference in (("dark", "black"), ("black", "dark")):
        matched = matched_on_device(PICTURES[picture], PICTURES[reference])
        assert abs(float(matched[:, 32:].mean()) - float(PICTURES[reference][:, 32:].mean())) < 3


@pytest.mark.parametrize("level", [0, 90, 255])
def test_pictures_of_one_colour_are_matched_without_a_fault(level: int) -> None:
    plain = np.full((16, 16, 3), level, np.uint8)
    assert apart(matched_on_device(NOISE, plain), colour.matched(NOISE, plain))[0] < 0.5
    assert apart(matched_on_device(NOISE, plain), plain[0, 0])[0] < 8
    assert matched_on_device(plain, NOISE).std(axis=(0, 1)).max() == 0
