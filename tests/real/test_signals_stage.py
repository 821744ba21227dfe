"""Signals and stems as artifacts: what shares one, what is read back, what is damaged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vktrs.artifacts import Store, fingerprint
from vktrs.chains import STEMS, Operation, canonical, parse_chain
from vktrs.engines.signals import RATE, compute, curves_after_each
from vktrs.errors import ArtifactDamaged, Stopped
from vktrs.stages import signals, stems

CHAIN = canonical(parse_chain("bandpass(40, 400) | rms | sustain"))
SOUND = (0.3 * np.random.default_rng(1).standard_normal(2 * RATE) * np.linspace(0, 1, 2 * RATE)).astype(np.float32)


def key(source: str, chain: str, digest: str | None = None, song: str = "song") -> str:
    return fingerprint(signals.inputs(song, source, canonical(parse_chain(chain)), digest))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def made(store: Store) -> str:
    ingredients = signals.inputs("song", "mix", CHAIN)
    made_key = fingerprint(ingredients)
    signals.make(store, made_key, ingredients, SOUND)
    return made_key


def test_two_ways_to_write_the_same_signal_share_its_artifact() -> None:
    assert key("mix", "rms|sustain") == key("mix", "rms | sustain(0.30)")
    assert key("percussive", "rms") == key("mix", "percussive | rms")
    assert key("harmonic", "") == key("mix", "harmonic")


def test_what_sounds_different_has_an_artifact_of_its_own() -> None:
    keys = [
        key("mix", "rms"),
        key("mix", "novelty"),
        key("mix", "rms", song="another"),
        key("harmonic", "rms"),
        *(key(name, "rms") for name in STEMS),
        key("click.wav", "rms", "digest"),
        key("click.wav", "rms", "another digest"),
    ]
    assert len(set(keys)) == len(keys)
    assert key("drums", "rms") != fingerprint(signals.inputs("song", "drums", "rms", model="htdemucs_ft"))


def test_the_name_of_a_file_is_nothing_but_its_content_is() -> None:
    assert key("click.wav", "rms", "digest") == key("beats/click.flac", "rms", "digest")


def test_the_source_of_the_ingredients_is_what_make_wants_to_hear(store: Store) -> None:
    ingredients = signals.inputs("song", "percussive", "novelty")
    assert ingredients["source"] == "mix"
    signals.make(store, "a", ingredients, SOUND)
    wanted = compute(parse_chain("percussive | novelty"), SOUND)
    assert np.array_equal(np.array(signals.load(store, "a").values, dtype=np.float32), wanted.values)
    assert signals.inputs("song", "voice.wav", "rms", "digest")["source"] == signals.FILE


def test_the_longest_chain_may_have_any_source(store: Store) -> None:
    chain = canonical(parse_chain(" | ".join(["abs"] * 32)))
    signals.make(store, "a", signals.inputs("song", "harmonic", chain), SOUND)
    assert signals.load_steps(store, "a")[1].name == "harmonic"


def test_a_curve_is_read_back_as_it_was_computed(store: Store, made: str) -> None:
    curve = signals.load(store, made)
    wanted = compute(parse_chain(CHAIN), SOUND)
    times = [-1.0, 0.0, 0.0031, 0.5, 1.2345, 1.999, 2.0, 99.0]
    assert curve.sampled(times) == pytest.approx(wanted.at(times).tolist(), abs=1e-6)
    assert [curve.at(time) for time in times] == curve.sampled(times)
    assert curve.rate == wanted.rate


def test_a_moved_curve_keeps_its_time_axis(store: Store) -> None:
    chain = canonical(parse_chain("rms | delay(0.2503)"))
    signals.make(store, "a", signals.inputs("song", "mix", chain), SOUND)
    unmoved = compute(parse_chain("rms"), SOUND)
    times = np.arange(0.5, 2.0, 0.01)
    assert signals.load(store, "a").sampled(times.tolist()) == pytest.approx(unmoved.at(times - 0.2503), abs=1e-6)


def test_what_there_is_to_draw_is_kept_with_the_names_of_the_operations(store: Store, made: str) -> None:
    steps = signals.load_steps(store, made)
    assert [step.name for step in steps] == ["", "bandpass(40, 400)", "rms", "sustain(0.3)"]
    wanted = curves_after_each(parse_chain(CHAIN), SOUND)
    for step, curve in zip(steps, wanted, strict=True):
        assert np.array_equal(np.array(step.curve.values, dtype=np.float32), curve.values)


def test_a_song_of_no_length_has_a_curve(store: Store) -> None:
    signals.make(store, "a", signals.inputs("song", "mix", "rms"), SOUND[:0])
    assert signals.load(store, "a").sampled([0.0, 5.0]) == [0.0, 0.0]


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


def _one_value_less(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4])


def _not_a_number(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4] + np.float32(np.nan).tobytes())


def _beyond(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4] + np.float32(1.5).tobytes())


def _no_axis(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"rate": ', b'"rate": -', 1))


def _other_json(path: Path) -> None:
    path.write_bytes(b"[1]\n" + path.read_bytes().partition(b"\n")[2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _nothing_told(path: Path) -> None:
    path.write_bytes(b"[]\n")


@pytest.mark.parametrize(
    "damage",
    [_cut_short, _one_value_less, _not_a_number, _beyond, _no_axis, _other_json, _empty, _nothing_told, Path.unlink],
)
@pytest.mark.parametrize("name", ["curve", "steps"])
def test_a_damaged_curve_is_told_as_such(store: Store, made: str, name: str, damage: Callable[[Path], None]) -> None:
    damage(store.path(signals.STAGE, made) / name)
    with pytest.raises(ArtifactDamaged):
        (signals.load if name == "curve" else signals.load_steps)(store, made)


def test_what_is_stopped_leaves_nothing(store: Store, tmp_path: Path) -> None:
    def on_stage(operation: Operation) -> None:
        if operation.name == "sustain":
            raise Stopped

    with pytest.raises(Stopped):
        signals.make(store, "a", signals.inputs("song", "mix", CHAIN), SOUND, on_stage)
    assert not list(tmp_path.rglob("*"))


def test_a_curve_is_read_without_numpy(store: Store, made: str, tmp_path: Path) -> None:
    ask = (
        "import sys; from pathlib import Path; from vktrs.artifacts import Store; from vktrs.stages import signals\n"
        f"store = Store(Path({str(tmp_path)!r})); signals.inputs('song', 'drums', 'rms')\n"
        f"print(signals.load(store, {made!r}).at(1.0), len(signals.load_steps(store, {made!r})))\n"
        "assert not {'numpy', 'scipy', 'librosa'} & {name.partition('.')[0] for name in sys.modules}"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[0]) == pytest.approx(signals.load(store, made).at(1.0))


def test_a_sound_of_the_users_is_made_as_long_as_the_song() -> None:
    assert np.array_equal(signals.fitted(SOUND, 1.0), SOUND[:RATE])
    longer = signals.fitted(SOUND, 3.0)
    assert np.array_equal(longer[: len(SOUND)], SOUND)
    assert longer.shape == (3 * RATE,)
    assert not longer[len(SOUND) :].any()


def test_stems_are_kept_once_for_a_song_and_a_model(store: Store) -> None:
    ingredients = stems.inputs("song")
    assert fingerprint(ingredients) != fingerprint(stems.inputs("song", "htdemucs_ft"))
    assert fingerprint(ingredients) != fingerprint(stems.inputs("another"))
    parts = {name: np.full(5, index, dtype=np.float32) for index, name in enumerate(STEMS)}
    stems.make(store, "a", ingredients, parts)
    for name in STEMS:
        assert np.array_equal(stems.load(store, "a", name), parts[name])
    (store.path(stems.STAGE, "a") / "bass.npy").write_bytes(b"")
    with pytest.raises(ArtifactDamaged):
        stems.load(store, "a", "bass")
