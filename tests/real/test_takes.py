"""Takes of real runs: listed, chosen again without a new picture, deleted; and a cycle as it is played."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.real.projects import change, silent_project, whole_artifacts
from tests.real.worker_forks import Forks
from vktrs.errors import ArtifactDamaged, InputError, UsageError
from vktrs.locks import FileLock
from vktrs.media.frames import load_png, read_texts, save_png
from vktrs.media.png import read_head
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.cycle_view import cycle_paths
from vktrs.runs.takes import Take, choice, choose_edit, delete, takes
from vktrs.stages import keyframes, order, variations
from vktrs.storyboard.edits import Edited, set_field, set_setting

SCENE = "bbbb"


@pytest.fixture(scope="module")
def made(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose second scene has two takes: the first of another seed and prompt."""
    folder = silent_project(tmp_path_factory.mktemp("takes") / "song")
    assert forks.run(folder, to="keyframes").code == 0
    change(folder, 'text = "second street"', 'text = "second street"\nseed = 77\nprompt = "a blue gate"')
    assert forks.run(folder).code == 0
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    return Project(Path(shutil.copytree(made, tmp_path / "song")))


def edit(project: Project, apply: Callable[..., Edited], *arguments: object) -> Edited:
    """An edit as the studio makes it."""
    done: list[Edited] = []

    def change_it(document: object) -> object:
        done.append(apply(document.board, *arguments))  # type: ignore[attr-defined]
        return done[0].board

    project.edit(change_it)  # type: ignore[arg-type]
    return done[0]


def current(project: Project) -> Path:
    """The keyframe that the storyboard asks for."""
    plan = plan_project(project)
    (scene,) = (each for each in plan.scenes if each.scene.id == SCENE)
    return keyframes.take_path(project.takes, SCENE, scene.keyframe.key)


def older(project: Project) -> Take:
    (take,) = (each for each in takes(project, SCENE) if not each.current)
    return take


def test_the_takes_of_a_scene_tell_how_they_were_made_the_newest_last(project: Project) -> None:
    first, second = takes(project, SCENE)
    assert (first.prompt, second.prompt) == ("first light second street, teal harbour", "a blue gate")
    assert (first.current, second.current) == (False, True)
    assert second.seed == 77 and first.seed is not None
    assert first.made <= second.made
    for take in (first, second):
        assert (take.engine, take.size, take.picture, take.damaged) == ("cppn", (48, 32), None, "")
        assert take.path == project.takes / SCENE / f"{take.key}.png"
        assert take.path.exists()


def test_a_scene_without_takes_has_none(project: Project) -> None:
    assert takes(project, "zzzz") == ()


def test_choosing_an_older_take_makes_it_current_and_no_picture_again(project: Project, forks: Forks) -> None:
    take, before = older(project), whole_artifacts(project.root)
    said = edit(project, choose_edit, take).adjusted
    scene = project.document().board.scene(SCENE)
    # its prompt came from the lyrics and does so again
    assert (scene.seed, scene.prompt, scene.picture) == (take.seed, None, None)
    assert said == ()
    assert current(project) == take.path
    outcome = forks.run(project.root, to="keyframes")
    assert outcome.code == 0
    assert [each for each in outcome.made if each[0] == "keyframes"] == []
    assert {name: mark for name, mark in whole_artifacts(project.root).items() if name in before} == before
    # and back again: the other one is still there, too
    edit(project, choose_edit, older(project))
    assert project.document().board.scene(SCENE).prompt == "a blue gate"
    assert current(project).exists()


def test_a_prompt_that_the_lyrics_do_not_give_any_more_is_written(project: Project) -> None:
    take = older(project)
    edit(project, set_field, "aaaa", "text", "another light")
    assert choice(project.document().board, take).fields == {"seed": take.seed, "prompt": take.prompt}
    edit(project, choose_edit, take)
    assert current(project) == take.path


def test_a_negative_prompt_is_written_only_where_it_differs(project: Project) -> None:
    take = older(project)
    assert choice(project.document().board, take).fields == {"seed": take.seed, "prompt": None}
    edit(project, set_setting, "look.negative_prompt", "blurry")
    assert choice(project.document().board, take).fields["negative_prompt"] == ""
    edit(project, choose_edit, take)
    assert current(project) == take.path


def test_of_takes_that_differ_in_their_seed_alone_only_the_seed_is_written(project: Project, forks: Forks) -> None:
    take = next(each for each in takes(project, SCENE) if each.current)
    edit(project, set_field, SCENE, "seed", 78)
    assert choice(project.document().board, take).fields == {"seed": 77}


