"""The storyboard may change while a run is going on: the run ends with a video of the newest one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.real.projects import change, frames, silent_project, sung_project
from tests.real.worker_forks import Disturbance, Forks, at_call, at_event, remove, write
from vktrs.project import Project
from vktrs.runs.status import Status

BROKEN = "schema = 1\n[song\nsource = "


def edited(folder: Path, old: str, new: str) -> str:
    """The storyboard of the project with another word in it, not yet written."""
    text = (folder / "storyboard.toml").read_text("utf-8")
    assert old in text
    return text.replace(old, new)


def assert_fresh(folder: Path) -> None:
    told = Status(Project(folder)).as_json()
    assert [stage["state"] for stage in told["stages"]] == ["fresh"] * 9


MOMENTS: dict[str, Disturbance] = {
    "as it starts": at_event(0),
    "while the song is decoded": at_event(1),
    "before the beats are looked for": at_event(7),
    "after a keyframe": at_event(14),
    "after a variation": at_event(16),
    "after a clip": at_call("vktrs.stages.clips.make", after=True, nth=2),
    "while the last clip is made": at_call("vktrs.media.clip.encode_clip", nth=5),
    "between the look at the file and the join": at_call("vktrs.runs.joining.step"),
    "while the video is joined": at_call("vktrs.media.join.join_clips"),
    "when the video is in place": at_call("vktrs.stages.video.make", after=True),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_change_during_a_run_is_in_its_video(moment: str, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    newest = edited(folder, 'text = "third hill"', 'text = "third hill"\nprompt = "a green hill"')
    disturbance = {**MOMENTS[moment], "then": [write(folder / "storyboard.toml", newest)]}
    outcome = forks.run(folder, disturbance)
    assert outcome.code == 0, outcome
    assert (folder / "storyboard.toml").read_text("utf-8") == newest
    assert_fresh(folder)
    twice = {piece for piece, count in Counter(outcome.made).items() if count > 1 and piece[0] != "variations"}
    assert twice <= {("keyframes", "dddd"), ("order", "dddd"), ("clips", "dddd"), ("video", None)}
    assert forks.run(folder).made == []


def test_scenes_may_come_and_go_during_a_run(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    text = (folder / "storyboard.toml").read_text("utf-8")
    last = text.index('[[scenes]]\nid = "eeee"')
    newest = text[:last] + '[[scenes]]\nid = "ffff"\nstart = 3.5\ntext = "a late guest"\n'
    outcome = forks.run(folder, at_event(30, write(folder / "storyboard.toml", newest)))
    assert outcome.code == 0, outcome
    assert_fresh(folder)
    assert len(frames(folder / "output.mp4")) == 60


def test_what_no_longer_stands_is_dropped_at_once(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    newest = edited(folder, "hold = 2", "hold = 2\nseed = 7")
    first_variation = at_call("vktrs.engines.cppn.engine._draw_variation", write(folder / "storyboard.toml", newest))
    outcome = forks.run(folder, first_variation)
    made = Counter(stage for stage, _ in outcome.made)
    assert made["keyframes"] == 1 + 5
    assert 15 < made["variations"] <= 15 + 3, "the first, and what the engine had in hand"
    assert (made["order"], made["clips"], made["video"]) == (5, 5, 1)


def test_an_edit_of_the_proposed_scenes_before_they_are_painted_stays(forks: Forks, tmp_path: Path) -> None:
    folder = sung_project(tmp_path / "song")
    forks.run(folder, to="scenes")
    scenes = (folder / "storyboard.toml").read_text("utf-8")
    newest = scenes.replace("second street in the rain", "second street in the sun")
    outcome = forks.run(folder, at_event(2, write(folder / "storyboard.toml", newest)))
    assert outcome.code == 0, outcome
    assert (folder / "storyboard.toml").read_text("utf-8") == newest
    assert_fresh(folder)


def test_a_storyboard_that_breaks_during_a_run_does_not_stop_it_and_is_told(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    undisturbed = silent_project(tmp_path / "other")
    forks.run(undisturbed)
    outcome = forks.run(folder, at_event(20, write(folder / "storyboard.toml", BROKEN)))
    assert outcome.code == 3
    assert "The run goes on with the storyboard as it was" in outcome.remarks
    (failed,) = outcome.told("failed")
    assert "storyboard.toml:2" in failed["error"]
    assert (folder / "storyboard.toml").read_text("utf-8") == BROKEN
    assert frames(folder / "output.mp4") == frames(undisturbed / "output.mp4")


def test_a_storyboard_that_is_mended_during_the_run_counts_again(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    path = folder / "storyboard.toml"
    newest = edited(folder, "hold = 2", "hold = 1")
    outcome = forks.run(folder, at_event(20, write(path, BROKEN)), at_event(30, write(path, newest)))
    assert outcome.code == 0, outcome
    assert "The run goes on with the storyboard as it was" in outcome.remarks
    assert_fresh(folder)


def test_an_editor_that_takes_the_file_away_for_a_moment_does_no_harm(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    path = folder / "storyboard.toml"
    newest = edited(folder, "hold = 2", "hold = 1")
    outcome = forks.run(folder, at_event(20, remove(path)), at_event(30, write(path, newest)))
    assert outcome.code == 0, outcome
    assert_fresh(folder)


def test_a_storyboard_that_was_broken_before_the_run_ends_it(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    (folder / "storyboard.toml").write_text(BROKEN)
    outcome = forks.run(folder)
    assert (outcome.code, outcome.made) == (3, [])
    assert "storyboard.toml:2" in outcome.errors


def test_a_failure_that_was_mended_during_the_run_does_not_count(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    (folder / "mine.png").write_bytes(b"this is no picture")
    newest = (folder / "storyboard.toml").read_text("utf-8")
    change(folder, 'id = "aaaa"', 'id = "aaaa"\npicture = "mine.png"')
    fail = "vktrs.runs.scope.Scope.fail"
    outcome = forks.run(folder, at_call(fail, write(folder / "storyboard.toml", newest), after=True))
    assert len(outcome.told("failed")) == 1
    assert outcome.code == 0, outcome
    assert_fresh(folder)


def test_another_engine_during_the_run_is_not_mistaken_for_the_first(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    newest = edited(folder, 'speech = "none"', 'speech = "none"\npictures = "stability"')
    outcome = forks.run(folder, at_event(20, write(folder / "storyboard.toml", newest)))
    assert outcome.code == 4
    assert len(outcome.told("failed")) == 1 and "stability" in outcome.errors
    keyframes = [scene for stage, scene in outcome.made if stage == "keyframes"]
    assert len(keyframes) == len(set(keyframes))


def test_a_song_that_goes_away_during_the_run_is_named(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    outcome = forks.run(folder, at_event(20, remove(folder / "song.wav")))
    assert outcome.code == 3
    assert "song.wav is not there" in outcome.errors


def test_scenes_without_ids_get_them_and_keep_them(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'id = "bbbb"\n', "")
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert (folder / "storyboard.toml").read_text("utf-8").count("id = ") == 5
    assert forks.run(folder).made == []
