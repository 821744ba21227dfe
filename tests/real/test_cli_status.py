"""`vktrs status --json` has exactly the documented shape, and says the truth before, during and after a run."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.real.commands import (
    endless_project,
    finished_project,
    going_on,
    states,
    status,
    unmade_project,
    vktrs,
    wait_for_events,
)
from tests.real.projects import change, silent_project, sung_project
from vktrs.doubt import LeftOut
from vktrs.lines import Line, Word
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.stages import words

STATES = {"fresh", "stale", "missing", "running", "failed"}
STAGES = ["song", "words", "structure", "scenes", "keyframes", "variations", "order", "clips", "video"]
NUMBER = (int, float)


def check_shape(told: dict[str, Any], folder: Path) -> None:
    """Hold what the README documents, key by key and type by type."""
    assert list(told) == ["project", "duration", "frames", "run", "stages", "scenes", "left_out"]
    assert told["project"] == str(folder)
    assert told["duration"] is None or (isinstance(told["duration"], NUMBER) and told["duration"] > 0)
    assert told["frames"] is None or isinstance(told["frames"], int)
    assert (told["duration"] is None) == (told["frames"] is None)
    if told["run"] is not None:
        assert list(told["run"]) == ["id", "stage", "done", "total"]
        assert told["run"]["stage"] in {*STAGES, None}
        assert 0 <= told["run"]["done"] <= max(told["run"]["total"], told["run"]["done"])
    assert [stage["name"] for stage in told["stages"]] == STAGES
    for stage in told["stages"]:
        assert list(stage) == ["name", "state", "done", "total", "reasons"]
        assert stage["state"] in STATES
        assert 0 <= stage["done"] <= stage["total"]
        assert all(isinstance(reason, str) and reason for reason in stage["reasons"])
        assert (stage["state"] == "fresh") == (stage["done"] == stage["total"] and stage["total"] > 0)
    assert [scene["index"] for scene in told["scenes"]] == list(range(1, len(told["scenes"]) + 1))
    for scene in told["scenes"]:
        check_scene(scene)
    for each in told["left_out"]:
        assert list(each) == ["start", "end", "text", "why"]


def check_scene(scene: dict[str, Any]) -> None:
    """One scene of it."""
    assert list(scene) == [
        *("id", "index", "start", "end", "text", "prompt", "frames"),
        *("keyframe", "variations", "order", "clip"),
    ]
    assert isinstance(scene["id"], str)
    assert isinstance(scene["text"], str)
    assert isinstance(scene["prompt"], str)
    assert math.isfinite(scene["start"])
    assert scene["end"] is None or scene["end"] > scene["start"]
    assert scene["frames"] is None or scene["frames"] >= 0
    assert list(scene["keyframe"]) == ["state", "reason", "path"]
    assert list(scene["variations"]) == ["state", "done", "total", "reason"]
    assert list(scene["order"]) == ["state", "reason"]
    assert list(scene["clip"]) == ["state", "reason"]
    for part in ("keyframe", "variations", "order", "clip"):
        assert scene[part]["state"] in STATES
        assert (scene[part]["reason"] == "") or scene[part]["state"] != "running"
    if scene["keyframe"]["state"] == "fresh" and scene["frames"] != 0:
        assert Path(scene["keyframe"]["path"]).is_file()
    assert 0 <= scene["variations"]["done"] <= scene["variations"]["total"]


def test_before_the_first_run_everything_is_missing(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    told = status(project)
    check_shape(told, project)
    assert set(states(told).values()) == {"missing"}
    assert (told["duration"], told["run"]) == (None, None)
    assert told["scenes"][1]["prompt"] == "first light second street, teal harbour"


def test_without_scenes(tmp_path: Path) -> None:
    project = sung_project(tmp_path / "clip")
    told = status(project)
    check_shape(told, project)
    assert told["scenes"] == []
    assert states(told)["keyframes"] == "missing"


def test_half_way_some_is_fresh(tmp_path: Path) -> None:
    project = unmade_project(tmp_path / "clip")
    vktrs("run", project, "--scenes", "1-2", "--to", "variations")
    told = status(project)
    check_shape(told, project)
    assert (told["duration"], told["frames"]) == (5.0, 60)
    found = states(told)
    assert found["song"] == "fresh"
    assert found["keyframes"] == "missing"
    assert [(stage["done"], stage["total"]) for stage in told["stages"][4:6]] == [(2, 5), (6, 15)]
    assert [scene["variations"]["state"] for scene in told["scenes"]] == ["fresh", "fresh", *["missing"] * 3]
    assert [scene["clip"]["state"] for scene in told["scenes"]] == ["missing"] * 5


def test_after_a_run_everything_is_fresh(tmp_path: Path) -> None:
    for kind in ("silent", "sung"):
        project = finished_project(tmp_path / kind, kind)
        told = status(project)
        check_shape(told, project)
        assert set(states(told).values()) == {"fresh"}
        assert not any(stage["reasons"] for stage in told["stages"])
        assert sum(scene["frames"] for scene in told["scenes"]) == told["frames"] == 60


def test_after_a_change_what_it_touches_is_stale_with_the_reason(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, 'text = "last song"', 'text = "last song"\nconsistency = 0.6')
    told = status(project)
    check_shape(told, project)
    last = told["scenes"][4]
    assert last["keyframe"]["state"] == "fresh"
    assert last["variations"] == {"state": "stale", "done": 0, "total": 3, "reason": "consistency 0.72 -> 0.6"}
    assert (last["order"]["state"], last["clip"]["state"]) == ("stale", "stale")
    assert [scene["clip"]["state"] for scene in told["scenes"][:4]] == ["fresh"] * 4
    assert states(told)["video"] == "stale"
    shown = vktrs("status", project).stdout
    assert "scene 5: consistency 0.72 -> 0.6" in shown
    change(project, "\nconsistency = 0.6", "")
    assert set(states(status(project)).values()) == {"fresh"}


def test_variations_that_are_still_to_be_made_are_counted_and_not_called_stale(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "variations = 3", "variations = 5")
    told = status(project)
    check_shape(told, project)
    last = told["scenes"][4]
    assert last["variations"] == {"state": "missing", "done": 3, "total": 5, "reason": "3 of 5 made"}
    assert last["order"] == {"state": "stale", "reason": "its pictures changed"}
    assert told["stages"][5]["reasons"][0] == "scene 1: 3 of 5 made"
    assert "removed" not in json.dumps(told)


def test_only_what_was_made_and_taken_away_was_removed(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    (project / "output.mp4").unlink()
    assert status(project)["stages"][8]["reasons"] == ["removed"]


def test_a_video_is_stale_for_scenes_by_their_numbers(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "start = 2.0", "start = 1.001")
    assert status(project)["stages"][8]["reasons"] == ["clip of scene 3 changed; scene 2 has no frames"]
    change(project, 'id = "eeee"', 'id = "ffff"')
    reasons = status(project)["stages"][8]["reasons"]
    assert reasons == [
        "clip of scene 3 changed; clip of scene 5 changed; scene 2 has no frames; scene eeee is gone",
    ]


def test_a_prompt_says_what_it_was(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    change(project, "last song", "final song")
    reason = status(project)["scenes"][4]["keyframe"]["reason"]
    assert "prompt" in reason
    assert "last song" in reason
    assert "final song" in reason


def test_during_a_run_it_is_told(tmp_path: Path) -> None:
    project = endless_project(tmp_path / "clip")
    with going_on(project) as name:
        journal = project / ".vktrs" / "runs" / name / "events.jsonl"
        wait_for_events(journal, '"artifact"', 10)
        told = status(project)
        check_shape(told, project)
        assert told["run"]["id"] == name
        assert told["run"]["stage"] == "variations"
        assert told["run"]["total"] > told["run"]["done"] > 0
        assert states(told)["variations"] == "running"
        assert [scene["variations"]["state"] for scene in told["scenes"]].count("running") == 1
        assert f"run {name} is going on" in vktrs("status", project).stdout
    told = status(project)
    check_shape(told, project)
    assert told["run"] is None
    assert "running" not in json.dumps(told)


def test_after_a_failure_the_error_is_told_until_it_is_mended(tmp_path: Path) -> None:
    project = finished_project(tmp_path / "clip")
    (project / "photo.png").write_text("no picture at all")
    change(project, 'id = "bbbb"', 'id = "bbbb"\npicture = "photo.png"')
    vktrs("run", project, code=3)
    told = status(project)
    check_shape(told, project)
    keyframe = told["scenes"][1]["keyframe"]
    assert keyframe["state"] == "failed"
    assert "photo.png" in keyframe["reason"]
    assert states(told)["keyframes"] == "failed"
    assert "photo.png" in vktrs("status", project).stdout
    assert [scene["clip"]["state"] for scene in told["scenes"]].count("fresh") == 4
    change(project, '\npicture = "photo.png"', "")
    assert set(states(status(project)).values()) == {"fresh"}


def test_a_stage_of_the_whole_song_that_failed_is_told(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    (project / "song.wav").write_bytes((project / "song.wav").read_bytes()[:20_000])
    error = vktrs("run", project, code=3).stderr
    told = status(project)
    check_shape(told, project)
    song = told["stages"][0]
    assert song["state"] == "failed"
    assert song["reasons"][0] in error


def test_looking_changes_nothing(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    before = sorted((path, path.stat().st_mtime_ns) for path in project.rglob("*") if ".vktrs" not in path.parts)
    vktrs("status", project)
    assert sorted((p, p.stat().st_mtime_ns) for p in project.rglob("*") if ".vktrs" not in p.parts) == before
    assert not (project / "takes").exists()


@pytest.mark.parametrize(("name", "wrong"), [("key", "must not stand"), ("model", "looks like a key")])
def test_wrong_options_are_named_and_no_key_is_told(name: str, wrong: str, tmp_path: Path) -> None:
    folder = finished_project(tmp_path / "song")
    key = f"sk-{'0123456789abcdef' * 2}"
    change(
        folder,
        'speech = "none"\n',
        f'speech = "none"\npictures = "stability"\n\n[engines.stability]\n{name} = "{key}"\n',
    )
    told = status(folder)
    for place in ("keyframe", "variations"):
        assert wrong in told["scenes"][0][place]["reason"]
    assert key not in json.dumps(told) + vktrs("status", folder).stdout


def test_lyrics_of_another_song_are_told_after_the_run_too(tmp_path: Path) -> None:
    folder = finished_project(tmp_path / "clip")
    (folder / "words.txt").write_text("first light\n\nsecond street\n", "utf-8")
    change(folder, "[song]", '[song]\nlyrics = "words.txt"')
    project = Project.open(folder)
    piece = plan_project(project).words
    assert piece is not None
    words.make(project.store, piece.key, piece.inputs, [Line(1.1, 1.9, "quite other words")])
    said = "words.txt does not seem to belong to this song: the words are as heard\n"
    assert said in vktrs("status", folder).stdout
    words.make(project.store, piece.key, piece.inputs, [Line(1.1, 1.5, "first light"), Line(2, 3, "second street")])
    assert said not in vktrs("status", folder).stdout


def test_what_was_left_out_and_what_to_look_at_is_told(tmp_path: Path) -> None:
    folder = finished_project(tmp_path / "clip")
    assert status(folder)["left_out"] == []
    assert "left out" not in vktrs("status", folder).stdout
    project = Project.open(folder)
    piece = plan_project(project).words
    assert piece is not None
    loop = LeftOut(2.1, 2.9, "no [b] no " * 40, "compression 26.2")
    line = Line(1.1, 1.9, "second street", (Word(1.1, 1.5, "second"), Word(1.5, 1.9, "street")), doubts=("silence 61",))
    words.make(
        project.store, piece.key, piece.inputs, [line], left_out=[loop, LeftOut(4.0, 4.5, "Bye.", "no-speech 0.93")]
    )
    told = status(folder)
    check_shape(told, folder)
    assert [each["start"] for each in told["left_out"]] == [2.1, 4.0]
    assert told["left_out"][1]["why"] == "the model gives 0.93 that nobody sings there"
    shown = vktrs("status", folder).stdout
    assert "left out as invented: 2 lines\n   0:02.1  no [b] no no [b] no" in shown
    assert "   0:04.0  Bye.  (the model gives 0.93 that nobody sings there)\n" in shown
    assert "1 scene to look at: doubtful line 1; `n` in the studio walks them" in shown
