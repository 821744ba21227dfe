"""The doctor on the screen: says that it looks, then what it found; nothing it shows is markup."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

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
ABSENT = Finding("whisper", None, "not installed", "pip install '.[whisper]'")


@pytest.mark.parametrize(
    ("name", "findings", "words"),
    [
        ("auto", (), "takes the best"),
        ("auto", (MODELS,), "tiny.en"),
        ("auto", (NO_MODELS,), "give timed lyrics"),
        ("whisper", (ABSENT, MODELS), "not installed; pip install"),
        ("none", (NO_MODELS,), "nobody listens"),
    ],
)
def test_a_speech_engine_is_told_by_what_this_machine_has(name: str, findings: tuple[Finding, ...], words: str) -> None:
    assert words in speech_words(name, findings)


def test_a_picture_engine_that_this_version_lacks_is_told_so() -> None:
    here = (Finding("picture engines", True, "cppn, other"),)
    assert "not part of this version" in picture_words("diffusers", here)
    assert "no model" in picture_words("cppn", here)
    assert picture_words("diffusers", ()) == ""
