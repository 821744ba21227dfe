"""A picture that is not to be shown is made with another seed, five times; then its scene is told why."""

from __future__ import annotations

import pytest

from vktrs.engines.diffusion.jobs import BLANK, CRAMPED, FLAGGED, OVERFLOWED, RETRIES, Job
from vktrs.engines.diffusion.painting import schedule
from vktrs.engines.pictures import FrameRequest, KeyframeRequest

KEYFRAME = KeyframeRequest("a daisy\n on the moon", "", 2**32 - 2, 64, 64)


def test_each_try_has_a_seed_of_its_own_and_the_failure_names_them_all() -> None:
    job = Job(KEYFRAME, KEYFRAME.seed)
    seeds = [job.seed]
    while (again := job.after(FLAGGED)) is not None:
        job = again
        seeds.append(job.seed)
    assert len(set(seeds)) == 1 + RETRIES
    assert all(0 <= seed < 2**32 for seed in seeds)
    failure = job.failure(FLAGGED)
    assert f"flagged 6 pictures with each of the seeds {', '.join(map(str, seeds))}" in failure.message
    assert 'safety = "off"' in failure.hint


def test_another_try_does_not_make_the_picture_that_a_reroll_would() -> None:
    again = Job(KEYFRAME, 7).after(BLANK)
    assert again is not None
    assert again.seed not in range(7, 7 + 100)


def test_what_was_made_again_is_told_with_its_prompt_and_seeds() -> None:
    first = Job(FrameRequest(3, "a daisy", "", 7, 0.7, 64, 64), 7)
    second = first.after(FLAGGED)
    third = second and second.after(BLANK)
    assert second
    assert third
    story = third.story()
    assert story.startswith(f"Variation 3 of “a daisy” was made with seed {third.seed}:")
    assert f"seed 7, {second.seed})" in story
    assert "flagged one picture and one picture came out in a single colour" in story


def test_a_blank_picture_is_not_laid_on_the_checker() -> None:
    failure = Job(KEYFRAME, 3, (BLANK,) * RETRIES).failure(BLANK)
    assert "a single colour" in failure.message
    assert "safety" not in str(failure)


def test_an_overflow_is_not_tried_with_another_seed() -> None:
    job = Job(KEYFRAME, KEYFRAME.seed)
    assert job.after(OVERFLOWED) is None
    assert "“a daisy on the moon”" in job.failure(OVERFLOWED).message


def test_where_memory_was_too_small_for_float32_that_is_what_is_said() -> None:
    job = Job(KEYFRAME, KEYFRAME.seed)
    assert job.after(CRAMPED) is None
    failure = job.failure(CRAMPED)
    assert "memory is too small to make it in float32" in failure.message
    assert "Free memory" in failure.hint


@pytest.mark.parametrize(
    ("consistency", "steps", "least", "made", "of"),
    [
        (0.72, 50, 1, 14, 50),
        (0.9, 50, 1, 5, 50),  # 1 - 0.9 is a little less than 0.1
        (0.71, 100, 1, 29, 100),
        (0.0, 30, 2, 30, 30),
        (0.72, 4, 1, 1, 4),
        (0.9, 4, 1, 1, 10),
        (0.95, 4, 2, 2, 20),
        (0.72, 1, 1, 1, 4),
        (0.5, 1, 2, 2, 2),
        (0.99999, 30, 1, 1, 1000),
    ],
)
def test_so_many_steps_are_made_as_consistency_leaves(
    consistency: float, steps: int, least: int, made: int, of: int
) -> None:
    told, strength = schedule(consistency, steps, 1000, least)
    assert (int(told * strength), told) == (made, of)
