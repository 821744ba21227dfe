"""A project of the notebook becomes scenes and settings here, and of every key in it something is said."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notebook_projects import SERVICE, scene, whole_project
from vktrs.errors import InputError
from vktrs.interop.notebook.ledger import leaves, ranges, shown_path, told
from vktrs.interop.notebook.motion import DEFAULTS, TARGETS
from vktrs.interop.notebook.project import NotebookProject, lean, read_project
from vktrs.storyboard.model import Look
from vktrs.storyboard.resolve import effective_themes, resolve
from vktrs.storyboard.schema import check_board


def read(tree: Any, **config: Any) -> NotebookProject:
    found = read_project(tree, config, "storyboard.yaml")
    check_board(found.board)
    return found


def one_scene(**own: Any) -> dict[str, Any]:
    """A project with one scene, which has these keys beside its time."""
    return {"params": {}, "prompt_starts": [{"start": 0, "end": 4.0, "text": "la", **own}]}


def effective(found: NotebookProject, name: str, index: int = 0) -> Any:
    """What holds for a scene, its own or `[look]`'s."""
    own = getattr(found.board.scenes[index], name)
    return getattr(found.board.look, name) if own is None else own


def test_a_whole_project_arrives() -> None:
    found = read(whole_project())
    board = found.board
    assert (board.video.width, board.video.height, board.video.fps, board.video.file) == (48, 32, 12, "output.mp4")
    assert board.song.title == "Fine"
    assert board.look.themes == ("zombie wedding", "zombie dance party")
    assert [scene.start for scene in board.scenes] == [0, 1, 2, 3.5]
    assert [scene.text for scene in board.scenes] == ["first light", "second street", "", "last song"]
    assert [scene.end for scene in board.scenes] == [None] * 4
    assert [each.animation for each in resolve(board)] == ["variations", "img2img", "static", "variations"]
    assert [each.order for each in resolve(board)][:1] == ["tsp"]
    assert resolve(board)[3].order == "as-made"
    assert [each.variations for each in resolve(board)] == [7, 7, 0, 7]
    assert [each.consistency for each in resolve(board)] == [0.72, 0.72, 0.72, 0.5]
    assert [scene.caption for scene in board.scenes] == [None, None, "", None]
    assert board.scenes[2].prompt == "a quiet hill"
    assert board.look.noise == "noise_reactive * (0.06 - 0.03) + 0.03"
    assert board.look.strength == "0.2 + 0.4 * noise_reactive"
    moving = board.scenes[1]
    assert (moving.zoom, moving.translation_x, moving.angle) == ("0:(1.0), 6:(1.05)", -2.0, "0: (3*sin(t/6))")


def test_every_scene_keeps_the_theme_that_it_had() -> None:
    found = read(whole_project())
    assert effective_themes(found.board) == [draft.theme for draft in found.drafts]
    assert [scene.section for scene in found.board.scenes] == ["B", "A", "A", "B"]
    assert [scene.theme for scene in found.board.scenes] == [None, None, 2, None]


def test_what_is_left_behind_is_named_and_nothing_else_is() -> None:
    ledger = read(whole_project()).ledger
    assert told(ledger.left) == [
        'signal_mappings.steps_curve: nothing of that name is driven here ("30")',
        "prompt_starts[3].dynamic_fps: nothing here reads it",
        "prompt_starts[3].my_note: nothing here reads it",
    ]
    assert not {str(path[-1]) for path in ledger.idle} - DEFAULTS.keys()


def spoken_of(found: NotebookProject, path: tuple[str | int, ...]) -> bool:
    ledger = found.ledger
    known = {*ledger.taken, *ledger.anew, *ledger.idle, *(note.path for note in ledger.left)}
    return any(path[:length] in known for length in range(1, len(path) + 1))


_KEYS = st.sampled_from(
    ["params", "signals", "start", "text", "zoom", "curve", "fps", "_theme", "prompt", "invented", "n_variations",
     "parameter_value", "animation_args", "frame0_fpath", "structural_segmentation_label", "border", "seed", "end"]
)  # fmt: skip
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 10**7), st.floats(allow_nan=False), st.text(max_size=8),
    st.sampled_from(["0:(1)", "0: (t), 9: (2", "pulse[t]", "img2img"]),
    st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(_KEYS, st.integers(0, 3) | st.text(max_size=3), max_size=2),
)  # fmt: skip


