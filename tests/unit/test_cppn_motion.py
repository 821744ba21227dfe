"""What moving scenes of the cppn engine promise: motion that is seen, endless, without jumps, the same every time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from tests.unit.elsewhere import told_elsewhere
from vktrs.engines.cppn import open_cppn
from vktrs.engines.cppn.engine import CppnEngine, draw_keyframe
from vktrs.engines.pictures import Keyframe, KeyframeRequest, MotionRequest, PictureEngine
from vktrs.errors import VktrsError
from vktrs.motion import Border, ColorCoherence
from vktrs.motion.affine import Affine, Move, inverse, matrix
from vktrs.motion.affine import chain as all_of
from vktrs.motion.warp import warped
from vktrs.picture import Picture

SIDE = 96
THEMES = ["cosmic jazz", "a castle", "teal", "an old computer"]
STILL = Move()


@pytest.fixture
def cppn() -> Iterator[PictureEngine]:
    engine = open_cppn(2)
    yield engine
    engine.close()


def keyframe(prompt: str = "cosmic jazz", seed: int = 3, size: tuple[int, int] = (SIDE, SIDE)) -> Keyframe:
    request = KeyframeRequest(prompt, "", seed, *size)
    return Keyframe(draw_keyframe(request), request)


def requests(
    moves: Sequence[Move | Affine],
    strength: float = 0.0,
    noise: float = 0.0,
    border: Border = "reflect",
    coherence: ColorCoherence = "none",
    size: tuple[int, int] = (SIDE, SIDE),
) -> list[MotionRequest]:
    return [
        MotionRequest(
            k,
            "a song",
            "",
            900 + k,
            matrix(move, *size) if isinstance(move, Move) else move,
            border,
            coherence,
            noise,
            strength,
            None,
            *size,
        )
        for k, move in enumerate(moves, start=1)
    ]


def pictures(engine: PictureEngine, key: Keyframe, chain: Sequence[MotionRequest], first: int = 1) -> list[Picture]:
    """The keyframe, or nothing, and what comes of the chain."""
    answers = []
    for request, answer in engine.motion(key, chain, first, key.picture):
        assert not isinstance(answer, VktrsError)
        assert request is chain[first - 1 + len(answers)]
        answers.append(answer)
    return answers


def apart(one: Picture, other: Picture) -> float:
    return float(np.abs(one.astype(np.float64) - other).mean())


def steps(shown: Sequence[Picture]) -> list[float]:
    return [apart(one, other) for one, other in itertools.pairwise(shown)]


def zoom_seen(one: Picture, other: Picture) -> float:
    """The zoom around the middle that makes the one most like the other; less than there is, as colours keep shares."""
    height, width = one.shape[:2]
    middle = slice(height // 10, -height // 10), slice(width // 10, -width // 10)

    def unlike(zoom: float) -> float:
        return apart(warped(one, matrix(Move(zoom=zoom), width, height), "replicate")[middle], other[middle])

    tried = np.arange(0.93, 1.0701, 0.005)
    best = tried[int(np.argmin([unlike(zoom) for zoom in tried]))]
    near = np.array([best - 0.005, best, best + 0.005])
    squares = np.polynomial.Polynomial.fit(near, [unlike(zoom) ** 2 for zoom in near], 2).convert().coef
    return float(-squares[1] / (2 * squares[2])) if squares[2] > 0 else float(best)


# --- the same every time


def test_any_part_of_a_chain_is_bit_for_bit_the_same_on_any_number_of_threads() -> None:
    key = keyframe(size=(96, 64))
    chain = requests([Move(1.04, 3, 2, -1)] * 30, strength=0.6, noise=0.05, size=(96, 64))
    every = []
    for workers in (1, 3):
        engine = open_cppn(workers)
        for own in (key, Keyframe(key.picture, None)):
            whole = pictures(engine, own, chain)
            assert len(whole) == 30
            for first in (2, 17, 30):
                resumed = pictures(engine, own, chain, first)
                assert [each.tobytes() for each in resumed] == [each.tobytes() for each in whole[first - 1 :]]
            every.append([each.tobytes() for each in whole])
        engine.close()
    assert every[:2] == every[2:]


_DIGEST = """
import hashlib
from vktrs.engines.cppn import open_cppn
from vktrs.engines.pictures import Keyframe, KeyframeRequest, MotionRequest
from vktrs.motion.affine import Move, matrix
engine, digest = open_cppn(), hashlib.sha256()
request = KeyframeRequest("love of you, violet stars", "blurry", 7, 96, 64)
(_, picture), = engine.keyframes([request])
move = matrix(Move(1.1, 5, 3, 1), 96, 64)
chain = [MotionRequest(k, "a", "", k, move, "wrap", "LAB", 0.03, 0.5, None, 96, 64) for k in range(1, 25)]
for key in (Keyframe(picture, request), Keyframe(picture, None)):
    for _, answer in engine.motion(key, chain, 1, picture):
        digest.update(answer.tobytes())
