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
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from vktrs.doubt import LeftOut
from vktrs.engines.attention import Timed, spell, timed_words
from vktrs.engines.faster_whisper import THREE_WAYS_OUT
from vktrs.engines.hearing import SAMPLE_RATE, Samples, Segment
from vktrs.engines.whispering import Whispering
from vktrs.errors import InputError, MissingError
from vktrs.lines import Word

FRAMES_PER_SECOND = 100


def open_whisper(
    model: str,
    *,
    device: str = "auto",
    on_remark: Callable[[str], None] = lambda _: None,
    on_left_out: Callable[[LeftOut], None] = lambda _: None,
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
    return OpenAIWhisper(loaded, given.stem, on_remark, on_left_out)


def _load(model: str, device: str | None) -> Any:
    import whisper

    try:
        return whisper.load_model(model, device=device)
    except OSError as error:
        message = f"The speech model {model!r} is not on this machine and could not be downloaded."
        raise MissingError(message, THREE_WAYS_OUT) from error
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, RuntimeError) as error:
        # torch's own words advise to load it without its checks, which would run what it holds
        why = "it holds no weights" if isinstance(error, pickle.UnpicklingError) else str(error).partition("\n")[0]
        raise InputError(
            f"{model} is no checkpoint of openai-whisper: {why}.", "Right is a .pt file of its own."
        ) from error


class OpenAIWhisper(Whispering):
    """A loaded model; see `open_whisper`."""

    def align(self, audio: Samples, lines: Sequence[str], *, language: str | None) -> list[tuple[Word, ...]]:
        """When the words of the lines are sung; see `SpeechEngine.align`."""
        import whisper
        from whisper.timing import find_alignment
        from whisper.tokenizer import get_tokenizer

        self._listen_for(language or self._heard_language)
        if self._heard_language is None and self._model.is_multilingual:
            self._heard_language = self._guess(audio)
        many, tongue = self._model.is_multilingual, self._heard_language or "en"
        tokenizer = get_tokenizer(many, num_languages=self._model.num_languages, language=tongue, task="transcribe")
        # what looks like a mark of the model's own is text here; else it is refused
        spelled = spell(lines, partial(tokenizer.encode, disallowed_special=()))
        window = whisper.pad_or_trim(audio)
        mel = whisper.log_mel_spectrogram(window, self._model.dims.n_mels, device=self._model.device)
        frames = min(round(len(audio) / SAMPLE_RATE * FRAMES_PER_SECOND), mel.shape[-1])
        found = find_alignment(self._model, tokenizer, spelled.tokens, mel, frames)
        timed = [Timed(len(each.tokens), each.start, each.end, each.probability) for each in found]
        return timed_words(spelled, timed)

    def _guess(self, audio: Samples) -> str:
        import whisper

        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(audio), self._model.dims.n_mels)
        _, likely = whisper.detect_language(self._model, mel.to(self._model.device))
        return str(max(likely, key=likely.__getitem__))

    def _languages(self) -> Collection[str]:
        from whisper.tokenizer import LANGUAGES

        return LANGUAGES if self._model.is_multilingual else ("en",)

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