@given(st.data())
def test_whatever_stands_in_it_something_is_said_of_every_key(data: st.DataObject) -> None:
    tree = whole_project()
    for _ in range(data.draw(st.integers(1, 6))):
        into: Any = tree
        for _ in range(data.draw(st.integers(0, 4))):
            inner = [
                each for each in (into.values() if isinstance(into, dict) else into) if isinstance(each, (dict, list))
            ]
            if inner:
                into = data.draw(st.sampled_from(inner))
        if isinstance(into, dict):
            into[data.draw(_KEYS)] = data.draw(_VALUES)
        elif into:
            into[data.draw(st.integers(0, len(into) - 1))] = data.draw(_VALUES)
    try:
        found = read_project(tree, {}, "storyboard.yaml")
    except InputError:
        return
    check_board(found.board)
    for path in leaves(tree):
        assert spoken_of(found, path), shown_path(path)


@pytest.mark.parametrize(
    "missing", ["frames", "text", "end", "_theme", "animation_args", "animation_mode", "n_variations"]
)
def test_a_project_that_did_not_get_far_comes_too(missing: str) -> None:
    tree = whole_project()
    for each in tree["prompt_starts"]:
        each.pop(missing, None)
    assert len(read(tree).board.scenes) == 4


@pytest.mark.parametrize("tree", [{"params": None}, {"params": {}, "prompt_starts": []}, {"prompt_starts": None}])
def test_an_empty_project_is_one(tree: Any) -> None:
    assert read(tree).board.scenes == ()


@pytest.mark.parametrize("tree", [None, [], 3, "text", {}, {"active_project": "x"}])
def test_another_file_is_told_from_a_project(tree: Any) -> None:
    with pytest.raises(InputError, match="no storyboard of the notebook"):
        read_project(tree, {}, "storyboard.yaml")


def test_a_transcript_alone_is_a_project() -> None:
    tree = {
        "params": {"video_url": "https://example.org/x", "audio_fpath": ""},
        "prompt_starts": [{"start": 0.5, "end": 2.0, "text": " one"}, {"start": 2.5, "end": 3.0, "text": " two"}],
    }
    found = read(tree)
    assert [(scene.start, scene.end, scene.text) for scene in found.board.scenes] == [(0, 2, "one"), (2.5, 3, "two")]
    assert effective(found, "variations") == 4
    assert effective(found, "consistency") == 0.75
    assert told(found.ledger.changed)[-1] == (
        "prompt_starts[0].start: 0.5 s: the first scene always starts with the song"
    )


@pytest.mark.parametrize(
    ("mode", "service", "animation", "order"),
    [
        ("static", False, "static", None),
        ("variations", False, "variations", "as-made"),
        ("variations tsp", False, "variations", "tsp"),
        ("IMG2IMG", False, "img2img", None),
        (None, False, "variations", "tsp"),
        (None, True, "img2img", None),
        ("default", True, "img2img", None),
        ("jittered init", False, "variations", "tsp"),
    ],
)
def test_modes(mode: str | None, service: bool, animation: str, order: str | None) -> None:
    found = read(one_scene(**({"animation_mode": mode} if mode else {})), use_stability_api=service)
    assert effective(found, "animation") == animation
    if order:
        assert effective(found, "order") == order
    assert bool(found.ledger.left) == (mode == "jittered init")


def test_moving_scenes_begin_with_what_the_service_took() -> None:
    found = read(one_scene(animation_mode="img2img"))
    named = ("strength", "noise", "guidance_scale", "border", "color_coherence", "zoom", "cadence")
    assert [effective(found, name) for name in named] == [0.35, 0.02, 7.0, "replicate", "LAB", 1.0, 1]
    assert read(one_scene(animation_mode="img2img", animation_args=dict(SERVICE))).board.look == found.board.look


