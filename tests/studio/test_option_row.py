"""A row of options shows the one at the cursor at any width, and tells where it goes on."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import App, ComposeResult

from vktrs_tui.widgets.option_row import OptionRow

SPEECH = ("auto", "faster-whisper", "whisper", "captions", "api", "none")


class Host(App[None]):
    """Holds one row."""

    def compose(self) -> ComposeResult:
        yield OptionRow([(each, each) for each in SPEECH], id="row")


def shown(row: OptionRow) -> str:
    return row.render_line(0).text


@pytest.mark.parametrize("width", [30, 64, 73, 74, 100])
def test_what_is_chosen_is_seen(width: int) -> None:
    async def play() -> None:
        app = Host()
        async with app.run_test(size=(width, 5)) as pilot:
            row = app.query_one(OptionRow)
            row.focus()
            for name in (*SPEECH[1:], SPEECH[0], *SPEECH[:0:-1]):
                row.choose(name)
                await pilot.pause()
                assert f"(•) {name}" in shown(row)
                assert len(shown(row)) == width
                assert shown(row).startswith("‹ ") == (") auto" not in shown(row))
            row.choose("auto")
            assert shown(row).endswith(" ›") == (width < 74)

    asyncio.run(play())


def test_a_click_switches_what_is_seen_there() -> None:
    async def play() -> None:
        app = Host()
        async with app.run_test(size=(40, 5)) as pilot:
            row = app.query_one(OptionRow)
            row.choose("none")
            await pilot.pause()
            await pilot.click(OptionRow, offset=(shown(row).index("api"), 0))
            assert row.value == "api"

    asyncio.run(play())
