"""The one table of what a person can do in the studio: bindings, footer, help, palette and remapping come from it.

It names actions and says nothing of how they are done: the method `action_<name>` of the workspace does that, for the
rows of `PROJECTS` one of the list of projects (`app.<name>`: of the app).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

Needs = Literal["", "scenes", "edit", "run", "undo", "redo", "proposal"]
"""What has to be there for an action to make sense; where it is not, the action is not offered."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: a stable id for `keys.toml`, its keys (Textual's names), the method, a word and a sentence."""

    id: str
    keys: str
    name: str
    label: str
    help: str
    needs: Needs = ""
    footer: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Actions that belong together, under a title for the help."""

    title: str
    actions: tuple[Action, ...]


def _themes() -> tuple[Action, ...]:
    digits = (
        Action(f"theme.{n}", str(n), f"assign_theme({n})", f"Theme {n}", f"Give the selection theme {n}", "edit")
        for n in range(1, 10)
    )
    none = Action("theme.none", "0", "assign_theme(0)", "No theme", "The selection follows the rule again", "edit")
    section = Action(
        "theme.section",
        "asterisk",
        "theme_section",
        "Theme of section",
        "Give every scene of this one's section a theme",
        "edit",
    )
    return (*digits, none, section)


GROUPS: tuple[Group, ...] = (
    Group(
        "Move",
        (
            Action("cursor.down", "j,down", "cursor_down", "Down", "To the next scene", "scenes"),
            Action("cursor.up", "k,up", "cursor_up", "Up", "To the scene before", "scenes"),
            Action("cursor.page_down", "pagedown,ctrl+d", "page_down", "Page down", "A page down", "scenes"),
            Action("cursor.page_up", "pageup,ctrl+u", "page_up", "Page up", "A page up", "scenes"),
            Action("cursor.first", "g,home", "first", "First", "To the first scene", "scenes"),
            Action("cursor.last", "G,end", "last", "Last", "To the last scene", "scenes"),
            Action("cursor.right", "tab,right", "next_column", "Next cell", "To the next cell", "scenes"),
            Action("cursor.left", "shift+tab,left", "previous_column", "Cell before", "To the cell before", "scenes"),
            Action("problem.next", "n,f8", "next_problem", "Problem", "To the next problem", "scenes", footer=True),
            Action(
                "problem.previous",
                "N,shift+f8",
                "previous_problem",
                "Problem before",
                "To the problem before",
                "scenes",
            ),
            Action(
                "find",
                "slash",
                "find",
                "Find",
                "Find in lyrics and prompts, or go to a number or time",
                "scenes",
                footer=True,
            ),
            Action("find.next", "full_stop", "next_match", "Next match", "To the next match", "scenes"),
            Action("find.previous", "comma", "previous_match", "Match before", "To the match before", "scenes"),
            Action(
                "filter",
                "f",
                "filter",
                "Filter",
                "Show only matches, problems, what is stale, the selection, or all",
                "scenes",
            ),
        ),
    ),
    Group(
        "Select",
        (
            Action("select.range", "v", "select_range", "Range", "Begin or end a range of scenes", "scenes"),
            Action("select.mark", "apostrophe", "toggle_mark", "Mark", "Mark this scene, or unmark it", "scenes"),
            Action("select.all", "ctrl+a", "select_all", "All", "Mark every scene", "scenes"),
            Action("select.invert", "V", "invert_selection", "Invert", "Mark what is not marked", "scenes"),
            Action("select.none", "escape", "leave", "Leave", "Leave: the range, the marks, the filter, tap mode"),
        ),
    ),
    Group(
        "Edit",
        (
            Action("edit.cell", "enter", "edit_cell", "Edit", "Edit the cell in place", "edit", footer=True),
            Action("edit.prompt", "e", "edit_in_editor", "$EDITOR", "Edit the cell's text in $EDITOR", "edit"),
            Action("edit.file", "ctrl+e", "edit_file", "Whole file", "Edit storyboard.toml in $EDITOR"),
            Action("edit.field", "F", "set_field", "Set field", "Set any field of the selection", "edit"),
            Action("edit.replace", "R", "find_replace", "Replace", "Find and replace, with a preview", "edit"),
            *_themes(),
            Action(
                "edit.loop",
                "at",
                "loop",
                "Loop",
                "How long a round of pictures lasts: a beat, a bar, as it is held",
                "edit",
            ),
            Action("edit.seed", "r", "new_seed", "New picture", "A new seed: another picture at the next run", "edit"),
            Action(
                "edit.lock", "L", "toggle_lock", "Lock", "Keep the selection out of all proposals, or let it in", "edit"
            ),
            Action("edit.undo", "u,ctrl+z", "undo", "Undo", "Take back your last edit", "undo", footer=True),
            Action("edit.redo", "U,ctrl+y", "redo", "Redo", "Do again what you took back", "redo"),
        ),
    ),
    Group(
        "Scenes",
        (
            Action("scene.split", "s", "split", "Split", "Split at a word, or at the playhead", "edit", footer=True),
            Action("scene.merge", "m", "merge", "Merge", "Join with the next scene, or the whole selection", "edit"),
            Action(
                "scene.insert_before",
                "i",
                "insert_before",
                "Insert before",
                "A new scene in the second half of the one before",
                "edit",
            ),
            Action(
                "scene.insert_after",
                "o",
                "insert_after",
                "Insert after",
                "A new scene in the second half of this one",
                "edit",
            ),
            Action("scene.insert_here", "I", "insert_here", "Insert here", "A new scene at the playhead"),
            Action("scene.duplicate", "y", "duplicate", "Duplicate", "A copy behind this scene, with its seed", "edit"),
            Action(
                "scene.delete",
                "x,delete",
                "delete",
                "Delete",
                "Delete the selection; the scene before takes its time",
                "edit",
            ),
            Action(
                "scene.cut_anew",
                "X",
                "cut_anew",
                "Cut anew ...",
                "Propose scenes by line, pause, stanza, words or seconds; shown first",
            ),
        ),
    ),
    Group(
        "Time",
        (
            Action(
                "time.start_earlier",
                "left_square_bracket",
                "nudge_start(-1)",
                "Start earlier",
                "Start earlier by the step",
                "edit",
            ),
            Action(
                "time.start_later",
                "right_square_bracket",
                "nudge_start(1)",
                "Start later",
                "Start later by the step",
                "edit",
            ),
            Action(
                "time.end_earlier",
                "left_curly_bracket",
                "nudge_end(-1)",
                "End earlier",
                "The line ends earlier by the step",
                "edit",
            ),
            Action(
                "time.end_later",
                "right_curly_bracket",
                "nudge_end(1)",
                "End later",
                "The line ends later by the step",
                "edit",
            ),
            Action("time.step", "plus", "cycle_step", "Step", "The next step: 10, 50, 100, 500 ms, a frame, a beat"),
            Action("time.snap", "b", "snap_start", "Snap start", "Starts of the selection to the nearest beat", "edit"),
            Action(
                "time.snap_all", "Q", "snap", "Snap ...", "Starts to beats or bars; what moves is shown first", "edit"
            ),
            Action("time.snap_end", "B", "snap_end", "Snap end", "Ends of the selection to the nearest beat", "edit"),
            Action(
                "time.lead_in",
                "c",
                "lead_in",
                "Lead in",
                "Start a step before the line is sung, if nothing is in the way",
                "edit",
            ),
            Action("time.lead_out", "C", "lead_out", "Lead out", "Let the line stay a step longer", "edit"),
            Action("time.extend", "E", "extend", "Extend", "The line lasts until the next scene", "edit"),
            Action("time.shift", "h", "shift", "Shift", "Shift this, the selection, from here on, or all", "edit"),
            Action(
                "time.two_points",
                "H",
                "two_points",
                "Two points",
                "Stretch times so that two scenes land where they belong",
                "edit",
            ),
            Action(
                "time.rolling",
                "l",
                "toggle_rolling",
                "Rolling",
                "A moved start takes the end of the line before along, or not",
            ),
        ),
    ),
    Group(
        "Play (a clock: start the song on your own machine at the same moment)",
        (
            Action(
                "play.toggle",
                "space",
                "toggle_play",
                "Play",
                "Start or stop the clock; in tap mode: stamp",
                footer=True,
            ),
            Action("play.row", "p", "play_row", "Play scene", "Play this scene", "scenes"),
            Action(
                "play.context", "P", "play_context", "With context", "Play this scene with a second around it", "scenes"
            ),
            Action("play.back", "less_than_sign", "seek(-1)", "Back", "A second back"),
            Action("play.forward", "greater_than_sign", "seek(1)", "Forward", "A second forward"),
            Action("play.slower", "minus", "play_rate(-1)", "Slower", "Slower clock"),
            Action("play.faster", "equals_sign", "play_rate(1)", "Faster", "Faster clock"),
            Action(
                "play.offset", "O", "set_offset", "Offset", "Seconds from player to ear; negative: you hear it late"
            ),
            Action("stamp.start", "a", "stamp_start", "Start here", "The scene starts at the playhead", "edit"),
            Action("stamp.end", "d", "stamp_end", "End here", "The line ends at the playhead", "edit"),
            Action(
                "stamp.tap",
                "t",
                "tap_mode",
                "Tap",
                "Tap mode: Space stamps a start and goes on, Backspace takes it back",
                "edit",
            ),
            Action(
                "stamp.back", "backspace", "tap_back", "Tap back", "Take the last stamp back and rewind two seconds"
            ),
            Action("stamp.untime", "z", "untime", "Un-time", "Spread everything after the playhead evenly", "edit"),
            Action(
                "view.zoom_in", "right_parenthesis", "zoom(1)", "Zoom in", "The timeline shows less, in more detail"
            ),
            Action("view.zoom_out", "left_parenthesis", "zoom(-1)", "Zoom out", "The timeline shows more"),
            Action("view.zoom_all", "Z", "zoom(0)", "Whole song", "The timeline shows the whole song"),
            Action("view.earlier", "ctrl+left", "pan(-1)", "Earlier", "The timeline shows what comes before"),
            Action("view.later", "ctrl+right", "pan(1)", "Later", "The timeline shows what comes next"),
        ),
    ),
    Group(
        "Make",
        (
            Action(
                "run.all",
                "A",
                "make_all",
                "Make all",
                "Make everything that is stale or missing, up to the video",
                footer=True,
            ),
            Action(
                "run.some", "M", "make_some", "Make these", "Make this scene, or the selection", "scenes", footer=True
            ),
            Action(
                "run.options",
                "ctrl+r",
                "run_options",
                "Run ...",
                "Choose scenes, stage, cppn animatic, device, budget of credits",
            ),
            Action(
                "run.stop",
                "S",
                "stop_run",
                "Stop",
                "Stop after the picture in hand; nothing finished is lost",
                "run",
                footer=True,
            ),
            Action("run.log", "ctrl+l", "show_log", "Log", "What the run said"),
            Action("takes", "T", "show_takes", "Takes", "The pictures made for this scene so far", "scenes"),
            Action(
                "takes.new",
                "Y",
                "new_take",
                "New take",
                "Make another picture for this scene, and leave the chosen one",
                "scenes",
            ),
            Action(
                "hear",
                "W",
                "hear_again",
                "Hear again",
                "Hear the scene, the selection or the song again: another model, another language",
            ),
            Action(
                "proposals",
                "D",
                "show_proposals",
                "Proposals",
                "What the machine would change, line by line",
                "proposal",
            ),
        ),
    ),
    Group(
        "See",
        (
            Action(
                "view.inspector",
                "f2",
                "toggle_inspector",
                "Inspector",
                "Every field of the scene, and why it is stale",
                footer=True,
            ),
            Action("view.preview", "f3", "toggle_preview", "Preview", "Show or hide the picture"),
            Action(
                "view.watch", "w", "watch_cycle", "Watch", "Play the scene's cycle of pictures, or stop it", "scenes"
            ),
            Action("view.stages", "f4", "toggle_stages", "Stages", "Show or hide what runs and what is stale"),
            Action(
                "signals",
                "f6,J",
                "show_signals",
                "Signals",
                "Curves that the music gives: their chains, and who uses them",
            ),
            Action("view.refresh", "f5", "refresh_all", "Refresh", "Look at the files and draw the screen again"),
            Action("projects", "ctrl+o", "show_projects", "Projects", "Other projects, or a new one"),
            Action("doctor", "f9", "show_doctor", "Doctor", "What works on this machine"),
            Action("help", "question_mark,f1", "show_help", "Keys", "Every key", footer=True),
            Action("palette", "colon", "show_palette", "Commands", "Everything by name, with its id for keys.toml"),
            Action("quit", "q,ctrl+q", "leave_studio", "Leave", "Leave; a run goes on without you", footer=True),
        ),
    ),
)
"""Everything the workspace can do, in the order of the help."""

ACTIONS: tuple[Action, ...] = tuple(action for group in GROUPS for action in group.actions)

PROJECTS = Group(
    "Projects",
    (
        Action("projects.new", "n", "new", "New", "A new project from a song or a URL", footer=True),
        Action("projects.open", "o", "open", "Open", "Open a folder that is a project", footer=True),
        Action("projects.sample", "t", "sample", "Sample", "A project of the sample song", footer=True),
        Action("projects.forget", "x", "forget", "Forget", "Take it off this list; nothing is removed", footer=True),
        Action("projects.refresh", "f5", "look_again", "Refresh", "Look again how far everything is"),
        Action("projects.doctor", "d,f9", "doctor", "Doctor", "What works on this machine", footer=True),
        Action("projects.help", "question_mark,f1", "app.show_help", "Keys", "Every key", footer=True),
        Action(
            "projects.palette",
            "colon",
            "app.command_palette",
            "Commands",
            "Everything by name, with its id for keys.toml",
        ),
        Action("projects.quit", "q,ctrl+q", "app.leave_studio", "Leave", "Leave; a run goes on", footer=True),
    ),
)
"""Everything the list of projects can do beside moving in it."""

PROJECT_LIST_KEYS: tuple[tuple[str, str, str], ...] = (
    ("j,down", "Down", "To the next line"),
    ("k,up", "Up", "To the line before"),
    ("pagedown,pageup", "Page", "A page down, a page up"),
    ("g,home", "First", "To the first line"),
    ("G,end", "Last", "To the last line"),
    ("enter", "Open", "Open the project at the cursor, or do what the line says"),
)
"""Keys, word and sentence of what the list's own widget does; these stay as they are."""

SCOPES: tuple[tuple[Action, ...], ...] = (ACTIONS, PROJECTS.actions)
"""The actions that share a keyboard: within one of these a key does one thing."""

NEEDS: dict[str, Needs] = {action.name.partition("(")[0]: action.needs for action in ACTIONS}
"""What each method needs, by its name without arguments."""


def bindings(actions: Iterable[Action] = ACTIONS) -> list[Binding]:
    """The actions as Textual's bindings; ids are those of the table, so that keys can be given anew."""
    return [
        Binding(action.keys, action.name, action.label, show=action.footer, tooltip=action.help, id=action.id)
        for action in actions
    ]
