"""The last word of an expression is made whole, and nothing else of it is touched."""

from __future__ import annotations

import pytest

from vktrs_tui.completing import completed, expression_words

WORDS = expression_words(["pulse", "voice"])


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("pu", "pulse"),
        ("1 + 0.1 * vo", "1 + 0.1 * voice"),
        ("smo", "smoothstep("),
        ("max(pu", "max(pulse"),
        ("0: (1), 30: (cl", "0: (1), 30: (clamp("),
        ("fr", "frame"),
        ("pulse", None),
        ("frame", None),
        ("1 + ", None),
        ("", None),
        ("xyz", None),
        ("1e", None),
        ("1.p", None),
    ],
)
def test_the_last_word_is_completed(text: str, whole: str | None) -> None:
    assert completed(text, WORDS) == whole
