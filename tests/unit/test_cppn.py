"""What the cppn engine promises: the same request is the same picture, colours are obeyed, pictures live."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from itertools import combinations

import numpy as np
import pytest

from tests.unit.elsewhere import told_elsewhere
from vktrs.engines.cppn import engine as engine_module
from vktrs.engines.cppn import open_cppn
from vktrs.engines.cppn.colour_words import named_colours
from vktrs.engines.cppn.engine import draw_keyframe
from vktrs.engines.cppn.oklab import lab_from_linear, linear_from_srgb
from vktrs.engines.pictures import FrameRequest, Keyframe, KeyframeRequest, PictureEngine
from vktrs.picture import Picture

LYRICS = ["Daisy, Daisy, give me your answer do", "I'm half crazy", "all for the love of you", "it won't be stylish"]
THEMES = ["watercolour dream", "cosmic jazz", "paper cut-out", "an old computer", "art nouveau", "a castle"]
PROMPTS = [f"{lyric}, {theme}" for lyric in LYRICS for theme in THEMES]
SIDE = 96


@pytest.fixture
def cppn() -> Iterator[PictureEngine]:
    engine = open_cppn(2)
    yield engine
    engine.close()


def _request(prompt: str, seed: int = 1, size: tuple[int, int] = (SIDE, SIDE), negative: str = "") -> KeyframeRequest:
    return KeyframeRequest(prompt, negative, seed, *size)


def _picture(prompt: str, seed: int = 1, size: tuple[int, int] = (SIDE, SIDE), negative: str = "") -> Picture:
    return draw_keyframe(_request(prompt, seed, size, negative))


def _frames(key: KeyframeRequest, consistency: float, count: int = 7) -> list[FrameRequest]:
    return [
        FrameRequest(k, key.prompt, key.negative_prompt, 500 + k, consistency, key.width, key.height)
        for k in range(1, count + 1)
    ]


def _apart(one: Picture, other: Picture) -> float:
    """The mean difference in levels."""
    return float(np.abs(one.astype(np.float64) - other).mean())


def _lch(picture: Picture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lab = lab_from_linear(linear_from_srgb(picture.reshape(-1, 3) / 255))
    return lab[:, 0], np.hypot(lab[:, 1], lab[:, 2]), np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360


def _share_of_hue(picture: Picture, hue: float, within: float = 30) -> float:
    """Of all that is colourful, the share that has about this hue, weighed by its chroma."""
    _, chroma, hues = _lch(picture)
    near = np.abs((hues - hue + 180) % 360 - 180) < within
    return float(chroma[near].sum() / chroma.sum())


# --- the same request is the same picture


def test_a_batch_is_bit_for_bit_what_is_made_alone_in_any_order(cppn: PictureEngine) -> None:
    requests = [_request(prompt, seed) for seed, prompt in enumerate(PROMPTS[:6])]
    forwards = {r: p.tobytes() for r, p in cppn.keyframes(requests)}
    backwards = {r: p.tobytes() for r, p in cppn.keyframes(requests[::-1])}
    alone = {r: next(iter(cppn.keyframes([r])))[1].tobytes() for r in requests}
    assert forwards == backwards == alone and len(forwards) == 6


def test_a_batch_comes_in_the_order_of_its_requests(cppn: PictureEngine) -> None:
    requests = [_request("teal", seed) for seed in range(9)]
    assert [request for request, _ in cppn.keyframes(requests)] == requests
    assert list(cppn.keyframes([])) == []


_DIGEST = """
import hashlib
from vktrs.engines.cppn import open_cppn
from vktrs.engines.pictures import FrameRequest, Keyframe, KeyframeRequest
engine, digest = open_cppn(), hashlib.sha256()
for size in ((256, 256), (130, 70)):
    request = KeyframeRequest("love of you, violet stars", "blurry", 7, *size)
    (_, picture), = engine.keyframes([request])
    frames = [FrameRequest(k, request.prompt, "blurry", k, c, *size) for k, c in ((1, 0.72), (2, 0.2))]
    for key in (Keyframe(picture, request), Keyframe(picture, None)):
        for _, frame in engine.variations(key, frames):
            digest.update(picture.tobytes() + frame.tobytes())
