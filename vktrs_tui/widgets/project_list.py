"""The projects that were opened lately, a song a line with its folder below it. It reads nothing and opens nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from vktrs.timing import format_clock
from vktrs_tui.recent import ProjectSummary, Recent
from vktrs_tui.widgets.plain_text import fitted

_LENGTH, _SCENES, _MADE, _WHEN = 9, 8, 17, 13
_BAR = 10
_ALL_COLUMNS = 66
"""Cells from which on all columns are shown; below it there is no bar."""
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A line below the projects that does something: its name, its words, and the key that does the same."""

    name: str
    words: str
    key: str


class ProjectList(OptionList):
    """Projects and, below them, what else can be done; an option's id is the folder or the name of an offer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("g", "first", "First", show=False),
        Binding("G", "last", "Last", show=False),
    ]
    DEFAULT_CSS = """
    ProjectList {
        border: none;
        padding: 0;
        height: 1fr;
        background: transparent;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background-tint: transparent; }
    }
    """

    def __init__(self, offers: Sequence[Offer], home: Path, id: str | None = None) -> None:
        super().__init__(markup=False, id=id)
        self._offers = tuple(offers)
        self._home = home
        self._entries: tuple[Recent, ...] = ()
        self._summaries: dict[Path, ProjectSummary] = {}
        self._now = 0.0

    @property
    def chosen(self) -> Path | None:
        """The folder at the cursor; None where the cursor is on something else."""
        option = self.highlighted_option
        return next((each.path for each in self._entries if option and option.id == str(each.path)), None)

    def show(self, entries: Sequence[Recent], summaries: Mapping[Path, ProjectSummary], now: float) -> None:
        """Show these projects, with what is known of them; `now` in seconds since 1970. The cursor stays."""
        before, place = self.highlighted_option, self.highlighted
        self._entries, self._summaries, self._now = tuple(entries), dict(summaries), now
        options: list[Option | None] = [Option(self._project(each), str(each.path)) for each in self._entries]
        options += [None] if options else []
        options += [Option(self._offer(each), each.name) for each in self._offers]
        self.set_options(options)
        ids = [option.id for option in self.options]
        if before is not None and before.id in ids:
            self.highlighted = ids.index(before.id)
        else:
            self.highlighted = min(place or 0, len(ids) - 1)

    def show_summary(self, summary: ProjectSummary) -> None:
        """Fill in what has become known of a project."""
        self._summaries[summary.path] = summary
        for each in self._entries:
            if each.path == summary.path:
                self.replace_option_prompt(str(each.path), self._project(each))

    def heading(self) -> Content:
        """The names of the columns, as wide as the lines are now."""
        return Content.assemble(("  " + self._columns("Song", "Length", "Scenes", "Made", "Opened"), "dim"))

    def on_resize(self, event: events.Resize) -> None:
        """The columns follow the width."""
        del event
        for each in self._entries:
            self.replace_option_prompt(str(each.path), self._project(each))

    def _project(self, entry: Recent) -> Content:
        found = self._summaries.get(entry.path)
        name = entry.path.name or str(entry.path)
        opened = how_long_ago(self._now - entry.opened)
        folder = fitted(_short(entry.path, self._home), max(10, self._line // 2))
        if found is None:
            first, second = self._columns(name, "…", "…", "…", opened), f"    {folder}"
            return Content.assemble(f"  {first}\n", (second, "dim"))
        if found.fault:
            return self._faulty(found, name, folder, opened)
        scenes = str(found.scenes) if found.scenes else "none"
        length = "?" if found.length is None else format_clock(found.length, 0)
        first = self._columns(found.title or name, length, scenes, self._made(found), opened)
        running = ("   ► running", "bold") if found.running else ""
        return Content.assemble((f"  {first}\n", "bold"), (f"    {folder}", "dim"), running)

    def _faulty(self, found: ProjectSummary, name: str, folder: str, opened: str) -> Content:
        first = self._columns(name, "", "", "", opened)
        if found.gone:
            return Content.assemble((f"  {first}\n    {folder}   · {found.fault}", "dim"))
        room = max(10, self._line - cell_len(folder) - 9)
        fault = (f"   ! {fitted(found.fault, room)}", "bold")
        return Content.assemble(f"  {first}\n", (f"    {folder}", "dim"), fault)

    def _made(self, found: ProjectSummary) -> str:
        share = f"{int(found.done * 100 + 1e-9):>3} %"
        if self._line < _ALL_COLUMNS:
            return share
        full = int(found.done * _BAR + 1e-9)
        return f"{'█' * full}{'░' * (_BAR - full)} {share}"

    def _offer(self, offer: Offer) -> Content:
        return Content.assemble(f"  {offer.words}  ", (f"({offer.key})", "dim"))

    @property
    def _line(self) -> int:
        """The cells of a line without its margins."""
        return max(30, self.scrollable_content_region.width - 5)

    def _columns(self, song: str, length: str, scenes: str, made: str, opened: str) -> str:
        widths = (_LENGTH, _SCENES + 1, _MADE if self._line >= _ALL_COLUMNS else 7, _WHEN)
        first = max(8, self._line - sum(widths))
        cells = [set_cell_size(fitted(song, first - 1), first)]
        cells += [f"{text:>{width - 2}}  " for text, width in zip((length, scenes), widths, strict=False)]
        cells += [f"{text:<{width}}" for text, width in zip((made, opened), widths[2:], strict=True)]
        return "".join(cells)


def how_long_ago(seconds: float) -> str:
    """A stretch of time in at most twelve cells, as a person says it; a clock that was set back counts as now."""
    steps = ((60.0, "just now", 1.0), (3600.0, "{} min ago", 60.0), (_DAY, "{} h ago", 3600.0))
    for below, words, unit in steps:
        if seconds < below:
            return words.format(int(max(0.0, seconds) / unit))
    days = int(seconds / _DAY)
    if days == 1:
        return "yesterday"
    for least, unit, word in ((730, 365, "years"), (60, 30, "months"), (14, 7, "weeks")):
        if days >= least:
            return f"{days // unit} {word} ago"
    return f"{days} days ago"


def _short(path: Path, home: Path) -> str:
    return f"~/{path.relative_to(home)}" if path != home and path.is_relative_to(home) else str(path)