def test_choosing_the_current_take_changes_nothing(project: Project) -> None:
    text = project.storyboard_path.read_text("utf-8")
    edit(project, choose_edit, takes(project, SCENE)[1])
    assert project.storyboard_path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [
        ("engines.pictures", "diffusers", "the engine cppn"),
        ("video.width", 64, "a size of 48x32"),
        ("engines.cppn.depth", 3, "other options"),
    ],
)
def test_a_take_that_cannot_be_drawn_again_becomes_the_scenes_own_picture(
    project: Project, setting: str, value: object, why: str
) -> None:
    take = older(project)
    edit(project, set_setting, setting, value)
    (said,) = edit(project, choose_edit, take).adjusted
    assert why in said and "own picture" in said and "scene 2" in said
    scene = project.document().board.scene(SCENE)
    assert scene.picture == f"takes/{SCENE}/{take.key}.png"
    assert (scene.seed, scene.prompt) == (77, "a blue gate")


def test_a_take_in_a_services_own_size_is_compared_by_what_was_asked_for(project: Project) -> None:
    take = older(project)
    path = keyframes.take_path(project.takes, SCENE, "large")
    save_png(path, np.zeros((96, 144, 3), np.uint8), {"vktrs": json.dumps(dict(take.inputs))})
    (large,) = (each for each in takes(project, SCENE) if each.key == "large")
    assert large.size == (144, 96)
    edit(project, set_setting, "engines.cppn.depth", 3)
    (said,) = edit(project, choose_edit, large).adjusted
    assert "other options" in said and "size" not in said


def test_of_a_take_that_was_asked_for_by_its_shape_that_is_told(project: Project) -> None:
    inputs = {name: value for name, value in older(project).inputs.items() if name not in ("width", "height")}
    path = keyframes.take_path(project.takes, SCENE, "wide")
    save_png(path, np.zeros((96, 144, 3), np.uint8), {"vktrs": json.dumps({**inputs, "aspect_ratio": "3:2"})})
    (wide,) = (each for each in takes(project, SCENE) if each.key == "wide")
    (said,) = edit(project, choose_edit, wide).adjusted
    assert "an aspect ratio of 3:2" in said and "options" not in said


def test_a_take_chosen_as_a_picture_is_shown_by_the_next_run_and_cannot_be_deleted(
    project: Project, forks: Forks
) -> None:
    take = older(project)
    edit(project, set_setting, "engines.cppn.depth", 3)
    edit(project, choose_edit, take)
    assert forks.run(project.root, to="keyframes", scenes=(SCENE,)).code == 0
    newest = takes(project, SCENE)[-1]
    assert newest.current and newest.picture is not None and newest.seed is None
    assert np.array_equal(load_png(newest.path), load_png(take.path))
    with pytest.raises(InputError, match="scene 2 has this take"):
        delete(project, take)
    # the second one is of the old options, too; choosing it puts another picture in place
    second = next(each for each in takes(project, SCENE) if each.seed == 77)
    edit(project, choose_edit, second)
    assert project.document().board.scene(SCENE).picture == f"takes/{SCENE}/{second.key}.png"
    # and with the old options back its seed and prompt suffice: the picture is taken out
    edit(project, set_setting, "engines.cppn.depth", None)
    edit(project, choose_edit, take)
    assert project.document().board.scene(SCENE).picture is None
    assert current(project) == take.path


def test_a_take_of_a_scene_that_is_gone_cannot_be_chosen(project: Project) -> None:
    take = Take("zzzz", "00", project.takes / "zzzz" / "00.png", 0.0, prompt="x", seed=1)
    with pytest.raises(InputError, match="no scene `zzzz`"):
        choice(project.document().board, take)


@pytest.mark.parametrize("engine", ["the same", "another"])
def test_a_take_whose_file_is_gone_cannot_be_chosen(project: Project, engine: str) -> None:
    take = older(project)
    if engine == "another":  # then it could be taken as a picture only
        edit(project, set_setting, "engines.cppn.depth", 3)
    take.path.unlink()
    with pytest.raises(InputError, match="That take is gone"):
        choose_edit(project.document().board, take)


def test_a_damaged_take_is_listed_and_cannot_be_chosen(project: Project) -> None:
    older(project).path.write_bytes(b"no picture")
    damaged = older(project)
    assert "no PNG" in damaged.damaged and damaged.seed is None and damaged.size is None
    with pytest.raises(InputError, match="cannot be read"):
        choice(project.document().board, damaged)
    delete(project, damaged)
    assert len(takes(project, SCENE)) == 1


def test_a_picture_that_nobody_knows_among_the_takes_is_chosen_as_a_picture(project: Project) -> None:
    path = project.takes / SCENE / "holiday.png"
    Image.new("RGB", (10, 20)).save(path)
    (take,) = (each for each in takes(project, SCENE) if each.key == "holiday")
    assert (take.size, take.prompt, take.seed) == ((10, 20), "", None)
    edit(project, choose_edit, take)
    assert project.document().board.scene(SCENE).picture == f"takes/{SCENE}/holiday.png"


