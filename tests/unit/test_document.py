"""storyboard.toml: read with exact complaints, changed only where it has to be, put in place whole."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.engines.registry import picture_problems
from vktrs.errors import InputError, StoryboardError, VktrsError
from vktrs.lines import Word
from vktrs.storyboard import edits
from vktrs.storyboard.document import Document, edit_file, read_document, write_document
from vktrs.storyboard.model import Engines, Look, Scene, Song, Storyboard
from vktrs.storyboard.schema import PICTURE_KEYS

HERE = Path("storyboard.toml")

SAMPLE = """\
# My first video.
schema = 1

[song]
source = 'daisy bell.ogg'   # beside this file
title = "Daisy Bell"

[video]
width = 512
height = 512
fps = "30000/1001"

[look]          # for all
themes = [
  "zombie wedding",   # verse
  "zombie dance party",
]
seed=1

# ---- verse ----

# Ann: keep this one
[[scenes]]
id = "k7f3"
start = 0.00
end = 4.120
text   =   'Daisy, Daisy'     # as sung
mood = 1_0.50
  [scenes.camera]
  zoom = 1.10

[[ scenes ]]
start = 4
id = "m2xq"
text = \"\"\"
Give me
[[scenes]]
your answer\"\"\"
# after the text

# ---- chorus ----

