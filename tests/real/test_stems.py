"""Taking a song apart: what is said where demucs or its weights are missing; the real wiring where demucs is there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest

from vktrs.chains import STEMS
from vktrs.engines import stems
from vktrs.errors import InputError, MissingError, Stopped

SONG = (0.1 * np.random.default_rng(1).standard_normal((44_100 * 2 + 1, 2))).astype(np.float32)


@pytest.fixture
def without_demucs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("demucs", "demucs.pretrained", "demucs.apply"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Callable[[str], Any]], None]:
    """Puts a package in the place of demucs, whose `get_model` is given; no cache of this machine is looked at."""

    def put(get_model: Callable[[str], Any]) -> None:
        package, pretrained = ModuleType("demucs"), ModuleType("demucs.pretrained")
        package.__spec__ = ModuleSpec("demucs", None)
        pretrained.get_model = get_model  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "demucs", package)
        monkeypatch.setitem(sys.modules, "demucs.pretrained", pretrained)

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    return put


def failing(error: Exception) -> Callable[[str], Any]:
    def get_model(name: str) -> Any:
        raise error

    return get_model


@pytest.mark.usefixtures("without_demucs")
def test_where_demucs_is_not_installed_it_is_said_how_to_install_it_and_what_does_without() -> None:
    with pytest.raises(MissingError, match="not installed") as caught:
        stems.separate(SONG, device="cpu")
    assert caught.value.exit_code == 4
    assert "pip install '.[stems]'" in caught.value.hint
    assert "percussive" in caught.value.hint
    assert [type(each) for each in stems.find_problems("htdemucs")] == [MissingError]


@pytest.mark.parametrize(
    "error",
    [URLError("no network"), ConnectionResetError("reset"), TimeoutError("too slow"), FileNotFoundError("no cache")],
)
def test_weights_that_cannot_be_fetched_are_missing(stand_in: Callable[..., None], error: Exception) -> None:
    stand_in(failing(error))
    with pytest.raises(
        MissingError, match=r"weights of htdemucs are not on this machine.*could not be fetched"
    ) as told:
        stems.separate(SONG, device="cpu")
    assert "Run once with a network" in told.value.hint


def test_weights_that_came_damaged_are_told_with_what_is_wrong(stand_in: Callable[..., None]) -> None:
    stand_in(failing(RuntimeError("invalid hash value (expected 8726e21a)")))
    with pytest.raises(MissingError, match="invalid hash value") as told:
        stems.separate(SONG, device="cpu")
    assert "fetched again" in told.value.hint


def test_who_forbids_the_network_is_not_asked_to_wait_for_it(
    stand_in: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    stand_in(asked.append)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(MissingError, match="HF_HUB_OFFLINE"):
        stems.separate(SONG, device="cpu")
    assert not asked


@pytest.mark.parametrize("name", ["", "hf://somebody/htdemucs", "../weights", "demucs_unittest", "mdx_q"])
def test_no_model_of_a_stranger_is_loaded(stand_in: Callable[..., None], name: str) -> None:
    asked: list[str] = []
    stand_in(asked.append)
    with pytest.raises(InputError, match="no model") as told:
        stems.separate(SONG, model=name, device="cpu")
    assert "htdemucs_ft" in told.value.hint
    assert not asked


@pytest.mark.parametrize("model", stems.MODELS)
def test_weights_are_found_in_the_place_of_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "none"))
    assert not stems.is_here(model, {}, tmp_path)
    kept = tmp_path / ".cache/torch/hub/checkpoints"
    kept.mkdir(parents=True)
    for mark in stems.MODELS[model]:
        assert not stems.is_here(model, {}, tmp_path)
        (kept / f"{mark}-00000000.th").touch()
    assert stems.is_here(model, {}, tmp_path)
    assert not stems.is_here(model, {"TORCH_HOME": str(tmp_path)}, tmp_path)


@pytest.mark.parametrize(("model", "repository"), [("htdemucs", "HTDemucs"), ("htdemucs_ft", "HTDemucs-ft")])
def test_weights_are_found_in_the_cache_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, repository: str
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    folder = tmp_path / f"hub/models--adefossez--{repository}/snapshots/main"
    folder.mkdir(parents=True)
    for mark in stems.MODELS[model]:
        assert not stems.is_here(model, {}, tmp_path)
        (folder / f"{mark}.safetensors").touch()
    assert stems.is_here(model, {}, tmp_path)


# with demucs itself, and networks whose weights are random


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets demucs load bags of small networks with random weights, since its own are nowhere without a network."""
    reason = "demucs is not installed: pip install '.[stems]'"
    pretrained = pytest.importorskip("demucs.pretrained", reason=reason)
    import torch
    from demucs.apply import BagOfModels
    from demucs.htdemucs import HTDemucs

    monkeypatch.setenv("HF_HUB_OFFLINE", "0")

    def put(sources: tuple[str, ...] = ("drums", "bass", "other", "vocals"), networks: int = 1) -> None:
        torch.manual_seed(0)
        made = [HTDemucs(list(sources), channels=8, t_layers=1, dconv_mode=0, segment=0.5) for _ in range(networks)]
        bag = BagOfModels(made)
        bag.eval()
        monkeypatch.setattr(pretrained, "get_model", lambda _: bag)

    return put