def test_the_current_take_may_be_deleted_and_is_made_again(project: Project, forks: Forks) -> None:
    path = current(project)
    before = path.read_bytes()
    delete(project, takes(project, SCENE)[1])
    assert not path.exists()
    assert forks.run(project.root).made == [("keyframes", SCENE)]
    assert path.read_bytes() == before


def test_no_take_is_deleted_during_a_run(project: Project) -> None:
    lock = FileLock(project.run_lock)
    assert lock.acquire()
    try:
        with pytest.raises(UsageError, match="during a run"):
            delete(project, older(project))
    finally:
        lock.release()
    assert len(takes(project, SCENE)) == 2


def test_deleting_twice_is_no_fault(project: Project) -> None:
    take = older(project)
    delete(project, take)
    delete(project, take)


def test_a_cycle_is_told_in_the_order_in_which_it_is_played(project: Project) -> None:
    (scene,) = (each for each in plan_project(project).scenes if each.scene.id == SCENE)
    as_made = [current(project), *(variations.path(project.store, key) for key in scene.variation_keys)]
    assert scene.order is not None
    played = order.load(project.store, scene.order.key, len(as_made))
    paths = cycle_paths(project, scene)
    assert paths == tuple(as_made[place] for place in played)
    assert len(paths) == 4 and paths[0] == current(project) and all(path.exists() for path in paths)


@pytest.mark.parametrize("mode", ["ping-pong", "as-made"])
def test_a_cycle_without_its_order_is_told_as_it_was_made(project: Project, mode: str) -> None:
    edit(project, set_field, SCENE, "order", mode)
    (scene,) = (each for each in plan_project(project).scenes if each.scene.id == SCENE)
    as_made = [current(project), *(variations.path(project.store, key) for key in scene.variation_keys)]
    assert cycle_paths(project, scene) == tuple(as_made)


def test_of_a_cycle_only_what_is_there_is_told(project: Project) -> None:
    (scene,) = (each for each in plan_project(project).scenes if each.scene.id == SCENE)
    shutil.rmtree(project.store.path("variations", scene.variation_keys[1]))
    assert scene.order is not None
    (project.store.path("order", scene.order.key) / "order.json").write_text("[0, 1")
    current(project).unlink()
    (scene,) = (each for each in plan_project(project).scenes if each.scene.id == SCENE)
    assert cycle_paths(project, scene) == tuple(
        variations.path(project.store, scene.variation_keys[place]) for place in (0, 2)
    )
    edit(project, set_field, SCENE, "seed", 5)
    (scene,) = (each for each in plan_project(project).scenes if each.scene.id == SCENE)
    assert cycle_paths(project, scene) == ()


def test_looking_at_takes_and_cycles_needs_nothing_heavy(project: Project) -> None:
    code = f"""
import sys
from pathlib import Path
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.cycle_view import cycle_paths
from vktrs.runs.status import Status
from vktrs.runs.takes import takes
project = Project(Path({str(project.root)!r}))
plan = plan_project(project)
assert len(takes(project, {SCENE!r}, plan)) == 2
assert all(cycle_paths(project, scene) for scene in plan.scenes)
project.storyboard_path.write_text(project.storyboard_path.read_text().replace("seed = 77", "seed = 78"))
reason = Status(project).scenes[1]["keyframe"]["reason"]
assert reason == "seed 77 -> 78", reason
print([name for name in ("numpy", "PIL", "textual", "scipy", "av", "fast_tsp") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_head_of_a_png_is_read_as_pillow_reads_it(project: Project, tmp_path: Path) -> None:
    for path in [*project.takes.glob("*/*.png"), *project.store.root.glob("variations/*/frame.png")]:
        head = read_head(path)
        assert (head.width, head.height, head.texts) == (48, 32, read_texts(path))
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("plain", "café")
    info.add_text("packed", "a" * 500, zip=True)
    info.add_itxt("wide", "雨の夜 🌧", "ja", "広い")
    info.add_itxt("both", "雨" * 500, zip=True)
    Image.new("L", (3, 5)).save(tmp_path / "p.png", pnginfo=info)
    head = read_head(tmp_path / "p.png")
    assert (head.width, head.height) == (3, 5)
    assert head.texts == read_texts(tmp_path / "p.png")
    assert len(head.texts) == 4


@pytest.mark.parametrize("kept", [0, 8, 20, 30, 40])
def test_a_png_cut_short_in_its_head_is_damaged(project: Project, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(current(project).read_bytes()[:kept])
    with pytest.raises(ArtifactDamaged):
        read_head(path)


def test_a_png_with_an_altered_text_is_damaged(project: Project, tmp_path: Path) -> None:
    data = current(project).read_bytes()
    (tmp_path / "p.png").write_bytes(data.replace(b"a blue gate", b"a grey gate", 1))
    with pytest.raises(ArtifactDamaged, match="tEXt"):
        read_head(tmp_path / "p.png")