print(digest.hexdigest())
"""


def test_other_processes_draw_the_same_bits() -> None:
    assert len(told_elsewhere(_DIGEST)) == 1


def test_what_comes_later_in_a_chain_changes_nothing_before(cppn: PictureEngine) -> None:
    key = keyframe()
    chain = requests([Move(1.02)] * 8, strength=0.5)
    changed = [*chain[:5], *requests([Move(0.9, 20)] * 8, strength=1.0)[5:]]
    one, other = pictures(cppn, key, chain), pictures(cppn, key, changed)
    assert [each.tobytes() for each in one[:5]] == [each.tobytes() for each in other[:5]]
    assert all(apart(*pair) > 1 for pair in zip(one[5:], other[5:], strict=True))


@pytest.mark.parametrize("own", [True, False])
def test_without_strength_noise_is_drawn_nowhere(cppn: PictureEngine, own: bool) -> None:
    key = keyframe() if own else Keyframe(keyframe().picture, None)
    assert pictures(cppn, key, requests([STILL], noise=0.2))[0].tobytes() == key.picture.tobytes()


@pytest.mark.parametrize("own", [True, False])
def test_nothing_moves_where_nothing_is_asked_for(cppn: PictureEngine, own: bool) -> None:
    key = keyframe(size=(96, 64)) if own else Keyframe(keyframe(size=(96, 64)).picture, None)
    chain = requests([STILL] * 5, size=(96, 64))
    assert {each.tobytes() for each in pictures(cppn, key, chain)} == {key.picture.tobytes()}
    assert list(cppn.motion(key, [], 1, key.picture)) == []
    assert list(cppn.motion(key, chain, 6, key.picture)) == []


# --- motion that is seen


@pytest.mark.parametrize("theme", [*THEMES, "watercolour dream", "art nouveau"])
def test_pulses_of_zoom_can_be_read_from_the_pictures(cppn: PictureEngine, theme: str) -> None:
    pulse = [1.002 + 0.03 * max(0.0, math.cos(k * math.pi / 6)) ** 2 for k in range(24)]
    key = keyframe(theme, size=(128, 128))
    chain = requests([Move(zoom) for zoom in pulse], strength=0.3, size=(128, 128))
    shown = [key.picture, *pictures(cppn, key, chain)]
    seen = [zoom_seen(one, other) for one, other in itertools.pairwise(shown)]
    assert np.corrcoef(seen, pulse)[0, 1] > 0.9
    assert np.abs(np.array(seen) - pulse).mean() < 0.009


@pytest.mark.parametrize("move", [Move(angle=4), Move(translation_x=4), Move(1.03, -2, 2, -4), Move(0.96)])
def test_what_was_drawn_moves_as_the_pixels_would(cppn: PictureEngine, move: Move) -> None:
    """Wherever it was seen before; light and the shares of colours are those of the new view."""
    key = keyframe("an old computer", 1, (192, 128))
    (shown,) = pictures(cppn, key, requests([move], size=(192, 128)))
    expected = warped(key.picture, matrix(move, 192, 128), "replicate")
    other_way = warped(key.picture, inverse(matrix(move, 192, 128)), "replicate")
    inside = slice(16, -16), slice(16, -16)
    assert apart(shown[inside], expected[inside]) < 4
    assert apart(shown[inside], expected[inside]) < 0.4 * apart(shown[inside], other_way[inside])


def test_there_and_back_is_where_it_was(cppn: PictureEngine) -> None:
    key = keyframe()
    back = [Move(1 / 1.05)] * 6 + [Move(translation_x=40)] * 9 + [Move(translation_x=-40)] * 9
    shown = pictures(cppn, key, requests([Move(1.05)] * 6 + back))
    assert apart(shown[5], key.picture) > 8
    assert apart(shown[11], key.picture) < 0.5
    assert apart(shown[-1], key.picture) < 0.5


# --- endless, and without jumps


@pytest.mark.parametrize("theme", THEMES)
def test_pictures_follow_each_other_the_more_closely_the_less_moves(cppn: PictureEngine, theme: str) -> None:
    key = keyframe(theme)

    def largest(move: Move, strength: float = 0.0) -> tuple[float, float]:
        shown = [key.picture, *pictures(cppn, key, requests([move] * 75, strength))]
        return float(np.median(steps(shown))), max(steps(shown))

    little, much, (slow, slowest), (fast, fastest) = (
        largest(STILL, 0.1),
        largest(STILL, 0.8),
        largest(Move(1.004)),
        largest(Move(1.02)),
    )
    assert little[1] < 2 and much[1] < 9 and slowest < 3.5 and fastest < 13
    assert 3 * little[0] < much[0] and 2.5 * slow < fast


def test_noise_trembles_a_little(cppn: PictureEngine) -> None:
    key = keyframe()
    shown = [key.picture, *pictures(cppn, key, requests([STILL] * 8, 0.02, noise=0.03))]
    assert min(steps(shown)) > 0.05 and max(steps(shown)) < 2
    assert max(apart(key.picture, each) for each in shown) < 2


@pytest.mark.parametrize(
    "move",
    [Move(1.03), Move(0.97), Move(1.03, 2, 3, -1, 0.2, 0.9), Move(1.4), Move(translation_x=3000.5, angle=1)],
)
def test_after_minutes_there_is_still_something_to_see(cppn: PictureEngine, move: Move) -> None:
    key = keyframe("a castle", 4)
    chain = requests([move] * 3000, strength=0.4)
    with np.errstate(all="raise", under="ignore"):
        shown = pictures(cppn, key, chain, 2990)
    assert all(each.std() > 20 for each in shown)
    assert len({each.tobytes() for each in shown}) == 11


def test_minutes_of_zoom_have_no_jump(cppn: PictureEngine) -> None:
    key = keyframe("cosmic jazz")
    chain = requests([Move(1.03, 0.5, 0.3)] * 2000, strength=0.2)
    assert max(steps(pictures(cppn, key, chain, 1901))) < 16


def test_a_long_walk_neither_stops_nor_gets_wilder(cppn: PictureEngine) -> None:
    key = keyframe("teal")
    chain = requests([STILL] * 2000, strength=0.8)
    early = np.median(steps(pictures(cppn, key, chain[:60])))
    late = pictures(cppn, key, chain, 1941)
    assert early / 3 < np.median(steps(late)) < 3 * early
    assert apart(late[0], key.picture) > 15


@pytest.mark.parametrize(
    "step", [Move(0.0), Move(math.nan), Move(math.inf), Move(1e-170), Move(1, math.nan), Move(translation_x=math.inf)]
)
@pytest.mark.parametrize("own", [True, False])
def test_a_step_that_leaves_no_picture_is_left_out(cppn: PictureEngine, step: Move, own: bool) -> None:
    key = keyframe() if own else Keyframe(keyframe().picture, None)
    before, with_it, after = pictures(cppn, key, requests([Move(1.02), step, STILL]))
    assert before.tobytes() == with_it.tobytes() == after.tobytes()


# --- any other picture


@pytest.fixture
def photograph() -> Picture:
    y, x = np.mgrid[-1:1:64j, -1:1:96j]
    face = (x * x + y * y < 0.4) * 110.0 + 60 * np.cos(2 * x + y) * np.cos(3 * y)
    picture: Picture = np.clip(np.stack([60 + face, 50 + 0.7 * face, 90 + 0.2 * face], axis=-1), 0, 255).astype(
        np.uint8
    )
    return picture


@pytest.mark.parametrize("border", ["replicate", "reflect", "wrap"])
def test_a_picture_of_the_user_moves_by_all_steps_at_once_and_stays_sharp(
    cppn: PictureEngine, photograph: Picture, border: Border
) -> None:
    size = 96, 64
    moves = [Move(1.01, 3, 2.5, -1)] * 40
    chain = requests(moves, border=border, size=size)
    shown = pictures(cppn, Keyframe(photograph, None), chain)
    for number in (1, 7, 40):
        by_hand = warped(photograph, all_of([each.warp for each in chain[:number]]), border)
        assert np.abs(shown[number - 1].astype(int) - by_hand).max() <= 1


def test_a_picture_of_the_user_moved_by_many_widths_comes_round_again(cppn: PictureEngine, photograph: Picture) -> None:
    for border, moves in (("wrap", 12), ("reflect", 24)):
        chain = requests([Move(translation_x=16)] * 12 * moves, border=border, size=(96, 64))  # type: ignore[arg-type]
        shown = pictures(cppn, Keyframe(photograph, None), chain)
        assert shown[-1].tobytes() == photograph.tobytes()


def test_a_picture_of_the_user_ripples_as_far_as_strength_has_walked_and_stays_itself(
    cppn: PictureEngine, photograph: Picture
) -> None:
    key = Keyframe(photograph, None)
    for strength, least in ((0.5, 0.5), (1.0, 1.0)):
        shown = [photograph, *pictures(cppn, key, requests([STILL] * 40, strength, coherence="LAB", size=(96, 64)))]
        assert max(steps(shown)) < 1.5
        assert least < apart(photograph, shown[-1]) < 25
        assert np.corrcoef(photograph.ravel(), shown[-1].ravel())[0, 1] > 0.8


def test_a_picture_of_the_user_can_be_zoomed_for_ever(cppn: PictureEngine, photograph: Picture) -> None:
    for zoom in (1.04, 0.96):
        chain = requests([Move(zoom)] * 900, coherence="LAB", size=(96, 64))
        shown = pictures(cppn, Keyframe(photograph, None), chain, 700)
        assert min(each.std() for each in shown) > 15
        assert max(steps(shown)) < 25


def test_noise_and_colours_of_a_picture_of_the_user_are_as_asked_for(cppn: PictureEngine, photograph: Picture) -> None:
    key, aside = Keyframe(photograph, None), [Move(translation_x=30)]
    plain, noisy, coherent = (
        pictures(cppn, key, requests(aside, border="replicate", size=(96, 64), **wish))[0]  # type: ignore[arg-type]
        for wish in ({}, {"noise": 0.04, "strength": 0.001}, {"coherence": "LAB"})
    )
    assert (noisy.astype(float) - plain).std() == pytest.approx(0.04 * 255, rel=0.15)
    assert abs(coherent.mean() - photograph.mean()) < 0.3 * abs(plain.mean() - photograph.mean())


def test_a_take_of_another_engine_and_another_size_is_moved_not_replaced(
    cppn: PictureEngine, photograph: Picture
) -> None:
    chain = requests([Move(1.1)] * 3, size=(64, 64))
    taken = pictures(cppn, Keyframe(photograph, KeyframeRequest("teal", "", 1, 64, 64)), chain)
    users = pictures(cppn, Keyframe(photograph, None), chain)
    assert [each.tobytes() for each in taken] == [each.tobytes() for each in users]
    assert users[0].shape == (64, 64, 3)


# --- the work can be stopped


def test_winding_up_hands_out_what_is_drawn_and_ends() -> None:
    key, is_over = keyframe(), [False]
    engine = CppnEngine(2, lambda: is_over[0])
    answers = engine.motion(key, requests([Move(1.01)] * 50), 1, key.picture)
    next(answers)
    is_over[0] = True
    assert len(list(answers)) <= 2
    engine.close()
