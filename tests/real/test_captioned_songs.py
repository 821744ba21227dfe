"""Songs with captions of their site, from where they lie to scenes; no model listens and no network is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.real.commands import answer, vktrs
from tests.real.projects import SECONDS, change, write_song
from vktrs.errors import InputError
from vktrs.lines import Line
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.beginning import new_project
from vktrs.stages import words

URL = "https://songs.invalid/watch?v=x1"
STORYBOARD = """\
schema = 1

[song]
source = "{source}"

[video]
width = 48
height = 32

[engines]
speech = "captions"
"""
HEARD = ((200, ("daisy", "daisy")), (1600, ("give", "me", "your", "answer")), (3200, ("dew",)))
"""What a recogniser made of it: rows in milliseconds, 250 ms a word."""
VTT = "WEBVTT\n\n00:00.200 --> 00:01.000\nDaisy, Daisy\n\n00:01.600 --> 00:04.000\n♪ Give me your answer, do! ♪\n"


def json3(rows: Sequence[tuple[int, Sequence[str]]] = HEARD) -> str:
    events: list[dict[str, Any]] = []
    for start, row in rows:
        segments = [
            {"utf8": " " * (place > 0) + word, "tOffsetMs": 250 * place, "acAsrConf": 204}
            for place, word in enumerate(row)
        ]
        events.append({"tStartMs": start - 10, "wWinId": 1, "aAppend": 1, "segs": [{"utf8": "\n"}]})
        events.append({"tStartMs": start, "dDurationMs": 4000, "wWinId": 1, "segs": segments})
    return json.dumps({"events": events})


def downloaded_project(folder: Path, files: dict[str, str], **note: Any) -> Path:
    """A project whose song was downloaded, with captions of these names beside it; the folder."""
    folder.mkdir()
    song = folder / "youtube-x1.wav"
    write_song(song)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    known = {"url": URL, "site": "youtube", "id": "x1", "title": "Daisy", "duration": SECONDS, "file": song.name}
    entry = {**known, "bytes": song.stat().st_size, "captions": [*files], **note}
    (folder / "youtube-x1.info.json").write_text(json.dumps(entry))
    (folder / "storyboard.toml").write_text(STORYBOARD.format(source=URL))
    return folder


def captioned_project(folder: Path, files: dict[str, str]) -> Path:
    """A project with a song of the user's, and captions beside it; the folder."""
    folder.mkdir()
    write_song(folder / "song.wav")
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "storyboard.toml").write_text(STORYBOARD.format(source="song.wav"))
    return folder


def made_words(folder: Path) -> list[Line]:
    piece = plan_project(Project(folder)).words
    assert piece is not None and piece.made
    return words.load(Project(folder).store, piece.key)


def remarks(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in sorted((folder / ".vktrs" / "runs").glob("*/events.jsonl")))


def test_captions_of_a_download_become_scenes_and_nothing_is_read_twice(tmp_path: Path) -> None:
    both = {"youtube-x1.en.vtt": VTT, "youtube-x1.en-orig.json3": json3()}
    folder = downloaded_project(tmp_path / "clip", both, automatic=["youtube-x1.en-orig.json3"], language="en")
    vktrs("run", folder, "--to", "scenes")
    board = Project(folder).document().board
    assert board.engines.speech == "captions"
    assert [scene.text for scene in board.scenes if scene.text] == ["Daisy, Daisy", "Give me your answer, do!"]
    assert "youtube-x1.en.vtt (made by a person, en)" in remarks(folder)
    change(folder, 'speech = "captions"', 'speech = "captions"\n[engines.whisper]\nmodel = "large"')
    assert made_words(folder), "what whisper would be told makes no word stale"
    change(folder, "[engines.whisper]", '[engines.captions]\nkind = "auto"\n[engines.whisper]')
    vktrs("run", folder, "--to", "words")
    heard = made_words(folder)
    assert [line.text for line in heard] == [" ".join(row) for _, row in HEARD]
    assert [round(word.start * 1000) for word in heard[1].words] == [1600, 1850, 2100, 2350]
    assert {word.probability for line in heard for word in line.words} == {0.8}
    assert "youtube-x1.en-orig.json3 (made by the site's recogniser, en)" in remarks(folder)
    # other captions are other words
    (folder / "youtube-x1.en-orig.json3").write_text(json3(HEARD[:2]))
    piece = plan_project(Project(folder)).words
    assert piece is not None and not piece.made


