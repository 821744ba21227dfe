"""Colour words mean the colours that people mean, and a palette holds them."""

from __future__ import annotations

import numpy as np
import pytest

from vktrs.engines.cppn.colour_words import named_colours, scenery_colours
from vktrs.engines.cppn.oklab import (
    Lch,
    difference,
    hue_gap,
    lab_from_linear,
    lch_from_hex,
    linear_from_lab,
    linear_from_srgb,
    natural_colour,
    srgb_from_linear,
)
from vktrs.engines.cppn.palette import SHADES, ZONES, palette_for


def _only(text: str) -> Lch:
    colours = named_colours(text)
    assert len(colours) == 1, (text, colours)
    return colours[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a crimson sky", "#dc143c"),
        ("Teal!", "#008080"),
        ("midnight blue", "#191970"),
        ("midnightblue velvet", "#191970"),
        ("Midnight-Blue", "#191970"),
        ("dark green", "#006400"),
        ("light golden rod yellow", "#fafad2"),
        ("golden afternoon", "#f2b21b"),
        ("azure", "#0a84ff"),
        ("greys", "#808080"),
        ("reddish", "#ff0000"),
        ("bluish", "#0000ff"),
    ],
)
def test_a_colour_word_is_its_colour(text: str, value: str) -> None:
    assert difference(_only(text), lch_from_hex(value)) < 0.01


@pytest.mark.parametrize("text", ["", "give me your answer do", "a snowman in peru", "greenhouse", "blurred", "редкий"])
def test_words_that_are_no_colours_name_none(text: str) -> None:
    assert named_colours(text) == []


def test_colours_come_in_the_order_of_mention_and_once() -> None:
    colours = named_colours("teal waves, crimson sun, more teal")
    assert [round(c[2]) for c in colours] == [round(lch_from_hex(v)[2]) for v in ("#008080", "#dc143c")]


def test_modifiers_change_lightness_and_keep_the_hue() -> None:
    plain, dark, pale = _only("crimson"), _only("dark crimson"), _only("pale crimson")
    assert dark[0] < plain[0] - 0.1 < plain[0] + 0.1 < pale[0]
    assert max(hue_gap(plain[2], other[2]) for other in (dark, pale)) < 1


def test_scenery_stands_in_where_no_colour_is_named() -> None:
    assert scenery_colours("sunsets over the sea") and not named_colours("sunsets over the sea")
    (sea,) = scenery_colours("the sea")
    assert 160 < sea[2] < 240


def test_oklab_there_and_back_is_the_same_colour() -> None:
    srgb = np.random.RandomState(0).random_sample((200, 3))
    linear = linear_from_srgb(srgb)
    assert np.allclose(srgb_from_linear(linear_from_lab(lab_from_linear(linear))), srgb, atol=1e-9)


def test_white_has_lightness_one_and_no_chroma() -> None:
    lightness, chroma, _ = lch_from_hex("#ffffff")
    assert abs(lightness - 1) < 1e-3 and chroma < 1e-3  # the published matrices are rounded


def _hues(prompt: str, negative: str = "", hue: float = 0.0, harmony: int = 0) -> np.ndarray:
    """The hue of each zone's middle shade."""
    table = palette_for(prompt, negative, hue, harmony).table
    lab = lab_from_linear(table.T.reshape(ZONES, SHADES, 3)[:, SHADES // 2].astype(np.float64))
    hues: np.ndarray = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    return hues


def _share(hues: np.ndarray, hue: float, within: float = 30) -> float:
    return float(np.mean([hue_gap(one, hue) < within for one in hues]))


def test_a_table_is_complete_and_can_be_shown() -> None:
    table = palette_for("violet and lime", "", 0, 0).table
    assert table.shape == (3, ZONES * SHADES) and table.dtype == np.float32
    assert np.isfinite(table).all() and table.min() >= 0 and table.max() <= 1


@pytest.mark.parametrize("prompt", ["crimson", "teal", "gold", "midnight blue", "forest green", "hot pink"])
def test_one_colour_takes_most_of_its_palette(prompt: str) -> None:
    assert _share(_hues(prompt), named_colours(prompt)[0][2]) > 0.6


def test_each_of_three_colours_has_its_share() -> None:
    hues = _hues("crimson, gold and cobalt")
    assert all(_share(hues, colour[2], 20) > 0.2 for colour in named_colours("crimson, gold and cobalt"))


@pytest.mark.parametrize("harmony", range(7))
@pytest.mark.parametrize("avoided", ["green", "red", "orange and yellow"])
def test_colours_of_the_negative_prompt_are_avoided(avoided: str, harmony: int) -> None:
    for hue in range(0, 360, 45):
        hues = _hues("a song", avoided, hue, harmony)
        for colour in named_colours(avoided):
            assert _share(hues, colour[2], 20) < 0.12, (avoided, hue, hues)


def test_what_the_prompt_names_wins_over_the_negative_prompt() -> None:
    assert _share(_hues("crimson", "crimson"), named_colours("crimson")[0][2]) > 0.6


def test_natural_colours_are_light_for_yellow_and_dark_for_blue() -> None:
    assert natural_colour(110)[0] > 0.8 > 0.6 > natural_colour(264)[0]


def test_ramps_have_no_steps() -> None:
    table = palette_for("yellow and navy", "", 0, 0).table.reshape(3, ZONES, SHADES).astype(np.float64)
    assert np.abs(np.diff(srgb_from_linear(table), axis=2)).max() * 255 < 4
