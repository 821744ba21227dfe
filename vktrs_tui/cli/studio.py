"""`vktrs` by itself and `vktrs open`: the studio. Nothing of the screen is imported before it is known to be shown."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_args

import click

from vktrs.errors import UsageError, VktrsError
from vktrs_tui.cli.speaking import quoted, remark
from vktrs_tui.terminal import ImagesWanted, refusal

if TYPE_CHECKING:
    from vktrs.project import Project
    from vktrs_tui.app import Studio
    from vktrs_tui.images import ImagesMode

Command = TypeVar("Command", bound=Callable[..., object])


def studio_options(command: Command) -> Command:
    """The options that say how the studio looks."""
    images = click.option(
        "--images",
        type=click.Choice(get_args(ImagesWanted)),
        default="auto",
        metavar="HOW",
        help=f"How pictures are drawn: {', '.join(get_args(ImagesWanted))}.",
    )
    theme = click.option("--theme", metavar="NAME", help="Colours, as textual-light or high-contrast.")
    return images(theme(command))


@click.command(name="open")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@studio_options
def open_(folder: Path, images: ImagesWanted, theme: str | None) -> int:
    """Open the project in DIR in the studio.

    \b
    Example:  vktrs open my_video
    """
    return start(folder, images, theme)


def here(images: ImagesWanted, theme: str | None) -> int:
    """The studio on the project in this folder, or on the list of projects where there is none."""
    from vktrs.project import STORYBOARD

    return start(Path.cwd() if Path(STORYBOARD).is_file() else None, images, theme)


def start(folder: Path | None, images: ImagesWanted, theme: str | None) -> int:
    """Show the studio until the person leaves it; its exit code. UsageError where the terminal cannot show it."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    refused = refusal(os.environ, *(stream.isatty() for stream in streams))
    if refused is not None:
        raise UsageError(*refused)
    if folder is not None:
        from vktrs.project import Project

        Project.open(folder)
    from vktrs_tui.images import detect

    mode = detect(images, os.environ, sys.stdin.isatty(), sys.stdout.isatty())
    app = _studio(folder, mode, theme)
    code = _run(app)
    last = app.project or _last_opened()
    said = farewell(last) if last is not None else None
    if said is not None:
        remark(said)
    return code or app.return_code or 0


def _run(app: Studio) -> int | None:
    """Run the app; a fault of ours that ended it is one sentence, with its traceback in a file."""
    with contextlib.redirect_stderr(
        io.StringIO()
    ) as told:  # Textual draws on the terminal itself, and tells faults here
        code = app.run()
    if app.return_code and told.getvalue().strip():
        from vktrs_tui.app import log_fault

        path = log_fault(told.getvalue())
        raise VktrsError("the studio ended by a fault of its own; nothing was lost.", f"Please report it, with {path}.")
    return code


def _studio(folder: Path | None, images: ImagesMode, theme: str | None) -> Studio:
    from textual.app import InvalidThemeError

    from vktrs_tui.app import Studio

    try:
        return Studio(folder, images=images, theme=theme)
    except InvalidThemeError:
        names = ", ".join(sorted(Studio().available_themes))
        raise UsageError(f"there is no theme {theme}.", f"Right is one of: {names}.") from None


def _last_opened() -> Project | None:
    """The project that the person left for the list of projects; its run may be going on too."""
    from vktrs.project import Project
    from vktrs_tui.recent import recent

    return next((Project(each.path) for each in recent()), None)


def farewell(project: Project) -> str | None:
    """That a run of the project goes on without the studio, and how to find it again; None where there is none."""
    from vktrs.runs import control

    try:
        run = control.live_run(project)
    except OSError:  # the folder may be gone by now, and its run with it
        return None
    if run is None:
        return None
    folder = quoted(project.root)
    return f"Run {run.id} goes on by itself: `vktrs follow {folder}` shows it, `vktrs open {folder}` comes back to it."
