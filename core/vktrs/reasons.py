"""Why something is stale, in words: what changed between what it is made of now and what it was made of last. Pure.

It knows the names that the stages give to their inputs, and nothing of how fingerprints are made of them.
"""

from __future__ import annotations

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
    "lyrics": "the lyrics file changed",
    "font": "the caption font changed",
    "version": "it is made in another way now",
    "engine_version": "the engine draws in another way now",
}
_ORDERS = frozenset({"tsp", "as-made", "ping-pong"})
_FOLLOWS_ENGINE = frozenset({"engine_version", "options"})
_MOST_CLIPS = 5
_LONGEST = 40
_BEFORE_DIFFERENCE = 10


def explain(
    now: Mapping[str, Any], before: Mapping[str, Any] | None, numbers: Mapping[str, int] | None = None
) -> list[str]:
    """What changed between two sets of inputs, each as a short phrase; NOT_MADE where there is no before.

    `numbers` are those of the scenes that are there, by their ids; only a scene that is not is named by its id.
    """
    if before is None:
        return [NOT_MADE]
    return list(_reasons(now, before, numbers or {})) or [REMOVED]


def _reasons(now: Mapping[str, Any], before: Mapping[str, Any], numbers: Mapping[str, int]) -> Iterator[str]:
    if ("picture" in now) != ("picture" in before):
        yield "your own picture takes its place" if "picture" in now else "your own picture is gone"
        return
    names = [*now, *(name for name in before if name not in now)]
    changed = [name for name in names if name != "k" and now.get(name) != before.get(name)]
    for name in changed:
        if not (name in _FOLLOWS_ENGINE and "engine" in changed):
            yield _reason(name, before.get(name), now.get(name), numbers)


def _reason(name: str, old: Any, new: Any, numbers: Mapping[str, int]) -> str:
    if name == "clips" and old is not None and new is not None:
        return _clips_reason(dict(old), dict(new), numbers)
    if name == "order" and old not in _ORDERS:
        return "the order changed"
    if name in _CHAINED and old is not None and new is not None:
        return _CHAINED[name]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return "; ".join(_reasons(new, old, numbers))
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
        return f"{value}"
    return f'"{value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"}"'
