"""YAML read as plain data: tables, lists, texts and numbers, and nothing that the text could make of itself.

The notebook writes with OmegaConf: no anchors, and of all tags only those of paths
(`!!python/object/apply:pathlib.PosixPath`), which are read as the text that they are. Anchors, other tags and files
beyond all measure are refused, so that nothing is constructed, no alias multiplies and nothing outgrows the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vktrs.errors import InputError

if TYPE_CHECKING:
    from yaml.events import Event

LARGEST = 32_000_000
"""Bytes. A song's signals with a value each 23 ms have some hundred thousand."""

DEEPEST = 24
"""Tables and lists within one another."""

_NO_TAGS = "Nothing is made from tags here: write plain values."
_TAG = "tag:yaml.org,2002:"
_PATHS = re.compile(r"python/object/apply:pathlib(\._local)?\.(Pure)?(Posix|Windows)?Path")
_PLAIN_TAGS = frozenset({"str", "int", "float", "bool", "null", "map", "seq"})
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_yaml(data: bytes, name: str) -> Any:
    """What the YAML in `data` says; None for an empty file. InputError, with the line, where it is refused.

    `name` is for messages. Words such as `yes` are texts, as they are in lyrics.
    """
    if len(data) > LARGEST:
        size = f"{name} has {len(data) / 1e6:.0f} MB; {LARGEST / 1e6:.0f} MB are read at most."
        raise InputError(size, "Mostly it is `signals` that are large: take them out, and give them anew as chains.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is no text in UTF-8 (byte {error.start}).", "Save it as UTF-8.") from None
    return _Reading(name).whole(_events(text, name))


def _events(text: str, name: str) -> Iterator[Event]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise InputError(
            f"{name}{where}: this is no YAML: {problem}.", "Is it the notebook's storyboard.yaml?"
        ) from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply.", f"{DEEPEST} levels are read.") from None


class _Open:
    """A table or list that is being filled."""

    def __init__(self, table: bool, is_path: bool) -> None:
        self.table: dict[str, Any] | None = {} if table else None
        self.items: list[Any] = []
        self.is_path = is_path
        self.key: str | None = None

    def value(self) -> Any:
        if self.is_path:
            return "/".join(str(item) for item in self.items).replace("//", "/")
        return self.items if self.table is None else self.table


class _Reading:
    """From the parser's events to values, without its constructors and without recursion."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: list[_Open] = []
        self.result: Any = None
        self.documents = 0

    def whole(self, events: Iterator[Event]) -> Any:
        from yaml import events as kinds

        for event in events:
            if isinstance(event, kinds.AliasEvent) or getattr(event, "anchor", None):
                raise self._refused(event, "an anchor or alias", "The notebook writes none; write the values out.")
            if isinstance(event, kinds.ScalarEvent):
                self._put(event, self._scalar(event))
            elif isinstance(event, (kinds.MappingStartEvent, kinds.SequenceStartEvent)):
                self._begin(event, isinstance(event, kinds.MappingStartEvent))
            elif isinstance(event, (kinds.MappingEndEvent, kinds.SequenceEndEvent)):
                self._put(event, self.open.pop().value())
            elif isinstance(event, kinds.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise self._refused(event, "a second document", "There is one in the notebook's files.")
        return self.result

    def _begin(self, event: Any, table: bool) -> None:
        tag = self._tag(event)
        is_path = tag is not None and _PATHS.fullmatch(tag) is not None and not table
        if tag is not None and not is_path and tag != ("map" if table else "seq"):
            raise self._refused(event, f"the tag {_written(tag)}", _NO_TAGS)
        if len(self.open) == DEEPEST:
            raise self._refused(event, f"more than {DEEPEST} levels", "The notebook's files have six.")
        self.open.append(_Open(table, is_path))

    def _tag(self, event: Any) -> str | None:
        """The tag that is written, without the part that all of YAML's own begin with."""
        tag: str | None = event.tag
        return tag.removeprefix(_TAG) if tag and tag != "!" else None

    def _scalar(self, event: Any) -> Any:
        tag = self._tag(event)
        if tag is not None and tag not in _PLAIN_TAGS:
            raise self._refused(event, f"the tag {_written(tag)}", _NO_TAGS)
        return event.value if tag == "str" or (not event.implicit[0] and tag is None) else _plain(event.value)

    def _put(self, event: Any, value: Any) -> None:
        if not self.open:
            self.result = value
            return
        into = self.open[-1]
        if into.table is None:
            into.items.append(value)
        elif into.key is None:
            if isinstance(value, (dict, list)):
                raise self._refused(event, "a table or list as a key", "Keys are words.")
            into.key = str(value)
            if into.key in into.table:
                raise self._refused(event, f"the key `{into.key[:40]}` for the second time", "Leave one of them out.")
        else:
            into.table[into.key] = value
            into.key = None

    def _refused(self, event: Any, what: str, right: str) -> InputError:
        return InputError(f"{self.name}:{event.start_mark.line + 1}: here is {what}.", right)


def _written(tag: str) -> str:
    """A tag as it stands in the file."""
    return tag if tag.startswith("!") else f"!!{tag}"


def _plain(text: str) -> Any:
    """A bare word as what it means: nothing, true or false, a number, else a text."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return text
