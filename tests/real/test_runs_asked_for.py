"""What a run is asked for is what it does: up to a stage, some scenes, another engine, an excerpt."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.real.projects import FRAMES, change, frames, leftovers, silent_project, sound_seconds
from tests.real.worker_forks import Forks, Outcome
from vktrs.project import Project
from vktrs.runs.status import Status
from vktrs.stages import STAGES


@pytest.fixture(scope="module")
def finished(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = silent_project(tmp_path_factory.mktemp("finished") / "song")
    assert forks.run(folder).code == 0
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def scenes(outcome: Outcome, stage: str) -> list[str | None]:
    return [scene for made, scene in outcome.made if made == stage]


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_goes_up_to_its_stage_and_no_further(stage: str, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    outcome = forks.run(folder, to=stage)
    assert outcome.code == 0, outcome
    # no expression uses a signal here, so none is made
    assert {made for made, _ in outcome.made} == set(STAGES[: STAGES.index(stage) + 1]) - {"signals"}
    assert forks.run(folder, to=stage).made == []


def test_only_the_chosen_scenes_are_made(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    outcome = forks.run(folder, scenes=["bbbb", "dddd"])
    assert outcome.code == 0, outcome
    for stage in ("keyframes", "variations", "order", "clips"):
        assert set(scenes(outcome, stage)) == {"bbbb", "dddd"}
    assert not (folder / "output.mp4").exists()


def test_the_last_chosen_scenes_complete_the_video(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    forks.run(folder, scenes=["bbbb", "dddd"])
    outcome = forks.run(folder, scenes=["aaaa", "cccc", "eeee"])
    assert ("video", None) in outcome.made
    assert len(frames(folder / "output.mp4")) == FRAMES


def test_a_chosen_scene_up_to_a_stage(forks: Forks, folder: Path) -> None:
    change(folder, "hold = 2", "hold = 2\nseed = 7")
    outcome = forks.run(folder, scenes=["cccc"], to="keyframes")
    assert (outcome.code, outcome.made) == (0, [("keyframes", "cccc")])


def test_a_scene_that_is_not_there_cannot_be_chosen(forks: Forks, folder: Path) -> None:
    outcome = forks.run(folder, scenes=["zzzz"])
    assert (outcome.code, outcome.made) == (3, [])
    assert "there is no scene zzzz" in outcome.errors


def final_marks(folder: Path) -> list[tuple[str, str]]:
    told = Status(Project(folder)).as_json()
    return [(stage["name"], stage["state"]) for stage in told["stages"]]


def test_another_engine_for_one_run_makes_a_video_of_its_own(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'speech = "none"', 'speech = "none"\npictures = "diffusers"')
    forks.run(folder, to="structure")
    storyboard, before = (folder / "storyboard.toml").read_bytes(), final_marks(folder)
    outcome = forks.run(folder, pictures="cppn")
    assert outcome.code == 0, outcome
    assert len(frames(folder / "output.cppn.mp4")) == FRAMES
    assert outcome.events[-1]["video"] == "output.cppn.mp4"
    assert not (folder / "output.mp4").exists()
    assert (folder / "storyboard.toml").read_bytes() == storyboard
    after = dict(final_marks(folder))
    assert all(after[name] != "fresh" for name in ("keyframes", "variations", "order", "clips", "video"))
    assert {name: after[name] for name, _ in before[:3]} == dict(before[:3])
    assert forks.run(folder, pictures="cppn").made == []


def test_the_same_engine_for_one_run_leaves_the_video_alone(forks: Forks, folder: Path) -> None:
    before = (folder / "output.mp4").stat().st_mtime_ns
    outcome = forks.run(folder, pictures="cppn")
    assert (outcome.code, outcome.made) == (0, [("video", None)])
    assert frames(folder / "output.cppn.mp4") == frames(folder / "output.mp4")
    assert (folder / "output.mp4").stat().st_mtime_ns == before
    assert leftovers(folder) == []


def test_an_animatic_is_no_former_state_of_the_video(forks: Forks, folder: Path) -> None:
    change(folder, 'title = "Clicks"', 'title = "Clacks"')
    forks.run(folder, pictures="cppn")
    (video,) = [stage for stage in Status(Project(folder)).as_json()["stages"] if stage["name"] == "video"]
    assert video["state"] == "stale"
    assert video["reasons"] == ['title "Clicks" -> "Clacks"']


def test_an_excerpt_renders_its_frames_and_its_sound(forks: Forks, folder: Path) -> None:
    whole = frames(folder / "output.mp4")
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [1.0, 3.5]')
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert sound_seconds(folder / "output.mp4") == pytest.approx(2.5, abs=1e-3)
    part = frames(folder / "output.mp4")
    assert len(part) == 30
    assert part[:24] == whole[12:36]
    assert set(outcome.made) == {("order", "dddd"), ("clips", "dddd"), ("video", None)}


def test_scenes_outside_the_excerpt_are_marked_and_not_made(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [1.0, 3.0]')
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert set(scenes(outcome, "keyframes")) == {"bbbb", "cccc"}
    told = {scene["id"]: scene for scene in Status(Project(folder)).as_json()["scenes"]}
    assert [name for name, scene in told.items() if scene["frames"] == 0] == ["aaaa", "dddd", "eeee"]
    assert "outside the excerpt" in told["aaaa"]["keyframe"]["reason"]


def test_an_excerpt_beyond_the_song_ends_with_it(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [4.0, 60.0]')
    assert forks.run(folder).code == 0
    assert len(frames(folder / "output.mp4")) == 12
    assert sound_seconds(folder / "output.mp4") == pytest.approx(1.0, abs=1e-3)


def test_an_excerpt_behind_the_song_is_at_fault(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [40.0, 60.0]')
    outcome = forks.run(folder)
    assert outcome.code == 3, outcome
    assert "excerpt" in outcome.errors and "5" in outcome.errors
    assert not (folder / "output.mp4").exists()


def test_a_scene_without_frames_is_told_and_not_made(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'id = "eeee"\nstart = 4.0', 'id = "eeee"\nstart = 3.01')
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert "dddd" not in scenes(outcome, "keyframes")
    assert "Scene 4 is shorter than half a frame" in outcome.remarks
    assert len(frames(folder / "output.mp4")) == FRAMES
    told = {scene["id"]: scene for scene in Status(Project(folder)).as_json()["scenes"]}
    assert "shorter than half a frame" in told["dddd"]["keyframe"]["reason"]


@pytest.mark.parametrize("fps", ["7", '"30000/1001"', "25"])
def test_every_rate_has_the_frames_of_the_song(fps: str, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, "fps = 12", f"fps = {fps}")
    assert forks.run(folder).code == 0
    assert len(frames(folder / "output.mp4")) == {"7": 35, "25": 125}.get(fps, 150)
    assert sound_seconds(folder / "output.mp4") == pytest.approx(5.0, abs=1e-3)


def test_a_still_scene_and_a_long_hold(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'id = "aaaa"', 'id = "aaaa"\nanimation = "static"')
    change(folder, 'id = "bbbb"', 'id = "bbbb"\nhold = 5')
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    made = Counter(scenes(outcome, "variations"))
    assert (made["aaaa"], made["bbbb"], made["dddd"]) == (0, 2, 3)
    shown = frames(folder / "output.mp4")
    assert len(set(shown[:12])) == 1
    assert [len(set(shown[12:17])), len(set(shown[17:22])), len(set(shown[22:24]))] == [1, 1, 1]
    assert len(set(shown[12:24])) == 3


def test_the_video_lies_where_the_storyboard_says(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, "fps = 12", 'fps = 12\nfile = "videos/a [b] %d.mp4"')
    assert forks.run(folder).code == 0
    assert len(frames(folder / "videos" / "a [b] %d.mp4")) == FRAMES
    assert leftovers(folder) == []
    assert forks.run(folder).made == []
