"""One piece of a song, asked for until there is an answer that can be used; what was paid for is kept at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vktrs.engines.hearing import SAMPLE_RATE
from vktrs.engines.services.retrying import Policy, Retrying, Transient
from vktrs.engines.transcription.address import host_of, is_near
from vktrs.engines.transcription.answers import Answer, Timeless, Unusable, WebPage, read_answer
from vktrs.engines.transcription.calling import Caller
from vktrs.engines.transcription.kept import Kept, ingredients
from vktrs.engines.transcription.options import TranscriptionOptions
from vktrs.engines.transcription.refusing import NoGranularity, TooLarge, no_times
from vktrs.errors import InputError

Samples = NDArray[np.float32]
Encode = Callable[[Samples], bytes]
"""Makes a sound file of samples (16 kHz mono): FLAC, which every service takes and which loses nothing."""
Retry = Callable[[Callable[[], bool], Policy], Retrying]

_KEPT = "the answer is kept and not paid for again: another `model` or `prompt` asks anew"
_ROOM_BYTES = 4096  # of the limit, for the other fields of a request


class Asking:
    """Asks one service; `close` it at the end.

    `opened` opens the connection and finds the key: only where there is something to ask, since what is kept needs
    neither. `retry(is_over, policy)` makes what tries again, for tests.
    """

    def __init__(
        self,
        options: TranscriptionOptions,
        opened: Callable[[], Caller],
        encode: Encode,
        kept: Kept,
        on_remark: Callable[[str], None],
        retry: Retry | None = None,
    ) -> None:
        self._options = options
        self._host = host_of(options.base_url)
        self._encode = encode
        self._kept = kept
        self._remark = on_remark
        self._retry = retry or (lambda is_over, policy: Retrying(is_over, on_remark, policy, name=self._host))
        self._may_be_charged = not is_near(options.base_url)
        self._opened = opened
        self._caller: Caller | None = None
        self._granular = True

    def answer(self, samples: Samples, language: str | None, is_over: Callable[[], bool]) -> Answer:
        """What the service hears in these samples (16 kHz mono), or heard in them before.

        TooLarge where they have to be fewer, else what `opened` raises and `Refusing.failure` says; GivenUp where there
        is no answer at last; Stopped soon after `is_over` says so, though a call that may be charged is let finish.
        """
        inputs = ingredients(self._options.settled, language, samples)
        seconds = len(samples) / SAMPLE_RATE
        known = self._kept.answer(inputs)
        if known is not None and (answer := self._known(known, seconds)) is not None:
            return answer
        flac = self._encode(samples)
        if len(flac) > self._options.limit_mb * 2**20 - _ROOM_BYTES:
            raise TooLarge
        text, answer = self._asked(flac, seconds, language, is_over)
        if answer is not None or self._may_be_charged:
            self._kept.keep(inputs, text)
        if answer is None:
            raise no_times(self._options.model, self._host)
        if answer.segments and not answer.by_word:
            self._remark(f"{self._host} gives no times of words, only of lines: words lie along them by their letters.")
        return answer

    def close(self) -> None:
        """End the connections; the next question opens new ones."""
        if self._caller is not None:
            self._caller.close()
            self._caller = None

    def _asked(
        self, flac: bytes, seconds: float, language: str | None, is_over: Callable[[], bool]
    ) -> tuple[str, Answer | None]:
        self._caller = self._caller or self._opened()
        retrying = self._retry(is_over, policy(seconds))
        while True:
            try:
                return retrying.until_done(partial(self._try, self._caller, flac, seconds, language, is_over))
            except NoGranularity:
                if not self._granular:
                    raise InputError(
                        f"{self._host} does not say how it wants to be asked for times.", "Choose another service."
                    ) from None
                self._granular = False

    def _try(
        self,
        caller: Caller,
        flac: bytes,
        seconds: float,
        language: str | None,
        is_over: Callable[[], bool],
        timeout: float,
    ) -> tuple[str, Answer | None]:
        """The answer as it came, and what it says; None where that is no time of anything."""
        text = caller.transcribe(flac, language, self._granular, timeout, is_over)
        try:
            return text, read_answer(text, seconds)
        except Unusable as unusable:
            raise Transient(f"{unusable}", paid=self._may_be_charged) from None
        except Timeless:
            return text, None
        except WebPage:
            raise InputError(
                f"{self._options.base_url} answers with a web page: nobody transcribes there.",
                "Mend `base_url` in [engines.api]: with most servers it ends in /v1.",
            ) from None

    def _known(self, text: str, seconds: float) -> Answer | None:
        """A kept answer; None where it is none any more.

        InputError for one without times, which would have none if it were paid again.
        """
        try:
            return read_answer(text, seconds)
        except Timeless:
            if self._may_be_charged:
                raise no_times(self._options.model, self._host, _KEPT) from None
        except (Unusable, WebPage):
            pass
        return None


def policy(seconds: float) -> Policy:
    """How often and how long to try for so many seconds of song; a CPU may take longer than the song lasts."""
    deadline = 120.0 + 4 * seconds
    return Policy(tries=5, lost=2, deadline=deadline, total=2 * deadline + 120)
