"""What is heard and what is made from it: each once, told while it goes on, and kept apart. Engines are scripted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.real.listening_engine import SONG, Speech, machine, run
from tests.real.projects import change, write_song
from vktrs.artifacts import fingerprint
from vktrs.chains import STEMS
from vktrs.engines import faster_whisper, stems
from vktrs.engines import speech as speech_door
from vktrs.engines.speech import SpeechChoice
from vktrs.errors import InputError, MissingError, Stopped
from vktrs.lines import Line
from vktrs.plan import Piece, Plan, plan_project
from vktrs.project import Project
from vktrs.runs.cleaning import clean
from vktrs.runs.status import Status
from vktrs.stages import stems as stems_stage
from vktrs.stages import words

LYRICS = "First light over the water\n\nSecond street in the rain\n"
BOARD = """\
[song]
source = "song.wav"
title = "Clicks"
language = "en"
lyrics = "lyrics.txt"

[engines]
speech = "faster-whisper"

[engines.whisper]
model = "small"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "song"
    folder.mkdir()
    write_song(folder / "song.wav")
    (folder / "lyrics.txt").write_text(LYRICS, "utf-8")
    (folder / "storyboard.toml").write_text(BOARD, "utf-8")
    return folder


@pytest.fixture
def speech(monkeypatch: pytest.MonkeyPatch) -> Speech:
    return machine(monkeypatch, {"small": SONG, "large": SONG})


def plan(folder: Path) -> Plan:
    return plan_project(Project(folder))


def told(folder: Path) -> tuple[str, int, list[str]]:
    """How the status tells the words."""
    [stage] = [each for each in Status(Project(folder)).stages if each["name"] == "words"]
    return stage["state"], stage["done"], stage["reasons"]


def lines(folder: Path) -> list[Line]:
    piece = plan(folder).words
    assert piece is not None and piece.made
    return words.load(Project(folder).store, piece.key)


def heard_alone(folder: Path) -> Piece:
    """The words of the same project without lyrics."""
    text = (folder / "storyboard.toml").read_text("utf-8")
    change(folder, 'lyrics = "lyrics.txt"', "")
    piece = plan(folder).words
    (folder / "storyboard.toml").write_text(text, "utf-8")
    assert piece is not None
    return piece


def keep(folder: Path, inputs: dict[str, Any]) -> None:
    """Words of those inputs, as a run leaves them."""
    words.make(Project(folder).store, fingerprint(inputs), inputs, SONG)


def test_a_corrected_letter_of_the_lyrics_hears_nothing_again(folder: Path, speech: Speech) -> None:
    run(folder)
    assert (speech.did("hear"), speech.did("open")) == (["small"], ["small"])
    assert [line.text for line in lines(folder)] == ["First light over the water", "Second street in the rain"]
    assert told(folder) == ("fresh", 1, [])
    change_lyrics(folder, "light", "Light")
    assert told(folder) == ("stale", 0, ["the lyrics file changed"])
    run(folder)
    assert speech.did("hear") == []
    assert lines(folder)[0].text == "First Light over the water"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[Chorus]\n\n", "there is nothing to sing in it"),
        (b"words\n[00:12.00] with a time\n", ":2: this line has a time"),
        (b"OggS\0\0\0", "is not a text file"),
    ],
)
def test_lyrics_that_cannot_be_used_are_told_before_anybody_listens(
    folder: Path, speech: Speech, data: bytes, said: str
) -> None:
    (folder / "lyrics.txt").write_bytes(data)
    with pytest.raises(InputError, match=said):
        run(folder)
    assert speech.asked == []


def change_lyrics(folder: Path, old: str, new: str) -> None:
    path = folder / "lyrics.txt"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_lines_keep_the_stanza_that_they_stand_in(folder: Path, speech: Speech) -> None:
    run(folder)
    assert [line.stanza for line in lines(folder)] == [0, 1]
    change(folder, 'speech = "faster-whisper"', 'speech = "none"')
    run(folder)
    assert [line.stanza for line in lines(folder)] == [0, 1]


