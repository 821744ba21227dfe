"""What a run is asked for, chosen by keys: which scenes, up to which stage, with which pictures. It starts nothing.

A budget is asked for where pictures cost credits, a GPU where there are several and they make the pictures.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from vktrs.engines.registry import is_paid
from vktrs.errors import UsageError, VktrsError
from vktrs.runs.control import RunRequest
from vktrs.runs.estimate import Expected, budget_line
from vktrs.stages import STAGES
from vktrs_tui.costs import cost
from vktrs_tui.widgets.budget_input import BudgetInput
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.option_row import OptionRow
from vktrs_tui.widgets.plain_text import one_line
from vktrs_tui.widgets.stage_choice import StageChoice

_ALL, _SELECTION, _CURRENT = "all", "selection", "current"
_OWN, _ANIMATIC = "own", "cppn"
_PARTIAL = "partial"
_ANY_GPU = "any"
_ON_GPUS = "diffusers"
_MOST_RANGES = 4


class RunOptionsScreen(ModalScreen[RunRequest | None], TellsFailedWork):
    """Answers with a request, or with None where it was left.

    `current` and `selection` are ids of scenes; `numbers` tells their numbers in the table. `engine` is what the
    storyboard names, `gpus` how many there are, `expected` answers what a run would have to make. `told_cost` is
    whether what is chosen and its cost stood on the screen together.
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
        #run-told { height: auto; margin-top: 1; }
        #run-cost { height: auto; margin-bottom: 1; }
        #run-wrong { height: auto; color: $text-error; display: none; &.-said { display: block; } }
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
        engine: str = _ANIMATIC,
        gpus: int = 0,
        expected: Callable[[RunRequest], Awaitable[Expected]] | None = None,
    ) -> None:
        super().__init__()
        self._engine = engine
        self._gpus = gpus if gpus > 1 and engine == _ON_GPUS else 0
        self._expected = expected
        self.told_cost = False
        self._found: Expected | None = None
        self._current = current
        self._selection = tuple(selection)
        self._numbers = dict(numbers or {})
        self._to = to

    def compose(self) -> ComposeResult:
        """A row for each question, what will happen, and the keys."""
        first = _SELECTION if len(self._selection) > 1 else _ALL
        pictures = [(_OWN, f"{self._engine}, as the storyboard says"), (_ANIMATIC, "cppn animatic")]
        gpus = [(_ANY_GPU, "any"), *((f"cuda:{each}", str(each)) for each in range(self._gpus))]
        with VerticalScroll(can_focus=False) as box:
            box.border_title = "Run"
            yield from _row("scenes", OptionRow(self._scenes(), (first,), id="run-scenes"))
            yield from _row("up to", StageChoice(self._to, id="run-to"))
            yield from _row("pictures", OptionRow(pictures, (_OWN,), id="run-pictures"))
            yield from _row("lacking", OptionRow([(_PARTIAL, "stand-ins for it")], many=True, id="run-partial"))
            if self._gpus:
                yield from _row("GPU", OptionRow(gpus, (_ANY_GPU,), id="run-device"))
            if is_paid(self._engine):
                yield from _row("budget", BudgetInput(placeholder="credits at most", id="run-budget"))
            yield Static(id="run-told", markup=False)
            yield Static(id="run-cost", markup=False)
            yield Static(id="run-wrong", markup=False)
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
        """What will happen, in words; what it takes is worked out beside."""
        asked = self._chosen
        for row in self.query("#run-device, #run-budget"):
            if row.parent is not None:
                row.parent.display = asked.pictures is None
        self.query_one("#run-told", Static).update(told(asked))
        self._found, self.told_cost = None, False
        self.query_one("#run-cost", Static).update("")
        self._work_out(asked)

    @work(exclusive=True, exit_on_error=False)
    async def _work_out(self, asked: RunRequest) -> None:
        if self._expected is None:
            return
        try:
            self._found = await self._expected(asked)
        except (VktrsError, OSError):  # the run will say what is wrong
            return
        self.told_cost = True
        self._tell_cost()

    @on(Input.Changed)
    def _tell_cost(self) -> None:
        """What it takes and whether the budget suffices."""
        self.say_wrong("")
        if self._found is None:
            return
        budget = None
        try:
            budget = self._budget
        except UsageError as error:
            self.say_wrong(str(error))
        said = [cost(self._found)]
        if budget is not None and (line := budget_line(self._found, budget)):
            said.append(f"The budget is {line}.")
        self.query_one("#run-cost", Static).update(one_line(" ".join(said)))

    def say_wrong(self, text: str) -> None:
        """Below what it takes."""
        wrong = self.query_one("#run-wrong", Static)
        wrong.update(f"! {one_line(text)}" if text else "")
        wrong.set_class(bool(text), "-said")

    @property
    def request(self) -> RunRequest:
        """What is chosen now; UsageError where the budget is none."""
        asked = self._chosen
        return asked if asked.pictures is not None else replace(asked, device=self._device, budget=self._budget)

    @property
    def _device(self) -> str | None:
        value = self.query_one("#run-device", OptionRow).value if self._gpus else _ANY_GPU
        return None if value == _ANY_GPU else value

    @property
    def _budget(self) -> float | None:
        return self.query_one("#run-budget", BudgetInput).credits if is_paid(self._engine) else None

    @property
    def _chosen(self) -> RunRequest:
        """The same without the device and the budget."""
        scenes = self.query_one("#run-scenes", OptionRow).value
        chosen = {_SELECTION: self._selection, _CURRENT: (self._current or "",)}.get(scenes)
        animatic = self.query_one("#run-pictures", OptionRow).value == _ANIMATIC
        partial = bool(self.query_one("#run-partial", OptionRow).on)
        to = self.query_one("#run-to", StageChoice).value
        return RunRequest(to=to, scenes=chosen, partial=partial, pictures=_ANIMATIC if animatic else None)

    def action_start(self) -> None:
        """Answer with what is chosen, or say what is wrong with it."""
        try:
            request = self.request
        except UsageError as error:
            self.say_wrong(str(error))
            self.query_one("#run-budget").focus()
            return
        self.dismiss(request)

    @on(Input.Submitted)
    def submit(self) -> None:
        """Enter in the budget is Enter."""
        self.action_start()

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
