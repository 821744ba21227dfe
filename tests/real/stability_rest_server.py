"""Stability's REST service on 127.0.0.1: it draws plain pictures, is as strict as the real one, and fails as told.

    with RestServer() as server:
        server.next(status(503), dropped(), picture())      # what comes of the next calls, one after another
        server.always(status(400, name="bad_request"))      # what comes of all later ones

Every error repeats the key that it was called with, as a careless service might.
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

from PIL import Image, ImageFilter

from tests.real.loopback import Loopback, LoopbackHandler

KEY = f"sk-{secrets.token_hex(16)}"
"""What it takes as authorization; no other process of this machine knows it."""
_RATIOS = ("21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21")
_SHORT = 64  # pixels of the shorter side; the real service makes about a megapixel


@dataclass
class Call:
    """One request as it came: the service ("core", "sd3", "ultra"), its text fields, its picture."""

    service: str
    fields: dict[str, str]
    image: bytes | None
    authorization: str
    accept: str
    encodings: str
    client: tuple[str, int]
    multipart: bool


Reaction = Callable[["_Handler", Call], None]


def picture() -> Reaction:
    """The picture that was asked for, or a refusal where the request is wrong."""
    return lambda handler, call: handler.draw(call)


def filtered() -> Reaction:
    """Status 200 and a blurred picture."""

    def react(handler: _Handler, call: Call) -> None:
        image = _image(call).filter(ImageFilter.GaussianBlur(20))
        handler.send(200, _png(image), {"content-type": "image/png", "finish-reason": "CONTENT_FILTERED"})

    return react


def status(number: int, name: str = "error", said: str = "no", **headers: str) -> Reaction:
    """An error in the service's form; header names with _ for -."""

    def react(handler: _Handler, call: Call) -> None:
        body = {"id": "1", "name": name, "errors": [f"{said} (called with {call.authorization})"]}
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        handler.send(number, json.dumps(body).encode(), {"content-type": "application/json", **named})

    return react


def body(number: int, data: bytes, kind: str = "image/png") -> Reaction:
    """Any bytes at all."""
    return lambda handler, _call: handler.send(number, data, {"content-type": kind})


def dropped(after: int = 0) -> Reaction:
    """The connection ends, after so many bytes of the picture where any."""

    def react(handler: _Handler, call: Call) -> None:
        if after:
            data = _png(_image(call))
            handler.send(200, data[:after], {"content-type": "image/png"}, length=len(data))
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    return react


def trickling(head: bytes, drop: bytes) -> Reaction:
    """An answer that goes on, a little at a time, until the client hangs up."""

    def react(handler: _Handler, _call: Call) -> None:
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.wfile.write(head)
            while True:
                handler.wfile.write(drop)
                handler.server.service.closed.wait(0.02)  # well within what a single read may take

    return react


def blank() -> Reaction:
    """Status 200 and a black picture."""

    def react(handler: _Handler, call: Call) -> None:
        handler.send(200, _png(Image.new("RGB", _image(call).size)), {"content-type": "image/png"})

    return react


def held(until: threading.Event, then: Reaction | None = None) -> Reaction:
    """No answer until the event is set."""

    def react(handler: _Handler, call: Call) -> None:
        until.wait(60)
        (then or picture())(handler, call)

    return react


@dataclass
class RestServer(Loopback):
    """Calls in the order of their coming are in `calls`; `seen` is called before each is answered."""

    calls: list[Call] = field(default_factory=list)
    seen: Callable[[Call], None] = lambda _call: None
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._script: deque[Reaction] = deque()
        self._always: Reaction = picture()
        self._by_prompt: dict[str, deque[Reaction]] = {}
        self._lock = threading.Lock()
        self._now = 0

    def next(self, *reactions: Reaction) -> None:
        """What comes of the next calls."""
        self._script.extend(reactions)

    def always(self, reaction: Reaction) -> None:
        """What comes of every call that nothing else is said for."""
        self._always = reaction

    def on(self, words: str, *reactions: Reaction) -> None:
        """What comes of the next calls with these words in their prompt."""
        self._by_prompt.setdefault(words, deque()).extend(reactions)

    @property
    def left(self) -> int:
        """How many of the reactions have not come to pass."""
        return len(self._script) + sum(map(len, self._by_prompt.values()))

    def react(self, handler: _Handler, call: Call) -> None:
        """Do what was said for this call."""
        with self._lock:
            self.calls.append(call)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            reaction = self._choose(call)
        try:
            self.seen(call)
            reaction(handler, call)
        finally:
            with self._lock:
                self._now -= 1

    def _choose(self, call: Call) -> Reaction:
        for words, reactions in self._by_prompt.items():
            if words in call.fields.get("prompt", "") and reactions:
                return reactions.popleft()
        return self._script.popleft() if self._script else self._always


