"""The notebook's YAML is read as plain data, whoever wrote it: nothing is made of it, and nothing of it multiplies."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.notebook_projects import as_yaml, whole_project
from vktrs.errors import InputError
from vktrs.interop.notebook.yaml_text import DEEPEST, LARGEST, read_yaml

_SAFE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False), _SAFE
)
_TREES = st.recursive(
    _VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_SAFE, inner, max_size=4), max_leaves=12
)


def test_a_whole_project_is_read_as_it_was_written() -> None:
    assert read_yaml(as_yaml(whole_project()).encode(), "storyboard.yaml") == whole_project()


@given(_TREES)
def test_what_a_dumper_writes_is_read_back(tree: object) -> None:
    assert read_yaml(yaml.safe_dump({"value": tree}, allow_unicode=True).encode(), "a.yaml") == {"value": tree}


def test_a_path_that_omegaconf_wrote_is_its_text() -> None:
    text = "audio_fpath: !!python/object/apply:pathlib.PosixPath\n- /\n- content\n- song.m4a\nfps: 12\n"
    assert read_yaml(text.encode(), "a.yaml") == {"audio_fpath": "/content/song.m4a", "fps": 12}
    whole = "a: !!python/object/apply:pathlib.PosixPath\n- /content/a song.m4a\n"
    assert read_yaml(whole.encode(), "a.yaml") == {"a": "/content/a song.m4a"}
    listed = "a:\n- !!python/object/apply:pathlib.PosixPath\n  - frames\n  - 0-a.png\n- plain\n"
    assert read_yaml(listed.encode(), "a.yaml") == {"a": ["frames/0-a.png", "plain"]}
    relative = "a: !!python/object/apply:pathlib._local.PosixPath\n- shared_assets\n- song.m4a\n"
    assert read_yaml(relative.encode(), "a.yaml") == {"a": "shared_assets/song.m4a"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-0.5", -0.5), ("5e-6", 5e-6), ("true", True), ("~", None), ("null", None), ("", None),
        ("yes", "yes"), ("No", "No"), ("'12'", "12"), ('"true"', "true"), ("!!str 12", "12"), ("1:30", "1:30"),
        ("0x10", "0x10"), ("2021-01-01", "2021-01-01"), ("|\n  two\n  lines", "two\nlines"),
    ],
)  # fmt: skip
def test_words_mean_what_they_mean_in_lyrics(text: str, value: object) -> None:
    assert read_yaml(f"key: {text}".encode(), "a.yaml") == {"key": value}


BOMB = "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("run: !!python/object/apply:os.system ['true']", "the tag !!python/object/apply:os.system"),
        ("run: !!python/object/new:os.system ['true']", "the tag !!python/object/new:os.system"),
        ("run: !!python/name:os.system ''", "the tag !!python/name:os.system"),
        ("run: !!python/object/apply:pathlib.PosixPath {a: b}", "the tag"),
        ("a: !mine 1", "the tag !mine"),
        ("a: !!timestamp 2021-01-01", "the tag !!timestamp"),
        (BOMB, "an anchor or alias"),
        ("a: 1\na: 2", "the key `a` for the second time"),
        ("? [a, b]\n: 1", "a table or list as a key"),
        ("a: 1\n---\nb: 2", "a second document"),
        ("a: [1, 2", "this is no YAML"),
        ("a: \x00", "this is no YAML"),
        ("[" * 1000, "levels"),
        ("a: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), f"more than {DEEPEST} levels"),
    ],
)
def test_what_could_do_harm_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        read_yaml(text.encode(), "storyboard.yaml")
    assert refused.value.message.startswith("storyboard.yaml:")
    assert told in refused.value.message
    assert "\n" not in refused.value.message


def test_what_is_huge_or_no_text_is_refused() -> None:
    with pytest.raises(InputError, match="32 MB are read at most"):
        read_yaml(b" " * (LARGEST + 1), "storyboard.yaml")
    with pytest.raises(InputError, match="no text in UTF-8"):
        read_yaml(b"a: \xff", "storyboard.yaml")


@given(st.binary(max_size=200))
def test_no_bytes_bring_it_down(data: bytes) -> None:
    try:
        read_yaml(data, "storyboard.yaml")
    except InputError as refused:
        assert refused.hint
