"""How a terminal is asked whether it shows pictures, and how a picture becomes half cells and lines of words."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.cells import cell_len

from vktrs_tui.decoding import Decoder, Unreadable
from vktrs_tui.halfcells import draw_halfcells, fitted
from vktrs_tui.images import Answer, ImagesMode, detect
from vktrs_tui.terminal import ImagesWanted
from vktrs_tui.widgets.preview import printable, shortened

XTERM = {"TERM": "xterm-256color"}
SIXEL_REPLY = b"\x1b[6;18;9t\x1b[?62;4;22c"


def not_asked() -> Answer:
    raise AssertionError("the terminal was asked")


@pytest.mark.parametrize(
    ("environ", "stdin", "stdout", "mode"),
    [
        ({"TERM": "xterm", "TMUX": "/tmp/tmux-0/default,1,0"}, True, True, "halfcell"),
        ({"TERM": "tmux-256color"}, True, True, "halfcell"),
        ({"TERM": "screen-256color"}, True, True, "halfcell"),
        ({"TERM": "xterm", "STY": "1.pts-0"}, True, True, "halfcell"),
        ({"TERM": "linux"}, True, True, "halfcell"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, True, True, "halfcell"),
        (XTERM, False, True, "halfcell"),
        (XTERM, True, False, "halfcell"),
        ({"TERM": "dumb"}, True, True, "none"),
        ({}, True, True, "none"),
        ({**XTERM, "NO_COLOR": "1"}, True, True, "none"),
    ],
)
def test_where_asking_is_unsafe_or_useless_nothing_is_asked(
    environ: dict[str, str], stdin: bool, stdout: bool, mode: ImagesMode
) -> None:
    assert detect("auto", environ, stdin, stdout, not_asked) == mode


@pytest.mark.parametrize(
    ("answer", "mode"),
    [
        (Answer(), "halfcell"),
        (Answer(sixel=True), "sixel"),
        (Answer(kitty=True), "kitty"),
        (Answer(sixel=True, kitty=True), "sixel"),
    ],
)
def test_the_answer_of_the_terminal_decides(answer: Answer, mode: ImagesMode) -> None:
    assert detect("auto", XTERM, True, True, lambda: answer) == mode


def test_an_empty_no_color_counts_as_none() -> None:
    assert detect("auto", {**XTERM, "NO_COLOR": ""}, True, True, lambda: Answer(kitty=True)) == "kitty"


@pytest.mark.parametrize("wanted", ["kitty", "sixel", "halfcell", "none"])
def test_what_is_wanted_by_name_is_taken_without_asking(wanted: ImagesWanted) -> None:
    assert detect(wanted, {"TERM": "dumb", "TMUX": "x"}, True, True, not_asked) == wanted


def in_terminal(code: str, replies: dict[bytes, bytes], typed: bytes = b"") -> tuple[str, str, list[int]]:
    """What code prints to stderr, what else reaches the terminal, and the terminal's local flags before and after.

    The terminal answers each of `replies` when it is asked, behind whatever was `typed`.
    """
    master, slave = pty.openpty()
    flags = [termios.tcgetattr(slave)[3]]
    environ = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=slave, stdout=slave, stderr=subprocess.PIPE, env=environ
    )
    seen, left = b"", dict(replies)
    try:
        while process.poll() is None or select.select([master], [], [], 0)[0]:
            if not select.select([master], [], [], 0.05)[0]:
                continue
            seen += os.read(master, 4096)
            for question in [question for question in left if question in seen]:
                seen = seen.replace(question, b"", 1)
                os.write(master, typed + left.pop(question))
        said = process.communicate(timeout=20)[1].decode()
        flags.append(termios.tcgetattr(slave)[3])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        os.close(master)
        os.close(slave)
    return said, seen.decode(), flags


ASK = """
import sys
from vktrs_tui.images import ask_terminal
print(ask_terminal(1.0), file=sys.stderr)
"""
FIRST = b"\x1b[16t\x1b[c"
SECOND = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c"


@pytest.mark.parametrize(
    ("replies", "answer"),
    [
        ({FIRST: SIXEL_REPLY}, Answer(sixel=True, cell=(9, 18))),
        (
            {FIRST: b"\x1b[6;20;10t\x1b[?62c", SECOND: b"\x1b_Gi=31;OK\x1b\\\x1b[?62c"},
            Answer(kitty=True, cell=(10, 20)),
        ),
        ({FIRST: b"\x1b[?1;2c", SECOND: b"\x1b[?1;2c"}, Answer()),
        ({FIRST: b"\x1b[?62;c", SECOND: b"\x1b_Gi=31;EINVAL:no\x1b\\\x1b[?62c"}, Answer()),
        ({FIRST: b"\x1b[?64;14;41c", SECOND: b"\x1b[?64;14;41c"}, Answer()),
    ],
)
def test_a_terminal_says_what_it_can(replies: dict[bytes, bytes], answer: Answer) -> None:
    said, seen, flags = in_terminal(ASK, replies)
    assert said == f"{answer}\n"
    assert seen == ""  # whatever was written to it was a question that it knows
    assert flags[0] == flags[1]


def test_keys_typed_before_the_answer_do_not_spoil_it() -> None:
    said, _, _ = in_terminal(ASK, {FIRST: SIXEL_REPLY}, typed=b"jj\x1b[A")
    assert said == f"{Answer(sixel=True, cell=(9, 18))}\n"


def test_what_is_typed_after_the_answer_is_left_for_the_app() -> None:
    code = f"{ASK}import os, termios, tty\ntty.setcbreak(0, termios.TCSANOW)\nprint(os.read(0, 9), file=sys.stderr)"
    said, _, _ = in_terminal(code, {FIRST: SIXEL_REPLY + b"xyz"})
    assert said.splitlines()[1] == "b'xyz'"


def test_a_terminal_without_an_answer_is_not_waited_for_and_nothing_is_printed() -> None:
    code = """
