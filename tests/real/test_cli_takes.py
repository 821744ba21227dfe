"""`vktrs takes` and `vktrs reroll` as a person types them: listed, chosen again, made anew, and all of it undone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.real.commands import answer, endless_project, finished_project, going_on, vktrs
from tests.real.projects import change, silent_project
from vktrs.editing import Editing
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.takes import Take, takes

SCENE = "bbbb"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return finished_project(tmp_path / "song")


def found(folder: Path) -> tuple[Take, ...]:
    return takes(Project(folder), SCENE)


def storyboard(folder: Path) -> str:
    return (folder / "storyboard.toml").read_text("utf-8")


def rows(out: str) -> list[tuple[str, int, str]]:
    """Mark, number and the rest of each take's first line."""
    lines = re.findall(r"^([ *]) +(\d+)  (\d{4}-.*)$", out, re.MULTILINE)
    return [(mark.strip(), int(number), rest) for mark, number, rest in lines]


def test_new_takes_are_made_listed_and_chosen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = storyboard(folder)
    done = vktrs("reroll", "2", folder, "--count", "2")
    assert "2 new takes of scene 2" in done.stderr
    assert storyboard(folder) == before
    listed, _ = answer(capsys, "takes", "2", folder)
    assert listed == done.stdout
    assert [(mark, number) for mark, number, _ in rows(listed)] == [("", 3), ("", 2), ("*", 1)]
    for (_, _, rest), take in zip(rows(listed), reversed(found(folder)), strict=True):
        assert f"seed {take.seed}  cppn  48x32" in rest
        assert f"takes/{SCENE}/{take.key}.png" in listed
    assert listed.count("first light second street, teal harbour") == 3
    out, err = answer(capsys, "takes", SCENE, folder, "--use", "2")
    chosen = found(folder)[1]
    assert chosen.current
    assert out == f"{chosen.path}\n"
    assert f"Scene 2 has take 2 again: seed {chosen.seed}." in err
    assert [mark for mark, _, _ in rows(answer(capsys, "takes", "2", folder)[0])] == ["", "*", ""]
    assert "already" in answer(capsys, "takes", "2", folder, "--use", "2")[1]
    assert not any(stage == "keyframes" for stage in re.findall(r"^\w+", vktrs("run", folder).stderr, re.MULTILINE))


def test_a_choice_made_here_is_taken_back_in_the_studio(folder: Path) -> None:
    before = storyboard(folder)
    vktrs("reroll", "2", folder)
    vktrs("takes", "2", folder, "--use", "2")
    assert storyboard(folder) != before
    editing = Editing(Project.open(folder))
    assert editing.can_undo == "choose a take for scene 2"
    editing.undo()
    editing.close()
    assert storyboard(folder) == before


def test_a_take_of_another_engine_is_said_to_become_a_picture(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, "width = 48", "width = 64")
    _, err = answer(capsys, "takes", "2", folder, "--use", "1")
    assert "a size of 48x32" in err
    assert Project(folder).document().board.scene(SCENE).picture == f"takes/{SCENE}/{found(folder)[0].key}.png"


def test_all_takes_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(answer(capsys, "takes", folder, "--json")[0])
    assert [(each["id"], each["index"]) for each in told] == [
        ("aaaa", 1),
        ("bbbb", 2),
        ("cccc", 3),
        ("dddd", 4),
        ("eeee", 5),
    ]
    (take,) = told[1]["takes"]
    (same,) = found(folder)
    assert take == {
        "number": 1,
        "current": True,
        "prompt": same.prompt,
        "negative_prompt": "",
        "seed": same.seed,
        "engine": "cppn",
        "picture": None,
        "made": same.made,
        "size": [48, 32],
        "path": str(same.path),
        "damaged": "",
    }


def test_one_argument_is_a_scene_of_this_project_or_else_a_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    every = answer(capsys, "takes", folder)[0]
    assert len(rows(every)) == 5
    monkeypatch.chdir(folder)
    assert len(rows(answer(capsys, "takes")[0])) == 5
    assert len(rows(answer(capsys, "takes", "2")[0])) == 1
    assert len(rows(answer(capsys, "takes", "2-3")[0])) == 2
    silent_project(folder / SCENE)  # a folder of a scene's name is meant by its path
    assert len(rows(answer(capsys, "takes", SCENE)[0])) == 1
    assert rows(answer(capsys, "takes", f"./{SCENE}")[0]) == []
    assert "no scene nope" in answer(capsys, "takes", "nope", code=2)[1]
    monkeypatch.chdir(tmp_path)
    assert answer(capsys, "takes", "song")[0] == every
    assert "not a project" in answer(capsys, "takes", "2", code=3)[1]


