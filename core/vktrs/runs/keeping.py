"""Pictures as they come out of an engine, kept: a batch is taken to its end, and each answer is written as it comes.

Which pictures are asked for, and what is told of them, is the business of whoever asks (`asking`, `rerolling`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from vktrs.errors import ArtifactDamaged, VktrsError
from vktrs.runs.engine_room import EngineRoom
from vktrs.runs.saving import MOST_WAITING, Saver
from vktrs.stages import keyframes

if TYPE_CHECKING:
    from pathlib import Path

    from vktrs.engines.pictures import Answer, FrameRequest, KeyframeRequest, MotionRequest
    from vktrs.picture import Picture

    Request = TypeVar("Request", KeyframeRequest, FrameRequest, MotionRequest)


class Keeping:
    """Keeps what one engine answers. Where its pictures are `paid` for, each is written before the next is taken."""

    def __init__(self, room: EngineRoom, saver: Saver, paid: bool) -> None:
        self._room = room
        self._saver = saver
        self._paid = paid

    def take_all(
        self, answers: Generator[tuple[Request, Answer], None, None], keep: Callable[[Request, Answer], None]
    ) -> None:
        """Give every answer to `keep`. Raises what ends the batch.

        Where one cannot be kept, nothing new is begun; what is in hand may be paid for, so that is taken and tried to
        be kept, too, and then the first failure is raised.
        """
        failure: VktrsError | OSError | None = None
        with closing(answers):
            try:
                for request, answer in answers:
                    try:
                        keep(request, answer)
                    except (VktrsError, OSError) as error:
                        failure = failure or error
                        self._room.wind_up()
            except VktrsError:
                if failure is None:
                    raise
        if failure is not None:
            raise failure

    def save(self, write: Callable[[], None], made: Callable[[], None], failed: Callable[[VktrsError], None]) -> None:
        """Have a picture written by `write`, then tell of it: by `made`, or by `failed` where it cost nothing.

        What comes of one that was paid for, or of one that waited before it, may be raised.
        """
        work = partial(self._write, write, made, failed)
        self._saver.save(work, most_waiting=0 if self._paid else MOST_WAITING)

    def _write(self, write: Callable[[], None], made: Callable[[], None], failed: Callable[[VktrsError], None]) -> None:
        """On the saving thread."""
        try:
            write()
        except VktrsError as error:
            if self._paid:
                raise  # what cannot be kept is not bought
            failed(error)
        else:
            made()


def load_take(takes: Path, scene: str, key: str) -> Picture:
    """A keyframe as it lies there; ArtifactDamaged where it cannot be read."""
    from vktrs.media.frames import load_png

    return load_png(keyframes.take_path(takes, scene, key))


def take_elsewhere(takes: Path, scene: str | None, key: str) -> Picture | None:
    """The same, of the scene that has it; None where none has, or it is damaged."""
    if scene is None:
        return None
    try:
        return load_take(takes, scene, key)
    except ArtifactDamaged:
        return None
