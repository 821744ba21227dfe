"""`vktrs new` and `clean`: how a project begins, and how it loses what nobody needs any more."""

from __future__ import annotations

from pathlib import Path

import click

from vktrs.project import Project
from vktrs.storyboard.model import Captions, Pictures, Speech
from vktrs_tui.beginning import CAPTIONS, PICTURES, SPEECH
from vktrs_tui.cli.speaking import quoted, remark, tell
from vktrs_tui.video_format import parse_frame_rate, parse_size

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("source", metavar="SONG")
@click.option(
    "--lyrics", type=click.Path(path_type=Path), metavar="FILE", help="Lyrics: .lrc, .srt, .vtt, .ass or .txt."
)
@click.option("--theme", "themes", multiple=True, metavar="TEXT", help="A style for the pictures; may be given again.")
@click.option("--pictures", type=click.Choice(PICTURES), default="cppn", help="What makes the pictures.")
@click.option("--speech", type=click.Choice(SPEECH), default="auto", help="What hears the words.")
@click.option("--captions", type=click.Choice(CAPTIONS), default="none", help="Lyrics in the picture.")
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
        fps=parse_frame_rate(fps),
    )
    tell(str(project.storyboard_path))
    remark(f"Next:  vktrs run {quoted(folder)}")
    return 0


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
