"""The studio in a real terminal: keys, pastes, sizes and colours, terminals that vanish, and runs that outlive them."""

from __future__ import annotations

import os
import re
import shlex
import signal
from pathlib import Path

import pytest

from tests.real.commands import finished_project, unmade_project
from tests.real.projects import SECONDS, SETTINGS, change, frames, silent_project, write_song
from tests.real.tmux_terminal import Tmux, eventually, held_in_the_middle, needs_tmux, studio, type_over
from vktrs.project import Project
from vktrs.runs import control

pytestmark = needs_tmux

FPS = 30
OPENED = "last song"
"""The lyric of the last scene: the table is there."""


def texts(folder: Path) -> list[str]:
    """The lyrics in the file, read by somebody else."""
    return [scene.text for scene in Project.open(folder).document().board.scenes]


def themes(folder: Path) -> list[object]:
    """The themes in the file."""
    return [scene.theme for scene in Project.open(folder).document().board.scenes]


def worth_waiting_for(folder: Path) -> Path:
    """A project of which a run draws some hundred pictures: long enough to be met in the middle."""
    unmade_project(folder)
    change(folder, "variations = 3\nhold = 2", "variations = 60\nhold = 1")
    change(folder, "width = 48\nheight = 32\nfps = 12", f"width = 192\nheight = 192\nfps = {FPS}")
    return folder


@pytest.mark.parametrize("term", ["tmux-256color", "xterm", "screen-256color"])
def test_an_edit_is_in_the_file_and_the_terminal_is_given_back_as_it_was(tmp_path: Path, term: str) -> None:
    clip = silent_project(tmp_path / "clip")
    with Tmux(studio(clip), size=(80, 24), term=term, title="mine") as terminal:
        terminal.until(OPENED)
        eventually(lambda: terminal.title() == "vktrs: clip", "the title names the project")
        terminal.keys("j")
        type_over(terminal, "a bridge of sighs")
        terminal.until("a bridge of sighs")
        eventually(lambda: texts(clip)[1] == "a bridge of sighs", "the edit is in the file")
        terminal.keys("q")
        assert OPENED not in terminal.left()
        assert terminal.title() == "mine"
    assert (clip / "storyboard.toml").read_text("utf-8").count("# the second one") == 1


@pytest.mark.parametrize(
    ("term", "redirected", "reason"),
    [("dumb", "", "cannot move its cursor"), ("xterm", "<", "needs a terminal"), ("xterm", ">", "needs a terminal")],
)
def test_where_it_cannot_be_shown_it_says_so_and_draws_nothing(
    tmp_path: Path, term: str, redirected: str, reason: str
) -> None:
    clip = silent_project(tmp_path / "clip")
    command = shlex.join(studio(clip)) + (f" {redirected} /dev/null" if redirected else "")
    with Tmux(["sh", "-c", command], term=term) as terminal:
        said = terminal.left(2)
        assert reason in said
        assert "vktrs status DIR" in said.replace("\n", "")


def test_without_colours_it_says_the_same_words(tmp_path: Path) -> None:
    clip = finished_project(tmp_path / "clip")
    change(clip, "first light", "second light")
    with (
        Tmux(studio(clip, "--images", "none")) as coloured,
        Tmux(studio(clip, "--images", "none"), env={"NO_COLOR": "1"}) as plain,
    ):
        for terminal in (coloured, plain):
            terminal.until("stale: scene 1")
        eventually(lambda: plain.screen() == coloured.screen(), "the same screen")
        assert coloured.hues()
        assert not plain.hues()


@pytest.mark.parametrize("way", ["tmux kill-server", "kill -9", "q"])
def test_a_run_outlives_the_studio_and_the_next_one_finds_it(tmp_path: Path, way: str) -> None:
    clip = worth_waiting_for(tmp_path / "clip")
    with Tmux(studio(clip)) as first:
        first.until(OPENED)
        first.keys("A")
        with held_in_the_middle(clip):
            first.until("► variations")
            if way == "q":
                first.keys("q")
                said = first.left().replace("\n", "")
                assert "goes on by itself" in said
                assert f"vktrs open {clip}" in said
            elif way == "kill -9":
                first.kill_program()
                first.left(137)
            else:
                first.kill_server()
            assert control.live_run(Project(clip))
            with Tmux(studio(clip)) as second:
                second.until("► variations")
                second.until("S Stop")
                eventually(lambda: re.fullmatch(r"vktrs: clip \d+ %", second.title()), "the title tells how far")
                second.kill_server()
            assert control.live_run(Project(clip))
        assert len(frames(clip / "output.mp4")) == FPS * SECONDS
    with Tmux(studio(clip)) as third:
        third.until("everything is fresh: output.mp4")
        eventually(lambda: third.title() == "vktrs: clip done", "the title says so")