# about the third
[["scenes"]]
id = "p9ab"
start = 9.5 # s
words = [
  [9.5, 10, "I'm"],   # early
  [10.0, 10.75, "half"],
]
"""


def parse(text: str | bytes) -> Document:
    return Document.parse(text, HERE)


def complaint(text: str | bytes) -> StoryboardError:
    with pytest.raises(StoryboardError) as caught:
        parse(text)
    return caught.value


def edited(source: str, scene_id: str, /, **values: object) -> str:
    document = parse(source)
    board = document.board
    for field, value in values.items():
        board = edits.set_field(board, scene_id, field, value).board
    return document.with_board(board).text


def test_a_storyboard_is_read_as_design_says() -> None:
    board = parse(SAMPLE).board
    assert board.song == Song("daisy bell.ogg", "Daisy Bell")
    assert board.video.fps == Fraction(30000, 1001)
    assert board.look == Look(themes=("zombie wedding", "zombie dance party"))
    first, second, third = board.scenes
    assert first == Scene("k7f3", 0.0, 4.12, "Daisy, Daisy")
    assert second == Scene("m2xq", 4.0, None, "Give me\n[[scenes]]\nyour answer")
    assert third.words == (Word(9.5, 10.0, "I'm"), Word(10.0, 10.75, "half"))


def test_an_unchanged_board_leaves_the_very_same_document() -> None:
    document = parse(SAMPLE)
    assert document.with_board(document.board) is document
    assert document.text == SAMPLE


CHANGES: dict[str, tuple[str, dict[str, object], str, str]] = {
    "a value, its comment in its column": (
        "k7f3",
        {"text": "a 'b' \\"},
        "'Daisy, Daisy'     #",
        "\"a 'b' \\\\\"         #",
    ),
    "a longer value": ("k7f3", {"text": "Daisy, Daisy, Daisy"}, "'Daisy, Daisy'     #", '"Daisy, Daisy, Daisy" #'),
    "a new key": ("k7f3", {"prompt": "a bike"}, "as sung\n", 'as sung\nprompt = "a bike"\n'),
    "a new key goes where it belongs": ("p9ab", {"section": "B"}, "9.5 # s\n", '9.5 # s\nsection = "B"\n'),
    "a multi-line text": ("m2xq", {"text": "Hm"}, '"""\nGive me\n[[scenes]]\nyour answer"""', '"Hm"'),
    "a key taken out": ("k7f3", {"end": None}, "end = 4.120\n", ""),
    "a list taken out leaves its comments": (
        "p9ab",
        {"words": None},
        SAMPLE[SAMPLE.index("words = [\n  [9") :],
        "# early\n",
    ),
    "a word of a list": ("p9ab", {"words": [[9.5, 10.0, "I'm"], [10.0, 10.5, "half"]]}, "10.75,", "10.5,"),
    "a key taken out leaves its comment": ("k7f3", {"text": None}, "text   =   'Daisy, Daisy'     # as", "# as"),
    "a number": ("m2xq", {"start": 4.25}, "start = 4\n", "start = 4.25\n"),
    "a flag": ("m2xq", {"locked": True}, 'answer"""\n', 'answer"""\nlocked = true\n'),
    "seeds of single variations": (
        "k7f3",
        {"frame_seeds": [[3, 4012], [1, 0]]},
        "as sung\n",
        "as sung\nframe_seeds = [[3, 4012], [1, 0]]\n",
    ),
    "words": ("k7f3", {"words": [[0.1, 0.4, "Dai-"]]}, "as sung\n", 'as sung\nwords = [[0.1, 0.4, "Dai-"]]\n'),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_edit_changes_nothing_else_in_the_text(name: str) -> None:
    scene_id, values, before, after = CHANGES[name]
    assert SAMPLE.count(before) == 1
    assert edited(SAMPLE, scene_id, **values) == SAMPLE.replace(before, after)


def test_line_ends_are_kept_and_taken_over() -> None:
    text = SAMPLE.replace("\n", "\r\n")
    assert edited(text, "k7f3", prompt="a bike") == text.replace("as sung\r\n", 'as sung\r\nprompt = "a bike"\r\n')
    document = parse(text)
    longer = document.with_board(edits.insert(document.board, 6.0, "new").board).text
    assert "\n" not in longer.replace("\r\n", "")
    mixed = '[[scenes]]\nid = "a"\r\nstart = 0.0\n[[scenes]]\r\nid = "b"\nstart = 1.0'
    assert edited(mixed, "a", text="x") == mixed.replace("start = 0.0\n", 'start = 0.0\ntext = "x"\n')
    assert edited(mixed, "b", text="x") == mixed + '\ntext = "x"'


def test_a_byte_order_mark_is_kept_and_counts_for_nothing() -> None:
    document = parse(b"\xef\xbb\xbf" + SAMPLE.encode())
    assert document.board == parse(SAMPLE).board
    assert document.with_board(replace(document.board, look=Look(seed=2, themes=("a", "b")))).text[0] == "\ufeff"
    assert complaint(b"\xef\xbb\xbfschema = 9").column == 10


def test_an_inserted_scene_is_written_tidily_behind_the_one_before() -> None:
    document = parse(SAMPLE)
    added = edits.insert(document.board, 6.0, "new")
    wanted = f'[[scenes]]\nid = "{added.made}"\nstart = 6.0\ntext = "new"\n\n'
    place = SAMPLE.index("# ---- chorus ----")
    assert document.with_board(added.board).text == SAMPLE[:place] + wanted + SAMPLE[place:]


@pytest.mark.parametrize("ending", ["", "\n", "\n\n", "\r\n"])
def test_a_scene_put_at_the_end_and_taken_away_leaves_the_file_as_it_was(ending: str) -> None:
    text = '[[scenes]]\nid = "a"\nstart = 0.0' + ending
    document = parse(text)
    longer = document.with_board(edits.insert(document.board, 5.0, "x", ["a"]).board)
    assert longer.text.endswith('text = "x"' + ending)
    assert longer.text.startswith('[[scenes]]\nid = "a"\nstart = 0.0')
    assert longer.with_board(document.board).text == text


def test_the_first_scenes_go_behind_all_that_is_there() -> None:
    head = "# top\nschema = 1\n\n[look]\nseed = 3\n\n# The scenes follow here.\n"
    document = parse(head)
    board = edits.insert(document.board, 0.0, "one").board
    board = edits.insert(board, 2.0, "two").board
    text = document.with_board(board).text
    assert text.startswith(head + "\n[[scenes]]\n")
    assert parse(text).board == board
    empty = parse("")
    assert parse(empty.with_board(board).text).board.scenes == board.scenes


def test_a_deleted_scene_takes_its_own_comment_along_and_no_heading() -> None:
    document = parse(SAMPLE)
    gone = document.with_board(edits.delete(document.board, "m2xq").board)
    begin, end = SAMPLE.index("[[ scenes ]]"), SAMPLE.index("# ---- chorus ----")
    assert gone.text == SAMPLE[:begin] + SAMPLE[end:]
    last = document.with_board(edits.delete(document.board, "p9ab").board).text
    assert last == SAMPLE[: SAMPLE.index("\n# about the third")]


def test_a_torn_off_sub_table_stays_with_its_scene() -> None:
    text = '[[scenes]]\nid = "a"\nstart = 0\n[look]\nseed = 2\n[scenes.camera]\nzoom = 1\n'
    text += '[[scenes]]\nid = "b"\nstart = 4\n'
    document = parse(text)
    longer = document.with_board(edits.insert(document.board, 2.0, "x").board).text
    assert longer.startswith(text[: text.index('[[scenes]]\nid = "b"')])
    assert parse(longer).board.look.seed == 2
    shorter = document.with_board(edits.delete(document.board, "a").board)
    assert shorter.text == '[look]\nseed = 2\n[[scenes]]\nid = "b"\nstart = 0.0\n'


def test_moving_scenes_moves_their_text() -> None:
    scenes = [f'# {name}\n[[scenes]]\nid = "{name}"\nstart = {start}\nmood = 1\n' for start, name in enumerate("abc")]
    text = "\n".join(scenes)
    document = parse(text)
    a, b, c = document.board.scenes
    swapped = replace(document.board, scenes=(a, replace(c, start=1.0), replace(b, start=2.0)))
    result = document.with_board(swapped)
    assert parse(result.text).board == swapped
    assert result.text.index("# c") < result.text.index('# b\n[[scenes]]\nid = "b"\nstart = 2.0\nmood = 1')


SETTINGS = {
    "a value": ("[look]\nseed = 1 # x\n", "look.seed", 5, "[look]\nseed = 5 # x\n"),
    "a key": ("[look]\nseed = 1\n\n[song]\n", "look.hold", 2, "[look]\nhold = 2\nseed = 1\n\n[song]\n"),
    "a table": ("schema = 1\n", "look.seed", 5, "schema = 1\n\n[look]\nseed = 5\n"),
    "dotted at the root": (
        "look.seed = 1\nlook.hold = 2\n",
        "look.order",
        "as-made",
        'look.seed = 1\nlook.hold = 2\nlook.order = "as-made"\n',
    ),
    "quoted": ('["look"]\n"seed" = 1\n', "look.seed", 2, '["look"]\n"seed" = 2\n'),
    "an engine's table": (
        '[engines]\nspeech = "auto"\n',
        "engines.whisper.model",
        "tiny",
        '[engines]\nspeech = "auto"\n\n[engines.whisper]\nmodel = "tiny"\n',
    ),
    "an engine's dotted key": (
        "[engines]\nwhisper.beam = 5\n",
        "engines.whisper.model",
        "tiny",
        '[engines]\nwhisper.beam = 5\nwhisper.model = "tiny"\n',
    ),
    "above a lone engine's table": (
        "[engines.whisper]\nbeam = 5\n",
        "engines.speech",
        "whisper",
        '[engines.whisper]\nbeam = 5\n\n[engines]\nspeech = "whisper"\n',
    ),
    "out": ('[song]\nsource = "a"\nlyrics = "l.txt" # old\n', "song.lyrics", None, '[song]\nsource = "a"\n# old\n'),
    "fps": ("[video]\nfps = 24\n", "video.fps", "30000/1001", '[video]\nfps = "30000/1001"\n'),
    "a look of captions": (
        '[captions]\ncolor = "#FFF000" # loud\n',
        "captions.position",
        "top",
        '[captions]\ncolor = "#FFF000" # loud\nposition = "top"\n',
    ),
    "themes": ('[look]\nthemes = ["a"]\n', "look.themes", ["a", "b"], '[look]\nthemes = ["a", "b"]\n'),
    "one theme of a list over several lines": (
        '[look]\nthemes = [\n  "a",   # verse\n  "b", # ]\n]\n',
        "look.themes",
        ["c", "b"],
        '[look]\nthemes = [\n  "c",   # verse\n  "b", # ]\n]\n',
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_changed_in_their_own_table(name: str) -> None:
    text, path, value, wanted = SETTINGS[name]
    for scenes in ("", '\n# mine\n[[scenes]]\nid = "a"\nstart = 0\n'):
        document = parse(text + scenes)
        result = document.with_board(edits.set_setting(document.board, path, value).board)
        assert result.text == wanted + scenes
        assert parse(result.text).board == result.board


@pytest.mark.parametrize("text", ["look = {seed = 1}\n", "[engines]\nwhisper = {beam = 5}\n"])
def test_an_inline_table_is_read_and_refused_to_be_edited(text: str) -> None:
    document = parse(text)
    path = "look.seed" if "look" in text else "engines.whisper.model"
    with pytest.raises(InputError, match="inline table"):
        document.with_board(edits.set_setting(document.board, path, 7).board)


def test_scenes_as_one_list_are_read_and_refused_to_be_edited() -> None:
    document = parse('scenes = [{id = "a", start = 0, text = "x"}, {start = 2.5}]\n')
    assert [scene.start for scene in document.board.scenes] == [0.0, 2.5]
    assert document.with_board(document.board) is document
    with pytest.raises(InputError, match=r"scenes = \[\{") as caught:
        document.with_board(edits.set_field(document.board, "a", "text", "y").board)
    assert "[[scenes]]" in caught.value.hint
    assert complaint("x = 1\nscenes = [{start = 1.0}]").line == 2


def test_scenes_without_ids_get_the_same_one_each_time_and_it_is_written_with_the_next_edit() -> None:
    text = '[[scenes]]\nstart = 0\ntext = "la"\n[[scenes]]\nid = "b"\nstart = 2\n'
    document = parse(text)
    made = document.board.scenes[0].id
    assert document.needs_ids
    assert parse("# x\n" + text).board.scenes[0].id == made
    assert Document.parse(text, HERE, taken=[made]).board.scenes[0].id != made
    written = document.with_board(document.board)
    assert written.text == text.replace("[[scenes]]\n", f'[[scenes]]\nid = "{made}"\n', 1)
    assert not written.needs_ids
    assert parse(written.text).board == document.board


def test_unknown_keys_are_kept_and_named_with_their_line() -> None:
    text = SAMPLE.replace("seed=1", "consistancy = 0.5\nseed=1") + "\n[vidoe]\nfps = 1\n"
    document = parse(text)
    assert document.warnings == (
        "storyboard.toml:18: unknown key `consistancy` in [look]; did you mean `consistency`?",
        "storyboard.toml:29: unknown key `mood` in [[scenes]]",
        "storyboard.toml:53: unknown key `vidoe`; did you mean `video`?",
    )
    changed = document.with_board(edits.set_field(document.board, "k7f3", "section", "A").board)
    assert "mood = 1_0.50" in changed.text
    assert "storyboard.toml:30: unknown key `mood` in [[scenes]]" in changed.warnings


def test_keys_of_later_versions_that_the_format_names_are_no_reason_to_warn() -> None:
    assert parse("[[scenes]]\nstart = 0\n[scenes.camera]\nzoom = 1\n[engines.diffusers]\nsteps = 3\n").warnings == ()
    assert "difusers" in parse("[engines.difusers]\nsteps = 3\n").warnings[0]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[diffusers]\nsteps = 4\n", "did you mean [engines.diffusers]?"),
        ("[engines]\ncfg_scale = 4\n", "in [engines]; did you mean it in [engines.stability]?"),
        ("[look]\nscheduler = 'ddim'\n", "in [look]; did you mean it in [engines.diffusers]?"),
        ("[[scenes]]\nstart=0\nsteps = 4\n", "did you mean it in [engines.diffusers] or [engines.stability]?"),
    ],
)
def test_an_option_of_an_engine_in_another_table_is_told_where_it_belongs(text: str, meant: str) -> None:
    assert any(each.endswith(meant) for each in parse(text).warnings), parse(text).warnings


@pytest.mark.parametrize("engine", PICTURE_KEYS)
def test_what_engines_are_said_to_read_is_what_they_read(engine: str) -> None:
    (problem, *_) = picture_problems(engine, {"none-such": 1}, 512, 512, HERE.parent)
    known = set(re.findall(r"\w+", problem.hint)) - {"Known", "are", "It", "knows"}
    assert known == set(PICTURE_KEYS[engine])


def test_scenes_that_hold_more_than_the_board_shows_are_known() -> None:
    text = SAMPLE + '\n[[scenes]]\nid = "plain"\nstart = 20.0\ntext = "# no comment"\n'
    assert parse(text).annotated == {"k7f3", "m2xq", "p9ab"}


COMPLAINTS: dict[str, tuple[str | bytes, int | None, int | None, str, str]] = {
    "not TOML": ("[song]\nsource = daisy\n", 2, 10, "not TOML", "quotes"),
    "a decimal comma": ("[look]\nconsistency = 0,5\n", 2, 16, "not TOML", "a point: consistency = 0.5"),
    "not closed": ('a = "', 1, 6, "not TOML", ""),
    "a key twice": ("[look]\nseed = 1\nseed = 2\n", 3, None, "not TOML", ""),
    "not UTF-8": ('[song]\ntitle = "caf\xe9"\n'.encode("latin-1"), 2, 13, "0xe9", "UTF-8"),
    "a huge number": ("a = " + "9" * 5000, None, None, "not TOML", ""),
    "a huge number of another base": ("[look]\nseed = 0x" + "f" * 5000, 2, 8, "thousands of digits", "whole number"),
    "a huge theme": ("[[scenes]]\nstart=0\ntheme = 0x" + "f" * 5000, 3, 9, "thousands of digits", "in quotes"),
    "a huge schema": ("schema = 0x" + "f" * 5000, 1, 10, "newer", "Install"),
    "a source that no file can have": ('[song]\nsource = "a\\u0000b"\n', 2, 10, "source", "name of a file"),
    "deep nesting": ("a = " + "[" * 5000, None, None, "nested", ""),
    "wrong type": ("[look]\r\nthemes = [\r\n 'x']\r\nvariations = '7'\r\n", 4, 14, '"7"', "whole number from 0"),
    "a flag for a number": ("[look]\nseed = true\n", 2, 8, "true", "whole number"),
    "a table for a text": ("[song.title]\nx = 1\n", 1, 1, "a table", "text"),
    "a text for a table": ("look = 'x'\n", 1, 8, '"x"', "[look]"),
    "out of range": ('[look]\n"consistency" = 1.5\n', 2, 17, "1.5", "from 0 to 1"),
    "odd size": ("[video]\nwidth = 511\n", 2, 9, "511", "even"),
    "fps": ("[video]\nfps = '1/0'\n", 2, 7, "1/0", "1 to 120"),
    "a choice": ("[look]\norder = 'best'\n", 2, 9, "best", '"tsp"'),
    "excerpt": ("[song]\nexcerpt = [4, 2]\n", 2, 11, "[4, 2]", "first before"),
    "negative time": ("[[scenes]]\nstart = -1\n", 2, 9, "-1", "seconds"),
    "infinite time": ("[[scenes]]\nstart = 0\n\n[[scenes]]\nstart = inf\n", 5, 9, "inf", "seconds"),
    "no time": ("[[scenes]]\nstart = 0\n\n [[scenes]]\ntext = 'x'\n", 4, 2, "no `start`", "start ="),
    "not a number": ("[[scenes]]\nstart = nan\n", 2, 9, "nan", "seconds"),
    "not from the start": ("[[scenes]]\nstart = 0.5\n", 2, 9, "0.5", "start = 0.0"),
    "order": ("[[scenes]]\nstart=0\n[[scenes]]\nstart=4\n[[scenes]]\nstart=4.0\n", 6, 7, "scene 2", "after"),
    "end before start": ("[[scenes]]\nstart=0\n[[scenes]]\nstart=4\nend = 3\n", 5, 7, "3", "after it starts"),
    "ids": ("[[scenes]]\nid='a'\nstart=0\n[[scenes]]\nstart=1\nid='a'\n", 6, 4, "scene 1", "id of its own"),
    "an id that is a number": ("[[scenes]]\nid='12'\nstart=0\n", 2, 4, "12", "letter"),
    "an id that is a path": ("[[scenes]]\nid='../a'\nstart=0\n", 2, 4, "../a", "letters"),
    "theme": ("look.themes = ['a', 'b']\n[[scenes]]\nstart=0\ntheme = 3\n", 4, 9, "there are 2", "1 to 2"),
    "theme 0": ("look.themes = ['a']\n[[scenes]]\nstart=0\ntheme = 0\n", 4, 9, "0", "from 1"),
    "words": ("[[scenes]]\nstart=0\nwords = [[1, 'x']]\n", 3, 9, "[[1, 'x']]", "0.42"),
    "a seed of no variation": ("[[scenes]]\nstart=0\nframe_seeds = [[0, 1]]\n", 3, 15, "[[0, 1]]", "[[3, 4012]]"),
    "two seeds of one": ("[[scenes]]\nstart=0\nframe_seeds = [[2, 1], [2, 5]]\n", 3, 15, "[2, 5]", "each once"),
    "a seed too large": ("[[scenes]]\nstart=0\nframe_seeds = [[2, 4294967296]]\n", 3, 15, "4294967296", "[[3, 4012]]"),
    "seeds without numbers": ("[[scenes]]\nstart=0\nframe_seeds = [4012]\n", 3, 15, "[4012]", "number"),
    "newer": ("# x\nschema = 2\n", 2, 10, "newer", "Install"),
    "after a multi-line text": ('[[scenes]]\nstart=0\ntext = """\n[[scenes]]\n"""\nseed = -1\n', 6, 8, "-1", "whole"),
    "scenes as a table": ("[scenes]\nstart = 0\n", 1, 1, "a table", "[[scenes]]"),
    "signals as a list": ("[[signals]]\nchain = 'rms'\n", 1, 1, "a list of tables", "[signals.NAME]"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_what_is_wrong_is_answered_with_place_and_remedy(name: str) -> None:
    text, line, column, found, right = COMPLAINTS[name]
    error = complaint(text)
    assert (error.line, error.exit_code) == (line, 3)
    assert error.column == column or column is None
    assert found in error.message
    assert right in error.hint


def test_the_place_of_any_key_can_be_asked_for() -> None:
    document = parse("\ufeff" + SAMPLE)
    assert document.position("k7f3", "text") == (27, 12)
    assert document.position("m2xq", "picture") == (32, 1)
    assert document.position(None, "song.source") == (5, 10)


def test_an_edit_that_no_file_may_hold_is_refused() -> None:
    document = parse(SAMPLE)
    with pytest.raises(InputError, match="width"):
        document.with_board(replace(document.board, video=replace(document.board.video, width=3)))
    with pytest.raises(InputError, match="starts at"):
        document.with_board(replace(document.board, scenes=document.board.scenes[::-1]))


def test_a_fresh_document_holds_every_setting() -> None:
    board = Storyboard(
        song=Song("a b.mp3", "T\u00e4\n", excerpt=(1.0, 2.5)),
        engines=Engines("whisper", options={"faster-whisper": {"model": "tiny"}, "odd name": {"a.b": [1, "x"]}}),
        scenes=(Scene("a", 0.0, text="x\ty\x7f\u2028"), Scene("b", 1.25, seed=2**32 - 1)),
    )
    document = Document.fresh(board, HERE)
    assert parse(document.text).board == board
    assert "consistency = 0.72" in document.text


TEXTS = st.text(st.sampled_from("ab \"'\\\n\t#[]{}=\u00e9\u4e16\U0001f600\x00\x1f\x7f\r"), max_size=8)
TIMES = st.floats(0, 40, allow_nan=False).map(lambda seconds: round(seconds, 4))


def _pairs(seeds: dict[int, int]) -> list[list[int]]:
    return [list(each) for each in seeds.items()]


FIELDS = st.one_of(
    st.tuples(
        st.sampled_from(["text", "prompt", "section", "caption", "negative_prompt"]), st.one_of(st.none(), TEXTS)
    ),
    st.tuples(st.just("theme"), st.one_of(st.none(), st.integers(1, 2), TEXTS)),
    st.tuples(st.just("start"), TIMES),
    st.tuples(st.just("seed"), st.one_of(st.none(), st.integers(0, 2**32 - 1))),
    st.tuples(st.just("consistency"), st.one_of(st.none(), st.floats(0, 1))),
    st.tuples(st.just("locked"), st.booleans()),
    st.tuples(
        st.just("frame_seeds"),
        st.one_of(st.none(), st.dictionaries(st.integers(1, 999), st.integers(0, 2**32 - 1), max_size=3).map(_pairs)),
    ),
    st.tuples(st.just("words"), st.one_of(st.none(), st.lists(st.tuples(TIMES, st.just(50), TEXTS), max_size=3))),
)
STEPS = st.one_of(
    st.tuples(st.just("insert"), TIMES, TEXTS),
    st.tuples(st.sampled_from(["delete", "merge", "duplicate"]), st.integers(0, 9), st.none()),
    st.tuples(st.just("split"), st.integers(0, 9), TIMES),
    st.tuples(st.just("set"), st.integers(0, 9), FIELDS),
)


def stepped(board: Storyboard, step: tuple[str, Any, Any]) -> Storyboard:
    """The board after one step, or as it was where the step makes no sense there."""
    kind, what, value = step
    try:
        if kind == "insert":
            return edits.insert(board, what, value).board
        scene = board.scenes[what].id if what < len(board.scenes) else "none"
        if kind == "set":
            return edits.set_field(board, scene, *value).board
        if kind == "split":
            return edits.split(board, scene, value).board
        return {"delete": edits.delete, "merge": edits.merge_with_next, "duplicate": edits.duplicate}[kind](
            board, scene
        ).board
    except InputError:
        return board


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=6), st.sampled_from(["", "\n", "bom", "crlf"]), st.booleans())
def test_what_is_written_reads_back_and_the_rest_stays_byte_for_byte(
    steps: list[Any], style: str, at_once: bool
) -> None:
    text = SAMPLE.rstrip("\n") if style == "" else "\ufeff" + SAMPLE if style == "bom" else SAMPLE
    document = parse(text.replace("\n", "\r\n") if style == "crlf" else text)
    board = document.board
    for step in steps:
        board = stepped(board, step)
        if not at_once:
            document = follow(document, board)
    follow(document, board)


def follow(document: Document, board: Storyboard) -> Document:
    after = document.with_board(board)
    again = parse(after.text)
    assert again.board == after.board == board
    assert again.warnings == after.warnings
    before = {scene.id: scene for scene in document.board.scenes}
    untouched = [scene.id for scene in board.scenes if before.get(scene.id) == scene]
    old, new = blocks(document), blocks(again)
    for scene_id in untouched:
        assert old[scene_id].rstrip("\r\n") == new[scene_id].rstrip("\r\n")
    head = document.text[: document.text.index("[look]")]
    assert after.text.startswith(head)
    for heading in ("# ---- verse ----", "# ---- chorus ----"):
        assert after.text.count(heading) == 1
    assert after.text.endswith("\n") == document.text.endswith("\n") or not board.scenes
    return after


def blocks(document: Document) -> dict[str, str]:
    texts = [piece.text for piece in document.pieces if piece.kind == "scene"]
    return dict(zip((scene.id for scene in document.board.scenes), texts, strict=True))


def test_a_file_is_replaced_whole_with_its_mode_through_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "storyboard.toml"
    real.write_bytes(SAMPLE.encode())
    real.chmod(0o640)
    link.symlink_to("real.toml")
    inode = real.stat().st_ino
    document = edit_file(link, tmp_path / "a" / "edit.lock", lambda doc: edits.delete(doc.board, "m2xq").board)
    assert real.read_text() == document.text != SAMPLE
    assert link.is_symlink()
    assert (real.stat().st_mode & 0o777, real.stat().st_ino != inode) == (0o640, True)
    assert sorted(os.listdir(tmp_path)) == ["a", "real.toml", "storyboard.toml"]


def test_nothing_is_written_where_nothing_changed_or_something_failed(tmp_path: Path) -> None:
    path, lock = tmp_path / "storyboard.toml", tmp_path / "edit.lock"
    path.write_text(SAMPLE)
    before = path.stat()
    known = edit_file(path, lock, lambda doc: doc.board)
    assert edit_file(path, lock, lambda doc: doc.board, known) is known
    with pytest.raises(InputError):
        edit_file(path, lock, lambda doc: edits.delete(doc.board, "none").board)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    path.write_text(SAMPLE + "]")
    with pytest.raises(StoryboardError):
        edit_file(path, lock, lambda doc: doc.board, known)
    assert path.read_text() == SAMPLE + "]"


def test_what_an_editor_saves_in_the_middle_of_an_edit_is_not_overwritten(tmp_path: Path) -> None:
    path, saved = tmp_path / "storyboard.toml", SAMPLE.replace("# my first", "# my last").replace("4.120", "4.5")
    path.write_text(SAMPLE)
    seen: list[float | None] = []

    def change(document: Document) -> Storyboard:
        seen.append(document.board.scene("k7f3").end)
        if len(seen) == 1:
            path.write_text(saved)
        return edits.set_field(document.board, "p9ab", "prompt", "x").board

    after = edit_file(path, tmp_path / "lock", change)
    assert path.read_text() == after.text == saved.replace("start = 9.5 # s", 'start = 9.5 # s\nprompt = "x"')
    assert seen == [4.12, 4.5]
    assert sorted(os.listdir(tmp_path)) == ["lock", "storyboard.toml"]


@pytest.mark.parametrize("broken", [None, SAMPLE + "[look"], ids=["gone", "broken"])
def test_a_file_that_is_broken_or_gone_in_the_middle_of_an_edit_is_left_so(tmp_path: Path, broken: str | None) -> None:
    path = tmp_path / "storyboard.toml"
    path.write_text(SAMPLE)

    def change(document: Document) -> Storyboard:
        path.write_text(broken) if broken else path.unlink()
        return edits.delete(document.board, "p9ab").board

    with pytest.raises(InputError):
        edit_file(path, tmp_path / "lock", change)
    assert sorted(os.listdir(tmp_path)) == (["lock", "storyboard.toml"] if broken else ["lock"])
    assert not broken or path.read_text() == broken


def test_a_cell_is_changed_without_reading_the_whole_file_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "storyboard.toml"
    path.write_text("".join(f'[[scenes]]\nid = "s{n}"\nstart = {n}.0\ntext = "line"\n\n' for n in range(300)))
    known = read_document(path)
    sizes: list[int] = []
    loads = tomllib.loads

    def counted(text: str, **options: Any) -> dict[str, Any]:
        sizes.append(len(text))
        return loads(text, **options)

    monkeypatch.setattr(tomllib, "loads", counted)
    edit_file(path, tmp_path / "lock", lambda doc: edits.set_field(doc.board, "s150", "prompt", "x").board, known)
    assert 0 < sum(sizes) < 1000
    monkeypatch.undo()
    assert read_document(path).board.scene("s150").prompt == "x"


def test_a_change_from_outside_is_seen_even_with_the_same_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "storyboard.toml"
    path.write_text(SAMPLE)
    stat = path.stat()
    known = read_document(path)
    assert read_document(path, known) is known
    path.write_text(SAMPLE.replace("Daisy Bell", "Daisy Hell"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert read_document(path, known).board.song.title == "Daisy Hell"


def test_a_file_that_is_not_there_or_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="could not be read"):
        read_document(tmp_path / "none.toml")
    with pytest.raises(VktrsError, match="could not be written"):
        write_document(tmp_path / "none" / "storyboard.toml", parse(SAMPLE))