print(digest.hexdigest())
"""


def test_other_processes_and_thread_counts_draw_the_same_bits() -> None:
    assert len(told_elsewhere(_DIGEST)) == 1


@pytest.mark.parametrize("size", [(48, 32), (16, 16), (16, 400), (510, 288), (512, 1024), (1300, 1200)])
def test_every_size_is_drawn_whole(size: tuple[int, int]) -> None:
    picture = _picture("a promenade, art nouveau", size=size)
    assert picture.shape == (size[1], size[0], 3) and picture.dtype == np.uint8 and picture.flags.c_contiguous
    assert picture.std() > 10


@pytest.mark.parametrize("prompt", ["", ",", " , ,", "♥♥♥", "\ud800", "a" * 5000, "1,2,3", "日本の歌, 夜"])
def test_any_text_is_a_prompt(prompt: str) -> None:
    assert _picture(prompt, size=(48, 48)).std() > 5


def test_wide_pictures_are_not_stretched() -> None:
    """The middle square of a wide picture is what a square one shows, but for its colours' shares and the vignette."""
    square = _picture("a castle", size=(192, 192)).astype(np.float64).mean(axis=2)
    wide = _picture("a castle", size=(256, 192)).astype(np.float64).mean(axis=2)
    squeezed = wide[:, np.linspace(0, 255, 192).astype(int)]
    cropped = np.corrcoef(square.ravel(), wide[:, 32:224].ravel())[0, 1]
    assert cropped > 0.8 and cropped > np.corrcoef(square.ravel(), squeezed.ravel())[0, 1] + 0.05


def test_no_computation_overflows() -> None:
    with np.errstate(all="raise", under="ignore"):
        for seed in range(6):
            for theme in THEMES:
                _picture(theme, seed, (64, 64))


# --- worth looking at


@pytest.mark.parametrize(
    "word", ["crimson", "teal", "gold", "midnight blue", "dark green", "violet", "orange", "hot pink", "turquoise"]
)
def test_a_colour_word_rules_the_picture(word: str) -> None:
    hue = named_colours(word)[0][2]
    for seed in (1, 2, 3):
        picture = _picture(f"give me your answer do, {word} dream", seed)
        assert _share_of_hue(picture, hue, 35) > 0.6, (word, seed)


@pytest.mark.parametrize("prompt", ["teal and orange", "crimson and gold", "violet and lime", "hot pink, navy"])
def test_two_colours_share_the_picture(prompt: str) -> None:
    for seed in (1, 2, 3):
        picture = _picture(prompt, seed)
        for colour in named_colours(prompt):
            assert _share_of_hue(picture, colour[2]) > 0.15, (prompt, seed)


def test_black_and_white_has_no_colour_and_both_ends() -> None:
    lightness, chroma, _ = _lch(_picture("a castle, black and white photograph"))
    assert chroma.mean() < 0.01 and np.percentile(lightness, 5) < 0.1 and np.percentile(lightness, 95) > 0.9


def test_a_colour_in_the_negative_prompt_stays_away() -> None:
    for theme in THEMES:
        for word in ("green", "orange"):
            hue = named_colours(word)[0][2]
            assert _share_of_hue(_picture(theme, negative=f"blurry, {word}"), hue, 18) < 0.1, (theme, word)


def test_no_picture_is_grey_mush() -> None:
    for seed, prompt in enumerate(PROMPTS):
        lightness, chroma, _ = _lch(_picture(prompt, seed))
        assert chroma.mean() > 0.06, (prompt, chroma.mean())
        assert lightness.std() > 0.09, (prompt, lightness.std())
        assert np.mean(lightness < 0.06) < 0.5 and np.mean(lightness > 0.98) < 0.2, prompt


def test_prompts_and_seeds_give_different_pictures() -> None:
    pictures = [_picture(prompt, seed, (48, 48)) for prompt in PROMPTS for seed in (1, 2)]
    assert min(_apart(one, other) for one, other in combinations(pictures, 2)) > 12


