"""Why something is stale is said in words that a person can act on."""

from __future__ import annotations

from typing import Any

import pytest

from vktrs.reasons import explain

CPPN = {"engine": "cppn", "engine_version": 1, "options": {}, "prompt": "a", "seed": 1}
CLIPS = [["aaaa", "1"], ["bbbb", "2"], ["cccc", "3"]]
LONG = "the quick brown fox jumps over the lazy dog, "
KEY = f"sk-{'0123456789abcdef' * 2}"
FONT = {"style": "line", "font": "f"}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"consistency": 0.72}, {"consistency": 0.6}, ["consistency 0.72 -> 0.6"]),
        ({"seed": 1, "hold": 2}, {"seed": 5, "hold": 3}, ["seed 1 -> 5", "hold 2 -> 3"]),
        ({"prompt": "a hill"}, {"prompt": "a green hill"}, ['prompt "a hill" -> "a green hill"']),
        ({"prompt": LONG + "day"}, {"prompt": LONG + "night"}, ['prompt "…lazy dog, day" -> "…lazy dog, night"']),
        ({"excerpt": None}, {"excerpt": [0.0, 4.0]}, ["excerpt none -> [0.0, 4.0]"]),
        ({"keyframe": "1", "seed": 1}, {"keyframe": "2", "seed": 1}, ["the keyframe changed"]),
        ({"cycle": ["1"], "order": "tsp"}, {"cycle": ["1", "2"], "order": "tsp"}, ["its pictures changed"]),
        ({"cycle": ["1"], "order": "tsp"}, {"cycle": ["1"], "order": "as-made"}, ['order "tsp" -> "as-made"']),
        ({"order": "1" * 32}, {"order": "2" * 32}, ["the order changed"]),
        ({"picture": "1"}, {"picture": "2"}, ["the picture file changed"]),
        (CPPN, {"picture": "2"}, ["your own picture takes its place"]),
        ({"picture": "2"}, CPPN, ["your own picture is gone"]),
        (CPPN, {**CPPN, "engine": "diffusers", "engine_version": 3, "options": {"steps": 30}},
         ['engine "cppn" -> "diffusers"']),
        (CPPN, {**CPPN, "engine_version": 2}, ["the engine draws in another way now"]),
        ({"options": {"steps": 30, "scale": 7.5}}, {"options": {"steps": 40, "scale": 7.5}}, ["steps 30 -> 40"]),
        ({"options": {}}, {"options": {"steps": 40}}, ["steps none -> 40"]),
        ({"caption": None}, {"caption": {**FONT, "text": "la"}}, ['caption none -> "la"']),
        ({"caption": {**FONT, "text": "la", "frames": 9}}, {"caption": {**FONT, "text": "lo", "frames": 9}},
         ['text "la" -> "lo"']),
        ({"caption": {**FONT, "text": "la"}}, {"caption": None}, ['caption "la" -> none']),
        ({"caption": {**FONT, "text": "la"}}, {"caption": {**FONT, "text": "la", "size": 0.1}}, ["size none -> 0.1"]),
        ({"caption": {**FONT, "words": [[3, 2]]}}, {"caption": {**FONT, "words": [[4, 2]]}},
         ["its words are sung at other frames"]),
        ({"words": "1" * 32, "structure": "3"}, {"words": "2" * 32, "structure": "3"}, ["the words changed"]),
        ({"caption": {**FONT, "style": "line"}}, {"caption": {**FONT, "style": "word", "words": [[4, 2]]}},
         ['style "line" -> "word"; its words light up now']),
        ({"caption": FONT}, {"caption": {**FONT, "fade": [3, 0]}}, ["its caption fades now"]),
        ({"clips": []}, {"clips": [], "subtitles": {"language": None, "cues": [[0, 9, "la"]]}},
         ["it has subtitles now"]),
        ({"k": 1, "seed": 1}, {"seed": 2}, ["seed 1 -> 2"]),
        ({"k": 1, "frame_seed": 7, "seed": 1}, {"seed": 2}, ["seed 1 -> 2"]),
        ({"options": {"model": "a"}}, {"options": {"wrong": "1" * 32}}, ["the options are wrong"]),
        ({"options": {"model": "a"}}, {"options": {"model": KEY}}, ['model "a" -> "[key]"']),
        ({"options": {"loras": [[KEY, 1]]}}, {"options": {}}, ["loras [['[key]', 1]] -> none"]),
        ({"prompt": LONG + KEY}, {"prompt": LONG + "night"}, ['prompt "…lazy dog, [key]" -> "…lazy dog, night"']),
        ({"version": 1}, {"version": 2}, ["it is made in another way now"]),
        ({"version": 1, "split": {"gap": 2}}, {"version": 2, "split": {"gap": 2, "snap": "none"}, "form": 1},
         ["it is made in another way now"]),
        ({"version": 1, "split": {"gap": 2}}, {"version": 2, "split": {"gap": 3, "snap": "none"}},
         ["it is made in another way now", "gap 2 -> 3"]),
        ({"consistency": 0.7, "seed": 1}, {"motion": {"zoom": 1.1}, "border": "wrap", "seed": 2},
         ["it moves now", "seed 1 -> 2"]),
        ({"motion": {"zoom": 1.1}, "border": "wrap"}, {"consistency": 0.7}, ["it moves no longer"]),
        ({"motion": {"zoom": 1.1}, "border": "wrap"}, {"motion": {"zoom": 1.2}, "border": "wrap"},
         ["zoom 1.1 -> 1.2"]),
        ({"a": 1}, {"a": 1}, ["removed"]),
        (None, {"a": 1}, ["not made yet"]),
    ],
)  # fmt: skip
def test_a_change_is_named(before: dict[str, Any] | None, now: dict[str, Any], expected: list[str]) -> None:
    assert explain(now, before) == expected


@pytest.mark.parametrize(
    ("clips", "expected"),
    [
        ([["aaaa", "1"], ["bbbb", "9"], ["cccc", "3"]], "clip of scene bbbb changed"),
        ([["aaaa", "1"], ["cccc", "3"]], "scene bbbb is gone"),
        ([*CLIPS, ["dddd", "4"]], "clip of scene dddd changed"),
        ([CLIPS[1], CLIPS[0], CLIPS[2]], "the clips have another order"),
        ([[f"s{number}", "0"] for number in range(9)],
         "clip of scene s0 changed; clip of scene s1 changed; clip of scene s2 changed; clip of scene s3 changed; "
         "clip of scene s4 changed; and 7 more"),
    ],
)  # fmt: skip
def test_a_video_is_stale_for_the_clips_that_changed(clips: list[list[str]], expected: str) -> None:
    assert explain({"clips": clips}, {"clips": CLIPS}) == [expected]


def test_scenes_are_told_by_their_numbers_and_by_their_ids_only_once_they_are_gone() -> None:
    now = {"clips": [["bbbb", "9"], ["dddd", "4"]]}
    told = explain(now, {"clips": CLIPS}, {"aaaa": 1, "bbbb": 2, "dddd": 3})
    assert told == ["clip of scene 2 changed; clip of scene 3 changed; scene 1 has no frames; scene cccc is gone"]


def test_an_empty_reason_is_never_given() -> None:
    assert explain({"options": {}}, {"options": {"steps": 1}}) == ["steps 1 -> none"]
    assert all(explain({"x": ""}, {"x": "y"}))
