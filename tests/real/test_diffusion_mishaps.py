"""The diffusers engine where something goes wrong: no memory, overflowing numbers, pictures not to be shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.real.diffusion_desk import (
    SEEDS,
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
from tests.real.tiny_diffusion import tiny_pipeline
from vktrs.engines.diffusion.jobs import BLANK, Job
from vktrs.engines.pictures import Keyframe, KeyframeRequest
from vktrs.errors import Halted, MissingError, VktrsError
from vktrs.picture import Picture

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_pipeline(tmp_path_factory.mktemp("models") / "sd")


@pytest.fixture
def keyframe() -> Keyframe:
    return gradient()


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A model whose memory takes no more than so many pictures; each has two halves, for guidance."""

    def holds(most: int, error: Callable[[], BaseException]) -> None:
        def run(real: Any, self: Any, sample: Any, *rest: Any, **named: Any) -> Any:
            if len(sample) > 2 * most:
                raise error()
            return real(self, sample, *rest, **named)

        wrap(monkeypatch, diffusers.UNet2DConditionModel, "forward", run)

    return holds


def computer_is_full() -> BaseException:
    return RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory")


def one_dnn_gets_none() -> BaseException:
    return RuntimeError("could not create a primitive")


def cudnn_gets_none() -> BaseException:
    return RuntimeError("GET was unable to find an engine to execute this computation")


@pytest.mark.parametrize("error", [cuda_is_full, computer_is_full, MemoryError, one_dnn_gets_none, cudnn_gets_none])
def test_batches_are_halved_until_one_fits_and_nothing_is_made_twice(
    model: Path, keyframe: Keyframe, memory: Callable[..., None], error: Callable[[], BaseException]
) -> None:
    roomy = opened(model)
    expected = pictures(roomy.keyframes(keyframe_requests())) | pictures(roomy.variations(keyframe, frame_requests()))
    memory(2, error)
    desk = Desk(batch=8)
    engine = opened(model, desk)
    made = pictures(engine.keyframes(keyframe_requests()))
    assert desk.batches == [2, 2, 2, 2]
    assert [each.rpartition(": ")[2] for each in desk.remarks] == ["4 from here on.", "2 from here on."]
    made |= pictures(engine.variations(keyframe, frame_requests()))
    assert desk.batches == [2] * 8, "what was learned is kept"
    assert len(desk.remarks) == 2
    assert max(apart(made[each], expected[each]) for each in expected) <= 1


