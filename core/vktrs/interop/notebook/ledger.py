"""What became of every key of a project: taken over, worked out anew, or left behind and why. Nothing goes unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vktrs.interop.wording import ranges

Path = tuple[str | int, ...]
"""The keys that lead to a value: `("prompt_starts", 3, "text")`."""

SCENES = "prompt_starts"
_UNKNOWN = "nothing here reads it"


class Note(NamedTuple):
    """A sentence about a key: why it was left behind, or how what it says was changed on its way."""

    path: Path
    text: str


@dataclass
class Ledger:
    """The account of one project. A path stands for all that lies below it."""

    taken: dict[Path, str] = field(default_factory=dict)
    """What arrived, and as which key here."""
    anew: set[Path] = field(default_factory=set)
    """What follows from the rest, and is worked out here again."""
    idle: set[Path] = field(default_factory=set)
    """What the notebook attaches to every scene without anybody's decision: defaults of the service that is gone."""
    left: list[Note] = field(default_factory=list)
    """What did not arrive, and why."""
    changed: list[Note] = field(default_factory=list)
    """What arrived as something else than it was."""

    def take(self, path: Path, target: str, remark: str = "") -> None:
        """It arrived as the key `target`; `remark` where it is not the same any more."""
        self.taken[path] = target
        if remark:
            self.changed.append(Note(path, remark))

    def leave(self, path: Path, why: str) -> None:
        """It did not arrive."""
        self.left.append(Note(path, why))

    def close(self, tree: Any) -> None:
        """Look at every value of the project: what nobody has spoken of is left behind, and said."""
        known = {*self.taken, *self.anew, *self.idle, *(note.path for note in self.left)}
        for path in leaves(tree):
            if not any(path[:length] in known for length in range(1, len(path) + 1)):
                self.leave(path, _UNKNOWN)


def leaves(tree: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all values that are no tables; a list of plain values is one value, as is what is empty."""
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from leaves(value, (*path, key))
    elif isinstance(tree, list) and any(isinstance(item, Mapping) for item in tree):
        for index, item in enumerate(tree):
            yield from leaves(item, (*path, index))
    elif path:
        yield path


def shown_path(path: Path) -> str:
    """`prompt_starts[3].text`."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def told(notes: Sequence[Note]) -> list[str]:
    """The notes as lines, those that say the same of several scenes in one: `prompt_starts[0-5].foo: ...`."""
    grouped: dict[tuple[Path, Path, str], list[int]] = {}
    for path, text in notes:
        place = next((place for place, part in enumerate(path) if isinstance(part, int)), len(path))
        numbers = grouped.setdefault((path[:place], path[place + 1 :], text), [])
        numbers += [part for part in path[place : place + 1] if isinstance(part, int)]
    return [f"{_spread(head, numbers, tail)}: {text}" for (head, tail, text), numbers in grouped.items()]


def _spread(head: Path, numbers: Sequence[int], tail: Path) -> str:
    middle = f"[{ranges(numbers)}]" if numbers else ""
    rest = shown_path(tail)
    return shown_path(head) + middle + (f".{rest}" if rest else "")
