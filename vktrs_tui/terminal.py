"""Whether the studio can be shown on this terminal. It only looks at what it is given, and imports no screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ImagesWanted = Literal["auto", "kitty", "sixel", "halfcell", "none"]
"""What `--images` may say; `vktrs_tui.images` knows what it means."""

_UNABLE = ("", "dumb", "unknown")
_INSTEAD = "`vktrs run DIR` and `vktrs status DIR` need no screen."


def refusal(environ: Mapping[str, str], *streams_are_terminals: bool) -> tuple[str, str] | None:
    """Why the studio cannot be shown, and what can be done instead, as sentences; None where it can.

    `streams_are_terminals` says it of stdin, stdout and stderr (on which the screen is drawn).
    """
    if not all(streams_are_terminals):
        return "the studio needs a terminal to draw on and a keyboard.", _INSTEAD
    kind = environ.get("TERM", "")
    if kind.lower() in _UNABLE:
        what = f"TERM={kind} is a terminal" if kind else "TERM is not set, so this is taken for a terminal"
        return f"{what} that cannot move its cursor.", f"{_INSTEAD} Or set TERM, as in TERM=xterm-256color."
    return None