def test_lyrics_without_times_are_laid_onto_captions_without_a_model(tmp_path: Path) -> None:
    folder = captioned_project(tmp_path / "clip", {"song.en-orig.json3": json3()})
    (folder / "lyrics.txt").write_text("[Chorus]\nDaisy, Daisy,\nGive me your answer do!\n")
    change(folder, 'source = "song.wav"', 'source = "song.wav"\nlyrics = "lyrics.txt"')
    vktrs("run", folder, "--to", "words")
    lines = made_words(folder)
    assert [line.text for line in lines] == ["Daisy, Daisy,", "Give me your answer do!"]
    assert [round(word.start, 2) for line in lines for word in line.words] == [0.2, 0.45, 1.6, 1.85, 2.1, 2.35, 3.2]
    shutil.rmtree(folder / ".vktrs")
    (folder / "song.en-orig.json3").unlink()
    (folder / "song.en.vtt").write_text(VTT)  # no word has a time in it
    vktrs("run", folder, "--to", "words")
    assert [line.start for line in made_words(folder)] == [0.2, 1.6]
    with (folder / "lyrics.txt").open("a") as file:
        file.write("Upon a bicycle made for two\n")
    vktrs("run", folder, "--to", "words")
    *found, estimated = made_words(folder)
    assert all(word.probability == 1.0 for line in found for word in line.words)
    assert {word.probability for word in estimated.words} == {None}, "which is shown as estimated"


def test_a_project_of_a_file_takes_the_captions_beside_it_along(tmp_path: Path) -> None:
    place = tmp_path / "music"
    place.mkdir()
    write_song(place / "~song.wav")  # which cannot be called so in a project
    (place / "~song.en.vtt").write_text(VTT)
    (place / "other.en.vtt").write_text(VTT)
    vktrs("new", tmp_path / "clip", place / "~song.wav", "--speech", "captions")
    assert (tmp_path / "clip" / "song.en.vtt").read_text() == VTT
    assert sorted(path.name for path in (tmp_path / "clip").iterdir()) == ["song.en.vtt", "song.wav", "storyboard.toml"]
    vktrs("run", tmp_path / "clip", "--to", "words")
    assert [line.text for line in made_words(tmp_path / "clip")] == ["Daisy, Daisy", "Give me your answer, do!"]
    write_song(tmp_path / "bare.wav")
    with pytest.raises(InputError, match="no captions lie beside") as caught:
        new_project(tmp_path / "none", tmp_path / "bare.wav", speech="captions")
    assert "bare.en.vtt" in caught.value.hint and not (tmp_path / "none").exists()
    (tmp_path / "timed.vtt").write_text(VTT)
    new_project(tmp_path / "timed", tmp_path / "bare.wav", speech="captions", lyrics=tmp_path / "timed.vtt")


@pytest.mark.parametrize(
    ("files", "note", "settings", "told"),
    [
        ({}, {}, "", ["no captions came with", "remove youtube-x1.wav", "lyrics = "]),
        ({"youtube-x1.en.ttml": "<tt/>"}, {}, "", ["no captions came with"]),
        ({"youtube-x1.en.vtt": VTT}, {"language": "de"}, "", ['in the language "de"', "youtube-x1.en.vtt"]),
        (
            {"youtube-x1.en.vtt": VTT},
            {},
            '[engines.captions]\nkind = "auto"',
            ['of the kind "auto"', "made by a person"],
        ),
        ({"youtube-x1.en.vtt": VTT}, {}, '[engines.captions]\nkind = "best"', ["storyboard.toml:13:8:", '"best"']),
        ({"youtube-x1.en.vtt": VTT}, {}, '[engines.captions]\nmodel = "x"', ["storyboard.toml:13:9:", "`model`"]),
        ({"youtube-x1.en.json3": '{"events": 7}'}, {}, "", ["youtube-x1.en.json3", "no list of events"]),
        ({"youtube-x1.en.json3": '{"events": []}'}, {}, "", ["youtube-x1.en.json3", "nothing is sung"]),
    ],
    ids=["none", "not-readable", "another-language", "another-kind", "no-kind", "no-option", "garbage", "empty"],
)
def test_captions_that_cannot_be_had_are_told_before_any_work(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, str],
    note: dict[str, Any],
    settings: str,
    told: list[str],
) -> None:
    folder = downloaded_project(tmp_path / "clip", files, **note)
    with (folder / "storyboard.toml").open("a") as file:
        file.write(settings)
    _, err = answer(capsys, "run", folder, "--dry-run", code=3)
    for part in told:
        assert part in err
    answer(capsys, "status", folder)


def test_a_file_without_captions_is_told_how_they_are_called(tmp_path: Path) -> None:
    folder = captioned_project(tmp_path / "clip", {})
    err = vktrs("run", folder, code=3).stderr
    assert "no captions lie beside song.wav" in err and "song.en.vtt" in err and 'lyrics = "x.vtt"' in err
    assert '"artifact"' not in remarks(folder), "it was seen before any work"
