"""What follows the music: themes by section, and starts on beats and bars. What would change is shown first."""

from __future__ import annotations

from collections.abc import Sequence

from vktrs.errors import InputError
from vktrs.form import label_of
from vktrs.storyboard import edits, retiming
from vktrs.storyboard.bars import bar_lines
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.resolve import effective_themes
from vktrs_tui.screens.choices import ChoicesScreen, Chosen, Row
from vktrs_tui.workspace.base import WorkspaceBase


class MusicalActions(WorkspaceBase):
    """Sections, beats and bars."""

    def action_theme_section(self) -> None:
        self.attend(self._theme_section())

    async def _theme_section(self) -> None:
        label, ids = self._section_here()
        themes = self.view.board.look.themes
        if not themes:
            raise InputError("There are no themes.", f"List some in [look] themes; {self.opens_file}.")
        options = [(str(number), f"{number}") for number in range(1, min(len(themes), 9) + 1)]
        rows = (Row("theme", "Theme", [*options, ("0", "by the rule")], self._theme_here()),)
        title = f"A theme for every scene of section {label}"
        screen = ChoicesScreen(title, rows, lambda chosen: self._told_theme(label, ids, chosen), "give")
        chosen = await self.studio.push_screen_wait(screen)
        if chosen is None:
            return
        left = tuple(each for each in ids if self.view.index(each) is not None)
        number = int(chosen["theme"])
        values = {each: {"theme": number or None} for each in left}
        what = f"give section {label} theme {number}" if number else f"take the theme out of section {label}"
        await self.edit(f"{what}, {self.named(left)}", lambda board: edits.set_fields(board, values))

    def _theme_here(self) -> str:
        """The number of the theme that the scene under the cursor has, where it can be chosen."""
        board, place = self.view.board, self.view.index(self.table.cursor_id) or 0
        theme = effective_themes(board)[place]
        return str(board.look.themes.index(theme) + 1) if theme in board.look.themes[:9] else "0"

    def _section_here(self) -> tuple[str, tuple[str, ...]]:
        """The section of the scene under the cursor, and all scenes of it; by the song's where none is written."""
        scene, board = self.scene(), self.view.board
        labels: Sequence[str | None] = [each.section for each in board.scenes]
        if not any(labels):
            sections = self.desk.song.sections
            rows = self.view.rows
            labels = [label_of(sections, row.start, row.start + (row.length or 0.0)) for row in rows]
        place = board.index(scene.id)
        label = labels[place]
        if not label:
            which = f"scene {place + 1}" if any(labels) else "any scene"
            raise InputError(
                f"The section of {which} is not known.",
                f"Run to the stage structure; until then give scenes a `section` with {self.key('edit.field')}.",
            )
        return label, tuple(each.id for each, own in zip(board.scenes, labels, strict=True) if own == label)

    def _told_theme(self, label: str, ids: tuple[str, ...], chosen: Chosen) -> str:
        board, number = self.view.board, int(chosen["theme"])
        theirs = [place for place, scene in enumerate(board.scenes) if scene.id in ids]
        own = sum(isinstance(board.scenes[place].theme, str) for place in theirs)
        values = {board.scenes[place].id: {"theme": number or None} for place in theirs}
        after = edits.set_fields(board, values).board
        before, now = effective_themes(board), effective_themes(after)
        changed = sum(before[place] != now[place] for place in theirs)
        what = f"theme {number}: {board.look.themes[number - 1]}" if number else "the theme that the rule gives them"
        said = f"{scenes_told(theirs)} of section {label} {_has(theirs)} {what}; {changed} had another one."
        return said + (f" {own} had a theme of {'its' if own == 1 else 'their'} own, which goes." if own else "")

    def action_snap(self) -> None:
        self.attend(self._snap())

    async def _snap(self) -> None:
        scopes = self._snap_scopes()
        selected = len(self.table.selected)
        options = [("this", self.named(scopes["this"])), ("onward", "from here"), ("all", "all")]
        if selected:
            options.insert(1, ("selection", f"selection ({selected})"))
        rows = (
            Row("mark", "To", (("beat", "beats"), ("bar", "bars")), "bar"),
            Row("way", "Which one", (("nearest", "the nearest"), ("earlier", "the one before")), "nearest"),
            Row("scope", "Starts of", options, "selection" if selected else "all"),
        )
        starts = {each.id: each.start for each in self.view.board.scenes}
        screen = ChoicesScreen("Snap starts", rows, lambda chosen: self._told_snap(chosen, scopes), "snap")
        chosen = await self.studio.push_screen_wait(screen)
        if chosen is None:
            return
        ids = tuple(each for each in scopes[chosen["scope"]] if self.view.index(each) is not None)
        label = f"snap the start{'s' if len(ids) > 1 else ''} of {self.named(ids)} to {chosen['mark']}s"
        await self.edit(
            label, lambda board: self._snapped(board, chosen, ids), {(each, "start"): starts[each] for each in ids}
        )

    def _snap_scopes(self) -> dict[str, tuple[str, ...]]:
        ids = tuple(row.id for row in self.view.rows)
        here = self.scene().id
        return {"this": (here,), "selection": self.targets(), "onward": ids[ids.index(here) :], "all": ids}

    def _snapped(self, board: Storyboard, chosen: Chosen, ids: tuple[str, ...]) -> Edited:
        song = self.desk.song
        bars = chosen["mark"] == "bar"
        return retiming.snap_starts(
            board,
            ids,
            bar_lines(song.beats, song.downbeats) if bars else song.beats,
            earlier_only=chosen["way"] == "earlier",
            rolling=self.rolling,
            duration=self.view.duration,
            mark="bar" if bars else "beat",
        )

    def _told_snap(self, chosen: Chosen, scopes: dict[str, tuple[str, ...]]) -> str:
        """How many starts would move, and the largest shift."""
        board, ids = self.view.board, scopes[chosen["scope"]]
        edited = self._snapped(board, chosen, tuple(each for each in ids if self.view.index(each) is not None))
        both = enumerate(zip(board.scenes, edited.board.scenes, strict=True))
        moved = {place: new.start - old.start for place, (old, new) in both if new.start != old.start}
        if not moved:
            return " ".join(["No start moves.", *edited.adjusted])
        place = max(moved, key=lambda place: abs(moved[place]))
        starts = "start moves" if len(moved) == 1 else "starts move"
        said = (
            f"{len(moved)} {starts}, by at most {abs(moved[place]):.3f} s (scene {place + 1}, {moved[place]:+.3f} s)."
        )
        return " ".join([said, *edited.adjusted])


def scenes_told(places: Sequence[int]) -> str:
    """Scenes by their places, at the beginning of a sentence."""
    if len(places) == 1:
        return f"Scene {places[0] + 1}"
    return f"{len(places)} scenes"


def _has(places: Sequence[int]) -> str:
    return "gets" if len(places) == 1 else "get"
