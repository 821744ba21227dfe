"""One call of the service: a piece of the song goes there as FLAC, the text of its answer comes back.

POST BASE_URL/audio/transcriptions, multipart, as OpenAI's reference says it; everybody else follows that. The call runs
on a thread, so that the run can be stopped while it waits, which may take minutes; an answer that may be charged is
waited for a while then, or the next run would pay for it again.
(https://platform.openai.com/docs/api-reference/audio/createTranscription)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING

from vktrs.engines.services.key import Key
from vktrs.engines.services.network import Deadline, open_client
from vktrs.engines.services.retrying import Transient
from vktrs.engines.services.saying import body_of
from vktrs.engines.transcription.address import is_near
from vktrs.engines.transcription.options import TranscriptionOptions
from vktrs.engines.transcription.refusing import Refusing
from vktrs.errors import Stopped

if TYPE_CHECKING:
    import httpx

_PATH = "/audio/transcriptions"
_CONNECT_SECONDS = 10.0
_LOOK_SECONDS = 0.1  # how soon a call ends after somebody asked the run to stop
_PAID_SECONDS = 60.0  # the same of one that may be charged
_MOST_ANSWER_BYTES = 64 << 20
_MOST_ERROR_BYTES = 64 << 10


class Caller:
    """Makes calls, one at a time; `close` it at the end."""

    def __init__(self, options: TranscriptionOptions, key: Key | None) -> None:
        self._options = options
        self._refusing = Refusing(options, key)
        self._url = options.base_url + _PATH
        headers = {"accept": "application/json"}
        if key is not None:
            headers["authorization"] = f"Bearer {key.reveal()}"
        self._may_be_charged = not is_near(options.base_url)
        self._client = open_client(
            options.base_url, headers, 1, named="base_url in [engines.api]", is_direct=is_near(options.base_url)
        )

    def transcribe(
        self, flac: bytes, language: str | None, granular: bool, timeout: float, is_over: Callable[[], bool]
    ) -> str:
        """The text of the answer for one file, without keys; with `granular` the times of words are asked for.

        Raises what `Refusing.failure` says; Transient also where there was no whole answer within `timeout` seconds,
        Stopped soon after `is_over` says so (the connection is shut down then), or, where the call may be charged, if
        its answer does not come within a minute from then on.
        """
        until: float | None = None
        work: Future[str] = Future()
        with Deadline(timeout) as deadline:
            ask = partial(self._ask, flac, self._fields(language, granular), timeout, deadline)
            threading.Thread(target=_settle, args=(work, ask), name="transcription", daemon=True).start()
            while not wait((work,), _LOOK_SECONDS).done:
                if until is None and is_over():
                    until = time.monotonic() + _PAID_SECONDS * self._may_be_charged
                if until is not None and time.monotonic() >= until:
                    deadline.end()  # the thread ends by itself, also where it still looks for the host
                    raise Stopped
        return work.result()

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _fields(self, language: str | None, granular: bool) -> list[tuple[str, str]]:
        fields = [("model", self._options.model), ("response_format", "verbose_json"), ("temperature", "0")]
        if language:
            fields.append(("language", language))
        if self._options.prompt:
            fields.append(("prompt", self._options.prompt))
        if granular:
            fields += [("timestamp_granularities[]", each) for each in ("word", "segment")]
        return fields

    def _ask(self, flac: bytes, fields: list[tuple[str, str]], timeout: float, deadline: Deadline) -> str:
        """On the thread: the call itself."""
        import httpx

        parts: list[tuple[str, tuple[str | None, bytes] | tuple[str, bytes, str]]] = [
            *((name, (None, value.encode())) for name, value in fields),
            ("file", ("song.flac", flac, "audio/flac")),
        ]
        patience = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS))
        try:
            with self._client.stream(
                "POST", self._url, files=parts, timeout=patience, extensions={"trace": deadline.trace}
            ) as response:
                return self._text(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            said = self._refusing.scrub(str(error)) or type(error).__name__
            raise Transient(f"it cannot be reached ({said})") from None
        except httpx.RequestError as error:
            late = deadline.over or isinstance(error, httpx.TimeoutException)
            lost = f"the connection was lost ({type(error).__name__})"
            reason = f"there was no whole answer within {timeout:g} s" if late else lost
            raise Transient(reason, paid=self._may_be_charged) from None

    def _text(self, response: httpx.Response) -> str:
        if response.status_code != 200:
            raise self._refusing.failure(response, body_of(response, _MOST_ERROR_BYTES))
        return self._refusing.hide(body_of(response, _MOST_ANSWER_BYTES).decode("utf-8", "replace"))


def _settle(work: Future[str], ask: Callable[[], str]) -> None:
    """Do the work; whatever comes of it is told to who waits."""
    try:
        work.set_result(ask())
    except Exception as error:  # noqa: BLE001  who waits raises it again; lost, it would be waited for for ever
        work.set_exception(error)
