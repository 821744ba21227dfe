"""A transcription service on 127.0.0.1: it "hears" a script of words by where they lie in what it is sent.

    with TranscriptionServer() as server:
        server.sung = sung("la la la", start=1.0)                # what is sung, in seconds of what is sent
        server.next(status(503), dropped(), heard())             # what comes of the next calls, one after another
        server.always(status(400))                               # what comes of all later ones

It is as strict as OpenAI's about what it is asked, and every error repeats the key that it was called with, as a
careless service might.
"""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.real.loopback import Loopback, LoopbackHandler

KEY = f"sk-{secrets.token_hex(16)}"
"""What it takes as authorization; no other process of this machine knows it."""
LIMIT = 25 << 20


@dataclass
class Call:
    """One request as it came: the path, its text fields (several of one name in order), its file decoded."""

    path: str
    fields: dict[str, list[str]]
    file: bytes
    file_name: str
    authorization: str | None
    body_bytes: int
    samples: NDArray[np.float32]

    @property
    def seconds(self) -> float:
        """How long what was sent is."""
        return len(self.samples) / 16_000


Reaction = Callable[["_Handler", Call], None]
Sung = Callable[[Call], list[dict[str, Any]]]
"""Words (word, start, end) of what was sent, in its own seconds."""


def heard() -> Reaction:
    """Words and segments of what was sent, or a refusal where the request is wrong."""
    return lambda handler, call: handler.answer(call)


def told(**answer: Any) -> Reaction:
    """This answer, as JSON."""
    return lambda handler, _call: handler.send(200, json.dumps(answer).encode(), {"content-type": "application/json"})


def status(number: int, said: str = "no", code: str | None = None, **headers: str) -> Reaction:
    """An error in OpenAI's form; header names with _ for -."""

    def react(handler: _Handler, call: Call) -> None:
        error = {"message": f"{said} (called with {call.authorization})", "type": "error", "param": None, "code": code}
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        body = json.dumps({"error": error}).encode()
        handler.send(number, body, {"content-type": "application/json", **named})

    return react


def body(number: int, data: bytes, kind: str = "application/json", **headers: str) -> Reaction:
    """Any bytes at all."""
    return lambda handler, _call: handler.send(number, data, {"content-type": kind, **headers})


def dropped(after: int | None = None) -> Reaction:
    """The connection ends, after so many bytes of the answer where any."""

    def react(handler: _Handler, call: Call) -> None:
        if after is not None:
            data = json.dumps({"text": "la" * 1000}).encode()
            handler.send(200, data[:after], {"content-type": "application/json"}, length=len(data))
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    return react


def trickling() -> Reaction:
    """An answer that goes on, a little at a time, until the client hangs up."""

    def react(handler: _Handler, _call: Call) -> None:
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n")
            while True:
                handler.wfile.write(b" ")
                handler.server.service.closed.wait(0.02)

    return react


def held(until: threading.Event) -> Reaction:
    """No answer until the event is set."""

    def react(handler: _Handler, call: Call) -> None:
        until.wait(60)
        with contextlib.suppress(OSError):
            heard()(handler, call)

    return react


def clicks(call: Call) -> list[dict[str, Any]]:
    """A word for each loud click in what was sent, named by how loud it is: what is cut away is not heard."""
    loud = np.abs(call.samples) > 0.2
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8)])) == 1)
    starts = [edge for number, edge in enumerate(edges) if number == 0 or edge - edges[number - 1] > 1600]
    words = []
    for start in starts:
        part = call.samples[start : start + 1600]
        number = round(float(np.abs(part).max()) * 1000)
        words.append({"word": f"w{number}", "start": start / 16_000, "end": start / 16_000 + 0.2})
    return words


@dataclass
class TranscriptionServer(Loopback):
    """Calls in the order of their coming are in `calls`; `seen` is called before each is answered."""

    ROOT = "/v1"
    calls: list[Call] = field(default_factory=list)
    seen: Callable[[Call], None] = lambda _call: None
    sung: Sung = clicks
    models: tuple[str, ...] = ("whisper-1",)
    key: str | None = KEY
    limit: int = LIMIT

    def __post_init__(self) -> None:
        self._script: deque[Reaction] = deque()
        self._always: Reaction = heard()
        self._lock = threading.Lock()

    def next(self, *reactions: Reaction) -> None:
        """What comes of the next calls."""
        self._script.extend(reactions)

    def always(self, reaction: Reaction) -> None:
        """What comes of every call that nothing else is said for."""
        self._always = reaction

    @property
    def left(self) -> int:
        """How many of the reactions have not come to pass."""
        return len(self._script)

    def react(self, handler: _Handler, call: Call) -> None:
        """Do what was said for this call."""
        with self._lock:
            self.calls.append(call)
            reaction = self._script.popleft() if self._script else self._always
        self.seen(call)
        reaction(handler, call)


