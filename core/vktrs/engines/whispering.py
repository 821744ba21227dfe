"""What both engines that run Whisper here share: hearing at sharp times, and the language that is listened for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from vktrs.doubt import LeftOut
from vktrs.engines.hearing import Samples, Segment, listen
from vktrs.engines.sharp_times import sharply
from vktrs.errors import InputError
from vktrs.lines import Line, Word


class Whispering(ABC):
    """A loaded model of Whisper, as a `SpeechEngine`; a subclass recognises, aligns, and knows its languages."""

    def __init__(
        self, model: Any, name: str, on_remark: Callable[[str], None], on_left_out: Callable[[LeftOut], None]
    ) -> None:
        self._model = model
        self._name = name
        self._on_remark = on_remark
        self._on_left_out = on_left_out
        self._heard_language: str | None = None

    @property
    def heard_language(self) -> str | None:
        """The language of what it heard last; see `SpeechEngine.heard_language`."""
        return self._heard_language

    def transcribe(
        self,
        audio: Samples,
        *,
        language: str | None,
        on_progress: Callable[[float, float], None],
        should_stop: Callable[[], bool],
    ) -> Iterator[Line]:
        """Lines with word times; see `SpeechEngine.transcribe`."""
        self._listen_for(language)
        yield from sharply(
            lambda tell: listen(self._hear, audio, tell, should_stop, self._on_remark, self._on_left_out),
            lambda window, lines: self.align(window, lines, language=language),
            audio,
            on_progress,
            should_stop,
        )

    @abstractmethod
    def align(self, audio: Samples, lines: Sequence[str], *, language: str | None) -> list[tuple[Word, ...]]:
        """When the words of the lines are sung; see `SpeechEngine.align`."""

    @abstractmethod
    def _hear(self, audio: Samples, at: Callable[[float], None]) -> Iterable[Segment]:
        """Recognise an array; see `hearing.Hear`."""

    @abstractmethod
    def _languages(self) -> Collection[str]:
        """The codes of the languages that the model knows."""

    def _listen_for(self, language: str | None) -> None:
        """Listen for that language, None to guess; InputError where the model does not know it."""
        known = self._languages()
        if language and language not in known:
            right = (
                f"Right is {', '.join(sorted(known))}; or a model for many languages, whose name does not end in .en."
            )
            raise InputError(f"The speech model {self._name!r} does not know the language {language!r}.", right)
        self._heard_language = language
