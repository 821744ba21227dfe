"""The doctor on the screen: says that it looks, then what it found; nothing it shows is markup."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from vktrs.engines.diffusion.options import DEFAULT_MODEL
from vktrs.errors import VktrsError
from vktrs.runs.doctor import Finding
from vktrs_tui.machine import examine, picture_words, speech_words
from vktrs_tui.screens.doctor import DoctorScreen

FINDINGS = (
    Finding("python", True, "3.11 at [/usr]/bin"),
    Finding("ffmpeg", False, "there is none", "install [it]"),
    Finding("GPU", None, "none"),
)
Look = Callable[[], Awaitable[Sequence[Finding]]]


def shown(app: App[None]) -> str:
    return "\n".join(str(each.content) for each in app.screen.query(Static))


def on_screen(look: Look, body: Callable[[App[None], Pilot[None]], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        app: App[None] = App()
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(DoctorScreen(look))
            await pilot.pause()
            await body(app, pilot)

    asyncio.run(run())


def test_it_says_that_it_looks_and_then_what_was_found() -> None:
    known = asyncio.Event()

    async def look() -> Sequence[Finding]:
        await known.wait()
        return FINDINGS

    async def body(app: App[None], pilot: Pilot[None]) -> None:
        assert "looking" in shown(app)
        known.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        told = shown(app)
        assert "looking" not in told
        for words in ("✓ works", "3.11 at [/usr]/bin", "✗ broken", "mend: install [it]", "· absent"):
            assert words in told

    on_screen(look, body)


def test_what_cannot_be_asked_is_said_and_can_be_asked_again() -> None:
    answers: list[Sequence[Finding] | VktrsError] = [VktrsError("it would [not] start."), FINDINGS]

    async def look() -> Sequence[Finding]:
        answer = answers.pop(0)
        if isinstance(answer, VktrsError):
            raise answer
        return answer

    async def body(app: App[None], pilot: Pilot[None]) -> None:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "it would [not] start." in shown(app)
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "it would" not in shown(app)
        assert "python" in shown(app)

    on_screen(look, body)


@pytest.mark.parametrize("key", ["escape", "q", "enter"])
def test_it_is_left_by_a_key_also_while_it_looks(key: str) -> None:
    async def look() -> Sequence[Finding]:
        await asyncio.Event().wait()
        return ()

    async def body(app: App[None], pilot: Pilot[None]) -> None:
        await pilot.press(key)
        assert not isinstance(app.screen, DoctorScreen)

    on_screen(look, body)


def test_the_machine_is_examined_by_the_command() -> None:
    names = {each.name for each in asyncio.run(examine())}
    assert {"python", "ffmpeg", "faster-whisper", "whisper", "speech models", "picture engines", "disk"} <= names


MODELS = Finding("speech models", True, "tiny.en (faster-whisper, 76 MB)")
NO_MODELS = Finding("speech models", None, "none on this machine", "give timed lyrics")
SPEECH_KEY = Finding("OPENAI_API_KEY", True, "set: OPENAI_API_KEY")
ABSENT = Finding("whisper", None, "not installed", "pip install '.[whisper]'")


@pytest.mark.parametrize(
    ("name", "findings", "words"),
    [
        ("auto", (), "takes the best"),
        ("auto", (MODELS,), "tiny.en"),
        ("auto", (NO_MODELS,), "give timed lyrics"),
        ("whisper", (ABSENT, MODELS), "not installed; pip install"),
        ("captions", (NO_MODELS,), "own captions"),
        ("none", (NO_MODELS,), "nobody listens"),
        ("api", (NO_MODELS, SPEECH_KEY), "is sent, OpenAI's or one like it; set"),
        ("api", (), "a service to which the song is sent"),
    ],
)
def test_a_speech_engine_is_told_by_what_this_machine_has(name: str, findings: tuple[Finding, ...], words: str) -> None:
    assert words in speech_words(name, findings)


ON_GPU = (
    Finding("diffusers", True, "installed"),
    Finding("torch", True, "2.13.0, CUDA 12.8"),
    Finding("GPU", True, "NVIDIA H200, 143771 MiB"),
)
CPU_TORCH = Finding("torch", False, "2.13.0+cpu, for the CPU alone, but there is a GPU", "pip install torch")
NO_PICTURE_MODELS = Finding("picture models", None, "none in /c (empty)")
OTHER_MODEL = Finding("picture models", True, "stabilityai/sdxl-turbo in /in c (7.0 GB)")
ITS_MODEL = Finding("picture models", True, f"a/b, {DEFAULT_MODEL} in /c (9.0 GB)")
KEY, NO_KEY = Finding("STABILITY_KEY", True, "set"), Finding("STABILITY_KEY", None, "not set")


@pytest.mark.parametrize(
    ("name", "findings", "words"),
    [
        ("cppn", (), "abstract pictures; needs no model and no GPU"),
        ("diffusers", (), "Stable Diffusion on this machine"),
        ("diffusers", (Finding("diffusers", None, "not installed: torch", "pip it"),), "not installed: torch; pip it"),
        ("diffusers", ON_GPU, "Stable Diffusion on this machine; on NVIDIA H200, 143771 MiB"),
        ("diffusers", (*ON_GPU[::2], CPU_TORCH), "for the CPU alone, but there is a GPU; pip install torch"),
        ("diffusers", (Finding("GPU", None, "none"),), "on a CPU a picture takes minutes"),
        ("diffusers", (NO_PICTURE_MODELS,), f"the first run fetches {DEFAULT_MODEL}, some gigabytes"),
        ("diffusers", (OTHER_MODEL,), f"fetches {DEFAULT_MODEL}, some gigabytes; here are stabilityai/sdxl-turbo"),
        ("diffusers", (ITS_MODEL,), "on this machine; its model is here"),
        ("stability", (), "by Stability AI's services; costs credits"),
        ("stability", (KEY,), "costs credits; the key is set"),
        ("stability", (NO_KEY,), "no key is set: `export STABILITY_KEY=...` before vktrs is started"),
        (
            "stability",
            (Finding("stability", None, "not installed: grpc", "pip it"), KEY),
            "not installed: grpc; pip it",
        ),
    ],
)
def test_a_picture_engine_is_told_by_what_this_machine_has(
    name: str, findings: tuple[Finding, ...], words: str
) -> None:
    assert picture_words(name, findings).endswith(words)


def test_what_the_form_tells_of_pictures_are_findings_of_the_doctor() -> None:
    names = {each.name for each in asyncio.run(examine())}
    assert {"diffusers", "stability", "torch", "picture models", "GPU", "STABILITY_KEY"} <= names
