"""What a run is asked for, chosen by keys: which scenes, up to which stage, with which pictures. It starts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from vktrs.runs.control import RunRequest
from vktrs.stages import STAGES
from vktrs_tui.widgets.option_row import OptionRow

_ALL, _SELECTION, _CURRENT = "all", "selection", "current"
_OWN, _ANIMATIC = "own", "cppn"
_PARTIAL = "partial"
_MOST_RANGES = 4


class StageChoice(Widget, can_focus=True):
    """`‹ clips ›`: one of the stages, stepped through by left and right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Stage before", show=False),
        Binding("right,l", "step(1)", "Next stage", show=False),
        Binding("home,0", "end(0)", "First stage", show=False),
        Binding("end,dollar_sign", "end(-1)", "Last stage", show=False),
    ]
    DEFAULT_CSS = """
    StageChoice {
        height: 1;
        width: 1fr;
        &:focus { text-style: reverse; width: auto; }
    }
    """

    class Changed(Message):
        """Another stage is chosen."""

    def __init__(self, stage: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self._at = STAGES.index(stage)

    @property
    def value(self) -> str:
        """The stage that is chosen."""
        return STAGES[self._at]

    def action_step(self, by: int) -> None:
        """So many stages further; it stays at the first and the last."""
        self._choose(self._at + by)

    def action_end(self, at: int) -> None:
        """The first (0) or the last (-1)."""
        self._choose(at % len(STAGES))

    def on_click(self) -> None:
        """A click goes on to the next, and from the last to the first."""
        self._choose((self._at + 1) % len(STAGES))

    def _choose(self, at: int) -> None:
        at = max(0, min(at, len(STAGES) - 1))
        if at != self._at:
            self._at = at
            self.refresh(layout=True)
            self.post_message(self.Changed())

    def render(self) -> str:
        """The stage between the signs of what can be stepped to."""
        before, after = "‹" if self._at else " ", "›" if self._at < len(STAGES) - 1 else " "
        return f"{before} {self.value} {after}"


class RunOptionsScreen(ModalScreen[RunRequest | None]):
    """Answers with a request, or with None where it was left.

    `current` and `selection` are ids of scenes; `numbers` tells their numbers in the table.
    """

    CSS = """
    RunOptionsScreen {
        align: center middle;
        & > VerticalScroll {
            width: 76;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            border: round $primary;
            padding: 0 1;
            background: $surface;
        }
        Horizontal { height: 1; }
        .run-label { width: 10; color: $text-muted; }
        #run-told { height: auto; margin: 1 0; }
        #run-keys { height: auto; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "start", "Start"),
        Binding("escape,q", "leave", "Leave"),
        Binding("down,j", "app.focus_next", "Next line", show=False),
        Binding("up,k", "app.focus_previous", "Line before", show=False),
    ]

    def __init__(
        self,
        current: str | None = None,
        selection: Sequence[str] = (),
        numbers: Mapping[str, int] | None = None,
        to: str = "video",
    ) -> None:
        super().__init__()
        self._current = current
        self._selection = tuple(selection)
        self._numbers = dict(numbers or {})
        self._to = to

    def compose(self) -> ComposeResult:
        """A row for each question, what will happen, and the keys."""
        first = _SELECTION if len(self._selection) > 1 else _ALL
        pictures = [(_OWN, "as the storyboard says"), (_ANIMATIC, "cppn animatic")]
        with VerticalScroll(can_focus=False) as box:
            box.border_title = "Run"
            yield from _row("scenes", OptionRow(self._scenes(), (first,), id="run-scenes"))
            yield from _row("up to", StageChoice(self._to, id="run-to"))
            yield from _row("pictures", OptionRow(pictures, (_OWN,), id="run-pictures"))
            yield from _row("lacking", OptionRow([(_PARTIAL, "stand-ins for it")], many=True, id="run-partial"))
            yield Static(id="run-told", markup=False)
            yield Static(
                "j k line   h l choose   space switch   Enter starts   Esc leaves", id="run-keys", markup=False
            )

    def _scenes(self) -> list[tuple[str, str]]:
        options = [(_ALL, "all")]
        if self._selection:
            options.append((_SELECTION, f"selection ({self._named(self._selection)})"))
        if self._current is not None and self._selection != (self._current,):
            options.append((_CURRENT, f"this one ({self._named((self._current,))})"))
        return options

    def _named(self, ids: Sequence[str]) -> str:
        """`4, 7-9`: their numbers in the table; how many where that would be long."""
        numbers = sorted(self._numbers[each] for each in ids if each in self._numbers)
        ranges: list[tuple[int, int]] = []
        for number in numbers:
            if ranges and number == ranges[-1][1] + 1:
                ranges[-1] = (ranges[-1][0], number)
            else:
                ranges.append((number, number))
        if not ranges or len(ranges) > _MOST_RANGES:
            return str(len(ids)) if len(ids) > 1 else ids[0]
        return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)

    def on_mount(self) -> None:
        """The first row has the focus."""
        self.query_one("#run-scenes").focus()
        self._tell()

    @on(OptionRow.Changed)
    @on(StageChoice.Changed)
    def _tell(self) -> None:
        """What will happen, in words."""
        self.query_one("#run-told", Static).update(told(self.request))

    @property
    def request(self) -> RunRequest:
        """What is chosen now."""
        scenes = self.query_one("#run-scenes", OptionRow).value
        chosen = {_SELECTION: self._selection, _CURRENT: (self._current or "",)}.get(scenes)
        animatic = self.query_one("#run-pictures", OptionRow).value == _ANIMATIC
        partial = bool(self.query_one("#run-partial", OptionRow).on)
        to = self.query_one("#run-to", StageChoice).value
        return RunRequest(to=to, scenes=chosen, partial=partial, pictures=_ANIMATIC if animatic else None)

    def action_start(self) -> None:
        """Answer with what is chosen."""
        self.dismiss(self.request)

    def action_leave(self) -> None:
        """Leave it: nothing is started."""
        self.dismiss(None)


def _row(label: str, row: Widget) -> ComposeResult:
    with Horizontal():
        yield Static(label, classes="run-label", markup=False)
        yield row


def told(request: RunRequest) -> str:
    """What such a run does, in a sentence or two."""
    count = len(request.scenes) if request.scenes is not None else 0
    whose = "every scene" if request.scenes is None else "one scene" if count == 1 else f"{count} scenes"
    if request.to in STAGES[:4]:
        said = f"Listens to the song, up to {request.to}; no pictures."
    elif request.to == "video":
        said = f"Makes what is stale or missing for {whose}, and joins the video once all are there."
    else:
        said = f"Makes what is stale or missing for {whose}, up to {request.to}; no video."
    if request.pictures is not None:
        into = f", into output.{request.pictures}.mp4" if request.to == "video" else ""
        said += f" The pictures are by {request.pictures}{into}; those of the storyboard's own engine stay."
    if request.partial:
        said += " output.partial.mp4 shows stand-ins where scenes are lacking."
    return said