def test_a_scene_without_takes_is_told_how_to_get_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = silent_project(tmp_path / "song")
    out, err = answer(capsys, "takes", "2", folder)
    assert out == ""
    assert f"`vktrs reroll 2 {folder}` makes one" in err
    assert "No takes yet" in answer(capsys, "takes", folder)[1]
    assert "no take 1" in answer(capsys, "takes", "2", folder, "--use", "1", code=2)[1]


def test_a_damaged_take_is_listed_and_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "takes" / SCENE / "zz.png").write_bytes(b"")
    change(folder, "width = 48", "width = 64")
    listed, _ = answer(capsys, "takes", "2", folder)
    assert "damaged: it is no PNG" in listed
    number = next(number for _, number, rest in rows(listed) if "damaged" in rest)
    assert "cannot be read" in answer(capsys, "takes", "2", folder, "--use", str(number), code=3)[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["takes", "--use", "1"], "whose take"),
        (["takes", "2", "--use", "7"], "numbered from 1 to 1"),
        (["takes", "2-3", "--use", "1"], "2-3 are 2 scenes"),
        (["takes", "2", "--use", "1", "--json"], "lists nothing"),
        (["reroll", "9"], "no scene 9"),
        (["reroll", "1,2"], "1,2 are 2 scenes"),
        (["reroll", "2", "--count", "0"], "1<=x<=16"),
        (["reroll", "2", "--count", "17"], "1<=x<=16"),
        (["reroll", "2", "--count", "2", "--frame", "1"], "one of them"),
        (["reroll", "2", "--budget", "-1"], "budget"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_answered(
    arguments: list[str],
    said: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    before = storyboard(folder)
    assert said in " ".join(answer(capsys, *arguments, code=2)[1].split())
    assert storyboard(folder) == before
    assert len(found(folder)) == 1


def test_one_unwanted_variation_is_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (_, before, *_) = plan_project(Project(folder)).scenes
    done = vktrs("reroll", "2", folder, "--frame", "3")
    ((number, seed),) = Project(folder).document().board.scene(SCENE).frame_seeds or ()
    assert number == 3
    assert f"Variation 3 of scene 2 has the seed {seed} now." in done.stderr
    (_, after, *_) = plan_project(Project(folder)).scenes
    assert after.complete
    assert after.variation_keys[:2] == before.variation_keys[:2]
    assert after.variation_keys[2] != before.variation_keys[2]
    assert "from 1 to 3" in answer(capsys, "reroll", "2", folder, "--frame", "4", code=3)[1]
    editing = Editing(Project.open(folder))
    editing.undo()
    editing.close()
    assert Project(folder).document().board.scene(SCENE).frame_seeds is None


def test_while_a_run_is_going_on_nothing_is_written_and_no_other_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = endless_project(tmp_path / "song")
    with going_on(folder) as name:
        before = storyboard(folder)
        for wish in (("--frame", "3"), ("--count", "2")):
            assert f"run {name} is going on" in answer(capsys, "reroll", "2", folder, *wish, code=2)[1]
        assert storyboard(folder) == before


def test_a_variation_keeps_its_seed_where_another_could_not_be_made(folder: Path) -> None:
    change(folder, 'speech = "none"', 'speech = "none"\npictures = "stability"')
    before = storyboard(folder)
    for _ in range(2):
        assert "STABILITY_KEY" in vktrs("reroll", "2", folder, "--frame", "1", code=4).stderr
        assert storyboard(folder) == before
    change(folder, "[look]", "[engines.stability]\nmodle = 1\n\n[look]")
    before = storyboard(folder)
    assert "modle" in vktrs("reroll", "2", folder, "--frame", "1", env={"STABILITY_KEY": "sk-none"}, code=3).stderr
    assert storyboard(folder) == before