def test_what_was_handed_out_before_memory_ran_out_is_not_made_again(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def run(real: Any, self: Any, sample: Any, *rest: Any, **named: Any) -> Any:
        calls.append(len(sample) // 2)
        if len(calls) == 6:  # in the second batch: somebody else took the memory
            raise cuda_is_full()
        return real(self, sample, *rest, **named)

    wrap(monkeypatch, diffusers.UNet2DConditionModel, "forward", run)
    made = pictures(opened(model, Desk(batch=4)).keyframes(keyframe_requests()))
    assert len(made) == 8
    assert calls == [4] * 6 + [2] * 8


def test_one_picture_that_does_not_fit_is_said_with_what_to_do(model: Path, memory: Callable[..., None]) -> None:
    memory(0, cuda_is_full)
    with pytest.raises(MissingError) as raised:
        list(opened(model, Desk(batch=2)).keyframes(keyframe_requests()))
    assert f"too small for one picture of {SIDE}x{SIDE}." in raised.value.message
    assert "smaller" in raised.value.hint


@pytest.mark.parametrize("error", [one_dnn_gets_none, cudnn_gets_none])
def test_what_most_often_means_memory_is_quoted_where_less_does_not_help(
    model: Path, memory: Callable[..., None], error: Callable[[], BaseException]
) -> None:
    memory(0, error)
    with pytest.raises(MissingError, match="too small for one picture") as raised:
        list(opened(model, Desk(batch=2)).keyframes(keyframe_requests()))
    assert raised.value.message.endswith(f"(the library says: {error()}).")


def test_what_a_library_cannot_do_is_no_lack_of_memory(model: Path, memory: Callable[..., None]) -> None:
    said = "could not create a primitive descriptor for the matmul primitive. Run workload with ..."
    memory(0, lambda: RuntimeError(said))
    with pytest.raises(Halted, match="primitive descriptor"):
        list(opened(model, Desk(batch=2)).keyframes(keyframe_requests()))


def test_on_a_gpu_the_parts_of_the_model_take_turns_before_it_gives_up(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offloaded = turns_taken(monkeypatch)
    failures = []

    def run(real: Any, self: Any, sample: Any, *rest: Any, **named: Any) -> Any:
        if not offloaded or len(sample) > 4:
            failures.append(len(sample) // 2)
            raise cuda_is_full()
        return real(self, sample, *rest, **named)

    wrap(monkeypatch, diffusers.UNet2DConditionModel, "forward", run)
    desk = Desk(batch=4)
    made = pictures(opened(model, desk).keyframes(keyframe_requests()))
    assert len(made) == 8
    assert offloaded == ["cpu"]
    assert failures == [4, 2, 1, 4]
    assert len([each for each in desk.remarks if "take turns" in each]) == 1


def test_a_full_memory_while_decoding_does_not_halve_the_batch(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = pictures(opened(model).keyframes(keyframe_requests()))

    def decode(real: Any, self: Any, latents: Any, *rest: Any, **named: Any) -> Any:
        if len(latents) > 1:
            raise cuda_is_full()
        return real(self, latents, *rest, **named)

    wrap(monkeypatch, diffusers.AutoencoderKL, "decode", decode)
    desk = Desk(batch=8)
    made = pictures(opened(model, desk).keyframes(keyframe_requests()))
    assert desk.batches == [8]
    assert max(apart(made[each], expected[each]) for each in expected) <= 1


def test_a_device_that_fails_ends_the_run_with_its_reason(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> Any:
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be ...")

    wrap(monkeypatch, diffusers.UNet2DConditionModel, "forward", run)
    with pytest.raises(Halted) as raised:
        list(opened(model).keyframes(keyframe_requests()))
    assert raised.value.message.endswith("an illegal memory access was encountered.")


def is_half(module: Any) -> bool:
    return bool(next(module.parameters()).dtype.itemsize == 2)


def test_an_autoencoder_that_overflows_works_in_float32_from_then_on(
    model: Path, keyframe: Keyframe, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = pictures(opened(model, dtype="bfloat16").keyframes(keyframe_requests()))
    decoded = []

    def decode(real: Any, self: Any, latents: Any, *rest: Any, **named: Any) -> Any:
        (sheet,) = real(self, latents, *rest, **named)
        decoded.append(is_half(self))
        if is_half(self):
            sheet[0, :, 3:, 5:] = float("nan")
        return (sheet,)

    wrap(monkeypatch, diffusers.AutoencoderKL, "decode", decode)
    desk = Desk()
    engine = opened(model, desk, dtype="bfloat16")
    made = pictures(engine.keyframes(keyframe_requests()))
    pictures(engine.variations(keyframe, frame_requests()))
    assert decoded == [True, False, False]
    assert len(desk.remarks) == 1
    assert "float32" in desk.remarks[0]
    assert max(abs(made[each].astype(float) - expected[each]).mean() for each in expected) < 5


def overflow_in_half(monkeypatch: pytest.MonkeyPatch, always: bool) -> None:
    def run(real: Any, self: Any, sample: Any, *rest: Any, **named: Any) -> Any:
        (predicted,) = real(self, sample, *rest, **named)
        if always or is_half(self):
            predicted[1 % len(predicted)] = float("inf")
        return (predicted,)

    wrap(monkeypatch, diffusers.UNet2DConditionModel, "forward", run)


def test_a_picture_whose_numbers_overflow_is_made_again_in_float32(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = pictures(opened(model).keyframes(keyframe_requests()))
    plain = pictures(opened(model, dtype="bfloat16").keyframes(keyframe_requests()))
    overflow_in_half(monkeypatch, always=False)
    desk = Desk(batch=4)
    made = pictures(opened(model, desk, dtype="bfloat16").keyframes(keyframe_requests()))
    assert desk.batches == [4, 1, 4, 1]
    assert len(desk.remarks) == 1
    for number, each in enumerate(exact):
        if number % 4 == 1:
            assert abs(made[each].astype(float) - exact[each]).mean() < 3
        else:
            assert apart(made[each], plain[each]) <= 1


def test_where_float32_does_not_help_the_others_still_come(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overflow_in_half(monkeypatch, always=True)
    answers = dict(opened(model, Desk(batch=8)).keyframes(keyframe_requests()))
    assert len(answers) == 8
    (failed,) = [each for each in answers.values() if isinstance(each, VktrsError)]
    assert "overflow" in failed.message


def test_a_blank_picture_is_made_again_with_another_seed(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = KeyframeRequest("a daisy", "", 2**32 - 1, SIDE, SIDE)
    again = Job(asked, asked.seed).after(BLANK)
    assert again
    other = KeyframeRequest("a daisy", "", again.seed, SIDE, SIDE)
    expected = pictures(opened(model).keyframes([other]))[other]
    blank = [True]

    def decode(real: Any, self: Any, latents: Any, *rest: Any, **named: Any) -> Any:
        (sheet,) = real(self, latents, *rest, **named)
        return (sheet * 0 - 1 if blank and blank.pop() else sheet,)

    wrap(monkeypatch, diffusers.AutoencoderKL, "decode", decode)
    desk = Desk()
    made = pictures(opened(model, desk).keyframes([asked]))
    assert apart(made[asked], expected) == 0
    (remark,) = desk.remarks
    assert f"“a daisy” was made with seed {again.seed}:" in remark
    assert "seed 4294967295" in remark


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a safety checker that flags about half of all pictures."""
    return _tuned(tiny_pipeline(tmp_path_factory.mktemp("models") / "doubtful", checker=True), 0.5)


def _tuned(folder: Path, share: float) -> Path:
    from transformers import CLIPImageProcessor

    kind = diffusers.pipelines.stable_diffusion.safety_checker.StableDiffusionSafetyChecker
    checker = kind.from_pretrained(folder / "safety_checker")
    looker = CLIPImageProcessor.from_pretrained(folder / "feature_extractor")
    made: list[Picture] = list(pictures(opened(folder, safety="off").keyframes(keyframe_requests())).values())
    with torch.no_grad():
        seen = checker.vision_model(looker(made, return_tensors="pt").pixel_values)[1]
        seen = torch.nn.functional.normalize(checker.visual_projection(seen))
        checker.concept_embeds.normal_()
        likeness = seen @ torch.nn.functional.normalize(checker.concept_embeds).T
        checker.concept_embeds_weights.fill_(2.0)
        checker.concept_embeds_weights[0] = likeness[:, 0].quantile(1 - share)
        checker.special_care_embeds_weights.fill_(2.0)
    checker.save_pretrained(folder / "safety_checker", safe_serialization=True)
    return folder


def test_a_flagged_picture_is_made_with_another_seed_alone_as_in_a_batch(doubtful: Path) -> None:
    seeds = list(SEEDS)
    asked = [KeyframeRequest("a daisy 40", "blurry", seed, SIDE, SIDE) for seed in seeds]
    unchecked = pictures(opened(doubtful, safety="off").keyframes(asked))
    desk = Desk(batch=8)
    together = dict(opened(doubtful, desk).keyframes(asked))
    alone = dict(opened(doubtful, Desk(batch=1)).keyframes(asked))
    kept = [each for each in asked if apart_or_failed(together[each], unchecked[each]) <= 1]
    assert 0 < len(kept) < 8, "some are to be flagged, and not all"
    assert len(desk.remarks) == sum(not isinstance(each, VktrsError) for each in together.values()) - len(kept)
    assert all("safety checker flagged" in each for each in desk.remarks)
    for each in asked:
        one, other = together[each], alone[each]
        assert isinstance(one, VktrsError) == isinstance(other, VktrsError)
        assert isinstance(one, VktrsError) or apart_or_failed(other, one) <= 1


def apart_or_failed(answer: Any, picture: Any) -> float:
    return 256 if isinstance(answer, VktrsError) else apart(answer, picture)


def test_what_is_flagged_six_times_fails_with_that_reason_and_can_be_switched_off(tmp_path: Path) -> None:
    folder = _tuned(tiny_pipeline(tmp_path / "strict", checker=True), 0.5)
    checker = folder / "safety_checker"
    _flag_everything(checker)
    desk = Desk(batch=2)
    ((_, failed),) = opened(folder, desk).keyframes(keyframe_requests()[:1])
    assert isinstance(failed, VktrsError)
    assert "safety checker flagged 6 pictures" in failed.message
    assert 'safety = "off"' in failed.hint
    assert len(desk.batches) == 6
    assert len(pictures(opened(folder, safety="off").keyframes(keyframe_requests()[:1]))) == 1


def _flag_everything(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["concept_embeds_weights"] = torch.full_like(tensors["concept_embeds_weights"], -2.0)
    save_file(tensors, path, metadata={"format": "pt"})