def _mean_hues(picture: Picture) -> np.ndarray:
    """How its colour is spread over 12 hues."""
    _, chroma, hues = _lch(picture)
    return np.histogram(hues, bins=12, range=(0, 360), weights=chroma / chroma.sum())[0]


def test_pictures_of_one_theme_are_more_alike_than_of_two() -> None:
    spread = {
        (lyric, theme): _mean_hues(_picture(f"{lyric}, {theme}", 1, (48, 48))) for lyric in LYRICS for theme in THEMES
    }
    within, between = [], []
    for (one, hues), (other, others) in combinations(spread.items(), 2):
        (within if one[1] == other[1] else between).append(np.abs(hues - others).sum())
    assert np.mean(within) < 0.5 * np.mean(between)


def test_gradients_have_no_bands() -> None:
    """In a band every pixel of a region has one value; grain within a level breaks them all up."""
    for theme in ("midnight blue", "pale pink", "watercolour dream"):
        picture = _picture(theme, 3, (512, 512)).astype(np.int16)
        for channel in range(3):
            plane = picture[..., channel]
            inside = (plane > 2) & (plane < 253)
            longest = 0
            for row in range(0, 512, 16):
                same = (np.diff(plane[row]) == 0) & inside[row, 1:]
                edges = np.flatnonzero(np.diff(np.concatenate([[0], same.view(np.int8), [0]])))
                longest = max(longest, int((edges[1::2] - edges[::2]).max(initial=0)))
            assert longest < 40, (theme, channel, longest)
            assert len(np.unique(plane)) > 60


# --- variations


@pytest.mark.parametrize("prompt", [f"{LYRICS[0]}, {theme}" for theme in THEMES])
def test_variations_leave_the_keyframe_as_consistency_falls(cppn: PictureEngine, prompt: str) -> None:
    request = _request(prompt, size=(192, 192))
    key = Keyframe(draw_keyframe(request), request)
    far = {}
    for consistency in (1.0, 0.9, 0.72, 0.5, 0.2):
        frames = [picture for _, picture in cppn.variations(key, _frames(request, consistency, 5))]
        far[consistency] = [_apart(key.picture, picture) for picture in frames]
    means = [float(np.mean(far[consistency])) for consistency in (1.0, 0.9, 0.72, 0.5, 0.2)]
    assert max(far[1.0]) == 0
    assert means == sorted(means)
    assert 2 < means[2] < 22, means
    assert min(far[0.2]) > 25 and means[4] > 3 * means[2], means


def test_breathing_pictures_are_neighbours_on_a_ring(cppn: PictureEngine) -> None:
    """The best tour of eight is shorter than it would be for eight unrelated steps: near ones follow each other."""
    for theme in THEMES:
        request = _request(f"{LYRICS[1]}, {theme}", size=(128, 128))
        key = Keyframe(draw_keyframe(request), request)
        frames = [picture for _, picture in cppn.variations(key, _frames(request, 0.72, 12))]
        distances = np.array([[_apart(one, other) for other in frames] for one in frames])
        np.fill_diagonal(distances, np.inf)
        finite = distances[np.isfinite(distances)]
        nearest = np.sort(distances, axis=1)[:, :2]
        assert finite.min() > 0.2, "each is a picture of its own"
        assert nearest.mean() < 0.62 * finite.mean(), theme


def test_variations_keep_the_colours_even_when_all_else_changes(cppn: PictureEngine) -> None:
    request = _request("half crazy, crimson velvet")
    key = Keyframe(draw_keyframe(request), request)
    for _, picture in cppn.variations(key, _frames(request, 0.1)):
        assert _share_of_hue(picture, named_colours("crimson")[0][2], 35) > 0.6


def test_another_seed_of_a_frame_is_another_picture(cppn: PictureEngine) -> None:
    request = _request("teal")
    key = Keyframe(draw_keyframe(request), request)
    requests = [FrameRequest(1, "teal", "", seed, 0.72, SIDE, SIDE) for seed in (1, 2)]
    one, other = (picture for _, picture in cppn.variations(key, requests))
    assert 0 < _apart(one, other) < 25


