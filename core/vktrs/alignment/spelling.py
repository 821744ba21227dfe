"""What a word is compared by: without case, accents, apostrophes and punctuation, numbers as English words."""

from __future__ import annotations

import re

from vktrs.storyboard.words import normal_form

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
_SIGNS = {"&": "and", "+": "plus", "%": "percent", "@": "at"}


def compared(word: str) -> str:
    """The letters by which `word` is compared, empty for mere punctuation: "Don't" is dont, "21st" twentyonest."""
    sign = _SIGNS.get(word.strip())
    return sign or normal_form(_NUMBER.sub(lambda match: _spoken(match[0]), word))


def _spoken(digits: str) -> str:
    """A number as it is usually sung: 1992 by hundreds, 2004 not, long ones digit by digit."""
    plain = digits.replace(",", "")
    if len(plain) > 6 or (plain[0] == "0" and len(plain) > 1):
        return "".join(_SMALL[int(digit)] for digit in plain)
    number = int(plain)
    if len(plain) == 4 and "," not in digits and number // 100 % 10:
        return _tens(number // 100) + _of_century(number % 100)
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _below_thousand(rest)
    return _below_thousand(thousands) + "thousand" + (_below_thousand(rest) if rest else "")


def _of_century(year: int) -> str:
    if not year:
        return "hundred"
    return f"o{_SMALL[year]}" if year < 10 else _tens(year)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _tens(rest)
    return _SMALL[hundreds] + "hundred" + (_tens(rest) if rest else "")


def _tens(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    return _TENS[number // 10] + (_SMALL[number % 10] if number % 10 else "")
