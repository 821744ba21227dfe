"""The narrow door to every speech engine: samples in, lines with word times out; and which engine and model to take.

Choosing looks only at what lies on the machine; it imports no engine and reaches for no network, so a check before
a run can ask it. Opening an engine does both, in the worker.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vktrs.doubt import LeftOut
from vktrs.engines.faster_whisper import THREE_WAYS_OUT, model_folder, open_faster_whisper
from vktrs.engines.openai_whisper import open_whisper
from vktrs.engines.speech_models import FASTER_WHISPER, WHISPER, FoundModel
from vktrs.errors import InputError, MissingError
from vktrs.lines import Line, Word

ENGINES = (FASTER_WHISPER, WHISPER)
BEST_ON_GPU = "large-v3"

_MODULES = {FASTER_WHISPER: "faster_whisper", WHISPER: "whisper"}
_INSTALL = {FASTER_WHISPER: "pip install '.'", WHISPER: "pip install '.[whisper]'"}


class SpeechEngine(Protocol):
    """A loaded model that hears words."""

    @property
    def heard_language(self) -> str | None:
        """The language (a code) of what it heard last, where it was told or has guessed one."""
        ...

    def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        language: str | None,
        on_progress: Callable[[float, float], None],
        should_stop: Callable[[], bool],
    ) -> Iterator[Line]:
        """The sung lines of `audio` (16 kHz mono, -1..1), with word times and confidence; none where nobody sings.

        Starts do not decrease, and 0 <= start <= end <= duration; the same audio gives the same lines. `language`
        is a code ("en"), None to guess. `on_progress(done, total)` counts seconds of listening: once through the song
        for the words and once for their times; the total grows when the song has to be heard again. Raises InputError
        for a language that the model does not know, Stopped soon after `should_stop` became true.
        """
        ...

    def align(
        self, audio: NDArray[np.float32], lines: Sequence[str], *, language: str | None
    ) -> list[tuple[Word, ...]]:
        """When the words of `lines`, blank by blank, are sung in `audio` (16 kHz mono, 30 s at most), line by line.

        They must be exactly what is sung there: what is not gets times all the same, and a low probability. Seconds
        of `audio`, in order; `probability` is how much the model would have expected the word there. `language` is
        None for the one that was heard before, or else sounds likely. An engine that cannot tell has no words for a
        line. Raises ValueError for more text than a model takes (440 tokens).
        """
        ...


@dataclass(frozen=True, slots=True)
class SpeechChoice:
    """What to open: `path` is the folder or file of the model, None where it would have to be downloaded first.

    `otherwise` is the next best on this machine, for the case that the download fails; only "auto" has one.
    """

    engine: str
    model: str
    path: Path | None
    otherwise: SpeechChoice | None = None


def choose_speech(
    engine: str, model: str | None, language: str | None, *, found: Sequence[FoundModel], gpu: bool
) -> SpeechChoice:
    """The engine and the model to use; `engine` is "auto", "faster-whisper" or "whisper".

    A model that is named is taken as it stands: a folder, a file, or a name that may have to be downloaded. Without
    one: `large-v3` on a GPU, else the largest model on this machine (`found`) that knows the language. Raises
    MissingError (exit 4) where there is none, or where the engine is not installed.
    """
    if engine not in ("auto", *ENGINES):
        raise InputError(f"There is no speech engine {engine!r}.", f"Right is auto, {', '.join(ENGINES)}.")
    if engine != "auto":
        _require(engine)
    usable = [each for each in found if _installed(each.engine) and engine in ("auto", each.engine)]
    if model:
        return _named(engine, model, usable)
    knowing = [each for each in usable if not each.english_only or language in (None, "en")]
    ranked = sorted(knowing, key=lambda each: (each.engine != FASTER_WHISPER, -each.size))
    here = [SpeechChoice(each.engine, each.name, each.path) for each in ranked]
    if gpu:  # worth a download of 3 GB there; on a CPU nobody should wait for a model that they did not ask for
        best = next((choice for choice in here if choice.model == BEST_ON_GPU), None)
        far = SpeechChoice(FASTER_WHISPER if engine == "auto" else engine, BEST_ON_GPU, None, next(iter(here), None))
        return best or far
    if here:
        return here[0]
    what = f" that knows the language {language!r}" if usable else ""
    raise MissingError(f"There is no speech model{what} on this machine.", THREE_WAYS_OUT)


def obtain_model(choice: SpeechChoice, on_remark: Callable[[str], None] = lambda _: None) -> SpeechChoice:
    """The choice with its model on this machine, downloaded if need be; takes `otherwise` where that fails.

    Raises MissingError where neither can be had. (A checkpoint of openai-whisper is downloaded when it is opened.)
    """
    if choice.path is not None or choice.engine == WHISPER:
        return choice
    try:
        return replace(choice, path=model_folder(choice.model))
    except MissingError as error:
        if choice.otherwise is None:
            raise
        on_remark(f"{error.message} {choice.otherwise.model} is used instead.")
        return choice.otherwise


def open_speech(
    choice: SpeechChoice,
    *,
    device: str = "auto",
    on_remark: Callable[[str], None] = lambda _: None,
    on_left_out: Callable[[LeftOut], None] = lambda _: None,
) -> SpeechEngine:
    """Load what was chosen; downloads a model that is not here. Raises MissingError if that cannot be done.

    `on_left_out` is told what the engine heard and nobody believes.
    """
    _require(choice.engine)
    model = str(choice.path or choice.model)
    if choice.engine == WHISPER:
        return open_whisper(model, device=device, on_remark=on_remark, on_left_out=on_left_out)
    return open_faster_whisper(model, device=device, name=choice.model, on_remark=on_remark, on_left_out=on_left_out)


def _named(engine: str, model: str, usable: Sequence[FoundModel]) -> SpeechChoice:
    """A model that the user named; a file is a checkpoint of openai-whisper, a folder a CTranslate2 model."""
    given = Path(model).expanduser()
    fits = WHISPER if given.is_file() else FASTER_WHISPER if given.is_dir() else None
    if fits:
        if engine not in ("auto", fits):
            right = f'Right is {"a folder" if fits == WHISPER else "a .pt file"}, or speech = "{fits}".'
            raise InputError(f"{given} is a model for {fits}, not for {engine}.", right)
        _require(fits)
        return SpeechChoice(fits, given.stem if fits == WHISPER else given.name, given)
    here = sorted((each for each in usable if each.name == model), key=lambda each: each.engine != FASTER_WHISPER)
    if here:
        return SpeechChoice(here[0].engine, model, here[0].path)
    return SpeechChoice(FASTER_WHISPER if engine == "auto" else engine, model, None)


def _installed(engine: str) -> bool:
    return importlib.util.find_spec(_MODULES[engine]) is not None


def _require(engine: str) -> None:
    if not _installed(engine):
        raise MissingError(f"The speech engine {engine!r} is not installed.", f"Install it: {_INSTALL[engine]}")
