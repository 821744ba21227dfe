"""Timed lyrics files come in as people and players write them, and what is written can be read back."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.lines import Line, Word
from vktrs.media.lrc import read_tags
from vktrs.media.lyrics import read_lyrics, write_lyrics
from vktrs.storyboard.words import spread


def lyrics(folder: Path, name: str, text: str | bytes, duration: float | None = 60.0) -> list[Line]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_lyrics(path, duration)


def times(lines: list[Line]) -> list[tuple[float, float, str]]:
    return [(pytest.approx(line.start), pytest.approx(line.end), line.text) for line in lines]


# ---------------------------------------------------------------------------------------------------------- LRC


def test_lrc_lines_last_until_the_next_one_and_the_last_for_five_seconds(tmp_path: Path) -> None:
    text = "[ti:Daisy Bell]\n[00:04.00]Daisy, Daisy\n[00:08.5]give me your answer\n[00:12.250] do\n"
    assert times(lyrics(tmp_path, "a.lrc", text)) == [
        (4, 8.5, "Daisy, Daisy"),
        (8.5, 12.25, "give me your answer"),
        (12.25, 17.25, "do"),
    ]


def test_an_lrc_line_before_a_solo_lasts_ten_seconds_at_most(tmp_path: Path) -> None:
    assert times(lyrics(tmp_path, "a.lrc", "[00:00.00]one\n[00:40.00]two\n"))[0] == (0, 10, "one")


def test_an_empty_lrc_line_ends_the_line_before_it(tmp_path: Path) -> None:
    text = "[00:01.00]one\n[00:03.00]\n[00:09.00]two\n[00:11.00] \n"
    assert times(lyrics(tmp_path, "a.lrc", text)) == [(1, 3, "one"), (9, 11, "two")]


def test_several_stamps_repeat_a_line_in_its_place(tmp_path: Path) -> None:
    text = "[00:01.00][00:21.00]chorus\n[00:05.00]verse\n[00:25.00]end\n"
    assert times(lyrics(tmp_path, "a.lrc", text)) == [
        (1, 5, "chorus"),
        (5, 15, "verse"),
        (21, 25, "chorus"),
        (25, 30, "end"),
    ]


def test_repeated_lines_carry_their_word_stamps_along(tmp_path: Path) -> None:
    lines = lyrics(tmp_path, "a.lrc", "[00:01.00][00:21.00]<00:01.00>la <00:02.00>li <00:03.00>\n")
    assert [[word.start for word in line.words] for line in lines] == [[1, 2], [21, 22]]


@pytest.mark.parametrize(
    ("offset", "start"), [("+500", 9.5), ("500", 9.5), ("-250", 10.25), (" 500 ", 9.5), ("20000", 0.0)]
)
def test_a_positive_offset_makes_the_words_appear_sooner(tmp_path: Path, offset: str, start: float) -> None:
    text = f"[offset:{offset}]\n[00:10.00]<00:10.00>one<00:11.00>\n"
    line = lyrics(tmp_path, "a.lrc", text)[0]
    assert (line.start, line.words[0].start) == (start, start)


@pytest.mark.parametrize("marks", ["<>", "[]"])
def test_word_stamps_give_words_and_the_end_of_the_line(tmp_path: Path, marks: str) -> None:
    text = "[00:01.00]There <00:01.50> is a <00:02.50> flower <00:03.20>\n[00:09.00]end\n"
    line = lyrics(tmp_path, "a.lrc", text.replace("<", marks[0]).replace(">", marks[1]))[0]
    assert line.text == "There is a flower"
    assert line.end == pytest.approx(3.2)
    assert [word.text for word in line.words] == ["There", "is", "a", "flower"]
    assert [word.start for word in line.words] == pytest.approx([1, 1.5, 2.1, 2.5])
    assert line.words[-1].end == pytest.approx(3.2)


def test_syllables_keep_their_stamps_and_the_text_its_words(tmp_path: Path) -> None:
    line = lyrics(tmp_path, "a.lrc", "[00:01.00]<00:01.00>Dai<00:01.50>sy<00:02.00>\n")[0]
    assert (line.text, [word.text for word in line.words]) == ("Daisy", ["Dai", "sy"])


def test_lrc_tags_are_kept_aside() -> None:
    text = "[ti: Daisy Bell ]\n[ar:Harry Dacre]\n[offset:+10]\n[00:01.00][chorus] la\n"
    assert read_tags(text) == {"ti": "Daisy Bell", "ar": "Harry Dacre", "offset": "+10"}


def test_brackets_that_are_no_stamps_belong_to_the_text(tmp_path: Path) -> None:
    assert lyrics(tmp_path, "a.lrc", "[00:01.00][chorus] la <3 {x}\n")[0].text == "[chorus] la <3 {x}"


@pytest.mark.parametrize("stamp", ["[00:61.00]", "[1:2:3:4]", "[01.50]"])
def test_a_bad_lrc_stamp_is_named_with_its_line(tmp_path: Path, stamp: str) -> None:
    with pytest.raises(InputError, match=r"a\.lrc:2: .* is no time.*\[mm:ss\.xx\]"):
        lyrics(tmp_path, "a.lrc", f"[00:01.00]one\n{stamp}two\n")


def test_a_bad_offset_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="offset"):
        lyrics(tmp_path, "a.lrc", "[offset:soon]\n[00:01.00]one\n")


# -------------------------------------------------------------------------------------------------- other formats

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Hello</i> {\\an8}<font color="red">world</font>
& friends

2
00:00:03,000 --> 00:00:04,000
{sung} I <3 you
"""
VTT = """WEBVTT - a title

NOTE not sung

STYLE
::cue { color: red }

first
00:01.000 --> 00:02.500 align:start position:10%
<v Bob>Hello <c.yellow>world</c> &amp; <00:01.500>friends

00:00:03.000 --> 00:00:04.000
I &lt;3 you
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,I <3 you
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\k50}Hello {\\k20}world\\N& friends
Comment: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,not sung
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\p1}m 0 0 l 10 10{\\p0}
"""


