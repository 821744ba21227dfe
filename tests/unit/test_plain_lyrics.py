"""Lyrics without times: what is sung of them, and what only says where one is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.media.plain_lyrics import (
    MOST_REPEATS,
    MOST_WORDS,
    bare_labels,
    label_remark,
    parse_plain,
    read_plain,
)


def sung(text: str) -> list[str]:
    return [line.text for line in parse_plain(text)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("one\n\n two  words \n", ["one", "two words"]),
        ("[Verse 1]\none\n[Chorus]\ntwo", ["one", "two"]),
        ("Verse 1:\none\nCHORUS:\ntwo", ["one", "two"]),
        ("Verse 1: one\ntwo", ["one", "two"]),
        ("[Chorus] one\ntwo", ["one", "two"]),
        ("[Chorus: Anna & Ben]\none", ["one"]),
        ("Chorus\none\n\n(Bridge)\ntwo", ["one", "two"]),
        ("Pre-Chorus:\none\n[Guitar solo]\n(Piano solo)\nInstrumental\n\ntwo", ["one", "two"]),
        ("we cross the\nbridge", ["we cross the", "bridge"]),  # a bare word within a stanza is sung
        ("the chorus sings: hello", ["the chorus sings: hello"]),
        ("(ooh, ooh)\n[laughs] one", ["(ooh, ooh)", "[laughs] one"]),
        ("I said: stop!", ["I said: stop!"]),
        ("one\n---\n♪ ♪\ntwo ...", ["one", "two ..."]),
        ("[Chorus]\n* * *\none\n\n[Chorus]", ["one", "one"]),
        ("Refrain from it", ["Refrain from it"]),
        # a label with nothing under it
        ("[Chorus]\na\nb\n\n[Verse]\nc\n\n[Chorus]\n\n[Outro]\nd", ["a", "b", "c", "a", "b", "d"]),
        ("[Chorus]\na\n[Verse]\nb\n[CHORUS]", ["a", "b", "a"]),
        ("[Chorus]\na\n\n[Chorus 2]\n\nb", ["a", "a", "b"]),
        ("[Verse 1]\n\na\n\n[Verse 2]\n\nb", ["a", "b"]),  # an empty line under the label
        ("[Chorus]\na\n\n[Chorus]\nb", ["a", "b"]),  # its own lines win
        # repeats
        ("a (x2)\nb", ["a", "a", "b"]),
        ("a [X3]", ["a"] * 3),
        ("a x2\nb ×2", ["a", "a", "b", "b"]),
        ("a (2x)\nb (repeat)\nc (repeat 3x)", ["a", "a", "b", "b", "c", "c", "c"]),
        ("a\nb\n(x2)", ["a", "b", "a", "b"]),
        ("a\nb\n\n(x2)\n\nc", ["a", "b", "a", "b", "c"]),
        ("[Chorus x2]\na\nb\n\nc", ["a", "b", "a", "b", "c"]),
        ("[Chorus] (x2)\na\n\nb", ["a", "a", "b"]),
        ("[Chorus]\na\nb\n\nc\n\n[Chorus] x2", ["a", "b", "c", "a", "b", "a", "b"]),
        ("Chorus: a (x2)", ["a", "a"]),
        ("in 1992\nsix x six", ["in 1992", "six x six"]),
        ("a (x0)", ["a"]),
        ("a (x99)", ["a"] * MOST_REPEATS),
    ],
)
def test_labels_and_repeats_are_understood(text: str, lines: list[str]) -> None:
    assert sung(text) == lines


def test_a_stanza_ends_at_an_empty_line_a_label_and_a_repeat() -> None:
    text = "a\nb\n\n\nc\n[Chorus x2]\nd\n"
    assert [(line.text, line.stanza) for line in parse_plain(text)] == [
        ("a", 0),
        ("b", 0),
        ("c", 1),
        ("d", 2),
        ("d", 3),
    ]


def test_what_the_user_wrote_is_what_is_sung() -> None:
    assert sung("“Ça ira” -- l'été,\nROCK 'n' roll!!\n") == ["“Ça ira” -- l'été,", "ROCK 'n' roll!!"]


@given(st.text(st.sampled_from("ab()[]:x2 \n3"), max_size=60))
def test_any_text_gives_lines_of_its_own_characters(text: str) -> None:
    lines = parse_plain(text)
    assert all(line.text and " ".join(line.text.split()) == line.text for line in lines)
    assert all(line.text in " ".join(text.split()) for line in lines)
    assert [line.stanza for line in lines] == sorted(line.stanza for line in lines)


def test_a_file_is_read_as_editors_leave_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeff[Verse 1]\r\nThere is  a flower\r\n\r\nwithin my heart (x2)\r\n".encode())
    assert [line.text for line in read_plain(path)] == ["There is a flower", "within my heart", "within my heart"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to sing"),
        ("♪\n", "nothing to sing"),
        pytest.param("la " * (MOST_WORDS + 1), "more than a song has", id="a book"),
        ("[Guitar solo]\n", "nothing to sing"),
        ("a\n[00:12.5] b", r"a\.txt:2: .*\.lrc"),
    ],
)
def test_a_file_that_is_not_lyrics_is_an_input_error(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        read_plain(path)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Drop\nit like it is hot", [(1, "Drop")]),
        ("one\n\nBreak (x2)\ntwo", [(3, "Break")]),
        ("Chorus\nla\n\nguitar solo\n\nVerse 2\nlo", [(1, "Chorus"), (4, "guitar solo"), (6, "Verse 2")]),
        ("[Drop]\none\n\nBridge:\ntwo\n\n(Chorus)\nthree\n\nVerse 2: four", []),
        ("one\nDrop\ntwo", []),
        ("Drop!\nit", []),
        ("Dropping\nBreak my heart", []),
    ],
)
def test_a_bare_word_that_is_taken_for_a_label_is_found_with_its_line(text: str, bare: list[tuple[int, str]]) -> None:
    assert bare_labels(text) == bare


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("la\n\nDrop\nlo", "lyrics.txt:3: `Drop` is taken for the name of a part, and not sung. "),
        ("Solo\n\nla\n\nSolo", "lyrics.txt:1: `Solo` is taken for the name of a part, and not sung (as in line 5). "),
        (
            "Drop\nla\n\nSolo\n\nDrop\nlo",
            "lyrics.txt: these are taken for names of parts, and not sung: `Drop` (lines 1, 6), `Solo` (line 4). ",
        ),
    ],
)
def test_what_was_taken_for_labels_is_told_with_what_makes_it_sung(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "lyrics.txt"
    file.write_text(text, "utf-8")
    told = label_remark(file)
    assert told is not None and told.startswith(said)
    word = bare_labels(text)[0][1]
    assert told.endswith(f"`{word}!`.")
    assert sung(f"{word}!\nla") == [f"{word}!", "la"]
    file.write_text("[Drop]\nla", "utf-8")
    assert label_remark(file) is None
