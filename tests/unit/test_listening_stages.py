"""What the stages that listen leave on disk is read back whole, or told to be damaged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vktrs.artifacts import Store, fingerprint
from vktrs.doubt import LeftOut
from vktrs.engines.beats import Structure
from vktrs.errors import ArtifactDamaged
from vktrs.form import Section
from vktrs.lines import Line
from vktrs.stages import rehearing, scenes, structure, words
from vktrs.storyboard.split import SplitOptions

FORM = (Section(0.0, 6.0, "A"), Section(6.0, 12.0, "B"))
HEARD = Structure(
    120.0, (0.5, 1.0), (0.5,), 12.0, np.array([0.25, 1.0], np.float32), sections=FORM, onsets=(0.5, 0.75, 1.0)
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def keep(store: Store, value: dict[str, Any]) -> None:
    with store.making(structure.STAGE, "key", {}) as folder:
        (folder / "structure.json").write_text(json.dumps(value))


def test_sections_and_onsets_come_back_heavy_and_light(store: Store) -> None:
    keep(store, HEARD.as_json())
    for found in (structure.load(store, "key"), structure.facts(store, "key")):
        assert (found.sections, found.onsets) == (FORM, (0.5, 0.75, 1.0))
        assert (found.beats, found.downbeats, found.tempo) == ((0.5, 1.0), (0.5,), 120.0)


def test_times_are_put_in_order(store: Store) -> None:
    keep(store, HEARD.as_json() | {"onsets": [2.0, 1.0], "sections": [[6.0, 12.0, "B"], [0.0, 6.0, "A"]]})
    found = structure.facts(store, "key")
    assert (found.sections, found.onsets) == (FORM, (1.0, 2.0))


@pytest.mark.parametrize("part", [{"sections": [[1, 0, "A"]]}, {"sections": None}, {"onsets": [float("nan")]}])
def test_what_is_no_analysis_is_damaged(store: Store, part: dict[str, Any]) -> None:
    keep(store, HEARD.as_json() | part)
    with pytest.raises(ArtifactDamaged):
        structure.facts(store, "key")


def test_scenes_are_proposed_and_kept_with_their_sections(store: Store) -> None:
    inputs = scenes.inputs("words", "structure", SplitOptions())
    lines = [Line(0.5, 5.0, "one"), Line(6.5, 11.0, "two")]
    proposed = scenes.make(store, "key", inputs, lines, HEARD)
    assert [scene.section for scene in proposed] == ["A", "B"]
    kept = scenes.load(store, "key")
    assert [(each.start, each.end, each.text, each.section) for each in kept] == [
        (each.start, each.end, each.text, each.section) for each in proposed
    ]


def test_a_proposal_without_sections_is_damaged_and_made_again(store: Store) -> None:
    with store.making(scenes.STAGE, "key", {}) as folder:
        (folder / "proposal.json").write_text('[[0.0, 2.0, "one"]]')
    with pytest.raises(ArtifactDamaged):
        scenes.load(store, "key")
    assert not store.path(scenes.STAGE, "key").exists()


def test_what_was_left_out_is_kept_beside_the_lines(store: Store) -> None:
    left_out: list[LeftOut] = []

    def heard() -> Iterator[Line]:
        yield Line(0.5, 5.0, "one", doubts=("compression 3",))
        left_out.append(LeftOut(6.0, 7.0, "Thank you.", "no-speech 0.93"))  # known once all is heard

    kept = words.make(store, "key", {}, heard(), left_out=left_out)
    assert words.load(store, "key") == kept
    assert words.load_left_out(store, "key") == left_out


@pytest.mark.parametrize(
    "text",
    [
        *("", "[1]", "null", '[{"start": 0}]', '[{"start": 0, "end": 1, "text": 5, "words": [], "confidence": null}]'),
        '[{"start": "x", "end": 1, "text": "a", "words": [], "confidence": null}]',
        '[{"start": 0, "end": 1, "text": "a", "words": [["a", "b", "c"]], "confidence": null}]',
        '[{"start": 0, "end": 1, "text": "a", "words": [[0, 1, 7, 0.5]], "confidence": null}]',
        '[{"start": 0, "end": 1, "text": "a", "words": [], "confidence": null, "doubts": [3]}]',
        '[{"start": 0, "end": NaN, "text": "a", "words": [], "confidence": null}]',
    ],
)
@pytest.mark.parametrize("stage", [words, rehearing])
def test_lines_of_other_types_are_damaged_like_those_that_are_cut_off(store: Store, stage: Any, text: str) -> None:
    with store.making(stage.STAGE, "key", {}) as folder:
        (folder / "lines.json").write_text(text)
    with pytest.raises(ArtifactDamaged):
        stage.load(store, "key")


_WRONG = '[{"start": "x", "end": 1, "text": "a", "why": "b"}]', '[{"start": 0, "end": 1, "text": "a", "why": 3}]'


@pytest.mark.parametrize("text", [None, "", "[3]", '[{"start": 1}]', *_WRONG])
def test_an_artifact_from_before_and_a_damaged_list_leave_the_words_alone(store: Store, text: str | None) -> None:
    kept = words.make(store, "key", {}, [Line(0.5, 5.0, "one")])
    if text is not None:
        (store.path(words.STAGE, "key") / words.LEFT_OUT).write_text(text)
    assert words.load_left_out(store, "key") == []
    assert words.load(store, "key") == kept


def test_scenes_by_line_are_told_as_before_there_was_another_way() -> None:
    told = scenes.inputs("words", "structure", SplitOptions())
    assert told["split"] == {
        "shortest": 1.0,
        "gap": 4.0,
        "edge": 2.0,
        "longest": 15.0,
        "music": 6.0,
        "longest_music": 12.0,
        "divide": True,
        "snap": "none",
        "snap_earlier_only": False,
    }
    assert fingerprint(told) == "0586b55de17301623f061e11a57f65cb"
    assert scenes.inputs("words", "structure", SplitOptions(by="stanza"))["split"]["by"] == "stanza"
