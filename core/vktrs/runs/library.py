"""The library's front door for programs: the words of a song, a project, its plan, and a run with its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vktrs.errors import InputError, VktrsError
from vktrs.lines import Line
from vktrs.plan import Plan, look, make_plan
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import RunRequest
from vktrs.runs.events import Event
from vktrs.storyboard.template import NewProject, new_storyboard

_ERRORS = {3: InputError}


def words(
    song: Path | str,
    *,
    engine: str = "auto",
    model: str | None = None,
    language: str | None = None,
    on_progress: Callable[[float, float], None] = lambda _done, _total: None,
) -> list[Line]:
    """The sung lines of a song file with the times of their words, in seconds from its start.

    `engine` is "auto", "faster-whisper" or "whisper", `model` a name, a folder or a checkpoint. Raises InputError
    where the file cannot be listened to, MissingError where there is no engine or no weights.
    """
    from vktrs.engines.faster_whisper import cuda_devices
    from vktrs.engines.speech import choose_speech, obtain_model, open_speech
    from vktrs.engines.speech_models import find_models
    from vktrs.media.audio import decode
    from vktrs.stages.song import SPEECH_RATE

    chosen = choose_speech(engine, model, language, found=find_models(), gpu=cuda_devices() > 0)
    audio = decode(Path(song), SPEECH_RATE)
    heard = open_speech(obtain_model(chosen)).transcribe(
        audio, language=language, on_progress=on_progress, should_stop=lambda: False
    )
    return list(heard)


def new_project(folder: Path | str, song: str, **settings: Any) -> Project:
    """A new project for a song: a path (taken from the project's folder) or a URL.

    `settings` are those of `NewProject`: title, lyrics, themes, speech, pictures, captions, width, height, fps.
    Raises InputError where there is a project already.
    """
    values = {"title": Path(song).stem, **settings}
    return Project.create(Path(folder), new_storyboard(NewProject(source=song, **values)))


def plan(project: Project) -> Plan:
    """What is there of a project and what is missing, by the newest storyboard and what lies on disk."""
    board = project.document().board
    return make_plan(board, look(project, board))


def run(project: Project, *, to: str = "video", scenes: tuple[str, ...] | None = None) -> Iterator[Event]:
    """Make what is missing in a process of its own, and its events as they come; `vktrs.runs.events` lists them.

    Leaving the iterator early leaves the run to itself. Raises the error that ended the run, once it has ended.
    """
    error: VktrsError | None = None
    for event in control.follow(project, control.start(project, RunRequest(to=to, scenes=scenes))):
        yield event
        if event["event"] == "failed":
            error = _ERRORS.get(event.get("exit", 1), VktrsError)(event["error"], event.get("hint", ""))
    if error is not None:
        raise error
