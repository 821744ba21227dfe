"""A scene says why its line may not be what is sung, until a person has settled it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vktrs.lines import Line, Word
from vktrs.storyboard.model import Scene, Storyboard
from vktrs.storyboard.problems import find_problems

BOARD = Storyboard(
    scenes=(Scene("a", 0.0, 3.9, "Daisy, Daisy"), Scene("b", 4.0, 8.9, "give me your answer do"), Scene("c", 9.0))
)


def heard(start: float, text: str, *doubts: str, pace: float = 0.5, probability: float | None = 0.9) -> Line:
    words = tuple(
        Word(start + at * pace, start + (at + 1) * pace, word, probability) for at, word in enumerate(text.split())
    )
    return Line(start, words[-1].end, text, words, probability, doubts)


CLEAR = heard(0.5, "Daisy, Daisy")


def of_b(*lines: Line, **changes: Any) -> list[str]:
    """What is doubtful about the second scene; nothing is about the others."""
    scenes = tuple(replace(scene, **changes) if scene.id == "b" else scene for scene in BOARD.scenes)
    found = find_problems(Storyboard(scenes=scenes), 12.0, lines=lines)
    assert set(found) <= {"b"}
    own = [problem for problem in found.get("b", ()) if problem.kind == "doubtful line"]
    assert all(problem.hint.endswith(".") for problem in own)
    return [problem.text for problem in own]


@pytest.mark.parametrize(
    ("doubts", "said"),
    [
        ((), []),
        (
            ("compression 3.1",),
            ["It may not be what is sung: the text around it says itself over and over, compression 3.1."],
        ),
        (
            ("no-speech 0.93", "silence 61"),
            [
                "It may not be what is sung: the model gives 0.93 that nobody sings there; it lies where nothing "
                "sounds, 61 dB below the loud part of the song."
            ],
        ),
        (("A stranger wrote it.",), ["It may not be what is sung: A stranger wrote it."]),
    ],
)
def test_the_reasons_are_said_with_their_figures(doubts: tuple[str, ...], said: list[str]) -> None:
    assert of_b(CLEAR, heard(4.5, "give me your answer do", *doubts)) == said


def test_lines_from_before_there_were_doubts_are_judged_by_their_words() -> None:
    fast = heard(4.5, "give me your answer do", pace=0.05)
    assert of_b(CLEAR, fast) == ["It may not be what is sung: 26.7 syllables a second are more than anybody sings."]
    assert of_b(CLEAR, heard(4.5, "give me your answer do", pace=0.05, probability=None)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"locked": True},
        {"text": "give me your answer true"},
        {"text": "quite other words"},
        {"text": ""},
        {"words": (Word(4.5, 5.0, "give"), Word(5.0, 6.0, "me your answer do"))},
    ],
)
def test_what_a_person_settled_is_not_doubted(changes: dict[str, Any]) -> None:
    doubtful = heard(4.5, "give me your answer do", "compression 3.1")
    assert len(of_b(CLEAR, doubtful)) == 1
    assert of_b(CLEAR, doubtful, **changes) == []


def test_spelling_and_moved_times_leave_the_doubt() -> None:
    doubtful = heard(4.5, "give me your answer do", "compression 3.1")
    assert len(of_b(CLEAR, doubtful, text="Give me your answer, do!")) == 1
    assert len(of_b(CLEAR, doubtful, start=4.4, end=7.5)) == 1


def test_a_line_cut_in_two_scenes_is_doubted_in_both_and_two_lines_in_one_once() -> None:
    whole = heard(2.0, "Daisy, Daisy give me your answer do", "compression 3.1", pace=0.9)
    found = find_problems(BOARD, 12.0, lines=[whole])
    assert [scene for scene, own in found.items() if any(each.kind == "doubtful line" for each in own)] == ["a", "b"]
    two = [heard(4.2, "give me your", "compression 3.1"), heard(6.0, "answer do", "compression 4", "silence 50")]
    (said,) = of_b(CLEAR, *two)
    assert "compression 3.1; it lies where nothing sounds" in said
    assert "compression 4" not in said


def test_the_old_kinds_stay_beside_it() -> None:
    badly = heard(4.5, "give me your answer do", "compression 3.1", probability=0.3)
    own = find_problems(BOARD, 12.0, lines=[CLEAR, badly])["b"]
    assert [problem.kind for problem in own] == ["doubtful words", "doubtful line"]


def test_a_line_without_word_times_is_doubted_where_its_middle_lies() -> None:
    doubtful = Line(4.5, 7.0, "give me your answer do", (), None, ("A machine wrote it.",))
    assert len(of_b(doubtful)) == 1
