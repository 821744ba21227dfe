"""What is typed into a cell means what it says, or is answered with what would be right."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.storyboard import edits
from vktrs.storyboard.model import SCENE_FIELDS, Look, Scene, Signal, Storyboard
from vktrs.timing import boundary
from vktrs_tui.entering import FIELDS, LOOPS, choices, exact_clock, parse_field, parse_time, shown_value

BOARD = Storyboard(
    signals={"pulse": Signal()},
    look=Look(themes=("zombie wedding", "80 days")),
    scenes=(Scene("a", 0.0, section="B", picture="p/x.png"), Scene("b", 4.0, section="A", picture="p/x.png")),
)
BEATS = (1.0, 1.5, 2.0, 3.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12.5", 12.5),
        (" 1:02.250 ", 62.25),
        ("1:02,250", 62.25),
        ("0,5", 0.5),
        ("1:00:00", 3600.0),
        ("90s", 90.0),
        ("500ms", 0.5),
        ("+0.1", 2.1),
        ("-0,1", 1.9),
        ("−0.1", 1.9),
        ("+ 1:00", 62.0),
        ("+250 ms", 2.25),
        ("+2f", 2.083),
        ("-2 frames", 1.917),
        ("120f", 5.0),
        ("0f", 0.0),
        ("+1b", 3.0),
        ("-1b", 1.5),
        ("-0.5b", 1.75),
        ("+2 beats", 4.0),
        ("-2.5B", 0.75),
        ("beat", 2.0),
        ("now", 7.125),
        (".", 7.125),
        (".5", 0.5),
    ],
)
def test_times_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_time(text, current=2.0, fps=Fraction(24), beats=BEATS, playhead=7.1251) == seconds


@pytest.mark.parametrize(
    ("text", "known", "said"),
    [
        ("", {}, "no time"),
        ("later", {}, "no time"),
        ("1:2:3:4", {}, "no time"),
        ("9:99", {}, "no time"),
        ("+1:75.0", {}, "no time"),
        ("+", {}, "no time"),
        ("9" * 5000, {}, "no time"),
        ("9" * 400 + "b", {}, "from where"),
        ("+" + "9" * 400 + "b", {"beats": BEATS}, "no time"),
        ("1e3", {}, "no time"),
        ("-5", {}, "before the song"),
        ("-99f", {}, "before the song"),
        ("2000000", {}, "no time in a song"),
        ("+0.1", {"current": None}, "count from"),
        ("+2f", {"current": None}, "count from"),
        ("beat", {"current": None, "beats": BEATS}, "count from"),
        ("beat", {}, "beats"),
        ("+1b", {}, "beats"),
        ("3b", {"beats": BEATS}, "from where"),
        ("+1.5f", {}, "whole number of frames"),
        ("now", {}, "playhead"),
    ],
)
def test_what_is_no_time_is_answered_with_what_would_be(text: str, known: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        parse_time(text, **{"current": 2.0, "fps": Fraction(24), **known})
    assert caught.value.hint
    assert len(str(caught.value)) < 300


@given(st.integers(0, 500_000), st.integers(-50, 50), st.sampled_from([24, 25, 30, Fraction(30000, 1001), 120]))
def test_frames_forth_and_back_are_the_same_frame(frame: int, by: int, rate: Fraction) -> None:
    fps = Fraction(rate)
    at = parse_time(f"{frame}f", current=None, fps=fps)
    assert boundary(at, fps) == frame
    if frame + by >= 0:
        there = parse_time(f"{by:+}f", current=at, fps=fps)
        assert boundary(there, fps) == frame + by
        assert parse_time(f"{-by:+}f", current=there, fps=fps) == at


@given(st.text(alphabet="0123456789:.,+-fbms nowbeat", max_size=8), st.none() | st.floats(0, 100))
def test_anything_typed_is_a_time_or_an_answer(text: str, current: float | None) -> None:
    try:
        assert 0 <= parse_time(text, current=current, fps=Fraction(24), beats=BEATS, playhead=1.0) <= 1e6
    except InputError as error:
        assert error.hint


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("text", " [/x] la ", " [/x] la "),
        ("text", "", ""),
        ("prompt", "", None),
        ("prompt", "  ", None),
        ("prompt", '""', ""),
        ("prompt", "a moon", "a moon"),
        ("negative_prompt", '""', ""),
        ("caption", "la", "la"),
        ("theme", "2", 2),
        ("theme", "1 zombie wedding", 1),
        ("theme", "2 80 days", 2),
        ("theme", "80 days", "80 days"),
        ("theme", "neon", "neon"),
        ("theme", '"1984"', "1984"),
        ("theme", '""', ""),
        ("theme", " ", None),
        ("animation", "var", "variations"),
        ("animation", "STATIC", "static"),
        ("order", "p", "ping-pong"),
        ("order", "", None),
        ("animation", "", None),
        ("variations", " 12 ", 12),
        ("hold", "1", 1),
        ("seed", "4294967295", 4294967295),
        ("prompt_lag", "0", 0),
        ("consistency", "0,72", 0.72),
        ("consistency", "60%", 0.6),
        ("consistency", "1", 1.0),
        ("consistency", "1 - 0.3 * pulse", "1 - 0.3 * pulse"),
        ("zoom", "1,02", 1.02),
        ("zoom", " 1 + 0.1*pulse ", " 1 + 0.1*pulse "),
        ("zoom", "0: (1.0), 30: (1.02)", "0: (1.0), 30: (1.02)"),
        ("zoom", '"1.5"', "1.5"),
        ("angle", "−2", -2.0),
        ("translation_x", "10 * sin(t)", "10 * sin(t)"),
        ("strength", "30%", 0.3),
        ("noise", "0", 0.0),
        ("guidance_scale", "", None),
        ("loop", "none", "none"),
        ("loop", "Beat", "beat"),
        ("loop", "1 bar", "bar"),
        ("loop", "2bar", "2 bars"),
        ("loop", "3 beats", "3 beats"),
        ("loop", "1,5 s", 1.5),
        ("loop", "2", 2.0),
        ("loop", " ", None),
        ("transition", "0,5s", 0.5),
        ("cadence", "3", 3),
        ("border", "wr", "wrap"),
        ("color_coherence", "lab", "LAB"),
        ("color_coherence", "none", "none"),
        ("seed", "", None),
        ("locked", "y", True),
        ("locked", "false", False),
        ("locked", "off", False),
        ("section", " B ", "B"),
        ("picture", "a b.png", "a b.png"),
        ("end", "", None),
        ("end", "1:00", 60.0),
        ("start", "48f", 2.0),
    ],
)
def test_fields_are_read_as_the_file_would_hold_them(field: str, text: str, value: object) -> None:
    read = parse_field(field, text, BOARD)
    assert read == value
    assert type(read) is type(value)
    edits.set_field(BOARD, "b", field, 2.5 if field == "start" else value)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("theme", "3", "no theme 3"),
        ("theme", "0", "no theme 0"),
        ("animation", "x", "`animation` cannot be"),
        ("order", "spiral", "spiral"),
        ("variations", "1200", "1200"),
        ("variations", "1.5", "1.5"),
        ("variations", "many", "many"),
        ("hold", "0", "0"),
        ("seed", "-1", "-1"),
        ("seed", "9" * 5000, "seed"),
        ("consistency", "1.2", "1.2"),
        ("consistency", "nan", "nan"),
        ("consistency", "high", "character 1: `high` is not known"),
        ("zoom", "1 + puls", "`zoom`, character 5: `puls` is not known"),
        ("zoom", "__import__('os')", "character"),
        ("zoom", "0: (1.0), 30: (1.02", "character"),
        ("zoom", "0", "zoom"),
        ("angle", "inf", "inf"),
        ("loop", "3 fish", "3 fish"),
        ("loop", "0", "loop"),
        ("transition", "soon", "soon"),
        ("transition", "61", "61"),
        ("cadence", "0", "0"),
        ("cadence", "1.5", "1.5"),
        ("border", "r", "`border` cannot be"),
        ("locked", "", "empty"),
        ("locked", "o", "locked"),
        ("locked", "maybe", "maybe"),
        ("start", "", "empty"),
        ("picture", "a\0b", "picture"),
        ("text", "\ud800", "text"),
        ("words", "x", "edited here"),
        ("id", "x", "edited here"),
    ],
)
def test_a_wrong_value_is_answered_by_the_rules_of_the_file(field: str, text: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        parse_field(field, text, BOARD)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_an_answer_names_the_themes_there_are() -> None:
    with pytest.raises(InputError) as caught:
        parse_field("theme", "7", BOARD)
    assert "1 zombie wedding, 2 80 days" in caught.value.hint
    assert '"7"' in caught.value.hint
    with pytest.raises(InputError, match="no theme 1"):
        parse_field("theme", "1")


def test_what_can_be_chosen_is_offered_and_accepted() -> None:
    assert choices("theme", BOARD) == ("1 zombie wedding", "2 80 days")
    assert choices("section", BOARD) == ("A", "B")
    assert choices("picture", BOARD) == ("p/x.png",)
    assert choices("prompt", BOARD) == choices("seed", BOARD) == ()
    for field in FIELDS:
        for choice in choices(field.name, BOARD):
            edits.set_field(BOARD, "b", field.name, parse_field(field.name, choice, BOARD))


def test_every_animation_and_usual_loops_are_offered() -> None:
    assert choices("animation", BOARD) == ("static", "variations", "img2img")
    assert choices("loop", BOARD) == LOOPS
    assert choices("border", BOARD) == ("replicate", "reflect", "wrap")
    with pytest.raises(InputError) as caught:
        parse_field("animation", "wobble", BOARD)
    assert caught.value.hint == "Choose one of static, variations, img2img."


def test_every_field_of_a_scene_can_be_edited_but_its_id_and_lists() -> None:
    assert sorted(field.name for field in FIELDS) == sorted(set(SCENE_FIELDS) - {"id", "words", "frame_seeds"})


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0:00.000"), (62.25, "1:02.250"), (4.123456, "0:04.123456"), (3599.9999, "59:59.9999")]
)
def test_a_time_is_shown_with_all_its_digits(seconds: float, text: str) -> None:
    assert exact_clock(seconds) == text


WORDS = st.sampled_from(["", "a moon", "80 days", "2", '"quoted"', " [/x] ", "yes", "雨", "1 zombie wedding"])
SCENES = st.builds(
    Scene,
    id=st.just("b"),
    start=st.integers(1, 10**9).map(lambda micro: micro / 1e6),
    end=st.none() | st.integers(10**9, 2 * 10**9).map(lambda micro: micro / 1e6),
    text=st.text(max_size=5),
    prompt=st.none() | WORDS,
    theme=st.none() | st.sampled_from([1, 2]) | WORDS,
    caption=st.none() | WORDS,
    negative_prompt=st.none() | WORDS,
    locked=st.booleans(),
    animation=st.sampled_from([None, "static", "variations", "img2img"]),
    order=st.sampled_from([None, "tsp", "as-made", "ping-pong"]),
    variations=st.none() | st.integers(0, 999),
    consistency=st.none() | st.floats(0, 1),
    loop=st.none() | st.sampled_from([*LOOPS, "3 beats", "12 bars"]) | st.floats(0.01, 1e6),
    transition=st.none() | st.floats(0, 60),
    zoom=st.none() | st.floats(0.01, 100) | st.sampled_from(["1 + pulse", "1.5", " 2", "0: (1.0), 9: (2)"]),
    angle=st.none() | st.floats(-3600, 3600),
    strength=st.none() | st.floats(0, 1) | st.just("0.5 * ts"),
    border=st.sampled_from([None, "replicate", "reflect", "wrap"]),
    color_coherence=st.sampled_from([None, "none", "LAB"]),
    cadence=st.none() | st.integers(1, 100),
    seed=st.none() | st.integers(0, 2**32 - 1),
)


@given(SCENES)
def test_accepting_what_is_shown_changes_nothing(scene: Scene) -> None:
    for field in FIELDS:
        assert parse_field(field.name, shown_value(field.name, scene), BOARD) == getattr(scene, field.name), field.name
