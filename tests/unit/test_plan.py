"""What is to be made, as a pure function of the storyboard and of what is there."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.artifacts import fingerprint
from vktrs.inventory import Inventory
from vktrs.plan import Piece, Plan, make_plan, split_options, with_pictures
from vktrs.stages import song, variations
from vktrs.stages.song import SongFacts
from vktrs.storyboard.model import Engines, Look, Scene, Song, Storyboard, Video

STORED = ("song", "words", "structure", "scenes", "variations", "order", "clips")
NOTHING = Inventory(
    song=None,
    url=None,
    lyrics=None,
    facts=None,
    made=dict.fromkeys(STORED, frozenset()),
    takes={},
    pictures={},
    mark=None,
    font="",
)
DECODED = replace(NOTHING, song="5" * 32, facts=SongFacts(10.0, 44100, 2, None, None))


def board(*scenes: Scene, **parts: Any) -> Storyboard:
    given = {"song": Song("song.wav", "Song"), "engines": Engines(speech="none"), **parts}
    return Storyboard(scenes=scenes or (Scene("a", 0.0, text="one"), Scene("b", 5.0, text="two")), **given)


def finished(storyboard: Storyboard, found: Inventory = DECODED) -> Inventory:
    """What is there once everything of a storyboard was made."""
    plan = make_plan(storyboard, found)
    pieces = [plan.song, plan.words, plan.structure, plan.proposal]
    pieces += [piece for each in plan.scenes for piece in (each.order, each.clip)]
    made = {stage: set(keys) for stage, keys in found.made.items()}
    for piece in pieces:
        if piece is not None:
            made[piece.stage].add(piece.key)
    made["variations"].update(key for each in plan.scenes for key in each.variation_keys)
    takes = {each.scene.id: frozenset([each.keyframe.key]) for each in plan.scenes}
    mark = plan.video.key if plan.video else None
    return replace(found, made={stage: frozenset(keys) for stage, keys in made.items()}, takes=takes, mark=mark)


def lacking(plan: Plan) -> dict[str, list[str]]:
    return {each.scene.id: [stage for stage, _ in each.lacking] for each in plan.scenes}


def test_before_the_song_is_there_nothing_can_be_told_but_the_pictures() -> None:
    plan = make_plan(board(), NOTHING)
    assert (plan.song, plan.words, plan.structure, plan.proposal, plan.video) == (None,) * 5
    assert (plan.duration, plan.frames, plan.span) == (None, None, None)
    assert lacking(plan) == {"a": ["keyframes", "variations"], "b": ["keyframes", "variations"]}
    assert not any(each.complete for each in plan.scenes)
    assert len(plan.scenes[0].variation_keys) == 7


def test_a_decoded_song_tells_the_frames() -> None:
    plan = make_plan(board(), DECODED)
    assert (plan.frames, plan.span) == (240, (0.0, 10.0))
    assert [(each.first, each.frames) for each in plan.scenes] == [(0, 120), (120, 120)]
    assert lacking(plan)["a"] == ["keyframes", "variations", "order", "clips"]
    assert plan.video is not None and not plan.video.made


def test_what_is_there_is_not_to_be_made() -> None:
    plan = make_plan(board(), finished(board()))
    assert lacking(plan) == {"a": [], "b": []}
    assert all(each.complete for each in plan.scenes)
    pieces = (plan.song, plan.words, plan.structure, plan.proposal, plan.video)
    assert all(piece is not None and piece.made for piece in pieces)


def test_a_plan_depends_on_nothing_but_what_it_is_given() -> None:
    assert make_plan(board(), DECODED) == make_plan(board(), DECODED)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"look": Look(consistency=0.6)}, ["variations", "order", "clips"]),
        ({"look": Look(seed=2)}, ["keyframes", "variations", "order", "clips"]),
        ({"look": Look(order="as-made")}, ["order", "clips"]),
        ({"look": Look(hold=2)}, ["clips"]),
        ({"look": Look(variations=8)}, ["variations", "order", "clips"]),
        ({"look": Look(variations=3)}, ["order", "clips"]),
        ({"look": Look(themes=("night",))}, ["keyframes", "variations", "order", "clips"]),
        ({"video": Video(fps=Fraction(25))}, ["clips"]),
        ({"video": Video(upscale=2)}, ["clips"]),
        ({"video": Video(captions="line")}, ["clips"]),
        ({"video": Video(width=256)}, ["keyframes", "variations", "order", "clips"]),
        ({"video": Video(file="other.mp4")}, []),
        ({"song": Song("song.wav", "Another title")}, []),
        ({"look": Look(assign_themes="first")}, []),
        ({"engines": Engines(speech="none", options={"whisper": {"model": "tiny"}})}, []),
    ],
)
def test_what_a_setting_makes_stale(parts: dict[str, Any], expected: list[str]) -> None:
    assert lacking(make_plan(board(**parts), finished(board()))) == {"a": expected, "b": expected}


@pytest.mark.parametrize(
    ("parts", "stale"),
    [
        ({"song": Song("song.wav", "Another title")}, True),
        ({"song": Song("song.wav", "Song", excerpt=(0.0, 5.0))}, True),
        ({"song": Song("renamed.wav", "Song")}, False),
        ({"song": Song("song.wav", "Song", language="en")}, False),
    ],
)
def test_what_only_the_video_depends_on(parts: dict[str, Any], stale: bool) -> None:
    plan = make_plan(board(**parts), finished(board()))
    assert plan.video is not None and plan.video.made is not stale


@pytest.mark.parametrize(
    ("engine", "options", "keyframes", "cycles"),
    [
        ("cppn", {}, True, True),
        ("diffusers", {"guidance_scale": 7.5}, True, True),
        ("diffusers", {"guidance_scale": 1.0}, False, False),
        ("diffusers", {"guidance_scale": "wrong"}, True, True),
        ("stability", {"model": "core"}, True, True),
        ("stability", {"model": "sd3.5-large-turbo"}, False, False),
        ("stability", {"model": "core", "variation_model": "sd3.5-large-turbo"}, True, False),
    ],
)
def test_a_negative_prompt_that_no_model_reads_makes_nothing_stale(
    engine: Any, options: dict[str, Any], keyframes: bool, cycles: bool
) -> None:
    engines = Engines(pictures=engine, options={engine: options})

    def asked(negative: str) -> tuple[str, dict[str, Any]]:
        plan = make_plan(board(engines=engines, look=Look(negative_prompt=negative)), DECODED)
        return plan.scenes[0].keyframe.key, {**plan.scenes[0].variation_inputs, "keyframe": ""}

    one, other = asked("blurry"), asked("red")
    assert (one[0] != other[0]) == keyframes
    assert (one[1] != other[1]) == cycles


def test_another_song_leaves_the_pictures() -> None:
    other = replace(finished(board()), song="6" * 32)
    plan = make_plan(board(), other)
    assert plan.song is not None and not plan.song.made
    assert lacking(plan) == {"a": [], "b": []}
    assert plan.video is not None and not plan.video.made


def test_the_seed_of_one_variation_makes_that_one_and_what_follows_stale() -> None:
    plain = board(Scene("a", 0.0, text="one"), Scene("b", 5.0, text="two"))
    found, before = finished(plain), make_plan(plain, finished(plain))
    reseeded = board(Scene("a", 0.0, text="one", frame_seeds=((3, 4012), (99, 1))), plain.scenes[1])
    plan = make_plan(reseeded, found)
    assert plan.scenes[0].missing == (3,)
    assert lacking(plan) == {"a": ["variations", "order", "clips"], "b": []}
    assert plan.scenes[0].variation_inputs == before.scenes[0].variation_inputs
    other = make_plan(board(replace(reseeded.scenes[0], frame_seeds=((3, 4013),)), plain.scenes[1]), found)
    assert other.scenes[0].variation_keys[2] != plan.scenes[0].variation_keys[2]
    asked = [variations.request(plan.scenes[0].resolved, plan.board.video, 0.72, k) for k in (2, 3)]
    derived = [variations.request(before.scenes[0].resolved, plan.board.video, 0.72, k) for k in (2, 3)]
    assert asked == [derived[0], replace(derived[1], seed=4012)]


def test_variations_that_are_missing_are_named_by_their_number() -> None:
    found = finished(board())
    second = make_plan(board(), found).scenes[0].variation_keys[1]
    made = {**found.made, "variations": found.made["variations"] - {second}}
    plan = make_plan(board(), replace(found, made=made))
    assert plan.scenes[0].missing == (2,)
    assert lacking(plan) == {"a": ["variations"], "b": []}


def test_a_take_counts_for_its_own_scene_only() -> None:
    found = finished(board())
    plan = make_plan(board(), replace(found, takes={"a": found.takes["b"], "b": found.takes["a"]}))
    assert lacking(plan) == {"a": ["keyframes"], "b": ["keyframes"]}


def test_the_users_picture_is_known_by_its_digest() -> None:
    mine = board(Scene("a", 0.0, text="one", picture="mine.png"))
    found = finished(mine, replace(DECODED, pictures={"mine.png": "d" * 32}))
    assert lacking(make_plan(mine, found)) == {"a": []}
    assert lacking(make_plan(replace(mine, look=Look(seed=9)), found)) == {"a": ["variations", "order", "clips"]}
    other = replace(found, pictures={"mine.png": "e" * 32})
    assert lacking(make_plan(mine, other)) == {"a": ["keyframes", "variations", "order", "clips"]}


def test_a_picture_that_is_missing_is_not_taken_for_the_one_that_was_there() -> None:
    mine = board(Scene("a", 0.0, text="one", picture="mine.png"))
    found = finished(mine, replace(DECODED, pictures={"mine.png": "d" * 32}))
    gone = make_plan(mine, replace(found, pictures={"mine.png": None}))
    assert lacking(gone)["a"][0] == "keyframes"


def test_a_scene_without_frames_is_complete_and_not_chosen() -> None:
    short = board(Scene("a", 0.0), Scene("b", 5.0), Scene("c", 5.001))
    plan = make_plan(short, DECODED)
    assert [each.frames for each in plan.scenes] == [120, 0, 120]
    assert plan.scenes[1].complete
    assert [each.scene.id for each in plan.chosen(None)] == ["a", "c"]
    assert [each.scene.id for each in plan.chosen(["b", "c"])] == ["c"]
    assert [each.scene.id for each in plan.too_short()] == ["b"]
    assert plan.video is not None
    assert [name for name, _ in plan.video.inputs["clips"]] == ["a", "c"]


def test_scenes_outside_the_excerpt_have_no_frames_and_are_not_too_short() -> None:
    part = board(Scene("a", 0.0), Scene("b", 3.0), Scene("c", 6.0), song=Song("s", "t", excerpt=(3.0, 5.5)))
    plan = make_plan(part, DECODED)
    assert [each.frames for each in plan.scenes] == [0, 60, 0]
    assert plan.too_short() == []
    assert (plan.frames, plan.span) == (60, (3.0, 5.5))


def test_an_excerpt_behind_the_song_has_no_frames() -> None:
    plan = make_plan(board(song=Song("s", "t", excerpt=(20.0, 30.0))), DECODED)
    assert (plan.frames, plan.video) == (0, None)


def test_the_number_of_variations_is_what_the_frames_can_show() -> None:
    scenes = (Scene("a", 0.0), Scene("b", 0.1), Scene("c", 0.15), Scene("d", 5.0, animation="static"))
    plan = make_plan(board(*scenes, look=Look(hold=2)), DECODED)
    assert [each.frames for each in plan.scenes] == [2, 2, 116, 120]
    assert [len(each.variation_keys) for each in plan.scenes] == [0, 0, 7, 0]


@given(
    starts=st.lists(st.floats(0.01, 30.0, allow_nan=False), max_size=12, unique=True),
    duration=st.floats(0.0, 40.0),
    fps=st.sampled_from([Fraction(1), Fraction(24), Fraction(30000, 1001), Fraction(120)]),
    excerpt=st.none() | st.tuples(st.floats(0.0, 20.0), st.floats(20.01, 50.0)),
)
def test_the_frames_of_all_scenes_are_those_of_the_video(
    starts: list[float], duration: float, fps: Fraction, excerpt: tuple[float, float] | None
) -> None:
    scenes = [Scene(f"s{number}", start) for number, start in enumerate([0.0, *sorted(starts)])]
    found = replace(DECODED, facts=SongFacts(duration, 44100, 2, None, None))
    plan = make_plan(board(*scenes, song=Song("s", "t", excerpt=excerpt), video=Video(fps=fps)), found)
    frames = [each.frames for each in plan.scenes]
    assert all(count is not None and count >= 0 for count in frames)
    assert sum(count or 0 for count in frames) == plan.frames
    assert all(
        each.first == sum(count or 0 for count in frames[: each.index]) + plan.scenes[0].first
        for each in plan.scenes
        if each.frames
    )


def test_captions_count_by_what_is_shown_and_how_long() -> None:
    shown = replace(DECODED, font="f" * 32)
    lines = board(Scene("a", 0.0, end=4.0, text="one"), Scene("b", 5.0), video=Video(captions="line"))
    found = finished(lines, shown)
    assert lacking(make_plan(lines, found)) == {"a": [], "b": []}
    longer = replace(lines, scenes=(replace(lines.scenes[0], end=4.5), lines.scenes[1]))
    assert lacking(make_plan(longer, found)) == {"a": ["clips"], "b": []}
    same = replace(lines, scenes=(replace(lines.scenes[0], end=4.001), lines.scenes[1]))
    assert lacking(make_plan(same, found)) == {"a": [], "b": []}
    renamed = replace(lines, scenes=(replace(lines.scenes[0], caption="ONE"), lines.scenes[1]))
    assert lacking(make_plan(renamed, found)) == {"a": ["clips"], "b": []}
    assert lacking(make_plan(lines, replace(found, font="0" * 32))) == {"a": ["clips"], "b": []}


@pytest.mark.parametrize(
    ("file", "expected"),
    [("output.mp4", "output.cppn.mp4"), ("films/my.song.mp4", "films/my.song.cppn.mp4"), ("video", "video.cppn")],
)
def test_another_engine_has_a_video_of_its_own(file: str, expected: str) -> None:
    original = board(engines=Engines(pictures="diffusers"), video=Video(file=file))
    other = with_pictures(original, "cppn")
    assert (other.engines.pictures, other.video.file) == ("cppn", expected)
    assert replace(other, engines=original.engines, video=original.video) == original


def test_timed_lyrics_make_the_speech_engine_indifferent() -> None:
    timed = {"song": Song("s", "t", lyrics="words.lrc")}
    one = make_plan(board(**timed, engines=Engines(speech="auto")), DECODED).words
    other = make_plan(board(**timed, engines=Engines(speech="whisper")), DECODED).words
    assert isinstance(one, Piece) and isinstance(other, Piece) and one.key == other.key
    changed = make_plan(board(**timed), replace(DECODED, lyrics="1" * 32)).words
    assert changed is not None and changed.key != one.key


def test_lyrics_without_times_are_timed_by_an_engine_and_keep_their_lines() -> None:
    known = {"song": Song("s", "t", lyrics="words.txt")}
    one = make_plan(board(**known, engines=Engines(speech="whisper")), DECODED)
    without = make_plan(board(song=Song("s", "t"), engines=Engines(speech="whisper")), DECODED)
    changed = make_plan(board(**known, engines=Engines(speech="whisper")), replace(DECODED, lyrics="1" * 32))
    silent = make_plan(board(**known, engines=Engines(speech="none")), DECODED)
    keys = [plan.words.key for plan in (one, without, changed, silent) if plan.words]
    assert len(set(keys)) == 4
    assert not split_options(one.board).divide
    assert split_options(without.board).divide


def test_captions_of_a_site_are_their_words_whatever_whisper_is_told() -> None:
    captioned = Engines(speech="captions", options={"whisper": {"model": "tiny"}})
    found = replace(DECODED, captions="c" * 32)
    key = fingerprint(song.inputs(str(DECODED.song), None))

    def words_of(engines: Engines, found: Inventory, **parts: Any) -> Piece:
        piece = make_plan(board(song=Song("s", "t", **parts), engines=engines), found).words
        assert piece is not None
        return piece

    piece = words_of(captioned, found)
    assert piece.inputs == {"version": 1, "song": key, "engine": "captions", "captions": "c" * 32}
    assert words_of(Engines(speech="captions", options={"captions": {"kind": "auto"}}), found) == piece
    assert words_of(captioned, replace(found, captions="d" * 32)).key != piece.key
    laid = words_of(captioned, replace(found, lyrics="1" * 32), lyrics="words.txt")
    assert laid.key != piece.key
    # who does not ask for captions is not touched by any
    for engine in ("auto", "whisper", "none"):
        assert words_of(Engines(speech=engine), found) == words_of(Engines(speech=engine), DECODED)
    heard = {"version": 1, "song": key, "engine": "whisper", "options": {"model": "tiny"}, "language": "en"}
    listening = replace(captioned, speech="whisper")
    assert words_of(listening, DECODED, language="en").key == fingerprint(heard)


def test_a_thousand_scenes_have_a_thousand_clips_of_their_own() -> None:
    scenes = [Scene(f"s{number}", number * 3.0, text=f"line {number} of a long song") for number in range(1000)]
    found = replace(DECODED, facts=SongFacts(3000.0, 44100, 2, None, None))
    plan = make_plan(board(*scenes), found)
    assert len({each.clip.key for each in plan.scenes if each.clip}) == 1000
