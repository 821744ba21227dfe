"""What a new storyboard says of picture engines: true defaults, and nothing that an engine refuses."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.real.projects import write_song
from vktrs.engines import transcription
from vktrs.engines.registry import settled_options
from vktrs.errors import InputError
from vktrs.runs.beginning import new_project
from vktrs.storyboard.document import Document
from vktrs.storyboard.model import Captions, Look, Pictures, Signal, Speech, Split, Storyboard
from vktrs.storyboard.template import NewProject, new_storyboard


def board(text: str) -> Storyboard:
    document = Document.parse(text, Path("storyboard.toml"))
    assert not document.warnings
    return document.board


@pytest.mark.parametrize("engine", ["cppn", "diffusers", "stability"])
def test_taking_the_comments_away_changes_no_picture(engine: str) -> None:
    text = new_storyboard(NewProject("song.mp3", "Song", pictures=engine))
    head, table, rest = text.partition(f"[engines.{engine}]")
    bare = re.sub(r"(?m)^# (?=\w+ = )", "", rest.partition("\n[split]")[0])
    assert board(text).engines.pictures == engine
    written = board(f"{head}{table}{bare}").engines.options.get(engine, {})
    assert bool(written) == (engine != "cppn")
    assert settled_options(engine, written) == settled_options(engine, {})


def test_taking_the_comments_of_a_service_away_changes_no_word() -> None:
    text = new_storyboard(NewProject("song.mp3", "Song", speech="api", pictures="stability"))
    head, table, rest = text.partition("[engines.api]")
    bare = re.sub(r"(?m)^# (?=\w+ = )", "", rest.partition("\n[engines.stability]")[0])
    assert "stability" in board(text).engines.options
    written = board(f"{head}{table}{bare}").engines.options["api"]
    assert written.keys() == {"base_url", "model", "prompt", "limit_mb"}
    assert transcription.settled_options(written) == transcription.settled_options({})


def test_a_storyboard_of_an_engine_without_options_has_no_table_of_them() -> None:
    assert "[engines." not in new_storyboard(NewProject("song.mp3", "Song"))


def test_a_size_that_the_engine_cannot_make_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    write_song(song, 0.5)
    with pytest.raises(InputError, match="multiples of 8, not 500x514") as refused:
        new_project(tmp_path / "clip", song, pictures="diffusers", width=500, height=514)
    assert "496x512" in refused.value.hint
    assert not (tmp_path / "clip").exists()
    assert (
        new_project(tmp_path / "clip", song, pictures="diffusers", width=504, height=512).document().board.scenes == ()
    )


@pytest.mark.parametrize(("name", "data"), [("words.txt", b"\n"), ("words.txt", b"OggS\0"), ("words.lrc", b"la la\n")])
def test_lyrics_that_cannot_be_used_make_no_project(tmp_path: Path, name: str, data: bytes) -> None:
    song, lyrics = tmp_path / "song.wav", tmp_path / name
    write_song(song, 0.5)
    lyrics.write_bytes(data)
    with pytest.raises(InputError, match=name):
        new_project(tmp_path / "clip", song, lyrics=lyrics)
    assert not (tmp_path / "clip").exists()


def test_what_is_written_down_for_music_and_motion_is_what_holds_without_it() -> None:
    found = board(new_storyboard(NewProject("song.mp3", "Song")))
    assert found.look == Look()
    assert (found.split, found.signals) == (Split(), {})


def test_taking_the_comments_of_motion_away_makes_a_signal_and_what_moves_with_it() -> None:
    text = new_storyboard(NewProject("song.mp3", "Song"))
    found = board(re.sub(r"(?m)^# (?=\[signals|source = \"mix|chain|zoom)", "", text))
    assert found.signals == {"pulse": Signal("mix", "bandpass(40, 120) | rms | smoosh | sustain(0.3)")}
    assert found.look == replace(Look(), zoom="1.002 + 0.03 * pulse")


@pytest.mark.parametrize(("key", "values"), [("speech", Speech), ("pictures", Pictures), ("captions", Captions)])
def test_the_comment_beside_a_choice_names_every_value(key: str, values: Any) -> None:
    text = new_storyboard(NewProject("song.mp3", "Song"))
    (line,) = [line for line in text.splitlines() if line.startswith(f"{key} = ")]
    comment = line.partition("#")[2]
    assert [each for each in get_args(values) if each not in comment] == []