def test_a_song_comes_apart_into_four_of_its_length_and_again_into_the_same(tiny: Callable[..., None]) -> None:
    tiny()
    steps: list[tuple[float, float]] = []
    first = stems.separate(SONG, device="cpu", on_progress=lambda *step: steps.append(step))
    second = stems.separate(SONG, device="cpu")
    assert set(first) == set(STEMS)
    for name in STEMS:
        assert first[name].shape == (len(SONG) // 2,)
        assert first[name].dtype == np.float32
        assert np.isfinite(first[name]).all()
        assert np.array_equal(first[name], second[name])
    assert len({first[name].tobytes() for name in STEMS}) == 4
    assert steps == sorted(steps)
    assert steps[-1] == (len(SONG) / 44_100, len(SONG) / 44_100)
    assert {total for _, total in steps} == {len(SONG) / 44_100}


def test_what_else_a_model_tells_apart_is_part_of_the_rest(tiny: Callable[..., None]) -> None:
    tiny(sources=("drums", "bass", "other", "vocals", "guitar", "piano"), networks=2)
    parts = stems.separate(SONG, model="htdemucs_6s", device="cpu")
    assert set(parts) == set(STEMS)
    assert parts["other"].any()


def test_a_song_of_no_length_has_stems_of_none(tiny: Callable[..., None]) -> None:
    tiny()
    parts = stems.separate(SONG[:0], device="cpu")
    assert [len(parts[name]) for name in STEMS] == [0, 0, 0, 0]


def test_it_stops_within_a_chunk(tiny: Callable[..., None]) -> None:
    tiny()
    reached: list[float] = []
    with pytest.raises(Stopped):
        stems.separate(
            SONG,
            device="cpu",
            on_progress=lambda done, _: reached.append(done),
            should_stop=lambda: bool(reached) and reached[-1] > 0.5,
        )
    assert reached[-1] < 1.0


@pytest.mark.parametrize("seconds", [2.0, 1.5, 2.5])
def test_a_stem_for_listening_to_words_sounds_the_same_and_is_as_long_as_the_song(seconds: float) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(44_100) / 22_050).astype(np.float32)
    voice = stems.for_speech(tone, seconds)
    assert (voice.dtype, len(voice)) == (np.float32, round(seconds * 16_000))
    heard = min(len(voice), 32_000)
    true = np.sin(2 * np.pi * 440 * np.arange(heard) / 16_000)
    assert np.abs(voice[200 : heard - 200] - true[200 : heard - 200]).max() < 0.01
    assert not voice[32_000 + 50 :].any()


def test_a_stem_in_which_nothing_is_stays_silent() -> None:
    assert not stems.for_speech(np.zeros(0, np.float32), 1.0).any()
