"""Which terminals the studio is shown on, and what the others are told."""

from __future__ import annotations

import pytest

from vktrs_tui.terminal import refusal


@pytest.mark.parametrize("term", ["xterm", "xterm-256color", "screen-256color", "tmux-256color", "linux", "foot"])
def test_a_terminal_that_can_be_drawn_on_is_taken(term: str) -> None:
    assert refusal({"TERM": term}, True, True, True) is None


@pytest.mark.parametrize("environ", [{}, {"TERM": ""}, {"TERM": "dumb"}, {"TERM": "DUMB"}, {"TERM": "unknown"}])
def test_a_terminal_that_cannot_move_its_cursor_is_refused_by_name(environ: dict[str, str]) -> None:
    told = refusal(environ, True, True, True)
    assert told is not None
    message, hint = told
    assert "TERM" in message
    assert "vktrs status" in hint
    assert "vktrs run" in hint


@pytest.mark.parametrize("without", [0, 1, 2])
def test_without_a_keyboard_or_a_screen_it_says_what_needs_none(without: int) -> None:
    told = refusal({"TERM": "xterm"}, *(stream != without for stream in range(3)))
    assert told is not None
    message, hint = told
    assert "needs a terminal" in message
    assert "vktrs status" in hint