import os, select, sys
from vktrs_tui.images import PATIENCE, detect
waits, wait = [], select.select
select.select = lambda *given: (waits.append(given[3]), wait(*given))[1]
mode = detect("auto", os.environ, True, True)
waited = 0 < sum(waits) <= PATIENCE
print(mode, waited, "textual_image" in sys.modules, "PIL" in sys.modules, file=sys.stderr)
"""
    said, seen, flags = in_terminal(code, {})
    assert said == "halfcell True False False\n"
    assert seen == FIRST.decode()
    assert flags[0] == flags[1]


def test_a_terminal_that_is_none_is_survived() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{Answer()}\n")


def test_textual_image_is_loaded_without_its_own_questions_and_knows_the_cells() -> None:
    code = """
import os, sys
from vktrs_tui.images import detect, widget_class
before = dict(os.environ), sys.__stdout__
mode = detect("auto", os.environ, True, True)
assert (dict(os.environ), sys.__stdout__) == before
from textual_image._terminal import get_cell_size
print(mode, widget_class(mode).__name__, tuple(get_cell_size()), file=sys.stderr)
"""
    said, seen, _ = in_terminal(code, {FIRST: SIXEL_REPLY})
    assert said == "sixel Image (9, 18)\n"
    assert seen == ""


def picture(path: Path, size: tuple[int, int], colours: list[tuple[int, int, int]] | None = None) -> Path:
    image = Image.new("RGB", size)
    if colours is not None:
        image.putdata(colours)
    image.save(path)
    return path


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(1, 200), st.integers(1, 80))
def test_a_picture_fits_into_its_room_and_keeps_its_shape(width: int, height: int, columns: int, rows: int) -> None:
    across, down = fitted(width, height, columns, rows)
    assert 1 <= across <= columns and 1 <= down <= rows
    # it touches one side, and the other differs from its shape by less than one cell
    assert across == columns or down == rows
    share = min(columns / width, 2 * rows / height)
    assert abs(across - width * share) <= 1 and abs(down - height * share / 2) <= 1


def test_a_cell_has_the_colour_of_the_upper_pixel_before_and_of_the_lower_behind_it(tmp_path: Path) -> None:
    white, black, red = (255, 255, 255), (0, 0, 0), (255, 0, 0)
    drawn = draw_halfcells(picture(tmp_path / "p.png", (2, 2), [white, black, red, black]), 2, 1)
    assert drawn.size == (2, 2)
    ((left, right),) = (list(line) for line in drawn.lines)
    assert left.text == "▀" and left.style is not None and right.style is not None
    assert left.style.color is not None and left.style.color.triplet == white
    assert left.style.bgcolor is not None and left.style.bgcolor.triplet == red
    # two alike need one colour only
    assert right.text == " " and right.style.color is None
    assert right.style.bgcolor is not None and right.style.bgcolor.triplet == black


def test_every_line_is_as_wide_as_the_picture(tmp_path: Path) -> None:
    drawn = draw_halfcells(picture(tmp_path / "p.png", (64, 30)), 21, 40)
    assert {line.cell_length for line in drawn.lines} == {drawn.columns} == {21}
    assert len(drawn.lines) == 5


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0"])
def test_what_is_no_picture_is_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.png").write_bytes(content)
    with pytest.raises(Unreadable):
        draw_halfcells(tmp_path / "p.png", 10, 10)


def test_half_a_picture_is_unreadable(tmp_path: Path) -> None:
    path = picture(tmp_path / "p.png", (64, 64), [(x * 7 % 256, x % 251, x % 17) for x in range(64 * 64)])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Unreadable):
        draw_halfcells(path, 10, 10)


def test_a_picture_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not there any more"):
        draw_halfcells(tmp_path / "p.png", 10, 10)


def test_a_picture_is_drawn_once_until_its_file_changes_and_the_oldest_is_forgotten(tmp_path: Path) -> None:
    drawn: list[str] = []

    def draw(path: Path, columns: int, rows: int) -> str:
        drawn.append(path.name)
        return path.name

    async def walk() -> None:
        decoder = Decoder(draw, kept=2)
        one, two, three = (picture(tmp_path / f"{name}.png", (4, 4)) for name in "abc")
        for path in (one, two, one, three, one, two):
            await decoder.of(path, 4, 4)
        assert drawn == ["a.png", "b.png", "c.png", "b.png"]
        os.utime(two, ns=(1, 1))
        await decoder.of(two, 4, 4)
        assert drawn[4:] == ["b.png"]
        two.unlink()
        with pytest.raises(Unreadable, match="not there any more"):
            await decoder.of(two, 4, 4)

    asyncio.run(walk())


def test_never_are_two_pictures_drawn_at_a_time_even_if_the_first_is_not_wanted_any_more(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (4, 4))
    busy, most = 0, 0
    begun, go_on = threading.Event(), threading.Event()

    def draw(_path: Path, columns: int, rows: int) -> int:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        begun.set()
        assert go_on.wait(10)
        busy -= 1
        return columns

    async def walk() -> None:
        decoder = Decoder(draw)
        first = asyncio.ensure_future(decoder.of(path, 1, 1))
        await asyncio.to_thread(begun.wait, 10)
        first.cancel()
        second = asyncio.ensure_future(decoder.of(path, 2, 2))
        await asyncio.sleep(0)
        go_on.set()
        assert await second == 2
        assert most == 1

    asyncio.run(walk())


@given(st.text(), st.integers(0, 60))
def test_a_shortened_path_fits_and_keeps_its_end(text: str, width: int) -> None:
    text = printable(text)
    short = shortened(text, width)
    assert cell_len(short) <= width or (width < 1 and not short)
    if cell_len(text) <= width:
        assert short == text
    elif width >= 2:
        assert "…" in short and text.endswith(short.rpartition("…")[2])


def test_a_long_path_is_cut_in_its_middle() -> None:
    assert shortened("/home/anna/videos/daisy/takes/k7f3/0123456789.png", 24) == "/home/a…3/0123456789.png"


def test_a_path_with_a_line_end_or_a_control_character_stays_one_line() -> None:
    assert printable("a\nb\x1b[31m\udcff.png") == "a?b?[31m?.png"


def test_drawing_imports_pillow_only_when_a_picture_is_drawn() -> None:
    code = (
        "import sys, vktrs_tui.widgets.preview, vktrs_tui.screens.takes\n"
        "print([name for name in ('PIL', 'numpy', 'textual_image', 'torch', 'av') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
