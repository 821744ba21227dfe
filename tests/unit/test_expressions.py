"""Parameters of motion: what is an expression, what it is worth, and that no text does more than arithmetic."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vktrs.errors import InputError
from vktrs.expressions import (
    CONSTANTS,
    FUNCTIONS,
    NAMES,
    RESERVED,
    ExpressionError,
    as_schedule,
    evaluate_all,
    is_signal_name,
    parse,
)

SIGNALS = {"pulse", "hum"}
MANY = [0.0, 0.25, 0.5, 1.0]


def value(text: str, **names: float) -> float:
    return parse(text, SIGNALS).evaluate(names)


def refusal(text: str | float | int, names: set[str] | None = SIGNALS) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text, names)
    return caught.value


# --- numbers and expressions


@pytest.mark.parametrize(
    ("written", "worth"),
    [(1, 1.0), (1.5, 1.5), (-2, -2.0), ("1.5", 1.5), (" -.5 ", -0.5), ("2e-3", 0.002), ("007", 7.0), ("(1)", 1.0)],
)
def test_a_number_is_a_constant_in_quotes_or_without(written: float | str, worth: float) -> None:
    expression = parse(written)
    assert expression.constant == worth == expression.evaluate({})
    assert type(expression.constant) is float
    assert not expression.uses
    assert evaluate_all(expression, {}, 3) == [worth] * 3


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("1.002 + 0.03 * pulse", 1.017),
        ("2 ** 3 ** 2", 512.0),
        ("-2 ** 2", -4.0),
        ("7 // 2 + 7 % 4 - 9 / 2", 1.5),
        ("1\n +\t2", 3.0),
        ("pulse if hum > 0.1 else 9", 0.5),
        ("9 if pulse < hum < 1 else 3 if pulse >= 0.5 else 4", 3.0),
        ("(pulse > 0.2) + (hum != 0.25) + (1 == 1)", 2.0),
        ("not pulse or 0.75", 0.75),
        ("pulse and hum", 0.25),
        ("0 if hum else 1 / 0", 0.0),
        ("pi * 2 - tau + log(e)", 1.0),
        ("sin (pi / 2) + cos(0) + tan(0)", 2.0),
        ("asin(1) * 2 - pi + arcsin(0)", 0.0),
        ("acos(1) + arccos(1) + atan(0) + arctan(0)", 0.0),
        ("atan2(0, 1) + arctan2(0, 1)", 0.0),
        ("sinh(0) + cosh(0) + tanh(0)", 1.0),
        ("exp(0) + log(8, 2) + log10(100) + sqrt(9)", 9.0),
        ("abs(-3) + floor(1.7) + ceil(1.2) + round(1.26, 1)", 7.3),
        ("round(2.5) + round(3.5)", 6.0),
        ("min(3, 1, 2) + max(3, 1, 2) + pow(2, 3) + hypot(3, 4)", 17.0),
        ("clamp(5, 0, 1) + clamp(-5, 0, 1) + clamp(0.5, 0, 1)", 1.5),
        ("lerp(10, 20, 0.25)", 12.5),
        ("smoothstep(0, 1, 0.5) + smoothstep(2, 4, 9) + smoothstep(2, 4, 1)", 1.5),
        ("smoothstep(1, 1, 0) + smoothstep(1, 1, 1)", 1.0),
        ("where(hum > 1, 1, 2)", 2.0),
    ],
)
def test_expressions_are_worth_what_arithmetic_says(text: str, worth: float) -> None:
    assert value(text, pulse=0.5, hum=0.25) == pytest.approx(worth)


def test_every_function_was_tried_above() -> None:
    tried = test_expressions_are_worth_what_arithmetic_says.pytestmark[0].args[1]  # type: ignore[attr-defined]
    written = " ".join(text.replace(" (", "(") for text, _ in tried)
    assert [name for name in FUNCTIONS if f"{name}(" not in written] == []


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("1.002 + 0.03 * pulse", {"pulse"}),
        ("sin(t) + beat if frame > frames / 2 else hum", {"t", "beat", "frame", "frames", "hum"}),
        ("ts + scene + theme + bar + fps + tempo", {"ts", "scene", "theme", "bar", "fps", "tempo"}),
        ("pi + e", set()),
        ("0: (1), 30: (2)", {"frame"}),
        ("0: (sin(t))", {"frame"}),
        ("0: (1), max_f: (2)", {"frame", "frames"}),
        ("0: (2)", set()),
        ("0: (2), 5: (2)", set()),
    ],
)
def test_an_expression_says_what_it_depends_on(text: str, uses: set[str]) -> None:
    expression = parse(text, SIGNALS)
    assert expression.uses == uses
    assert (expression.constant is None) == bool(uses)


def test_where_signals_are_not_known_any_name_may_be_one() -> None:
    assert parse("wobble * 2").uses == {"wobble"}
    assert refusal("_wobble", None).position == 1
    assert refusal("max_f", None).position == 1


def test_two_that_were_written_alike_are_equal() -> None:
    assert parse("pulse * 2") == parse("pulse * 2", SIGNALS)
    assert len({parse("1"), parse("1"), parse("1.0")}) == 2


# --- all frames of a scene


def test_all_frames_are_worth_what_each_one_is() -> None:
    expression = parse("lerp(1, hum, pulse) + frame / frames + scene")
    pulse, hum = [0.1, 0.2, 0.7], [1.0, 5.0, 9.0]
    frames = [
        expression.evaluate({"pulse": pulse[k], "hum": hum[k], "frame": k, "frames": 3, "scene": 4}) for k in range(3)
    ]
    assert evaluate_all(expression, {"pulse": pulse, "hum": hum, "scene": 4, "unused": [1]}, 3) == frames


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_columns_of_numpy_give_plain_floats(kind: Callable[[Sequence[int]], Sequence[float]]) -> None:
    values = evaluate_all(parse("pulse ** 2 + frame"), {"pulse": kind([1, 2])}, 2)
    assert values == [1.0, 5.0]
    assert {type(each) for each in values} == {float}


def test_whole_numbers_of_the_caller_do_not_grow_for_ever() -> None:
    with pytest.raises(ExpressionError, match="too large"):
        value("frame ** frame ** frame ** frame", frame=9)


def test_frames_may_begin_anywhere() -> None:
    assert evaluate_all(parse("0: (0), 10: (10)"), {"frame": [4, 5], "frames": 11}, 2) == pytest.approx([4.0, 5.0])


def test_no_frame_has_no_value() -> None:
    assert evaluate_all(parse("pulse"), {"pulse": []}, 0) == []
    assert evaluate_all(parse("0:(1),2:(3)"), {}, 0) == []


def test_a_column_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="pulse has 2 values for 3 frames"):
        evaluate_all(parse("pulse"), {"pulse": [1, 2]}, 3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 / (frame - 3)", "`1 / (frame - 3)` divides by zero"),
        ("1 % (frame - 3)", "`1 % (frame - 3)` divides by zero"),
        ("1 + sqrt(2.5 - frame)", "`sqrt(2.5 - frame)` has no value, not among real numbers"),
        ("(2.5 - frame) ** 0.5", "`(2.5 - frame) ** 0.5` has no value, not among real numbers"),
        ("exp(300 * frame)", "`exp(300 * frame)` is too large"),
        ("1e308 * (1 + (frame > 2))", "the value is inf"),
        ("(frame > 2) * (1e308 * 10 - 1e308 * 10)", "the value is nan"),
        ("0: (1), 3: (1 / (t - 3))", "`1 / (t - 3)` divides by zero"),
        ("0: (1 / (t - 3))", "`1 / (t - 3)` divides by zero"),
    ],
)
def test_a_frame_without_a_finite_value_is_named(text: str, found: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_all(parse(text), {}, 5)
    assert caught.value.found == found
    first = {"0: (1), 3: (1 / (t - 3))": 1, "(frame > 2) * (1e308 * 10 - 1e308 * 10)": 0}
    assert caught.value.frame == first.get(text, 3)
    assert f"frame {first.get(text, 3)}: {found}." in caught.value.of("zoom")


def test_a_single_frame_names_itself() -> None:
    with pytest.raises(ExpressionError, match="frame 7"):
        value("1 / pulse", pulse=0, frame=7)


def test_a_signal_that_has_no_values_is_named() -> None:
    with pytest.raises(ExpressionError, match=r"`puls` is not known here\. Known are pulse, "):
        evaluate_all(parse("puls"), {"hum": 1, "pulse": [1]}, 1)


# --- what is refused, and in which words


@pytest.mark.parametrize(
    ("text", "position", "found"),
    [
        ("", 1, "the text is empty"),
        ("1.002 + 0.03 * puls", 16, "`puls` is not known here"),
        ("sinn(t)", 1, "`sinn` is no function"),
        ("2 * pulse(t)", 5, "`pulse` is no function"),
        ("1 + sin", 5, "`sin` is a function, and stands here without its values"),
        ("sin(1, 2)", 1, "`sin` has 2 values in its brackets"),
        ("1 + clamp(1)", 5, "`clamp` has 1 value in its brackets"),
        ("sin()", 1, "`sin` has 0 values in its brackets"),
        ("2t", 1, "`2t` is no number"),
        ("1 + 1_000", 5, "`1_000` is no number"),
        ("0x1f", 1, "`0x1f` is no number"),
        ("3j", 1, "`3j` is no number"),
        ("1.5.2", 1, "`1.5.2` is no number"),
        ("1,5", 2, "a comma stands outside of a function"),
        ("(1, 2)", 3, "a comma stands outside of a function"),
        ("t t", 3, "an operator is missing before `t`"),
        ("2 (t)", 3, "an operator is missing before `(`"),
        ("(t)(t)", 4, "an operator is missing before `(`"),
        ("1 not t", 3, "an operator is missing before `not`"),
        ("1 + not t", 5, "`not` stands behind an operator"),
        ("t *", 4, "the text ends where a value is expected"),
        ("t * * 2", 5, "a value is missing before `*`"),
        ("()", 2, "a value is missing before `)`"),
        ("min(1,)", 7, "a value is missing before `)`"),
        ("(t", 1, "this bracket is never closed"),
        ("2 * (t))", 8, "`)` closes nothing"),
        ("1 if t", 3, "this `if` has no `else`"),
        ("1 if", 5, "the text ends where a value is expected"),
        ("1 else t", 3, "`else` has no `if` before it"),
        ("min(1 if t, 2 else 3)", 7, "this `if` has no `else`"),
        ("(1 if t) else 3", 4, "this `if` has no `else`"),
        ("1 if t if t else 2 else 3", 3, "this `if` has no `else`"),
        ("True", 1, "`True` cannot stand in an expression"),
        ("t is t", 3, "`is` cannot stand in an expression"),
        ("t = 1", 3, "`=` cannot stand in an expression"),
        ("t ^ 2", 3, "`^` cannot stand in an expression"),
        ("t # 2", 3, "`#` cannot stand in an expression"),
        ("1 \\\n + 2", 3, "`\\` cannot stand in an expression"),
        ("1; 2", 2, "`;` cannot stand in an expression"),
        ("-1e400", 2, "this number is too large"),
        ("9" * 400, 1, "this number is too large"),
        ("1 / 0", 1, "`1 / 0` divides by zero"),
        ("inf", 1, "`inf` is not known here"),
        ("nan", 1, "`nan` is not known here"),
        ("1 + (-1) ** 0.5", 5, "`(-1) ** 0.5` has no value, not among real numbers"),
        # what somebody might try who wants more than arithmetic
        ("__import__('os').system('true')", 12, "`'` cannot stand in an expression"),
        ("().__class__", 2, "a value is missing before `)`"),
        ("t.__class__", 2, "`.` cannot stand in an expression"),
        ("__builtins__", 1, "`__builtins__` is not known here"),
        ("eval(t)", 1, "`eval` is no function"),
        ("9 ** 9 ** 9", 1, "`9 ** 9 ** 9` is too large"),
        ("((1<2)+(1<2))**(9**9)", 1, "`((1<2)+(1<2))**(9**9)` is too large"),
        ("(" * 999, 51, "more than 50 brackets are open"),
        ("-" * 999 + "1", 101, "more than 100 operations stand in each other"),
        ("1" + "+1" * 400, 1, "more than 100 operations stand in each other"),
        ("1" * 1001, 1001, "the expression has 1001 characters"),
        ("lambda: 0", 1, "`lambda` cannot stand in an expression"),
        ("lambda x: 0", 1, "`lambda` cannot stand in an expression"),
        ("(x := 1)", 1, "`(x := 1)` has no keyframe and colon before it"),
        ('f"{t}"', 2, '`"` cannot stand in an expression'),
        ("'a' * 9", 1, "`'` cannot stand in an expression"),
        ("[t for t in t]", 1, "`[` cannot stand in an expression"),
        ("{t}", 1, "`{` cannot stand in an expression"),
        ("min(*t)", 5, "a value is missing before `*`"),
        ("min(**t)", 5, "a value is missing before `**`"),
        ("round(1, digits=2)", 16, "`=` cannot stand in an expression"),
        ("await t", 1, "`await` cannot stand in an expression"),
        ("t @ t", 3, "`@` cannot stand in an expression"),
        ("t\0", 2, "`\\x00` cannot stand in an expression"),
        ("１ + 1", 1, "`\\uff11` cannot stand in an expression"),
        ("ｐulse", 1, "`\\uff50` cannot stand in an expression"),
        ("ℯ", 1, "`\\u212f` cannot stand in an expression"),
        ("1\u00a0+ 1", 2, "`\\xa0` cannot stand in an expression"),
        ("1 \u2212 1", 3, "`\\u2212` cannot stand in an expression"),
        ("\ud800", 1, "`\\ud800` cannot stand in an expression"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text: str, position: int, found: str) -> None:
    error = refusal(text)
    assert (error.position, error.found) == (position, found)
    assert error.of("zoom").startswith(f"`zoom`, character {position}: {found}.")


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 10**400, True])
def test_what_is_no_finite_number_is_refused(number: float) -> None:
    error = refusal(number)
    assert error.position is None
    assert error.of("zoom").startswith("`zoom`: ")
    assert 'It should be a number, an expression such as "1 + 0.03 * pulse"' in error.right


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("puls", "Known are pulse, "),
        ("Hum", "Known are hum, "),
        ("PI", "Known are pi, "),
        ("fram", "Known are frame, frames, "),
        ("clmp(1, 2, 3)", "Known are clamp, "),
        ("arctg(t)", "Known are arctan, "),
    ],
)
def test_the_closest_of_what_is_known_is_named_first(text: str, first: str) -> None:
    right = refusal(text).right
    assert right.startswith(first)
    assert set(right[len("Known are ") : -1].split(", ")) == (
        {*FUNCTIONS} if "(" in text else {*NAMES, *CONSTANTS, *SIGNALS}
    )


def test_signals_that_differ_in_their_letters_size_are_both_known() -> None:
    assert refusal("puls", {"Pulse", "pulse"}).right.startswith("Known are Pulse, pulse, ")


def test_the_error_is_one_of_input() -> None:
    error = refusal("t ^ 2")
    assert isinstance(error, InputError)
    assert error.of("zoom") == ("`zoom`, character 3: `^` cannot stand in an expression. Write `**` for a power.")


def test_a_long_piece_is_shown_shortened() -> None:
    error = refusal("x" * 900)
    assert error.found == f"`{'x' * 37}...` is not known here"


# --- names of signals


@pytest.mark.parametrize("name", ["pulse", "Kick_2", "x", "bass", "S1"])
def test_signals_are_named_by_identifiers(name: str) -> None:
    assert is_signal_name(name)
    assert parse(f"{name} * 2", {name}).uses == {name}


@pytest.mark.parametrize(
    "name", ["", "2x", "a-b", "a b", "_x", "ünder", "ｐulse", "pulse\n", "if", "None", "lambda", *sorted(RESERVED)]
)
def test_other_names_and_taken_ones_are_none(name: str) -> None:
    assert not is_signal_name(name)


def test_all_that_means_something_is_reserved() -> None:
    assert {"sin", "clamp", "pi", "t", "ts", "frame", "beat", "tempo", "max_f", "s", "and"} <= RESERVED


# --- schedules


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("0: (1.0), 4: (2.0)", [1.0, 1.25, 1.5, 1.75, 2.0, 2.0, 2.0, 2.0]),
        ("0:(1.0),4:(2.0)", [1.0, 1.25, 1.5, 1.75, 2.0, 2.0, 2.0, 2.0]),
        ("0: 1.0, 4: 2.0,", [1.0, 1.25, 1.5, 1.75, 2.0, 2.0, 2.0, 2.0]),
        ('"0": "1.0", "4": "2.0"', [1.0, 1.25, 1.5, 1.75, 2.0, 2.0, 2.0, 2.0]),
        ("'0: (1.0), 4: (2.0)'", [1.0, 1.25, 1.5, 1.75, 2.0, 2.0, 2.0, 2.0]),
        ("4: (2.0),\n0: ((+1))", [1.0, 1.25, 1.5, 1.75, 2.0, 2.0, 2.0, 2.0]),
        ("0: (-1), 2: (- 2)", [-1.0, -1.5, -2.0, -2.0, -2.0, -2.0, -2.0, -2.0]),
        ("0: (0), max_f: (14)", [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]),
        ("0: (0), max_f - 1: (12)", [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 12.0]),
        ('0: (0), "max_f / 2": (3)', [0.0, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0]),
        ("0: (t * 2)", [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]),
        ("0: (1 - t / max_f)", [1 - k / 7 for k in range(8)]),
        ("0: (min(t, 3)), 5: (9)", [0.0, 1.0, 2.0, 3.0, 3.0, 9.0, 9.0, 9.0]),
        ("0: (0), 4: (t * 2)", [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]),
        ("0: (2 * 1), 4: (9)", [2.0, 2.0, 2.0, 2.0, 9.0, 9.0, 9.0, 9.0]),
        ("0: (where(t % 4 == 0, 1, 0))", [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        ("2: (5), 4: (6)", [5.0, 5.0, 5.0, 5.5, 6.0, 6.0, 6.0, 6.0]),
        ("2: (t + 5), 4: (6)", [7.0, 7.0, 7.0, 8.0, 6.0, 6.0, 6.0, 6.0]),
        ("0: (0), 14: (14)", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]),
        ("0: (0), max_f: (7), 7: (14)", [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]),
    ],
)
def test_schedules_mean_what_they_mean_in_deforum(text: str, worth: list[float]) -> None:
    expression = parse(text, SIGNALS)
    assert evaluate_all(expression, {}, 8) == pytest.approx(worth)
    assert [expression.evaluate({"frame": k, "frames": 8}) for k in range(8)] == pytest.approx(worth)


KEYFRAMES = st.dictionaries(st.integers(0, 60), st.floats(-1e6, 1e6), min_size=1, max_size=12)


@given(KEYFRAMES)
def test_points_are_joined_by_straight_lines(keyframes: dict[int, float]) -> None:
    text = ", ".join(f"{frame}: ({worth!r})" for frame, worth in keyframes.items())
    frames = sorted(keyframes)
    lines = np.interp(range(61), frames, [keyframes[frame] for frame in frames])
    assert evaluate_all(parse(text), {}, 61) == pytest.approx(lines.tolist(), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "position", "found"),
    [
        (":", 1, "the text ends where a value is expected"),
        ("0:", 3, "the text ends where a value is expected"),
        ("0: ()", 5, "a value is missing before `)`"),
        ("0: (1), 2", 9, "`2` has no keyframe and colon before it"),
        ("0: (1),, 2: (1)", 8, "a keyframe is missing"),
        ("0: (1) 30: (2)", 10, "a comma is missing before this colon"),
        ("0: (1), 0: (2)", 9, "keyframe 0 is written twice"),
        ("0: (1), 00: (2)", 9, "keyframe 0 is written twice"),
        ("1.5: (1)", 1, "`1.5` is no keyframe"),
        ("0: (1), -5: (1)", 9, "`-5` is no keyframe"),
        ("0: (1), 9999999999: (1)", 9, "`9999999999` is no keyframe"),
        ("0: (1), x: (1)", 9, "`x` is not known here"),
        ("0: (1), t: (1)", 9, "`t` is not known here"),
        ("0: (1 + s)", 9, "`s` is not known here"),
        ("0: (1 + pulse)", 9, "`pulse` is not known here"),
        ("0: (1.0, 30: (2)", 8, "a comma stands outside of a function"),
        ("0: (1)), 3: (2)", 7, "`)` closes nothing"),
        ("0: (1e999)", 5, "this number is too large"),
        ("0: (1" + "0" * 999 + ")", 1003, "the expression has 1003 characters"),
        ('0: (__import__("os"))', 5, "`__import__` is no function"),
    ],
)
def test_what_is_no_schedule_is_refused_with_its_place(text: str, position: int, found: str) -> None:
    error = refusal(text)
    assert (error.position, error.found) == (position, found)


def test_a_schedule_says_what_it_knows() -> None:
    assert refusal("0: (s)").right == "Known are t, max_f, pi, tau, e."


def test_a_schedule_of_more_than_a_million_characters_is_refused() -> None:
    assert refusal("0: (1)" + " " * 1_000_000).found == "the schedule has 1000006 characters"


# --- values as a schedule


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0], "0: (1)"),
        ([1.02] * 50, "0: (1.02)"),
        ([0.0, 1.0, 2.0, 3.0], "0: (0), 3: (3)"),
        ([0.0, 1.0, 2.0, 2.0, 2.0], "0: (0), 2: (2)"),
        ([0.0, 0.0, 0.0, 1.0, 1.0], "0: (0), 2: (0), 3: (1)"),
        ([1.0, 1.0004, 0.9996, 1.0], "0: (1)"),
        ([-0.00001, 5.0], "0: (0), 1: (5)"),
        ([1e-7, 1e6], "0: (0), 1: (1000000)"),
    ],
)
def test_values_become_few_lines(values: list[float], text: str) -> None:
    assert as_schedule(values, 0.001) == text


def test_a_curve_needs_few_lines_and_a_finer_one_more() -> None:
    wave = [math.sin(frame / 20) for frame in range(1000)]
    coarse, fine = (as_schedule(wave, tolerance).count(":") for tolerance in (0.1, 0.01))
    assert coarse < 70 < fine < 250


@given(
    st.lists(st.one_of(st.floats(-1e4, 1e4), st.sampled_from(MANY)), min_size=1, max_size=60),
    st.sampled_from([1.0, 0.1, 0.03, 0.001, 1e-4]),
)
def test_a_schedule_of_values_comes_back_within_the_tolerance(values: list[float], tolerance: float) -> None:
    text = as_schedule(values, tolerance)
    back = evaluate_all(parse(text), {}, len(values))
    assert max(abs(a - b) for a, b in zip(values, back, strict=True)) <= tolerance
    assert "e" not in text  # Deforum takes 1e-05 for math


@given(st.lists(st.floats(-1e13, 1e13), min_size=1, max_size=20))
def test_the_largest_values_come_back_too(values: list[float]) -> None:
    back = evaluate_all(parse(as_schedule(values, 1.0)), {}, len(values))
    assert back == pytest.approx(values, rel=1e-12, abs=1.0)


@pytest.mark.parametrize(
    ("values", "tolerance"), [([], 0.1), ([math.nan], 0.1), ([math.inf], 0.1), ([1.0], 0.0), ([1.0], math.inf)]
)
def test_a_schedule_needs_finite_values_and_a_tolerance(values: list[float], tolerance: float) -> None:
    with pytest.raises(ValueError, match="finite values"):
        as_schedule(values, tolerance)


# --- any text whatever

PIECES = st.sampled_from(
    [
        *(
            "t",
            "pulse",
            "frame",
            "max_f",
            "s",
            "pi",
            "x",
            "0",
            "1",
            "2.5",
            "9",
            "1e400",
            ".5",
            "007",
            "1_0",
            "0x1",
            "1j",
        ),
        *("+", "-", "*", "/", "//", "%", "**", "<", "<=", "==", "!=", "and", "or", "not", "if", "else", "(", ")", ","),
        *(":", "0:", "30: (", ".", "[", "]", "{", "}", "'", '"', "\\", "\n", "\0", "#", ";", "=", ":=", "@", "~", "^"),
        *("lambda", "None", "True", "await", "yield", "for", "in", "is", "import", "f'{t}'", "b''", "...", "__class__"),
        *(
            "sin(",
            "max(",
            "pow(",
            "round(",
            "where(",
            "log(",
            "eval(",
            "__import__(",
            " ",
            "\u2028",
            "１",
            "ℯ",
            "\ud800",
        ),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES, max_size=25).map("".join))


@given(TEXTS)
@example("9**9**9**9**9**9")
@example("frame**frame**frame**frame")
@example("((1<2)+(1<2))**((1<2)+(1<2))**9**9")
@example("round(1e308*10 - 1e308*10, 1e308*10)")
@example("floor(1e308 * 10)")
@example("0:(9**t**t**t)")
@example("max_f**99:(1)")
@example("0:" * 200)
@example("0:(1)," * 2000)
@example("not " * 200 + "1")
@example("1 if 1 else " * 70 + "1")
def test_any_text_is_an_expression_with_finite_values_or_refused(text: str) -> None:
    try:
        expression = parse(text)
        names = dict.fromkeys(expression.uses, MANY)
        values = evaluate_all(expression, {**names, "frame": [0, 1, 2, 3], "frames": 4}, 4)
    except ExpressionError as error:
        assert error.position is None or 1 <= error.position <= len(text) + 1
        assert error.of("zoom").startswith("`zoom`")
    else:
        assert all(type(each) is float and math.isfinite(each) for each in values)


LEAVES = st.one_of(st.sampled_from(["t", "pulse", "pi"]), st.floats(0, 9).map(lambda number: f"{number:.3f}"))


def _wider(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(["{} + {}", "{} - {}", "{} * {}", "({}) < {}", "({}) and {}", "{} or ({})", "max({}, {})"])
    return st.one_of(
        st.builds(lambda form, a, b: form.format(a, b), binary, smaller, smaller),
        st.builds("({} if {} else {})".format, smaller, smaller, smaller),
        st.builds("({})".format, smaller),
        st.builds("(not {})".format, smaller),
        st.builds("-{}".format, smaller),
    )


@given(st.recursive(LEAVES, _wider, max_leaves=12))
def test_what_is_computed_is_what_python_means_by_it(text: str) -> None:
    names = {"t": 2.5, "pulse": 0.0}
    meant = float(eval(text, {"__builtins__": {}, "max": max, "pi": math.pi, **names}))
    assert value(text, **names) == pytest.approx(meant, rel=1e-12, abs=1e-12)


_WATCHED = """
import json, sys
from vktrs.expressions import ExpressionError, as_schedule, evaluate_all, parse

texts = json.loads(sys.stdin.read())
seen = []
watching = True
sys.addaudithook(lambda event, _: seen.append(event) if watching else None)
for text in texts:
    try:
        expression = parse(text)
        evaluate_all(expression, dict.fromkeys(expression.uses, 0.5), 4)
    except ExpressionError as error:
        error.of("zoom")
as_schedule([1.0, 2.0], 0.1)
watching = False
print(json.dumps(sorted(set(seen))))
"""


def test_reading_and_computing_touches_nothing() -> None:
    texts = [
        *("1 + pulse", "sin(t) if beat else 2", "0: (1), 30: (sin(t))", "1 / 0", "pulse ** 0.5", "sinn(t)"),
        *("__import__('os').system('true')", "__import__(os)", "open(t)", "eval(t)", "exec(t)", "().__class__"),
        *("t.__class__", "(lambda: t)()", "0: (open(t))", "f'{t}'", "(x := t)", "input()", "breakpoint()", "print(t)"),
    ]
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    # Python's parser tells of itself as "compile"; no file, no import, no process, nothing run
    assert json.loads(done.stdout) == ["compile"]
