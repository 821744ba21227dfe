"""Names and places of every kind: songs in any format and under any name, folders, links, web addresses."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.real.commands import answer, finished_project, status, vktrs
from tests.real.projects import change, write_song
from vktrs.media.audio import probe
from vktrs.project import Project

SMALL = ["--speech", "none", "--size", "32x32", "--fps", "4"]
NAMES = [
    "my song.wav",
    'it\'s "quoted".wav',
    "100% %s %(title)s.wav",
    "Ödland – 歌 🎵.wav",
    "-x.wav",
    "~root.wav",
    "a\\b:c;$(echo)`&|.wav",
    "line\nbreak.wav",
    "{brace} [x]*?.wav",
    "no_ending",
]


def make_song(path: Path, *options: str) -> None:
    """A second of sound in whatever format the name asks for."""
    sound = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=330:duration=1"]
    subprocess.run([*sound, *options, f"file:{path}"], check=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_song(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_song(tmp_path / name, 1)
    answer(capsys, "new", "clip", f"./{name}", *SMALL)
    project = Project.open(tmp_path / "clip")
    song = project.resolve(project.document().board.song.source)
    assert song.read_bytes() == (tmp_path / name).read_bytes()
    assert probe(song).duration == 1.0


def test_the_worst_names_go_all_the_way(tmp_path: Path) -> None:
    name = '-a %s\'s "歌" {x}:;$(y).wav'
    write_song(tmp_path / name, 1)
    (tmp_path / "-l %d'.lrc").write_text("[00:00.20]one\n[00:00.80]\n")
    folder = "-p 100%'s"
    vktrs("new", f"./{folder}", f"./{name}", "--lyrics", "./-l %d'.lrc", "--captions", "line", *SMALL, cwd=tmp_path)
    done = vktrs("run", f"./{folder}", cwd=tmp_path)
    assert done.stdout == f"{tmp_path / folder / 'output.mp4'}\n"


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.wav")
    write_song(tmp_path / name, 1)
    done = vktrs("new", os.fsdecode(b"d\xe9"), name, *SMALL, cwd=tmp_path)
    project = tmp_path / os.fsdecode(b"d\xe9")
    assert done.stdout == f"{project / 'storyboard.toml'}\n"
    vktrs("run", project, "--to", "song")
    assert vktrs("status", project).stdout


@pytest.mark.parametrize("name", ["100% it's a", '-歌"c'])
def test_any_name_of_a_project(tmp_path: Path, name: str) -> None:
    project = finished_project(tmp_path / name)
    change(project, "last song", "other song")
    assert vktrs("run", f"./{name}", cwd=tmp_path).stdout == f"{project / 'output.mp4'}\n"


def test_a_project_by_link_by_relative_name_with_a_slash_and_from_within(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    (tmp_path / "link").symlink_to("clip", target_is_directory=True)
    for words, where in ((["link"], tmp_path), (["clip/"], tmp_path), ([], project), (["../clip"], project)):
        assert "nothing to do" in vktrs("run", *words, cwd=where).stderr
    change(project, "last song", "other song")
    assert vktrs("run", "link/", cwd=tmp_path).stdout == f"{tmp_path / 'link' / 'output.mp4'}\n"
    assert "nothing to do" in vktrs("run", "clip", cwd=tmp_path).stderr


def test_a_moved_project_stays_fresh(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip").rename(tmp_path / "else where")
    assert "nothing to do" in vktrs("run", project).stderr


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    gone = f"mkdir x && cd x && rmdir ../x && exec {sys.executable} -m vktrs_tui status"
    done = subprocess.run(["bash", "-c", gone], cwd=tmp_path, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert done.returncode in (1, 3)


@pytest.mark.parametrize("ending", ["mp3", "m4a", "flac", "wav", "opus", "ogg", "mp4"])
def test_any_format(tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str) -> None:
    song = tmp_path / f"song.{ending}"
    make_song(song, "-metadata", "title=My Title")
    answer(capsys, "new", tmp_path / "clip", song, *SMALL)
    board = Project.open(tmp_path / "clip").document().board
    assert board.song.source == song.name
    assert board.song.title == "My Title"
    assert abs(probe(tmp_path / "clip" / song.name).duration - 1.0) < 0.06


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Iterator[str]:
    """A web page with a song on it, on loopback."""
    pages = tmp_path / "pages"
    pages.mkdir()
    make_song(pages / "tune.mp3")
    (pages / "page.html").write_text(
        "<html><head><title>A tune</title></head><body><audio src='tune.mp3' controls></audio></body></html>"
    )

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=pages)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_web_page_with_a_song_on_it(tmp_path: Path, site: str) -> None:
    vktrs("new", "clip", f"{site}/page.html", *SMALL, cwd=tmp_path)
    assert sorted(path.name for path in (tmp_path / "clip").iterdir()) == ["storyboard.toml"]
    done = vktrs("run", "clip", cwd=tmp_path)
    assert done.stdout == f"{tmp_path / 'clip' / 'output.mp4'}\n"
    assert any(path.suffix == ".mp3" for path in (tmp_path / "clip").iterdir())
    assert "nothing to do" in vktrs("run", "clip", cwd=tmp_path).stderr


def test_a_web_address_with_nothing_there(tmp_path: Path, site: str) -> None:
    vktrs("new", "clip", f"{site}/nothing.mp3", *SMALL, cwd=tmp_path)
    done = vktrs("run", "clip", cwd=tmp_path, code=3)
    assert "404" in done.stderr
    assert "\x1b" not in done.stderr
    told = status(tmp_path / "clip")
    assert (told["stages"][0]["state"], "404" in told["stages"][0]["reasons"][0]) == ("failed", True)
