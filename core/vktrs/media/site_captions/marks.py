"""What stands in captions and is not sung: `[Music]`, `(applause)`, notes, the mark of another speaker."""

from __future__ import annotations

import re

_CENSORED = re.compile(r"\[\s*(_+)\s*\]")
_BRACKETS = re.compile(r"\[[^\[\]]{0,80}\]|【[^【】]{0,80}】|［[^［］]{0,80}］")
# in round brackets lyrics are sung, too: "(oh yeah)"
_SOUNDS = (
    r"music|musik|m[uú]sica|musique|muziek|applause|applaus|aplausos|applaudissements|laughter|laughing|cheering|cheers|"
    r"clapping|whistling|instrumental|(?:guitar|piano|drum|sax\w*) solo"
)
_SOUND = re.compile(rf"[(（][^()（）]{{0,60}}\b(?:{_SOUNDS})(?:\s+(?:playing|plays|continues|fades))?\s*[)）]", re.I)
_NOTES = re.compile(r"[♩♪♫♬]+")
_LONE = re.compile(r"(?<!\S)(?:>{2,}|[#*]+|[-\u2013\u2014]+)(?!\S)|>{2,}")  # -- between blanks is a pause, or a speaker


def sung_part(text: str) -> list[bool]:
    """For each letter of the text whether it is sung. A word that the site censored, `[ __ ]`, is one, as `__`."""
    sung = [True] * len(text)
    censored = [match.span(1) for match in _CENSORED.finditer(text)]
    for pattern in (_BRACKETS, _SOUND, _NOTES, _LONE):
        for match in pattern.finditer(text):
            sung[match.start() : match.end()] = [False] * len(match[0])
    for start, end in censored:
        sung[start:end] = [True] * (end - start)
    return sung


def without_marks(text: str) -> str:
    """What of the text is sung, its blanks made one; empty where nothing is."""
    kept = "".join(
        letter if sung else " " * letter.isspace() for letter, sung in zip(text, sung_part(text), strict=True)
    )
    kept = " ".join(kept.split())
    return kept if is_sung(kept) else ""


def is_sung(text: str) -> bool:
    """Whether there is a letter in it, or a censored word."""
    return "_" in text or any(map(str.isalnum, text))