class _Handler(LoopbackHandler):
    def take(self, data: bytes) -> None:
        fields, file, name = _parts(self.headers["content-type"] or "", data)
        call = Call(self.path, fields, file, name, self.headers["authorization"], len(data), _samples(file))
        self.server.service.react(self, call)

    def answer(self, call: Call) -> None:
        """As the real service does, as far as its reference tells."""
        service = self.server.service
        if call.path != "/v1/audio/transcriptions":
            return body(404, b"<html>not here</html>", "text/html")(self, call)
        if service.key is not None and call.authorization != f"Bearer {service.key}":
            return status(401, "Incorrect API key provided", "invalid_api_key")(self, call)
        if call.body_bytes > service.limit:
            return status(413, f"Maximum content size limit ({service.limit}) exceeded")(self, call)
        wrong = _wrong(call)
        if wrong:
            return status(400, wrong)(self, call)
        if call.fields["model"][0] not in service.models:
            return status(404, "The model does not exist", "model_not_found")(self, call)
        return told(**transcription(service.sung(call), call.seconds))(self, call)


TranscriptionServer.HANDLER = _Handler


def transcription(words: list[dict[str, Any]], seconds: float, together: int = 4) -> dict[str, Any]:
    """OpenAI's verbose_json for these words: segments of so many, with capitals and punctuation that words lack."""
    segments = []
    for number in range(0, len(words), together):
        own = words[number : number + together]
        text = " ".join(each["word"] for each in own)
        segments.append(
            {
                "id": len(segments),
                "seek": 0,
                "start": own[0]["start"],
                "end": own[-1]["end"],
                "text": f" {text[0].upper()}{text[1:]},",
                "tokens": [50364],
                "temperature": 0.0,
                "avg_logprob": -0.3,
                "compression_ratio": 1.1,
                "no_speech_prob": 0.02,
            }
        )
    whole = "".join(each["text"] for each in segments).strip()
    known = {"task": "transcribe", "language": "english", "duration": seconds}
    return {**known, "text": whole, "words": words, "segments": segments}


def _parts(kind: str, data: bytes) -> tuple[dict[str, list[str]], bytes, str]:
    message = message_from_bytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + data)
    fields: dict[str, list[str]] = {}
    file, file_name = b"", ""
    for part in message.get_payload() if message.is_multipart() else []:
        assert not isinstance(part, str)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        name = str(part.get_param("name", header="content-disposition"))
        if name == "file":
            file, file_name = content, part.get_filename() or ""
        else:
            fields.setdefault(name, []).append(content.decode())
    return fields, file, file_name


def _samples(file: bytes) -> NDArray[np.float32]:
    """The sound that was sent, 16 kHz mono; ValueError where it is none."""
    import av

    with av.open(io.BytesIO(file)) as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.channels, container.format.name) == (16_000, 1, "flac")
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(stream)]
    return np.concatenate(frames).astype(np.float32) / 32768


def _wrong(call: Call) -> str:
    """What the real service would not take."""
    fields = call.fields
    if not call.file_name.endswith((".flac", ".mp3", ".wav", ".ogg", ".m4a", ".webm")):
        return "Unrecognized file format"
    if call.seconds < 0.1:
        return "Audio file is too short. Minimum audio length is 0.1 seconds."
    if fields.get("response_format") != ["verbose_json"] or sorted(fields.get("timestamp_granularities[]", [])) != [
        "segment",
        "word",
    ]:
        return "timestamp_granularities: only with verbose_json"
    if fields.get("temperature") != ["0"] or "model" not in fields:
        return "temperature, model: missing"
    if len(fields.get("language", ["en"])[0]) != 2:
        return f"Invalid language '{fields['language'][0]}'. Language parameter must be in ISO-639-1 format."
    known = {"model", "response_format", "temperature", "timestamp_granularities[]", "language", "prompt"}
    unknown = fields.keys() - known
    return f"{', '.join(sorted(unknown))}: unknown" if unknown else ""
