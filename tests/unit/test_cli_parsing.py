"""What people type after a command, and what the commands answer: pure functions of the command line."""

from __future__ import annotations

import io
import shlex
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.real.projects import silent_project
from vktrs.errors import UsageError
from vktrs.project import Project
from vktrs.storyboard.model import Scene, Storyboard
from vktrs_tui.cli.progress import ProgressLines, progress_line
from vktrs_tui.cli.running import parse_scenes
from vktrs_tui.cli.speaking import one_line, quoted, shown
from vktrs_tui.cli.watching import copy_command, scene_name
from vktrs_tui.video_format import parse_size

BOARD = Storyboard(
    scenes=tuple(Scene(id=name, start=float(start)) for start, name in enumerate(("ab", "c-d", "e5", "f")))
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("1", ("ab",)),
        ("4,1", ("f", "ab")),
        ("2-3", ("c-d", "e5")),
        ("c-d", ("c-d",)),
        (" 1 - 2 , f ", ("ab", "c-d", "f")),
        ("1,1,ab,1-2", ("ab", "c-d")),
        ("1,,2,", ("ab", "c-d")),
    ],
)
def test_scenes_by_number_range_and_id(text: str, ids: tuple[str, ...]) -> None:
    assert parse_scenes(text, BOARD) == ids


@pytest.mark.parametrize(
    "text", ["0", "5", "3-1", "0-2", "2-5", "-1", "1-", "-", "zz", "1 2", "", ",", "²", "１", "1.0", "9" * 5000, "1--2"]
)
def test_scenes_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_scenes(text, BOARD)


@given(st.text())
def test_any_text_names_scenes_or_is_refused(text: str) -> None:
    try:
        assert set(parse_scenes(text, BOARD)) <= {scene.id for scene in BOARD.scenes}
    except UsageError as error:
        assert error.hint


def test_a_board_without_scenes_says_how_to_get_them() -> None:
    with pytest.raises(UsageError, match="no scenes yet"):
        parse_scenes("1", Storyboard())


@pytest.mark.parametrize(("text", "size"), [("512x256", (512, 256)), ("16X4096", (16, 4096))])
def test_sizes(text: str, size: tuple[int, int]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "512", "512x", "x512", "0x0", "511x512", "14x16", "4098x16", "-2x2", "5e2x512", "１６x16"]
)
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_size(text)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_what_is_quoted_is_read_back_by_a_shell(name: str) -> None:
    words = shlex.split(f"vktrs run {quoted(Path(name))}")
    assert len(words) == 3
    assert Path(words[2]) == Path(name)
    assert not words[2].startswith("-")


@pytest.mark.parametrize(
    ("connection", "start"),
    [
        (["192.0.2.1", "5", "192.0.2.2", "22"], "scp "),
        (["192.0.2.1", "5", "192.0.2.2", "2200"], "scp -P 2200 "),
        (["garbled"], "scp "),
    ],
)
def test_the_copy_command_is_one_source_and_one_target(
    connection: list[str], start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    command = copy_command(Path("/a b/it's.mp4"), connection)
    assert command.startswith(start)
    *_, source, target = shlex.split(command)
    assert source.startswith("ada@")
    assert source.endswith(":/a b/it's.mp4")
    assert target == "."


def test_a_user_without_a_name_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert copy_command(Path("/v.mp4"), ["a", "1", "fe80::1", "22"]) == "scp '[fe80::1]:/v.mp4' ."


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_control_characters_are_shown_on_a_terminal_and_kept_elsewhere() -> None:
    text = "a\x1b[2Jb\x07\u202ec\n\td"
    assert shown(text, _Terminal()) == "a\\x1b[2Jb\\x07\\x202ec\n\td"
    assert shown(text, io.StringIO()) == text
    assert one_line("a\nb") == "a / b"


def test_a_line_of_progress() -> None:
    assert (
        progress_line("keyframes", 3, 12, 1.5, "scene 4")
        == "keyframes  [#####               ] 3/12  1.5/s    0:06 left  scene 4"
    )
    assert progress_line("song", 0, 0, 0.0, "") == "song       [                    ] 0/0"
    assert "[####################]" in progress_line("words", 70, 60, 2, "")
    assert "1:00:00 left" in progress_line("words", 0, 3600, 1, "")


def test_a_step_of_a_slow_picture_fits_a_terminal_of_80_columns() -> None:
    line = progress_line("variations", 12, 105, 0.0056, "scene 13, step 12 of 14", 0.5, cells=8)
    assert line == "variations [#       ] 12/105  20/h     4:35:18 left step 12/14, scene 13"
    assert len(line) < 80


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def progress(stage: str, done: int, total: int) -> dict[str, object]:
    """An event of progress."""
    return {"event": "progress", "stage": stage, "done": done, "total": total, "rate": 1.0, "what": ""}


def test_without_a_terminal_a_stage_says_one_line_a_second_and_its_last_word() -> None:
    out, clock = io.StringIO(), _Clock()
    lines = ProgressLines(out, clock)
    for done in range(1, 51):
        clock.now += 0.1
        lines.show(progress("clips", done, 50))
        lines.show(progress("order", done, 50))
    said = out.getvalue().splitlines()
    for stage in ("clips", "order"):
        mine = [line for line in said if line.startswith(stage)]
        assert 5 <= len(mine) <= 7
        assert "50/50" in mine[-1]
    assert "\x1b" not in out.getvalue()


def test_the_last_word_is_said_once() -> None:
    out = io.StringIO()
    lines = ProgressLines(out, _Clock())
    for _ in range(3):
        lines.show(progress("clips", 5, 5))
    assert len(out.getvalue().splitlines()) == 1


def test_what_a_stage_came_to_is_said_when_the_run_ends_early() -> None:
    out = io.StringIO()
    lines = ProgressLines(out, _Clock())
    lines.show(progress("clips", 1, 5))
    lines.show(progress("clips", 3, 5))
    lines.close()
    lines.close()
    assert ["1/5" in line for line in out.getvalue().splitlines()] == [True, False]
    assert "3/5" in out.getvalue()


def test_a_failure_names_its_scene_as_everything_else_does(tmp_path: Path) -> None:
    project = Project.open(silent_project(tmp_path / "clip"))
    second = project.document().board.scenes[1].id
    out = io.StringIO()
    lines = ProgressLines(out, _Clock(), partial(scene_name, project))
    for scene in (second, "gone"):
        lines.show({"event": "failed", "scene": scene, "stage": "keyframes", "error": "no.", "hint": ""})
    assert out.getvalue() == "vktrs: scene 2, keyframes: no.\nvktrs: scene gone, keyframes: no.\n"


def test_a_terminal_that_is_too_low_gets_the_last_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("LINES", "3")
    out = _Terminal()
    lines = ProgressLines(out, _Clock())
    for stage in ("song", "words", "keyframes", "clips"):
        lines.show(progress(stage, 1, 2))
    last = out.getvalue().rpartition("\x1b[J")[2]
    assert [line[:5] for line in last.splitlines()] == ["keyfr", "clips"]
    assert all(len(line) < 30 for line in last.splitlines())


def test_remarks_stand_above_the_block() -> None:
    out = _Terminal()
    lines = ProgressLines(out, _Clock())
    lines.show(progress("clips", 1, 2))
    lines.show({"event": "remark", "text": "by the way"})
    assert out.getvalue().rpartition("\x1b[J")[2].splitlines()[0] == "by the way"
