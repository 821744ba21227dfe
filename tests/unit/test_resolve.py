"""What a scene means once neighbours, themes and defaults are applied, as DESIGN section 5 says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.storyboard.model import AssignThemes, Look, Scene, Song, Storyboard
from vktrs.storyboard.resolve import derived_seed, effective_themes, resolve, sections_unknown

THEMES = ("one", "two", "three")


def board(*scenes: dict[str, Any], song: Song | None = None, **look: Any) -> Storyboard:
    table = tuple(Scene(f"s{place}", float(place), **values) for place, values in enumerate(scenes))
    return Storyboard(song=song or Song(), look=Look(**look), scenes=table)


def prompts(of: Storyboard) -> list[str]:
    return [each.prompt for each in resolve(of)]


def test_a_prompt_is_the_lagging_lyrics_its_own_and_the_theme() -> None:
    lines = [{"text": "a"}, {"text": "b"}, {"text": "c"}]
    assert prompts(board(*lines)) == ["a", "a b", "b c"]
    assert prompts(board(*lines, themes=("x",))) == ["a, x", "a b, x", "b c, x"]
    assert prompts(board(*lines, prompt_lag=0)) == ["a", "b", "c"]
    assert prompts(board(*lines, prompt_lag=9)) == ["a", "a b", "a b c"]
    assert prompts(board({"text": "a"}, {"text": "b", "prompt_lag": 0})) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [("Daisy, Daisy,", "Daisy, Daisy, x"), ("be still.", "be still, x"), ("why?", "why?, x"), ("...", "x"), (",", "x")],
)
def test_between_a_lyric_and_its_theme_stands_one_comma(text: str, prompt: str) -> None:
    assert prompts(board({"text": text}, themes=("x",))) == [prompt]
    assert prompts(board({"text": text})) == [text]


def test_a_written_prompt_stands_for_itself_and_its_text_still_lags() -> None:
    assert prompts(board({"text": "a", "prompt": "P"}, {"text": "b"}, themes=("x",))) == ["P", "a b, x"]
    assert prompts(board({"text": "a", "prompt": ""})) == [""]


def test_a_scene_without_text_takes_the_text_before_it_but_its_own_theme() -> None:
    table = [{"text": "a"}, {}, {"text": "  "}, {"text": "b"}]
    assert prompts(board(*table)) == ["a", "a", "a", "a b"]
    assert prompts(board(*table[:2], themes=THEMES, assign_themes="rotate")) == ["a, one", "a, two"]
    assert prompts(board({"text": "a", "prompt": "P"}, {})) == ["P", "P"]


def test_the_first_scene_without_anything_takes_its_theme_or_the_title() -> None:
    song = Song("music/my song.mp3", "My Song")
    assert prompts(board({}, song=song, themes=("x",))) == ["x"]
    assert prompts(board({}, song=song)) == ["My Song"]
    assert prompts(board({}, song=replace(song, title=""))) == ["my song"]


@pytest.mark.parametrize(
    ("assign", "themes"),
    [("structure", "one two one one"), ("rotate", "one two three one"), ("first", "one one one one")],
)
def test_themes_are_assigned(assign: AssignThemes, themes: str) -> None:
    table = [{"section": section} for section in ("A", "B", "A", None)]
    assert effective_themes(board(*table, themes=THEMES, assign_themes=assign)) == themes.split()


@pytest.mark.parametrize(
    ("themes", "given_to"),
    [
        (("one", "two"), "one two one one two"),
        (THEMES, "one two three one two"),
        ((*THEMES, "four", "five"), "one two three one two"),
        (("two", "one"), "two one two two one"),
        (("one",), "one one one one one"),
    ],
    ids=["more labels", "as many", "fewer labels", "another order", "one theme"],
)
def test_any_number_of_themes_is_given_to_any_number_of_sections(themes: tuple[str, ...], given_to: str) -> None:
    table = [{"section": section} for section in "ABCAB"]
    assert effective_themes(board(*table, themes=themes)) == given_to.split()


def test_a_written_theme_wins_by_number_or_text() -> None:
    table: list[dict[str, Any]] = [{"theme": 3}, {"theme": "mine"}, {}]
    assert effective_themes(board(*table, themes=THEMES)) == ["three", "mine", "three"]


def test_until_sections_are_known_themes_rotate_and_that_can_be_said() -> None:
    unknown = board({}, {}, themes=THEMES)
    assert effective_themes(unknown) == ["one", "two"]
    assert sections_unknown(unknown)
    assert not sections_unknown(board({"section": "A"}, {}, themes=THEMES))
    assert not sections_unknown(board({}, themes=("one",)))


def test_a_scenes_own_look_wins_also_where_it_is_nothing() -> None:
    look: dict[str, Any] = {"negative_prompt": "blurry", "variations": 7, "consistency": 0.7, "order": "tsp", "hold": 2}
    own: dict[str, Any] = {"negative_prompt": "", "variations": 0, "consistency": 0.0, "order": "as-made", "hold": 1}
    for given_values, wanted in (({}, look), (own, own)):
        found = resolve(board(given_values, **look))[0]
        assert {name: getattr(found, name) for name in wanted} == wanted


def test_seeds_differ_by_scene_and_follow_the_look_unless_written() -> None:
    first, second, third = resolve(board({}, {}, {"seed": 5}))
    assert first.seed != second.seed
    assert third.seed == 5
    other = resolve(board({}, {}, {"seed": 5}, seed=2))
    assert (other[0].seed != first.seed, other[2].seed) == (True, 5)


def test_a_seed_written_for_a_variation_counts_unless_it_is_the_one_it_has_anyway() -> None:
    seed = resolve(board({}))[0].seed
    found = resolve(board({"frame_seeds": ((3, 4012), (2, derived_seed(seed, 2)))}))[0]
    assert found == replace(resolve(board({}))[0], frame_seeds=((3, 4012),))


@given(st.lists(st.one_of(st.integers(), st.text()), max_size=4))
def test_derived_seeds_are_in_range_and_depend_on_nothing_else(parts: list[object]) -> None:
    seed = derived_seed(*parts)
    assert 0 <= seed < 2**32
    assert seed == derived_seed(*parts)


def test_writing_a_default_down_changes_nothing() -> None:
    plain = board({"text": "a"}, {})
    look = plain.look
    names = ("prompt_lag", "negative_prompt", "animation", "order", "variations", "hold", "consistency")
    written = tuple(replace(scene, **{name: getattr(look, name) for name in names}) for scene in plain.scenes)
    assert resolve(replace(plain, scenes=written)) == resolve(plain)
