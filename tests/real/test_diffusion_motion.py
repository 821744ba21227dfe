"""The diffusers engine makes moving scenes: each picture from the one before, and the same when a chain is resumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.real.diffusion_desk import (
    SIDE,
    Desk,
    apart,
    cuda_is_full,
    frame_requests,
    gradient,
    opened,
    pictures,
    turns_taken,
    wrap,
)
from tests.real.tiny_diffusion import tiny_pipelines
from vktrs.engines.diffusion.jobs import BLANK, Job
from vktrs.engines.pictures import Answer, Keyframe, MotionRequest, PictureEngine
from vktrs.errors import Halted, InputError, MissingError, Stopped, VktrsError
from vktrs.motion.affine import IDENTITY, Move, matrix
from vktrs.picture import Picture

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

PICTURES = 5
TURN = matrix(Move(zoom=1.1, angle=10, translation_x=3.5), SIDE, SIDE)
SHIFT = (1.0, 0.0, 9.0, 0.0, 1.0, -6.0)  # to the right and up


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return tiny_pipelines(tmp_path_factory.mktemp("models"))


@pytest.fixture
def keyframe() -> Keyframe:
    return gradient()


def chain(count: int = PICTURES, **changes: Any) -> list[MotionRequest]:
    """Pictures 1 to `count`, each with a seed of its own, drawn in two steps of four."""
    plain = MotionRequest(1, "a daisy", "blurry", 0, TURN, "reflect", "LAB", 0.02, 0.5, None, SIDE, SIDE)
    return [replace(plain, k=k, seed=40 + k, **changes) for k in range(1, count + 1)]


def moved(
    engine: PictureEngine, keyframe: Keyframe, asked: Sequence[MotionRequest], first: int = 1, previous: Any = None
) -> list[Picture]:
    """Pictures `first` to the last one, in their order; from the keyframe where nothing was before."""
    answers = engine.motion(keyframe, asked, first, keyframe.picture if previous is None else previous)
    made = pictures(answers)
    assert list(made) == list(asked[first - 1 :])
    return list(made.values())


# the chain


@pytest.mark.parametrize(("kind", "scheduler"), [("sd", None), ("sd", "euler a"), ("xl", None), ("xl", "lcm")])
def test_a_chain_resumed_from_any_of_its_files_goes_on_as_it_would_have(
    models: dict[str, Path], keyframe: Keyframe, kind: str, scheduler: str | None
) -> None:
    options = {} if scheduler is None else {"scheduler": scheduler}
    asked = chain()
    asked[2] = replace(asked[2], strength=0.0)
    asked[3] = replace(asked[3], guidance_scale=3.0, border="wrap", color_coherence="none")
    whole = moved(opened(models[kind], **options), keyframe, asked)
    assert min(apart(one, other) for one, other in pairwise(whole)) > 5
    engine = opened(models[kind], **options)
    for first in range(2, PICTURES + 1):
        resumed = moved(engine, keyframe, asked, first, whole[first - 2])
        assert max(apart(one, other) for one, other in zip(resumed, whole[first - 1 :], strict=True)) <= 1


def test_each_picture_is_made_from_the_one_before(models: dict[str, Path], keyframe: Keyframe) -> None:
    engine = opened(models["sd"])
    asked = chain(3, color_coherence="none")
    one, other = (moved(engine, keyframe, asked, 2, before) for before in (keyframe.picture, 255 - keyframe.picture))
    assert min(apart(*pair) for pair in zip(one, other, strict=True)) > 5
    again = chain(3, color_coherence="none")
    again[1] = replace(again[1], seed=7)
    first, second, third = (
        apart(*pair) for pair in zip(*(moved(engine, keyframe, a) for a in (asked, again)), strict=True)
    )
    assert first == 0
    assert min(second, third) > 5


def test_nothing_goes_through_the_processor_between_two_pictures_and_words_are_read_once(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import CLIPTextModel

    from vktrs.engines.diffusion.decoding import Coder

    noted: list[str] = []

    def note(what: str) -> Callable[..., Any]:
        def call(real: Any, self: Any, *given: Any, **named: Any) -> Any:
            noted.append(what)
            return real(self, *given, **named)

        return call

    wrap(monkeypatch, Coder, "sheet", note("brought there"))
    wrap(monkeypatch, CLIPTextModel, "forward", note("read"))
    desk = Desk()
    moved(opened(models["sd"], desk), keyframe, chain())
    assert desk.batches == [1] * PICTURES
    assert noted.count("brought there") == 2, "the keyframe, and the picture to begin with"
    assert noted.count("read") == 2, "the prompt and the negative one"


def test_nothing_is_left_to_make_after_the_last(models: dict[str, Path], keyframe: Keyframe) -> None:
    desk = Desk()
    assert list(opened(models["sd"], desk).motion(keyframe, chain(2), 3, keyframe.picture)) == []
    assert desk.steps == []


@pytest.mark.parametrize(
    ("options", "strength", "steps"),
    [({}, 0.5, 2), ({}, 1.0, 4), ({"steps": 1}, 0.28, 2), ({"scheduler": "lcm"}, 0.01, 1)],
)
def test_strength_means_as_many_steps_as_in_a_variation(
    models: dict[str, Path], keyframe: Keyframe, options: dict[str, Any], strength: float, steps: int
) -> None:
    desk = Desk()
    engine = opened(models["sd"], desk, **options)
    moved(engine, keyframe, chain(2, strength=strength))
    assert desk.steps == [(1, step, steps) for step in range(1, steps + 1)] * 2
    desk.steps.clear()
    pictures(engine.variations(keyframe, frame_requests(1 - strength)[:1]))
    assert desk.steps == [(1, step, steps) for step in range(1, steps + 1)]


def test_a_picture_that_does_not_move_is_the_variation_with_its_seed(
    models: dict[str, Path], keyframe: Keyframe
) -> None:
    engine = opened(models["sd"])
    (variation,) = pictures(engine.variations(keyframe, frame_requests(0.5)[:1])).values()
    still = [replace(chain(1, warp=IDENTITY, noise=0.0)[0], seed=frame_requests()[0].seed)]
    assert apart(moved(engine, keyframe, still)[0], variation) <= 1


def test_noise_changes_the_picture_and_is_the_same_each_time(models: dict[str, Path], keyframe: Keyframe) -> None:
    engine = opened(models["sd"])
    (without,), (one,), (again,) = (moved(engine, keyframe, chain(1, noise=much)) for much in (0.0, 0.1, 0.1))
    assert apart(one, again) == 0
    assert apart(one, without) > 3


def test_noise_has_the_deviation_that_was_asked_for_and_stays_a_picture() -> None:
    from vktrs.engines.diffusion.moving import noisy

    grey = torch.full((3, SIDE, SIDE), 128, dtype=torch.uint8)
    assert float(noisy(grey, 0.05, 7).std()) == pytest.approx(0.05 * 255, rel=0.03)
    assert torch.equal(noisy(grey, 0.0, 7), grey.float())
    wild = noisy(grey, 3.0, 7)
    assert (float(wild.min()), float(wild.max())) == (0.0, 255.0)


def test_the_guidance_scale_of_a_picture_holds_before_the_one_of_the_options(
    models: dict[str, Path], keyframe: Keyframe
) -> None:
    engine = opened(models["sd"], guidance_scale=5.0)
    (own,), (same,), (more,) = (moved(engine, keyframe, chain(1, guidance_scale=each)) for each in (None, 5.0, 12.0))
    assert apart(own, same) == 0
    assert apart(own, more) > 3


@pytest.mark.parametrize("kind", ["sd", "xl"])
def test_a_negative_prompt_counts_where_the_picture_is_guided_though_the_options_are_not(
    models: dict[str, Path], keyframe: Keyframe, kind: str
) -> None:
    desk = Desk()
    engine = opened(models[kind], desk, guidance_scale=1.0)
    (one,), (other,) = (
        moved(engine, keyframe, chain(1, guidance_scale=6.0, negative_prompt=each)) for each in ("", "blurry")
    )
    assert apart(one, other) > 3
    assert desk.remarks == []
    (one,), (other,) = (moved(engine, keyframe, chain(1, negative_prompt=each)) for each in ("", "blurry"))
    assert apart(one, other) == 0
    (remark,) = desk.remarks
    assert "with guidance_scale 1 this model runs without guidance" in remark


def test_a_size_off_the_grid_is_refused(models: dict[str, Path], keyframe: Keyframe) -> None:
    with pytest.raises(InputError, match="multiples of 8"):
        list(opened(models["sd"]).motion(keyframe, chain(width=60), 1, keyframe.picture))


def test_a_keyframe_of_another_size_is_fitted(models: dict[str, Path], keyframe: Keyframe) -> None:
    assert len(moved(opened(models["sd"]), keyframe, chain(2, width=96, height=32))) == 2


# what is moved and not drawn


def test_at_strength_0_the_moved_picture_itself_is_the_answer(models: dict[str, Path], keyframe: Keyframe) -> None:
    desk = Desk()
    asked = chain(strength=0.0, warp=SHIFT, border="wrap", color_coherence="none", noise=0.1)
    for number, picture in enumerate(moved(opened(models["sd"], desk), keyframe, asked), 1):
        assert apart(picture, np.roll(keyframe.picture, (-6 * number, 9 * number), (0, 1))) == 0
    assert desk.steps == []


@pytest.mark.parametrize(("border", "mode"), [("replicate", "edge"), ("reflect", "symmetric"), ("wrap", "wrap")])
def test_what_comes_from_beyond_the_edge_is_what_the_border_says(
    models: dict[str, Path], border: str, mode: Any
) -> None:
    start = Keyframe(np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8), None)
    asked = chain(1, strength=0.0, warp=SHIFT, border=border, color_coherence="none")
    (picture,) = moved(opened(models["sd"]), start, asked)
    beyond = np.pad(start.picture, ((0, 6), (9, 0), (0, 0)), mode=mode)
    assert apart(picture, beyond[6:, :SIDE]) == 0


def lab(picture: Picture) -> Any:
    """Mean and deviation of L, a and b, as Little CMS sees them: six numbers in shares of 255."""
    from PIL import Image, ImageCms

    spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    seen = ImageCms.profileToProfile(Image.fromarray(picture), *spaces, outputMode="LAB")
    assert seen
    values = np.asarray(seen).astype(int)
    values[..., 1:] = (values[..., 1:] + 128) % 256
    return np.concatenate([values.mean(axis=(0, 1)), values.std(axis=(0, 1))])


def test_the_colours_of_a_chain_stay_those_of_the_keyframe(models: dict[str, Path], keyframe: Keyframe) -> None:
    """The last is not drawn, so that it shows what it would have been drawn from: random weights keep no colours."""

    def away(coherence: str) -> float:
        asked = chain(6, color_coherence=coherence)
        asked[-1] = replace(asked[-1], strength=0.0)
        last = moved(opened(models["sd"]), keyframe, asked)[-1]
        return float(np.abs(lab(last) - lab(keyframe.picture)).max())

    assert away("LAB") < 5
    assert away("none") > 15


def test_a_zoom_of_0_leaves_one_colour(models: dict[str, Path], keyframe: Keyframe) -> None:
    gone = matrix(Move(zoom=0), SIDE, SIDE)
    asked = chain(1, strength=0.0, warp=gone, color_coherence="none")
    (picture,) = moved(opened(models["sd"]), keyframe, asked)
    assert apart(picture, np.rint(keyframe.picture.mean(axis=(0, 1)))) == 0


# stopping


@pytest.mark.parametrize("stop_at", [0, 3])
def test_a_stop_is_followed_within_a_step_and_the_engine_goes_on_afterwards(
    models: dict[str, Path], keyframe: Keyframe, stop_at: int
) -> None:
    desk = Desk()
    engine = opened(models["sd"], desk)
    whole = moved(engine, keyframe, chain())
    desk.steps.clear()
    desk.stop_at = stop_at
    made: list[Answer] = []
    with pytest.raises(Stopped):
        made.extend(answer for _, answer in engine.motion(keyframe, chain(), 1, keyframe.picture))
    assert len(desk.steps) == stop_at
    assert len(made) == stop_at // 2
    desk.stop_at = None
    again = moved(engine, keyframe, chain(), 2, whole[0])
    assert max(apart(*pair) for pair in zip(again, whole[1:], strict=True)) == 0


@pytest.mark.parametrize("strength", [0.5, 0.0])
def test_a_stop_is_followed_between_pictures(models: dict[str, Path], keyframe: Keyframe, strength: float) -> None:
    desk = Desk()
    going = opened(models["sd"], desk).motion(keyframe, chain(strength=strength), 1, keyframe.picture)
    next(going)
    desk.stop_at = 0
    with pytest.raises(Stopped):
        next(going)


def test_winding_up_hands_out_the_picture_in_hand_and_begins_no_other(
    models: dict[str, Path], keyframe: Keyframe
) -> None:
    desk = Desk()
    desk.winding_up = lambda: len(desk.steps) >= 3  # in the second picture
    assert len(list(opened(models["sd"], desk).motion(keyframe, chain(), 1, keyframe.picture))) == 2
    assert desk.batches == [1, 1]


# mishaps


@pytest.fixture
def offloaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return turns_taken(monkeypatch)


def no_room_for_drawing(patch: pytest.MonkeyPatch, fits: Callable[[], bool]) -> None:
    def run(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        if not fits():
            raise cuda_is_full()
        return real(self, *given, **named)

    wrap(patch, diffusers.UNet2DConditionModel, "forward", run)


def no_room_for_moving(patch: pytest.MonkeyPatch, fits: Callable[[], bool]) -> None:
    from vktrs.engines.diffusion import moving

    real = moving.warped

    def warped(*given: Any) -> Any:
        if not fits():
            raise cuda_is_full()
        return real(*given)

    patch.setattr(moving, "warped", warped)


@pytest.mark.parametrize("no_room", [no_room_for_drawing, no_room_for_moving])
def test_where_memory_ends_the_parts_take_turns_and_the_chain_goes_on_the_same(
    models: dict[str, Path],
    keyframe: Keyframe,
    monkeypatch: pytest.MonkeyPatch,
    offloaded: list[str],
    no_room: Callable[..., None],
) -> None:
    expected = moved(opened(models["sd"]), keyframe, chain())
    desk = Desk()
    # Somebody else takes the memory while the third picture is made.
    no_room(monkeypatch, lambda: len(desk.steps) < 4 or bool(offloaded))
    made = moved(opened(models["sd"], desk), keyframe, chain())
    assert max(apart(*pair) for pair in zip(made, expected, strict=True)) == 0
    assert len(offloaded) == 1
    assert [each for each in desk.remarks if "take turns" in each] == desk.remarks


@pytest.mark.parametrize("no_room", [no_room_for_drawing, no_room_for_moving])
def test_memory_that_is_too_small_for_one_picture_is_said_with_what_to_do(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch, no_room: Callable[..., None]
) -> None:
    no_room(monkeypatch, lambda: False)
    with pytest.raises(MissingError, match=f"too small for one picture of {SIDE}x{SIDE}"):
        list(opened(models["sd"]).motion(keyframe, chain(), 1, keyframe.picture))


def test_an_autoencoder_without_room_for_a_whole_picture_works_tile_by_tile_on_both_ways(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = diffusers.models.autoencoders.vae

    def limit(kind: type, pixels: int) -> None:
        def run(real: Any, self: Any, sample: Any, *rest: Any, **named: Any) -> Any:
            if sample.shape[-1] * sample.shape[-2] > pixels:
                raise cuda_is_full()
            return real(self, sample, *rest, **named)

        wrap(monkeypatch, kind, "forward", run)

    limit(parts.Decoder, 16 * 16)
    limit(parts.Encoder, 128 * 128)
    desk = Desk()
    assert len(moved(opened(models["sd"], desk), keyframe, chain(2, width=256, height=192))) == 2
    assert [" ".join(each.split()[:8]) for each in desk.remarks] == [
        f"Memory is too small to {way} a whole" for way in ("encode", "decode")
    ]


def test_a_device_that_fails_ends_the_run_with_its_reason(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warped(*_: Any) -> Any:
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be ...")

    monkeypatch.setattr("vktrs.engines.diffusion.moving.warped", warped)
    with pytest.raises(Halted) as raised:
        list(opened(models["sd"]).motion(keyframe, chain(), 1, keyframe.picture))
    assert raised.value.message.endswith("an illegal memory access was encountered.")


def is_half(module: Any) -> bool:
    return bool(next(module.parameters()).dtype.itemsize == 2)


def test_a_picture_whose_numbers_overflow_is_made_again_in_float32(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = chain(3)
    plain = moved(opened(models["sd"], dtype="bfloat16"), keyframe, asked)
    desk = Desk()

    def run(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        (predicted,) = real(self, *given, **named)
        if is_half(self) and len(desk.steps) < 4:  # in the first and in the second picture, which is a try of the first
            predicted[:] = float("inf")
        return (predicted,)

    wrap(monkeypatch, diffusers.UNet2DConditionModel, "forward", run)
    engine = opened(models["sd"], desk, dtype="bfloat16")
    made = moved(engine, keyframe, asked)
    assert desk.batches == [1, 1, 1, 1]
    assert [each for each in desk.remarks if "made again in float32" in each] == desk.remarks
    assert abs(made[0].astype(float) - plain[0]).mean() < 3
    assert engine._loaded.text.unet.dtype == torch.bfloat16  # type: ignore[attr-defined]


def test_where_float32_does_not_help_that_is_the_answer_and_the_chain_ends(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()

    def run(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        (predicted,) = real(self, *given, **named)
        if len(desk.steps) >= 2:
            predicted[:] = float("nan")
        return (predicted,)

    wrap(monkeypatch, diffusers.UNet2DConditionModel, "forward", run)
    (_, first), (asked, second) = opened(models["sd"], desk).motion(keyframe, chain(), 1, keyframe.picture)
    assert not isinstance(first, VktrsError)
    assert asked.k == 2
    assert isinstance(second, VktrsError)
    assert second.message == "Picture 2 of “a daisy” cannot be made: the model's numbers overflow."


@pytest.mark.parametrize("way", ["encode", "decode"])
def test_an_autoencoder_that_overflows_works_in_float32_from_then_on(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    used = []

    def run(real: Any, self: Any, sample: Any, *rest: Any, **named: Any) -> Any:
        used.append(is_half(self))
        return real(self, sample * float("nan") if is_half(self) else sample, *rest, **named)

    wrap(monkeypatch, diffusers.AutoencoderKL, way, run)
    desk = Desk()
    assert len(moved(opened(models["sd"], desk, dtype="bfloat16"), keyframe, chain(3))) == 3
    assert used == [True, False, False, False]
    (remark,) = desk.remarks
    assert "autoencoder overflows in half precision" in remark


def blank(patch: pytest.MonkeyPatch, which: Callable[[int], bool]) -> None:
    """What is decoded is black where `which` says so of its number, from 0."""
    numbers: Iterator[int] = iter(range(1000))

    def decode(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        (sheet,) = real(self, *given, **named)
        return (sheet * 0 - 1 if which(next(numbers)) else sheet,)

    wrap(patch, diffusers.AutoencoderKL, "decode", decode)


def test_a_picture_that_is_not_to_be_shown_is_made_with_another_seed_and_the_chain_goes_on_from_that(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = chain()
    again = Job(asked[1], asked[1].seed).after(BLANK)
    assert again
    expected = moved(opened(models["sd"]), keyframe, [asked[0], replace(asked[1], seed=again.seed), *asked[2:]])
    blank(monkeypatch, lambda number: number == 1)
    desk = Desk()
    made = moved(opened(models["sd"], desk), keyframe, asked)
    assert max(apart(*pair) for pair in zip(made, expected, strict=True)) == 0
    (remark,) = desk.remarks
    assert remark.startswith(f"Picture 2 of “a daisy” was made with seed {again.seed}:")


def test_after_the_last_seed_the_answer_is_why_and_the_chain_ends(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank(monkeypatch, lambda number: number >= 1)
    desk = Desk()
    answers = list(opened(models["sd"], desk).motion(keyframe, chain(), 1, keyframe.picture))
    assert [request.k for request, _ in answers] == [1, 2]
    failed = answers[1][1]
    assert isinstance(failed, VktrsError)
    assert "Picture 2 of “a daisy” cannot be shown: 6 pictures came out in a single colour" in failed.message
    assert desk.batches == [1] * 7


def test_a_compiled_model_compiles_nothing_anew_along_a_chain(
    models: dict[str, Path], keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vktrs.engines.diffusion import compiling

    compiled: list[object] = []

    def backend(graph: Any, _examples: Any) -> Any:
        compiled.append(graph)
        return graph.forward

    real = compiling.compile_forward
    monkeypatch.setattr(
        compiling,
        "compile_forward",
        lambda part, remark: real(part, remark, backend) if isinstance(part, diffusers.UNet2DConditionModel) else None,
    )
    torch._dynamo.reset()
    expected = moved(opened(models["sd"]), keyframe, chain(3))
    going = opened(models["sd"], compile=True).motion(keyframe, chain(3), 1, keyframe.picture)
    made = [next(going)[1]]
    once = len(compiled)
    made += [answer for _, answer in going]
    torch._dynamo.reset()
    assert once > 0
    assert len(compiled) == once
    assert (
        max(apart(one, other) for one, other in zip(made, expected, strict=True) if not isinstance(one, VktrsError))
        <= 1
    )