def test_lyrics_taken_out_and_put_in_hear_nothing_again(folder: Path, speech: Speech) -> None:
    run(folder)
    speech.asked.clear()
    change(folder, 'lyrics = "lyrics.txt"', "")
    assert told(folder) == ("fresh", 1, [])
    run(folder)
    assert speech.asked == []
    assert [line.text for line in lines(folder)] == [line.text for line in SONG]
    change(folder, "[engines]", 'lyrics = "lyrics.txt"\n[engines]')
    run(folder)
    assert speech.asked == []
    change_lyrics(folder, "Second", "2nd")
    run(folder)
    assert speech.did("hear") == []


def test_lyrics_that_come_to_a_song_that_was_heard_are_only_laid(folder: Path, speech: Speech) -> None:
    alone = heard_alone(folder)
    run(folder, to="song")
    keep(folder, dict(alone.inputs))
    assert told(folder) == ("missing", 0, ["heard; the lyrics are still to be laid onto it"])
    run(folder)
    assert speech.did("hear") == []
    assert {alone.key} < {*Project(folder).store.keys("words")}


def test_what_was_heard_has_the_inputs_that_it_always_had(folder: Path) -> None:
    [heard] = plan(folder).hearings
    song = plan(folder).song
    assert song is not None
    always = {"version": 1, "song": song.key, "engine": "faster-whisper", "options": {"model": "small"}}
    assert (heard.inputs, heard.key) == ({**always, "language": "en"}, heard_alone(folder).key)


def test_words_heard_and_laid_in_one_as_it_was_done_before_are_not_heard_again(folder: Path, speech: Speech) -> None:
    run(folder, to="song")
    before = words.at_once_inputs(dict(plan_words(folder).inputs))
    assert before is not None
    keep(folder, before)
    assert told(folder) == ("fresh", 1, [])
    run(folder)
    assert speech.asked == []
    change_lyrics(folder, "light", "Light")
    assert told(folder) == ("stale", 0, ["the lyrics file changed"])
    clean(Project(folder))
    run(folder)
    assert speech.did("hear") == ["small"]


def plan_words(folder: Path) -> Piece:
    piece = plan(folder).words
    assert piece is not None
    return piece


def test_a_run_that_ends_between_hearing_and_laying_goes_on_with_laying(folder: Path, speech: Speech) -> None:
    heard = heard_key(folder)
    path = Project(folder).store.path("words", heard)
    with pytest.raises(Stopped):
        run(folder, should_stop=path.exists)
    assert speech.did("hear") == ["small"]
    assert told(folder) == ("missing", 0, ["heard; the lyrics are still to be laid onto it"])
    run(folder)
    assert speech.did("hear") == []
    assert speech.did("open") == ["small", "small"]
    assert told(folder) == ("fresh", 1, [])


def heard_key(folder: Path) -> str:
    [piece] = plan(folder).hearings
    return piece.key


def test_a_language_that_was_guessed_is_kept_for_laying(folder: Path, speech: Speech) -> None:
    change(folder, 'language = "en"\n', "")
    speech.guesses = "de"
    path = Project(folder).store.path("words", heard_key(folder))
    with pytest.raises(Stopped):
        run(folder, should_stop=path.exists)
    run(folder)
    assert set(speech.languages) == {"de"}


def test_another_model_hears_again_and_that_is_told(folder: Path, speech: Speech) -> None:
    run(folder)
    change(folder, 'model = "small"', 'model = "large"')
    assert told(folder) == ("stale", 0, ['model "small" -> "large"'])
    run(folder)
    assert speech.did("hear") == ["small", "large"]


def test_cleaning_keeps_what_was_heard_beside_what_was_laid(folder: Path, speech: Speech) -> None:
    run(folder)
    before = Project(folder).store.keys("words")
    clean(Project(folder))
    assert Project(folder).store.keys("words") == before
    change_lyrics(folder, "light", "Light")
    clean(Project(folder))
    run(folder)
    assert speech.did("hear") == ["small"]


def test_cleaning_while_the_lyrics_are_away_keeps_what_was_laid(folder: Path, speech: Speech) -> None:
    run(folder)
    laid = plan(folder).words
    (folder / "lyrics.txt").rename(folder / "away.txt")
    clean(Project(folder))
    (folder / "away.txt").rename(folder / "lyrics.txt")
    assert plan(folder).words == laid
    assert plan(folder).next_words is None


