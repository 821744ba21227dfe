"""The workspace itself: what it is made of, how it fits the terminal, and how snapshots reach its parts."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.widgets import Static

from vktrs.project import Project
from vktrs.storyboard import retiming
from vktrs.timing import format_clock
from vktrs_tui.actions import ACTIONS, NEEDS, bindings
from vktrs_tui.clock import PlayClock
from vktrs_tui.consent import Consent
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
from vktrs_tui.workspace.cells import CellActions
from vktrs_tui.workspace.cutting import CuttingActions
from vktrs_tui.workspace.editing import EditingActions
from vktrs_tui.workspace.hearing import HearingActions
from vktrs_tui.workspace.looping import LoopingActions
from vktrs_tui.workspace.making import MakingActions
from vktrs_tui.workspace.moving import MovingActions
from vktrs_tui.workspace.musical import MusicalActions
from vktrs_tui.workspace.own_editor import OwnEditorActions
from vktrs_tui.workspace.playing import TICK, PlayingActions
from vktrs_tui.workspace.seeing import SeeingActions
from vktrs_tui.workspace.signalling import SignallingActions
from vktrs_tui.workspace.structure import StructureActions
from vktrs_tui.workspace.taking import TakingActions
from vktrs_tui.workspace.timing import TimingActions

WIDE, MEDIUM = 160, 100
TALL, SHORT = 34, 14
LEAST = (30, 8)
"""Columns and lines; in a smaller terminal nothing could be read."""
COMFORT = "60x15"


class Workspace(
    MakingActions,
    PlayingActions,
    TimingActions,
    LoopingActions,
    MusicalActions,
    SignallingActions,
    StructureActions,
    CuttingActions,
    SeeingActions,
    EditingActions,
    OwnEditorActions,
    CellActions,
    TakingActions,
    HearingActions,
    MovingActions,
):
    """One project: timeline, storyboard, inspector, preview, panes of the stages."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings())
    # Textual declares these so that a ClassVar here would be another kind of variable
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (MEDIUM, "-medium"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (SHORT, "-short"), (TALL, "-tall")]  # noqa: RUF012
    CSS = """
    Workspace { layout: vertical; layers: base over top; overflow: hidden; }
    #state { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    #body { height: 1fr; layout: vertical; }
    #table { height: 1fr; width: 1fr; }
    #side { layout: horizontal; height: 50%; min-height: 12; max-height: 22; border-top: solid $panel; }
    #inspector { width: 1fr; height: 100%; padding-left: 1; }
    #preview { width: 46; height: 100%; padding: 0 1; }
    #panes { height: auto; max-height: 8; padding: 0 1; border-top: solid $panel; }
    #editor { layer: over; }
    #small { layer: top; display: none; width: 100%; height: 100%; content-align: center middle; text-align: center; }
    Workspace.-small #small { display: block; background: $background; }
    Workspace.-tiny #timeline, Workspace.-tiny #panes { display: none; }
    Workspace.-tiny #side { height: 50%; }
    Workspace.-short #side { height: 60%; min-height: 6; }
    Workspace.-short #panes { max-height: 2; border-top: none; }
    Workspace.-narrow #preview { width: 36; }
    #side.-picture #preview { width: 100%; }
    Workspace.-wide #body { layout: horizontal; }
    Workspace.-wide #side {
        layout: vertical; width: 35%; height: 100%; max-height: 100%; border-top: none; border-left: solid $panel;
    }
    Workspace.-wide #inspector { width: 100%; height: 1fr; }
    Workspace.-wide #preview { width: 100%; height: 50%; border-top: solid $panel; }
    Workspace.-wide #side.-picture #preview { height: 100%; border-top: none; }
    """

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.desk = Desk(project, self._told)
        self.clock = PlayClock(time.monotonic)
        self.run_view = None
        self.consent = Consent()
        self.tapping = None
        self._shown = View()
        self._narrow: bool | None = None
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
        yield StagePanes(self.key("run.all"), id="panes")
        yield FindBar(id="find")
        yield MessageLine(id="message")
        yield KeyLine(id="keys")
        yield CellEditor(id="editor")
        yield Static(_SMALL, id="small", markup=False)

    async def on_mount(self) -> None:
        self.ticker = self.set_interval(TICK, self.tick, pause=True)
        self.clock.offset = self.studio.settings.offset
        if (keymap := self.studio.keymap).told:
            (self.message_line.fail if keymap.faults else self.say)(keymap.told)
        self.table.focus()
        self.attend(self._open())

    async def _open(self) -> None:
        await self.desk.open()
        self.attend(self.desk.watch_file())
        self.attend(self.desk.watch_state())

    def on_unmount(self) -> None:
        self.desk.close()

    @on(Resize)
    def fit(self) -> None:
        """Inspector and preview have their place where there is one; in a small terminal a key brings them."""
        narrow = self.size.width < MEDIUM or self.size.height < TALL
        if narrow != self._narrow:
            self._narrow = narrow
            self.inspector.display = self.preview.display = not narrow
            self.query_one("#side").display = not narrow
            self.query_one("#side").remove_class("-picture")
            self.show_scene()
        self.set_class(self.size.width < LEAST[0] or self.size.height < LEAST[1], "-small")
        self.panes.compact = self.timeline.compact = self.size.height < TALL
        self.timeline.query("*").refresh()  # a part that was only moved would keep what it showed elsewhere
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
        self.show_signals()
        if view.fault is not None:
            # the file is the one that is open: its folder would only push the rest out of the line
            message = view.fault.message.replace(f"{self.desk.project.root}{os.sep}", "")
            where = f"line {view.fault.line}: " if view.fault.line and f":{view.fault.line}:" not in message else ""
            self.message_line.fail(f"{where}{message} {view.fault.hint}")
        elif event.outside:
            self.say(self._what_changed(view))
        elif self._shown.fault is not None:
            self.say("storyboard.toml can be read again.")
        if view.rows and not self._shown.rows:
            self.table.first()
        self._shown = view
        self.changed()

    def _what_changed(self, view: View) -> str:
        """A change by others in words; what the worker writes in the first run is no surprise."""
        before, running = self._shown, self.run_view is not None and self.run_view.alive
        if before.fault is not None:
            return "storyboard.toml can be read again."
        if running and view.rows and not before.rows:
            return f"The song was heard: {len(view.rows)} scenes are on the storyboard."
        if running and view.board.scenes == before.board.scenes and view.board.engines != before.board.engines:
            return f"{view.board.engines.speech} hears the words; it is written into the storyboard."
        return "storyboard.toml was changed outside; this is the newest."

    def show_rows(self) -> None:
        """The storyboard, or, while there is none yet, the lines that are being heard."""
        heard = self.run_view.heard if self.run_view is not None and self.run_view.alive else ()
        self.table.show(self.view.rows or heard_rows(heard))
        running = self.run_view is not None and self.run_view.alive
        make = f"No scenes yet: {self.key('run.all')} makes them from the song, {self.opens_file}."
        broken = f"storyboard.toml cannot be read; {self.opens_file}." if self.view.fault is not None else None
        self.table.show_empty(broken or (_EMPTY_RUNNING if running else make))

    def changed(self) -> None:
        """Bindings and the line of keys."""
        self.refresh_bindings()
        self.query_one("#keys", KeyLine).show(self._key_pairs())

    def _key_pairs(self) -> tuple[tuple[str, str], ...]:
        keymap = self.studio.keymap
        if self.cell_editor.is_open:
            return (("Enter", "keep"), ("Tab", "keep, next cell"), ("Esc", "leave as it was"))
        if self.inspector.has_focus:
            hide = keymap.first("view.inspector")
            return (("j k", "move"), ("Enter", "edit the field"), (hide, "hide"), ("Esc", "back to the table"))
        if self.tapping is not None:
            tapping = (("play.toggle", "stamp"), ("stamp.back", "take back"), ("select.none", "leave tap mode"))
            return tuple((keymap.first(action_id), label) for action_id, label in tapping)
        offered = [each for each in ACTIONS if each.footer and self.check_action(each.name, ())]
        order = sorted(offered, key=lambda each: _FOOTER.index(each.id) if each.id in _FOOTER else len(_FOOTER))
        return tuple((keymap.first(each.id), each.label) for each in order)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what makes sense now is offered."""
        del parameters
        if not self.is_mounted:  # a key that was pressed ahead, before there is a table to act on
            return False
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
                return self.desk.undoable is not None and view.fault is None
            case "proposal":
                return view.proposals + view.left_out + view.heard + view.heard_left > 0
            case "redo":
                return self.desk.redoable is not None and view.fault is None
        return True

    def show_state(self) -> None:
        """The line at the top: project, what mode the keys are in, where the clock is; the rarest word stands first."""
        name = self.desk.project.root.name
        parts: list[tuple[str, str]] = [(name, "bold")]
        for text, style in (*self._modes(), *((fact, "") for fact in self._facts(name))):
            parts += [("  ·  ", ""), (text, style)]
        line, content = self.query_one("#state", Static), Content.assemble(*parts)
        if not isinstance(line.content, Content) or not line.content.is_same(content):
            line.update(content, layout=False)  # a layout paints every scroll bar again, more than a kilobyte

    def _modes(self) -> Iterator[tuple[str, str]]:
        """What is not as usual, each with its style."""
        if self.view.fault is not None:
            yield "READ-ONLY: the file has a fault", "bold $text-error"
        if self.tapping is not None:
            yield "TAP", "bold $text-accent"
        if self.table.selected:
            yield f"{len(self.table.selected)} selected", "bold"
        if self.filtered:
            yield f"only {self.filtered}", "bold"
        if self.clock.rate != 1:
            yield f"clock ×{self.clock.rate:g}", "bold"
        if not self.rolling:
            yield "not rolling", "bold"

    def _facts(self, name: str) -> Iterator[str]:
        """Where the clock is, and what there is."""
        view = self.view
        if view.duration is not None:
            tenths = 0 if self.clock.playing else 1  # while it runs the timeline shows them, for half as many bytes
            yield f"{format_clock(self.clock.position, tenths)} / {format_clock(view.duration, 1)}"
        yield f"{len(view.rows)} scene{'' if len(view.rows) == 1 else 's'}"
        problems = sum(bool(row.problems) for row in view.rows)
        if problems:
            yield f"! {problems} with problems"
        if view.proposals:
            yield f"{view.proposals} proposed: {self.key('proposals')}"
        if view.heard:
            yield f"{view.heard} heard again: {self.key('proposals')}"
        yield f"step {retiming.STEPS[self.step].name}"
        if view.board.song.title not in ("", None, name):
            yield str(view.board.song.title)

    @on(SceneTable.SelectionChanged)
    def show_selection(self) -> None:
        """The line at the top tells how many are selected."""
        self.timeline.show_selection(self.table.selected)
        self.show_state()

    @on(DescendantFocus)
    def show_keys(self) -> None:
        """The line of keys tells those of what has the focus."""
        self.changed()

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


_SMALL = f"Make the terminal larger: {COMFORT} at least."
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