@pytest.mark.parametrize(
    ("key", "value", "field", "wanted"),
    [
        ("zoom", "0:(1.0), 30:(1.02)", "zoom", "0:(1.0), 30:(1.02)"),
        ("zoom", "0:(1.5)", "zoom", 1.5),
        ("zoom", 1.5, "zoom", 1.5),
        ("angle", "0: (2 * sin(t / 10))", "angle", "0: (2 * sin(t / 10))"),
        ("translation_x", "0:(2), 10:(-1)", "translation_x", "0: (-2), 10: (1)"),
        ("translation_x", "0:(10*sin(t))", "translation_x", "0: (-((10*sin(t))))"),
        ("translation_y", "0:(-3)", "translation_y", -3.0),
        ("strength_curve", "0:(0.65)", "strength", 0.35),
        ("strength_curve", "0:(0.65), 9:(0.5)", "strength", "0: (0.35), 9: (0.5)"),
        ("noise_add_curve", "0:(0.1)", "noise", 0.1),
        ("cfg_scale", 9, "guidance_scale", 9.0),
        ("border", "wrap", "border", "wrap"),
        ("border", "zero", "border", "replicate"),
        ("color_coherence", "None", "color_coherence", "none"),
        ("color_coherence", "HSV", "color_coherence", "LAB"),
        ("diffusion_cadence_curve", "0:(4)", "cadence", 4),
        ("diffusion_cadence_curve", "0:(2), 10:(4)", "cadence", 2),
        ("seed", 1234, "seed", 1234),
    ],
)
def test_a_setting_of_motion_arrives(key: str, value: Any, field: str, wanted: Any) -> None:
    found = read(one_scene(animation_mode="img2img", animation_args={key: value}))
    assert effective(found, field) == wanted
    assert not found.ledger.left


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("zoom", "0: (1", "Write a `)`"),
        ("zoom", "1 + t", "It should be"),
        ("zoom", [1], "It should be"),
        ("zoom", -3, "It should be"),
        ("hue_curve", "0:(90)", "it has no counterpart here"),
        ("translation_z", "0:(5)", "pictures have no depth here"),
        ("steps_curve", "0:(50)", "[engines.diffusers] steps"),
        ("sampler", "DDIM", "[engines.diffusers] scheduler"),
        ("border", "round", "is none of"),
        ("diffusion_cadence_curve", "0:(400)", "no number of pictures"),
        ("invented", 1, "it has no counterpart here"),
    ],
)
def test_a_setting_that_has_no_meaning_is_named_with_its_value(key: str, value: Any, why: str) -> None:
    found = read(one_scene(animation_mode="img2img", animation_args={key: value}))
    (line,) = told(found.ledger.left)
    assert line.startswith(f"prompt_starts[0].animation_args.{key}: ")
    assert why in line


def test_the_services_defaults_are_in_no_list_but_one() -> None:
    found = read(one_scene(animation_mode="img2img", animation_args=dict(SERVICE)))
    assert not found.ledger.left
    assert {str(path[-1]) for path in found.ledger.idle} == set(DEFAULTS) - {"border", "color_coherence"} - {
        "diffusion_cadence_curve"
    }
    assert set(SERVICE) >= set(DEFAULTS)


@pytest.mark.parametrize(
    ("starts", "wanted"),
    [
        ([0, 1, 1, 2], [0, 1, 1.001, 2]),
        ([0, 3, 2, 4], [0, 3, 3.001, 4]),
        ([2, 3], [0, 3]),
        ([0, None, 4], [0, 0.001, 4]),
        ([0, "soon", 4], [0, 0.001, 4]),
        ([0, 1.23456], [0, 1.235]),
        ([0, -1, 4], [0, 0.001, 4]),
    ],
)
def test_starts_are_put_in_order_and_that_is_said(starts: list[Any], wanted: list[float]) -> None:
    rows = [{"start": start, "text": f"line {index}"} for index, start in enumerate(starts)]
    found = read({"params": {}, "prompt_starts": rows})
    assert [scene.start for scene in found.board.scenes] == wanted
    moved = [
        index for index, (was, now) in enumerate(zip(starts, wanted, strict=True)) if was != now and was != 1.23456
    ]
    said = [note.path[1] for note in (*found.ledger.changed, *found.ledger.left)]
    assert said == moved


@pytest.mark.parametrize(
    ("asked", "own", "wanted"),
    [
        (" la, neon", {}, None),
        (" la, None", {"_theme": None}, None),
        ("a blue whale, oil on canvas", {}, "a blue whale, oil on canvas"),
        (" la, smoke", {}, None),
        ("a hill", {"prompt": "a hill"}, "a hill"),
    ],
)
def test_a_prompt_that_a_person_wrote_is_kept(asked: str, own: dict[str, Any], wanted: str | None) -> None:
    tree = one_scene(_prompt=asked, **{"_theme": "neon", **own})
    tree["params"]["theme_prompt"] = "neon | smoke"
    assert read(tree).board.scenes[0].prompt == wanted


@pytest.mark.parametrize(
    ("key", "value"), [("image_consistency", "pulse"), ("image_consistency", True), ("text", "\ud800"),
                       ("prompt", "\udfff"), ("_theme", "\ud800"), ("_prompt", "\ud800"), ("end", "late")],
)  # fmt: skip
def test_a_value_that_no_storyboard_may_hold_is_left_behind(key: str, value: Any) -> None:
    assert [note.path[2:] for note in read(one_scene(**{key: value})).ledger.left] == [(key,)]


