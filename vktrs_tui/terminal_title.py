"""The title of the terminal's window: what it says of a run, and how it gets there.

Textual has no call for it (`App.title` is only the header), but an app may be given a driver class, and a driver's
`write` is public. Whatever is written by it stands in the same queue as the screen, so it cannot fall into the
middle of another sequence, as it could where it was written beside the app.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from types import new_class
from typing import Any

from textual.driver import Driver

from vktrs.errors import Stopped
from vktrs_tui.view import RunView

_MOST_CELLS = 120
_KEEP = "\x1b[22;2t"  # XTWINOPS: the terminal puts its title on a stack ...
_GIVE_BACK = "\x1b[23;2t"  # ... and takes it from there; both are ignored where they are unknown

Write = Callable[[str], object]


def title_of(project_name: str, run: RunView | None) -> str:
    """`vktrs: daisy_bell 42 %`; "done", "failed", "stopped" or "died" once the run is over, the name before one."""
    state = "" if run is None else f" {_state(run)}"
    return f"vktrs: {project_name}{state}"


def _state(run: RunView) -> str:
    if run.died:
        return "died"
    if run.alive:
        share = _share(run)
        return "runs" if share is None else f"{share} %"
    return {0: "done", Stopped.exit_code: "stopped"}.get(run.exit or 0, "failed")


def _share(run: RunView) -> int | None:
    """How far the stage is that is furthest behind, in whole percent; None where nothing is counted yet."""
    shares = [stage.done / stage.total for stage in run.stages if stage.state == "begun" and stage.total > 0]
    return int(100 * min(shares)) if shares else None


def set_terminal_title(text: str, write: Write) -> None:
    """Set the window's title; characters that a terminal would obey, or that turn the line round, are left out."""
    shown = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    write(f"\x1b]2;{shown[:_MOST_CELLS]}\x07")


class TerminalTitle:
    """The title of the terminal that an app is drawn on; the terminal has its own again when the app leaves.

    Given to the app before it starts: `App(driver_class=title.driver_class(base))`, or by overriding
    `App.get_driver_class`. Where the app is not on a terminal (tests, before the start), nothing is written. After
    the app was suspended it has to be shown again.
    """

    def __init__(self) -> None:
        self._write: Write | None = None
        self._shown = ""

    def driver_class(self, base: type[Driver]) -> type[Driver]:
        """The driver `base`, whose title is ours while the app is on the screen."""

        def start_application_mode(driver: Driver) -> None:
            base.start_application_mode(driver)
            self._write = driver.write

        def stop_application_mode(driver: Driver) -> None:
            if self._shown:
                driver.write(_GIVE_BACK)
            self._write, self._shown = None, ""
            base.stop_application_mode(driver)

        def body(names: dict[str, Any]) -> None:
            names["start_application_mode"] = start_application_mode
            names["stop_application_mode"] = stop_application_mode

        return new_class(f"Titled{base.__name__}", (base,), exec_body=body)

    def show(self, text: str) -> None:
        """Say that, unless it says so already."""
        if self._write is None or text == self._shown:
            return
        if not self._shown:
            self._write(_KEEP)
        self._shown = text
        set_terminal_title(text, self._write)
