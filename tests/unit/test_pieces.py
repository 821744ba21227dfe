"""The splitter agrees with tomllib on whatever TOML allows, and offsets point at what they say."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vktrs.storyboard.pieces import Piece, is_plain, split, statements

BARE = st.sampled_from(["mood", "a-b", "x_1", "7"])
KEYS = st.one_of(BARE, st.sampled_from(['"q k"', "'lit = [['", '"esc\\"aped"', "dot . ted", '"".e', "'[[scenes]]'"]))
NUMBERS = ["1", "-0.5", "1_000.25", "true", "inf", "nan", "1979-05-27 07:32:00", "0x1F"]
TEXTS = ["''", '""', '"#no"', "'[['", '"\\\\"', '"a]b"', '"""[[scenes]]"""', "'''{'''", '"caf\u00e9 \u2028 x"']
SCALARS = st.sampled_from([*NUMBERS, *TEXTS])
LONG = st.sampled_from(
    [
        '"""\n[[scenes]]\nid = "fake"\n# no comment\n"""',
        "'''\n[look]\n\"\"\"\n'''",
        '"""a\\"""b""""',
        '"""""two quotes"""""',
        "'''''x'''''",
        '"""\\\n   [[scenes]]\n\n"""',
        "[\n  [1, 2], # [[scenes]]\n  [\"]\", '['],\n[3]\n]",
        "[\n# only\n]",
        "[[[]], []]",
        '{ a = 1, b = "}", c = [ 1,\n [2] ], "d" = {} }',
        '[\n"""\n[[scenes]]\n""",\n]',
    ]
)
VALUES = st.one_of(SCALARS, SCALARS, LONG)
TAILS = st.sampled_from(["", "  # [[scenes]]", "#", ' # it\'s """ here', "\t"])
FREE = st.lists(st.sampled_from(["", "", "  ", "# about", "\t# [[scenes]]", '# """']), max_size=4)
INDENT = st.sampled_from(["", "", "  ", "\t"])
SCENE_HEADERS = st.sampled_from(["[[scenes]]", "[[ scenes ]]", '[["scenes"]]', "[[\t'scenes'\t]] # [x]", "[[scenes]]#"])
TABLES = [
    "[look]",
    "[ song ]",
    '["video"]',
    "[engines]",
    "[engines.whisper]",
    "[[other]]",
    "[x.scenes]",
    '["[[scenes]] "]',
]


