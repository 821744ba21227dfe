"""`vktrs new` and `clean`: how a project begins, and how it loses what nobody needs any more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import click

from vktrs.errors import UsageError
from vktrs.project import Project
from vktrs.storyboard.model import Captions, Pictures, Speech
from vktrs.timing import parse_fps
from vktrs_tui.cli.speaking import quoted, remark, tell

_FOLDER = click.Path(file_okay=False, path_type=Path)
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)
_LEAST, _MOST = 16, 4096
# what the format knows and this version cannot do yet is not offered
_SPEECH = [name for name in get_args(Speech) if name != "captions"]
_CAPTIONS = [name for name in get_args(Captions) if name not in ("word", "soft")]


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("source", metavar="SONG")
@click.option(
    "--lyrics", type=click.Path(path_type=Path), metavar="FILE", help="Lyrics: .lrc, .srt, .vtt, .ass or .txt."
)
@click.option("--theme", "themes", multiple=True, metavar="TEXT", help="A style for the pictures; may be given again.")
@click.option("--pictures", type=click.Choice(get_args(Pictures)), default="cppn", help="What makes the pictures.")
@click.option("--speech", type=click.Choice(_SPEECH), default="auto", help="What hears the words.")
@click.option("--captions", type=click.Choice(_CAPTIONS), default="none", help="Lyrics in the picture.")
@click.option("--size", default="512x512", metavar="WxH", help="Pixels, even numbers.")
@click.option("--fps", default="24", metavar="N", help="Frames a second, 1 to 120, or 30000/1001.")
def new(
    folder: Path,
    source: str,
    lyrics: Path | None,
    themes: tuple[str, ...],
    pictures: Pictures,
    speech: Speech,
    captions: Captions,
    size: str,
    fps: str,
) -> int:
    """Make a project in DIR from a song: a file of any format, or a URL.

    The song and the lyrics are copied into the folder, so that it may be moved as a whole.

    \b
    Example:  vktrs new my_video song.mp3 --theme "crimson desert" --theme "teal ocean"
              vktrs run my_video
    """
    from vktrs.runs.beginning import new_project

    width, height = parse_size(size)
    project = new_project(
        folder,
        source,
        lyrics=lyrics,
        themes=themes,
        speech=speech,
        pictures=pictures,
        captions=captions,
        width=width,
        height=height,
        fps=_frame_rate(fps),
    )
    tell(str(project.storyboard_path))
    remark(f"Next:  vktrs run {quoted(folder)}")
    return 0


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of `512x512`; UsageError where that is none that a video can have."""
    match = _SIZE.fullmatch(text.lower())
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if any(side % 2 or not _LEAST <= side <= _MOST for side in sides):
        right = f"Write two even numbers from {_LEAST} to {_MOST}, as in 512x512."
        raise UsageError(f"--size {text} is no size of a video.", right)
    return sides


def _frame_rate(text: str) -> int | str:
    try:
        rate = parse_fps(text)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"--fps {text} is no frame rate.", "Give a number from 1 to 120, or 30000/1001.") from None
    return rate.numerator if rate.denominator == 1 else f"{rate.numerator}/{rate.denominator}"


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=".")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--takes", is_flag=True, help="Also the keyframes that no scene uses now; they cannot be chosen again.")
def clean(folder: Path, dry_run: bool, takes: bool) -> int:
    """Remove what no scene of the storyboard uses any more. Never touches the storyboard, the song or the video.

    \b
    Example:  vktrs clean my_video --dry-run
    """
    from vktrs.runs.cleaning import clean as clean_project

    removed = clean_project(Project.open(folder), takes=takes, dry_run=dry_run)
    for each in removed.names:
        tell(each)
    word = "would be freed" if dry_run else "freed"
    remark(f"{len(removed.names)} things, {removed.size / 1e6:.1f} MB {word}.")
    return 0
