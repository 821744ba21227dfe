"""What is imported when: nothing heavy before it is needed, and nothing of the screen in the library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import vktrs

HEAVY = {
    *("torch", "whisper", "diffusers", "transformers", "accelerate", "librosa", "ctranslate2", "faster_whisper"),
    *(
        "onnxruntime",
        "grpc",
        "ray",
        "yt_dlp",
        "av",
        "scipy",
        "numba",
        "sklearn",
        "fast_tsp",
        "imageio_ffmpeg",
        "ffmpeg",
    ),
    *("textual", "textual_image", "rich", "PIL", "pysubs2", "pynvml"),
    *("peft", "huggingface_hub", "safetensors", "stability_sdk", "httpx"),
}
PICTURES = {
    *("torch", "diffusers", "transformers", "accelerate", "peft", "huggingface_hub", "safetensors"),
    *("grpc", "stability_sdk", "google", "httpx", "numpy", "PIL"),
}
SCREEN = {"vktrs_tui", "textual", "rich", "click"}
LIBRARY = sorted(
    ".".join(path.relative_to(Path(vktrs.__file__).parents[1]).with_suffix("").parts).removesuffix(".__init__")
    for path in Path(vktrs.__file__).parent.rglob("*.py")
)


def imported(code: str) -> set[str]:
    """The top-level names of all modules that are there after `code`, in a new interpreter."""
    ask = f"{code}\nimport sys\nprint('IMPORTED', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", ask], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("IMPORTED")[2].split())


def test_what_counts_as_heavy_is_seen() -> None:
    assert "PIL" in imported("import PIL") & HEAVY


def test_the_bare_library_imports_nothing() -> None:
    assert not (imported("import vktrs") & (HEAVY | SCREEN | {"numpy", "tomlkit", "subprocess"}))


@pytest.mark.parametrize(
    "name", ["vktrs.expressions", "vktrs.plan", "vktrs.runs.status", "vktrs.runs.control", "vktrs.runs.library"]
)
def test_looking_at_a_project_needs_nothing_heavy(name: str) -> None:
    assert not (imported(f"import {name}") & (HEAVY | SCREEN | {"numpy"}))


def test_the_command_line_starts_with_nothing_heavy() -> None:
    every = "".join(f"\ncli.get_command(None, {name!r})" for name in COMMANDS)
    found = imported(f"from vktrs_tui.cli import cli{every}")
    assert not (found & (HEAVY | {"numpy"}))


COMMANDS = [
    "open",
    "new",
    "run",
    "follow",
    "status",
    "stop",
    "propose",
    "takes",
    "reroll",
    "import",
    "export",
    "order",
    "clean",
    "doctor",
    "demo",
]


@pytest.mark.parametrize("engine", ["cppn", "diffusers", "stability"])
def test_what_is_known_of_an_engine_before_it_is_opened_needs_nothing_heavy(tmp_path: Path, engine: str) -> None:
    asks = [
        f"registry.settled_options({engine!r}, {{}})",
        f"registry.size_inputs({engine!r}, {{}}, 512, 512)",
        f"registry.estimate({engine!r}, {{}}, 512, 512, 3, [7, 7, 7])",
        f"registry.keyframes_at_once({engine!r}), registry.is_paid({engine!r})",
    ]
    found = imported("\n".join(["from vktrs.engines import registry", *asks]))
    assert not (found & PICTURES)


def test_what_is_known_of_a_service_before_it_is_asked_needs_nothing_heavy() -> None:
    asks = ["transcription.settled_options({})", "transcription.problems({})", "transcription.sent_to({})"]
    found = imported("\n".join(["from vktrs.engines import transcription", *asks]))
    assert not (found & PICTURES)


@pytest.mark.parametrize("command", [["status"], ["status", "--json"], ["takes"], ["run", "--help"], ["stop"]])
@pytest.mark.parametrize("engine", ["diffusers", "stability"])
def test_a_short_command_needs_nothing_heavy(tmp_path: Path, engine: str, command: list[str]) -> None:
    (tmp_path / "storyboard.toml").write_text(
        f'schema = 1\n[song]\nsource = "a.mp3"\n[engines]\npictures = "{engine}"\n'
        '[[scenes]]\nid = "aa"\nstart = 0.0\ntext = "hello"\n'
    )
    found = imported(
        f"import os\nos.chdir({str(tmp_path)!r})\nfrom vktrs_tui.cli import main\nassert main({command!r}) == 0"
    )
    assert not (found & (HEAVY | {"numpy"}))


_LOOKED_AT = """
import asyncio
from pathlib import Path
from vktrs_tui.app import Studio

