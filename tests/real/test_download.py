"""Songs from a web server: on loopback, with the real yt_dlp."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import ffmpeg
import pytest

from tests.real.commands import vktrs
from vktrs.errors import InputError, Stopped
from vktrs.lines import Line
from vktrs.media import download as download_module
from vktrs.media.audio import probe
from vktrs.media.download import Downloaded, download, downloaded, is_url
from vktrs.media.ffmpeg import as_file, run_ffmpeg
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.stages import words

VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nDaisy, Daisy\n"
JSON3 = '{"events": [{"tStartMs": 1000, "segs": [{"utf8": "Daisy"}, {"utf8": " Daisy", "tOffsetMs": 900}]}]}'
PAGE = """<html><head><title>Daisy: a "song" / ../../etc</title></head><body>
<video src="/media/song.mp3" type="audio/mpeg"><track kind="subtitles" srclang="en" src="/media/en.vtt"></video>
</body></html>"""


@dataclass
class Site:
    """A web server: its pages by path, and the requests that it saw."""

    pages: dict[str, tuple[str, bytes]]
    url: str = ""
    seen: list[tuple[str, str, str]] = field(default_factory=list)

    def gets(self, path: str) -> list[str]:
        """The Range headers of all GETs of `path`."""
        return [ranges for method, where, ranges in self.seen if (method, where) == ("GET", path)]


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer()

        def do_HEAD(self) -> None:
            self.answer()

        def answer(self) -> None:
            ranges = self.headers.get("Range", "")
            site.seen.append((self.command, self.path, ranges))
            kind, body = site.pages.get(self.path, ("text/html", b"<h1>nothing here</h1>"))
            status = 200 if self.path in site.pages else int(self.path[1:]) if self.path[1:].isdigit() else 404
            first = int(match[1]) if (match := re.match(r"bytes=(\d+)-", ranges)) and status == 200 else 0
            self.send_response(206 if first else status)
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) - first))
            self.end_headers()
            if self.command == "GET":
                try:
                    self.wfile.write(body[first:])
                except ConnectionError:
                    self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("song") / "song.mp3"
    noise = ffmpeg.input("anoisesrc=d=40:r=44100:a=0.3:seed=1", f="lavfi")
    run_ffmpeg(ffmpeg.output(noise, as_file(path), **{"b:a": "128k"}))
    return path.read_bytes()


@pytest.fixture
def site(song: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    pages = {
        "/media/song.mp3": ("audio/mpeg", song),
        "/other/song.mp3": ("audio/mpeg", song[: len(song) // 2]),
        "/media/en.vtt": ("text/vtt", VTT.encode()),
        "/page.html": ("text/html", PAGE.encode()),
        "/broken.html": ("text/html", PAGE.replace("en.vtt", "gone.vtt").encode()),
        "/two.html": ("text/html", (PAGE + PAGE.replace("/media/song", "/other/song")).encode()),
        "/text.html": ("text/html", b"<html><body>no song here</body></html>"),
        "/nothing.mp3": ("audio/mpeg", b""),
    }
    site = Site(pages)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(site))
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def ignore(*_: object) -> None:
    pass


def fetch(url: str, folder: Path) -> Downloaded:
    return download(url, folder, on_progress=ignore, should_stop=lambda: False)


def test_a_song_is_fetched_as_it_is_and_progress_is_told(site: Site, song: bytes, tmp_path: Path) -> None:
    told: list[tuple[int, int | None, str]] = []
    found = download(
        f"{site.url}/media/song.mp3", tmp_path, on_progress=lambda *event: told.append(event), should_stop=lambda: False
    )
    assert found.path.parent == tmp_path and found.path.suffix == ".mp3"
    assert found.path.read_bytes() == song, "not coded anew"
    assert found.site == "generic" and found.captions == ()
    assert abs(probe(found.path).duration - 40) < 0.1
    assert told[-1] == (len(song), len(song), "song")
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told) and len(told) > 3


def test_a_page_gives_its_song_and_its_captions_under_names_it_cannot_choose(site: Site, tmp_path: Path) -> None:
    project = tmp_path / "a project's 100% %(title)s"
    project.mkdir()
    found = fetch(f"{site.url}/page.html", project)
    assert "Daisy" in found.title
    assert [caption.read_text() for caption in found.captions] == [VTT]
    names = sorted(file.name for file in project.iterdir())
    assert names == sorted([found.path.name, found.captions[0].name, f"{found.path.stem}.info.json"])
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)
    assert not any("etc" in name or "song" in name.lower() for name in names)
    assert [file.name for file in tmp_path.iterdir()] == [project.name]


def test_what_was_fetched_is_found_again_without_the_network(site: Site, tmp_path: Path) -> None:
    url = f"{site.url}/page.html"
    assert downloaded(url, tmp_path) is None
    found = fetch(url, tmp_path)
    site.seen.clear()
    assert downloaded(url, tmp_path) == found == fetch(url, tmp_path)
    assert site.seen == []
    assert downloaded(f"{site.url}/other.html", tmp_path) is None


def test_a_note_that_does_not_fit_its_file_is_not_believed(site: Site, song: bytes, tmp_path: Path) -> None:
    url = f"{site.url}/media/song.mp3"
    found = fetch(url, tmp_path)
    note = next(tmp_path.glob("*.info.json"))
    entry = json.loads(note.read_text())
    (tmp_path.parent / "secret.mp3").write_bytes(song)
    for change in (
        {"file": "gone.mp3"},
        {"file": "../secret.mp3"},
        {"bytes": 7},
        {"captions": None},
        {"duration": "x"},
    ):
        note.write_text(json.dumps({**entry, **change}))
        assert downloaded(url, tmp_path) is None
    for text in ("", "[]", "{", '{"url": 1}'):
        note.write_text(text)
        assert downloaded(url, tmp_path) is None
    assert fetch(url, tmp_path) == found, "it is mended"


def test_two_songs_of_one_name_do_not_collide(site: Site, tmp_path: Path) -> None:
    one, two = fetch(f"{site.url}/media/song.mp3", tmp_path), fetch(f"{site.url}/other/song.mp3", tmp_path)
    assert one.path != two.path
    assert one.path.stat().st_size == 2 * two.path.stat().st_size or one.path.read_bytes() != two.path.read_bytes()


def test_a_stopped_download_goes_on_where_it_stopped(site: Site, song: bytes, tmp_path: Path) -> None:
    url = f"{site.url}/media/song.mp3"
    done: list[int] = []

    def stop_in_the_middle() -> bool:
        return bool(done) and done[-1] > len(song) // 3

    with pytest.raises(Stopped):
        download(url, tmp_path, on_progress=lambda *event: done.append(event[0]), should_stop=stop_in_the_middle)
    partial = next(tmp_path.glob("*.part"))
    had = partial.stat().st_size
    assert 0 < had < len(song) and downloaded(url, tmp_path) is None
    site.seen.clear()
    found = fetch(url, tmp_path)
    assert f"bytes={had}-" in site.gets("/media/song.mp3")
    assert found.path.read_bytes() == song
    assert not list(tmp_path.glob("*.part"))


def test_a_stop_that_was_asked_for_before_touches_no_network(site: Site, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        download(f"{site.url}/page.html", tmp_path, on_progress=ignore, should_stop=lambda: True)
    assert site.seen == []


def test_a_song_whose_captions_are_gone_is_fetched_without_them(site: Site, song: bytes, tmp_path: Path) -> None:
    found = fetch(f"{site.url}/broken.html", tmp_path)
    assert found.path.read_bytes() == song and found.captions == ()


def offering(monkeypatch: pytest.MonkeyPatch, site: Site, **offered: object) -> str:
    """Have the page of a song offer captions, as the extractor of a site that has automatic ones finds them."""

    def formats(*names: str) -> list[dict[str, str]]:
        return [{"ext": name, "url": f"{site.url}/captions/{name}"} for name in names]

    def page(_: object, url: str) -> dict[str, object]:
        media = {"url": f"{site.url}/media/song.mp3", "ext": "mp3", "vcodec": "none", "format_id": "1"}
        found = {"id": "x1", "title": "Daisy", "extractor": "youtube", "webpage_url": url, "formats": [media]}
        tracks = {
            kind: dict.fromkeys(names, formats("vtt", "json3")) for kind, names in offered.items() if kind != "language"
        }
        return {**found, **tracks, "language": offered.get("language")}

    monkeypatch.setattr(download_module, "_one_song", page)
    site.pages["/captions/json3"] = ("application/json", JSON3.encode())
    return f"{site.url}/watch"


def test_captions_by_a_person_and_those_of_the_recogniser_come_with_their_words_times(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = offering(
        monkeypatch, site, subtitles=["fr", "en"], automatic_captions=["de", "en", "en-orig"], language="en-US"
    )
    found = fetch(url, tmp_path)
    assert [path.name for path in found.captions] == ["youtube-x1.en.json3", "youtube-x1.en-orig.json3"]
    assert [path.name for path in found.automatic] == ["youtube-x1.en-orig.json3"]
    assert {path.read_text() for path in found.captions} == {JSON3}
    assert found.language == "en-US"
    assert downloaded(url, tmp_path) == found


def test_a_language_that_is_asked_for_is_fetched_and_no_translation_by_a_machine(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = offering(monkeypatch, site, subtitles=["fr", "de"], automatic_captions=["de", "en", "fr-orig"], language="fr")
    found = download(url, tmp_path, on_progress=ignore, should_stop=lambda: False, language="de")
    assert [path.name for path in found.captions] == ["youtube-x1.de.json3"] and found.automatic == ()


def test_captions_that_are_refused_keep_neither_the_song_nor_the_others_away(
    site: Site, song: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = offering(monkeypatch, site, subtitles=["en"], automatic_captions=["en-orig"], language="en")
    page = download_module._one_song

    def one_gone(loader: object, url: str) -> dict[str, object]:
        found = page(loader, url)
        found["subtitles"] = {"en": [{"ext": "json3", "url": f"{site.url}/429"}]}
        return found

    monkeypatch.setattr(download_module, "_one_song", one_gone)
    found = fetch(url, tmp_path)
    assert found.path.read_bytes() == song
    assert [path.name for path in found.captions] == ["youtube-x1.en-orig.json3"] and found.automatic == found.captions


def test_the_note_of_an_older_download_tells_its_captions_as_a_person_s(site: Site, tmp_path: Path) -> None:
    url = f"{site.url}/page.html"
    found = fetch(url, tmp_path)
    note = next(tmp_path.glob("*.info.json"))
    entry = json.loads(note.read_text())
    note.write_text(json.dumps({name: entry[name] for name in entry if name not in ("automatic", "language")}))
    assert downloaded(url, tmp_path) == found and found.captions and found.automatic == ()


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/404", "nothing at"), ("/410", "nothing at"), ("/403", "403 Forbidden"), ("/text.html", "no song was found"),
     ("/nothing.mp3", ""), ("/two.html", "2 songs")],
)  # fmt: skip
def test_what_gives_no_song_is_told_in_one_sentence(path: str, reason: str, site: Site, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        fetch(site.url + path, tmp_path)
    message = caught.value.message
    assert reason in message and site.url + path in message
    assert "\x1b" not in message and "\n" not in message and "report this issue" not in str(caught.value)
    assert caught.value.hint and caught.value.exit_code == 3
    assert not list(tmp_path.glob("*.info.json"))


def test_a_server_that_cannot_be_reached_is_told(tmp_path: Path, site: Site) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/song.mp3"
        with pytest.raises(InputError, match="cannot be reached") as caught:
            fetch(url, tmp_path)
    assert "\x1b" not in caught.value.message and "0x" not in caught.value.message


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/song.mp3", "ytsearch:daisy", "data:audio/mp3,x"]
)
def test_only_the_web_is_fetched_from(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not an address of the web"):
        fetch(url, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_address_is_told_from_a_file() -> None:
    assert is_url("https://example.org/watch?v=1") and is_url("HTTP://x") and is_url("file:///x")
    assert not any(is_url(name) for name in ("song.mp3", "C:\\song.mp3", "a b://c", "concat:x", "-y.mp3", "./http://x"))


def test_a_run_from_a_page_takes_the_words_of_its_captions(site: Site, tmp_path: Path) -> None:
    vktrs("new", tmp_path / "clip", f"{site.url}/page.html", "--speech", "captions")
    vktrs("run", tmp_path / "clip", "--to", "words")
    project = Project(tmp_path / "clip")
    piece = plan_project(project).words
    assert piece is not None
    assert words.load(project.store, piece.key) == [Line(1.0, 3.0, "Daisy, Daisy")]


def test_a_run_from_a_page_without_captions_ends_when_that_is_known(site: Site, tmp_path: Path) -> None:
    vktrs("new", tmp_path / "clip", f"{site.url}/broken.html", "--speech", "captions")
    done = vktrs("run", tmp_path / "clip", code=3)
    assert "no captions came with" in done.stderr
    assert not plan_project(Project(tmp_path / "clip")).song.made  # type: ignore[union-attr]
    again = vktrs("run", tmp_path / "clip", code=3).stderr
    assert done.stderr.endswith(again), "and before any work from then on"
