"""Speech by openai-whisper (torch): for those who have its checkpoints, or a GPU that only torch can use.

It is given decoded samples, so that no program called `ffmpeg` has to be on PATH. What to listen to and what to
believe is `hearing`'s part.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vktrs.engines.faster_whisper import THREE_WAYS_OUT
from vktrs.engines.hearing import Samples, Segment, listen
from vktrs.errors import InputError, MissingError
from vktrs.lines import Line, Word

FRAMES_PER_SECOND = 100


def open_whisper(
    model: str, *, device: str = "auto", on_remark: Callable[[str], None] = lambda _: None
) -> OpenAIWhisper:
    """Load `model`: a checkpoint file (.pt) or a name ("small") that may be downloaded.

    `device` is "auto", "cpu" or "cuda". Raises MissingError where openai-whisper is not installed or there are
    neither weights nor a network, InputError for a file that is no checkpoint.
    """
    if importlib.util.find_spec("whisper") is None:
        raise MissingError("The speech engine 'whisper' is not installed.", "Install it: pip install '.[whisper]'")
    import whisper

    given = Path(model).expanduser()
    official = whisper.available_models()
    if model not in official and not given.is_file():
        raise InputError(
            f"There is no speech model {model!r}.", f"Right is a .pt file or one of {', '.join(official)}."
        )
    if given.is_file() and given.parent.name == "whisper" and given.stem in official:
        model = given.stem  # in the library's own cache: only under its name does it know which heads align words
    with contextlib.redirect_stderr(io.StringIO()):  # the download draws a bar there
        loaded = _load(model if model in official else str(given), None if device == "auto" else device)
    return OpenAIWhisper(loaded, given.stem, on_remark)


def _load(model: str, device: str | None) -> Any:
    import whisper

    try:
        return whisper.load_model(model, device=device)
    except OSError as error:
        message = f"The speech model {model!r} is not on this machine and could not be downloaded."
        raise MissingError(message, THREE_WAYS_OUT) from error
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(
            f"{model} is no checkpoint of openai-whisper: {error}", "Right is a .pt file of its own."
        ) from error


class OpenAIWhisper:
    """A loaded model; see `open_whisper`."""

    def __init__(self, model: Any, name: str, on_remark: Callable[[str], None]) -> None:
        self._model = model
        self._name = name
        self._on_remark = on_remark
        self._heard_language: str | None = None

    def transcribe(
        self,
        audio: Samples,
        *,
        language: str | None,
        on_progress: Callable[[float, float], None],
        should_stop: Callable[[], bool],
    ) -> Iterator[Line]:
        """Lines with word times; see `SpeechEngine.transcribe`."""
        from whisper.tokenizer import LANGUAGES

        known = LANGUAGES if self._model.is_multilingual else ("en",)
        if language and language not in known:
            right = (
                f"Right is {', '.join(sorted(known))}; or a model for many languages, whose name does not end in .en."
            )
            raise InputError(f"The speech model {self._name!r} does not know the language {language!r}.", right)
        self._heard_language = language
        yield from listen(self._hear, audio, on_progress, should_stop, self._on_remark)

    def _hear(self, audio: Samples, at: Callable[[float], None]) -> Iterator[Segment]:
        import whisper

        with _progress_to(at):
            result = whisper.transcribe(
                self._model,
                audio,
                language=self._heard_language if self._model.is_multilingual else "en",
                beam_size=5,
                temperature=0.0,
                word_timestamps=True,
                condition_on_previous_text=False,
                fp16=self._model.device.type != "cpu",
            )
        if self._heard_language is None and self._model.is_multilingual:
            self._heard_language = result["language"]  # a second hearing must not guess again, from the intro
            self._on_remark(f"the language sounds like {result['language']!r}")
        for segment in result["segments"]:
            heard = (Word(word["start"], word["end"], word["word"], word["probability"]) for word in segment["words"])
            words = tuple(Word(float(w.start), float(w.end), w.text, float(w.probability or 0)) for w in heard)
            yield Segment(words, segment["no_speech_prob"], segment["avg_logprob"], segment["compression_ratio"])


@contextlib.contextmanager
def _progress_to(at: Callable[[float], None]) -> Iterator[None]:
    """Put our own bar in the place of the one that `whisper.transcribe` moves after each window of 30 s.

    It is the only sign of life that the function gives, and an exception raised there (Stopped) passes through.
    """
    module: Any = importlib.import_module("whisper.transcribe")

    class Bar:
        def __init__(self, **_: object) -> None:
            self.frames = 0

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def update(self, frames: int) -> None:
            self.frames += frames
            at(self.frames / FRAMES_PER_SECOND)

    class Bars:
        tqdm = Bar

    theirs = module.tqdm
    module.tqdm = Bars
    try:
        yield
    finally:
        module.tqdm = theirs
