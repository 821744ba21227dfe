"""The diffusers engine with tiny pipelines of random weights: what it makes, and in which batches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.real.diffusion_desk import (
    SEEDS,
    Desk,
    apart,
    frame_requests,
    gradient,
    keyframe_requests,
    mean_apart,
    opened,
    pictures,
)
from tests.real.tiny_diffusion import tiny_pipelines
from vktrs.engines.pictures import Keyframe
from vktrs.errors import InputError, Stopped
from vktrs.picture import Picture

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

LONG = "a field of daisies under a small yellow moon, " * 4  # each letter is a token of the tiny tokenizer


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return tiny_pipelines(tmp_path_factory.mktemp("models"))


@pytest.fixture
def keyframe() -> Keyframe:
    return gradient()


def test_pictures_have_the_size_that_was_asked_for_and_something_to_see(models: dict[str, Path]) -> None:
    asked = [replace(each, width=96) for each in keyframe_requests()[:2]]
    for picture in pictures(opened(models["sd"]).keyframes(asked)).values():
        assert picture.std() > 5


@pytest.mark.parametrize(
    ("kind", "scheduler"),
    [
        ("sd", None),
        ("sd", "euler a"),
        ("sd", "dpm++ 2m sde"),
        ("sd", "lcm"),
        ("sd", "pndm"),
        ("xl", None),
        ("xl", "lcm"),
    ],
)
def test_a_picture_is_the_same_alone_and_in_any_batch(
    models: dict[str, Path], keyframe: Keyframe, kind: str, scheduler: str | None
) -> None:
    options: dict[str, Any] = {"steps": 2} | ({} if scheduler is None else {"scheduler": scheduler})

    def make(batch: int, some: slice) -> tuple[dict[Any, Picture], list[int]]:
        desk = Desk(batch)
        engine = opened(models[kind], desk, **options)
        made = pictures(engine.keyframes(keyframe_requests()[some]))
        made |= pictures(engine.variations(keyframe, frame_requests()[some]))
        engine.close()
        return made, desk.batches

    together, batches = make(8, slice(None))
    assert batches == [8, 8]
    assert mean_apart(list(together.values())) > 5, "they must differ for the test to mean anything"
    for other, expected in (
        (make(3, slice(None)), [3, 3, 2] * 2),
        (make(1, slice(1, None, 3)), [1] * 6),
        (make(8, slice(None, None, -1)), [8, 8]),
    ):
        made, batches = other
        assert batches == expected
        assert len(made) == sum(expected)
        assert max(apart(made[request], together[request]) for request in made) <= 1


def test_long_and_short_prompts_and_sizes_in_one_call_are_the_same_as_alone(models: dict[str, Path]) -> None:
    asked = keyframe_requests()[:2]
    asked += [replace(asked[0], prompt=LONG), replace(asked[1], negative_prompt=LONG), replace(asked[0], height=128)]
    engine = opened(models["sd"])
    together = pictures(engine.keyframes(asked))
    for each in asked:
        assert apart(pictures(engine.keyframes([each]))[each], together[each]) <= 1


@pytest.mark.parametrize("kind", ["sd", "xl"])
@pytest.mark.parametrize("negative", ["", "blurry"])
def test_short_prompts_are_read_as_diffusers_reads_them(models: dict[str, Path], kind: str, negative: str) -> None:
    from vktrs.engines.diffusion.loading import load
    from vktrs.engines.diffusion.options import read_options
    from vktrs.engines.diffusion.prompts import Reader, as_arguments

    loaded = load(read_options({"model": str(models[kind])}), Desk().workplace())
    with torch.inference_mode():
        ours = as_arguments([Reader(loaded.text, "cpu", True).read("a (daisy)++", negative)])
        theirs = loaded.text.encode_prompt(
            "a (daisy)++",
            device=torch.device("cpu"),
            num_images_per_prompt=1,
            do_classifier_free_guidance=True,
            negative_prompt=negative or None,
        )
    assert len(ours) == len(theirs)
    assert all(torch.equal(one, other) for one, other in zip(ours.values(), theirs, strict=True))


@pytest.mark.parametrize("kind", ["sd", "xl"])
def test_nothing_of_a_long_prompt_is_cut_off(models: dict[str, Path], kind: str) -> None:
    from vktrs.engines.diffusion.loading import load
    from vktrs.engines.diffusion.options import read_options
    from vktrs.engines.diffusion.prompts import Reader

    loaded = load(read_options({"model": str(models[kind])}), Desk().workplace())
    reader = Reader(loaded.text, "cpu", True)
    first, more = "a" * 75, "b" * 76
    assert [reader.pieces(text, "") for text in ("", first, first + "b", first + more)] == [1, 1, 2, 3]
    with torch.inference_mode():
        short, long = reader.read(first, "x"), reader.read(" ".join((first, more)), "x")
        last, other = reader.read(LONG + "moon", ""), reader.read(LONG + "sun", "")
    assert long.prompt.shape[1] == long.negative.shape[1] == 3 * 77
    assert torch.allclose(long.prompt[:, :75], short.prompt[:, :75], atol=1e-5)
    assert torch.allclose(long.negative[:, :77], short.negative, atol=1e-5)
    assert not torch.allclose(last.prompt, other.prompt, atol=1e-3)


def test_pictures_are_nearer_to_the_keyframe_the_more_consistent_they_are(models: dict[str, Path]) -> None:
    """Looked at before the decoder, which with random weights shows no distances."""
    from vktrs.engines.diffusion.loading import load
    from vktrs.engines.diffusion.options import read_options
    from vktrs.engines.diffusion.painting import Painter
    from vktrs.engines.diffusion.prompts import Reader

    options = read_options({"model": str(models["sd"]), "steps": 50})
    loaded = load(options, Desk().workplace())
    painter = Painter(loaded.text, loaded.image, "cpu", options, Desk().workplace())
    with torch.inference_mode():
        start = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(1))
        words = [Reader(loaded.text, "cpu", True).read("a daisy", "")] * len(SEEDS)
        away = [
            float((painter.from_latents(start, words, SEEDS, consistency) - start).abs().mean())
            for consistency in (0.98, 0.9, 0.72, 0.2)
        ]
    assert away == sorted(away)
    assert away[0] * 3 < away[2] < away[3] / 2


@pytest.mark.parametrize("consistency", [0.2, 0.72, 0.98])
def test_a_variation_starts_from_its_keyframe(models: dict[str, Path], keyframe: Keyframe, consistency: float) -> None:
    """Random weights decode no picture as it was, so another keyframe and the same seed tell them apart."""
    engine = opened(models["sd"])
    asked = frame_requests(consistency)[:1]
    other = Keyframe(255 - keyframe.picture, None)
    (one,), (two,) = (pictures(engine.variations(start, asked)).values() for start in (keyframe, other))
    assert apart(one, two) > 5


def test_with_full_consistency_it_is_the_keyframe_itself(models: dict[str, Path], keyframe: Keyframe) -> None:
    desk = Desk()
    made = pictures(opened(models["sd"], desk).variations(keyframe, frame_requests(1.0)))
    assert all(apart(each, keyframe.picture) == 0 for each in made.values())
    assert desk.steps == []


@pytest.mark.parametrize(
    ("options", "consistency", "steps"),
    [({}, 0.5, 2), ({"steps": 1}, 0.72, 2), ({"scheduler": "euler trailing"}, 0.9, 1), ({"scheduler": "lcm"}, 0.99, 1)],
)
def test_few_steps_still_change_something(
    models: dict[str, Path], keyframe: Keyframe, options: dict[str, Any], consistency: float, steps: int
) -> None:
    desk = Desk()
    made = pictures(opened(models["sd"], desk, **options).variations(keyframe, frame_requests(consistency)))
    assert desk.steps == [(8, step, steps) for step in range(1, steps + 1)]
    assert mean_apart(list(made.values())) > 0.5


def test_a_keyframe_of_another_size_is_fitted(models: dict[str, Path], keyframe: Keyframe) -> None:
    asked = [replace(each, width=128) for each in frame_requests()[:2]]
    assert len(pictures(opened(models["sd"]).variations(keyframe, asked))) == 2


def test_a_size_off_the_grid_is_refused_with_the_nearest_one(models: dict[str, Path]) -> None:
    with pytest.raises(InputError) as raised:
        list(opened(models["sd"]).keyframes([replace(keyframe_requests()[0], width=100, height=62)]))
    assert "multiples of 8" in raised.value.message
    assert "width = 96 and height = 64" in raised.value.hint


def test_a_negative_prompt_counts_and_is_said_to_count_for_nothing_without_guidance(models: dict[str, Path]) -> None:
    asked = keyframe_requests()[:1]
    plain = [replace(asked[0], negative_prompt="")]
    desk = Desk()
    engine = opened(models["sd"], desk)
    (one,), (two,) = (pictures(engine.keyframes(each)).values() for each in (asked, plain))
    assert apart(one, two) > 3
    assert desk.remarks == []
    engine = opened(models["sd"], desk, guidance_scale=1.0)
    (one,), (two,) = (pictures(engine.keyframes(each)).values() for each in (asked, plain))
    assert apart(one, two) == 0
    pictures(engine.keyframes(asked))
    assert [each for each in desk.remarks if "negative prompt has no effect" in each] == desk.remarks
    assert len(desk.remarks) == 1


@pytest.mark.parametrize("stop_at", [0, 2])
def test_a_stop_is_followed_within_a_step_and_the_engine_goes_on_afterwards(
    models: dict[str, Path], keyframe: Keyframe, stop_at: int
) -> None:
    desk = Desk()
    engine = opened(models["sd"], desk)
    desk.stop_at = stop_at
    with pytest.raises(Stopped):
        list(engine.keyframes(keyframe_requests()))
    assert desk.steps == [(8, step, 4) for step in range(1, stop_at + 1)]
    desk.stop_at = None
    again = pictures(engine.variations(keyframe, frame_requests()))
    fresh = pictures(opened(models["sd"]).variations(keyframe, frame_requests()))
    assert all(apart(again[each], fresh[each]) == 0 for each in fresh)


def test_winding_up_hands_out_what_is_in_hand_and_begins_nothing(models: dict[str, Path]) -> None:
    desk = Desk(batch=4)
    desk.winding_up = lambda: bool(desk.steps)
    made = pictures(opened(models["sd"], desk).keyframes(keyframe_requests()))
    assert len(made) == 4
    assert desk.batches == [4]


def test_nothing_is_written_to_the_terminal(models: dict[str, Path], keyframe: Keyframe, capfd: Any) -> None:
    engine = opened(models["xl"])
    pictures(engine.keyframes([*keyframe_requests()[:1], *keyframe_requests(LONG)[:1]]))
    pictures(engine.variations(keyframe, frame_requests()[:2]))
    engine.close()
    assert capfd.readouterr() == ("", "")
