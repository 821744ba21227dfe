"""A text shared by two scenes, and two texts joined: by the times of its words where known, else by its length.

Pure functions on texts and words; scenes are the business of `edits`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vktrs.lines import Word
from vktrs.storyboard.words import cut_text as pieces_of

# Japanese and Chinese put no spaces between words: there each character is a place where a text may be cut.
_UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PART = rf"[^\s{_UNSPACED}]"
_TOKEN = re.compile(rf"[{_UNSPACED}]|{_PART}+")
_WITHIN = re.compile(_PART * 2)  # two signs of one word


def tokens(text: str) -> list[str]:
    """The words of a text with their punctuation."""
    return _TOKEN.findall(text)


def may_cut(text: str, at: int) -> bool:
    """Whether no word is cut in two before character number `at` of a text.

    Of a text without spaces in a script that has no capitals, as Thai, words may end anywhere: nobody can tell here.
    """
    if at < 1 or not _WITHIN.match(text, at - 1):
        return True
    letter = text[at : at + 1]
    return " " not in text and letter.lower() == letter.upper()


def cut_text(text: str, count: int) -> tuple[str, str]:
    """The text before and after its first `count` tokens, white space at the cut left out."""
    spans = [match.span() for match in _TOKEN.finditer(text)]
    if count <= 0:
        return "", text
    if count >= len(spans):
        return text, ""
    return text[: spans[count - 1][1]], text[spans[count][0] :]


def words_before(words: Sequence[Word], at: float) -> int:
    """How many of the words are mostly sung before `at` seconds."""
    return sum((word.start + word.end) / 2 < at for word in words)


def tokens_of_words(text: str, words: Sequence[Word], before: int) -> int:
    """How many tokens of `text` the first `before` words are: those that they are, or as many, or their share."""
    pieces = pieces_of(text, words)
    if pieces is not None:
        return len(tokens("".join(pieces[:before])))
    if len(tokens(text)) == len(words) or before in (0, len(words)):
        return len(tokens(text)) if before == len(words) else before
    spoken = [len(word.text.strip()) + 1 for word in words]
    return tokens_by_share(text, sum(spoken[:before]) / sum(spoken))


def tokens_by_share(text: str, share: float) -> int:
    """How many tokens fill about `share` (0..1) of the text; of several at least one stays on either side."""
    ends = [match.end() for match in _TOKEN.finditer(text)]
    if not ends or share <= 0 or share >= 1:
        return len(ends) if share >= 1 else 0
    if len(ends) == 1:
        return 1 if share >= 0.5 else 0
    wanted = share * len(text)
    return min(range(1, len(ends)), key=lambda count: abs(ends[count - 1] - wanted))


def joined(first: str, second: str) -> str:
    """Both texts, with a space between them where both say something."""
    return " ".join(part for part in (first, second) if part)
