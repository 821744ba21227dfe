"""A line in which a path is typed, with its completion: Tab or the right arrow takes what is shown dim.

It lists folders, off the screen's thread, and opens no file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Collection
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

_MOST_NAMES = 20_000


def expand(text: str, base: Path) -> Path:
    """The path that a person means: blanks around it are none of it, `~` is a home folder, and it begins at `base`."""
    path = Path(text.strip())
    with contextlib.suppress(RuntimeError):  # ~name of nobody here: a file that is called so
        path = path.expanduser()
    return base / path


def complete(text: str, base: Path, suffixes: Collection[str] | None = None) -> str | None:
    """The text with its last name made whole, a folder's with a slash; None where nothing begins so.

    Only folders and files with one of these `suffixes` (lower case, with a dot; None: any; empty: folders only).
    After a slash nothing is offered, so that a folder may be left as it is.
    """
    head, _, begun = text.rpartition("/")
    if text == "~":
        return "~/"
    if not begun or begun in (".", ".."):
        return None
    folder = expand(f"{head}/", base) if "/" in text else base
    for name in _names(folder, begun):
        is_folder = (folder / name).is_dir()
        if is_folder or suffixes is None or Path(name).suffix.lower() in suffixes:
            found = text[: len(text) - len(begun)] + name + ("/" if is_folder else "")
            return found if found != text else None
    return None


def _names(folder: Path, begun: str) -> list[str]:
    """The names in a folder that begin so, the whole name before longer ones."""
    try:
        names = os.listdir(folder)[:_MOST_NAMES]
    except (OSError, ValueError):
        return []
    return sorted(name for name in names if name.startswith(begun) and name.isprintable())


class PathSuggester(Suggester):
    """Offers `complete` to an Input; see there for `base` and `suffixes`."""

    def __init__(self, base: Path, suffixes: Collection[str] | None = None) -> None:
        super().__init__(use_cache=False, case_sensitive=True)  # folders change while a person types
        self._base = base
        self._suffixes = suffixes

    async def get_suggestion(self, value: str) -> str | None:
        """The whole path that `value` begins."""
        return await asyncio.to_thread(complete, value, self._base, self._suffixes)


class PathInput(Input):
    """An Input for a path; Tab completes while there is something to complete, and goes on otherwise."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "Complete", show=False)]

    def __init__(
        self,
        value: str = "",
        *,
        base: Path,
        suffixes: Collection[str] | None = None,
        placeholder: str = "",
        id: str | None = None,
    ) -> None:
        self._completion = PathSuggester(base, suffixes)
        super().__init__(value, placeholder=placeholder, suggester=self._completion, select_on_focus=False, id=id)
        self._base = base

    @property
    def path(self) -> Path | None:
        """The path that is meant; None while nothing is written."""
        return expand(self.value, self._base) if self.value.strip() else None

    def fill(self, text: str) -> None:
        """Write something into the line for the person, who goes on behind it."""
        self.value = text
        self.cursor_position = len(text)

    async def action_complete(self) -> None:
        """Take the completion; where there is none, go on to the next field."""
        found = await self._completion.get_suggestion(self.value) if self.cursor_at_end else None
        if found is None:
            self.screen.focus_next()
        else:
            self.fill(found)