@pytest.mark.parametrize(
    ("name", "text", "second"),
    [("a.srt", SRT, "{sung} I <3 you"), ("a.vtt", VTT, "I <3 you"), ("A.ASS", ASS, "I <3 you")],
)
def test_subtitles_lose_their_markup_and_keep_their_times(tmp_path: Path, name: str, text: str, second: str) -> None:
    assert times(lyrics(tmp_path, name, text)) == [(1, 2.5, "Hello world & friends"), (3, 4, second)]


@pytest.mark.parametrize("name", ["a.srt", "a.vtt"])
def test_a_bad_subtitle_time_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=rf"{name}:6: .*00:0x.*Right is"):
        lyrics(tmp_path, name, "1\n00:00:01.000 --> 00:00:02.000\none\n\n2\n00:0x:03.000 --> 00:00:04.000\ntwo\n")


@pytest.mark.parametrize(
    "name", ["a.srt", "a.vtt", "a.ass", "a.lrc", "a.txt", "lyrics"], ids=lambda name: name.split(".")[-1]
)
@pytest.mark.parametrize("text", [b"", b"just\nwords\n", b"\x00\x01\x02ID3"], ids=["empty", "words", "binary"])
def test_a_file_without_times_is_an_input_error_that_says_what_is_right(tmp_path: Path, name: str, text: bytes) -> None:
    with pytest.raises(InputError, match=r"Right is .*\.lrc, \.srt, \.vtt or \.ass"):
        lyrics(tmp_path, name, text)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="could not be read"):
        read_lyrics(tmp_path / "none.lrc", None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_make_no_difference(tmp_path: Path, encoding: str, end: str) -> None:
    text = "[00:01.00]Ça ira, café\n[00:03.00]où\n".replace("\n", end)
    assert [line.text for line in lyrics(tmp_path, "a.lrc", text.encode(encoding))] == ["Ça ira, café", "où"]


def test_what_lies_beyond_the_song_is_left_out_or_cut(tmp_path: Path) -> None:
    text = "[00:01.00]<00:01.00>one <00:09.00>two <00:12.00>\n[00:10.00]three\n"
    lines = lyrics(tmp_path, "a.lrc", text, duration=10.0)
    assert times(lines) == [(1, 10, "one two")]
    assert lines[0].words[-1].end == 10


def test_a_subtitle_that_ends_before_it_starts_lasts_until_the_next(tmp_path: Path) -> None:
    text = "1\n00:00:03,000 --> 00:00:02,000\none\n\n2\n00:00:05,000 --> 00:00:06,000\ntwo\n"
    assert times(lyrics(tmp_path, "a.srt", text)) == [(3, 5, "one"), (5, 6, "two")]


# ----------------------------------------------------------------------------------------------------- and back

ticks = st.lists(st.integers(0, 360_000), min_size=2, max_size=12, unique=True).map(sorted)
words_of_a_line = st.lists(
    st.text(st.characters(categories=["L", "N"], include_characters="'’,!?-"), min_size=1, max_size=8).filter(
        lambda text: any(letter.isalnum() for letter in text)
    ),
    min_size=1,
    max_size=6,
)


@st.composite
def songs(draw: st.DrawFn) -> list[Line]:
    """Lines in order that do not overlap, times in whole hundredths, some of them with word times."""
    lines = []
    for start, limit in pairwise(draw(ticks)):
        texts = draw(words_of_a_line)
        end = draw(st.integers(start, limit))
        edges = sorted(draw(st.lists(st.integers(start, end), min_size=2 * len(texts), max_size=2 * len(texts))))
        timed = draw(st.booleans()) and end > start
        words = [Word(edges[2 * i] / 100, edges[2 * i + 1] / 100, text) for i, text in enumerate(texts) if timed]
        lines.append(Line(start / 100, end / 100, " ".join(texts), tuple(words)))
    return lines


@given(songs(), st.sampled_from(["srt", "vtt", "lrc"]))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, song: list[Line], kind: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"back.{kind}"
    path.write_text(write_lyrics(song, kind), "utf-8")
    back = read_lyrics(path, None)
    assert [line.text for line in back] == [line.text for line in song]
    assert [line.start for line in back] == pytest.approx([line.start for line in song], abs=0.006)
    with_length = [(was, now) for was, now in zip(song, back, strict=True) if was.end > was.start]
    assert [now.end for _, now in with_length] == pytest.approx([was.end for was, _ in with_length], abs=0.006)
    if kind == "lrc":
        for was, now in with_length:
            assert [word.text for word in now.words] == [word.text for word in was.words]
            starts = [word.start for word in was.words]
            assert [word.start for word in now.words] == pytest.approx(starts, abs=0.006)


def test_vtt_escapes_what_would_be_markup(tmp_path: Path) -> None:
    line = Line(1, 2, "Q&A <b> 1 --> 2")
    assert "-->" not in write_lyrics([line], "vtt").split("\n", 4)[4]
    assert lyrics(tmp_path, "a.vtt", write_lyrics([line], "vtt"))[0].text == line.text


def test_lines_without_text_are_not_written() -> None:
    assert write_lyrics([Line(0, 1, " "), Line(1, 2, "la\nla")], "lrc") == "[00:01.00]la la\n[00:02.00]\n"


def test_word_times_that_do_not_fit_the_text_are_not_written() -> None:
    line = Line(0, 2, "one two", tuple(spread(["other", "words"], 0, 2)))
    assert write_lyrics([line], "lrc") == "[00:00.00]one two\n[00:02.00]\n"


def test_another_kind_of_file_is_refused() -> None:
    with pytest.raises(ValueError, match="srt, vtt, lrc"):
        write_lyrics([], "doc")