def test_what_was_heard_and_is_damaged_is_heard_again(folder: Path, speech: Speech) -> None:
    run(folder)
    (Project(folder).store.path("words", heard_key(folder)) / "lines.json").write_text("[", "utf-8")
    change_lyrics(folder, "light", "Light")
    run(folder)
    assert speech.did("hear") == ["small", "small"]
    assert lines(folder)[0].text == "First Light over the water"


def test_progress_goes_forward_once_through_hearing_and_laying_and_each_begins_its_lines_anew(
    folder: Path, speech: Speech
) -> None:
    events = [each for each in run(folder) if each.get("stage") == "words" or each["event"] == "heard"]
    done = [each["done"] for each in events if each["event"] == "progress"]
    assert done == sorted(done)
    last = [each for each in events if each["event"] == "progress"][-1]
    assert last["done"] == last["total"] == pytest.approx(10.0)
    course = [each["text"] if each["event"] == "heard" else each["event"] for each in events]
    course = [each for each in course if each != "progress"]
    assert course == [
        *("stage", *(line.text for line in SONG), "artifact"),
        *("stage", *(line.text for line in lines(folder)), "artifact", "stage"),
    ]


def test_an_engine_that_fails_is_told_beside_the_stage(folder: Path) -> None:
    run(folder, to="song")
    key = heard_key(folder)
    log = Project(folder).runs / "20260101-000000-aaaa"
    log.mkdir(parents=True)
    events = [
        {"event": "started", "time": 0},
        {"event": "stage", "time": 1, "stage": "words", "state": "begun", "key": key},
        {"event": "failed", "time": 2, "stage": None, "scene": None, "key": None, "error": "no", "hint": ""},
        {"event": "finished", "time": 3, "exit": 4},
    ]
    (log / "run.json").write_text("{}", "utf-8")
    (log / "events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in events), "utf-8")
    assert told(folder) == ("failed", 0, ["no"])


def test_speech_auto_settles_before_anything_is_heard(folder: Path, speech: Speech) -> None:
    change(folder, '"faster-whisper"', '"auto"')
    run(folder)
    assert Project(folder).document().board.engines.speech == "faster-whisper"
    assert speech.did("hear") == ["small"]
    assert told(folder) == ("fresh", 1, [])


@pytest.mark.parametrize("engine", ["faster-whisper", "none"])
def test_a_bare_word_that_is_taken_for_a_label_is_remarked(engine: str, folder: Path, speech: Speech) -> None:
    change(folder, '"faster-whisper"', f'"{engine}"')
    change_lyrics(folder, "Second", "Drop\nSecond")
    remarks = [each["text"] for each in run(folder) if each["event"] == "remark"]
    assert any(
        text.startswith("lyrics.txt:3: `Drop` is taken for the name of a part, and not sung") for text in remarks
    )
    assert [line.text for line in lines(folder)] == ["First light over the water", "Second street in the rain"]


# -------------------------------------------------------------------------------------------------- two models


def missing(model: str) -> MissingError:
    return MissingError(f"The speech model {model!r} is not on this machine.")


ONE_LINE = (Line(0.0, 3.0, "First light, over the water! Second street... in the rain"),)


@pytest.fixture
def two(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Speech:
    """A large model that spells, and a small one that hears where lines are; without lyrics."""
    change(folder, 'lyrics = "lyrics.txt"', "")
    change(folder, 'model = "small"', 'model = "large"\nsegmentation_model = "small"')
    return machine(monkeypatch, {"small": SONG, "large": ONE_LINE})


def test_words_of_one_model_stand_in_the_lines_of_the_other(folder: Path, two: Speech) -> None:
    run(folder)
    assert (two.did("hear"), two.did("open")) == (["small", "large"], ["small", "large"])
    found = [(line.start, line.end, line.text) for line in lines(folder)]
    assert found == [(0.2, 1.4, "First light, over the water!"), (1.6, 2.6, "Second street... in the rain")]
    assert told(folder) == ("fresh", 1, [])


def test_each_models_hearing_is_kept_so_that_changing_one_hears_that_one_only(folder: Path, two: Speech) -> None:
    run(folder)
    two.asked.clear()
    two.hears["tiny"] = SONG
    change(folder, 'segmentation_model = "small"', 'segmentation_model = "tiny"')
    assert told(folder) == ("stale", 0, ['segmentation_model "small" -> "tiny"'])
    run(folder)
    assert two.did("hear") == ["tiny"]
    change(folder, 'segmentation_model = "tiny"\n', "")
    assert told(folder) == ("fresh", 1, [])
    change(folder, 'model = "large"', 'model = "small"')
    assert told(folder) == ("fresh", 1, [])


def test_lyrics_are_laid_onto_both_and_listened_to_by_the_one_that_spells(folder: Path, two: Speech) -> None:
    change(folder, "[engines]", 'lyrics = "lyrics.txt"\n[engines]')
    run(folder)
    assert two.did("hear") == ["small", "large"]
    assert set(two.did("align")) == {"large"}
    assert two.did("open") == ["small", "large"]
    change_lyrics(folder, "light", "Light")
    clean(Project(folder))
    run(folder)
    assert two.did("hear") == []
    assert [line.text for line in lines(folder)] == ["First Light over the water", "Second street in the rain"]


def test_a_run_that_ends_between_two_models_goes_on_with_the_second(folder: Path, two: Speech) -> None:
    first, _ = (Project(folder).store.path("words", piece.key) for piece in plan(folder).hearings)
    with pytest.raises(Stopped):
        run(folder, should_stop=first.exists)
    assert told(folder) == ("missing", 0, ["partly heard"])
    run(folder)
    assert two.did("hear") == ["small", "large"]


def test_a_language_that_was_guessed_by_the_model_that_spells_is_kept(folder: Path, two: Speech) -> None:
    change(folder, 'language = "en"\n', "")
    two.guesses = "de"
    run(folder)
    change(folder, "[engines]", 'lyrics = "lyrics.txt"\n[engines]')
    run(folder)
    assert set(two.languages) == {"de"}


def test_both_models_that_are_missing_are_told_at_once(folder: Path, two: Speech, monkeypatch: Any) -> None:
    monkeypatch.setattr(faster_whisper, "missing_model", missing)
    with pytest.raises(MissingError) as failed:
        run(folder)
    assert failed.value.message.count("is not on this machine") == 2
    assert "'large'" in failed.value.message and "'small'" in failed.value.message
    assert not Project(folder).store.keys("song")


def test_both_models_that_cannot_be_fetched_are_told_before_one_is_heard(
    folder: Path, two: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(choice: SpeechChoice, *_: Any) -> SpeechChoice:
        raise MissingError(f"{choice.model} could not be downloaded.")

    monkeypatch.setattr(speech_door, "obtain_model", refuse)
    with pytest.raises(MissingError) as failed:
        run(folder)
    assert "large could not" in failed.value.message and "small could not" in failed.value.message
    assert two.asked == []


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("segmentaton_model = 1", "[engines.whisper] has `segmentaton_model`, which is no option. Did you mean"),
        ("segmentation_model = 1", "[engines.whisper]: `segmentation_model` is 1."),
        ('isolate_vocals = "yes"', '[engines.whisper]: `isolate_vocals` is "yes".'),
        ("model = 5", "[engines.whisper]: `model` is 5."),
    ],
)
def test_an_option_that_is_wrong_is_told_with_its_place_before_any_work(
    option: str, said: str, folder: Path, speech: Speech
) -> None:
    change(folder, 'model = "small"', option)
    with pytest.raises(InputError) as failed:
        run(folder)
    where, _, told = failed.value.message.partition(": ")
    assert "storyboard.toml:11:" in where
    assert told.startswith(said)
    assert not Project(folder).store.keys("song")


def test_an_option_that_goes_wrong_while_the_song_is_heard_ends_the_run_in_words(
    folder: Path, two: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = (Project(folder).store.path("words", piece.key) for piece in plan(folder).hearings)

    def meanwhile() -> bool:
        if first.exists() and "model = 5" not in (folder / "storyboard.toml").read_text("utf-8"):
            change(folder, 'model = "large"', "model = 5")
        return False

    with pytest.raises(InputError, match="`model` is 5"):
        run(folder, should_stop=meanwhile)
    assert two.did("hear") == ["small"]


# ------------------------------------------------------------------------------------------------ the voice alone


@pytest.fixture
def demucs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Something in demucs' place, and what it did."""
    did: list[str] = []

    def separate(samples: Any, *, on_progress: Any, **_: Any) -> dict[str, Any]:
        did.append("taken apart")
        seconds = len(samples) / 44_100
        on_progress(0.0, seconds)
        on_progress(seconds, seconds)
        count = len(samples) // 2
        return {name: np.full(count, 0.5 if name == "vocals" else 0.0, np.float32) for name in STEMS}

    monkeypatch.setattr(stems, "separate", separate)
    monkeypatch.setattr(stems, "find_problems", lambda _: iter(()))
    return did


def isolate(folder: Path, value: str = "true") -> None:
    change(folder, 'model = "small"', f'model = "small"\nisolate_vocals = {value}')


def test_the_voice_alone_is_heard_and_compared_with_the_lyrics(folder: Path, speech: Speech, demucs: list[str]) -> None:
    isolate(folder)
    events = run(folder)
    assert demucs == ["taken apart"]
    assert speech.lengths == [80_000]
    assert all(abs(level - 0.5) < 0.01 for level in speech.levels)
    assert len(speech.levels) > 1
    done = [each["done"] for each in events if each["event"] == "progress" and each["stage"] == "words"]
    assert done == sorted(done)
    change_lyrics(folder, "light", "Light")
    run(folder)
    assert (demucs, speech.did("hear")) == (["taken apart"], ["small"])


def test_turning_it_on_and_off_is_told_and_finds_what_was_heard(
    folder: Path, speech: Speech, demucs: list[str]
) -> None:
    run(folder)
    isolate(folder, "false")
    assert told(folder) == ("fresh", 1, [])
    change(folder, "isolate_vocals = false", "isolate_vocals = true")
    assert told(folder) == ("stale", 0, ["the voice alone is listened to now"])
    run(folder)
    assert speech.did("hear") == ["small", "small"]
    change(folder, "isolate_vocals = true", "")
    assert told(folder) == ("fresh", 1, [])


def test_stems_that_lie_there_are_used(folder: Path, speech: Speech, demucs: list[str]) -> None:
    run(folder, to="song")
    song = plan(folder).song
    assert song is not None
    inputs = stems_stage.inputs(song.key)
    stems_stage.make(
        Project(folder).store, fingerprint(inputs), inputs, {name: np.zeros(110_250, np.float32) for name in STEMS}
    )
    isolate(folder)
    run(folder)
    assert demucs == []
    assert speech.levels[0] == 0


def test_weights_that_cannot_be_fetched_end_the_run_with_a_way_out(
    folder: Path, speech: Speech, demucs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise MissingError(
            "The weights of htdemucs are not on this machine.", f"Run once with a network. {stems.WITHOUT}"
        )

    monkeypatch.setattr(stems, "separate", refuse)
    isolate(folder)
    with pytest.raises(MissingError) as failed:
        run(folder)
    assert failed.value.hint.endswith("Or listen to the whole song: take `isolate_vocals` out.")
    assert speech.asked == []


def test_without_demucs_the_run_ends_before_any_work_and_says_how_to_get_it(
    folder: Path, speech: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(_: str) -> Any:
        yield MissingError("Stems of a song need demucs, which is not installed.", f"Install it. {stems.WITHOUT}")

    monkeypatch.setattr(stems, "find_problems", find)
    isolate(folder)
    with pytest.raises(MissingError) as alone:
        run(folder)
    assert alone.value.hint == "Install it. Or listen to the whole song: take `isolate_vocals` out."
    change(folder, "[engines]", '[signals.voice]\nsource = "vocals"\nchain = "rms"\n[look]\nzoom = "voice"\n[engines]')
    with pytest.raises(MissingError) as failed:
        run(folder, to="video")
    assert failed.value.message.count("demucs") == 1
    assert not Project(folder).store.keys("song")
    change(folder, '"faster-whisper"', '"none"')
    run(folder)  # nobody listens, so nothing is needed
