"""The columns and cells of the storyboard table: which stand where, and what of a text is drawn."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from vktrs_tui.view import Mark, SceneRow, Shown
from vktrs_tui.widgets.scene_table.cells import ASCII, UNICODE, fit, length_text, mark_text, plain, spanned, time_text
from vktrs_tui.widgets.scene_table.columns import BY_NAME, COLUMNS, layout
from vktrs_tui.widgets.scene_table.drawing import Line, RowState, cells_of, changed_cells, draw_header, draw_row
from vktrs_tui.widgets.scene_table.listing import Listing, Selection

ALL = [column.name for column in COLUMNS]

texts = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x00\x9b\r\n\t\u200d\u200b\ufe0f\u0301\u0300\u202e\u2067\U0001f3fd\U0001f1e9夜👩ｶא"),
    ),
    max_size=60,
)
symbol_sets = st.sampled_from([UNICODE, ASCII])


def names(width: int) -> list[str]:
    return [column.name for column in layout(width)]


def row(text: str = "", prompt: str = "", number: int = 1) -> SceneRow:
    blank = Shown("", False)
    return SceneRow(f"s{number}", number, number * 2.0, 2.0, text, Shown(prompt, False), blank, blank)


@pytest.mark.parametrize(
    ("width", "hidden"),
    [
        (120, []),
        (80, ["theme", "animation"]),
        (60, ["theme", "animation"]),
        (59, ["prompt", "theme", "animation"]),
        (45, ["length", "prompt", "theme", "animation"]),
        (30, ["length", "prompt", "theme", "animation", "keyframe", "variations", "clip"]),
    ],
)
def test_columns_that_can_be_spared_hide_first(width: int, hidden: list[str]) -> None:
    assert names(width) == [name for name in ALL if name not in hidden]


def test_columns_lie_side_by_side_within_any_width() -> None:
    for width in range(301):
        at = 0
        for column in layout(width):
            assert column.x >= at
            assert column.width > 0
            at = column.x + column.width
        assert at <= width
        assert width < 17 or all(column.width >= BY_NAME[column.name].least for column in layout(width))


def test_lyric_and_prompt_share_what_a_wide_table_has_left() -> None:
    narrow, wide = ({column.name: column.width for column in layout(width)} for width in (80, 200))
    assert wide["text"] > narrow["text"]
    assert wide["prompt"] > narrow["prompt"]
    assert sum(wide.values()) > 170, "nothing is left over"


@pytest.mark.parametrize(
    ("seconds", "width", "text"),
    [
        (0.0, 8, "0:00.000"),
        (62.25, 8, "1:02.250"),
        (59.9996, 8, "1:00.000"),
        (602.25, 9, "10:02.250"),
        (602.25, 8, "10:02.25"),
        (6000.5, 6, "100:00"),
    ],
)
def test_a_time_keeps_as_many_decimals_as_there_is_room_for(seconds: float, width: int, text: str) -> None:
    assert time_text(seconds, width) == text


def test_an_unknown_length_is_a_dash() -> None:
    assert (length_text(1.005), length_text(None), length_text(None, ASCII)) == ("1.00", "–", "-")


@pytest.mark.parametrize(
    ("mark", "width", "text"),
    [
        (Mark("fresh"), 1, "✓"),
        (Mark("stale"), 3, "~"),
        (Mark("missing"), 1, "·"),
        (Mark("failed"), 1, "✗"),
        (Mark("unknown"), 1, ""),
        (Mark("running"), 1, "►"),
        (Mark("running", 0.0), 1, "▁"),
        (Mark("running", 1.0), 1, "█"),
        (Mark("running", 0.42), 3, "42%"),
        (Mark("running", 1.0), 3, "99%"),
    ],
)
def test_every_state_has_a_symbol_of_its_own(mark: Mark, width: int, text: str) -> None:
    assert mark_text(mark, width) == text
    assert cell_len(text) <= width
    assert mark_text(mark, width, ASCII).isascii()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("[chorus] la [/x]", "[chorus] la [/x]"),
        ("one\r\ntwo\nthree\ttab", "one␤two␤three tab"),
        ("\x1b[31mred\x07\x7f", "␛[31mred␇␡"),
        ("\x9b31m", "�31m"),
        ("a\u202eb\u2066c\u200f", "abc"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f 👍🏽 🇩🇪", "👨👩👧 ❤ 👍 DE"),
        ("e\u0301", "é"),
        ("\ud800", "�"),
    ],
)
def test_what_is_typed_is_shown_and_controls_nothing(text: str, drawn: str) -> None:
    assert plain(text) == drawn


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert plain("Café “Köln” – 夜\n", ascii_only=True) == 'Cafe "Koln" - ??/'


@given(text=texts, width=st.integers(0, 40), symbols=symbol_sets, align=st.sampled_from(["left", "right", "center"]))
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int, symbols: object, align: str) -> None:
    chosen = ASCII if symbols is ASCII else UNICODE
    drawn = "".join(part for part, _ in fit([(text, "plain")], width, chosen, align))
    assert cell_len(drawn) == sum(map(cell_len, drawn)) == width
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in drawn)
    assert drawn.isascii() or chosen is UNICODE


@given(text=texts, prompt=texts, width=st.integers(1, 220), symbols=symbol_sets)
def test_a_line_is_exactly_as_wide_as_the_table(text: str, prompt: str, width: int, symbols: object) -> None:
    chosen = ASCII if symbols is ASCII else UNICODE
    state = RowState("text", matches=(("prompt", ((1, 3), (2, 9))),))
    line = draw_row(row(text, prompt), state, layout(width), width, chosen)
    assert sum(map(cells_of, line)) == width
    assert sum(map(cells_of, draw_header(layout(width), "text", width, chosen))) == width


def test_what_does_not_fit_ends_in_a_sign() -> None:
    assert fit([("a long line", "x")], 6) == [("a lon", "x"), ("…", "x")]
    assert fit([("夜夜夜", "x")], 4) == [("夜", "x"), ("… ", "x")]


def test_found_spans_keep_the_text_whole() -> None:
    parts = spanned("la la la", [(0, 2), (1, 5), (6, 99)], "plain", "match")
    assert "".join(text for text, _ in parts) == "la la la"
    assert [text for text, look in parts if look == "match"] == ["la", " la", "la"]


def drawn(text: str, state: RowState) -> Line:
    return draw_row(row(text), state, layout(80), 80, UNICODE)


def test_only_what_looks_different_is_painted_again() -> None:
    plain_state = RowState()
    assert changed_cells(drawn("la", plain_state), drawn("la", plain_state)) is None
    first, last = changed_cells(drawn("la", plain_state), drawn("so la", plain_state)) or (0, 0)
    lyric = next(column for column in layout(80) if column.name == "text")
    assert lyric.x - 2 <= first
    assert last == lyric.x + len("so la"), "blanks that stay blank are left alone"


def listing(*ids: str, only: frozenset[str] | None = None) -> Listing:
    blank = Shown("", False)
    rows = tuple(SceneRow(each, at + 1, float(at), 1.0, each, blank, blank, blank) for at, each in enumerate(ids))
    return Listing(rows, only)


@pytest.mark.parametrize(
    ("now", "nearest"),
    [("abcde", "c"), ("abde", "d"), ("ab", "b"), ("vwxyz", "x"), ("", None)],
)
def test_the_nearest_scene_is_the_next_that_is_left(now: str, nearest: str | None) -> None:
    assert listing(*now).nearest("c", listing(*"abcde")) == nearest


def test_hidden_scenes_are_not_selected_but_keep_their_marks() -> None:
    every = listing(*"abcde")
    chosen = Selection(frozenset("ae"), anchor="b")
    assert chosen.ids(every, "c") == ("a", "b", "c", "e")
    narrowed = Listing(every.rows, frozenset("bce"))
    assert chosen.kept(narrowed, every).ids(narrowed, "c") == ("b", "c", "e")
    assert chosen.kept(listing(*"abcd"), every).marks == frozenset("a")
