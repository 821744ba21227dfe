"""When each word of what is shown is sung, and what of that a clip depends on."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.lines import Line, Word
from vktrs.stages.captions import Written, inputs, line_of, subtitles
from vktrs.storyboard.captions import by_middle, heard_in, shown, shown_until, sung
from vktrs.storyboard.model import Lettering, Scene, Song, Storyboard, Video

HEARD = by_middle([Line(1.0, 3.0, "", (Word(1.0, 1.4, "daisy"), Word(2.0, 2.4, "give"), Word(2.5, 3.0, "me")))])
DAISY = Scene("a", 1.0, end=4.0, text="Daisy, give (me)")


def times(scene: Scene, heard: tuple[Word, ...] = HEARD) -> list[tuple[str, float]]:
    return [(piece, round(word.start, 3)) for piece, word in sung(scene, 4.0, heard)]


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        (DAISY, [("Daisy, ", 1.0), ("give ", 2.0), ("(me)", 2.5)]),
        (replace(DAISY, words=(Word(1.5, 2, "Daisy,"), Word(2, 3, "give"), Word(3, 4, "(me)"))),
         [("Daisy, ", 1.5), ("give ", 2.0), ("(me)", 3.0)]),
        (replace(DAISY, words=(Word(1.5, 2, "daisy"), Word(2, 3, "me"))),  # of an older text
         [("Daisy, ", 1.5), ("give ", 2.0), ("(me)", 2.0)]),
        (replace(DAISY, caption="Oh give, me"), [("Oh ", 1.0), ("give, ", 2.0), ("me", 2.5)]),
        (replace(DAISY, caption=""), []),
        (replace(DAISY, text="", caption="a b"), [("a ", 1.0), ("b", 2.5)]),
        (replace(DAISY, text="一二\n三"), [("一", 1.0), ("二\n", 1.9), ("三", 2.8)]),
        (Scene("b", 8.0), []),
    ],
)  # fmt: skip
def test_words_are_sung_when_they_were_heard_or_as_a_person_says(scene: Scene, expected: list[Any]) -> None:
    assert times(scene) == expected


def test_words_that_nobody_heard_are_even() -> None:
    scene = Scene("a", 1.0, end=4.0, text="aa bb cc")
    assert times(scene, ()) == [("aa ", 1.0), ("bb ", 2.0), ("cc", 3.0)]
    assert heard_in(DAISY, 4.0, HEARD) and not heard_in(DAISY, 4.0, ()) and not heard_in(DAISY, 1.1, HEARD)


WORDS = st.builds(
    lambda start, length, text: Word(start, start + length, text),
    st.floats(0, 10),
    st.floats(0, 3),
    st.text("abc '日本-", min_size=1, max_size=5),
)


@given(
    text=st.text("ab c,'日本\u0301\n{\\}-", max_size=30),
    caption=st.none() | st.text("ab ,", max_size=20),
    words=st.none() | st.lists(WORDS, max_size=5),
    heard=st.lists(WORDS, max_size=8),
    frames=st.integers(1, 200),
    first=st.integers(0, 100),
)
def test_whatever_is_shown_is_cut_into_words_whose_times_do_not_go_back(
    text: str, caption: str | None, words: list[Word] | None, heard: list[Word], frames: int, first: int
) -> None:
    scene = Scene("a", 2.0, text=text, caption=caption, words=tuple(words) if words else None)
    found = inputs(
        Storyboard(video=Video(captions="word"), scenes=(scene,)),
        scene, "f", first, frames, 2.0 + frames / 24, by_middle([Line(0, 9, "", tuple(heard))]),
    )  # fmt: skip
    if found is None:
        return
    assert found["text"].split() == "".join(found["text"]).split() and found["text"]
    lengths = [length for _, length in found["words"]]
    assert lengths == sorted(lengths) and lengths[-1] == len(found["text"])
    assert all(0 <= frame <= found["frames"] <= frames for frame, _ in found["words"])


def test_only_what_is_unusual_is_named() -> None:
    def caption(look: Lettering, kind: Any = "word") -> dict[str, Any]:
        board = Storyboard(video=Video(captions=kind), captions=look)
        found = inputs(board, DAISY, "f", 24, 72, 4.0, HEARD)
        assert found is not None
        return found

    usual = caption(Lettering())
    assert set(usual) == {"style", "text", "frames", "font", "words"}
    assert usual["words"] == [[0, 7], [24, 12], [36, 16]]
    assert caption(Lettering(shadow=0.004, fade_in=0.01)) == usual
    assert caption(Lettering(shadow=0.004), "line")["shadow"] == 0.004
    assert caption(Lettering(shadow=0.0))["shadow"] == 0.0
    assert "highlight_color" not in caption(Lettering(highlight_color="#00ff00"), "line")
    assert caption(Lettering(fade_in=0.5, fade_out=0.25))["fade"] == [12, 6]
    for name, value in {"size": 0.1, "color": "#000000", "position": "top", "outline": 0.0}.items():
        assert caption(replace(Lettering(), **{name: value}))[name] == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fade", "end", "strengths"),
    [((0, 0), 4, [1, 1, 1, 1]), ((3, 0), 4, [0.25, 0.5, 0.75, 1]), ((1, 2), 4, [0.5, 1, 2 / 3, 1 / 3]),
     ((9, 9), 3, [0.1, 0.2, 0.1])],
)  # fmt: skip
def test_a_fade_is_even_and_every_frame_of_it_has_its_own_stretch(
    fade: tuple[int, int], end: int, strengths: list[float]
) -> None:
    class Told:
        def over_all(self, _: object, strength: float) -> list[float]:
            return [strength]

    written = Written((0,), (Told(),), end, fade)  # type: ignore[arg-type]
    assert [written.over([], frame)[0] for frame in range(end)] == pytest.approx(strengths)  # type: ignore[comparison-overlap]
    cuts = written.cuts()
    assert {0, end} <= cuts and all(
        frame in cuts for frame in range(1, end) if strengths[frame] != strengths[frame - 1]
    )


SPAN = (2.0, 5.0)


@pytest.mark.parametrize(
    ("scene", "end", "expected"),
    [
        (Scene("a", 1.0, end=4.0, text="la"), 6.0, (0.0, 2.0)),
        (Scene("a", 3.0, text="la"), 6.0, (1.0, 3.0)),
        (Scene("a", 3.0, end=9.0, text="la"), 4.0, (1.0, 2.0)),
        (Scene("a", 0.0, end=2.0, text="la"), 6.0, None),
        (Scene("a", 5.0, text="la"), 6.0, None),
        (Scene("a", 3.0, text=" "), 6.0, None),
        (Scene("a", 2.0, text="la"), None, (0.0, 3.0)),
    ],
)
def test_a_line_lies_within_what_the_video_has(
    scene: Scene, end: float | None, expected: tuple[float, float] | None
) -> None:
    line = line_of(scene, end, SPAN)
    assert (line and (line.start, line.end)) == expected


def test_subtitles_are_there_for_soft_captions_only() -> None:
    board = Storyboard(song=Song(language="en"), video=Video(captions="soft", fps=Fraction(24)), scenes=(DAISY,))
    assert subtitles(board, [6.0], (0.0, 6.0)) == {"language": "en", "cues": [[1000, 4000, "Daisy, give (me)"]]}
    assert subtitles(board, [6.0], None) is None
    assert subtitles(replace(board, video=Video(captions="word")), [6.0], (0.0, 6.0)) is None


def test_a_caption_takes_the_place_of_the_text() -> None:
    assert (shown(DAISY), shown(replace(DAISY, caption=" oh ")), shown(replace(DAISY, caption=""))) == (
        DAISY.text,
        "oh",
        "",
    )
    assert (
        shown_until(DAISY, 3.0) == 3.0 and shown_until(DAISY, None) == 4.0 and shown_until(Scene("a", 1), None) is None
    )
