"""Owns which words mean which colours: the CSS table of Pillow, what it lacks, modifiers, and scenery.

It finds colours in a text and says nothing of how a picture uses them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from PIL import ImageColor

from vktrs.engines.cppn.oklab import Lch, difference, lch_from_hex

# What CSS lacks, or calls something else than people do: its azure and lavender are nearly white,
# its violet is an orchid.
_BEYOND_CSS = {
    "amber": "#ffb000", "amethyst": "#9b59d0", "apricot": "#fbac6b", "azure": "#0a84ff", "brass": "#b5892e",
    "bronze": "#b87333", "burgundy": "#7a0a2b", "carmine": "#b80f2e", "cerise": "#de3163", "cerulean": "#1c8fd0",
    "champagne": "#f0d9a0", "charcoal": "#33383d", "cherry": "#c2143c", "claret": "#7f1734", "cobalt": "#0047ab",
    "copper": "#c8713a", "cream": "#fff1c9", "ebony": "#221a1a", "emerald": "#0fa968", "fuchsia": "#e3219b",
    "golden": "#f2b21b", "gilded": "#e6ac27", "honey": "#eba937", "jade": "#00a873", "lavender": "#b08ae6",
    "lemon": "#f7e14c", "lilac": "#c29be0", "mauve": "#b784a7", "mint": "#7fe0b0", "mustard": "#d9a521",
    "ochre": "#cc7722", "peach": "#ffb48a", "petrol": "#005f6a", "pumpkin": "#f07a1a", "raspberry": "#d6225f",
    "rose": "#ec4a7c", "rosy": "#ec6a8c", "ruby": "#c5093f", "russet": "#8f4528", "rust": "#b7410e",
    "saffron": "#f4b62c", "sapphire": "#1446b8", "scarlet": "#f0260f", "sepia": "#7b5231", "silver": "#b4bcc6",
    "silvery": "#b4bcc6", "tangerine": "#ff8716", "terracotta": "#cf6a48", "ultramarine": "#2a22c0",
    "umber": "#6b4a32", "verdigris": "#43b3a0", "vermilion": "#e8432a", "vermillion": "#e8432a",
    "violet": "#8538ee", "viridian": "#2f8f6f", "pink": "#ff7fb2",
}  # fmt: skip

# CSS names that a song uses for something else. (Snow comes back as scenery.)
_NOT_MEANT = frozenset({"snow", "peru", "tan", "linen", "wheat", "seashell", "thistle"})

# What everybody sees in certain colours: stands in where no colour is named, and adds an accent where one is.
_SCENERY = {
    "autumn": "#c8511a #e6a11f", "beach": "#f4b871 #1fb5b8", "blood": "#8a0303", "candle": "#ffb000",
    "candlelight": "#ffb000 #8a3a12", "city": "#ff2e9a #1446b8", "dawn": "#ffb48a #a58be0", "desert": "#dd7f2a #b3402a",
    "dusk": "#b0529a #3a2a9a", "fire": "#f2551f #ffb000", "flame": "#f2551f #ffb000", "flower": "#ec4a7c #5fbf6a",
    "forest": "#1f8f3f #0a5f55", "garden": "#2fa84f #ec4a7c", "ghost": "#7fe0b0 #b4bcc6", "grass": "#5fb83a",
    "heaven": "#5ab4f0 #ffd77a", "ice": "#3fb4e8 #b8e4f4", "jungle": "#0fa968 #b5c81f", "lake": "#1c8fd0",
    "meadow": "#6fbf3a #f2c81b", "midnight": "#26209a #7a3ae0",
    "moon": "#aebfe0 #2a4ab8", "moonlight": "#aebfe0 #2a4ab8",
    "neon": "#ff1fa8 #00d4e8", "night": "#2a2a9f #6a3ad0", "ocean": "#0a8f96 #0a4ab0", "promenade": "#f0b070",
    "rain": "#4682b4 #0a6a78", "river": "#0a8f96", "sea": "#0a8f9a", "seaside": "#0aa0a8", "sky": "#4aa8f0",
    "snow": "#3fa8e0 #e8f2fa", "space": "#3a1f9a #e03fa8", "spring": "#7fd08a #f58ab8", "star": "#3a2aa8 #ffd060",
    "storm": "#1f5f78 #4a3a9a", "summer": "#ffc01f #1fb5c8", "sun": "#ffb000 #f2551f", "sunrise": "#ff9a6a #ffc83f",
    "sunset": "#ff7a16 #d62a8a", "twilight": "#4a2aa8 #d06ab0", "underwater": "#0a8f9a #0a6af0",
    "vampire": "#b30a2a #3a1030", "wedding": "#ffd8b0 #ec5a8c", "winter": "#3f9ae0 #b8dcf4",
    "zombie": "#7fa81f #8a1a3a",
}  # fmt: skip

# Lightness is moved towards black or white by the first number, chroma multiplied by the second.
_MODIFIERS = {
    "dark": (-0.38, 0.85), "deep": (-0.28, 1.0), "dim": (-0.4, 0.7), "dusky": (-0.25, 0.6), "dusty": (0.1, 0.55),
    "light": (0.5, 0.6), "pale": (0.55, 0.5), "pastel": (0.5, 0.6), "soft": (0.3, 0.7), "bright": (0.1, 1.3),
    "vivid": (0.0, 1.4), "electric": (0.1, 1.5), "neon": (0.1, 1.6), "hot": (0.0, 1.3), "acid": (0.15, 1.5),
}  # fmt: skip


def named_colours(text: str) -> list[Lch]:
    """The colours that `text` names, first mentioned first ("crimson", "midnight blue", "dark green", "greenish")."""
    words = _words(text)
    found: list[Lch] = []
    at = 0
    while at < len(words):
        colour, length = _longest(words[at : at + 4])
        if colour is not None and all(difference(colour, other) > 0.02 for other in found):
            found.append(colour)
        at += length
    return found


def scenery_colours(text: str) -> list[Lch]:
    """The colours of the scenery that `text` speaks of ("sunset", "gardens"), first mentioned first."""
    words = [word if word in _SCENERY else word.removesuffix("s") for word in _words(text)]
    values = [value for word in words for value in _SCENERY.get(word, "").split()]
    return [lch_from_hex(value) for value in dict.fromkeys(values)]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    css = {name: str(value) for name, value in ImageColor.colormap.items()}
    return {name: value for name, value in css.items() if name not in _NOT_MEANT} | _BEYOND_CSS


def _longest(words: Sequence[str]) -> tuple[Lch | None, int]:
    """The colour that the most of the first words name together, and how many words those are (1 where none do)."""
    for count in range(len(words), 0, -1):
        colour = _colour_of(words[:count])
        if colour is not None:
            return colour, count
    return None, 1


def _colour_of(words: Sequence[str]) -> Lch | None:
    """The colour of exactly these words: one name, written together or apart, or a modifier and a name."""
    name = "".join(words)
    if name in _table():
        return lch_from_hex(_table()[name])
    if len(words) == 1:
        return _inflected(name)
    base = _colour_of(words[1:])
    if base is None or words[0] not in _MODIFIERS:
        return None
    towards, richer = _MODIFIERS[words[0]]
    lightness, chroma, hue = base
    lightness += towards * (1 - lightness if towards > 0 else lightness)
    return lightness, chroma * richer, hue


def _inflected(word: str) -> Lch | None:
    """The colour in "reddish", "greeny", "blues"; None where there is none."""
    ending = re.search(r"(?:ish|y|s)$", word)
    if ending is None:
        return None
    stem = word[: ending.start()]
    for name in (stem, re.sub(r"(.)\1$", r"\1", stem), stem + "e"):
        if name in _table():
            return lch_from_hex(_table()[name])
    return None