async def main():
    studio = Studio(Path({folder!r}), images={images!r})
    async with studio.run_test(size=(120, 40)) as pilot:
        def seen():
            return studio.screen.view.rows and studio.screen.desk.status is not None
        for _ in range(1500):
            if seen():
                break
            await pilot.pause(0.02)
        assert seen(), "the project was not opened"
        await pilot.press("j", "k", "tab", "f2", "f2", "n", "v", "escape", "right_square_bracket", "u")
        await pilot.press("space", "space", "question_mark", "escape", "f6", "escape", "at", "escape", "ctrl+r")
        for _ in range(1500):
            if getattr(studio.screen, "told_cost", False):
                break
            await pilot.pause(0.02)
        assert studio.screen.told_cost, "what a run takes was not told"
        await pilot.press("escape")

asyncio.run(main())
"""
_UNSEEN = (HEAVY | {"numpy"}) - {"textual", "rich"}


def looked_at(folder: Path, images: str, engine: str) -> set[str]:
    """What is imported by a studio in which somebody opens a project, looks around, edits a time and asks for a run."""
    (folder / "storyboard.toml").write_text(
        f'schema = 1\n[song]\nsource = "a.mp3"\n[engines]\npictures = "{engine}"\n'
        '[[scenes]]\nid = "aa"\nstart = 0.0\ntext = "hello"\n[[scenes]]\nid = "bb"\nstart = 2.0\npicture = "b.png"\n'
    )
    return imported(_LOOKED_AT.format(folder=str(folder), images=images))


def test_the_studio_starts_with_nothing_heavy() -> None:
    found = imported("import vktrs_tui.app, vktrs_tui.workspace.screen, vktrs_tui.widgets.preview")
    assert {"textual", "vktrs_tui"} <= found
    assert not (found & _UNSEEN)


@pytest.mark.parametrize(("images", "engine"), [("none", "diffusers"), ("halfcell", "stability")])
def test_a_studio_that_shows_no_picture_needs_nothing_heavy(tmp_path: Path, images: str, engine: str) -> None:
    # the GPUs are asked every few seconds, in a thread, and so may have been by then
    assert not (looked_at(tmp_path, images, engine) & (_UNSEEN - {"pynvml"}))


def test_no_module_of_the_library_knows_the_screen() -> None:
    found = imported("\n".join(f"import {name}" for name in LIBRARY))
    assert not (found & SCREEN)
    # nor does importing all of it bring an engine along
    assert not (found & {"torch", "whisper", "diffusers", "transformers", "librosa", "ctranslate2", "faster_whisper"})
    assert not (found & {"numba", "scipy", "yt_dlp", "av", "onnxruntime", "grpc", "ray", "fast_tsp"})
    assert not (found & {"accelerate", "peft", "huggingface_hub", "safetensors", "stability_sdk", "httpx"})


def test_every_public_name_can_be_had_and_none_is_hidden_by_a_submodule() -> None:
    code = "\n".join(
        [
            "import vktrs, importlib, types",
            *(f"import {name}" for name in LIBRARY),
            "for name in vktrs.__all__:",
            "    assert not isinstance(getattr(vktrs, name), types.ModuleType), name",
            "assert set(vktrs.__all__) <= set(dir(vktrs))",
        ]
    )
    imported(code)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = vktrs.nonsense  # type: ignore[attr-defined]