def test_numbers_are_words_where_words_are_asked_for() -> None:
    found = read(one_scene(text=1984, prompt=7))
    assert (found.board.scenes[0].text, found.board.scenes[0].prompt) == ("1984", "7")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:1", "-x", "https://a b", 3])
def test_what_is_no_address_is_none(url: Any) -> None:
    found = read({"params": {"video_url": url}, "prompt_starts": []})
    assert found.params.url is None
    assert found.ledger.left


def test_a_theme_that_is_in_no_list_stays_the_scenes_own() -> None:
    tree = one_scene(_theme="underwater")
    tree["params"]["theme_prompt"] = "neon | smoke"
    assert read(tree).board.scenes[0].theme == "underwater"


@pytest.mark.parametrize(
    ("key", "value", "table", "field", "wanted"),
    [
        ("fps", 30, "video", "fps", 30),
        ("width", 768, "video", "width", 768),
        ("prompt_lag", False, "look", "prompt_lag", 0),
        ("prompt_lag", True, "look", "prompt_lag", 1),
        ("negative_prompt", "blurry", "look", "negative_prompt", "blurry"),
        ("add_caption", True, "video", "captions", "line"),
        ("upscale", True, "video", "upscale", 2),
        ("max_video_duration_in_seconds", 30, "song", "excerpt", (0, 30)),
        ("output_filename", "C:\\videos\\fine.mp4", "video", "file", "fine.mp4"),
        ("n_variations", 12, "look", "variations", 11),
        ("image_consistency", 0.9, "look", "consistency", 0.9),
    ],
)
def test_a_setting_of_the_song_arrives(key: str, value: Any, table: str, field: str, wanted: Any) -> None:
    found = read({"params": {key: value}, "prompt_starts": []})
    assert getattr(getattr(found.board, table), field) == wanted
    assert not found.ledger.left


@pytest.mark.parametrize(
    ("key", "value"),
    [("fps", 29.97), ("width", 511), ("height", "tall"), ("n_variations", -1), ("image_consistency", 2),
     ("output_filename", "../../.bashrc"), ("output_filename", "~/x.mp4"), ("prompt_lag", "yes"), ("fps", True)],
)  # fmt: skip
def test_a_value_that_cannot_be_is_left_behind_with_what_would_be_right(key: str, value: Any) -> None:
    found = read({"params": {key: value}, "prompt_starts": []})
    assert [note.path for note in found.ledger.left] == (
        [("params", key)] if key != "output_filename" or value[0] == "." else []
    )
    assert found.board.video.file == ("x.mp4" if value == "~/x.mp4" else "output.mp4")


def test_where_another_look_holds_scenes_say_what_differs() -> None:
    found = read(whole_project())
    scenes = lean(found, Look())
    first = scenes[0]
    assert (first.order, first.variations, first.consistency) == (None, None, None)
    assert first.noise == "noise_reactive * (0.06 - 0.03) + 0.03"
    assert first.border == "replicate"
    assert scenes[2].theme == 2
    assert first.guidance_scale == 7.0


@pytest.mark.parametrize(
    ("numbers", "text"), [([], ""), ([3], "3"), ([0, 1, 2], "0-2"), ([7, 1, 2, 4, 1], "1-2,4,7"), ([1, 2], "1-2")]
)
def test_numbers_in_a_row_are_told_as_a_range(numbers: list[int], text: str) -> None:
    assert ranges(numbers) == text


def test_the_same_of_several_scenes_is_told_once() -> None:
    tree = whole_project()
    for index in (0, 1, 3):
        tree["prompt_starts"][index]["mood"] = "blue"
    lines = told(read(tree).ledger.left)
    assert "prompt_starts[0-1,3].mood: nothing here reads it" in lines


def test_reading_changes_nothing_of_what_was_read() -> None:
    tree = whole_project()
    read(tree)
    assert tree == copy.deepcopy(whole_project())


def test_targets_are_fields_of_scenes() -> None:
    assert {target.field for target in TARGETS.values()} <= {each for each in dir(Look()) if not each.startswith("_")}


def test_a_scene_of_the_notebook_is_as_it_wrote_it() -> None:
    assert list(scene(0, 0.0, 1.0, "a", 0, "b"))[:4] == ["start", "end", "text", "scene_id"]
