"""Every command does what its help says: results on stdout, everything else on stderr, the right files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.real.commands import Terminal, endless_project, finished_project, going_on, status, unmade_project, vktrs
from tests.real.projects import change, frames, silent_project, sung_project, write_song
from vktrs.media.lyrics import read_lyrics
from vktrs.runs.control import Run
from vktrs_tui.cli.watching import what_goes_on

COMMANDS = [
    "open",
    "new",
    "run",
    "follow",
    "status",
    "stop",
    "takes",
    "reroll",
    "suggest",
    "snap",
    "split",
    "signals",
    "propose",
    "hear",
    "heard",
    "import",
    "export",
    "order",
    "clean",
    "doctor",
    "demo",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_shows_an_example(command: str) -> None:
    told = vktrs(command, "--help").stdout
    assert f"Example:  vktrs {command}" in told
    assert told.startswith(f"Usage: vktrs {command} ")


def test_the_list_of_commands_is_whole() -> None:
    listed = re.findall(r"^  (\w+)  ", vktrs("--help").stdout.split("Commands:")[1], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


def test_version() -> None:
    assert re.fullmatch(r"vktrs, version \d+\.\d+\.\d+\n", vktrs("--version").stdout)


# new


def test_new_makes_a_folder_that_holds_all_it_needs(tmp_path: Path) -> None:
    write_song(tmp_path / "song.wav", 1.5)
    (tmp_path / "words.lrc").write_text("[00:00.50]one\n[00:01.00]\n")
    done = vktrs("new", "clip", "song.wav", "--lyrics", "words.lrc", "--theme", "teal", "--size", "64x32", cwd=tmp_path)
    assert done.stdout == f"{tmp_path / 'clip' / 'storyboard.toml'}\n"
    assert "vktrs run clip" in done.stderr
    (tmp_path / "song.wav").unlink()
    (tmp_path / "words.lrc").unlink()
    moved = (tmp_path / "clip").rename(tmp_path / "elsewhere")
    assert vktrs("run", moved).stdout == f"{moved / 'output.mp4'}\n"
    assert "one" in [scene["text"] for scene in status(moved)["scenes"]]


def test_new_leaves_a_song_where_it_lies_in_the_project_already(tmp_path: Path) -> None:
    (tmp_path / "clip" / "music").mkdir(parents=True)
    write_song(tmp_path / "clip" / "music" / "song.wav", 1)
    vktrs("new", "clip", "clip/music/song.wav", cwd=tmp_path)
    assert 'source = "music/song.wav"' in (tmp_path / "clip" / "storyboard.toml").read_text()
    assert sorted(path.name for path in (tmp_path / "clip").iterdir()) == ["music", "storyboard.toml"]


def test_new_takes_no_file_of_the_users_away(tmp_path: Path) -> None:
    write_song(tmp_path / "song.wav", 1)
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "song.wav").write_text("another")
    assert "another file" in vktrs("new", "clip", "song.wav", cwd=tmp_path, code=3).stderr
    assert (tmp_path / "clip" / "song.wav").read_text() == "another"
    assert not (tmp_path / "clip" / "storyboard.toml").exists()


def test_new_refuses_a_folder_that_is_a_project(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    before = (project / "storyboard.toml").read_bytes()
    write_song(tmp_path / "other.wav", 1)
    assert "is a project already" in vktrs("new", project, tmp_path / "other.wav", code=3).stderr
    assert (project / "storyboard.toml").read_bytes() == before
    assert not (project / "other.wav").exists()


def test_a_song_called_as_the_video_will_be_gets_another_name(tmp_path: Path) -> None:
    write_song(tmp_path / "song.wav", 1)
    (tmp_path / "output.mp4").write_bytes((tmp_path / "song.wav").read_bytes())
    vktrs("new", "clip", "output.mp4", "--speech", "none", "--size", "32x32", cwd=tmp_path)
    assert (tmp_path / "clip" / "song.mp4").exists()
    assert not (tmp_path / "clip" / "output.mp4").exists()


# run, follow, stop


def test_run_prints_the_video_and_nothing_else_on_stdout(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "first light", "other light")
    done = vktrs("run", project)
    assert done.stdout == f"{project / 'output.mp4'}\n"
    assert re.search(r"\d MB, 0:05\.000 long", done.stderr)
    again = vktrs("run", project)
    assert again.stdout == done.stdout
    assert "nothing to do" in again.stderr


def test_a_dry_run_counts_and_makes_nothing(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "new")
    told = vktrs("run", project, "--dry-run").stdout.splitlines()
    assert told[0] == "song: to be made"
    assert told[-2:] == ["video: output.mp4", "pictures: at most 20 pictures by cppn"]
    assert not (project / "takes").exists()
    done = finished_project(tmp_path / "done")
    change(done, "first light", "other light")
    told = vktrs("run", done, "--dry-run").stdout.splitlines()
    # the second scene has the text of the first before its own, the third inherits from the second
    assert told[0].startswith("keyframes: ")
    assert "song" not in "".join(told)


def test_scenes_and_to_limit_a_run(tmp_path: Path) -> None:
    project = unmade_project(tmp_path / "clip")
    vktrs("run", project, "--scenes", "2,dddd-", code=2)
    vktrs("run", project, "--scenes", "2,4-5", "--to", "keyframes")
    assert sorted(path.name for path in (project / "takes").iterdir()) == ["bbbb", "dddd", "eeee"]
    assert not (project / "output.mp4").exists()


def test_an_animatic_goes_beside_the_video(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    before = (project / "output.mp4").stat()
    assert vktrs("run", project, "--pictures", "cppn").stdout == f"{project / 'output.cppn.mp4'}\n"
    after = (project / "output.mp4").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_detached_run_is_found_followed_refused_and_stopped(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    with going_on(project) as name:
        second = vktrs("run", project, code=2)
        assert name in second.stderr
        assert "vktrs follow" in second.stderr
        assert "going on" in vktrs("clean", project, code=2).stderr
        stopped = vktrs("stop", project)
        assert stopped.stdout == ""
        assert name in stopped.stderr
    assert vktrs("follow", project, code=130).stdout == ""
    assert "No run" in vktrs("stop", project).stderr


def test_follow_before_the_first_run(tmp_path: Path) -> None:
    assert "no run" in vktrs("follow", silent_project(tmp_path / "clip"), code=2).stderr


def test_follow_tells_how_the_last_run_ended(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "last song", "other song")
    vktrs("run", project)
    followed = vktrs("follow", project)
    assert followed.stdout == f"{project / 'output.mp4'}\n"
    assert "clips" in followed.stderr


# status is in test_cli_status.py


# propose, import, export


def test_changes_are_proposed_shown_and_accepted(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip", "sung")
    assert "No changes" in vktrs("propose", project).stderr
    change(project, "second street in the rain", "my own words")
    (project / "lyrics.lrc").write_text(
        "[00:00.20]first light over the sea\n[00:01.50]second street in the snow\n"
        "[00:02.80]third hill and nobody there\n[00:04.00]\n"
    )
    board = (project / "storyboard.toml").read_bytes()
    assert "proposed" in vktrs("run", project).stderr
    shown = vktrs("propose", project)
    assert "over the sea" in shown.stdout
    assert "kept as you wrote it" in shown.stdout
    assert (project / "storyboard.toml").read_bytes() == board
    vktrs("propose", project, "--accept")
    text = (project / "storyboard.toml").read_text()
    assert "over the sea" in text
    assert "my own words" in text


def test_only_some_changes_are_accepted(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip", "sung")
    (project / "lyrics.lrc").write_text("[00:00.20]one\n[00:01.50]two\n[00:02.80]three\n[00:04.00]\n")
    vktrs("run", project, "--to", "scenes")
    vktrs("propose", project, "--accept", "--only", "1")
    texts = [scene["text"] for scene in status(project)["scenes"]]
    assert texts[0] == "one"
    assert "two" not in texts
    assert "no scene 99" in vktrs("propose", project, "--only", "99", code=2).stderr


def test_nothing_can_be_proposed_before_the_song_was_heard(tmp_path: Path) -> None:
    assert "--to scenes" in vktrs("propose", sung_project(tmp_path / "clip"), code=2).stderr


@pytest.mark.parametrize("kind", ["srt", "vtt", "lrc"])
def test_lyrics_come_out_and_go_in_again(tmp_path: Path, kind: str) -> None:
    project = finished_project(tmp_path / "clip", "sung")
    file = tmp_path / f"out.{kind}"
    vktrs("export", kind, project, "-o", file)
    assert vktrs("export", kind, project).stdout == file.read_text("utf-8")
    lines = read_lyrics(file, 5.0)
    sung = [scene for scene in status(project)["scenes"] if scene["text"]]
    assert [line.text for line in lines] == [scene["text"] for scene in sung]
    assert np.allclose([line.start for line in lines], [scene["start"] for scene in sung], atol=0.011)
    file.write_text(file.read_text("utf-8").replace("water", "wide water"), "utf-8")
    assert "wide water" in vktrs("import", file, project).stdout
    assert "wide water" in (project / "storyboard.toml").read_text("utf-8")


def test_import_makes_scenes_of_an_empty_storyboard(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip", scenes="")
    (tmp_path / "words.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhello\n")
    assert "--to song" in vktrs("import", tmp_path / "words.srt", project, code=2).stderr
    vktrs("run", project, "--to", "song")
    vktrs("import", tmp_path / "words.srt", project)
    assert "hello" in [scene["text"] for scene in status(project)["scenes"]]


def test_pictures_are_exported_under_names_for_people(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    written = vktrs("export", "pictures", project, "-o", tmp_path / "out").stdout.splitlines()
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert sorted(Path(each).name for each in written) == names
    assert names[:4] == ["001-aaaa-01.png", "001-aaaa-02.png", "001-aaaa-03.png", "001-aaaa-keyframe.png"]
    assert len(names) == 20
    with Image.open(tmp_path / "out" / names[0]) as picture:
        assert picture.size == (48, 32)


def test_a_contact_sheet_overwrites_only_contact_sheets(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    sheet = Path(vktrs("export", "sheet", project).stdout.strip())
    assert sheet == project / "sheet.png"
    with Image.open(sheet) as picture:
        assert picture.width > picture.height  # five thumbnails in a row
    vktrs("export", "sheet", project)
    Image.new("RGB", (8, 8)).save(sheet)
    before = sheet.read_bytes()
    vktrs("export", "sheet", project, code=3)
    assert sheet.read_bytes() == before


@pytest.mark.parametrize("kind", ["pictures", "sheet"])
def test_no_pictures_to_export_yet(tmp_path: Path, kind: str) -> None:
    project = silent_project(tmp_path / "clip")
    assert "no pictures yet" in vktrs("export", kind, project, code=2).stderr
    assert [path.name for path in project.iterdir() if path.suffix == ".png" or path.name == "pictures"] == []


# order


def gradient(path: Path, phase: float, size: tuple[int, int] = (40, 24)) -> None:
    """A picture of a bright bar at `phase` (0..1) of its width, which wraps around."""
    x = np.arange(size[0]) / size[0]
    row = 127 + 127 * np.cos(2 * np.pi * (x - phase))
    Image.fromarray(np.tile(row.astype(np.uint8), (size[1], 1))).convert("RGB").save(path)


def test_order_finds_the_loop_and_films_it(tmp_path: Path) -> None:
    folder = tmp_path / "pictures of %s"
    folder.mkdir()
    places = [0, 5, 2, 7, 1, 6, 3, 4]
    for name, place in zip("abcdefgh", places, strict=True):
        gradient(folder / f"{name}.png", place / 8)
    (folder / "notes.txt").write_text("no picture")
    done = vktrs("order", folder, "-o", tmp_path / "loop.mp4", "--fps", "8", "--seconds", "3")
    found = [places["abcdefgh".index(Path(line).stem)] for line in done.stdout.splitlines()]
    assert found in ([0, 1, 2, 3, 4, 5, 6, 7], [0, 7, 6, 5, 4, 3, 2, 1])
    decoded = frames(tmp_path / "loop.mp4")
    assert len(decoded) == 24
    assert decoded[:8] == decoded[8:16] == decoded[16:]
    assert len(set(decoded)) == 8


@pytest.mark.parametrize("count", [1, 2, 3])
def test_order_of_very_few_pictures_of_odd_sizes(tmp_path: Path, count: int) -> None:
    for index in range(count):
        gradient(tmp_path / f"{index}.png", index / 4, (33 + 10 * index, 5))
    done = vktrs("order", tmp_path, "-o", tmp_path / "loop.mp4")
    assert len(done.stdout.splitlines()) == count
    assert len(frames(tmp_path / "loop.mp4")) == count


# clean


def test_clean_removes_what_no_scene_uses_and_takes_only_if_asked(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    assert vktrs("clean", project).stdout == ""
    change(project, "last song", "very last song")
    vktrs("run", project)
    takes = len(list((project / "takes").rglob("*.png")))
    planned = vktrs("clean", project, "--dry-run").stdout
    assert ".vktrs/cache/variations/" in planned
    assert "takes" not in planned
    assert vktrs("clean", project).stdout == planned
    assert len(list((project / "takes").rglob("*.png"))) == takes
    assert vktrs("clean", project, "--takes").stdout.startswith("takes/eeee/")
    assert len(list((project / "takes").rglob("*.png"))) == takes - 1
    assert "nothing to do" in vktrs("run", project).stderr


def test_clean_spares_a_take_that_a_scene_has_as_its_own_picture(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    take = next((project / "takes" / "eeee").glob("*.png"))
    change(project, 'id = "eeee"\n', f'id = "eeee"\npicture = "takes/eeee/{take.name}"\n')
    vktrs("run", project)
    vktrs("clean", project, "--takes")
    assert take.is_file()
    assert "nothing to do" in vktrs("run", project).stderr


# doctor, demo


def test_doctor_tells_what_works_here(tmp_path: Path) -> None:
    findings = json.loads(vktrs("doctor", "--json", cwd=tmp_path).stdout)
    named = {each["name"]: each for each in findings}
    assert {"python", "ffmpeg", "faster-whisper", "speech models", "picture engines", "GPU", "disk"} <= set(named)
    assert all(set(each) == {"name", "works", "found", "mend"} for each in findings)
    assert named["ffmpeg"]["works"] is True
    told = vktrs("doctor", cwd=tmp_path).stdout
    assert all(name in told for name in named)


def test_doctor_finds_what_is_missing(tmp_path: Path) -> None:
    hides = tmp_path / "shim"
    hides.mkdir()
    (hides / "sitecustomize.py").write_text(
        "import importlib.util as u\nf = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'faster_whisper' else f(name, package)\n"
    )
    done = vktrs("doctor", "--json", cwd=tmp_path, env={"PYTHONPATH": str(hides)}, code=4)
    broken = [each for each in json.loads(done.stdout) if each["works"] is False]
    assert [each["name"] for each in broken] == ["faster-whisper"]
    assert broken[0]["mend"].startswith("pip install")


def test_demo_works_on_a_copy_and_goes_on_where_it_was(tmp_path: Path) -> None:
    project = tmp_path / "a demo"
    began = Terminal("demo", "a demo", cwd=tmp_path)
    began.wait_for("song +done")
    # what is changed while a run is going on counts; here it makes the video small and the test short
    change(project, "[video]\nwidth = 512\nheight = 512", "excerpt = [0.0, 9.0]\n\n[video]\nwidth = 48\nheight = 48")
    assert began.end() == 0
    assert str(project / "output.mp4") in began.shown
    assert "vktrs run 'a demo'" in began.shown
    made = {path: path.stat().st_mtime_ns for path in (project / "takes").rglob("*.png")}
    assert len(made) > 1
    assert 'model = "tiny.en"' in (project / "storyboard.toml").read_text()  # it listened
    (project / "output.mp4").unlink()
    assert vktrs("demo", "a demo", cwd=tmp_path).stdout == f"{project / 'output.mp4'}\n"
    assert {path: path.stat().st_mtime_ns for path in (project / "takes").rglob("*.png")} == made


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "`vktrs run 'a clip'` goes on where it was."),
        ({"hear": {"model": "small"}}, "asked for again, it goes on behind the last stretch that was heard whole."),
        ({"reroll": ["k7f3", 2]}, "the takes that were made are kept."),
    ],
)
def test_after_a_stop_it_is_said_how_that_run_goes_on(tmp_path: Path, asked: dict[str, Any], said: str) -> None:
    event = {"event": "started", "pid": 1, "request": {"reroll": None, "hear": None, **asked}}
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n", "utf-8")
    assert what_goes_on(Path("a clip"), Run("1", tmp_path, alive=False)) == said
