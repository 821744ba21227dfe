"""The way of a new user, with the keyboard alone, in a real terminal: the sample song becomes a video, and another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.real.projects import change, frames, sound_seconds
from tests.real.tmux_terminal import Tmux, eventually, held_in_the_middle, needs_tmux, studio, type_over
from vktrs.project import Project
from vktrs.runs import control
from vktrs.storyboard.model import Storyboard

pytestmark = needs_tmux

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "daisy_bell"
FPS = 24
SECONDS = 60
UNTOUCHED = (1, 7, 10, 11, 13, 14, 15)
"""Scenes on the screen of which nothing depends on what is edited below."""


@pytest.fixture
def daisy(tmp_path: Path) -> Path:
    """The sample project, small but no less than a second of drawing, and with the words of its storyboard."""
    folder = tmp_path / "daisy_bell"
    folder.mkdir()
    for name in ("daisy_bell.ogg", "storyboard.toml"):
        shutil.copy(SAMPLE / name, folder)
    change(folder, "width = 512\nheight = 512", "width = 128\nheight = 128")
    change(folder, 'speech = "auto"', 'speech = "none"')
    change(folder, 'lyrics = "lyrics.txt"', "#")
    return folder


def board(folder: Path) -> Storyboard:
    """What the file says, read by somebody else."""
    return Project.open(folder).document().board


def pictures(folder: Path) -> dict[int, list[str]]:
    """The decoded frames of the video, by the number of their scene."""
    shown = frames(folder / "output.mp4")
    edges = [*(round(scene.start * FPS) for scene in board(folder).scenes), len(shown)]
    return {number: shown[edges[number - 1] : edges[number]] for number in range(1, len(edges))}


def go_to(terminal: Tmux, number: int) -> None:
    """What `/` is said to do: go to a scene's number."""
    terminal.keys("/")
    terminal.type(str(number))
    terminal.keys("Enter")


def test_the_sample_song_becomes_a_video_and_another_and_nothing_is_lost(daisy: Path) -> None:
    with Tmux(studio(daisy), size=(100, 30)) as terminal:
        terminal.until("? Keys")
        terminal.keys("?")
        terminal.until("To the next scene")
        terminal.keys("Escape")
        terminal.until("A Make all")
        terminal.keys("A")
        terminal.until("Leave whenever you like")
        terminal.until("Done: output.mp4")
        terminal.until("everything is fresh: output.mp4")
        first = pictures(daisy)
        assert sum(map(len, first.values())) == FPS * SECONDS
        assert abs(sound_seconds(daisy / "output.mp4") - SECONDS) < 0.1

        go_to(terminal, 2)
        for text in ("A daisy grows within my heart,", "Bicycle, bicycle!", "Sown there by a passing glance,"):
            type_over(terminal, text)
            terminal.until(text[:20])
            terminal.keys("j")
        go_to(terminal, 8)
        terminal.keys("Tab")
        for prompt in ("an answer in gold letters on teal", "half a moon, half a violet sun"):
            type_over(terminal, prompt)
            terminal.until(prompt[:20])
            terminal.keys("j")
        go_to(terminal, 12)
        terminal.keys("1")
        terminal.until("u Undo")
        eventually(lambda: board(daisy).scenes[11].theme == 1, "the theme is in the file")
        edited = (daisy / "storyboard.toml").read_text("utf-8")

        go_to(terminal, 14)
        terminal.keys("s")
        terminal.until("Split scene 14")
        terminal.keys("Enter")
        terminal.until("16 scenes")
        assert len(board(daisy).scenes) == 16
        terminal.keys("u")
        terminal.until("Undone: split scene 14")
        assert (daisy / "storyboard.toml").read_text("utf-8") == edited
        assert "# eight pictures a beat: they ride" in edited

        terminal.keys("A")
        with held_in_the_middle(daisy):
            terminal.until("► variations")
            terminal.kill_server()
            assert control.live_run(Project(daisy))
            terminal_again = Tmux(studio(daisy), size=(80, 24))
            terminal_again.until("► variations")
    with terminal_again as terminal:
        terminal.until("everything is fresh: output.mp4")
        scenes = board(daisy).scenes
        assert [scene.text for scene in scenes[1:4]] == [
            "A daisy grows within my heart,",
            "Bicycle, bicycle!",
            "Sown there by a passing glance,",
        ]
        assert scenes[7].prompt == "an answer in gold letters on teal"
        assert scenes[8].prompt == "half a moon, half a violet sun"
        second = pictures(daisy)
        assert [number for number in UNTOUCHED if second[number] != first[number]] == []
        assert all(second[number] != first[number] for number in (2, 3, 4, 8, 9, 12))
        assert {number: len(each) for number, each in second.items()} == {
            number: len(each) for number, each in first.items()
        }
        terminal.keys("u")  # the newest edit that still stands was made in the terminal that is gone
        eventually(lambda: board(daisy).scenes[11].theme is None, "the theme is taken back")
        terminal.until("1 piece stale: A makes")  # what was drawn for it before is still there
        terminal.keys("U")
        terminal.until("everything is fresh: output.mp4")
        assert (daisy / "storyboard.toml").read_text("utf-8") == edited
        terminal.keys("q")
        terminal.left()
