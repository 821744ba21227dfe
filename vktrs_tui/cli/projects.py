"""`vktrs new` and `clean`: how a project begins, and how it loses what nobody needs any more."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import click

from vktrs.errors import InputError, UsageError
from vktrs.project import Project
from vktrs.storyboard.template import NewProject, new_storyboard
from vktrs.timing import parse_fps

_FOLDER = click.Path(file_okay=False, path_type=Path)
_SIZE = re.compile(r"(\d+)x(\d+)")


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("source")
@click.option(
    "--lyrics", type=click.Path(path_type=Path), metavar="FILE", help="Lyrics: .lrc, .srt, .vtt, .ass or .txt."
)
@click.option("--theme", "themes", multiple=True, metavar="TEXT", help="A style for the pictures; may be given again.")
@click.option("--pictures", default="cppn", metavar="ENGINE", help="What makes the pictures (cppn).")
@click.option("--speech", default="auto", metavar="ENGINE", help="auto, faster-whisper, whisper or none.")
@click.option("--captions", default="none", metavar="KIND", help="none or line.")
@click.option("--size", default="512x512", metavar="WxH", help="Pixels, even numbers.")
@click.option("--fps", default="24", metavar="N", help="Frames a second, 1 to 120, or 30000/1001.")
def new(
    folder: Path,
    source: str,
    lyrics: Path | None,
    themes: tuple[str, ...],
    pictures: str,
    speech: str,
    captions: str,
    size: str,
    fps: str,
) -> int:
    """Make a project in DIR from a song: a file of any format, or a URL.

    The song and the lyrics are copied into the folder, so that it may be moved as a whole.

    \b
    Example:  vktrs new my_video song.mp3 --theme "crimson desert" --theme "teal ocean"
              vktrs run my_video
    """
    width, height = _size(size)
    try:
        parse_fps(fps)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"--fps {fps} is no frame rate.", "Give a number from 1 to 120, or 30000/1001.") from None
    name, title = _song(source)
    text = new_storyboard(
        NewProject(
            source=name,
            title=title,
            lyrics=lyrics.name if lyrics else None,
            themes=themes,
            speech=speech,
            pictures=pictures,
            captions=captions,
            width=width,
            height=height,
            fps=int(fps) if fps.isdigit() else fps,
        )
    )
    _check(text, folder)
    if lyrics and not lyrics.is_file():
        raise InputError(f"the lyrics file {lyrics} is not there.", "Give a file.")
    project = Project.create(folder, text)
    if name != source:
        _copy(Path(source), project.root)
    if lyrics:
        _copy(lyrics, project.root)
    click.echo(str(project.storyboard_path))
    click.echo(f"Next:  vktrs run {folder}", err=True)
    return 0


def _size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text.lower())
    if not match:
        raise UsageError(f"--size {text} is no size.", "Write it as 512x512.")
    return int(match[1]), int(match[2])


def _song(source: str) -> tuple[str, str]:
    """What the storyboard calls the song, and its title; InputError where a file cannot be listened to."""
    from vktrs.media.download import is_url

    if is_url(source):
        return source, ""
    from vktrs.media.audio import probe

    path = Path(source)
    info = probe(path)
    return path.name, info.title or path.stem


def _check(text: str, folder: Path) -> None:
    """The same checks as for a storyboard that a person wrote, before anything is on disk."""
    from vktrs.storyboard.document import Document

    Document.parse(text, folder / "storyboard.toml")


def _copy(source: Path, folder: Path) -> None:
    target = folder / source.name
    if not (target.exists() and target.samefile(source)):
        shutil.copyfile(source, target)


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
        click.echo(each)
    word = "would be freed" if dry_run else "freed"
    click.echo(f"{len(removed.names)} things, {removed.size / 1e6:.1f} MB {word}.", err=True)
    return 0