class _Handler(LoopbackHandler):
    def take(self, data: bytes) -> None:
        kind = self.headers["content-type"] or ""
        fields, image = _parts(kind, data)
        service = self.path.rpartition("/v2beta/stable-image/generate/")[2]
        call = Call(
            service=service,
            fields=fields,
            image=image,
            authorization=self.headers["authorization"] or "",
            accept=self.headers["accept"] or "",
            encodings=self.headers["accept-encoding"] or "",
            client=self.client_address,
            multipart=kind.startswith("multipart/form-data"),
        )
        self.server.service.react(self, call)

    def draw(self, call: Call) -> None:
        """As the real service does, as far as its reference tells."""
        if call.authorization != f"Bearer {KEY}":
            return status(401, "unauthorized", "wrong key")(self, call)
        wrong = _wrong(call)
        if wrong:
            return status(400, "bad_request", wrong)(self, call)
        headers = {"content-type": "image/png", "finish-reason": "SUCCESS", "seed": call.fields["seed"]}
        return self.send(200, _png(_image(call)), headers)


RestServer.HANDLER = _Handler


def _parts(kind: str, data: bytes) -> tuple[dict[str, str], bytes | None]:
    message = message_from_bytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + data)
    fields: dict[str, str] = {}
    image = None
    for part in message.get_payload() if message.is_multipart() else []:
        assert not isinstance(part, str)
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if name == "image":
            image = content
        else:
            fields[name] = content.decode()
    return fields, image


def _wrong(call: Call) -> str:
    """What the real service would not take."""
    fields, model = call.fields, call.fields.get("model", "")
    if not call.multipart:
        return "content-type: must be multipart/form-data"
    if not 1 <= len(fields.get("prompt", "")) <= 10_000:
        return "prompt: must have 1 to 10000 characters"
    if not 0 <= int(fields.get("seed", "0")) <= 4_294_967_294:
        return "seed: must be at most 4294967294"
    if call.image is not None:
        width, height = Image.open(io.BytesIO(call.image)).size
        if min(width, height) < 64 or width * height > 9_437_184 or "strength" not in fields:
            return "image: sides of 64 pixels or more, 9437184 pixels or less, with strength"
        if call.service == "core" or "aspect_ratio" in fields:
            return "image: not for core, and not with aspect_ratio"
    elif fields.get("aspect_ratio") not in _RATIOS:
        return "aspect_ratio: unknown"
    if call.service == "sd3" and (fields.get("mode") == "image-to-image") != (call.image is not None):
        return "mode: does not fit"
    if call.service == "sd3" and "turbo" in model and "negative_prompt" in fields:
        return "negative_prompt: not for turbo"
    known = {"prompt", "seed", "output_format", "negative_prompt", "aspect_ratio", "strength"}
    known |= {"core": {"style_preset"}, "sd3": {"model", "mode", "cfg_scale"}, "ultra": set()}[call.service]
    unknown = fields.keys() - known
    return f"{', '.join(sorted(unknown))}: unknown" if unknown else ""


def _image(call: Call) -> Image.Image:
    """In the shape that was asked for; its red is the seed, so that a picture can be told from another."""
    red = int(call.fields["seed"]) % 256
    if call.image is not None:
        start = Image.open(io.BytesIO(call.image)).convert("RGB")
        return Image.blend(start, _drawing(start.size, red), float(call.fields["strength"]))
    across, up = (int(part) for part in call.fields.get("aspect_ratio", "1:1").split(":"))
    scale = _SHORT / min(across, up)
    return _drawing((round(across * scale), round(up * scale)), red)


def _drawing(size: tuple[int, int], red: int) -> Image.Image:
    """One colour but for a corner: a picture in a single colour is none."""
    image = Image.new("RGB", size, (red, 40, 90))
    image.putpixel((size[0] - 1, size[1] - 1), (0, 0, 0))
    return image


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
