"""The library as its README shows it, and what a program may rely on beyond the examples."""

from __future__ import annotations

import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vktrs
from tests.real.commands import PATIENCE, endless_project, finished_project, wait_for_events
from tests.real.projects import change, frames, silent_project, write_song
from vktrs.runs import control

README = Path(__file__).parents[2] / "README.md"
SONG = README.parent / "sample_projects" / "daisy_bell" / "daisy_bell.ogg"
SECTION = "## Use it as a library"


def examples() -> list[str]:
    """The blocks of Python in the README's section."""
    text = README.read_text("utf-8")
    assert SECTION in text
    section = text.split(SECTION, 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def a_piece_of_the_song(path: Path, seconds: float) -> None:
    """Some of the sample song: from "All for the love of you" on."""
    cut = ["ffmpeg", "-nostdin", "-v", "error", "-ss", "36", "-t", str(seconds), "-i", str(SONG), f"file:{path}"]
    subprocess.run(cut, check=True, stdin=subprocess.DEVNULL)


def execute(code: str, cwd: Path) -> str:
    """Run an example as a program of its own; what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{code}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_section_has_its_three_examples() -> None:
    words, loop, project = examples()
    assert "vktrs.transcribe(" in words
    assert "vktrs.order_pictures(" in loop
    assert "vktrs.run_project(" in project


@pytest.mark.parametrize("number", range(3))
def test_every_example_of_the_readme_works_as_it_stands(tmp_path: Path, number: int) -> None:
    a_piece_of_the_song(tmp_path / "song.ogg", 8 if number == 0 else 1.5)
    (tmp_path / "pictures").mkdir()
    for index, value in enumerate((10, 250, 60, 200, 110)):
        picture = np.zeros((32, 48, 3), np.uint8)
        picture[:, : 8 * index + 8] = value
        Image.fromarray(picture).save(tmp_path / "pictures" / f"{index}.png")
    printed = execute(examples()[number], tmp_path)
    if number == 0:
        assert re.search(r"love", printed)
    elif number == 1:
        assert sorted(re.findall(r"\d\.png", printed)) == [f"{index}.png" for index in range(5)]
        assert len(frames(tmp_path / "loop.mp4")) == 48
    else:
        assert "variations" in printed
        assert printed.strip().endswith("True")
        assert (tmp_path / "my_project" / "output.mp4").exists()


def test_a_run_that_fails_raises_its_error_after_its_events(tmp_path: Path) -> None:
    project = vktrs.Project.open(finished_project(tmp_path / "clip"))
    (project.root / "photo.png").write_text("no picture")
    change(project.root, 'id = "bbbb"', 'id = "bbbb"\npicture = "photo.png"')
    told = []
    with pytest.raises(vktrs.InputError, match=r"photo\.png"):
        told.extend(event["event"] for event in vktrs.run_project(project))
    assert told[0] == "started"
    assert told[-1] == "finished"


def test_a_run_begins_without_being_read_and_can_be_stopped(tmp_path: Path) -> None:
    project = vktrs.Project.open(endless_project(tmp_path / "clip"))
    before = {path.name for path in (project.root / ".vktrs" / "runs").iterdir()}
    events = vktrs.run_project(project)
    (journal,) = (path for path in (project.root / ".vktrs" / "runs").iterdir() if path.name not in before)
    wait_for_events(journal / "events.jsonl", '"artifact"')
    with pytest.raises(vktrs.UsageError, match="going on"):
        vktrs.run_project(project)
    control.stop(project)
    with pytest.raises(vktrs.Stopped):
        list(events)


def test_a_plan_says_what_is_missing_and_makes_nothing(tmp_path: Path) -> None:
    project = vktrs.Project.open(silent_project(tmp_path / "clip"))
    plan = vktrs.plan_project(project)
    assert [each.keyframe.made for each in plan.scenes] == [False] * 5
    assert (plan.duration, plan.video) == (None, None)
    done = vktrs.plan_project(vktrs.Project.open(finished_project(tmp_path / "done")))
    assert all(each.complete for each in done.scenes)
    assert done.video is not None
    assert done.video.made


def test_a_new_project_checks_its_values_before_it_writes(tmp_path: Path) -> None:
    write_song(tmp_path / "song.wav", 1)
    for wrong in ({"width": 33}, {"fps": 0}, {"fps": "x"}, {"captions": "loud"}, {"lyrics": "none.lrc"}):
        with pytest.raises(vktrs.InputError):
            vktrs.new_project(tmp_path / "clip", tmp_path / "song.wav", **wrong)  # type: ignore[arg-type]
        assert not (tmp_path / "clip").exists()
    project = vktrs.new_project(tmp_path / "clip", tmp_path / "song.wav", title='a "title"\n', themes=["x\\", "歌"])
    board = project.document().board
    assert (board.song.title, board.look.themes) == ('a "title"\n', ("x\\", "歌"))


def test_words_of_a_file_that_is_no_song(tmp_path: Path) -> None:
    (tmp_path / "song.ogg").write_text("nothing")
    with pytest.raises(vktrs.InputError, match=r"song\.ogg"):
        vktrs.transcribe(tmp_path / "song.ogg")


def test_a_loop_of_no_pictures_or_of_a_text(tmp_path: Path) -> None:
    with pytest.raises(vktrs.InputError):
        vktrs.order_pictures([])
    (tmp_path / "a.png").write_text("text")
    with pytest.raises(vktrs.InputError, match=r"a\.png"):
        vktrs.order_pictures([tmp_path / "a.png"])


def test_a_loop_is_turned_as_its_first_picture_says_and_lasts_as_long_as_asked(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6  # turned by a quarter
    Image.new("RGB", (64, 32), "red").save(tmp_path / "a.jpg", exif=exif)
    Image.new("RGB", (10, 10), "blue").save(tmp_path / "b.png")
    loop = vktrs.order_pictures([str(tmp_path / "a.jpg"), tmp_path / "b.png"])
    assert [picture.shape for picture in loop.pictures] == [(64, 32, 3)] * 2
    assert vktrs.write_loop(loop, tmp_path / "loop.mp4", Fraction(30000, 1001), seconds=1.001) == 30
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
