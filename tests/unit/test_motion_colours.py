"""What matching colours, noise, and the pictures in between promise."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from vktrs.engines.cppn.engine import draw_keyframe
from vktrs.engines.pictures import KeyframeRequest
from vktrs.motion import Border
from vktrs.motion.affine import Affine, Move, matrix
from vktrs.motion.between import between
from vktrs.motion.colour import colours, matched, noise, noisy
from vktrs.motion.step import stepped
from vktrs.motion.warp import warped
from vktrs.picture import Picture


def drawn(prompt: str, seed: int = 1, size: int = 128) -> Picture:
    return draw_keyframe(KeyframeRequest(prompt, "", seed, size, size))


def lab_spread(picture: Picture) -> np.ndarray:
    """Mean and deviation of L, a and b of CIE 1976, D65."""
    level = picture.reshape(-1, 3) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (xyz * 24389 / 27 + 16) / 116).T
    lab = np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
    return np.concatenate([lab.mean(axis=1), lab.std(axis=1)])


def square(left: int, top: int) -> Picture:
    picture = np.zeros((40, 64, 3), np.uint8)
    picture[top : top + 6, left : left + 6] = (250, 120, 60)
    return picture


@pytest.mark.parametrize("prompt", ["teal and orange", "a castle", "black and white photograph", "hot pink, navy"])
def test_a_picture_that_has_its_colours_already_stays_as_it_is(prompt: str) -> None:
    picture = drawn(prompt)
    assert np.abs(matched(picture, picture).astype(int) - picture).max() <= 1
    upside_down = np.ascontiguousarray(picture[::-1, ::-1])
    assert np.abs(matched(upside_down, picture).astype(int) - upside_down).max() <= 1


def test_every_level_and_colour_of_a_screen_comes_back_from_lab() -> None:
    every = np.random.RandomState(1).randint(0, 256, (256, 256, 3)).astype(np.uint8)
    every[:3] = np.arange(256)[None, :, None]
    assert np.abs(matched(every, every).astype(int) - every).max() <= 1


@pytest.mark.parametrize("change", ["darker", "paler", "tinted"])
def test_a_changed_picture_gets_its_colours_back(change: str) -> None:
    picture = drawn("cosmic jazz")
    changed = {
        "darker": picture * 0.6,
        "paler": picture * 0.5 + 100,
        "tinted": np.clip(picture * np.array([1.2, 1.0, 0.7]), 0, 255),
    }[change].astype(np.uint8)
    assert np.abs(lab_spread(changed) - lab_spread(picture)).max() > 8
    assert np.abs(lab_spread(matched(changed, picture)) - lab_spread(picture)).max() < 2


def test_pictures_of_other_sizes_and_single_colours_are_matched_too() -> None:
    reference = drawn("teal and orange", size=64)
    assert matched(drawn("a castle", size=96), reference).shape == (96, 96, 3)
    plain = matched(np.full((16, 16, 3), 77, np.uint8), reference)
    assert (plain == plain[0, 0]).all()
    assert matched(reference, np.full((8, 8, 3), 77, np.uint8)).mean(axis=(0, 1)) == pytest.approx([77] * 3, abs=3)


def _as_an_engine_might(picture: Picture) -> Picture:
    """A little softer, paler and warmer each time, as image-to-image is."""
    soft = picture.astype(np.float32)
    soft = (soft + np.roll(soft, 1, axis=0) * 0.3 + np.roll(soft, 1, axis=1) * 0.3) / 1.6
    return np.clip(128 + (soft - 128) * 0.97 + np.array([1.0, 0.3, -0.7], np.float32), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("prompt", ["teal and orange", "an old computer", "watercolour dream"])
def test_the_colours_of_a_chain_of_two_hundred_do_not_drift(prompt: str) -> None:
    keyframe = drawn(prompt, size=96)
    reference, step = colours(keyframe), matrix(Move(1.01, 1.0, 1.0), 96, 96)
    drawn_again = unmatched = keyframe
    for k in range(200):
        picture = stepped(drawn_again, step, "reflect", reference, 0.0, k)
        drawn_again = _as_an_engine_might(noisy(picture, k, 0.01))
        unmatched = _as_an_engine_might(stepped(unmatched, step, "reflect", None, 0.01, k))
        if k % 40 == 39:
            assert np.abs(lab_spread(picture) - lab_spread(keyframe)).max() < 2, k
    assert np.abs(lab_spread(unmatched) - lab_spread(keyframe)).max() > 20, "it would have"


def test_noise_is_what_it_says() -> None:
    values = noise((200, 100, 3), 5, 0.25)
    assert values.shape == (200, 100, 3)
    assert abs(values.mean()) < 0.004
    assert values.std() == pytest.approx(0.25, rel=0.01)
    assert np.abs(values).max() < 0.25 * 3.5
    assert not np.array_equal(values, noise((200, 100, 3), 6, 0.25))
    neighbours = np.corrcoef(values[:, :-1].ravel(), values[:, 1:].ravel())[0, 1]
    assert abs(neighbours) < 0.02


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_noise_of_any_seed_is_the_same_on_every_machine(seed: int) -> None:
    picture = noisy(np.full((32, 32, 3), 128, np.uint8), seed, 0.1)
    known = {0: "2b24b91fdb41a0cb", 2**32 - 1: "6906c2c1069d5429"}
    assert hashlib.sha256(picture.tobytes()).hexdigest()[:16] == known[seed]


def test_no_noise_is_no_change_and_noise_keeps_the_mean() -> None:
    picture = drawn("a castle")
    assert noisy(picture, 1, 0.0) is picture
    grey = np.full((64, 64, 3), 100, np.uint8)
    loud = noisy(grey, 1, 0.05)
    assert loud.mean() == pytest.approx(100, abs=0.5)
    assert loud.std() == pytest.approx(0.05 * 255, rel=0.05)
    assert noisy(np.full((64, 64, 3), 255, np.uint8), 1, 0.5).max() == 255


def test_a_step_moves_then_matches_then_adds_noise() -> None:
    previous, keyframe, affine = drawn("a castle"), drawn("teal"), matrix(Move(1.1, 5), 128, 128)
    moved = warped(previous, affine, "wrap")
    assert stepped(previous, affine, "wrap", None, 0.0, 1).tobytes() == moved.tobytes()
    by_hand = noisy(matched(moved, keyframe), 9, 0.02)
    assert stepped(previous, affine, "wrap", colours(keyframe), 0.02, 9).tobytes() == by_hand.tobytes()


def shift(right: float) -> Affine:
    return (1.0, 0.0, right, 0.0, 1.0, 0.0)


@pytest.mark.parametrize("border", ["replicate", "reflect", "wrap"])
def test_between_two_places_a_square_goes_evenly(border: Border) -> None:
    pictures = between(square(22, 8), square(38, 8), [shift(4)] * 4, border)
    assert [picture.tobytes() for picture in pictures] == [square(left, 8).tobytes() for left in (26, 30, 34)]


def test_each_step_between_is_as_long_as_it_says() -> None:
    pictures = between(square(10, 8), square(30, 8), [shift(14), shift(1), shift(5)], "replicate")
    assert [picture.tobytes() for picture in pictures] == [square(left, 8).tobytes() for left in (24, 25)]


def test_without_motion_one_picture_fades_into_the_other() -> None:
    one, other = np.full((8, 8, 3), 40, np.uint8), np.full((8, 8, 3), 200, np.uint8)
    assert [int(each[0, 0, 0]) for each in between(one, other, [shift(0)] * 4, "wrap")] == [80, 120, 160]


def test_one_step_or_none_has_nothing_between() -> None:
    assert between(square(1, 1), square(2, 2), [shift(1)], "wrap") == []
    assert between(square(1, 1), square(1, 1), [], "wrap") == []


def test_a_step_that_leaves_no_picture_fades_into_the_end() -> None:
    end = square(30, 8)
    first, last = between(square(10, 8), end, [shift(0), matrix(Move(zoom=0), 64, 40), shift(0)], "wrap")
    assert first.shape == last.shape == end.shape
    assert np.abs(last.astype(int) - end).mean() < np.abs(first.astype(int) - end).mean() + 1
