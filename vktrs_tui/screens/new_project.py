"""Asks for what a new project is made from. It checks as the command line does, and has it made through a callback.

What was typed stays until the project is there: an error is said beside its field, or above the keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from vktrs.errors import VktrsError
from vktrs.media.download import is_url
from vktrs.project import STORYBOARD
from vktrs.runs.beginning import check_size
from vktrs.runs.doctor import Finding
from vktrs.storyboard.model import Captions, Pictures, Speech
from vktrs_tui.beginning import CAPTIONS, PICTURES, SPEECH, NewRequest, create
from vktrs_tui.machine import examine, picture_words, speech_words
from vktrs_tui.screens.dialog import Dialog
from vktrs_tui.video_format import parse_frame_rate, parse_size
from vktrs_tui.widgets.failed_work import TellsFailedWork
from vktrs_tui.widgets.option_row import OptionRow
from vktrs_tui.widgets.path_input import PathInput, expand
from vktrs_tui.widgets.plain_text import one_line

LYRICS = (".lrc", ".srt", ".vtt", ".ass", ".txt")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands, all of it text; `themes` one a line."""

    source: str = ""
    folder: str = ""
    lyrics: str = ""
    themes: str = ""
    size: str = "512x512"
    fps: str = "24"
    captions: str = "none"
    speech: str = "auto"
    pictures: str = "cppn"


def check(typed: Typed, base: Path) -> tuple[NewRequest | None, dict[str, str]]:
    """The request that was typed, or None and what is wrong, by field; paths begin at `base`. Reads names only."""
    wrong = {name: text for name, text in _faults(typed, base) if text}
    if wrong:
        return None, wrong
    source = typed.source.strip()
    width, height = parse_size(typed.size.strip())
    request = NewRequest(
        folder=expand(typed.folder, base),
        source=source if is_url(source) else str(expand(source, base)),
        lyrics=expand(typed.lyrics, base) if typed.lyrics.strip() else None,
        themes=tuple(line.strip() for line in typed.themes.splitlines() if line.strip()),
        speech=cast(Speech, typed.speech),
        pictures=cast(Pictures, typed.pictures),
        captions=cast(Captions, typed.captions),
        width=width,
        height=height,
        fps=parse_frame_rate(typed.fps.strip()),
    )
    return request, {}


def _faults(typed: Typed, base: Path) -> list[tuple[str, str]]:
    return [
        ("source", _source_fault(typed.source.strip(), base)),
        ("folder", _folder_fault(typed.folder, base)),
        ("lyrics", _lyrics_fault(typed.lyrics, base)),
        ("size", _refused(lambda: check_size(typed.pictures, *parse_size(typed.size.strip(), named="")))),
        ("fps", _refused(lambda: parse_frame_rate(typed.fps.strip(), named=""))),
    ]


def _source_fault(text: str, base: Path) -> str:
    if not text:
        return "Name a file of any format, or a URL."
    if is_url(text):
        return ""
    path = expand(text, base)
    if path.is_file():
        return ""
    return "That is a folder; name a file in it." if path.is_dir() else f"There is no file {path}."


def _folder_fault(text: str, base: Path) -> str:
    if not text.strip():
        return "Name a folder; it is made where it is not there yet."
    path = expand(text, base)
    if (path / STORYBOARD).exists():
        return "That is a project already; leave with Esc to open it."
    return "That is a file." if path.is_file() else ""


def _lyrics_fault(text: str, base: Path) -> str:
    if not text.strip() or expand(text, base).is_file():
        return ""
    return f"There is no file {expand(text, base)}."


def _refused(question: Callable[[], object]) -> str:
    try:
        question()
    except VktrsError as error:
        return str(error)
    return ""


