"""Why something is stale, in words: what changed between what it is made of now and what it was made of last. Pure.

It knows the names that the stages give to their inputs, and nothing of how fingerprints are made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

NOT_MADE = "not made yet"
REMOVED = "removed"
"""All is as it was when it was made: so it was there, and is gone."""

_CHAINED = {
    "song": "the song changed",
    "words": "the words changed",
    "structure": "the structure changed",
    "keyframe": "the keyframe changed",
    "cycle": "its pictures changed",
    "picture": "the picture file changed",
    "file": "the song's file changed",
    "url": "the song's address changed",
    "captions": "the captions of the song changed",
    "font": "the caption font changed",
    "version": "it is made in another way now",
    "engine_version": "the engine draws in another way now",
}
_COME_AND_GO = {
    "loop": ("its pictures loop now", "its pictures loop no longer", "its rounds begin at other frames"),
    "round": (
        "it shows only some of a round now",
        "it shows a whole round now",
        "a round has another number of pictures",
    ),
    "between": (
        "frames between its pictures are drawn now",
        "no frames between its pictures are drawn now",
        "pictures between others are drawn in another way now",
    ),
    "shown": (
        "it shows pictures between others now",
        "it shows no pictures between others now",
        "it shows another number of pictures",
    ),
    "fade": ("its caption fades now", "its caption fades no longer", "its caption fades at another pace"),
    "words": ("its words light up now", "its words light up no longer", "its words are sung at other frames"),
    "lyrics": ("there are lyrics now", "there are no lyrics now", "the lyrics file changed"),
    "vocals": ("the voice alone is listened to now", "the whole song is listened to now", "the voice changed"),
    "subtitles": ("it has subtitles now", "it has no subtitles now", "its subtitles changed"),
    "transition": ("it fades in now", "it fades in no longer", "the scene it fades in from changed"),
}
"""What is said where one of these came, went, or is another."""
_ORDERS = frozenset({"tsp", "as-made", "ping-pong"})
_FOLLOWS_ENGINE = frozenset({"engine_version", "options"})
_OF_MOVING = frozenset({"motion", "border", "color_coherence", "consistency"})  # these a scene that moves has or lacks
_OF_ONE = frozenset({"k", "frame_seed"})  # what tells the pictures of one scene apart
_MOST_CLIPS = 5
_LONGEST = 40
_BEFORE_DIFFERENCE = 10
_KEYLIKE = re.compile(r"\b(?:sk-|hf_)[\w-]{16,}", re.IGNORECASE)


def explain(
    now: Mapping[str, Any], before: Mapping[str, Any] | None, numbers: Mapping[str, int] | None = None
) -> list[str]:
    """What changed between two sets of inputs, each as a short phrase; NOT_MADE where there is no before.

    `numbers` are those of the scenes that are there, by their ids; only a scene that is not is named by its id.
    """
    if before is None:
        return [NOT_MADE]
    return list(_reasons(now, before, numbers or {})) or [REMOVED]


def _reasons(
    now: Mapping[str, Any], before: Mapping[str, Any], numbers: Mapping[str, int], renewed: bool = False
) -> Iterator[str]:
    """`renewed`: what is made in another way now may depend on more than before, which is no change of anybody's."""
    if ("picture" in now) != ("picture" in before):
        yield "your own picture takes its place" if "picture" in now else "your own picture is gone"
        return
    if "wrong" in now:
        yield "the options are wrong"
        return
    names = [*now, *(name for name in before if name not in now)]
    changed = [name for name in names if name not in _OF_ONE and now.get(name) != before.get(name)]
    if renewed := renewed or "version" in changed:
        changed = [name for name in changed if name in before]
    if ("motion" in now) != ("motion" in before):
        yield "it moves now" if "motion" in now else "it moves no longer"
        changed = [name for name in changed if name not in _OF_MOVING]
    if ("loop" in now) != ("loop" in before):
        changed = [name for name in changed if name not in ("hold", "round")]  # how long each stays is the loop's
    for name in changed:
        if not (name in _FOLLOWS_ENGINE and "engine" in changed):
            told = _reason(name, before.get(name), now.get(name), numbers, renewed)
            if told:
                yield told


def _reason(name: str, old: Any, new: Any, numbers: Mapping[str, int], renewed: bool) -> str:
    if name == "clips" and old is not None and new is not None:
        return _clips_reason(dict(old), dict(new), numbers)
    if name == "order" and old not in _ORDERS:
        return "the order changed"
    if name == "words" and isinstance(old, str) and isinstance(new, str):  # of the song; a caption's are numbers
        return _CHAINED[name]
    if name.startswith("signal "):
        return f"the {name} changed"
    if name == "transition" and old and new and old["length"] != new["length"]:
        return f"the fade is {new['length']} frames long instead of {old['length']}"
    if name in _COME_AND_GO:
        came, went, other = _COME_AND_GO[name]
        return came if old is None else went if new is None else other
    if name in _CHAINED and old is not None and new is not None:
        return _CHAINED[name]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return "; ".join(_reasons(new, old, numbers, renewed))
    return f"{name} {' -> '.join(_told(old, new))}"


def _clips_reason(old: dict[str, str], new: dict[str, str], numbers: Mapping[str, int]) -> str:
    changed = [scene for scene, key in new.items() if old.get(scene) != key]
    left = [scene for scene in old if scene not in new]
    named = [f"clip of scene {numbers.get(scene, scene)} changed" for scene in changed]
    named += [f"scene {numbers[scene]} has no frames" for scene in left if scene in numbers]
    named += [f"scene {scene} is gone" for scene in left if scene not in numbers]
    more = [f"and {len(named) - _MOST_CLIPS} more"] if len(named) > _MOST_CLIPS else []
    return "; ".join(named[:_MOST_CLIPS] + more) or "the clips have another order"


def _told(old: Any, new: Any) -> tuple[str, str]:
    """Both values, short enough to read; of long texts the part from where they differ."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return _short(old), _short(new)
    old, new = without_keys(old), without_keys(new)
    alike = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(old))
    skipped = alike - _BEFORE_DIFFERENCE
    if max(len(old), len(new)) <= _LONGEST or skipped <= 0:
        return _short(old), _short(new)
    return _short("…" + old[skipped:]), _short("…" + new[skipped:])


def _short(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return _short(value.get("text", "another"))
    if not isinstance(value, str):
        return without_keys(f"{value}")
    told = without_keys(value)
    return f'"{told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"}"'


def without_keys(text: str) -> str:
    """The text without what looks like the key of a service or of the hub."""
    return _KEYLIKE.sub("[key]", text)
