"""Settings for Deforum have its names, and its schedules give back the values that they were made of."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.deforum_names import NAMES
from vktrs.expressions import evaluate_all, parse
from vktrs.interop.deforum.defaults import DEFAULTS
from vktrs.interop.deforum.remarks import unsaid
from vktrs.interop.deforum.settings import STRENGTH_TOLERANCE, kept, prompt_text, scene_settings, song_settings
from vktrs.interop.deforum.stretches import Stretch, Whole
from vktrs.motion.parameters import PARAMETERS
from vktrs.storyboard.model import Look, Scene, Storyboard, Video
from vktrs.storyboard.resolve import resolve

WHOLE = Whole(512, 768, 24.0, "Fine {timestring}", "song.mp3", "Euler a", 30, 7.5)
TOLERANCES = {
    "zoom": ("zoom", 1e-4), "angle": ("angle", 0.01), "translation_x": ("translation_x", 0.05),
    "translation_y": ("translation_y", 0.05), "transform_center_x": ("transform_center_x", 1e-3),
    "transform_center_y": ("transform_center_y", 1e-3), "noise": ("noise_schedule", 1e-3),
    "guidance_scale": ("cfg_scale_schedule", 0.05),
}  # fmt: skip


def stretch(first: int = 0, frames: int = 12, **own: Any) -> Stretch:
    """A moving scene in which everything stays as it is, but for what is given."""
    still = {"zoom": 1.0, "transform_center_x": 0.5, "transform_center_y": 0.5, "consistency": 0.72, "strength": 0.35}
    given = {name: value for name, value in own.items() if name in PARAMETERS}
    values = {name: [still.get(name, 0.0)] * frames for name in PARAMETERS}
    values |= {
        name: list(value) if isinstance(value, (list, tuple)) else [value] * frames for name, value in given.items()
    }
    rest = {name: value for name, value in own.items() if name not in PARAMETERS}
    usual: dict[str, Any] = {
        "name": f"{first:03d}-abcd", "prompt": "a hill", "negative_prompt": "", "seed": 7, "animation": "img2img",
        "picture": f"{first:03d}-abcd.png",
    }  # fmt: skip
    return Stretch(first=first, frames=frames, values=values, **{**usual, **rest})


def schedules(settings: dict[str, Any]) -> dict[str, str]:
    """All settings that are schedules."""
    names = ("zoom", "angle", "translation_x", "translation_y", "transform_center_x", "transform_center_y")
    return {key: value for key, value in settings.items() if key in names or key.endswith("_schedule")}


def given_back(text: str, frames: int) -> list[float]:
    return evaluate_all(parse(text), {}, frames)


def two_scenes() -> list[Stretch]:
    return [stretch(0, 10), stretch(10, 20, animation="variations", prompt="a sea", seed=2**32 - 1)]


def test_every_setting_has_a_name_of_the_extension() -> None:
    for settings in (scene_settings(stretch(), WHOLE), song_settings(two_scenes(), WHOLE)):
        assert settings.keys() <= NAMES
    assert DEFAULTS.keys() == NAMES


def test_the_names_that_matter_are_all_there() -> None:
    song = song_settings(two_scenes(), WHOLE)
    asked = {
        "W", "H", "fps", "max_frames", "seed", "seed_behavior", "seed_schedule", "sampler", "steps", "animation_mode",
        "border", "color_coherence", "diffusion_cadence", "strength_schedule", "noise_schedule", "cfg_scale_schedule",
        "zoom", "angle", "translation_x", "translation_y", "transform_center_x", "transform_center_y", "prompts",
        "animation_prompts_negative", "use_init", "init_image", "add_soundtrack", "soundtrack_path", "strength",
    }  # fmt: skip
    assert asked <= song.keys()
    assert (song["W"], song["H"], song["fps"], song["max_frames"], song["animation_mode"]) == (512, 768, 24, 30, "2D")
    assert json.loads(json.dumps(song)) == song
    assert "{" not in song["batch_name"]


@given(st.data())
def test_schedules_give_back_the_values_of_every_frame(data: st.DataObject) -> None:
    frames = data.draw(st.integers(1, 40))
    ranges = {"zoom": (0.5, 2.0), "strength": (0.0, 1.0), "noise": (0.0, 1.0), "transform_center_x": (0.0, 1.0)}
    own = {
        name: data.draw(st.lists(st.floats(*ranges.get(name, (-20.0, 20.0))), min_size=frames, max_size=frames))
        for name in (*TOLERANCES, "strength")
    }
    made = stretch(0, frames, **own)
    settings = scene_settings(made, WHOLE)
    for name, (key, tolerance) in TOLERANCES.items():
        assert given_back(settings[key], frames) == pytest.approx(own[name], abs=tolerance)
    kept_there = given_back(settings["strength_schedule"], frames)
    assert kept_there[0] == 0
    assert kept_there[1:] == pytest.approx([1 - each for each in own["strength"][1:]], abs=STRENGTH_TOLERANCE + 1e-9)


def test_every_schedule_is_one_that_the_extension_reads() -> None:
    values = [0.1 * frame for frame in range(200)]
    long = stretch(0, 200, angle=values, zoom=[1 + 1e-5 * each for each in values], translation_x=[-9e4] * 200)
    for settings in (scene_settings(long, WHOLE), song_settings([long, stretch(200)], WHOLE), DEFAULTS):
        for text in schedules(dict(settings)).values():
            for piece in text.split(","):  # the extension cuts at each comma, and then at each colon
                assert len(piece.split(":")) == 2
                assert not re.search(r"[0-9]e[-+]?[0-9]", piece)  # to it, an exponent is math


def test_the_whole_song_is_its_scenes_one_after_another() -> None:
    scenes = [
        stretch(0, 10, zoom=[1 + 0.01 * k for k in range(10)], prompt="one"),
        stretch(10, 5, zoom=1.1, prompt="two"),
    ]
    song = song_settings(scenes, WHOLE)
    assert given_back(song["zoom"], 15) == pytest.approx(
        [*scenes[0].values["zoom"], *scenes[1].values["zoom"]], abs=1e-4
    )
    assert song["prompts"] == {"0": "one", "10": "two"}
    assert [frame for frame, value in enumerate(given_back(song["strength_schedule"], 15)) if value == 0] == [0, 10]
    assert json.loads(song["init_images"]) == {"0": "000-abcd.png", "10": "010-abcd.png"}
    assert (song["init_image"], song["add_soundtrack"], song["soundtrack_path"]) == ("000-abcd.png", "File", "song.mp3")


def test_seeds_count_up_from_each_scenes_own() -> None:
    song = song_settings([stretch(0, 3, seed=100), stretch(3, 4, seed=5), stretch(7, 2, seed=2**32 - 1)], WHOLE)
    assert song["seed_behavior"] == "schedule"
    seeds = given_back(song["seed_schedule"], 9)
    assert seeds == [100, 101, 102, 5, 6, 7, 8, 2**32 - 3, 2**32 - 2]
    one = scene_settings(stretch(3, 4, seed=5), WHOLE)
    assert (one["seed"], one["seed_behavior"], one["max_frames"]) == (5, "iter", 4)
    assert one["prompts"] == {"0": "a hill"}
    assert one["add_soundtrack"] == "None"


def test_a_scene_begins_with_its_picture_or_is_drawn_from_its_prompt() -> None:
    with_picture, without = scene_settings(stretch(), WHOLE), scene_settings(stretch(picture=None), WHOLE)
    assert (with_picture["use_init"], with_picture["init_image"], with_picture["strength"]) == (True, "000-abcd.png", 1)
    assert (without["use_init"], without["init_image"], without["strength"]) == (False, "", 0)


def test_a_cut_falls_on_a_frame_that_is_drawn() -> None:
    scenes = [
        stretch(0, 10, cadence=4),
        stretch(10, 10, cadence=4),
        stretch(20, 1, cadence=4),
        stretch(21, 2, cadence=4),
    ]
    assert song_settings(scenes, WHOLE)["diffusion_cadence"] == 4
    assert [frame for frame, value in enumerate(kept(scenes)) if value == 0] == [0, 12, 20]


@pytest.mark.parametrize(("animation", "strength"), [("variations", 0.72), ("static", 1.0)])
def test_a_scene_that_does_not_move_stays_where_it_is(animation: str, strength: float) -> None:
    settings = scene_settings(stretch(0, 6, animation=animation, zoom=1.5, angle=3, noise=0.4, strength=[]), WHOLE)
    for key, value in {"zoom": 1, "angle": 0, "translation_x": 0, "noise_schedule": 0}.items():
        assert given_back(settings[key], 6) == [value] * 6
    assert given_back(settings["strength_schedule"], 6) == pytest.approx([0] + [strength] * 5)


@pytest.mark.parametrize(
    ("prompt", "negative", "text"),
    [
        ("a hill", "", "a hill"),
        ("a hill", "blurry, text", "a hill --neg blurry, text"),
        ("a `t` --neg b", "c --neg d", "a 't' neg b --neg c neg d"),
        ("", "blurry", " --neg blurry"),
    ],
)
def test_prompts_are_read_as_they_are_meant(prompt: str, negative: str, text: str) -> None:
    assert prompt_text(stretch(prompt=prompt, negative_prompt=negative)) == text


def test_what_there_is_one_of_is_what_most_frames_have() -> None:
    scenes = [stretch(0, 5, border="wrap", cadence=2), stretch(5, 9, border="reflect", color_coherence="none")]
    song = song_settings(scenes, WHOLE)
    assert (song["border"], song["color_coherence"], song["diffusion_cadence"]) == ("replicate", "None", 1)
    assert scene_settings(scenes[0], WHOLE)["border"] == "wrap"


def test_what_is_not_known_is_left_to_the_extension() -> None:
    whole = replace(WHOLE, sampler=None, steps=None, guidance_scale=None, sound=None)
    settings = song_settings([stretch(guidance_scale=())], whole)
    assert "sampler" not in settings
    assert "steps" not in settings
    assert settings["cfg_scale_schedule"] == "0: (7)"
    assert (settings["add_soundtrack"], settings["soundtrack_path"]) == ("None", "")
    assert scene_settings(stretch(), replace(WHOLE, fps=30000 / 1001))["fps"] == 29.97


def test_what_deforum_has_no_word_for_is_told_with_its_scenes() -> None:
    board = Storyboard(
        video=Video(captions="line", upscale=2, fps=Fraction(30000, 1001)),
        look=Look(animation="img2img", border="reflect"),
        scenes=(
            Scene("aaaa", 0.0, animation="variations", loop="bar", frame_seeds=((1, 5),)),
            Scene("bbbb", 1.0, animation="static", transition=0.5),
            Scene("cccc", 2.0, hold=2, order="ping-pong", border="wrap", cadence=80),
            Scene("dddd", 3.0),
        ),
    )
    scenes = resolve(board)
    made = [
        stretch(10 * k, 10, animation=each.animation, border=each.border, cadence=each.cadence)
        for k, each in enumerate(scenes)
    ]
    told = list(unsaid(board, scenes, made))
    for words, numbers in {
        "no cycle of variations": "scene 1", "still picture": "scene 2", "`loop`": "scene 1", "`hold`": "scene 3",
        "ping-pong": "scene 3", "`transition`": "scene 2", "frame_seeds": "scene 1", "reflect": "scene 4",
        "`cadence` is 50 at most": "scene 3",
    }.items():  # fmt: skip
        assert any(words in line and line.endswith(f"{numbers}.") for line in told), words
    for words in ("one border", "one cadence", "Captions", "upscale", "29.970"):
        assert any(words in line for line in told), words
    plain = Storyboard(look=Look(animation="img2img", border="wrap", order="as-made"), scenes=(Scene("aaaa", 0.0),))
    assert list(unsaid(plain, resolve(plain), [stretch(border="wrap")])) == []
