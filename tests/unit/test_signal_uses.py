"""Which fields use a signal, and a signal that is called otherwise: everywhere, at once, and back again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vktrs.editing import Editing
from vktrs.errors import InputError
from vktrs.project import Project
from vktrs.storyboard import edits
from vktrs.storyboard.model import Look, Scene, Signal, Storyboard
from vktrs.storyboard.signal_uses import Use, rename_signal, renamed, signal_uses, told_uses

BOARD = Storyboard(
    signals={"pulse": Signal("drums", "rms"), "voice": Signal(), "idle": Signal()},
    look=Look(zoom="1 + 0.1 * pulse"),
    scenes=(
        Scene("aa", 0.0, angle="pulse - voice", zoom=1.0),
        Scene("bb", 2.0, strength="0: (pulse), 30: (0.5)", theme=None),
    ),
)


def test_uses_are_found_in_look_and_scenes_also_in_schedules() -> None:
    uses = signal_uses(replace(BOARD, scenes=(BOARD.scenes[0],)))
    assert uses == {
        "pulse": (Use("zoom"), Use("angle", 1, "aa")),
        "voice": (Use("angle", 1, "aa"),),
        "idle": (),
    }


def test_uses_are_told_in_words_and_many_of_them_shortly() -> None:
    many = (Use("zoom"), *(Use("angle", number, "x") for number in range(1, 9)))
    assert told_uses(many[:1]) == "zoom of [look]"
    assert told_uses(many[:2]) == "zoom of [look] and angle of scene 1"
    assert told_uses(many) == "zoom of [look], angle of scene 1, angle of scene 2 and 6 others"
    assert told_uses(()) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pulse", "hit"),
        ("2*pulse+pulse2 - my_pulse", "2*hit+pulse2 - my_pulse"),
        ("max(pulse,1.5) if pulse>0.5 else -pulse", "max(hit,1.5) if hit>0.5 else -hit"),
        ("Pulse", "Pulse"),
    ],
)
def test_only_the_very_name_is_replaced_in_an_expression(text: str, said: str) -> None:
    assert renamed(text, "pulse", "hit") == said


def test_a_renamed_signal_keeps_its_place_and_is_used_as_before() -> None:
    board = rename_signal(BOARD, "pulse", "hit").board
    assert list(board.signals) == ["hit", "voice", "idle"]
    assert board.signals["hit"] == BOARD.signals["pulse"]
    assert (board.look.zoom, board.scenes[0].angle) == ("1 + 0.1 * hit", "hit - voice")
    assert rename_signal(board, "hit", "pulse").board == BOARD


@pytest.mark.parametrize("name", ["voice", "sin", "beat", "2nd", "a-b", "", "s", "lambda"])
def test_a_name_that_is_taken_or_no_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="signal") as caught:
        rename_signal(BOARD, "pulse", name)
    assert caught.value.hint


TEXT = """\
schema = 1
[song]
source = "a.wav"

[signals.pulse]   # the drums
chain = "rms"

[[scenes]]
id = "aa"
start = 0.0
animation = "img2img"
zoom = "1 + 0.1 * pulse"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "p", TEXT)


def test_undo_takes_a_signal_out_that_was_added_and_the_next_edit_finds_it_gone(project: Project) -> None:
    editing = Editing(project)
    editing.apply("add", lambda board: edits.set_setting(board, "signals.hit.chain", "rms | sustain(0.5)"))
    undone = editing.undo()
    assert set(undone.document.board.signals) == {"pulse"}
    assert project.storyboard_path.read_text("utf-8") == TEXT
    editing.apply("move", lambda board: edits.insert(board, 2.0))
    assert set(project.document().board.signals) == {"pulse"}
    editing.undo()
    redone = editing.redo()
    assert set(redone.document.board.signals) == {"pulse"}
    editing.close()


def test_undo_puts_a_removed_signal_and_a_renamed_one_back(project: Project) -> None:
    editing = Editing(project)
    editing.apply("rename", lambda board: rename_signal(board, "pulse", "hit"))
    assert project.document().board.scenes[0].zoom == "1 + 0.1 * hit"
    editing.undo()
    assert project.storyboard_path.read_text("utf-8") == TEXT
    editing.redo()
    assert set(project.document().board.signals) == {"hit"}
    editing.undo()
    editing.apply("still", lambda board: edits.set_field(board, "aa", "zoom", None))
    editing.apply("remove", lambda board: edits.remove_signal(board, "pulse"))
    assert Project.open(project.root).document().board.signals == {}
    editing.undo()
    assert project.document().board.signals == {"pulse": Signal("mix", "rms")}
    editing.close()


def test_a_signal_that_others_use_by_now_stays_when_its_making_is_undone(project: Project) -> None:
    editing = Editing(project)
    editing.apply("add", lambda board: edits.set_setting(board, "signals.hit.chain", "novelty"))
    text = project.storyboard_path.read_text("utf-8")
    project.storyboard_path.write_text(text.replace("0.1 * pulse", "0.1 * hit"), "utf-8")
    undone = editing.undo()
    assert undone.nothing
    assert project.document().board.signals["hit"] == Signal("mix", "novelty")
    editing.close()
