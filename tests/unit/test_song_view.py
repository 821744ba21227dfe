"""What the studio learns of a song from what the stages left, without what made it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.projects import silent_project
from vktrs.form import Section
from vktrs.lines import Line, Word
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.stages import song, structure, words
from vktrs_tui.song_view import SongView, read_song_view

STRUCTURE = {
    "tempo": 120.0,
    "beats": [0.5, 1.0, 1.5],
    "downbeats": [0.5],
    "duration": 5.0,
    "energy": [0.0, 0.5, 1.0],
    "energy_hop": 0.05,
    "sections": [[0.0, 3.0, "A"], [3.0, 5.0, "B"]],
    "onsets": [0.5, 0.75, 1.0],
}
LINE = Line(0.2, 1.0, "[/x] la", (Word(0.2, 0.6, "[/x]", 0.9), Word(0.7, 1.0, "la")), 0.8)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that has heard its song, as far as the artifacts go."""
    project = Project.open(silent_project(tmp_path / "song"))
    first = plan_project(project).song
    assert first is not None
    with project.store.making(song.STAGE, first.key, first.inputs) as folder:
        facts = {"duration": 5.0, "rate": 22050, "channels": 1, "title": None, "artist": None}
        (folder / "song.json").write_text(json.dumps(facts))
    return project


def keep_structure(project: Project, text: str) -> None:
    piece = plan_project(project).structure
    assert piece is not None
    with project.store.making(structure.STAGE, piece.key, piece.inputs) as folder:
        (folder / "structure.json").write_text(text)


def keep_words(project: Project) -> Path:
    piece = plan_project(project).words
    assert piece is not None
    words.make(project.store, piece.key, piece.inputs, [LINE])
    return project.store.path(words.STAGE, piece.key) / "lines.json"


def test_everything_that_the_stages_left_is_there(project: Project) -> None:
    keep_structure(project, json.dumps(STRUCTURE))
    keep_words(project)
    assert read_song_view(project, plan_project(project)) == SongView(
        duration=5.0,
        energy=(0.0, 0.5, 1.0),
        hop=0.05,
        beats=(0.5, 1.0, 1.5),
        downbeats=(0.5,),
        tempo=120.0,
        lines=(LINE,),
        sections=(Section(0.0, 3.0, "A"), Section(3.0, 5.0, "B")),
    )


def test_a_song_that_was_never_read_is_empty(tmp_path: Path) -> None:
    project = Project.open(silent_project(tmp_path / "song"))
    assert read_song_view(project, plan_project(project)) == SongView()


def test_what_is_not_made_yet_is_empty_and_the_rest_is_there(project: Project) -> None:
    keep_words(project)
    assert read_song_view(project, plan_project(project)) == SongView(duration=5.0, lines=(LINE,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        '{"tempo": 1}',
        json.dumps(STRUCTURE).replace("0.5", "NaN"),
        json.dumps(STRUCTURE | {"beats": ["one"]}),
        json.dumps(STRUCTURE | {"energy": None}),
        json.dumps(STRUCTURE | {"sections": [[0.0, 3.0]]}),
        json.dumps(STRUCTURE | {"sections": [[3.0, 0.0, "A"]]}),
        json.dumps(STRUCTURE | {"onsets": [math.inf]}),
        json.dumps({name: value for name, value in STRUCTURE.items() if name != "sections"}),
    ],
)
def test_a_damaged_structure_is_no_structure(project: Project, text: str) -> None:
    keep_structure(project, text)
    keep_words(project)
    assert read_song_view(project, plan_project(project)) == SongView(duration=5.0, lines=(LINE,))


@pytest.mark.parametrize("text", ["{", '[{"start": 1}]', "[[]]", '{"a": 1}'])
def test_damaged_words_are_no_words(project: Project, text: str) -> None:
    keep_structure(project, json.dumps(STRUCTURE))
    keep_words(project).write_text(text)
    view = read_song_view(project, plan_project(project))
    assert (view.lines, view.beats) == ((), (0.5, 1.0, 1.5))


def test_beats_ascend_and_energy_lies_between_nothing_and_one(project: Project) -> None:
    keep_structure(project, json.dumps(STRUCTURE | {"beats": [2.0, 1.0], "energy": [-1.0, 7.0]}))
    view = read_song_view(project, plan_project(project))
    assert (view.beats, view.energy) == ((1.0, 2.0), (0.0, 1.0))


def test_a_song_is_read_without_numpy(project: Project) -> None:
    keep_structure(project, json.dumps(STRUCTURE))
    keep_words(project)
    code = f"""
import sys
from pathlib import Path
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs_tui.song_view import read_song_view
project = Project.open(Path({str(project.root)!r}))
view = read_song_view(project, plan_project(project))
assert view.energy and view.lines
print(sorted({{"numpy", "librosa", "textual", "torch"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