def test_two_studios_see_each_others_edits_and_the_run(tmp_path: Path) -> None:
    clip = worth_waiting_for(tmp_path / "clip")
    with Tmux(studio(clip)) as here, Tmux(studio(clip)) as there:
        for terminal in (here, there):
            terminal.until(OPENED)
        there.keys("G")
        here.keys("j")
        type_over(here, "seen from both sides")
        eventually(lambda: texts(clip)[1] == "seen from both sides", "the edit is in the file")
        there.until("seen from both sides")
        type_over(there, "the end of it")  # its cursor stayed on the last scene
        here.until("the end of it")
        assert texts(clip) == ["first light", "seen from both sides", "", "third hill", "the end of it"]
        here.keys("A")
        with held_in_the_middle(clip):
            for terminal in (here, there):
                terminal.until("► variations")
        for terminal in (here, there):
            terminal.until("Done: output.mp4")
            terminal.until("everything is fresh")
        here.keys("u")
        there.until(lambda screen: "second street" in screen and "the end of it" in screen)


def test_a_worker_that_was_killed_is_said_with_what_to_do(tmp_path: Path) -> None:
    clip = worth_waiting_for(tmp_path / "clip")
    with Tmux(studio(clip)) as terminal:
        terminal.until(OPENED)
        terminal.keys("A")
        with held_in_the_middle(clip) as worker:
            os.kill(worker, signal.SIGKILL)
            terminal.until(lambda screen: "The worker died" in screen and "resume" in screen)
            assert terminal.title() == "vktrs: clip died"
        terminal.keys("A")
        terminal.until("Done: output.mp4")
        eventually(lambda: terminal.title() == "vktrs: clip done", "the title says so")
    assert len(frames(clip / "output.mp4")) == FPS * SECONDS


def test_any_sizes_while_it_draws_leave_the_screen_of_a_fresh_start(tmp_path: Path) -> None:
    clip = worth_waiting_for(tmp_path / "clip")
    with Tmux(studio(clip)) as terminal:
        terminal.until(OPENED)
        terminal.keys("A")
        for step in range(30):
            terminal.resize(*((80, 24), (60, 15), (30, 8), (200, 60), (20 + 7 * step, 2 + 2 * step))[step % 5])
        for size in ((30, 8), (10, 2), (60, 15), (80, 24)):
            terminal.resize(*size)
        terminal.until("everything is fresh: output.mp4")
        terminal.resize(30, 8)
        terminal.until("first light")  # what is left of so small a terminal is the table's
        terminal.resize(200, 60)
        with Tmux(studio(clip), size=(200, 60)) as fresh:
            for each in (terminal, fresh):
                each.until("everything is fresh: output.mp4")
                each.keys("F5")
                each.until("Looked at everything again.")
            eventually(lambda: terminal.screen() == fresh.screen(), f"the same as\n{fresh.screen()}\n")
        for width in (121, 122, 119):
            terminal.resize(width, 40)
            moved = terminal.settled()
            terminal.keys(")")
            terminal.until(lambda screen, moved=moved: screen != moved)  # type: ignore[misc]
            terminal.keys("Z")
            assert terminal.settled() == moved
        terminal.keys("q")
        terminal.left()


