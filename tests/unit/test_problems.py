"""Problems are flagged where there are some, and a good storyboard has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vktrs.lines import Line, Word
from vktrs.storyboard.document import read_document
from vktrs.storyboard.model import Engines, Look, Scene, Song, Storyboard
from vktrs.storyboard.problems import PROMPT_TOKENS, estimated_tokens, find_problems

GOOD = Storyboard(
    look=Look(themes=("neon",)),
    scenes=(
        Scene("a", 0.0, 4.0, "Daisy, Daisy"),
        Scene("b", 4.0, 9.0, "give me your answer do"),
        Scene("c", 10.0, 19.0, "I'm half crazy"),
        Scene("d", 20.0),
    ),
)


def heard(*texts: tuple[float, str, float | None]) -> list[Line]:
    """One line a second and word, from the given times."""
    lines = []
    for start, text, probability in texts:
        words = tuple(Word(start + at, start + at + 0.5, word, probability) for at, word in enumerate(text.split()))
        lines.append(Line(start, words[-1].end, text, words))
    return lines


CLEAR = heard((0.5, "Daisy, Daisy", 0.9), (4, "give me your answer do", 0.8), (11, "I'm half crazy", 0.7))


def changed(scene_id: str, **changes: Any) -> Storyboard:
    return replace(
        GOOD, scenes=tuple(replace(each, **changes) if each.id == scene_id else each for each in GOOD.scenes)
    )


def kinds(board: Storyboard, duration: float | None = 30.0, **known: Any) -> dict[str, list[str]]:
    found = find_problems(board, duration, **known)
    assert all(each.text.endswith(".") and each.hint.endswith(".") for own in found.values() for each in own)
    return {scene: [each.kind for each in own] for scene, own in found.items()}


def test_a_good_storyboard_has_no_problems() -> None:
    assert kinds(GOOD, frames=[96, 144, 240, 240], lines=CLEAR) == {}
    assert kinds(GOOD, None) == {}
    assert kinds(Storyboard()) == {}


def test_the_sample_song_has_no_problems() -> None:
    path = Path(__file__).parents[2] / "sample_projects" / "daisy_bell" / "storyboard.toml"
    assert kinds(read_document(path).board, 60.0) == {}


@pytest.mark.parametrize(
    ("board", "known", "found"),
    [
        (GOOD, {"frames": [9, 0, 9, 9]}, {"b": ["no frames"]}),
        (changed("c", start=19.8, end=20.0), {}, {"c": ["short"], "b": ["gap"]}),
        (changed("d", start=29.9), {"duration": 30.0}, {"d": ["short"], "c": ["gap"]}),
        (changed("d", start=30.0), {"duration": 30.0}, {"d": ["out of range"], "c": ["gap"]}),
        (changed("b", end=10.5), {}, {"b": ["end"]}),
        (changed("b", end=10.0005), {}, {}),
        (changed("d", end=30.4), {"duration": 30.0}, {}),
        (changed("d", end=31.0), {"duration": 30.0}, {"d": ["end"]}),
        (changed("c", end=15.9), {}, {"c": ["gap"]}),
        (changed("c", end=15.9, text=" "), {}, {}),
        (changed("c", end=15.9, locked=True), {}, {}),
        (changed("d", picture="x.png"), {"missing_pictures": ["x.png"]}, {"d": ["picture missing"]}),
        (changed("d", picture="y.png"), {"missing_pictures": ["x.png"]}, {}),
        (changed("d", prompt="a daisy, " * 80), {}, {"d": ["long prompt"]}),
        (changed("d", prompt="a daisy, " * 80, locked=True), {}, {}),
        (GOOD, {"failed": {"c": ("keyframes: no memory.", "Lower the size.")}}, {"c": ["failed"]}),
    ],
)
def test_each_problem_is_seen(board: Storyboard, known: dict[str, Any], found: dict[str, list[str]]) -> None:
    assert kinds(board, **known) == found


def test_a_scene_outside_the_excerpt_is_none() -> None:
    board = replace(GOOD, song=Song(excerpt=(9.5, 15.0)))
    assert kinds(board, frames=[0, 0, 120, 0]) == {}
    assert kinds(board, frames=[0, 0, 0, 0]) == {"c": ["no frames"]}


def test_a_line_is_flagged_when_it_comes_a_third_time_in_a_row() -> None:
    scenes = tuple(
        Scene(f"s{at}", at * 2.0, text=text) for at, text in enumerate(["La la!", "la LA", "La, la", "x", "x"])
    )
    assert kinds(Storyboard(scenes=scenes)) == {"s2": ["repeated line"]}
    quick = Storyboard(scenes=(Scene("a", 0.0, text="la"), Scene("b", 2.0, text="la"), Scene("c", 2.9, text="x")))
    assert kinds(quick) == {"b": ["repeated line"]}
    silent = Storyboard(scenes=tuple(Scene(f"s{at}", at * 2.0) for at in range(5)))
    assert kinds(silent) == {}


def test_words_that_were_heard_badly_are_doubtful() -> None:
    lines = [*CLEAR[:1], *heard((4, "give me your answer do", 0.3)), *CLEAR[2:]]
    found = find_problems(GOOD, 30.0, lines=lines)
    assert {scene: [each.kind for each in own] for scene, own in found.items()} == {"b": ["doubtful words"]}
    assert "0.30" in found["b"][0].text
    assert kinds(changed("b", locked=True), lines=lines) == {}
    own = (Word(4, 5, "give"), Word(5, 6, "me your answer do"))
    assert kinds(changed("b", words=own), lines=lines) == {}


def test_a_text_where_nothing_was_heard_has_estimated_times() -> None:
    assert kinds(GOOD, lines=CLEAR[:2]) == {"c": ["estimated"]}
    placed = [*CLEAR[:2], *heard((11, "I'm half crazy", None))]
    assert kinds(GOOD, lines=placed) == {"c": ["estimated"]}
    assert kinds(changed("c", locked=True), lines=placed) == {}


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("give me your answer do I'm half crazy", True),
        ("Give me your answer, do! I'm half crazy", True),
        ("give me your answer do", False),
        ("a person wrote this instead", False),
    ],
)
def test_a_line_that_nobody_heard_is_told_of_a_scene_that_holds_others_too(text: str, flagged: bool) -> None:
    lines = [*CLEAR[:2], *heard((8.5, "I'm half crazy", None))]
    scenes = (GOOD.scenes[0], Scene("b", 4.0, 12.0, text))
    found = find_problems(Storyboard(scenes=scenes), 15.0, lines=lines)
    told = [each.text for each in found.get("b", ()) if each.kind == "estimated"]
    assert told == ['A line in it was not heard, its times are estimated: "I\'m half crazy".'] * flagged
    locked = Storyboard(scenes=(scenes[0], replace(scenes[1], locked=True)))
    assert kinds(locked, 15.0, lines=lines) == {}


def test_a_corrected_text_is_not_doubted() -> None:
    badly = [*CLEAR[:1], *heard((4, "give me your answer do", 0.3)), *CLEAR[2:]]
    assert kinds(changed("b", text="a person wrote this instead"), lines=badly) == {}


def test_nothing_is_doubted_of_lyrics_that_came_with_their_times() -> None:
    assert kinds(GOOD, lines=heard((0, "quite other words", None))) == {}
    assert kinds(GOOD, lines=[Line(0, 4, "no words at all")]) == {}


def test_the_last_scene_is_judged_by_what_was_heard_where_the_songs_length_is_not_known() -> None:
    board = Storyboard(scenes=(Scene("a", 0.0, text="la la"),))
    assert kinds(board, None, lines=heard((1, "la la", 0.2))) == {"a": ["doubtful words"]}


def test_the_worst_is_told_first() -> None:
    board = changed("b", start=9.9, end=12.0, picture="x.png")
    found = find_problems(board, 30.0, missing_pictures={"x.png"}, failed={"b": ("It failed.", "Try again.")})
    assert [each.kind for each in found["b"]] == ["failed", "short", "end", "picture missing"]


def test_a_transition_needs_a_scene_before_it() -> None:
    assert kinds(changed("a", transition=0.5)) == {"a": ["transition"]}
    assert kinds(changed("a", transition=0.5, locked=True)) == {}
    assert kinds(changed("a", transition=0.0)) == {}
    assert kinds(changed("b", transition=0.5), frames=[96, 144, 240, 240]) == {}
    assert kinds(replace(GOOD, look=replace(GOOD.look, transition=0.5))) == {}


def test_what_lies_outside_the_excerpt_is_nothing_to_fade_out_of() -> None:
    board = replace(changed("b", transition=0.5), song=Song(excerpt=(4.0, 19.0)))
    assert kinds(board, frames=[0, 144, 240, 0]) == {"b": ["transition"]}
    outside = replace(changed("a", transition=0.5), song=board.song)
    assert kinds(outside, frames=[0, 144, 240, 0]) == {}


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [("", 0), ("a daisy", 3), ("a daisy, red", 5), ("it's", 4), ("雨が降る", 6), ("a b c d e f g h i j", 13)],
)
def test_tokens_are_estimated_by_words_and_marks(prompt: str, tokens: int) -> None:
    assert estimated_tokens(prompt) == tokens


def test_a_prompt_is_long_where_its_words_hardly_count() -> None:
    fits = " ".join(["daisies"] * 173)
    assert estimated_tokens(fits) == PROMPT_TOKENS
    assert kinds(changed("d", prompt=fits)) == {}
    assert kinds(changed("d", prompt=fits + " bell")) == {"d": ["long prompt"]}


def test_a_prompt_that_a_service_refuses_is_said_also_of_a_locked_scene() -> None:
    board = changed("d", prompt="daisies " * 1251, locked=True)
    assert kinds(board) == {}
    (problem,) = find_problems(replace(board, engines=Engines(pictures="stability")), 30.0)["d"]
    assert "10008 characters" in problem.text


@pytest.mark.parametrize(
    ("changes", "known", "kind"),
    [
        ({"loop": "bar"}, {"off_beat": ["b"]}, ["loop"]),
        ({"loop": "bar"}, {}, None),
        ({"loop": "bar", "animation": "static"}, {}, ["loop"]),
        ({"loop": "none", "animation": "static"}, {}, None),
        ({"loop": 0.5, "animation": "img2img"}, {}, ["loop"]),
        ({"animation": "img2img", "cadence": 48}, {}, ["cadence"]),
        ({"animation": "img2img", "cadence": 47}, {}, None),
        ({"animation": "img2img", "cadence": 24, "hold": 2}, {}, ["cadence"]),
        ({"animation": "img2img", "cadence": 48, "hold": 48}, {}, None),
        ({"animation": "variations", "cadence": 48}, {}, ["motion"]),
        ({"animation": "static", "zoom": "1 + 0.1 * t", "border": "wrap"}, {}, ["motion"]),
        ({"animation": "img2img", "zoom": 1.1}, {}, None),
        ({"animation": "variations", "consistency": 0.5}, {}, None),
        ({"animation": "img2img"}, {"cut": {"b": ("zoom", "strength"), "c": ()}}, ["cut", "cut"]),
        ({"animation": "img2img", "locked": True}, {"cut": {"b": ("zoom",)}, "off_beat": ["b"]}, None),
    ],
)
def test_loops_and_motion_that_come_to_nothing(
    changes: dict[str, Any], known: dict[str, Any], kind: list[str] | None
) -> None:
    found = kinds(changed("b", **changes), frames=[96, 48, 240, 240], **known)
    assert found == ({"b": kind} if kind else {})


def test_a_parameter_that_is_cut_is_told_with_its_range() -> None:
    (problem,) = find_problems(GOOD, 30.0, cut={"b": ("strength",)})["b"]
    assert problem.text == "Its `strength` goes beyond 0 to 1 in some frames, and is cut there."
