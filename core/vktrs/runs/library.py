"""The library's front door for programs: the words of a song, the plan of a project, and a run with its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from vktrs.errors import InputError, MissingError, Stopped, UsageError, VktrsError
from vktrs.lines import Line
from vktrs.project import Project
from vktrs.runs import control
from vktrs.runs.control import Run, RunRequest
from vktrs.runs.events import Event

_ERRORS = {error.exit_code: error for error in (VktrsError, UsageError, InputError, MissingError)}


def transcribe(
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


def run_project(
    project: Project,
    *,
    to: str = "video",
    scenes: Sequence[str] | None = None,
    partial: bool = False,
    pictures: str | None = None,
    device: str | None = None,
    budget: float | None = None,
) -> Iterator[Event]:
    """Start making what is missing, in a process of its own, and give its events as they come.

    `to` is the last stage, `scenes` are ids (None: all), `partial` and `pictures` as in `vktrs run`; `device` such as
    "cuda:1" is where pictures are made, and a paid engine spends no more than `budget` credits (over 0). The events
    are listed in `vktrs.runs.events`. The run goes on by itself whether its events are read or not. Raises UsageError
    where a run is going on already, or where device or budget make no sense; the iterator ends with the error of the
    run, Stopped where somebody stopped it.
    """
    chosen = tuple(scenes) if scenes is not None else None
    request = RunRequest(to, chosen, partial, pictures, device=device, budget=budget)
    return _events(project, control.start(project, request))


def _events(project: Project, started: Run) -> Iterator[Event]:
    error: VktrsError | None = None
    for event in control.follow(project, started):
        yield event
        if event["event"] == "failed":
            error = _ERRORS.get(event.get("exit", 1), VktrsError)(event["error"], event.get("hint", ""))
        elif event["event"] == "finished" and event["exit"] == Stopped.exit_code:
            error = Stopped()
    if started.process is not None:
        started.process.wait()
    if error is not None:
        raise error
