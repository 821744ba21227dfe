"""`vktrs signals`: what there is, and what a chain makes of a song, saved or not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.real.commands import answer, vktrs
from tests.real.projects import change
from tests.real.test_loops import click_project
from tests.real.worker_forks import Forks
from vktrs.runs.previewing import MOST_VALUES
from vktrs_tui.cli.signals import drawn

SIGNALS = """
[signals.pulse]
source = "mix"
chain = "bandpass(40, 3000) | rms | sustain(0.3)"
[signals.unused]
source = "drums"

[[scenes]]
"""


@pytest.fixture(scope="module")
def heard(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clicks at 120, read; a signal that a field of [look] and one of a scene use, and one that nothing does."""
    folder = click_project(tmp_path_factory.mktemp("signals") / "song", 120)
    change(folder, "\n[[scenes]]\n", SIGNALS)
    change(folder, 'loop = "beat"', 'zoom = "1 + 0.02 * pulse"')
    change(folder, 'text = "on the beat"', 'text = "on the beat"\nangle = "pulse"')
    assert forks.run(folder, to="song").code == 0
    return folder


@pytest.fixture
def folder(heard: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(heard, tmp_path / "song"))


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Any:
    return json.loads(answer(capsys, "signals", *arguments, "--json")[0])


def test_the_signals_of_a_project(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = answer(capsys, "signals", folder)
    assert out.splitlines() == [
        "pulse   mix: bandpass(40, 3000) | rms | sustain(0.3)  (not made yet; look.zoom, scene 1 angle)",
        "unused  drums: rms  (made when it is used; not used)",
    ]
    pulse, unused = told(capsys, folder)
    assert pulse == {
        "name": "pulse",
        "source": "mix",
        "chain": "bandpass(40, 3000) | rms | sustain(0.3)",
        "made": False,
        "used_by": ["look.zoom", "scene 1 angle"],
    }
    assert (unused["made"], unused["used_by"]) == (False, [])


def test_a_signal_after_each_operation(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(capsys, folder, "pulse")
    assert set(shown) == {"name", "source", "chain", "duration", "made", "steps", "used_by"}
    assert (shown["name"], shown["duration"], shown["made"]) == ("pulse", 8.0, False)
    assert [step["operation"] for step in shown["steps"]] == ["", "bandpass(40, 3000)", "rms", "sustain(0.3)"]
    for step in shown["steps"]:
        assert 100 < len(step["values"]) <= MOST_VALUES
        assert all(0 <= value <= 1 for value in step["values"])
        assert (len(step["values"]) - 1) / step["rate"] + step["offset"] == pytest.approx(8.0, abs=0.05)
    last = shown["steps"][-1]
    click = round((2.25 - last["offset"]) * last["rate"])
    assert last["values"][click] > 3 * last["values"][click - round(0.1 * last["rate"])]


def test_what_a_run_made_is_the_same_as_what_was_computed(
    folder: Path, forks: Forks, capsys: pytest.CaptureFixture[str]
) -> None:
    before = told(capsys, folder, "pulse")
    change(folder, "[look]", '[look]\nanimation = "img2img"')
    assert forks.run(folder, to="signals").code == 0
    after = told(capsys, folder, "pulse")
    assert (before["made"], after["made"]) == (False, True)
    assert after["steps"] == before["steps"]
    assert "made; look.zoom" in answer(capsys, "signals", folder)[0]
    (curve,) = (folder / ".vktrs/cache/signals").glob("*/steps")
    curve.write_bytes(b"damaged")
    assert told(capsys, folder, "pulse")["steps"] == before["steps"]


def test_status_has_a_stage_of_signals_where_the_storyboard_has_some(
    folder: Path, forks: Forks, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def stages(project: Path) -> dict[str, tuple[str, int, int]]:
        found = json.loads(answer(capsys, "status", project, "--json")[0])["stages"]
        return {each["name"]: (each["state"], each["done"], each["total"]) for each in found}

    assert "signals" not in stages(click_project(tmp_path / "plain", 120))
    assert stages(folder)["signals"] == ("fresh", 0, 0), "no scene moves, so nothing is asked for"
    change(folder, "[look]", '[look]\nanimation = "img2img"')
    assert stages(folder)["signals"] == ("missing", 0, 1)
    assert forks.run(folder, to="signals").code == 0
    assert stages(folder)["signals"] == ("fresh", 1, 1)
    change(folder, "sustain(0.3)", "sustain(0.4)")
    out = answer(capsys, "status", folder)[0]
    assert 'pulse: chain "…" -> ' not in out and "sustain(0.3)" in out and "sustain(0.4)" in out


def test_a_chain_that_is_not_saved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "storyboard.toml").read_bytes(), sorted((folder / ".vktrs/cache").glob("*/*"))
    shown = told(capsys, folder, "--chain", "rms|pow( 2 )", "--source", "percussive")
    assert (shown["name"], shown["source"], shown["chain"]) == (None, "percussive", "rms | pow(2)")
    assert [step["operation"] for step in shown["steps"]] == ["", "percussive", "rms", "pow(2)"]
    other = told(capsys, folder, "pulse", "--chain", "rms")
    assert (other["name"], other["chain"], len(other["steps"])) == ("pulse", "rms", 2)
    new = told(capsys, folder, "new", "--chain", "rms", "--source", "mix")
    assert (new["name"], new["used_by"], new["steps"]) == ("new", [], other["steps"])
    assert ((folder / "storyboard.toml").read_bytes(), sorted((folder / ".vktrs/cache").glob("*/*"))) == before


def test_a_sound_of_the_user_s(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(folder / "song.wav", folder / "mine.wav")
    shown = told(capsys, folder, "--source", "mine.wav", "--chain", "rms")
    assert shown["steps"][-1]["values"] == pytest.approx(
        told(capsys, folder, "--chain", "rms")["steps"][-1]["values"], abs=0.02
    )


def test_it_is_drawn(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "64")
    lines = answer(capsys, "signals", folder, "pulse")[0].splitlines()
    assert lines[1] == "used by look.zoom, scene 1 angle"
    curve = lines[lines.index("sustain(0.3)") + 1]
    assert len(curve) == 64 and curve.count("█") >= 10
    assert lines[-1] == "0:00" + " " * 56 + "0:08"


def test_a_terminal_without_blocks_gets_signs_of_its_own(folder: Path) -> None:
    out = vktrs("signals", folder, "pulse", env={"PYTHONIOENCODING": "ascii"}).stdout
    assert out.isascii() and "\\u" not in out and "#" in out


def test_one_argument_is_a_folder_or_a_signal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert told(capsys, "pulse")["name"] == "pulse"
    assert [each["name"] for each in told(capsys)] == ["pulse", "unused"]
    assert [each["name"] for each in told(capsys, ".")] == ["pulse", "unused"]
    monkeypatch.chdir(folder.parent)
    assert "storyboard.toml" in answer(capsys, "signals", "pulse", code=3)[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nothing"], 2, "there is no signal `nothing`."),
        (["nothing", "--chain", "rms"], 2, "there is no signal `nothing`."),
        (["--chain", "rms | boom"], 3, "character 7"),
        (["--chain", "rms | bandpass(1, 2)"], 3, "character 7: bandpass works on sound"),
        (["--chain", "bandpass(1)"], 3, "character"),
        (["--source", "nowhere.wav"], 3, "the sound nowhere.wav is not there"),
        (["unused"], 4, ""),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    arguments: list[str], code: int, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = answer(capsys, "signals", folder, *arguments, code=code)
    assert out == "" and said in err


def test_without_demucs_it_is_said_how_to_get_it(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    assert "demucs, which is not installed" in answer(capsys, "signals", folder, "unused", code=4)[1]


def test_before_the_song_is_read_it_is_said_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = click_project(tmp_path / "song", 120)
    assert "vktrs run --to song" in answer(capsys, "signals", folder, "--chain", "rms", code=2)[1]
    assert "No signals yet" in answer(capsys, "signals", folder)[1]
    assert told(capsys, folder) == []


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([0.0, 0.5, 1.0], 80, "▁▅█"),
        ([0.0, 0.2, 1.0, 0.0], 2, "▂█"),
        ([0.124, 0.126], 80, "▁▂"),
        ([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], 3, "▁█▁"),
    ],
)
def test_no_peak_is_lost_in_a_drawing(values: list[float], width: int, line: str) -> None:
    assert drawn(values, width) == line
