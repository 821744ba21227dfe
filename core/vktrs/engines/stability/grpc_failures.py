"""What a failed call of the gRPC service means: pass by itself, no key, no credits, or a request that is refused.

https://grpc.github.io/grpc/core/md_doc_statuscodes.html; how long to wait stands in `google.rpc.RetryInfo`
(google/rpc/error_details.proto), which is read here without the package that holds it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from vktrs.engines.services.retrying import Transient
from vktrs.errors import Halted, InputError, MissingError, VktrsError

if TYPE_CHECKING:
    import grpc

    from vktrs.engines.services.key import Key

_MOST_SAID = 300
_PASSING = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "ABORTED", "CANCELLED"})
_BUSY = ("rate", "too many", "try again", "retry", "quota", "overload", "concurren")
_LOST = ("connection", "socket", "recvmsg", "broken pipe", "transport", "goaway", "rst_stream", "stream", "deserializ")
_NEVER_SENT = ("failed to connect", "dns resolution failed", "name resolution")


def failure(error: grpc.RpcError, key: Key, model: str, timeout: float) -> Exception:
    """The error to raise for a call that failed; `timeout` is the deadline it had, in seconds."""
    code = error.code().name
    said = _short(key.scrub(error.details() or ""))
    told = f"{code}: {said}" if said else code
    if code == "DEADLINE_EXCEEDED":
        return Transient(f"there was no answer within {timeout:g} s", paid=True)
    if code == "RESOURCE_EXHAUSTED":
        return _exhausted(said, told, retry_seconds(_metadata(error)))
    if code in _PASSING:
        return Transient(told, wait=retry_seconds(_metadata(error)), paid=_may_be_charged(error))
    if code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
        return MissingError(f"Stability does not accept the key ({told}).", "Look at STABILITY_KEY in your shell.")
    if code == "UNIMPLEMENTED":
        return MissingError(
            f"Stability's gRPC service is not there any more ({told}).", 'Write `api = "rest"` in [engines.stability].'
        )
    if code == "NOT_FOUND":
        return MissingError(f'Stability has no model "{model}" by gRPC ({told}).', "Choose another `model`.")
    return InputError(f"Stability refuses this request ({told}).", "Change the prompt or the options.")


def _exhausted(said: str, told: str, wait: float | None) -> Exception:
    """One code for three things: too fast, too poor, too large."""
    text = said.lower()
    if "message larger than max" in text:
        return VktrsError(f"a picture is too large for Stability's service ({told}).", "Choose a smaller size.")
    if wait is not None:
        return Transient(told, wait=wait)
    if not any(word in text for word in ("credit", "balance", "payment")) and any(word in text for word in _BUSY):
        return Transient(told)
    return Halted(
        f"The Stability account has no credits left ({told}).", "Buy some, then run again; what is made stays."
    )


def retry_seconds(metadata: Mapping[str, str | bytes]) -> float | None:
    """The seconds after which the service wants to be asked again, by what came with its failure; None: not said."""
    with contextlib.suppress(ValueError, UnicodeDecodeError):
        for name, unit in (("retry-after", 1.0), ("grpc-retry-pushback-ms", 0.001)):
            if name in metadata:
                value = metadata[name]
                seconds = float(value if isinstance(value, str) else value.decode("ascii")) * unit
                return seconds if math.isfinite(seconds) and seconds >= 0 else None
    details = metadata.get("grpc-status-details-bin")
    return _retry_info(details) if isinstance(details, bytes) else None


def _retry_info(status: bytes) -> float | None:
    """The delay of the `RetryInfo` among the details (field 3) of a serialized `google.rpc.Status`."""
    from google.protobuf.any_pb2 import Any
    from google.protobuf.duration_pb2 import Duration
    from google.protobuf.message import DecodeError

    with contextlib.suppress(DecodeError):
        for packed in _messages(status, 3):
            detail = Any.FromString(packed)
            if detail.type_url.endswith("/google.rpc.RetryInfo"):
                for delay in _messages(detail.value, 1):
                    waiting = Duration.FromString(delay)
                    return max(0.0, float(waiting.seconds + waiting.nanos / 1e9))
    return None


def _messages(data: bytes, number: int) -> Iterator[bytes]:
    """The nested messages of one field, of a message whose type is not at hand."""
    from google.protobuf.empty_pb2 import Empty
    from google.protobuf.unknown_fields import UnknownFieldSet

    for field in UnknownFieldSet(Empty.FromString(data)):
        if field.field_number == number and isinstance(field.data, bytes):
            yield field.data


def _metadata(error: grpc.RpcError) -> dict[str, str | bytes]:
    return {item[0]: item[1] for item in error.trailing_metadata() or ()}


def _may_be_charged(error: grpc.RpcError) -> bool:
    """Whether the call may have been done all the same: it was sent, and its answer was lost or cannot be read.

    Only gRPC's words tell that from a failure that the service itself reports: the codes are the same. Not from
    `error.debug_error_string()`: after an answer that cannot be read that waits for ever.
    """
    said = (error.details() or "").lower()
    return not any(words in said for words in _NEVER_SENT) and any(words in said for words in _LOST)


def _short(text: str) -> str:
    """The service's words on one line."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain[:_MOST_SAID].rstrip(".!")
