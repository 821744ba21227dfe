"""New takes beside the chosen one, and another seed for one unwanted variation: made by real runs, none twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.real.commands import finished_project
from tests.real.projects import change, frames, silent_project, whole_artifacts
from tests.real.worker_forks import Forks, at_call, at_event, kill, stop, write
from vktrs.engines import registry
from vktrs.engines.cppn import open_cppn
from vktrs.engines.pictures import Answer, Keyframe, KeyframeRequest, PictureEngine
from vktrs.errors import Halted, InputError, Stopped, VktrsError
from vktrs.inventory import look
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.cleaning import clean
from vktrs.runs.control import RunRequest
from vktrs.runs.making import Making
from vktrs.runs.rerolling import new_takes, reseed_edit, scene_plan
from vktrs.runs.status import Status
from vktrs.runs.takes import choose_edit, takes
from vktrs.stages import variations

SCENE = "bbbb"
ANSWERED = "vktrs.runs.rerolling.Rerolling._keep"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return finished_project(tmp_path / "song")


def take_keys(folder: Path) -> set[str]:
    return {take.key for take in takes(Project(folder), SCENE)}


def storyboard(folder: Path) -> str:
    return (folder / "storyboard.toml").read_text("utf-8")


def test_so_many_takes_are_made_and_nothing_else_and_the_chosen_one_stays(forks: Forks, folder: Path) -> None:
    text, before = storyboard(folder), whole_artifacts(folder)
    chosen = plan_project(Project(folder)).scenes[1].keyframe.key
    outcome = forks.run(folder, to="keyframes", scenes=(SCENE,), reroll=(SCENE, 3))
    assert (outcome.code, outcome.made) == (0, [("keyframes", SCENE)] * 3)
    assert storyboard(folder) == text
    found = takes(Project(folder), SCENE)
    assert len({take.seed for take in found}) == 4
    assert [take.key for take in found if take.current] == [chosen]
    assert {name: mark for name, mark in whole_artifacts(folder).items() if name in before} == before
    # another wish makes others
    assert forks.run(folder, to="keyframes", scenes=(SCENE,), reroll=(SCENE, 2)).made == [("keyframes", SCENE)] * 2
    assert len(take_keys(folder)) == 6


def test_a_new_take_is_the_one_that_the_storyboard_asks_for_with_its_seed(forks: Forks, folder: Path) -> None:
    assert forks.run(folder, to="keyframes", scenes=(SCENE,), reroll=(SCENE, 1)).code == 0
    project = Project(folder)
    take = takes(project, SCENE)[-1]
    project.edit(lambda document: choose_edit(document.board, take).board)
    assert project.document().board.scene(SCENE).seed == take.seed
    assert plan_project(project).scenes[1].keyframe.made
    assert ("keyframes", SCENE) not in forks.run(folder).made


def test_takes_need_neither_the_song_nor_its_length(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    (folder / "song.wav").unlink()
    outcome = forks.run(folder, to="keyframes", scenes=(SCENE,), reroll=(SCENE, 1))
    assert (outcome.code, outcome.made) == (0, [("keyframes", SCENE)])


def test_of_a_scene_with_a_picture_of_its_own_takes_of_its_prompt_are_made(forks: Forks, folder: Path) -> None:
    from PIL import Image

    Image.new("RGB", (60, 60), "red").save(folder / "mine.png")
    change(folder, f'id = "{SCENE}"', f'id = "{SCENE}"\npicture = "mine.png"')
    assert forks.run(folder, to="keyframes", scenes=(SCENE,), reroll=(SCENE, 1)).code == 0
    newest = takes(Project(folder), SCENE)[-1]
    assert newest.picture is None
    assert newest.prompt == "first light second street, teal harbour"


def test_a_stopped_or_killed_reroll_keeps_what_it_made(forks: Forks, folder: Path) -> None:
    wish = {"to": "keyframes", "scenes": (SCENE,), "reroll": (SCENE, 16)}
    stopped = forks.run(folder, at_call(ANSWERED, stop(), after=True), **wish)
    assert stopped.code == 130
    kept = take_keys(folder)
    assert 1 < len(kept) < 17
    killed = forks.run(folder, at_event(1, kill()), **wish)
    assert killed.code == -9
    assert kept < take_keys(folder)
    assert all(not take.damaged for take in takes(Project(folder), SCENE))


def test_an_edit_while_takes_are_made_is_seen_by_those_after_it(forks: Forks, folder: Path) -> None:
    edited = storyboard(folder).replace('text = "second street"', 'text = "second street"\nprompt = "a blue gate"')
    change_it = at_call(ANSWERED, write(folder / "storyboard.toml", edited), after=True)
    outcome = forks.run(folder, change_it, to="keyframes", scenes=(SCENE,), reroll=(SCENE, 12))
    assert (outcome.code, len(outcome.made)) == (0, 12)
    prompts = [take.prompt for take in takes(Project(folder), SCENE)]
    assert prompts[-1] == "a blue gate"
    assert len(prompts) == 13


def test_a_scene_that_is_not_there_is_said_before_anything_is_made(forks: Forks, folder: Path) -> None:
    outcome = forks.run(folder, to="keyframes", scenes=("zzzz",), reroll=("zzzz", 1))
    assert (outcome.code, outcome.made) == (3, [])
    assert "there is no scene zzzz" in outcome.errors


def test_a_wrong_option_of_the_engine_is_said_although_the_keyframe_is_there(forks: Forks, folder: Path) -> None:
    change(folder, "[look]", "[engines.cppn]\ndepth = 3\n\n[look]")
    outcome = forks.run(folder, to="keyframes", scenes=(SCENE,), reroll=(SCENE, 1))
    assert (outcome.code, outcome.made) == (3, [])
    assert "depth" in outcome.errors


class Moody:
    """cppn that answers some keyframes with an error."""

    def __init__(self, errors: Sequence[VktrsError | None]) -> None:
        self._cppn: PictureEngine = open_cppn(1)
        self._errors = iter(errors)
        self.asked: list[KeyframeRequest] = []

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> Iterator[tuple[KeyframeRequest, Answer]]:
        self.asked += requests
        for request, picture in self._cppn.keyframes(requests):
            yield request, next(self._errors, None) or picture

    def variations(self, keyframe: Keyframe, requests: Sequence[Any]) -> Iterator[Any]:
        raise AssertionError("no variation is wanted")

    def close(self) -> None:
        self._cppn.close()


def reroll(folder: Path, engine: Moody, monkeypatch: pytest.MonkeyPatch, count: int) -> list[dict[str, Any]]:
    """The events of such a run in this process, with that engine behind the door; raises what ends the run."""
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(registry, "open_pictures", lambda *_: engine)
    request = RunRequest("keyframes", (SCENE,), reroll=(SCENE, count))
    making = Making(Project(folder), request, lambda event, **told: events.append({"event": event, **told}), bool)
    try:
        making.run()
    finally:
        making.close()
    assert {error.exit_code for error in making.failures.values()} == {each["exit"] for each in _failed(events)}
    return events


def _failed(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in events if each["event"] == "failed"]


def test_a_take_that_fails_is_told_and_not_tried_again_and_the_others_are_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Moody([None, VktrsError("the picture was flagged."), None])
    (failed,) = _failed(reroll(folder, engine, monkeypatch, 3))
    assert (failed["stage"], failed["scene"], failed["error"]) == ("keyframes", SCENE, "the picture was flagged.")
    assert len(take_keys(folder)) == 3
    assert len(set(engine.asked)) == len(engine.asked) == 3


def test_what_concerns_all_takes_ends_the_run_and_keeps_those_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Halted, match="no credits"):
        reroll(folder, Moody([None, Halted("no credits are left.")]), monkeypatch, 4)
    assert len(take_keys(folder)) >= 2


def test_seeds_follow_from_the_scenes_own_so_that_a_wish_gives_the_same_pictures(folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "elsewhere"))
    found = []
    for place in (folder, other):
        plan = plan_project(Project(place))
        asked = new_takes(plan, scene_plan(plan, SCENE), take_keys(place))
        found.append([next(asked).resolved.seed for _ in range(5)])
    assert found[0] == found[1]
    assert len(set(found[0])) == 5


def reseed(folder: Path, k: int) -> int:
    """Another seed for a variation, written as the command writes it; that seed."""
    project = Project(folder)
    project.edit(lambda document: reseed_edit(document.board, look(project, document.board), SCENE, k).board)
    return dict(project.document().board.scene(SCENE).frame_seeds or ())[k]


def test_one_variation_is_replaced_and_no_other_picture_is_made(forks: Forks, folder: Path) -> None:
    project, before = Project(folder), frames(folder / "output.mp4")
    old = plan_project(project).scenes[1].resolved
    assert reseed(folder, 2) == variations.seed(old, 2) + 1
    marks = Status(project).scenes[1]["variations"]
    assert marks == {
        "state": "missing",
        "done": 2,
        "total": 3,
        "reason": "2 of 3 made; with seeds of their own: 2",
    }
    outcome = forks.run(folder)
    assert outcome.made == [("variations", SCENE), ("order", SCENE), ("clips", SCENE), ("video", None)]
    assert frames(folder / "output.mp4") != before
    assert forks.run(folder).made == []
    # the one before is still there, until it is cleaned away
    change(folder, "frame_seeds", "# frame_seeds")
    assert forks.run(folder).made == [("video", None)]
    assert frames(folder / "output.mp4") == before


def test_each_wish_tries_a_seed_that_was_not_tried(forks: Forks, folder: Path) -> None:
    first = reseed(folder, 2)
    assert forks.run(folder, to="clips").code == 0
    second = reseed(folder, 2)
    assert forks.run(folder, to="clips").code == 0
    change(folder, str(second), str(first))
    assert reseed(folder, 2) not in (first, second)
    assert reseed(folder, 1) is not None
    assert [k for k, _ in Project(folder).document().board.scene(SCENE).frame_seeds or ()] == [2, 1]


def test_after_the_largest_seed_comes_the_smallest(folder: Path) -> None:
    change(folder, f'id = "{SCENE}"', f'id = "{SCENE}"\nframe_seeds = [[1, 4294967295]]')
    assert reseed(folder, 1) == 0


@pytest.mark.parametrize(
    ("k", "extra", "right"),
    [(4, "", "from 1 to 3"), (0, "", "from 1 to 3"), (1, 'animation = "static"', "another keyframe")],
)
def test_a_variation_that_the_scene_does_not_show_is_answered(k: int, extra: str, right: str, folder: Path) -> None:
    change(folder, f'id = "{SCENE}"', f'id = "{SCENE}"\n{extra}')
    with pytest.raises(InputError, match="shows no variation") as caught:
        reseed(folder, k)
    assert right in caught.value.hint
    assert "frame_seeds" not in storyboard(folder)


def test_cleaning_removes_variations_of_seeds_that_are_not_written_any_more_and_spares_takes(
    forks: Forks, folder: Path
) -> None:
    assert forks.run(folder, to="keyframes", scenes=(SCENE,), reroll=(SCENE, 2)).code == 0
    kept = take_keys(folder)
    old = plan_project(Project(folder)).scenes[1].variation_keys[1]
    reseed(folder, 2)
    assert forks.run(folder).code == 0
    removed = clean(Project(folder)).names
    assert [name for name in removed if "variations" in name] == [f".vktrs/cache/variations/{old}"]
    assert take_keys(folder) == kept
    assert forks.run(folder).made == []
    assert len(clean(Project(folder), takes=True).names) >= 2
    assert len(take_keys(folder)) == 1


def test_a_reroll_stopped_before_it_begins_makes_nothing(folder: Path) -> None:
    making = Making(
        Project(folder), RunRequest("keyframes", (SCENE,), reroll=(SCENE, 2)), lambda *_, **__: None, lambda: True
    )
    with pytest.raises(Stopped):
        making.run()
    making.close()
    assert len(take_keys(folder)) == 1
