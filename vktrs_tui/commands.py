"""The command palette: every action of the table by name, with its keys and its id; only what makes sense now."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from vktrs_tui.actions import ACTIONS, PROJECTS, Action
from vktrs_tui.screens.projects import ProjectsScreen

if TYPE_CHECKING:
    from vktrs_tui.app import Studio


class StudioCommands(Provider):
    """Actions for the palette."""

    async def discover(self) -> Hits:
        for action in self._offered():
            yield DiscoveryHit(self._title(action), self._run(action), help=_help(action))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._offered():
            title = self._title(action)
            score = max(matcher.match(title), matcher.match(_help(action)) * 0.8)
            if score > 0:
                yield Hit(score, Text(title), self._run(action), help=_help(action))

    def _offered(self) -> Iterator[Action]:
        from vktrs_tui.workspace.screen import Workspace

        if isinstance(self.screen, Workspace):
            for action in ACTIONS:
                if self.screen.check_action(action.name.partition("(")[0], ()):
                    yield action
        elif isinstance(self.screen, ProjectsScreen):
            yield from PROJECTS.actions

    def _title(self, action: Action) -> str:
        studio: Studio = self.app  # type: ignore[assignment]
        keys = studio.keymap.shown(action.id)
        return f"{action.label}: {keys}" if keys else action.label

    def _run(self, action: Action) -> Callable[[], Coroutine[Any, Any, None]]:
        return partial(self.screen.run_action, action.name)


def _help(action: Action) -> str:
    """The sentence, and at its end the id for `keys.toml`."""
    return f"{action.help} · {action.id}"
