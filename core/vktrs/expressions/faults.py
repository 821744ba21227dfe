"""The one error of this package: what was found, where in the text or in which frame, what would be right."""

from __future__ import annotations

from typing import Self

from vktrs.errors import InputError

_MOST_SHOWN = 40


class ExpressionError(InputError):
    """A text that is no expression, or one that has no value in some frame.

    `found` says what is wrong, without a full stop; `right` is a sentence, or empty. `position` is the place in the
    text, in characters from 1, and `frame` the frame of the scene, from 0; None where it has none.
    """

    def __init__(self, found: str, right: str = "", position: int | None = None, frame: int | None = None) -> None:
        places = [f"character {position}"] * (position is not None) + [f"frame {frame}"] * (frame is not None)
        super().__init__(f"{', '.join(places)}: {found}." if places else f"{found}.", right)
        self.found = found
        self.right = right
        self.position = position
        self.frame = frame

    def of(self, field: str) -> str:
        """The whole error as a user reads it, with the name of the field: "`zoom`, character 9: ..."."""
        between = ", " if self.position is not None or self.frame is not None else ": "
        return f"`{field}`{between}{self}"

    def in_frame(self, frame: int) -> Self:
        """The same error, met in this frame."""
        return type(self)(self.found, self.right, self.position, frame)


def shown(text: str) -> str:
    """A piece of the text as a message shows it: short, printable, in back quotes."""
    plain = text if text.isascii() and text.isprintable() else ascii(text)[1:-1]
    return f"`{plain if len(plain) <= _MOST_SHOWN else plain[: _MOST_SHOWN - 3] + '...'}`"
