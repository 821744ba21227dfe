"""What an answer other than 200 means, in one sentence with what mends it; nothing is repeated before it is scrubbed.

(https://platform.openai.com/docs/guides/error-codes; other servers answer with `detail`, or with a bare text.)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vktrs.engines.services.key import Key, without_keys
from vktrs.engines.services.retrying import TRANSIENT_STATUS, Transient
from vktrs.engines.services.saying import in_short, retry_after
from vktrs.engines.transcription.address import host_of, is_openai
from vktrs.engines.transcription.key import export
from vktrs.engines.transcription.options import MODEL, TranscriptionOptions
from vktrs.errors import Halted, InputError, MissingError, VktrsError

if TYPE_CHECKING:
    import httpx

_GRANULARITY = "timestamp_granularities"
_NO_MONEY = ("insufficient_quota", "billing", "payment", "insufficient balance", "insufficient credit")


class TooLarge(Exception):
    """The service takes no file of that size."""


class NoGranularity(Exception):
    """The service does not know how to be asked for the times of words."""


class Refusing:
    """Reads refusals of one service."""

    def __init__(self, options: TranscriptionOptions, key: Key | None) -> None:
        self._options = options
        self._key = key
        self._host = host_of(options.base_url)

    def scrub(self, text: str) -> str:
        """`text` without the key, nor anything that looks like one."""
        return self._key.scrub(text) if self._key is not None else without_keys(text)

    def hide(self, text: str) -> str:
        """An answer without the key; what is sung stays as it is."""
        return self._key.hide(text) if self._key is not None else text

    def failure(self, response: httpx.Response, body: bytes) -> Exception:
        """What to raise.

        TooLarge, NoGranularity: ask in another way. Transient: it may go well the next time. MissingError: the key, or
        the model. Halted: there is no money left. InputError: an option is wrong. Other VktrsError: refused for good.
        """
        status = response.status_code
        text = self.scrub(body.decode("utf-8", "replace"))
        code, said = _said(text)
        told = f"{status}: {said}" if said else f"{status}"
        words = f"{code} {said}".lower()
        if status == 413:
            return TooLarge()
        if status == 402 or (status in (403, 429) and any(each in words for each in _NO_MONEY)):
            return Halted(f"The account at {self._host} has no credit left ({told}).", "What was heard is kept.")
        if status in TRANSIENT_STATUS or status >= 500:  # what stands in front of a service has codes of its own
            return Transient(told, wait=retry_after(response.headers.get("retry-after")))
        if 300 <= status < 400:
            where = f"{self._host} sends the song on to another address ({status}), which is not followed."
            return InputError(where, "Write the address itself as `base_url` in [engines.api].")
        if status in (401, 403):
            return self._unwelcome(status, told)
        if status in (404, 405, 410):
            return self._not_found(words, told)
        return self._refused(words, told)

    def _unwelcome(self, status: int, told: str) -> VktrsError:
        if self._key is None:
            return MissingError(f"{self._host} wants a key ({told}).", export(self._options.base_url))
        if status == 401:
            return MissingError(f"{self._host} does not accept the key ({told}).", "Look at it in your shell.")
        return MissingError(f"{self._host} does not let this key transcribe ({told}).", "Look at its permissions.")

    def _not_found(self, words: str, told: str) -> VktrsError:
        if "model" in words:
            return self._no_model(told)
        address = f"{self._options.base_url}/audio/transcriptions"
        return InputError(
            f"There is no transcription at {address} ({told}).",
            "Mend `base_url` in [engines.api]: with most servers it ends in /v1.",
        )

    def _no_model(self, told: str) -> VktrsError:
        hint = f'OpenAI\'s is "{MODEL}".' if is_openai(self._options.base_url) else "The server lists its own."
        return InputError(
            f'{self._host} does not know the model "{self._options.model}" ({told}).',
            f"Mend `model` in [engines.api]. {hint}",
        )

    def _refused(self, words: str, told: str) -> VktrsError | Exception:
        """Most often 400 or 422: something in the request is wrong, and the words say what."""
        if _GRANULARITY in words and "response_format" not in words:
            return NoGranularity()
        if "response_format" in words or "verbose_json" in words:
            return no_times(self._options.model, self._host, told)
        if "too large" in words or "maximum content size" in words:
            return TooLarge()
        if "language" in words:
            return InputError(f"{self._host} does not take the language ({told}).", "Mend `language` under [song].")
        if "model" in words:
            return self._no_model(told)
        return VktrsError(f"{self._host} refuses to transcribe the song ({told}).", "Look at [engines.api].")


def no_times(model: str, host: str, told: str = "") -> InputError:
    """The error for a model that writes a text without times, which no scene can be made of."""
    more = f" ({told})" if told else ""
    return InputError(
        f'the model "{model}" at {host} gives a text without times{more}, and lines need times.',
        f'Write a model that gives them (verbose_json), such as model = "{MODEL}", under [engines.api].',
    )


def _said(text: str) -> tuple[str, str]:
    """The code of an error and the service's words for it, in short."""
    if text.lstrip().startswith("<"):  # the page of a proxy in between
        return "", ""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return "", in_short(text)
    if not isinstance(told, dict):
        return "", in_short(text)
    error: Any = told.get("error", told)
    if not isinstance(error, dict):
        return "", in_short(str(error))
    words = error.get("message", error.get("detail", ""))
    names = (str(error[name]) for name in ("code", "type", "param") if error.get(name))
    return " ".join(names), in_short(words if isinstance(words, str) else json.dumps(words))
