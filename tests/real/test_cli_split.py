"""`vktrs split`: what would come is shown, nothing is changed before it is asked for, and a run proposes the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.real.commands import answer, finished_project
from tests.real.projects import change, sung_project
from tests.real.worker_forks import Forks
from vktrs.editing import Editing
from vktrs.locks import FileLock
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.stages import scenes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three timed lines of five words, in five seconds, and the scenes that were made of them."""
    return finished_project(tmp_path / "song", "sung")


def text(folder: Path) -> bytes:
    return (folder / "storyboard.toml").read_bytes()


def board_texts(folder: Path) -> list[str]:
    return [scene.text for scene in Project(folder).document().board.scenes]


def test_scenes_that_would_come_are_shown_and_nothing_is_changed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = text(folder)
    out, err = answer(capsys, "split", folder, "--by", "words", "--words", "10")
    lines = out.splitlines()
    assert lines[0].startswith("2 scenes, 2 of them with words; ")
    assert [line.split(maxsplit=3)[-1] for line in lines[3:]] == [
        "first light over the water second street in the rain",
        "third hill and nobody there",
    ]
    assert err == "" and text(folder) == before
    assert not Project(folder).edits.exists() or not list(Project(folder).edits.iterdir())


def test_pauses_come_with_a_table_to_choose_from(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = answer(capsys, "split", folder, "--pause", "0.3")
    assert err == "No word has a time of its own, so only silences between lines count.\n"
    table = [line.split() for line in out.split("\n\n")[-1].splitlines()]
    assert table[0] == ["pause", "scenes"]
    assert [row[0] for row in table[1:]] == ["0.2", "0.3", "0.4", "0.6", "0.8", "1", "1.5", "2"]
    assert [row[2:] for row in table[1:]] == [["(this)"] if row[0] == "0.3" else [] for row in table[1:]]
    counts = [int(row[1]) for row in table[1:]]
    assert counts == sorted(counts, reverse=True)


def test_the_same_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(answer(capsys, "split", folder, "--by", "seconds", "--seconds", "2", "--json")[0])
    assert set(told) == {"by", "measure", "scenes", "by_pauses"}
    assert (told["by"], told["measure"]) == ("seconds", 2.0)
    assert set(told["scenes"][0]) == {"start", "end", "length", "text", "section"}
    assert sum(each["length"] for each in told["scenes"]) == pytest.approx(5.0, abs=0.01)
    assert [each["pause"] for each in told["by_pauses"]] == [0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0]


def test_stanzas_that_nobody_wrote_are_told_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nobody wrote where stanzas end" in answer(capsys, "split", folder, "--by", "stanza")[1]


def test_what_is_written_waits_as_a_proposal_and_is_what_was_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = json.loads(answer(capsys, "split", folder, "--words", "10", "--json")[0])["scenes"]
    before, texts = text(folder), board_texts(folder)
    _, err = answer(capsys, "split", folder, "--words", "10", "--write")
    assert '[split] now has by = "words", words = 10; the studio\'s undo takes it back.' in err
    assert "changes of the scenes are proposed" in err
    assert board_texts(folder) == texts
    split = Project(folder).document().board.split
    assert (split.by, split.words, split.pause) == ("words", 10, 0.8)
    piece = plan_project(Project(folder)).proposal
    assert piece is not None and piece.made
    kept = scenes.load(Project(folder).store, piece.key)
    assert [(each.start, each.end, each.text) for each in kept] == [
        (each["start"], each["end"], each["text"]) for each in shown
    ]
    assert "says so already" in answer(capsys, "split", folder, "--write")[1]
    answer(capsys, "propose", folder, "--accept")
    assert board_texts(folder) == [each["text"] for each in shown]
    assert "The scenes are cut so already." in answer(capsys, "split", folder, "--write")[1]
    editing = Editing(Project(folder))
    editing.undo()
    editing.close()
    assert Project(folder).document().board.split.by == "line"
    assert text(folder) != before  # the scenes that were taken stay


def test_during_a_run_the_proposal_is_left_to_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = FileLock(Project(folder).run_lock)
    assert lock.acquire()
    try:
        _, err = answer(capsys, "split", folder, "--words", "10", "--write")
    finally:
        lock.release()
    assert "--to scenes` makes scenes of it" in err
    assert Project(folder).document().board.split.by == "words"


def test_an_empty_storyboard_gets_the_scenes_by_the_next_run(
    forks: Forks, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sung_project(tmp_path / "song")
    assert forks.run(folder, to="structure").code == 0
    assert "makes scenes of it" in answer(capsys, "split", folder, "--words", "10", "--write")[1]
    assert forks.run(folder, to="scenes").code == 0
    assert len([each for each in board_texts(folder) if each]) == 2


def test_a_run_says_what_is_not_read_and_how_stanzas_were_told(forks: Forks, folder: Path) -> None:
    change(folder, "[look]", '[split]\nby = "stanza"\npause = 2.0\n\n[look]')
    said = " ".join(event.get("text", "") for event in forks.run(folder, to="scenes").events)
    assert 'Scenes are cut by = "stanza", so `pause` in [split] changes nothing.' in said
    assert "Nobody wrote where stanzas end" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--words", "0"], "`words` is 0. It should be a whole number from 1 to 1000."),
        (["--pause", "0"], "`pause` is 0.0. It should be a time in seconds, from 0.05 to 60."),
        (["--seconds", "nan"], "`seconds` is nan."),
        (["--by", "line", "--words", "3"], "--words changes nothing with --by line."),
        (["--pause", "1", "--words", "3"], "--pause and --words change nothing with --by line. Leave them out, or ask"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(
    folder: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = text(folder)
    _, err = answer(capsys, "split", folder, *arguments, "--write", code=2)
    assert said in " ".join(err.split())
    assert text(folder) == before


def test_before_anybody_has_listened_it_is_said_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sung_project(tmp_path / "song")
    _, err = answer(capsys, "split", folder, code=2)
    assert "what is sung is not known yet" in err and "--to structure` listens" in err
