"""Captions of sites: one song in every format, each word once and with its time, and nothing of what is not sung."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.lines import Line
from vktrs.media.site_captions import SUFFIXES
from vktrs.media.site_captions.reading import read_captions

Timed = Sequence[tuple[int, str]]
"""A row as it is sung: when each word starts, in milliseconds."""

SONG: Sequence[Timed] = (
    ((1_000, "Daisy,"), (1_800, "Daisy")),
    ((3_000, "give"), (3_240, "me"), (3_480, "your"), (3_900, "answer"), (4_500, "do")),
    ((6_000, "I'm"), (6_300, "half"), (6_900, "crazy")),
    ((9_000, "Daisy,"), (9_800, "Daisy")),
    ((11_000, "oh"),),
    ((12_000, "oh"),),
)
END = 15_000
XML = '<?xml version="1.0" encoding="utf-8" ?>'
SURE = {"Daisy,": 252, "answer": 51}


def clock(time: int, point: str = ".") -> str:
    """A time in milliseconds as WebVTT and SRT have it."""
    seconds, rest = divmod(time, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"


def begins(row: Timed) -> int:
    return row[0][0]


def following(rows: Sequence[Timed], number: int, end: int) -> int:
    return begins(rows[number]) if number < len(rows) else end


def as_json3(rows: Sequence[Timed], end: int = END, sure: bool = True) -> str:
    """As YouTube makes it of what its recogniser heard: a row is shown until it has scrolled away."""
    events: list[dict[str, Any]] = [{"tStartMs": 0, "dDurationMs": end, "id": 1, "wpWinPosId": 1, "wsWinStyleId": 1}]
    for number, row in enumerate(rows):
        if number:
            line_break = {"tStartMs": begins(row) - 10, "wWinId": 1, "aAppend": 1, "segs": [{"utf8": "\n"}]}
            events.append(line_break)
        segments: list[dict[str, Any]] = [{"utf8": escape(row[0][1]), "acAsrConf": SURE.get(row[0][1], 200) * sure}]
        for start, word in row[1:]:
            segment = {"utf8": f" {word}", "tOffsetMs": start - begins(row), "acAsrConf": SURE.get(word, 200) * sure}
            segments.append(segment)
        length = following(rows, number + 2, end) - begins(row)
        events.append({"tStartMs": begins(row), "dDurationMs": length, "wWinId": 1, "segs": segments})
    return json.dumps({"wireMagic": "pb3", "pens": [{}], "events": events})


def as_srv3(rows: Sequence[Timed], end: int = END) -> str:
    body = '<w t="0" id="1" wp="1" ws="1"/>'
    for number, row in enumerate(rows):
        if number:
            body += f'<p t="{begins(row) - 10}" d="10" w="1" a="1">\n</p>'
        words = "".join(
            f'<s t="{start - begins(row)}" ac="{SURE.get(word, 200)}">{" " * (place > 0)}{escape(word)}</s>'
            for place, (start, word) in enumerate(row)
        )
        body += f'<p t="{begins(row)}" d="{following(rows, number + 2, end) - begins(row)}" w="1">{words}</p>'
    head = '<ws id="0"/><ws id="1" mh="2" ju="0" sd="3"/><wp id="1" ap="6" ah="20" av="100" rc="2" cc="40"/>'
    return f'{XML}<timedtext format="3"><head>{head}</head><body>{body}</body></timedtext>'


def as_srv2(rows: Sequence[Timed], end: int = END) -> str:
    body = '<window id="1" t="0" op="define" ap="6" ah="20" av="100" rc="2" cc="40" sd="1" ju="0"/>'
    for number, row in enumerate(rows):
        gone = following(rows, number + 2, end)
        for place, (start, word) in enumerate(row):
            how = ' append="1"> ' if place else ' r="15" c="1">'
            body += f'<text t="{start}" d="{gone - start}" w="1"{how}{escape(escape(word))}</text>'
        body += f'<text w="1" t="{following(rows, number + 1, end) - 10}" d="10" append="1">\n</text>'
    return f"{XML}<timedtext>{body}</timedtext>"


def as_srv1(rows: Sequence[Timed], end: int = END) -> str:
    body = ""
    for number, row in enumerate(rows):
        words = escape(escape(" ".join(word for _, word in row)))
        length = (following(rows, number + 2, end) - begins(row)) / 1000
        body += f'<text start="{begins(row) / 1000}" dur="{length}">{words}</text>'
    return f"{XML}<transcript>{body}</transcript>"


def as_vtt(rows: Sequence[Timed], end: int = END, stamps: bool = True, padding: str = " ") -> str:
    """The rolling window of two rows: above, what was sung; below, what is; between two, 10 ms of the row alone."""
    text, above = "WEBVTT\nKind: captions\nLanguage: en\n\n", padding
    for number, row in enumerate(rows):
        until = following(rows, number + 1, end) - 10
        words = "".join(
            f"<{clock(start)}><c> {escape(word)}</c>" if stamps else f" {escape(word)}" for start, word in row[1:]
        )
        place = " align:start position:0%"
        text += f"{clock(begins(row))} --> {clock(until)}{place}\n{above}\n{escape(row[0][1])}{words}\n\n"
        above = escape(" ".join(word for _, word in row))
        text += f"{clock(until)} --> {clock(until + 10)}{place}\n{above}\n{padding}\n\n"
    return text


def as_srt(rows: Sequence[Timed], end: int = END) -> str:
    """The same as converters make SRT of it: no stamps, no blank rows, all the duplicates."""
    text, above = "", ""
    for number, row in enumerate(rows):
        until = following(rows, number + 1, end) - 10
        plain = " ".join(word for _, word in row)
        text += f"{2 * number + 1}\n{clock(begins(row), ',')} --> {clock(until, ',')}\n{above}{plain}\n\n"
        text += f"{2 * number + 2}\n{clock(until, ',')} --> {clock(until + 10, ',')}\n{plain}\n\n"
        above = f"{plain}\n"
    return text


WITH_WORDS = {".json3": as_json3, ".srv3": as_srv3, ".srv2": as_srv2, ".vtt": as_vtt}
WITHOUT = {".srv1": as_srv1, ".srt": as_srt}


def read(folder: Path, suffix: str, text: str, duration: float | None = None) -> list[Line]:
    path = folder / f"song.en{suffix}"
    path.write_text(text, "utf-8")
    return read_captions(path, duration)


def texts(rows: Sequence[Timed]) -> list[str]:
    return [" ".join(word for _, word in row) for row in rows]


def starts(lines: Sequence[Line]) -> list[tuple[int, str]]:
    return [(round(word.start * 1000), word.text) for line in lines for word in line.words]


@pytest.mark.parametrize("suffix", WITH_WORDS)
def test_each_word_comes_once_with_its_time_whatever_the_format(tmp_path: Path, suffix: str) -> None:
    lines = read(tmp_path, suffix, WITH_WORDS[suffix](SONG))
    assert [line.text for line in lines] == texts(SONG)
    assert starts(lines) == [word for row in SONG for word in row]
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        assert line.start == line.words[0].start and line.end == line.words[-1].end
        assert after is None or line.end <= after.start
        assert all(word.start < word.end <= word.start + 2.0 for word in line.words if suffix != ".vtt")


@pytest.mark.parametrize("suffix", WITHOUT)
def test_rows_come_once_where_no_word_has_a_time(tmp_path: Path, suffix: str) -> None:
    lines = read(tmp_path, suffix, WITHOUT[suffix](SONG))
    assert [(round(line.start * 1000), line.text) for line in lines] == list(
        zip(map(begins, SONG), texts(SONG), strict=True)
    )
    assert all(line.words == () for line in lines)
    assert all(line.end <= after.start for line, after in pairwise(lines))


@pytest.mark.parametrize("suffix", [".json3", ".srv3"])
def test_how_sure_the_recogniser_was_is_kept(tmp_path: Path, suffix: str) -> None:
    words = [word for line in read(tmp_path, suffix, WITH_WORDS[suffix](SONG)) for word in line.words]
    known = {word.text: word.probability for word in words}
    assert known["Daisy,"] == pytest.approx(252 / 255) and known["answer"] == 0.2
    line = read(tmp_path, suffix, WITH_WORDS[suffix](SONG[1:2]))[0]
    assert line.confidence == pytest.approx((4 * 200 + 51) / 5 / 255)


def test_a_site_that_says_0_of_every_word_says_nothing(tmp_path: Path) -> None:
    lines = read(tmp_path, ".json3", as_json3(SONG, sure=False))
    assert {word.probability for line in lines for word in line.words} == {None}
    assert {line.confidence for line in lines} == {None}


WORDS = st.sampled_from(["la", "oh", "Daisy", "Daisy,", "don't", "&", "<3", "é"])
ROWS = st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=9)


def timed(rows: Sequence[Sequence[str]], step: int) -> list[Timed]:
    """Words one after the other, `step` ms each, and a rest behind every third row."""
    out, at = [], 500
    for number, row in enumerate(rows):
        out.append([(at + place * step, word) for place, word in enumerate(row)])
        at += len(row) * step + 3000 * (number % 3 == 2)
    return out


@given(rows=ROWS, step=st.integers(100, 900), suffix=st.sampled_from([*WITH_WORDS]), padding=st.sampled_from([" ", ""]))
def test_however_a_song_is_split_into_rolling_rows_each_word_comes_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], step: int, suffix: str, padding: str
) -> None:
    song = timed(rows, step)
    end = song[-1][-1][0] + 2000
    text = as_vtt(song, end, padding=padding) if suffix == ".vtt" else WITH_WORDS[suffix](song, end)
    lines = read(tmp_path_factory.mktemp("captions"), suffix, text)
    sung = [row for row in song if any(word != "&" for _, word in row)]  # a row of signs alone is none
    assert [line.text for line in lines] == texts(sung)
    if any(len(row) > 1 for row in song):
        assert starts(lines) == [word for row in sung for word in row]


@given(rows=ROWS, step=st.integers(100, 900), kind=st.sampled_from(["srt", "vtt"]))
def test_rolling_rows_without_stamps_come_once_too(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], step: int, kind: str
) -> None:
    song = timed([[word for word in row if word not in ("&", "<3")] or ["la"] for row in rows], step)
    end = song[-1][-1][0] + 2000
    text = as_srt(song, end) if kind == "srt" else as_vtt(song, end, stamps=False)
    lines = read(tmp_path_factory.mktemp("captions"), f".{kind}", text)
    assert [line.text for line in lines] == texts(song)


def test_a_window_without_its_short_cues_is_known_by_its_stamps(tmp_path: Path) -> None:
    song = [*SONG, ((13_000, "oh"),), ((13_500, "Daisy,"), (13_800, "Daisy"))]
    text, above = "WEBVTT\n\n", ""
    for number, row in enumerate(song):
        words = "".join(f"<{clock(start)}><c> {word}</c>" for start, word in row[1:])
        text += f"{clock(begins(row))} --> {clock(following(song, number + 1, END))}\n{above}{row[0][1]}{words}\n\n"
        above = " ".join(word for _, word in row) + "\n"
    assert starts(read(tmp_path, ".vtt", text)) == [word for row in song for word in row]


def test_what_has_stamps_is_new_whatever_was_shown_before(tmp_path: Path) -> None:
    cues = [
        (1000, 2000, "la<00:01.500> la"),
        (2000, 2010, "la la"),
        (2010, 3000, "la<00:02.500> la"),
        (3000, 3010, "la la"),
    ]
    text = "".join(f"{clock(start)} --> {clock(end)}\n{rows}\n\n" for start, end, rows in cues)
    words = starts(read(tmp_path, ".vtt", f"WEBVTT\n\n{text}"))
    assert words == [(1000, "la"), (1500, "la"), (2010, "la"), (2500, "la")]


def test_a_word_that_is_sung_again_after_the_window_was_cleared_stays(tmp_path: Path) -> None:
    cues = [(1000, 2000, " \noh"), (2000, 2010, "oh\n "), (5000, 6000, " \noh"), (6000, 6010, "oh\n ")]
    text = "".join(f"{clock(start)} --> {clock(end)}\n{rows}\n\n" for start, end, rows in cues)
    assert [(line.start, line.text) for line in read(tmp_path, ".vtt", f"WEBVTT\n\n{text}")] == [(1, "oh"), (5, "oh")]


def test_a_person_s_lines_that_repeat_all_stay(tmp_path: Path) -> None:
    cues = [(1, 2, "La la la"), (2, 3, "La la la"), (3, 3.5, "oh"), (3.5, 4, "La la la")]
    text = "".join(f"{clock(int(a * 1000))} --> {clock(int(b * 1000))}\n{said}\n\n" for a, b, said in cues)
    for suffix, head in ((".vtt", "WEBVTT\n\n"), (".srt", "")):
        lines = read(tmp_path, suffix, head + text)
        assert [(line.start, line.end, line.text) for line in lines] == [(a, b, said) for a, b, said in cues]
        assert all(line.words == () for line in lines)
    karaoke = "WEBVTT\n\n00:01.000 --> 00:02.000\nLa<00:01.500> la\n\n00:02.000 --> 00:03.000\nLa<00:02.500> la\n"
    assert starts(read(tmp_path, ".vtt", karaoke)) == [(1000, "La"), (1500, "la"), (2000, "La"), (2500, "la")]


def test_a_person_s_captions_in_youtube_s_formats_keep_their_times_and_overlap(tmp_path: Path) -> None:
    rows = [(1000, 4000, "Daisy,\nDaisy"), (3000, 2000, "(give me)")]
    events = [{"tStartMs": start, "dDurationMs": length, "segs": [{"utf8": said}]} for start, length, said in rows]
    body = "".join(f'<p t="{start}" d="{length}">{said}</p>' for start, length, said in rows)
    expected = [Line(1.0, 5.0, "Daisy, Daisy"), Line(3.0, 5.0, "(give me)")]
    assert read(tmp_path, ".json3", json.dumps({"events": events})) == expected
    assert read(tmp_path, ".srv3", f'<timedtext format="3"><body>{body}</body></timedtext>') == expected


def segments(*parts: str) -> str:
    """Parts of one row, 300 ms each, and a row below them."""
    segs = [{"utf8": part, "tOffsetMs": 300 * place} for place, part in enumerate(parts)]
    below = {"tStartMs": 9000, "dDurationMs": 900, "wWinId": 1, "segs": [{"utf8": "end"}]}
    return json.dumps({"events": [{"tStartMs": 0, "dDurationMs": 5000, "wWinId": 1, "segs": segs}, below]})


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (["[Music]"], []),
        (["[Música]"], []),
        (["【音楽】"], []),
        (["[♪♪♪]"], []),
        (["♪ Daisy", " give ♪"], ["Daisy", "give"]),
        (["so", " [sound", " of", " a throat]", " in"], ["so", "in"]),
        (["(applause)", " so"], ["so"]),
        (["(upbeat guitar music)"], []),
        (["(oh", " yeah)"], ["(oh", "yeah)"]),
        ([">> so", " in"], ["so", "in"]),
        (["- so", " in"], ["so", "in"]),
        (["# so", " in #"], ["so", "in"]),
        (["what", " the", " [ __ ]"], ["what", "the", "__"]),
        (["every", "one", " now", "."], ["everyone", "now."]),
        (["rock &amp; roll", " &#39;n&#39; <i>soul</i>"], ["rock", "&", "roll", "'n'", "soul"]),
        (["AT&T", " I &lt;3 you"], ["AT&T", "I", "<3", "you"]),
        (["\u200bso\u00a0it", " \ufeffgoes\u0007"], ["so", "it", "goes"]),
        (["..."], []),
        (["こん", "にちは"], ["こん", "にちは"]),
    ],
)
def test_what_is_not_sung_is_left_out_and_what_is_sung_is_spelled_as_it_is(
    tmp_path: Path, parts: list[str], words: list[str]
) -> None:
    *lines, last = read(tmp_path, ".json3", segments(*parts))
    assert last.text == "end"
    assert [word.text for line in lines for word in line.words] == words
    assert len(lines) == bool(words)
    joined = "" if "にちは" in words else " "
    assert "".join(line.text for line in lines) == joined.join(words)


def test_a_mark_ends_the_word_before_it(tmp_path: Path) -> None:
    first = read(tmp_path, ".json3", segments("so", " [Music]", " it"))[0].words[0]
    assert (first.text, first.start, first.end) == ("so", 0.0, 0.3)


def test_marks_go_from_a_person_s_subtitles_too(tmp_path: Path) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n[Intro]\n\n2\n00:00:03,000 --> 00:00:04,000\n♪ <i>Daisy</i> ♪\n"
    assert read(tmp_path, ".srt", text) == [Line(3.0, 4.0, "Daisy")]
    stamped = "[00:01.00][Intro]\n[00:03.00]<00:03.00>Daisy <00:03.50>♪\n[00:04.00]\n"
    assert [(line.text, len(line.words)) for line in read(tmp_path, ".lrc", stamped)] == [("Daisy", 1)]


def test_words_go_on_in_a_row_until_it_is_broken_in_each_window_by_itself(tmp_path: Path) -> None:
    def event(start: int, text: str, window: int, appends: bool = False) -> dict[str, Any]:
        segs = [{"utf8": text}]
        return {"tStartMs": start, "dDurationMs": 9000, "wWinId": window, "aAppend": int(appends), "segs": segs}

    events = [
        event(0, "one", 1),
        event(500, "high", 2),
        event(1000, " two", 1, True),
        event(1500, "\n", 1, True),
        event(2000, "three", 1, True),
        event(2500, "\nfour", 1, True),
    ]
    lines = read(tmp_path, ".json3", json.dumps({"events": events}))
    assert [(line.start, line.text) for line in lines] == [(0, "one two"), (0.5, "high"), (2, "three"), (2.5, "four")]


def test_nothing_lies_beyond_the_song(tmp_path: Path) -> None:
    lines = read(tmp_path, ".json3", as_json3(SONG), 3.5)
    assert [line.text for line in lines] == texts(SONG[:2])
    assert max(word.end for line in lines for word in line.words) == 3.5
    assert starts(lines) == [word for row in SONG for word in row if word[0] < 3500]


def test_a_stamp_outside_its_cue_is_meant_within_it(tmp_path: Path) -> None:
    cue = "WEBVTT\n\n00:05.000 --> 00:06.000\nla<00:00:01.000><c> lo</c><00:99:99.000><c> li</c>\n"
    (line,) = read(tmp_path, ".vtt", cue, 60.0)
    assert [(word.text, word.start) for word in line.words] == [("la", 5.0), ("lo", 5.0), ("li", 6.0)]
    assert (line.start, line.end) == (5.0, 6.0)


def test_no_line_is_no_error_where_nobody_sings(tmp_path: Path) -> None:
    for suffix, text in (
        (".json3", '{"events": []}'),
        (".srv1", "<transcript/>"),
        (".srv3", '<timedtext format="3"><body/></timedtext>'),
    ):
        assert read(tmp_path, suffix, text) == []


BOMB = (
    '<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><transcript><text start='0'>&i;</text></transcript>"
)


@pytest.mark.parametrize(
    ("suffix", "text", "place", "what"),
    [
        (".json3", "", ":1:1", "no JSON"),
        (".json3", '{"events": [', ":1:13", "no JSON"),
        (".json3", "[" * 100_000, "", "no JSON"),
        (".json3", "[]", "", "no list of events"),
        (".json3", '{"events": 7}', "", "no list of events"),
        (".json3", '{"events": [7]}', ": event 1", "no object"),
        (".json3", '{"events": [{}, {"segs": 7}]}', ": event 2", "segs"),
        (".json3", '{"events": [{"segs": [7]}]}', ": event 1", "segs"),
        (".json3", '{"events": [{"segs": [{"utf8": 7}]}]}', ": event 1", "utf8"),
        (".json3", '{"events": [{"tStartMs": "soon", "segs": []}]}', ": event 1", "tStartMs"),
        (".json3", '{"events": [{"tStartMs": -1, "segs": []}]}', ": event 1", "tStartMs"),
        (".json3", '{"events": [{"tStartMs": true, "segs": []}]}', ": event 1", "tStartMs"),
        (".json3", '{"events": [{"tStartMs": NaN, "segs": []}]}', "", "no JSON"),
        (".json3", '{"events": [{"tStartMs": 1e999, "segs": []}]}', ": event 1", "tStartMs"),
        (".json3", '{"events": [{"dDurationMs": {}, "segs": []}]}', ": event 1", "dDurationMs"),
        (".json3", '{"events": [{"segs": [{"utf8": "a", "tOffsetMs": []}]}]}', ": event 1", "tOffsetMs"),
        (".srv1", "", ":1:1", "no XML"),
        (".srv1", "no captions", ":1:1", "no XML"),
        (".srv3", '<timedtext>\n<body><p t="0">la</body>', ":2:", "no XML"),
        (".srv3", "<html><body><p>Sorry</p></body></html>", ":1:1", "<html>"),
        (".srv3", '<timedtext>\n <p t="soon">la</p></timedtext>', ":2:2", 't="soon"'),
        (".srv3", '<timedtext><p t="0" d="-5">la</p></timedtext>', ":1:12", 'd="-5"'),
        (".srv3", '<timedtext><p t="0"><s t="nan">la</s></p></timedtext>', ":1:", 't="nan"'),
        (".srv2", "<timedtext>" + "<b>" * 100_000, ":1:", "deep"),
        (".srv1", BOMB, ":1:", "document type"),
        (".srv1", '<!DOCTYPE t SYSTEM "file:///etc/passwd"><transcript/>', ":1:", "document type"),
        (".srv1", "<transcript><text start='0'>&mine;</text></transcript>", ":1:", "no XML"),
        (".vtt", "WEBVTT\n\nsoon --> later\nla\n", ":3", "no times"),
        (".srt", "nothing", "", "no timed line"),
        (".srt", f"{'9' * 5000}:00:01,000 --> 00:00:02,000\nla\n", ":1", "no times"),
        (".ttml", "<tt/>", "", ".ttml"),
    ],
)
def test_what_is_no_captions_is_told_in_one_sentence_with_its_place(
    tmp_path: Path, suffix: str, text: str, place: str, what: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, suffix, text)
    message = caught.value.message
    assert message.startswith(f"{tmp_path / 'song.en'}{suffix}{place}")
    assert what in message and "\n" not in message and len(message) < 300
    assert caught.value.hint


def test_more_than_a_song_s_captions_is_refused_before_it_is_read(tmp_path: Path) -> None:
    large = tmp_path / "large.json3"
    with large.open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(InputError, match="18 MB"):
        read_captions(large, None)
    with pytest.raises(InputError, match="more than a song has"):
        read(tmp_path, ".json3", segments(*[" la"] * 20_001))
    with pytest.raises(InputError, match="could not be read"):
        read_captions(tmp_path / "gone.json3", None)


@given(suffix=st.sampled_from(SUFFIXES), start=st.sampled_from(["", '{"events": [', "<timedtext>", "WEBVTT\n\n"]),
       text=st.text(max_size=200))  # fmt: skip
def test_garbage_is_read_or_told_and_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, start: str, text: str
) -> None:
    path = tmp_path_factory.mktemp("garbage") / f"song{suffix}"
    path.write_bytes((start + text).encode("utf-8", "replace"))
    try:
        lines = read_captions(path, 10.0)
    except InputError as error:
        assert str(path) in error.message
    else:
        json.dumps([line.as_json() for line in lines], ensure_ascii=False).encode()
