"""The diffusers engine where memory ends beside the denoising, and what it holds of it: injected, without a GPU."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
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
    keyframe_requests,
    opened,
    pictures,
    turns_taken,
    wrap,
)
from tests.real.tiny_diffusion import tiny_pipelines
from vktrs.errors import InputError, MissingError, VktrsError

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return tiny_pipelines(tmp_path_factory.mktemp("models"))


@pytest.fixture
def offloaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return turns_taken(monkeypatch)


# the autoencoder


def no_room_to_upcast(patch: pytest.MonkeyPatch, fits: Callable[[], bool]) -> None:
    def to(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        if named.get("dtype") == torch.float32 and not fits():
            self.encoder.to(dtype=torch.float32)  # memory ends half way
            raise cuda_is_full()
        return real(self, *given, **named)

    wrap(patch, diffusers.AutoencoderKL, "to", to)


def test_an_autoencoder_without_room_for_float32_has_the_parts_take_turns_before_anything_is_painted(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, offloaded: list[str]
) -> None:
    no_room_to_upcast(monkeypatch, lambda: bool(offloaded))
    desk = Desk(batch=8)
    engine = opened(models["xl"], desk, dtype="float16")
    assert len(pictures(engine.keyframes(keyframe_requests()))) == 8
    assert len(offloaded) == 1
    assert desk.batches == [8]
    assert [each for each in desk.remarks if "take turns" in each] == desk.remarks


def test_an_autoencoder_that_never_has_room_is_a_sentence(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    no_room_to_upcast(monkeypatch, lambda: False)
    desk = Desk()
    engine = opened(models["xl"], desk, dtype="float16")
    with pytest.raises(MissingError, match=f"too small for one picture of {SIDE}x{SIDE}"):
        list(engine.keyframes(keyframe_requests()))
    assert desk.batches == []


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_only_in_float16_the_autoencoder_of_sdxl_needs_more(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, dtype: str
) -> None:
    used = []

    def decode(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        used.append(self.dtype)
        return real(self, *given, **named)

    wrap(monkeypatch, diffusers.AutoencoderKL, "decode", decode)
    pictures(opened(models["xl"], dtype=dtype).keyframes(keyframe_requests()[:1]))
    assert used == [torch.float32 if dtype == "float16" else torch.bfloat16]


def test_a_picture_too_large_to_decode_is_decoded_in_tiles_and_nothing_is_painted_again(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [replace(each, width=256, height=192) for each in keyframe_requests()[:3]]
    whole = pictures(opened(models["sd"]).keyframes(asked))
    decoder = diffusers.models.autoencoders.vae.Decoder

    def decode(real: Any, self: Any, sample: Any, *rest: Any, **named: Any) -> Any:
        if sample.shape[0] * sample.shape[-1] * sample.shape[-2] > 16 * 16:
            raise cuda_is_full()
        return real(self, sample, *rest, **named)

    wrap(monkeypatch, decoder, "forward", decode)
    desk = Desk(batch=3)
    engine = opened(models["sd"], desk)
    made = pictures(engine.keyframes(asked))
    assert desk.batches == [3]
    assert len(desk.remarks) == 1
    assert "tile by tile" in desk.remarks[0]
    for each in asked:
        away = np.abs(made[each].astype(int) - whole[each]).mean()
        others = [np.abs(made[each].astype(int) - whole[other]).mean() for other in asked if other != each]
        assert away * 2 < min(others)
    pictures(engine.variations(gradient(), frame_requests()[:1]))
    assert len(desk.remarks) == 1, "encoding had room for a whole picture"


def test_latents_are_kept_where_the_parts_have_to_take_turns_to_decode_them(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, offloaded: list[str]
) -> None:
    expected = pictures(opened(models["sd"]).keyframes(keyframe_requests()))

    def decode(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        if not offloaded:
            raise cuda_is_full()
        return real(self, *given, **named)

    wrap(monkeypatch, diffusers.AutoencoderKL, "decode", decode)
    desk = Desk(batch=8)
    made = pictures(opened(models["sd"], desk).keyframes(keyframe_requests()))
    assert desk.batches == [8]
    assert len(offloaded) == 1
    assert max(apart(made[each], expected[each]) for each in expected) <= 1


# what pictures take


def test_the_largest_part_of_a_model_is_the_one_that_denoises(models: dict[str, Path]) -> None:
    from vktrs.engines.diffusion.memory import largest_part

    pipeline = opened(models["sd"])._loaded.text  # type: ignore[attr-defined]
    assert largest_part(pipeline) == sum(each.nbytes for each in pipeline.unet.parameters())


def test_where_parts_take_turns_the_weights_are_not_counted_as_what_pictures_take(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, offloaded: list[str]
) -> None:
    """A device with room for the largest part and four pictures, as torch would count them."""

    def denoise(real: Any, self: Any, *given: Any, **named: Any) -> Any:
        if not offloaded:
            raise cuda_is_full()
        return real(self, *given, **named)

    wrap(monkeypatch, diffusers.UNet2DConditionModel, "forward", denoise)
    picture = 4 * SIDE * SIDE * 1500
    part = 6 * picture
    desk = Desk()
    drawing = "vktrs.engines.diffusion.drawing"
    monkeypatch.setattr(f"{drawing}.largest_part", lambda _: part)
    monkeypatch.setattr(f"{drawing}.free_bytes", lambda _: part + int(4.5 * picture / 0.85))
    monkeypatch.setattr(f"{drawing}.Meter.used_bytes", lambda _: part + desk.batches[-1] * picture)
    engine = opened(models["sd"], desk)
    made = pictures(engine.keyframes(keyframe_requests())) | pictures(engine.variations(gradient(), frame_requests()))
    assert len(made) == 16
    assert desk.batches == [4, 4, 4, 4]


def overflow_in_half(patch: pytest.MonkeyPatch) -> None:
    """The second of each batch overflows, and there is no memory for float32."""

    def run(real: Any, self: Any, sample: Any, *rest: Any, **named: Any) -> Any:
        if self.dtype == torch.float32:
            raise cuda_is_full()
        (predicted,) = real(self, sample, *rest, **named)
        predicted[1 % len(predicted)] = float("inf")
        return (predicted,)

    wrap(patch, diffusers.UNet2DConditionModel, "forward", run)


def test_a_picture_that_has_no_memory_for_float32_says_so_and_the_others_come(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    overflow_in_half(monkeypatch)
    desk = Desk(batch=8)
    engine = opened(models["sd"], desk, dtype="bfloat16")
    answers = dict(engine.keyframes(keyframe_requests()))
    assert desk.batches == [8]
    (failed,) = [each for each in answers.values() if isinstance(each, VktrsError)]
    assert "memory is too small to make it in float32" in failed.message
    assert engine._loaded.text.unet.dtype == torch.bfloat16  # type: ignore[attr-defined]


def test_a_closed_engine_holds_nothing_of_its_model(models: dict[str, Path]) -> None:
    engine = opened(models["sd"])
    parts = [weakref.ref(getattr(engine._loaded.text, name)) for name in ("unet", "vae", "text_encoder")]  # type: ignore[attr-defined]
    pictures(engine.variations(gradient(), frame_requests()[:1]))
    engine.close()
    engine.close()
    gc.collect()
    assert [each() for each in parts] == [None] * 3


def test_what_is_remembered_of_prompts_is_bounded(models: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from vktrs.engines.diffusion import prompts

    reader = opened(models["xl"])._reader  # type: ignore[attr-defined]
    with torch.inference_mode():
        pair = reader.read("0", "none").nbytes
        assert pair > 2 * 77 * 80 * 4  # two texts of so many places, so wide
        monkeypatch.setattr(prompts, "_REMEMBERED_BYTES", 3 * pair)
        words = [reader.read(str(number), "none") for number in range(8)]
        assert reader.remembered_bytes == 3 * pair
        assert reader.read("7", "none") is words[7]
        assert reader.read("0", "none") is not words[0]
        long = reader.read("a long one " * 80, "none")
        assert reader.read("a long one " * 80, "none") is long, "also one that is larger than all that may be kept"


# the device and the scheduler


def test_each_step_is_waited_for_on_the_device_that_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    from vktrs.engines.diffusion.painting import _Watch

    waited: list[str] = []

    class Stream:
        def __init__(self, device: str) -> None:
            self.device = device

        def record_event(self) -> Stream:
            return self

        def synchronize(self) -> None:
            waited.append(self.device)

    class Pipeline:
        num_timesteps = 2

    monkeypatch.setattr(torch.cuda, "current_stream", Stream)
    watch = _Watch(Desk().workplace(), 1, "cuda:1")
    for index in range(2):
        watch(Pipeline(), index, None, {})
    assert waited == ["cuda:1"]


@pytest.mark.parametrize("kind", [ValueError, IndexError])
def test_what_a_scheduler_refuses_is_told_in_its_own_words(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def step(*_: Any, **__: Any) -> Any:
        raise kind("index 4 is out of bounds for dimension 0 with size 4\nand more")

    monkeypatch.setattr(diffusers.DDIMScheduler, "step", step)
    with pytest.raises(InputError) as raised:
        list(opened(models["sd"]).keyframes(keyframe_requests()))
    assert raised.value.message.endswith(": index 4 is out of bounds for dimension 0 with size 4.")


def test_a_mistake_after_the_painting_is_not_laid_on_the_options(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: Any, **__: Any) -> Any:
        raise ValueError("ours")

    monkeypatch.setattr(diffusers.AutoencoderKL, "decode", decode)
    with pytest.raises(ValueError, match="ours"):
        list(opened(models["sd"]).keyframes(keyframe_requests()))