def test_a_terminal_that_grows_shows_the_scene_beside_the_table(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    with Tmux(studio(clip), size=(80, 24)) as terminal:
        terminal.until("pieces missing")
        terminal.keys("j")
        assert "Scene 2  bbbb" not in terminal.settled()
        terminal.resize(120, 40)
        terminal.until("Scene 2  bbbb")
        terminal.until("Scene 2 has no picture yet")


def test_the_users_editor_has_the_prompt_and_the_whole_file(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    script = tmp_path / "editor.sh"
    script.write_text(
        'case "$1" in\n'
        "*.toml) sed -i 's/third hill/fourth hill/' \"$1\" ;;\n"
        "*) sed -i 's/$/, seen from a lighthouse/' \"$1\" ;;\n"
        "esac\n"
    )
    with Tmux(studio(clip), env={"EDITOR": f"sh {script}", "VISUAL": ""}) as terminal:
        terminal.until(OPENED)
        terminal.keys("Tab", "e")
        terminal.until("prompt of scene 1")
        prompt = eventually(lambda: Project.open(clip).document().board.scenes[0].prompt, "a prompt of its own")
        assert prompt.startswith("first light")
        assert prompt.endswith(", seen from a lighthouse")
        terminal.keys("C-e")
        terminal.until("fourth hill")
        assert texts(clip)[3] == "fourth hill"
        assert terminal.title() == "vktrs: clip"
        terminal.keys("u")
        terminal.until("Undone")
        terminal.keys("q")
        terminal.left()


def test_an_edit_can_be_taken_back_after_the_terminal_was_killed(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    before = (clip / "storyboard.toml").read_bytes()
    with Tmux(studio(clip)) as first:
        first.until(OPENED)
        type_over(first, "no last words")
        eventually(lambda: texts(clip)[0] == "no last words", "the edit is in the file")
        first.kill_server()
    with Tmux(studio(clip)) as second:
        second.until("u Undo")
        second.keys("u")
        second.until("Undone")
        assert (clip / "storyboard.toml").read_bytes() == before
        second.keys("U")
        eventually(lambda: texts(clip)[0] == "no last words", "it is done again")


def test_keys_that_end_or_stop_other_programs_do_not(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    before = (clip / "storyboard.toml").read_bytes()
    with Tmux(studio(clip)) as terminal:
        terminal.until(OPENED)
        terminal.keys("C-c")
        type_over(terminal, "still here")
        eventually(lambda: texts(clip)[0] == "still here", "the edit is in the file")
        terminal.keys("Enter")
        terminal.until("Enter keeps")
        terminal.keys("C-c", "Escape")
        terminal.until(lambda screen: "Enter keeps" not in screen)
        terminal.keys("C-z")
        terminal.until("Undone")
        assert (clip / "storyboard.toml").read_bytes() == before
        terminal.keys("C-q")
        terminal.left()


def test_a_paste_is_text_and_never_keys(tmp_path: Path) -> None:
    clip = silent_project(tmp_path / "clip")
    before = (clip / "storyboard.toml").read_bytes()
    with Tmux(studio(clip)) as terminal:
        terminal.until(OPENED)
        terminal.paste("xxx\nq\n")
        terminal.keys("j", "Enter")
        terminal.until("Enter keeps")
        assert (clip / "storyboard.toml").read_bytes() == before
        terminal.paste("one [b]line[/b]\ntwo: 世界")
        terminal.until("two: 世界")
        terminal.keys("Enter")
        eventually(lambda: texts(clip)[1] == "one [b]line[/b]\ntwo: 世界", "a lyric may have lines")
        terminal.until("one [b]line[/b] two: 世界")
        terminal.keys("Tab", "Tab", "Enter")
        terminal.until("Enter keeps")
        terminal.paste("teal \r\n\tharbour\n")
        terminal.until("teal harbour")
        terminal.keys("Enter")
        eventually(lambda: themes(clip)[1] == "teal harbour", "the lines of what is named are one")


LYRICS = (
    "plain words",
    "世界の歌を聴いて",
    "한국어 노래 가사",
    "fire 🔥 and 🌊 water",
    "naïve, decomposed: nai\u0308ve cafe\u0301",
    "שיר של לילה ארוך",
    "أغنية الليل الطويل",
    "zero\u200bwidth and a \u202eturn",
    "a family 👨‍👩‍👧 and a flag 🇯🇵",
    "thumbs 👍🏽 and a heart ❤️ here",
    "ทะเลสีฟ้าที่กว้างใหญ่",
    "long " + "世界🔥" * 30,
)


def test_whatever_is_sung_the_columns_behind_it_are_straight(tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    clip.mkdir()
    write_song(clip / "song.wav", 13.0)
    scenes = "".join(
        f'\n[[scenes]]\nid = "w{place:03d}"\nstart = {place}.0\ntext = "{text}"\nprompt = "behind-{place:02d}"\n'
        for place, text in enumerate(LYRICS)
    )
    (clip / "storyboard.toml").write_text(SETTINGS.format(lyrics="") + scenes, "utf-8")
    with Tmux(studio(clip), size=(120, 50)) as terminal:
        terminal.until("behind-11")
        terminal.settled()
        places = {text: terminal.column(f"behind-{place:02d}") for place, text in enumerate(LYRICS)}
        assert len(set(places.values())) == 1, places
