"""Words by a service: a real server on this machine that hears clicks, refuses, breaks, and repeats the key."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.real.transcription_server import (
    KEY,
    Call,
    Reaction,
    TranscriptionServer,
    body,
    dropped,
    heard,
    held,
    status,
    told,
    trickling,
)
from vktrs.artifacts import Store
from vktrs.engines.services.key import Key
from vktrs.engines.services.retrying import GivenUp, Policy, Retrying
from vktrs.engines.transcription import asking, calling, open_transcription
from vktrs.engines.transcription.asking import Asking
from vktrs.engines.transcription.calling import Caller
from vktrs.engines.transcription.engine import TranscriptionEngine
from vktrs.engines.transcription.kept import STAGE, Kept
from vktrs.engines.transcription.options import read_options
from vktrs.errors import Halted, InputError, MissingError, Stopped, VktrsError
from vktrs.lines import Line
from vktrs.media.flac import flac

RATE = 16_000
SHORT, LONG = 6, 100


@pytest.fixture
def server() -> Iterator[TranscriptionServer]:
    with TranscriptionServer() as running:
        yield running


def song(seconds: int) -> NDArray[np.float32]:
    """A click in the middle of every second, each louder than the one before, over noise that compresses badly."""
    audio = (0.02 * np.random.default_rng(7).standard_normal(seconds * RATE)).astype(np.float32)
    for number in range(seconds):
        start = number * RATE + RATE // 2
        audio[start : start + 1600] = 0.3 + 0.002 * number
    return audio


def sung(seconds: int) -> list[tuple[float, str]]:
    """Its words with their starts."""
    return [(number + 0.5, f"w{300 + 2 * number}") for number in range(seconds)]


def words_of(lines: list[Line]) -> list[tuple[float, str]]:
    """What was heard, as `sung` tells it."""
    return [(round(word.start, 2), word.text.strip(",").lower()) for line in lines for word in line.words]


class Hearing:
    """An engine over the server, and what it said."""

    def __init__(
        self, server: TranscriptionServer, store: Store | None = None, quick: Policy | None = None, **options: Any
    ) -> None:
        self.remarks: list[str] = []
        self.progress: list[tuple[float, float]] = []
        self.stop = threading.Event()
        read = read_options({"base_url": server.url, **options})

        def retry(is_over: Callable[[], bool], policy: Policy) -> Retrying:
            chosen = quick or policy
            no_pause: dict[str, Any] = {"sleep": lambda _s: None, "uniform": lambda *_: 0.0}
            return Retrying(is_over, self.remarks.append, chosen, **no_pause, name="the service")

        def opened() -> Caller:
            return Caller(read, Key(KEY) if server.key else None)

        ask = Asking(read, opened, lambda samples: flac(samples, RATE), Kept(store), self.remarks.append, retry)
        self.engine = TranscriptionEngine(ask, self.remarks.append)

    def hear(self, audio: NDArray[np.float32], language: str | None = "en") -> list[Line]:
        tell = self.progress.append
        lines = self.engine.transcribe(
            audio,
            language=language,
            on_progress=lambda done, total: tell((done, total)),
            should_stop=self.stop.is_set,
        )
        return list(lines)


def test_words_come_with_their_times_and_lines_with_their_spelling(server: TranscriptionServer) -> None:
    hearing = Hearing(server, prompt="clicks, w300")
    lines = hearing.hear(song(SHORT))
    assert words_of(lines) == sung(SHORT)
    assert [line.text for line in lines] == ["W300 w302 w304 w306,", "W308 w310,"]
    (call,) = server.calls
    assert call.seconds == SHORT
    assert (call.fields["language"], call.fields["prompt"]) == (["en"], ["clicks, w300"])
    assert hearing.progress[-1] == (SHORT, SHORT)
    assert hearing.remarks == []


def test_a_long_song_is_cut_and_no_word_is_lost_or_doubled(server: TranscriptionServer) -> None:
    server.limit = 2**19
    hearing = Hearing(server, limit_mb=0.5)
    assert words_of(hearing.hear(song(LONG))) == sung(LONG)
    assert len(server.calls) > 3
    assert sum(call.seconds for call in server.calls) == pytest.approx(LONG)
    assert [done for done, _ in hearing.progress] == sorted({done for done, _ in hearing.progress})
    assert hearing.progress[-1] == (LONG, LONG)


def test_a_service_that_takes_less_than_it_should_is_sent_shorter_files(server: TranscriptionServer) -> None:
    server.limit = 400_000
    hearing = Hearing(server)
    assert words_of(hearing.hear(song(LONG))) == sung(LONG)
    assert any("cut into shorter ones" in each for each in hearing.remarks)


def test_a_service_that_takes_no_file_at_all_is_left(server: TranscriptionServer) -> None:
    server.always(status(413))
    with pytest.raises(VktrsError, match="too large a file"):
        Hearing(server).hear(song(SHORT))
    assert len(server.calls) < 5


PASSING = [
    status(429, retry_after="0"),
    status(500),
    status(502),
    status(503, retry_after="0"),
    status(408),
    status(504),
    body(524, b"<html>a timeout occurred</html>", "text/html"),
    body(503, b"<html>busy</html>", "text/html"),
    dropped(),
    dropped(after=0),
    dropped(after=20),
    body(200, b'{"text": "la'),
    body(200, b""),
    body(200, b"[1, 2]"),
    told(status="ok"),
]


@pytest.mark.parametrize("reaction", PASSING)
def test_what_passes_by_itself_is_asked_again(server: TranscriptionServer, reaction: Reaction) -> None:
    server.next(reaction)
    hearing = Hearing(server)
    assert words_of(hearing.hear(song(SHORT))) == sung(SHORT)
    assert len(server.calls) == 2
    assert "is asked again" in hearing.remarks[0]
    assert KEY not in "".join(hearing.remarks)


@pytest.mark.parametrize("reaction", PASSING)
def test_what_does_not_pass_ends_with_what_was_kept(server: TranscriptionServer, reaction: Reaction) -> None:
    server.always(reaction)
    with pytest.raises(GivenUp, match="what was made is kept") as caught:
        Hearing(server).hear(song(SHORT))
    assert 2 <= len(server.calls) <= 5
    assert KEY not in f"{caught.value}"


@pytest.mark.parametrize(
    ("reaction", "kind", "said"),
    [
        (status(401, "Incorrect API key provided", "invalid_api_key"), MissingError, "does not accept the key"),
        (status(403, "Country not supported"), MissingError, "does not let this key transcribe"),
        (status(404, "The model `x` does not exist", "model_not_found"), InputError, "does not know the model"),
        (status(400, "Unknown model"), InputError, "does not know the model"),
        (body(404, b"<html>nothing</html>", "text/html"), InputError, "with most servers it ends in /v1"),
        (body(405, b'{"detail": "Method Not Allowed"}'), InputError, "There is no transcription at"),
        (body(302, b"", location="https://elsewhere.example/"), InputError, "sends the song on to another address"),
        (body(200, b"<!doctype html><html></html>", "text/html"), InputError, "answers with a web page"),
        (status(402, "pay first"), Halted, "no credit left"),
        (status(429, "You exceeded your current quota", "insufficient_quota"), Halted, "no credit left"),
        (
            status(400, "response_format 'verbose_json' is not compatible with model 'gpt-4o-transcribe'"),
            InputError,
            "gives a text without times",
        ),
        (told(text="la la la"), InputError, "gives a text without times, and lines need times. Write a model"),
        (status(400, "Invalid language 'xx'"), InputError, "does not take the language"),
        (status(400, "Something else"), VktrsError, "refuses to transcribe the song (400: Something else"),
        (body(422, b'{"detail": [{"loc": ["body", "file"], "msg": "no"}]}'), VktrsError, "(422: "),
        (body(418, KEY.encode() * 5000, "text/plain"), VktrsError, "[key]"),
    ],
)
def test_what_is_refused_for_good_is_asked_once_and_said_in_a_sentence(
    server: TranscriptionServer, reaction: Reaction, kind: type[VktrsError], said: str
) -> None:
    server.always(reaction)
    with pytest.raises(kind) as caught:
        Hearing(server).hear(song(SHORT))
    assert said in f"{caught.value}"
    assert len(server.calls) == 1
    assert KEY not in f"{caught.value}"


def test_a_service_that_is_not_there_is_said(server: TranscriptionServer) -> None:
    with TranscriptionServer() as gone:
        pass
    with pytest.raises(GivenUp, match="cannot be reached"):
        Hearing(gone).hear(song(SHORT))


def test_an_answer_that_does_not_end_is_cut_off(server: TranscriptionServer) -> None:
    server.always(trickling())
    with pytest.raises(GivenUp, match="there was no whole answer within"):
        Hearing(server, quick=Policy(tries=2, deadline=0.3)).hear(song(SHORT))
    assert len(server.calls) == 2


def test_a_run_stops_within_a_call(server: TranscriptionServer) -> None:
    hearing, never = Hearing(server), threading.Event()
    server.always(held(never))
    server.seen = lambda _call: hearing.stop.set()
    with pytest.raises(Stopped):
        hearing.hear(song(SHORT))
    assert len(server.calls) == 1
    never.set()


@pytest.mark.parametrize("answers", [True, False])
def test_an_answer_that_may_be_charged_is_waited_for_a_while_and_kept(
    server: TranscriptionServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    monkeypatch.setattr(calling, "is_near", lambda _: False)
    monkeypatch.setattr(calling, "_PAID_SECONDS", 60.0 if answers else 0.3)
    hearing, until = Hearing(server, Store(tmp_path)), threading.Event()

    class Stop(threading.Event):
        def is_set(self) -> bool:
            if super().is_set() and answers:
                until.set()  # the answer comes once the engine knows that it is to stop
            return super().is_set()

    hearing.stop = Stop()
    server.seen = lambda _call: hearing.stop.set()
    server.next(held(until))
    if answers:
        assert words_of(hearing.hear(song(SHORT))) == sung(SHORT)
    else:
        with pytest.raises(Stopped):
            hearing.hear(song(SHORT))
        until.set()
    server.seen = lambda _call: None
    assert words_of(Hearing(server, Store(tmp_path)).hear(song(SHORT))) == sung(SHORT)
    assert len(server.calls) == (1 if answers else 2)


def test_a_service_without_times_of_words_is_asked_without_them(server: TranscriptionServer) -> None:
    server.next(status(400, "timestamp_granularities is not supported"))
    server.always(told(text="la lo", segments=[{"start": 1.0, "end": 4.0, "text": "la lo"}]))
    hearing = Hearing(server)
    (line,) = hearing.hear(song(SHORT))
    assert [(word.start, word.end, word.probability) for word in line.words] == [(1.0, 2.5, None), (2.5, 4.0, None)]
    assert ["timestamp_granularities[]" in call.fields for call in server.calls] == [True, False]
    assert "gives no times of words" in hearing.remarks[-1]


def test_a_service_that_cannot_be_asked_for_times_at_all_is_left(server: TranscriptionServer) -> None:
    server.always(status(400, "timestamp_granularities is not supported"))
    with pytest.raises(InputError, match="how it wants to be asked"):
        Hearing(server).hear(song(SHORT))
    assert len(server.calls) == 2


def test_nobody_is_asked_for_silence(server: TranscriptionServer) -> None:
    hearing = Hearing(server)
    assert hearing.hear(np.zeros(3 * RATE, np.float32)) == []
    assert Hearing(server).hear(np.zeros(0, np.float32)) == []
    assert not server.calls
    assert hearing.remarks == ["nobody seems to sing"]


def test_a_server_that_wants_no_key_is_given_none(server: TranscriptionServer) -> None:
    server.key = None
    assert words_of(Hearing(server).hear(song(SHORT))) == sung(SHORT)
    assert [call.authorization for call in server.calls] == [None]


def test_a_server_that_wants_a_key_after_all_says_which_line_gives_it(server: TranscriptionServer) -> None:
    server.key = None
    server.always(status(401))
    with pytest.raises(MissingError, match="export VKTRS_SPEECH_KEY"):
        Hearing(server).hear(song(SHORT))


def test_what_was_answered_is_not_asked_again_after_an_error_or_a_stop(
    server: TranscriptionServer, tmp_path: Path
) -> None:
    store, options = Store(tmp_path), {"limit_mb": 0.5}
    server.next(heard(), heard(), status(402))
    with pytest.raises(Halted):
        Hearing(server, store, **options).hear(song(LONG))
    stopped, never = Hearing(server, store, **options), threading.Event()
    server.next(held(never))
    server.seen = lambda _call: stopped.stop.set()
    with pytest.raises(Stopped):
        stopped.hear(song(LONG))
    never.set()
    server.seen = lambda _call: None
    before = len(server.calls)
    assert words_of(Hearing(server, store, **options).hear(song(LONG))) == sung(LONG)
    rest = server.calls[before:]
    assert sum(call.seconds for call in [*server.calls[:2], *rest]) == pytest.approx(LONG)
    asked = len(server.calls)
    assert words_of(Hearing(server, store, **options).hear(song(LONG))) == sung(LONG)
    assert len(server.calls) == asked


@pytest.mark.parametrize("spoiled", [b"", b"{", b"\xff\xfe", b'{"text": "la"}'])
def test_a_kept_answer_that_cannot_be_read_is_asked_for_again(
    server: TranscriptionServer, tmp_path: Path, spoiled: bytes
) -> None:
    store = Store(tmp_path)
    Hearing(server, store).hear(song(SHORT))
    (path,) = (tmp_path / STAGE).glob("*/answer.json")
    path.write_bytes(spoiled)
    assert words_of(Hearing(server, store).hear(song(SHORT))) == sung(SHORT)
    assert len(server.calls) == 2
    Hearing(server, store).hear(song(SHORT))
    assert len(server.calls) == 2


def test_a_text_without_times_is_paid_for_once(
    server: TranscriptionServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "is_near", lambda _: False)
    store = Store(tmp_path)
    server.next(told(text="la la la"))
    with pytest.raises(InputError, match="gives a text without times, and lines"):
        Hearing(server, store).hear(song(SHORT))
    with pytest.raises(InputError, match="another `model` or `prompt` asks anew"):
        Hearing(server, store).hear(song(SHORT))
    assert len(server.calls) == 1
    assert words_of(Hearing(server, store, prompt="la").hear(song(SHORT))) == sung(SHORT)


def test_a_server_of_ones_own_that_gave_no_times_is_asked_again(server: TranscriptionServer, tmp_path: Path) -> None:
    server.next(told(text="la la la"))
    with pytest.raises(InputError, match="gives a text without times"):
        Hearing(server, Store(tmp_path)).hear(song(SHORT))
    assert not list(tmp_path.rglob("answer.json"))
    assert words_of(Hearing(server, Store(tmp_path)).hear(song(SHORT))) == sung(SHORT)
    assert len(server.calls) == 2


def test_what_is_kept_needs_neither_a_key_nor_a_call(server: TranscriptionServer, tmp_path: Path) -> None:
    store, remarks = Store(tmp_path), list[str]()
    Hearing(server, store).hear(song(SHORT))

    def opened(audio: NDArray[np.float32]) -> list[Line]:
        options = {"base_url": server.url}
        engine = open_transcription(options, lambda samples: flac(samples, RATE), store, remarks.append)
        heard = engine.transcribe(audio, language="en", on_progress=lambda *_: None, should_stop=lambda: False)
        return list(heard)

    assert words_of(opened(song(SHORT))) == sung(SHORT)
    with pytest.raises(MissingError, match="wants a key"):
        opened(song(SHORT + 1))
    assert len(server.calls) == 2


def test_another_model_or_language_is_another_answer(server: TranscriptionServer, tmp_path: Path) -> None:
    store = Store(tmp_path)
    server.models = ("whisper-1", "whisper-2")
    Hearing(server, store).hear(song(SHORT))
    Hearing(server, store, model="whisper-2").hear(song(SHORT))
    Hearing(server, store).hear(song(SHORT), "de")
    Hearing(server, store).hear(song(SHORT), None)
    assert len(server.calls) == 4


def test_a_key_in_an_answer_is_not_kept(server: TranscriptionServer, tmp_path: Path) -> None:
    server.always(told(text=KEY, segments=[{"start": 1.0, "end": 2.0, "text": f"{KEY} la"}]))
    (line,) = Hearing(server, Store(tmp_path)).hear(song(SHORT))
    assert line.text == "[key] la"
    assert not [path for path in tmp_path.rglob("*.json") if KEY in path.read_text("utf-8")]


def test_what_was_invented_over_silence_is_left_out_and_told(server: TranscriptionServer) -> None:
    audio = song(SHORT)
    audio[2 * RATE :] = 0
    sung = {"start": 0.5, "end": 1.5, "text": " la lo", "no_speech_prob": 0.1, "avg_logprob": -1.5}
    invented = {"start": 3.5, "end": 4.5, "text": " Thanks for watching", "no_speech_prob": 0.9, "avg_logprob": -0.9}
    server.always(told(text="la lo Thanks for watching", segments=[sung, invented]))
    hearing = Hearing(server)
    (line,) = hearing.hear(audio)
    assert (line.text, len(line.doubts)) == ("la lo", 1)
    assert "Thanks for watching" in hearing.remarks[-1]


def test_a_call_is_seen_as_it_was_meant(server: TranscriptionServer) -> None:
    """The server itself: it refuses what OpenAI would."""
    calls: list[Call] = []
    server.seen = calls.append
    with pytest.raises(InputError, match="does not take the language"):
        Hearing(server).hear(song(SHORT), "english")
    with pytest.raises(InputError, match="does not know the model"):
        Hearing(server, model="whisper-9").hear(song(SHORT))
    assert len(calls) == 2
