"""Find and replace in what a person wrote: where a pattern stands, what would become of it, and doing that. Pure.

Only written texts are looked at: a prompt that is derived from the lyrics is changed by changing the lyrics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from vktrs.errors import InputError
from vktrs.storyboard import edits
from vktrs.storyboard.edits import Edited
from vktrs.storyboard.model import Scene, Storyboard

TEXT_FIELDS: tuple[str, ...] = ("text", "prompt", "caption", "negative_prompt")
"""The fields of a scene in which can be looked."""

_PART_OF_WORD = r"\w\u0300-\u036f"


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern stands in a field of a scene: `spans` are (first, end) in characters, in order."""

    scene_id: str
    field: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a field of a scene would become; `number` is the scene's in the table, from 1."""

    scene_id: str
    number: int
    field: str
    before: str
    after: str


def find(
    board: Storyboard,
    pattern: str,
    fields: Sequence[str] = ("text", "prompt"),
    case: bool = False,
    regex: bool = False,
    whole_words: bool = False,
) -> tuple[Match, ...]:
    """Where `pattern` stands, in the order of the table; nothing for an empty one.

    Upper and lower case are one unless `case`. InputError where a regular expression is wrong, with the place.
    """
    if not pattern:
        return ()
    wanted = _compiled(pattern, case, regex, whole_words)
    found = []
    for scene, field, text in _texts(board, fields):
        spans = tuple(match.span() for match in wanted.finditer(text) if match.group())
        if spans:
            found.append(Match(scene.id, field, spans))
    return tuple(found)


def replacements(
    board: Storyboard,
    pattern: str,
    replacement: str,
    fields: Sequence[str] = ("text", "prompt"),
    ids: Collection[str] | None = None,
    case: bool = False,
    regex: bool = False,
    whole_words: bool = False,
) -> tuple[Replacement, ...]:
    r"""What would change if every match became `replacement`, in the scenes `ids` (None: in all).

    With `regex`, \1 and \g<name> in the replacement are what a group matched. InputError where one of the two is wrong.
    """
    if not pattern:
        return ()
    wanted = _compiled(pattern, case, regex, whole_words)
    numbers = {scene.id: number for number, scene in enumerate(board.scenes, start=1)}
    within = numbers.keys() if ids is None else set(ids)
    found = []
    for scene, field, text in _texts(board, fields):
        if scene.id not in within:
            continue
        after = _replaced(wanted, replacement, text, regex)
        if after != text:
            found.append(Replacement(scene.id, numbers[scene.id], field, text, after))
    return tuple(found)


def apply_replacements(board: Storyboard, chosen: Collection[Replacement]) -> Edited:
    """The board with those replacements made.

    A field that changed meanwhile keeps what it has, and that is said. What becomes empty is taken out, so that it is
    derived or inherited again. InputError where a text would not be allowed in the file.
    """
    places = {scene.id: place for place, scene in enumerate(board.scenes)}
    scenes = list(board.scenes)
    said = []
    for each in chosen:
        place = places.get(each.scene_id)
        if place is None:
            said.append(f"Scene {each.number} is gone.")
        elif getattr(scenes[place], each.field) != each.before:
            said.append(f"The {_label(each.field)} of scene {place + 1} was changed meanwhile and left alone.")
        else:
            until = scenes[place + 1].start if place + 1 < len(scenes) else None
            scenes[place], adjusted = _written(board, scenes[place], each, until)
            said += [f"Scene {place + 1}: {sentence}" for sentence in adjusted]
    return Edited(replace(board, scenes=tuple(scenes)) if scenes != list(board.scenes) else board, tuple(said))


def _written(board: Storyboard, scene: Scene, wanted: Replacement, until: float | None) -> tuple[Scene, Sequence[str]]:
    """The scene with the field set by the rules of `edits`, on a board of its own: thousands of them stay quick."""
    value = wanted.after if wanted.after.strip() or wanted.field == "text" else None
    done, said = edits.with_field(scene, wanted.field, value, until)
    edits.valid(replace(board, scenes=(replace(done, start=0.0, end=None),)))
    adjusted = list(said)
    if value is None:
        adjusted.append(f"nothing is left of its {_label(wanted.field)}, so what holds without one holds again.")
    return done, adjusted


def _texts(board: Storyboard, fields: Sequence[str]) -> Iterator[tuple[Scene, str, str]]:
    unknown = [field for field in fields if field not in TEXT_FIELDS]
    if unknown:
        raise InputError(f"Nothing can be found in `{unknown[0]}`.", f"Look in one of {', '.join(TEXT_FIELDS)}.")
    for scene in board.scenes:
        for field in fields:
            text = getattr(scene, field)
            if text:
                yield scene, field, text


def _compiled(pattern: str, case: bool, regex: bool, whole_words: bool) -> re.Pattern[str]:
    source = pattern if regex else _either_form(pattern)
    flags = 0 if case else re.IGNORECASE
    try:
        re.compile(source, flags)
        if whole_words:
            source = rf"(?<![{_PART_OF_WORD}])(?:{source})(?![{_PART_OF_WORD}])"
        return re.compile(source, flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise InputError(_fault("regular expression", error), "Mend it, or look for the text as it stands.") from None


def _either_form(pattern: str) -> str:
    """A text to look for, its accents as letters of their own or composed: nobody sees which of the two is typed."""
    forms = [pattern, *(unicodedata.normalize(form, pattern) for form in ("NFC", "NFD"))]
    return "|".join(re.escape(form) for form in dict.fromkeys(forms))


def _replaced(wanted: re.Pattern[str], replacement: str, text: str, regex: bool) -> str:
    if not regex:
        return wanted.sub(lambda _: replacement, text)
    try:
        return wanted.sub(replacement, text)
    except (re.error, IndexError) as error:
        raise InputError(
            _fault("replacement", error), r"Groups are named \1, \2 or \g<name>; a backslash is \\."
        ) from None


def _fault(what: str, error: Exception) -> str:
    position = getattr(error, "pos", None)
    where = "" if position is None else f" at character {position + 1}"
    said = getattr(error, "msg", None) or str(error)
    return f"The {what} is wrong{where}: {said}."


def _label(field: str) -> str:
    return field.replace("_", " ")
