"""The workspace itself: what it is made of, how it fits the terminal, and how snapshots reach its parts."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Resize
from textual.widgets import Static

from vktrs.project import Project
from vktrs.storyboard import retiming
from vktrs.timing import format_clock
from vktrs_tui.actions import ACTIONS, NEEDS, bindings
from vktrs_tui.clock import PlayClock
from vktrs_tui.desk import Desk
from vktrs_tui.messages import ProjectSeen
from vktrs_tui.view import View, heard_rows
from vktrs_tui.widgets.cell_editor import CellEditor
from vktrs_tui.widgets.find_bar import FindBar
from vktrs_tui.widgets.inspector import Inspector
from vktrs_tui.widgets.key_line import KeyLine
from vktrs_tui.widgets.message_line import MessageLine
from vktrs_tui.widgets.preview import Preview
from vktrs_tui.widgets.scene_table import SceneTable
from vktrs_tui.widgets.stage_panes import StagePanes
from vktrs_tui.widgets.timeline import Timeline
from vktrs_tui.workspace.editing import EditingActions
from vktrs_tui.workspace.making import MakingActions
from vktrs_tui.workspace.moving import MovingActions
from vktrs_tui.workspace.playing import TICK, PlayingActions
from vktrs_tui.workspace.seeing import SeeingActions
from vktrs_tui.workspace.structure import StructureActions
from vktrs_tui.workspace.taking import TakingActions
from vktrs_tui.workspace.timing import TimingActions

WIDE, MEDIUM = 160, 100
TALL = 34


class Workspace(
    MakingActions,
    PlayingActions,
    TimingActions,
    StructureActions,
    SeeingActions,
    EditingActions,
    TakingActions,
    MovingActions,
):
    """One project: timeline, storyboard, inspector, preview, panes of the stages."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings())
    # Textual declares these so that a ClassVar here would be another kind of variable
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (MEDIUM, "-medium"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012
    CSS = """
    Workspace { layout: vertical; layers: base over; }
    #state { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    #body { height: 1fr; layout: vertical; }
    #table { height: 1fr; width: 1fr; }
    #side { layout: horizontal; height: 12; border-top: solid $panel; }
    #inspector { width: 1fr; height: 100%; }
    #preview { width: 44; height: 100%; }
    #panes { height: auto; max-height: 8; border-top: solid $panel; }
    #editor { layer: over; }
    #small { display: none; width: 100%; height: 100%; content-align: center middle; }
    Workspace.-short #side { height: 9; }
    Workspace.-short #panes { max-height: 3; }
    Workspace.-wide #body { layout: horizontal; }
    Workspace.-wide #side { layout: vertical; width: 64; height: 100%; border-top: none; border-left: solid $panel; }
    Workspace.-wide #inspector { width: 100%; height: 1fr; }
    Workspace.-wide #preview { width: 100%; height: 24; }
    """

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.desk = Desk(project, self._told)
        self.clock = PlayClock(time.monotonic)
        self.run_view = None
        self.step = 1
        self.rolling = True

    def compose(self) -> ComposeResult:
        yield Static("", id="state", markup=False)
        yield Timeline(id="timeline")
        with Container(id="body"):
            yield SceneTable(id="table")
            with Container(id="side"):
                yield Inspector(id="inspector")
                yield Preview(mode=self.studio.images, id="preview")
        yield StagePanes(self.studio.keymap.shown("run.all").split("  ")[0], id="panes")
        yield FindBar(id="find")
        yield MessageLine(id="message")
        yield KeyLine(id="keys")
        yield CellEditor(id="editor")

    async def on_mount(self) -> None:
        self.ticker = self.set_interval(TICK, self.tick, pause=True)
        self.clock.offset = self.studio.settings.offset
        for fault in self.studio.keymap.faults[:1]:
            self.message_line.fail(fault)
        self.table.focus()
        self.studio.attend(self._open())

    async def _open(self) -> None:
        await self.desk.open()
        self.studio.attend(self.desk.watch_file())
        self.studio.attend(self.desk.watch_state())

    def on_unmount(self) -> None:
        self.desk.close()

    @on(Resize)
    def fit(self) -> None:
        """Inspector and preview have their place where there is one; in a small terminal a key brings them."""
        narrow = self.size.width < MEDIUM or self.size.height < TALL
        if narrow != getattr(self, "_narrow", None):
            self._narrow = narrow
            self.inspector.display = self.preview.display = not narrow
            self.query_one("#side").display = not narrow
        self.panes.compact = self.timeline.compact = self.size.height < TALL
        self.cell_editor.place(self.table.region, self.size)

    def _told(self, view: View, outside: bool) -> None:
        """The desk's word, from the event loop."""
        self.post_message(ProjectSeen(view, outside))

    @on(ProjectSeen)
    def show_project(self, event: ProjectSeen) -> None:
        """A new snapshot for all parts."""
        view = event.view
        self.show_rows()
        self.timeline.show(self.desk.song, view.rows, view.board.song.excerpt)
        self.clock.duration = view.duration
        self.show_run()
        self.show_scene()
        self.show_state()
        if view.fault is not None:
            where = f"line {view.fault.line}: " if view.fault.line else ""
            self.message_line.fail(f"{where}{view.fault.message} {view.fault.hint}")
        elif event.outside:
            self.say("storyboard.toml was changed outside; this is the newest.")
        self.changed()

    def show_rows(self) -> None:
        """The storyboard, or, while there is none yet, the lines that are being heard."""
        heard = self.run_view.heard if self.run_view is not None and self.run_view.alive else ()
        self.table.show(self.view.rows or heard_rows(heard))
        self.table.show_empty(_EMPTY_RUNNING if self.run_view and self.run_view.alive else _EMPTY)

    def changed(self) -> None:
        """Bindings and the line of keys."""
        self.refresh_bindings()
        self.query_one("#keys", KeyLine).show(self._key_pairs())

    def _key_pairs(self) -> tuple[tuple[str, str], ...]:
        keymap = self.studio.keymap
        if self.tapping is not None:
            return (("Space", "stamp"), ("Backspace", "take back"), ("Esc", "leave tap mode"))
        offered = [each for each in ACTIONS if each.footer and self.check_action(each.name, ())]
        order = sorted(offered, key=lambda each: _FOOTER.index(each.id) if each.id in _FOOTER else len(_FOOTER))
        return tuple((keymap.shown(each.id).split("  ")[0], each.label) for each in order)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what makes sense now is offered."""
        del parameters
        name = action.partition("(")[0]
        view = self.desk.view
        match NEEDS.get(name, ""):
            case "scenes":
                return bool(view.rows)
            case "edit":
                return bool(view.rows) and view.fault is None
            case "run":
                return self.run_view is not None and self.run_view.alive
            case "undo":
                return self.desk.undoable is not None
            case "proposal":
                return view.proposals > 0
            case "redo":
                return self.desk.redoable is not None
        return True

    def show_state(self) -> None:
        """The line at the top: project, song, where the clock is, and what mode the keys are in."""
        view = self.view
        title = view.board.song.title or self.desk.project.root.name
        parts = [self.desk.project.root.name, title] if title != self.desk.project.root.name else [title]
        if view.duration is not None:
            parts.append(f"{format_clock(self.clock.position, 1)} / {format_clock(view.duration, 1)}")
        parts.append(f"{len(view.rows)} scenes")
        problems = sum(bool(row.problems) for row in view.rows)
        if problems:
            parts.append(f"! {problems} with problems")
        if view.proposals:
            parts.append(f"{view.proposals} proposed: {self.studio.keymap.shown('proposals')}")
        if self.table.selected:
            parts.append(f"{len(self.table.selected)} selected")
        parts.append(f"step {retiming.STEPS[self.step].name}")
        if not self.rolling:
            parts.append("not rolling")
        if self.filtered:
            parts.append(f"only {self.filtered}")
        if self.tapping is not None:
            parts.append("TAP")
        if view.fault is not None:
            parts.append("READ-ONLY: the file has a fault")
        self.query_one("#state", Static).update("  ·  ".join(parts))

    @on(SceneTable.SelectionChanged)
    def show_selection(self) -> None:
        """The line at the top tells how many are selected."""
        self.timeline.show_selection(self.table.selected)
        self.show_state()

    def action_leave(self) -> None:
        """One step back: out of tap mode, a range, the marks, the filter."""
        if self.tapping is not None:
            self.end_tapping()
        elif self.table.selected:
            self.clear_selection()
        elif self.filtered:
            self.show_everything()
        elif self.matches:
            self.stop_finding()
        self.table.focus()
        self.show_state()
        self.changed()


_EMPTY = "No scenes yet: A makes them from the song, Ctrl+E opens the file."
_EMPTY_RUNNING = "No scenes yet: the song is being read and heard."
_FOOTER = (
    "edit.cell",
    "help",
    "run.stop",
    "run.all",
    "edit.undo",
    "scene.split",
    "find",
    "problem.next",
    "play.toggle",
    "run.some",
    "view.inspector",
    "quit",
)
