"""An artifact is whole under its fingerprint or it is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.artifacts import Store, chained, fingerprint

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_a_fingerprint_depends_on_values_and_not_on_how_they_are_held(inputs: dict[str, object]) -> None:
    key = fingerprint(inputs)
    assert len(key) == 32 and set(key) <= set("0123456789abcdef")
    assert fingerprint(dict(reversed(inputs.items()))) == key
    assert fingerprint(json.loads(json.dumps(inputs))) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [(7, 7.0), (0, -0.0 + 0.0), ((1, 2), [1.0, 2]), ({"a": (1,)}, {"a": [1]}), (0.72, 0.720)],
)
def test_the_same_value_written_in_another_way_has_the_same_fingerprint(one: object, other: object) -> None:
    assert fingerprint({"value": one}) == fingerprint({"value": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (True, 1),
        (None, ""),
        (0.72, 0.7200001),
        ([1, 2], [2, 1]),
        (["ab"], ["a", "b"]),
        ({}, []),
        ("é", "e\u0301"),
    ],
)
def test_other_values_have_another_fingerprint(one: object, other: object) -> None:
    assert fingerprint({"value": one}) != fingerprint({"value": other})


def test_the_name_of_an_input_counts() -> None:
    assert fingerprint({"a": 1}) != fingerprint({"b": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 1, "b": None})


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, Path("x")])
def test_what_has_no_lasting_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        fingerprint({"value": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_without_a_value_are_refused(value: float) -> None:
    with pytest.raises(ValueError):
        fingerprint({"value": value})


def test_chained_fingerprints_keep_their_parts_apart() -> None:
    assert chained("a", 1) == chained("a", 1)
    assert len({chained("ab", "c"), chained("a", "bc"), chained("abc"), chained("a", 1), chained("a", 11)}) == 5


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def put(store: Store, key: str, text: str = "whole", scene: str | None = None) -> None:
    with store.making("order", key, {"text": text}, scene) as folder:
        (folder / "order.json").write_text(text)


def test_what_was_made_is_there_with_its_inputs(store: Store) -> None:
    assert store.keys("order") == frozenset()
    put(store, "k1", scene="aaaa")
    assert store.keys("order") == {"k1"}
    assert (store.path("order", "k1") / "order.json").read_text() == "whole"
    assert json.loads((store.path("order", "k1") / "inputs.json").read_text()) == {
        "scene": "aaaa",
        "inputs": {"text": "whole"},
    }


def test_nothing_is_there_while_it_is_made(store: Store) -> None:
    with store.making("order", "k1", {}) as folder:
        (folder / "order.json").write_text("half")
        assert store.keys("order") == frozenset()
        assert not store.path("order", "k1").exists()


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt(), ValueError()])
def test_what_failed_leaves_nothing(store: Store, error: BaseException) -> None:
    with pytest.raises(type(error)), store.making("order", "k1", {}) as folder:
        (folder / "order.json").write_text("half")
        raise error
    assert list((store.root / "order").iterdir()) == []


def test_what_is_made_again_takes_the_place_of_what_was_there(store: Store) -> None:
    put(store, "k1", "damaged")
    put(store, "k1", "whole")
    assert (store.path("order", "k1") / "order.json").read_text() == "whole"
    assert [path.name for path in (store.root / "order").iterdir()] == ["k1"]


def test_a_discarded_artifact_is_gone_and_may_be_discarded_again(store: Store) -> None:
    put(store, "k1")
    put(store, "k2")
    store.discard("order", "k1")
    store.discard("order", "k1")
    store.discard("clips", "never")
    assert store.keys("order") == {"k2"}
    assert [path.name for path in (store.root / "order").iterdir()] == ["k2"]


def test_sweeping_removes_what_is_half_made_and_nothing_else(store: Store) -> None:
    put(store, "k1")
    with pytest.raises(FileNotFoundError), store.making("order", "k2", {}) as folder:
        stolen = folder.rename(folder.with_name(folder.name + "x"))  # as if its maker had been killed
    assert stolen.exists()
    store.sweep()
    assert [path.name for path in (store.root / "order").iterdir()] == ["k1"]


def older(path: Path) -> None:
    import os

    os.utime(path, ns=(1, 1))


def test_the_last_inputs_of_a_scene_are_those_of_its_newest_artifact(store: Store) -> None:
    put(store, "k1", "first", "aaaa")
    put(store, "k2", "second", "aaaa")
    put(store, "k3", "other", "bbbb")
    put(store, "k4", "alone")
    older(store.path("order", "k1") / "inputs.json")
    assert store.last_inputs("order") == {
        "aaaa": {"text": "second"},
        "bbbb": {"text": "other"},
        None: {"text": "alone"},
    }
    older(store.path("order", "k2") / "inputs.json")
    put(store, "k1", "first", "aaaa")
    assert store.last_inputs("order")["aaaa"] == {"text": "first"}


def torn(path: Path) -> None:
    path.write_text(path.read_text()[:5])


@pytest.mark.parametrize("damage", [Path.unlink, torn, lambda path: path.write_text("[]")])
def test_inputs_that_cannot_be_read_are_no_former_state(store: Store, damage: Callable[[Path], None]) -> None:
    put(store, "k1", "first", "aaaa")
    damage(store.path("order", "k1") / "inputs.json")
    assert store.last_inputs("order") == {}
    assert store.keys("order") == {"k1"}
