"""`vktrs demo`: the sample song becomes a video, on a copy, without a network."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import click

from vktrs.errors import MissingError
from vktrs.project import STORYBOARD, Project
from vktrs.runs import control
from vktrs.runs.beginning import copy_in
from vktrs.runs.control import RunRequest
from vktrs.runs.who_listens import choice
from vktrs.storyboard.document import Document
from vktrs.storyboard.model import Storyboard
from vktrs_tui.cli.speaking import quoted, remark
from vktrs_tui.cli.watching import watch

_WORDS, _TIMED_WORDS = "lyrics.txt", "lyrics.lrc"
_PLACES = (
    Path(__file__).parents[1] / "sample_song",  # in a wheel
    Path(__file__).parents[2] / "sample_projects" / "daisy_bell",  # in a checkout
)


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default="vktrs_demo")
def demo(folder: Path) -> int:
    """Turn the sample song into a video in DIR (./vktrs_demo), with no model, no GPU and no network.

    It times the words by listening where a speech model lies on this machine, and takes shipped times otherwise.

    \b
    Example:  vktrs demo
    """
    began = time.monotonic()
    project = copy_sample(folder)
    remark(f"The sample song becomes a video in {project.root}")
    code = watch(project, control.live_run(project) or control.start(project, RunRequest()))
    if code == 0 and control.live_run(project) is None:
        remark(f"{time.monotonic() - began:.0f} seconds. Now change {project.storyboard_path}")
        remark(f"and run `vktrs run {quoted(folder)}`: only what your change touches is made again.")
    return code


def copy_sample(folder: Path) -> Project:
    """The sample project in `folder`, without its finished scenes; what is there from an earlier demo goes on."""
    if (folder / STORYBOARD).exists():
        return Project.open(folder)
    sample = next(place for place in _PLACES if place.is_dir())
    document = Document.parse((sample / STORYBOARD).read_text("utf-8"), sample / STORYBOARD)
    board = replace(document.board, scenes=())
    if not _can_hear(board):
        board = replace(board, song=replace(board.song, lyrics=_TIMED_WORDS))
    text = document.with_board(board).text
    for name in (board.song.source, _WORDS, _TIMED_WORDS):
        copy_in(sample / name, Project(folder), name)
    return Project.create(folder, text)


def _can_hear(board: Storyboard) -> bool:
    try:
        return choice(board).path is not None
    except MissingError:
        return False
