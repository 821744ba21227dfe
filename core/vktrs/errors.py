"""Every error that a user may meet: one sentence of what is wrong, a hint of what would be right, an exit code.

    VktrsError                 1   something failed
    ├── UsageError             2   the command line asks for something that makes no sense
    ├── InputError             3   the input is at fault: a file, a URL, the storyboard
    │   └── StoryboardError    3   with file, line and column
    ├── MissingError           4   something is missing here: an engine, weights, a key, an encoder
    ├── Halted                 1   nothing more can be made now: a budget is spent, an account is empty
    ├── ArtifactDamaged        1   a made thing turned out to be broken when it was used; a run mends it by itself
    └── Stopped              130   somebody asked the work to stop

This module knows nothing of the rest of the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class VktrsError(Exception):
    """What went wrong (`message`), what would mend it (`hint`, may be empty), and the process exit code."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class UsageError(VktrsError):
    """The command line asks for something that makes no sense."""

    exit_code = 2


class InputError(VktrsError):
    """A file, a URL or a value that the user gave is at fault."""

    exit_code = 3


class StoryboardError(InputError):
    """Something in storyboard.toml is wrong: where it is, what was found, what would be right.

    `line` and `column` count from 1; None where the fault has no single place.
    """

    def __init__(self, path: Path, line: int | None, column: int | None, found: str, right: str) -> None:
        where = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{where}: {found}", right)
        self.path = path
        self.line = line
        self.column = column
        self.found = found


class MissingError(VktrsError):
    """Something that the work needs is missing on this machine; the hint names the command that mends it."""

    exit_code = 4


class Halted(VktrsError):
    """Nothing more can be made in this run, whatever the scene; what was made is kept."""


class ArtifactDamaged(VktrsError):
    """An artifact could not be used although it is there; the run deletes it and makes it again."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is damaged: {reason}.", "`vktrs run` makes it again.")
        self.path = path
        self.reason = reason


class Stopped(VktrsError):
    """The work was asked to stop and did so between two whole pieces."""

    exit_code = 130

    def __init__(self, message: str = "stopped") -> None:
        super().__init__(message)


def as_one(problems: Sequence[VktrsError]) -> VktrsError:
    """One error that names all of these (there is one): InputError if any is the input's fault, else MissingError."""
    if len(problems) == 1:
        return problems[0]
    at_fault = InputError if any(isinstance(each, InputError) for each in problems) else MissingError
    return at_fault("\n".join(f"- {each}" for each in problems), "")
