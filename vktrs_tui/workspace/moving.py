"""Moving through the table, selecting, finding and filtering."""

from __future__ import annotations

from collections.abc import Callable

from textual import on

from vktrs.errors import VktrsError
from vktrs.storyboard.replacing_text import Match, find
from vktrs.timing import parse_clock
from vktrs_tui.view import SceneRow
from vktrs_tui.widgets.find_bar import FindBar
from vktrs_tui.workspace.base import WorkspaceBase


class MovingActions(WorkspaceBase):
    """The cursor, the selection, and what is shown of the table."""

    matches: tuple[Match, ...] = ()
    filtered: str = ""

    def action_cursor_down(self) -> None:
        self.table.move_by(1)

    def action_cursor_up(self) -> None:
        self.table.move_by(-1)

    def action_page_down(self) -> None:
        self.table.page(1)

    def action_page_up(self) -> None:
        self.table.page(-1)

    def action_first(self) -> None:
        self.table.first()

    def action_last(self) -> None:
        self.table.last()

    def action_next_column(self) -> None:
        self.table.move_column(1)

    def action_previous_column(self) -> None:
        self.table.move_column(-1)

    def action_next_problem(self) -> None:
        self._to_problem(1)

    def action_previous_problem(self) -> None:
        self._to_problem(-1)

    def _to_problem(self, step: int) -> None:
        row = self._next_row(step, lambda row: bool(row.problems))
        if row is None:
            self.say(f"No problems.{self._left_out()}")
            return
        self.table.move_to(row.id)
        problem = row.problems[0]
        more = f" (and {len(row.problems) - 1} more)" if len(row.problems) > 1 else ""
        self.say(f"Scene {row.number}: {problem.text} {problem.hint}{more}")

    def _left_out(self) -> str:
        """How much was heard and left out as invented, which is a problem of no scene."""
        status = self.desk.status
        count = len(status.left_out) if status is not None else 0
        lines = f"{count} line{'' if count == 1 else 's'}"
        return f" Left out as invented: {lines}; `vktrs status` lists them." if count else ""

    def _next_row(self, step: int, fits: Callable[[SceneRow], bool]) -> SceneRow | None:
        """The next line in that direction that fits, round the end; the one under the cursor comes last."""
        rows = self.view.rows
        here = self.view.index(self.table.cursor_id) or 0
        places = ((here + step * away) % len(rows) for away in range(1, len(rows) + 1))
        return next((rows[place] for place in places if fits(rows[place])), None)

    def action_select_range(self) -> None:
        if self.table.range_on:
            self.table.end_range()
        else:
            self.table.start_range()

    def action_toggle_mark(self) -> None:
        if self.table.cursor_id is not None:
            self.table.toggle_mark(self.table.cursor_id)
            self.table.move_by(1)

    def action_select_all(self) -> None:
        self.table.select_all()

    def action_invert_selection(self) -> None:
        self.table.invert()

    def action_find(self) -> None:
        self.find_bar.open()

    @property
    def find_bar(self) -> FindBar:
        return self.query_one("#find", FindBar)

    @on(FindBar.Changed)
    def look_for(self, event: FindBar.Changed) -> None:
        """Light up the matches while the person types, and go to the nearest."""
        self._light(event.text)
        self._show_matches(event.filtering)
        self.find_bar.tell(_counted(len(self.matches)) if event.text else "")
        if self.matches:
            self._to_match(0)

    @on(FindBar.Stepped)
    def step_on(self, event: FindBar.Stepped) -> None:
        """On to the next match while the bar is open."""
        self._to_match(event.by)

    def _show_matches(self, only: bool) -> None:
        """Only the scenes that match, or all of them again."""
        if only and self.matches:
            self.filtered = "matches"
            self.table.show_only({each.scene_id for each in self.matches})
        elif self.filtered == "matches":
            self.show_everything()

    @on(FindBar.Accepted)
    def found(self, event: FindBar.Accepted) -> None:
        """Go to a scene's number, a time, or the first match."""
        self.table.focus()
        place = self._named_place(event.text)
        if place is not None:
            self.table.move_to(self.view.rows[place].id)
            return
        self._light(event.text)
        self._show_matches(event.filtering)
        if event.text and not self.matches:
            self.say(f"Nothing matches “{event.text}”.")
        elif self.matches:
            self._to_match(0)
            walk = f"{self.key('find.next')} and {self.key('find.previous')} walk them"
            self.say(f"{_counted(len(self.matches))}; {walk}, {self.key('filter')} shows only these.")

    @on(FindBar.Left)
    def stop_finding(self) -> None:
        """Back to the table."""
        self._light("")
        self._show_matches(only=False)
        self.table.focus()

    def _light(self, pattern: str) -> None:
        try:
            self.matches = find(self.view.board, pattern) if pattern else ()
        except VktrsError as error:
            self.fail(error)
            self.matches = ()
        self.table.highlight({(each.scene_id, each.field): each.spans for each in self.matches})

    def _named_place(self, text: str) -> int | None:
        """The place that `#12`, `12` or `1:02.5` names."""
        rows = self.view.rows
        number = text.strip().removeprefix("#")
        if number.isascii() and number.isdecimal() and 1 <= int(number) <= len(rows):
            return int(number) - 1
        if ":" not in text or not rows:
            return None
        try:
            seconds = parse_clock(text)
        except ValueError:
            return None
        return max(0, sum(row.start <= seconds for row in rows) - 1)

    def action_next_match(self) -> None:
        self._to_match(1)

    def action_previous_match(self) -> None:
        self._to_match(-1)

    def _to_match(self, step: int) -> None:
        places = sorted({place for each in self.matches if (place := self.view.index(each.scene_id)) is not None})
        if not places:
            self.say(f"Nothing was looked for yet: {self.key('find')} finds.")
            return
        here = self.view.index(self.table.cursor_id) or 0
        if step > 0:
            place = next((each for each in places if each > here), places[0])
        elif step < 0:
            place = next((each for each in reversed(places) if each < here), places[-1])
        else:
            place = next((each for each in places if each >= here), places[0])
        row = self.view.rows[place]
        fields = [each.field for each in self.matches if each.scene_id == row.id]
        self.table.move_to(row.id, fields[0])

    def action_filter(self) -> None:
        """The next filter that shows something: matches, problems, what is stale, the selection, all."""
        selected = set(self.table.selected)
        matched = {each.scene_id for each in self.matches}
        kinds: dict[str, Callable[[SceneRow], bool]] = {
            "matches": lambda row: row.id in matched,
            "problems": lambda row: bool(row.problems),
            "not fresh": lambda row: any(
                mark.state in ("stale", "missing", "failed", "running")
                for mark in (row.marks.keyframe, row.marks.variations, row.marks.clip)
            ),
            "selected": lambda row: row.id in selected,
        }
        names = list(kinds)
        for name in names[names.index(self.filtered) + 1 if self.filtered else 0 :]:
            if ids := tuple(row.id for row in self.view.rows if kinds[name](row)):
                self.filtered = name
                self.table.show_only(ids)
                on = f"{self.key('filter')} goes on, {self.key('select.none')} shows all"
                self.say(f"Only what is {name} is shown ({len(ids)} of {len(self.view.rows)}); {on}.")
                return
        self.show_everything()
        self.say("All scenes are shown.")

    def show_everything(self) -> None:
        """No filter any more."""
        self.filtered = ""
        self.table.show_only(None)


def _counted(matches: int) -> str:
    return f"{matches} match{'' if matches == 1 else 'es'}"
