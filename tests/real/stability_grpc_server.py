"""Stability's gRPC service on this machine, made with the SDK's own stubs; each call does what a script says.

    with serving() as server:
        server.script(failing(StatusCode.UNAVAILABLE), pictures)   # one word a call; after the last: pictures
        way = GrpcWay(options, key, server.host)

It draws pictures of one colour, which the seed chooses, in the size that it is asked for.
"""

from __future__ import annotations

import contextlib
import io
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import Any, NoReturn

import grpc
from PIL import Image
from stability_sdk.client import generation

Act = Callable[[Any, grpc.ServicerContext], Iterator[Any]]
HOLD_SECONDS = 30.0


class Server:
    """`calls` are the requests as they came, `keys` what they had as authorization."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.keys: list[str] = []
        self.port = 0
        self._acts: deque[Act] = deque()
        self._always: Act = pictures
        self._lock = threading.Lock()

    @property
    def host(self) -> str:
        """Its name and port, as a client wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def left(self) -> int:
        """How many words of the script nobody has called for."""
        return len(self._acts)

    def script(self, *acts: Act, always: Act | None = None) -> None:
        """What the next calls do, one after another, and what those after them do `always`."""
        with self._lock:
            self._acts.extend(acts)
            self._always = always or self._always

    def Generate(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802  named by the service
        """One call."""
        with self._lock:
            self.calls.append(request)
            self.keys += [str(value) for name, value in context.invocation_metadata() if name == "authorization"]
            act = self._acts.popleft() if self._acts else self._always
        yield from act(request, context)


@contextlib.contextmanager
def serving(port: int = 0) -> Iterator[Server]:
    """A server on a free port, or on that one, until the end of the block.

    No port that ends in 443: the SDK would speak TLS to it.
    """
    service = Server()
    method = grpc.unary_stream_rpc_method_handler(
        service.Generate,
        request_deserializer=generation.Request.FromString,
        response_serializer=lambda answer: answer if isinstance(answer, bytes) else answer.SerializeToString(),
    )
    handlers = grpc.method_handlers_generic_handler("gooseai.GenerationService", {"Generate": method})
    server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", 64 << 20)])
    server.add_generic_rpc_handlers((handlers,))
    while str(service.port).endswith("443") or not service.port:
        service.port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield service
    finally:
        server.stop(None).wait()


def pictures(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """A word that the work goes on, then an answer for each picture."""
    yield _answer(request)
    for seed in seeds(request):
        yield _answer(request, picture(request, seed))


def together(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """All pictures in one answer, the last one first."""
    yield _answer(request, *(picture(request, seed) for seed in reversed(seeds(request))))


def nameless(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """Pictures that do not say which seed they are of."""
    for seed in seeds(request):
        artifact = picture(request, seed)
        artifact.seed = 0
        yield _answer(request, artifact)


def one_too_many(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """A second picture that says that it is of the first seed, before those of the others."""
    first, *others = seeds(request)
    stray = picture(request, first + 100)
    stray.seed = first
    yield _answer(request, picture(request, first), stray, *(picture(request, seed) for seed in others))


def nothing(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """An answer that never has a picture."""
    yield _answer(request)


def refused(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """The filter's word about the whole call."""
    yield _answer(request, _filter_word())


def garbage(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """Bytes that are no answer."""
    yield b"\xff\xfe no message \x00"


def filtering(*which: int, blurred: bool = False) -> Act:
    """The filter takes the pictures of those seeds, or sends them blurred."""

    def act(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        for seed in seeds(request):
            artifact = picture(request, seed)
            if seed in which:
                artifact = artifact if blurred else _filter_word(seed)
                artifact.finish_reason = generation.FILTER
            yield _answer(request, artifact)

    return act


def with_junk(*which: int) -> Act:
    """The pictures of those seeds are files that nothing can read."""

    def act(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        for seed in seeds(request):
            artifact = picture(request, seed)
            if seed in which:
                artifact.binary = b"<html>not a picture</html>"
            yield _answer(request, artifact)

    return act


def failing(code: grpc.StatusCode, said: str = "", after: int = 0, metadata: Iterable[Any] = ()) -> Act:
    """A failure after so many pictures, with what the service says of it."""

    def act(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        for seed in seeds(request)[:after]:
            yield _answer(request, picture(request, seed))
        context.set_trailing_metadata(tuple(metadata))
        _abort(context, code, said or code.name.lower())

    return act


def slow(asked: threading.Event, go_on: threading.Event) -> Act:
    """Tells that it was asked, and draws when it may."""

    def act(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        yield _answer(request)
        asked.set()
        go_on.wait(HOLD_SECONDS)
        yield from pictures(request, context)

    return act


def held(arrived: threading.Barrier) -> Act:
    """Draws when so many calls as the barrier counts are there at the same time."""

    def act(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        arrived.wait(HOLD_SECONDS)
        yield from pictures(request, context)

    return act


def retry_info(seconds: int, nanos: int = 0) -> tuple[str, bytes]:
    """The metadata in which a service says how long to wait: `google.rpc.RetryInfo` in a `google.rpc.Status`."""
    from google.protobuf.any_pb2 import Any as Packed
    from google.protobuf.duration_pb2 import Duration

    other = Packed(type_url="type.googleapis.com/google.rpc.DebugInfo", value=b"")
    delay = _field(1, Duration(seconds=seconds, nanos=nanos).SerializeToString())
    info = Packed(type_url="type.googleapis.com/google.rpc.RetryInfo", value=delay)
    status = b"\x08\x08" + _field(2, b"slow down")  # code 8: RESOURCE_EXHAUSTED
    status += b"".join(_field(3, each.SerializeToString()) for each in (other, info))
    return "grpc-status-details-bin", status


def _field(number: int, data: bytes) -> bytes:
    assert len(data) < 128
    return bytes([number << 3 | 2, len(data)]) + data


def seeds(request: Any) -> list[int]:
    """The seeds of the pictures that a call asks for."""
    return list(request.image.seed)[: request.image.samples]


def colour(seed: int) -> tuple[int, int, int]:
    """What a picture of that seed is made of, but for a corner."""
    return seed % 256, seed // 256 % 256, 90


def picture(request: Any, seed: int) -> Any:
    """The artifact for one seed."""
    buffer = io.BytesIO()
    image = Image.new("RGB", (request.image.width, request.image.height), colour(seed))
    image.putpixel((image.width - 1, image.height - 1), (0, 0, 0))  # a picture in a single colour is none
    image.save(buffer, "PNG")
    return generation.Artifact(
        type=generation.ARTIFACT_IMAGE, mime="image/png", binary=buffer.getvalue(), seed=seed, finish_reason=0
    )


def _filter_word(seed: int = 0) -> Any:
    return generation.Artifact(
        type=generation.ARTIFACT_TEXT, mime="text/plain", text="filtered", seed=seed, finish_reason=generation.FILTER
    )


def _answer(request: Any, *artifacts: Any) -> Any:
    return generation.Answer(answer_id="an answer", request_id=request.request_id, artifacts=artifacts)


def _abort(context: grpc.ServicerContext, code: grpc.StatusCode, said: str) -> NoReturn:
    context.abort(code, said)
    raise AssertionError("abort raises")


@contextlib.contextmanager
def relaying(port: int) -> Iterator[Relay]:
    """A `Relay` to that port until the end of the block."""
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()


class Relay:
    """A port before another one, whose connections can be cut like a cable."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._ends: list[socket.socket] = []
        self._listener = listening()
        self.host = address(self._listener)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Reset every connection there is."""
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RD)
            end.close()

    def close(self) -> None:
        """Take no more, and cut what there is."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pour, args=(source, sink), daemon=True).start()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)


def listening() -> socket.socket:
    """A socket that listens on a port of this machine, none that ends in 443."""
    while True:
        listener = socket.create_server(("127.0.0.1", 0))
        if not str(listener.getsockname()[1]).endswith("443"):
            return listener
        listener.close()


def address(listener: socket.socket) -> str:
    """Where it listens, as a client wants it."""
    return f"127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def answering(data: bytes | None) -> Iterator[str]:
    """The address of a port that answers whoever connects with those bytes and hangs up; None: with silence."""
    listener = listening()
    kept: list[socket.socket] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                kept.append(connection)
                if data is not None:
                    connection.sendall(data)
                    connection.close()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield address(listener)
    finally:
        listener.close()
        for each in kept:
            each.close()


def free_port() -> int:
    """A port at which nobody listens now."""
    with listening() as listener:
        port: int = listener.getsockname()[1]
        return port
