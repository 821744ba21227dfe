"""Whole runs of the command line whose words a service hears: asked once, told before, the key nowhere."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real.commands import answer, seen_arguments, status, vktrs
from tests.real.projects import SCENES, change, silent_project
from tests.real.transcription_server import KEY, Call, TranscriptionServer, body, dropped, held, told
from tests.real.transcription_server import status as refused

WORDS = ["first light over the water", "second street in the rain", "third hill and nobody there"]


def sung(_call: Call) -> list[dict[str, Any]]:
    """Three lines of four or five words, over four seconds."""
    words = " ".join(WORDS).split()
    return [{"word": word, "start": 0.2 + 0.3 * number, "end": 0.4 + 0.3 * number} for number, word in enumerate(words)]


@pytest.fixture
def server() -> Iterator[TranscriptionServer]:
    with TranscriptionServer() as running:
        running.sung = sung
        yield running


def heard_project(folder: Path, server: TranscriptionServer, scenes: str = "", **options: object) -> Path:
    """A song whose words this service is to hear."""
    silent_project(folder, scenes)
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in {"base_url": server.url, **options}.items())
    change(folder, 'speech = "none"\n', f'speech = "api"\n\n[engines.api]\n{lines}')
    return folder


def environment() -> dict[str, str]:
    return {"VKTRS_SPEECH_KEY": KEY}


def lines_of(folder: Path) -> list[dict[str, Any]]:
    """The lines that the words stage made last."""
    path = max(folder.glob(".vktrs/cache/words/*/lines.json"), key=lambda path: path.stat().st_mtime_ns)
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return found


def test_a_song_becomes_a_video_and_is_sent_once(tmp_path: Path, server: TranscriptionServer) -> None:
    folder = heard_project(tmp_path / "p", server)
    plain = vktrs("run", folder, "--dry-run", env=environment())
    host = server.url.removeprefix("http://").removesuffix("/v1")
    assert f"words: the song is sent to {host} (whisper-1) to be heard" in plain.stdout
    assert not server.calls
    server.next(refused(503, retry_after="0"), dropped())
    done = vktrs("run", folder, env=environment())
    assert (folder / "output.mp4").is_file()
    assert f"is sent to {host} (whisper-1)" in done.stdout + done.stderr
    assert len(server.calls) == 3
    assert " ".join(line["text"] for line in lines_of(folder)).replace(",", "").lower() == " ".join(WORDS)
    assert states_of(folder)["words"] == "fresh"
    (folder / "output.mp4").unlink()
    vktrs("run", folder, env=environment())
    change(folder, "[engines.api]\n", "[engines.api]\nlimit_mb = 5\n")
    vktrs("run", folder, env=environment())
    again = vktrs("run", folder, "--dry-run", env=environment())
    assert "is sent to" not in again.stdout
    assert len(server.calls) == 3


def states_of(folder: Path) -> dict[str, str]:
    return {stage["name"]: stage["state"] for stage in status(folder)["stages"]}


def test_without_what_it_needs_nothing_is_begun(tmp_path: Path, server: TranscriptionServer) -> None:
    folder = heard_project(tmp_path / "p", server)
    change(folder, json.dumps(server.url), '"https://api.openai.com/v1"')
    told = vktrs("run", folder, code=4)
    assert "export OPENAI_API_KEY=" in told.stderr + told.stdout
    change(folder, '"https://api.openai.com/v1"', '"http://api.openai.com/v1"')
    told = vktrs("run", folder, env=environment(), code=3)
    assert "storyboard.toml:16:12" in told.stderr + told.stdout
    assert "anybody on the way can listen" in told.stderr + told.stdout
    assert not list(folder.glob(".vktrs/cache/*/*"))
    told = vktrs("run", folder, "--dry-run", env=environment(), code=3)
    assert "anybody on the way can listen" in told.stderr + told.stdout


def test_words_that_were_heard_need_no_key_any_more(
    tmp_path: Path, server: TranscriptionServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = heard_project(tmp_path / "p", server)
    vktrs("run", folder, "--to", "words", env=environment())
    vktrs("run", folder, "--to", "words")
    assert len(server.calls) == 1
    (kept,) = folder.glob(".vktrs/cache/transcribed/*")
    answer(capsys, "clean", folder)
    assert kept.is_dir(), "what was paid for stays"
    change(folder, "[engines.api]\n", '[engines.api]\nmodel = "whisper-2"\n')
    out, _ = answer(capsys, "run", folder, "--dry-run")
    assert "(whisper-2) to be heard" in out, "another model is asked again"


def test_openais_key_is_not_sent_to_the_host_that_a_storyboard_names(
    tmp_path: Path, server: TranscriptionServer
) -> None:
    folder = heard_project(tmp_path / "p", server)
    told = vktrs("run", folder, "--to", "words", env={"OPENAI_API_KEY": KEY}, code=4)
    assert [call.authorization for call in server.calls] == [None]
    assert "export VKTRS_SPEECH_KEY=" in told.stderr + told.stdout


def test_known_lyrics_are_timed_by_what_the_service_heard(tmp_path: Path, server: TranscriptionServer) -> None:
    folder = heard_project(tmp_path / "p", server)
    (folder / "lyrics.txt").write_text("\n".join(line.title() + "!" for line in WORDS), "utf-8")
    change(folder, 'source = "song.wav"\n', 'source = "song.wav"\nlyrics = "lyrics.txt"\n')
    vktrs("run", folder, "--to", "words", env=environment())
    lines = lines_of(folder)
    assert [line["text"] for line in lines] == [line.title() + "!" for line in WORDS]
    assert [line["start"] for line in lines] == pytest.approx([0.2, 1.7, 3.2], abs=0.05)


def test_a_run_that_waits_for_the_service_can_be_stopped(tmp_path: Path, server: TranscriptionServer) -> None:
    folder = heard_project(tmp_path / "p", server)

    def stop(_call: Call) -> None:
        journal = max(folder.glob(".vktrs/runs/*/events.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        (started,) = (json.loads(line) for line in journal.read_text("utf-8").splitlines() if '"started"' in line)
        os.kill(started["pid"], signal.SIGTERM)

    server.seen = stop
    server.always(held(server.closed))
    vktrs("run", folder, env=environment(), code=130)
    assert len(server.calls) == 1


def test_the_key_is_nowhere_whatever_happened(
    tmp_path: Path, server: TranscriptionServer, nobody_at_home: Path
) -> None:
    folder = heard_project(tmp_path / "p", server)
    arguments, server.seen = seen_arguments()
    said: list[str] = []

    def run(code: int) -> None:
        done = vktrs("run", folder, "--to", "scenes", env=environment(), code=code)
        said.extend((done.stdout, done.stderr))

    for reaction, code in [
        (refused(401, f"Incorrect API key provided: {KEY[:8]}***{KEY[-4:]}"), 4),
        (body(400, KEY.encode() * 5000, "text/plain"), 1),
        (told(text=KEY), 3),
    ]:
        server.next(reaction)
        run(code)
    server.next(refused(500, retry_after="0"), body(200, KEY.encode()))
    server.always(told(text=KEY, segments=[{"start": 1.0, "end": 2.0, "text": f"{KEY} la"}]))
    run(0)
    assert server.left == 0, "every failure did happen"
    assert {call.authorization for call in server.calls} == {f"Bearer {KEY}"}
    said.append(vktrs("status", folder, "--json", env=environment()).stdout)
    said.append(vktrs("doctor", "--json", env=environment(), code=None).stdout)
    assert "set: VKTRS_SPEECH_KEY" in said[-1]
    assert arguments
    everything = [
        *(path.read_bytes() for top in (folder, nobody_at_home) for path in top.rglob("*") if path.is_file()),
        *(str(path).encode() for path in folder.rglob("*")),
        *(text.encode() for text in said),
        *arguments,
    ]
    assert not [each for each in everything if KEY.encode() in each or KEY[3:].encode() in each]
    assert "[key]" in "".join(said), "the service did repeat it"


def test_timed_lyrics_are_sent_nowhere(tmp_path: Path, server: TranscriptionServer) -> None:
    folder = heard_project(tmp_path / "p", server)
    (folder / "lyrics.lrc").write_text("[00:00.20]first light\n[00:01.50]second street\n", "utf-8")
    change(folder, 'source = "song.wav"\n', 'source = "song.wav"\nlyrics = "lyrics.lrc"\n')
    vktrs("run", folder, "--to", "words")
    assert not server.calls


def test_a_project_whose_scenes_are_there_is_heard_too(tmp_path: Path, server: TranscriptionServer) -> None:
    folder = heard_project(tmp_path / "p", server, SCENES)
    vktrs("run", folder, "--to", "words", env=environment())
    assert len(server.calls) == 1
