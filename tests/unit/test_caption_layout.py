"""How a caption is broken into lines: inside the picture whatever the text, and no word of it lost."""

from __future__ import annotations

import subprocess
import sys

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.media import fonts
from vktrs.media.captions import CaptionStyle, ass_file, lay_out, missing_glyphs

SIZES = [(512, 512), (854, 480), (288, 512), (64, 64), (1920, 1080)]
LYRIC = "I'm half crazy all for the love of you, it won't be a stylish marriage, I can't afford a carriage"


def widest(lines: tuple[str, ...], em: float) -> float:
    return max(fonts.font(fonts.BOLD, 200).getlength(line) for line in lines) * em / 200


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300), size=st.sampled_from(SIZES))
def test_any_text_lies_inside_the_picture(text: str, size: tuple[int, int]) -> None:
    width, height = size
    layout = lay_out(text, width, height, CaptionStyle())
    if layout.lines:
        assert widest(layout.lines, layout.em) <= width * 0.905
    assert len(layout.lines) * layout.em * fonts.LINE_HEIGHT <= max(height * 0.88, layout.em * fonts.LINE_HEIGHT)


@settings(max_examples=100, deadline=None)
@given(words=st.lists(st.text("abcäøß'-,.!?{}\\%:", min_size=1, max_size=12), min_size=1, max_size=30))
def test_no_word_is_lost_changed_or_broken_that_fits(words: list[str]) -> None:
    layout = lay_out(" ".join(words), 854, 480, CaptionStyle())
    assert " ".join(layout.lines).split(" ") == words


@pytest.mark.parametrize("size", SIZES[:3])
def test_a_short_line_has_the_size_of_the_style_and_a_long_one_is_smaller(size: tuple[int, int]) -> None:
    style = CaptionStyle()
    short, long = lay_out("Daisy", *size, style), lay_out(" ".join([LYRIC] * 3), *size, style)
    assert short.em == pytest.approx(size[1] * style.size) and len(short.lines) == 1
    assert long.em < short.em
    assert len(long.lines) <= style.lines or long.em < size[1] * style.readable


def test_lines_are_about_equally_long() -> None:
    layout = lay_out("Daisy, Daisy, give me your answer do", 512, 512, CaptionStyle())
    assert layout.lines == ("Daisy, Daisy, give", "me your answer do")


def test_a_word_that_is_too_long_is_broken_and_an_endless_text_ends_with_an_ellipsis() -> None:
    word = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
    layout = lay_out(word, 288, 512, CaptionStyle())
    assert len(layout.lines) > 1 and "".join(layout.lines) == word
    assert lay_out("word " * 5000, 288, 512, CaptionStyle()).lines[-1].endswith("…")


def test_the_lines_of_a_text_stay_lines_and_what_is_invisible_goes() -> None:
    text = "one\r\ntwo\u2028three\n\n  four\tfive\x07\u200b\ufe0f\u202e "
    assert lay_out(text, 512, 512, CaptionStyle()).lines == ("one", "two", "three", "four five")
    assert lay_out(" \n\x00", 512, 512, CaptionStyle()).lines == ()


def test_what_the_font_lacks_becomes_a_box_and_can_be_asked_for() -> None:
    assert missing_glyphs("Daisy שלום привет ☺ ♪ é") == set()
    assert missing_glyphs("你好 👍a\ud800") == {"你", "好", "👍", "\ud800"}
    assert lay_out("你好 a", 512, 512, CaptionStyle()).lines == ("□□ a",)
    # fullwidth and mathematical letters have a plain form
    assert missing_glyphs("Ａ𝐁") == set()
    assert lay_out("Ａ𝐁！", 512, 512, CaptionStyle()).lines == ("AB!",)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80))
def test_no_text_gets_out_of_its_place_in_the_ass_file(text: str) -> None:
    layout = lay_out(text, 512, 512, CaptionStyle())
    subtitles = pysubs2.SSAFile.from_string(ass_file(layout, 512, 512, CaptionStyle()))
    (event,) = subtitles.events
    assert event.style == "Line" and list(subtitles.styles) == ["Line"]
    assert event.text.count(r"\N") == max(0, len(layout.lines) - 1)


def test_a_plan_can_ask_for_the_digest_without_loading_a_picture_library() -> None:
    code = "import sys; from vktrs.media.captions import font_digest; font_digest(); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert not {"'PIL'", "'numpy'", "'ffmpeg'"} & set(done.stdout.strip("[]\n").split(", "))