class NewProjectScreen(Dialog[Path | None], TellsFailedWork):
    """Dismissed with the folder of the project that was made."""

    TITLE = "new project"
    KEYS = "Tab  next, complete   ← →  choose   Enter or Ctrl+J  make it   Esc  back"
    KEYS_IN_THEMES = "Tab  next   Enter  another line   Ctrl+J  make it   Esc  back"
    KEYS_WHILE_MAKING = "making the project: the song is looked at and copied…   Esc  stop that"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+j,ctrl+enter", "make", "Make it", show=False),
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Field before", show=False),
    ]
    DEFAULT_CSS = """
    NewProjectScreen {
        & #form { height: auto; max-height: 75vh; scrollbar-size-vertical: 1; }
        & .field { height: auto; }
        & .fault { height: auto; color: $text-error; margin-left: 12; display: none; &.-said { display: block; } }
        & .caption { width: 12; }
        & .words { height: auto; color: $text-muted; margin-left: 12; }
        & TextArea { height: 3; border: none; padding: 0; background: $boost; &:focus { border: none; } }
        & Input, TextArea { width: 1fr; }
        & #size { width: 16; }
        & #fps { width: 16; }
        & .second { width: 8; padding-left: 2; color: $text-muted; }
    }
    """

    def __init__(
        self,
        create: Callable[[NewRequest], Awaitable[Path]] = create,
        examine: Callable[[], Awaitable[Sequence[Finding]]] = examine,
        base: Path | None = None,
    ) -> None:
        super().__init__()
        self._create = create
        self._examine = examine
        self._base = base or Path.cwd()
        self._findings: tuple[Finding, ...] = ()
        self._own_folder = False
        self._tried = False
        self._making = False

    def body(self) -> ComposeResult:
        """The fields, each with a line for what is wrong with it."""
        base = self._base
        with VerticalScroll(id="form", can_focus=False):
            yield from _field("Song", PathInput(base=base, placeholder="a file or a URL", id="source"))
            yield from _field("Folder", PathInput(base=base, suffixes=(), placeholder="of the project", id="folder"))
            lyrics = PathInput(
                base=base, suffixes=LYRICS, placeholder="optional: .lrc .srt .vtt .ass .txt", id="lyrics"
            )
            yield from _field("Lyrics", lyrics)
            with Horizontal(classes="field"):
                yield Static("Themes", classes="caption", markup=False)
                yield TextArea(id="themes", tab_behavior="focus", placeholder="styles of the pictures, one a line")
            with Horizontal(classes="field"):
                yield Static("Size", classes="caption", markup=False)
                yield Input("512x512", id="size", select_on_focus=False)
                yield Static("Fps", classes="second", markup=False)
                yield Input("24", id="fps", select_on_focus=False)
            yield Static("", id="size-fault", classes="fault", markup=False)
            yield Static("", id="fps-fault", classes="fault", markup=False)
            yield from _choice("Captions", "captions", CAPTIONS)
            yield from _choice("Speech", "speech", SPEECH)
            yield Static("", id="speech-words", classes="words", markup=False)
            yield from _choice("Pictures", "pictures", PICTURES)
            yield Static("", id="pictures-words", classes="words", markup=False)

    def on_mount(self) -> None:
        """What this machine has is asked at once and shown when it is known."""
        self._show_words()
        self._look_at_machine()

    @on(DescendantFocus)
    def show_keys(self) -> None:
        """The bottom line tells the keys of the field that has the focus."""
        themes = self.query_one("#themes", TextArea).has_focus
        keys = self.KEYS_WHILE_MAKING if self._making else self.KEYS_IN_THEMES if themes else self.KEYS
        self.query_one("#keys", Static).update(keys)

    @work(exclusive=True, group="machine", exit_on_error=False)
    async def _look_at_machine(self) -> None:
        try:
            self._findings = tuple(await self._examine())
        except VktrsError:  # the form can be filled in without it, and the doctor says what is wrong
            return
        self._show_words()

    @on(OptionRow.Changed, "#pictures")
    def check_pictures(self) -> None:
        """Not every engine makes every size."""
        self._say_fault("size", check(self.typed, self._base)[1].get("size", ""))

    @on(OptionRow.Changed)
    def _show_words(self) -> None:
        speech, pictures = (self.query_one(f"#{name}", OptionRow).value for name in ("speech", "pictures"))
        self.query_one("#speech-words", Static).update(one_line(speech_words(speech, self._findings)))
        self.query_one("#pictures-words", Static).update(one_line(picture_words(pictures, self._findings)))

    @property
    def typed(self) -> Typed:
        """The form as it stands."""
        lines = {
            name: self.query_one(f"#{name}", Input).value for name in ("source", "folder", "lyrics", "size", "fps")
        }
        choices = {name: self.query_one(f"#{name}", OptionRow).value for name in ("captions", "speech", "pictures")}
        return Typed(**lines, **choices, themes=self.query_one("#themes", TextArea).text)

    @on(Input.Changed)
    def follow(self, event: Input.Changed) -> None:
        """The folder follows the song's name until a person names one; what is wrong is said again where it was."""
        if event.input.id == "folder":
            self._own_folder = bool(event.value) and event.value != _folder_for(self.typed.source)
        elif event.input.id == "source" and not self._own_folder:
            self.query_one("#folder", PathInput).fill(_folder_for(event.value))
        self.say_wrong("")
        if self._tried:
            self._say_faults(check(self.typed, self._base)[1])

    @on(Input.Blurred)
    def check_field(self, event: Input.Blurred) -> None:
        """What was typed is looked at when its field is left."""
        name = event.input.id or ""
        if event.value:
            self._say_fault(name, check(self.typed, self._base)[1].get(name, ""))

    def _say_faults(self, wrong: dict[str, str]) -> None:
        for name in ("source", "folder", "lyrics", "size", "fps"):
            self._say_fault(name, wrong.get(name, ""))

    def _say_fault(self, name: str, text: str) -> None:
        fault = self.query_one(f"#{name}-fault", Static)
        fault.update(f"! {one_line(text)}" if text else "")
        fault.set_class(bool(text), "-said")

    @on(Input.Submitted)
    def submit(self) -> None:
        """Enter in a line is Enter."""
        self.action_make()

    @work(exclusive=True, group="make", exit_on_error=False)
    async def action_make(self) -> None:
        """Make the project, and leave where that went well."""
        self._tried = True
        request, wrong = check(self.typed, self._base)
        self._say_faults(wrong)
        if request is None:
            self.query_one(f"#{next(iter(wrong))}", Widget).focus()
            return
        self._making = True
        self.show_keys()
        try:
            self.dismiss(await self._create(request))
        except VktrsError as error:
            self.say_wrong(one_line(str(error)))
        finally:
            self._making = False
            self.show_keys()


def _field(label: str, line: Input) -> ComposeResult:
    with Horizontal(classes="field"):
        yield Static(label, classes="caption", markup=False)
        yield line
    yield Static("", id=f"{line.id}-fault", classes="fault", markup=False)


def _choice(label: str, name: str, options: Sequence[str]) -> ComposeResult:
    with Horizontal(classes="field"):
        yield Static(label, classes="caption", markup=False)
        yield OptionRow([(each, each) for each in options], id=name)


def _folder_for(source: str) -> str:
    """A name for the project of that song; nothing for a URL, which says little."""
    text = source.strip()
    return "" if is_url(text) or text.endswith("/") else Path(text).stem