@st.composite
def bodies(draw: st.DrawFn) -> list[str]:
    lines, names = [], set()
    for _ in range(draw(st.integers(0, 4))):
        key = draw(KEYS)
        if key.split(".")[0].strip(" '\"") in names:
            continue
        names.add(key.split(".")[0].strip(" '\""))
        lines += draw(FREE)
        lines.append(draw(INDENT) + key + draw(st.sampled_from([" = ", "=", "  =\t"])) + draw(VALUES) + draw(TAILS))
    return lines


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document with scenes, their sub-tables, other tables in between, and every way to confuse a splitter."""
    lines = draw(FREE) + draw(bodies()) + draw(FREE)
    tables = draw(st.permutations(TABLES))
    scenes, torn = 0, 0
    for number in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(["scene", "scene", "scene", "part", "table"]))
        lines += draw(FREE)
        if kind == "scene":
            scenes, torn = scenes + 1, 0
            lines += [draw(INDENT) + draw(SCENE_HEADERS), f'id = "s{number}"', *draw(bodies())]
        elif kind == "part" and scenes:
            torn += 1
            header = draw(
                st.sampled_from(
                    ["[scenes.part%d]", "[\"scenes\".'part%d']", "[[scenes.part%d]]", "[scenes . part%d.deep]"]
                )
            )
            lines += [draw(INDENT) + header % torn, *draw(bodies())]
        elif kind == "table" and tables:
            lines += [draw(INDENT) + tables.pop(), *draw(bodies())]
    lines += draw(FREE)
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\n", "\r\n"]]))
    text = "".join(line.replace("\n", draw(st.sampled_from(ends))) + draw(st.sampled_from(ends)) for line in lines)
    return text if draw(st.booleans()) else text.rstrip("\r\n")


def parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=str)  # as spelled, so that nan equals nan


def scene_texts(pieces: tuple[Piece, ...]) -> list[str]:
    texts: list[str] = []
    for piece in pieces:
        if piece.kind == "scene":
            texts.append(piece.text)
        elif piece.kind == "part":
            texts[-1] += piece.text
    return texts


@settings(max_examples=400, deadline=None)
@given(documents())
def test_the_splitter_agrees_with_tomllib(text: str) -> None:
    whole = parsed(text)
    pieces = split(text)
    assert "".join(piece.text for piece in pieces) == text
    texts = scene_texts(pieces)
    assert [parsed(each)["scenes"] for each in texts] == [[scene] for scene in whole.get("scenes", [])]
    rest = "".join(piece.text for piece in pieces if piece.kind == "other")
    assert parsed(rest) == {key: value for key, value in whole.items() if key != "scenes"}


@settings(max_examples=200, deadline=None)
@given(documents())
def test_statements_point_at_each_value(text: str) -> None:
    whole = parsed(text)
    scene = -1
    for each in statements(text):
        if each.kind == "header":
            scene += each.table == ("scenes",)
            continue
        found = parsed("v = " + text[each.value : each.value_end])["v"]
        here: Any = whole
        for step in each.path:
            if isinstance(here, list):  # an array of tables; each but the scenes has one in these documents
                here = here[scene if here is whole.get("scenes") else 0]
            here = here[step]
        assert found == here
        assert text[each.start : each.key].strip(" \t") == ""
        assert text[each.end - 1] == "\n" or each.end == len(text)


CASES = {
    "comment block above a header": (
        "a = 1\n\n# of b\n# too\n[[scenes]]\n",
        ["a = 1\n\n", "# of b\n# too\n[[scenes]]\n"],
    ),
    "comment right below a key": (
        '[[scenes]]\nid = "a"\n# of b\n[[scenes]]\n',
        ['[[scenes]]\nid = "a"\n', "# of b\n[[scenes]]\n"],
    ),
    "free comment between scenes": (
        '[[scenes]]\nid = "a"\n\n# ---- chorus ----\n\n# of b\n[[scenes]]\n',
        ['[[scenes]]\nid = "a"\n\n', "# ---- chorus ----\n\n", "# of b\n[[scenes]]\n"],
    ),
    "free comment at the end": ('[[scenes]]\nid = "a"\n\n# bye', ['[[scenes]]\nid = "a"\n\n', "# bye"]),
    "sub-table": (
        "[[scenes]]\n\n# c\n[scenes.camera]\nz = 1\n[[scenes]]\n",
        ["[[scenes]]\n\n# c\n[scenes.camera]\nz = 1\n", "[[scenes]]\n"],
    ),
    "another table between": ("[[scenes]]\n[look]\n[[scenes]]\n", ["[[scenes]]\n", "[look]\n", "[[scenes]]\n"]),
}


@pytest.mark.parametrize("name", CASES)
def test_pieces_are_cut_where_a_person_would(name: str) -> None:
    text, wanted = CASES[name]
    assert [piece.text for piece in split(text)] == wanted


def test_a_torn_off_sub_table_belongs_to_the_scene_above() -> None:
    pieces = split('[[scenes]]\nid = "a"\n[look]\n[scenes.camera]\nz = 1\n[[scenes]]\n')
    assert [piece.kind for piece in pieces] == ["scene", "other", "part", "scene"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('[[scenes]]\nid = "a"\nwords = [[1, 2, "#"]]\n', True),
        ('[[scenes]]\nid = "a" # mine\n', False),
        ('# mine\n[[scenes]]\nid = "a"\n', False),
        ('[[scenes]]\nid = "a"\n[scenes.camera]\n', False),
        ('[[scenes]]\nid = "a"\n[[scenes.shots]]\n', False),
    ],
)
def test_a_plain_scene_holds_no_comment_and_no_other_table(text: str, plain: bool) -> None:
    assert is_plain(text) is plain
