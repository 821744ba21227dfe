"""A run may be killed at any moment: the next one finishes, makes nothing again, and nobody sees it in the video."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.real.projects import frames, leftovers, sung_project, whole_artifacts
from tests.real.worker_forks import Disturbance, Forks, Outcome, at_call, at_event, kill, kill_all, kill_half_written

STEPS = 39
"""Events of an undisturbed run with three scenes, progress not counted."""

IN_BETWEEN = {
    "the song is decoded, but not under its name": at_call("os.rename", kill(), matching="song"),
    "the words are written, but not under their name": at_call("os.rename", kill(), matching="words"),
    "half of the words are written": at_call("pathlib.Path.write_text", kill_half_written(), matching="lines.json"),
    "half of the decoded song is written": at_call("pathlib.Path.write_bytes", kill_half_written(), matching="npy"),
    "half of a take is written": at_call("pathlib.Path.write_bytes", kill_half_written(), matching="takes", nth=2),
    "half of a variation is written": at_call(
        "pathlib.Path.write_bytes", kill_half_written(), matching="frame.png", nth=4
    ),
    "half of an order is written": at_call("pathlib.Path.write_text", kill_half_written(), matching="order.json"),
    "while the beats are looked for": at_call("vktrs.engines.beats.analyse", kill_all()),
    "the scenes are proposed, but not told": at_call("vktrs.runs.scope.Scope.made", kill(), matching="scenes"),
    "the storyboard is written beside itself": at_call("os.replace", kill(), matching="storyboard.toml"),
    "the scenes are in the file, the base is not": at_call("vktrs.project.Project.accept_base", kill()),
    "the base is written beside itself": at_call("os.replace", kill(), matching="base.json"),
    "the base is written, but nothing told": at_call("vktrs.project.Project.accept_base", kill(), after=True),
    "a take has not its name yet": at_call("os.replace", kill(), matching="takes", nth=2),
    "a take has its name, but is not told": at_call("os.replace", kill(), matching="takes", nth=2, after=True),
    "a variation has not its name yet": at_call("os.replace", kill(), matching="frame.png", nth=4),
    "a variation is whole, but its folder is not": at_call("os.rename", kill(), matching="variations", nth=5),
    "a variation is there, but not told": at_call("os.rename", kill(), matching="variations", nth=5, after=True),
    "the order is written, but not under its name": at_call("os.rename", kill(), matching="order", nth=2),
    "before the pictures of a clip are coded": at_call("vktrs.media.x264.encode", kill_all(), nth=2),
    "while a clip is written": at_call("vktrs.media.mp4.video_packet", kill(), nth=25),
    "a clip is written, but not looked at": at_call("vktrs.media.clip.verify_clip", kill(), nth=2),
    "a clip is good, but not under its name": at_call("os.rename", kill(), matching="clips", nth=3),
    "before the sound is coded": at_call("vktrs.media.audio.encode_aac", kill_all()),
    "while the clips are joined": at_call("vktrs.media.join.video_packet", kill_all(), nth=40),
    "the video is joined, but not remembered": at_call("vktrs.stages.video.remember", kill()),
    "the video has not its name yet": at_call("os.replace", kill(), matching="output.mp4"),
    "the video is in place, but not told": at_call("os.replace", kill(), matching="output.mp4", after=True),
}


@pytest.fixture(scope="module")
def undisturbed(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """Storyboard and frames of a run that nobody touched."""
    folder = sung_project(tmp_path_factory.mktemp("undisturbed") / "song")
    outcome = forks.run(folder)
    assert outcome.code == 0 and outcome.steps == STEPS, outcome
    return (folder / "storyboard.toml").read_text("utf-8"), frames(folder / "output.mp4")


def assert_as_if_nothing_happened(folder: Path, runs: list[Outcome], undisturbed: tuple[str, list[str]]) -> None:
    storyboard, pictures = undisturbed
    assert runs[-1].code == 0, runs[-1]
    told = [(each["stage"], each["key"]) for run in runs for each in run.told("artifact")]
    assert sorted(told) == sorted(set(told)), "something was made twice"
    assert (folder / "storyboard.toml").read_text("utf-8") == storyboard
    assert frames(folder / "output.mp4") == pictures
    assert leftovers(folder) == []
    assert "Traceback" not in "".join(run.log for run in runs)


def killed_and_resumed(forks: Forks, folder: Path, moment: Disturbance) -> list[Outcome]:
    killed = forks.run(folder, moment)
    assert killed.code == -9, f"the moment never came: {killed}"
    whole = whole_artifacts(folder)
    resumed = forks.run(folder)
    after = whole_artifacts(folder)
    assert {name: after.get(name) for name in whole} == whole, "a whole artifact was made again"
    return [killed, resumed]


@pytest.mark.parametrize("step", range(STEPS))
def test_a_run_that_was_killed_after_any_event_is_finished_by_the_next(
    step: int, forks: Forks, undisturbed: tuple[str, list[str]], tmp_path: Path
) -> None:
    folder = sung_project(tmp_path / "song")
    runs = killed_and_resumed(forks, folder, at_event(step, kill_all() if step % 2 else kill()))
    assert_as_if_nothing_happened(folder, runs, undisturbed)


@pytest.mark.parametrize("moment", IN_BETWEEN)
def test_a_run_that_was_killed_half_way_through_something_is_finished_by_the_next(
    moment: str, forks: Forks, undisturbed: tuple[str, list[str]], tmp_path: Path
) -> None:
    folder = sung_project(tmp_path / "song")
    runs = killed_and_resumed(forks, folder, IN_BETWEEN[moment])
    assert_as_if_nothing_happened(folder, runs, undisturbed)


def test_a_run_that_is_killed_again_and_again_gets_a_piece_further_each_time(
    forks: Forks, undisturbed: tuple[str, list[str]], tmp_path: Path
) -> None:
    folder = sung_project(tmp_path / "song")
    runs: list[Outcome] = []
    for _ in itertools.takewhile(lambda _: not runs or runs[-1].code != 0, range(STEPS)):
        runs.append(forks.run(folder, at_call("vktrs.runs.scope.Scope.made", kill_all(), after=True)))
    assert 15 < len(runs) < STEPS
    assert_as_if_nothing_happened(folder, runs, undisturbed)