# --- the user's own picture


@pytest.fixture
def photograph() -> Picture:
    """Something with edges, soft light and a face to recognise."""
    y, x = np.mgrid[-1:1:128j, -1:1:192j]
    face = (x * x + y * y < 0.4) * 110.0 + 60 * np.cos(2 * x) * np.cos(3 * y)
    picture: Picture = np.clip(np.stack([60 + face, 50 + 0.7 * face, 90 + 0.2 * face], axis=-1), 0, 255).astype(
        np.uint8
    )
    return picture


def _user_frames(consistency: float, width: int = 192, height: int = 128) -> list[FrameRequest]:
    return [FrameRequest(k, "whatever", "", 70 + k, consistency, width, height) for k in range(1, 8)]


def test_a_picture_of_the_user_breathes_and_stays_itself(cppn: PictureEngine, photograph: Picture) -> None:
    means = []
    for consistency in (1.0, 0.9, 0.72, 0.5, 0.2):
        frames = [picture for _, picture in cppn.variations(Keyframe(photograph, None), _user_frames(consistency))]
        far = [_apart(photograph, picture) for picture in frames]
        assert len({picture.tobytes() for picture in frames}) == (1 if consistency == 1 else 7)
        means.append(float(np.mean(far)))
        alike = [np.corrcoef(photograph.ravel(), picture.ravel())[0, 1] for picture in frames]
        assert min(alike) > (0.9 if consistency >= 0.72 else 0.4)
    assert means[0] == 0 and means == sorted(means) and 1 < means[2] < 15 and means[4] > 2.5 * means[2], means


def test_a_picture_of_another_size_fills_the_frame(cppn: PictureEngine, photograph: Picture) -> None:
    for _, picture in cppn.variations(Keyframe(photograph, None), _user_frames(0.72, 64, 96)):
        assert picture.shape == (96, 64, 3)


def test_a_take_of_another_engine_is_warped_not_replaced(cppn: PictureEngine, photograph: Picture) -> None:
    """Its request is known, but what it shows is not what this engine would draw for it."""
    taken = Keyframe(photograph, _request("cosmic jazz", size=(192, 128)))
    for (_, one), (_, other) in zip(
        cppn.variations(taken, _user_frames(0.72)),
        cppn.variations(Keyframe(photograph, None), _user_frames(0.72)),
        strict=True,
    ):
        assert one.tobytes() == other.tobytes()


def test_pictures_of_this_engine_are_known_again_at_every_size() -> None:
    for seed, prompt in enumerate(PROMPTS[::3]):
        for size in ((48, 32), (96, 96), (512, 288), (1100, 1100)):
            request = _request(prompt, seed, size)
            assert engine_module._shows(draw_keyframe(request), request), (prompt, size)


# --- the work can be stopped


def test_a_closed_generator_stops_the_work(monkeypatch: pytest.MonkeyPatch, cppn: PictureEngine) -> None:
    drawn: list[int] = []
    go_on = threading.Event()

    def draw(request: KeyframeRequest) -> Picture:
        drawn.append(request.seed)
        assert request.seed == 0 or go_on.wait(30)
        return np.zeros((16, 16, 3), np.uint8)

    monkeypatch.setattr(engine_module, "draw_keyframe", draw)
    pictures = cppn.keyframes([_request("teal", seed) for seed in range(100)])
    assert isinstance(pictures, Generator) and drawn == [], "nothing is drawn before somebody asks"
    next(pictures)
    pictures.close()
    go_on.set()
    assert len(list(cppn.keyframes([_request("teal", 1000)]))) == 1, "the engine is free for other work at once"
    assert set(drawn) <= {0, 1, 2, 1000}


def test_reading_the_version_loads_no_numpy() -> None:
    code = "import sys, vktrs.engines.cppn as c; assert c.ENGINE_VERSION >= 1; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL).returncode == 0
