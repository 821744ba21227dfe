"""What is to be heard again, by which model and in which language. It starts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static

from vktrs.engines.speech_models import FoundModel
from vktrs.runs.control import HearWish, RunRequest
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.widgets.option_row import OptionRow

_OWN = "own"
_ALL, _SELECTION = "all", "selection"
_MOST_MODELS = 3
"""As many stand in the row; the others are typed."""


class HearAgainScreen(Dialog[RunRequest]):
    """Dismissed with the request for a run.

    `models` lie on this machine, the best first; `model` and `language` are what the storyboard says, in words;
    `scenes` are the ids of those that are selected, which `named` names.
    """

    TITLE = "Hear again"
    KEYS = "↑↓ rows · ←→ choose · Enter hears · Esc leaves"
    AUTO_FOCUS = "OptionRow"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Hear", show=False),
        Binding("down", "app.focus_next", "Next row", show=False),
        Binding("up", "app.focus_previous", "Row before", show=False),
    ]
    DEFAULT_CSS = """
    HearAgainScreen {
        & > #frame { max-width: 84; }
        & #told { height: auto; min-height: 2; margin: 1 0 0 0; }
    }
    """

    def __init__(
        self, models: Sequence[FoundModel], model: str, language: str, scenes: Sequence[str], named: str
    ) -> None:
        super().__init__()
        self._models = {f"m{place}": each for place, each in enumerate(models)}
        self._own, self._language = model, language
        self._scenes = tuple(scenes)
        self._named = named

    def body(self) -> ComposeResult:
        """A row for each question, and what will happen."""
        here = [(key, each.name) for key, each in list(self._models.items())[:_MOST_MODELS]]
        what = [(_SELECTION, self._named)] if self._scenes else []
        names = [each.name for each in self._models.values()]
        other = Input(id="other", placeholder="another by its name, a folder or a .pt file")
        other.suggester = SuggestFromList(names, case_sensitive=False)
        yield from _row(
            "What", OptionRow([*what, (_ALL, "the whole song")], (what[0][0] if what else _ALL,), id="what")
        )
        yield from _row("Model", OptionRow([(_OWN, f"as it is ({self._own})"), *here], (_OWN,), id="model"))
        yield from _row("", other)
        yield from _row(
            "Language", Input(id="language", placeholder=f"as it is ({self._language}); en, de, ... or auto")
        )
        yield Static("", id="told", markup=False)

    def on_mount(self) -> None:
        """Say at once what will happen."""
        for line in self.query(Input):
            line.cursor_blink = False
        self._tell()

    @property
    def request(self) -> RunRequest:
        """What is chosen now; a name that is typed is meant more than one that is on."""
        typed = self.query_one("#other", Input).value.strip()
        found = self._models.get(self.query_one("#model", OptionRow).value)
        wish = HearWish.typed(
            found.engine if found and not typed else None,
            typed or (found.name if found else None),
            self.query_one("#language", Input).value,
        )
        scenes = self._scenes if self.query_one("#what", OptionRow).value == _SELECTION else None
        return RunRequest("words", scenes, hear=wish)

    @on(OptionRow.Changed)
    @on(Input.Changed)
    def _tell(self) -> None:
        """What will happen, in words."""
        request = self.request
        assert request.hear is not None
        what = self._named if request.scenes is not None else "the whole song"
        model, language = request.hear.model or self._own, request.hear.language or self._language
        said = f"Hears {what} again with {model}, language {language}. Nothing in the file changes by that: what would"
        self.query_one("#told", Static).update(f"{said} is shown line by line, and what you wrote stays.")

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Answer with what is chosen."""
        self.dismiss(self.request)


def _row(caption: str, content: Widget) -> ComposeResult:
    with Horizontal(classes="row"):
        yield Static(caption, classes="caption", markup=False)
        yield content
