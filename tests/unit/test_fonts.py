"""What is read of font files: their characters and heights, and that no file of another kind gets through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.media import fonts
from vktrs.media.fonts import tables
from vktrs.media.fonts.face import SHIPPED, face_of

DATA = fonts.BOLD.read_bytes()


def with_format_four_only(data: bytes) -> bytes:
    """The same font, whose table of all characters (format 12) is called by a number that nobody knows."""
    at = next(at for at in range(12, 12 + 16 * 40, 16) if data[at : at + 4] == b"cmap")
    cmap = int.from_bytes(data[at + 8 : at + 12], "big")
    made = bytearray(data)
    for index in range(int.from_bytes(data[cmap + 2 : cmap + 4], "big")):
        offset = cmap + int.from_bytes(data[cmap + 8 + 8 * index : cmap + 12 + 8 * index], "big")
        if data[offset : offset + 2] == b"\0\x0c":
            made[offset : offset + 2] = b"\0\x63"
    return bytes(made)


def test_both_kinds_of_tables_tell_the_same_characters() -> None:
    everything = tables.glyphs(DATA)
    assert {ord("A"), ord("é"), ord("ש"), 0x1D7D8} <= everything and ord("你") not in everything
    assert tables.glyphs(with_format_four_only(DATA)) == {code for code in everything if code < 0x10000}


def test_the_height_is_what_libass_takes() -> None:
    assert tables.line_height(DATA) == fonts.LINE_HEIGHT


@given(st.data())
def test_a_damaged_font_is_said_to_be_one_or_read(data: st.DataObject) -> None:
    """Never another error, and never without an end."""
    made = bytearray(DATA[: data.draw(st.integers(0, 4000))])
    for at in data.draw(st.lists(st.integers(0, max(len(made) - 1, 0)), max_size=6)) if made else ():
        made[at] = data.draw(st.integers(0, 255))
    for read in (tables.glyphs, tables.line_height):
        try:
            read(bytes(made))
        except ValueError:
            continue


def test_a_font_of_the_users_is_known_by_its_state(tmp_path: Path) -> None:
    assert face_of(None) is SHIPPED
    path = tmp_path / "mine.ttf"
    path.write_bytes(fonts.REGULAR.read_bytes())
    regular = face_of(path)
    assert (regular.family, regular.shipped, regular.box, regular.ellipsis) == ("DejaVu Sans", False, "□", "…")
    narrow = regular.width("Daisy", 20)
    path.write_bytes(DATA)
    bold = face_of(path)
    assert bold != regular and bold.width("Daisy", 20) > narrow
    assert bold.width("Daisy", 20) == pytest.approx(SHIPPED.width("Daisy", 20))


@pytest.mark.parametrize("content", [b"", b"hello", b"\0\1\0\0", DATA[:3000], b"ttcf" + DATA[4:]])
def test_what_is_no_font_is_refused_with_its_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.ttf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.ttf cannot be used: .+\. Right is a \.ttf"):
        face_of(path)
