"""A run that finds nothing to do in a project of a thousand scenes, all of them finished.

The project is fabricated: its plan says which artifacts it needs, and each is put there by name, with its inputs but
without pictures. What a run reads to find out that nothing is left is the same as in a real one.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cuts import write_song
from benchmarks.figures import Goal, Row, Scale, absolute
from benchmarks.measuring import in_turns, measured_command, peak_memory
from benchmarks.storyboards import long_storyboard
from vktrs.artifacts import INPUTS
from vktrs.media.clip import CyclePart, encode_clip
from vktrs.media.mark import MARK
from vktrs.media.x264 import EncoderSettings
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.stages import keyframes, song, video
from vktrs.stages.song import SongFacts
from vktrs.timing import parse_fps

_GOAL = Goal(0.5, " s")
_ROUNDS = 5


def measure(scale: Scale) -> list[Row]:
    """One row: what `vktrs run` takes beyond an interpreter that starts and ends."""
    scenes = 50 if scale.quick else 1000
    rounds = 1 if scale.quick else max(_ROUNDS, scale.rounds)
    with tempfile.TemporaryDirectory(prefix="vktrs-bench-") as name:
        folder = finished_project(Path(name) / "project", scenes)
        commands = {
            "empty": [sys.executable, "-c", "pass"],
            "run": [sys.executable, "-m", "vktrs_tui", "run", str(folder)],
            "help": [sys.executable, "-m", "vktrs_tui", "run", "--help"],
        }
        measured_command(commands["run"])  # compiles what was never imported here
        works = {key: _runner(command) for key, command in commands.items()}
        costs = in_turns(works, rounds)
        peaks = [peak_memory(commands[key]) / 1e6 for key in ("empty", "run")]
        runs = list((folder / ".vktrs").glob("runs/*"))
    if runs:
        raise AssertionError("the run found something to do")
    empty, run = costs["empty"], costs["run"]
    figures = (
        absolute("CPU beyond an empty interpreter", f"{empty.cpu:.3f} s", run.cpu - empty.cpu, " s", _GOAL),
        absolute("wall beyond an empty interpreter", f"{empty.wall:.3f} s", run.wall - empty.wall, " s"),
        absolute("of it, CPU of `vktrs run --help`", "", costs["help"].cpu - empty.cpu, " s"),
        absolute("peak memory", f"{peaks[0]:.0f} MB", peaks[1], " MB"),
    )
    how = f"`vktrs run` in a project where everything is fresh; theirs is `python -c pass`. Medians of {rounds}."
    return [Row("idle", f"A run with nothing to do, {scenes} scenes", how, figures)]


def _runner(command: list[str]) -> Callable[[], Any]:
    return lambda: measured_command(command)


def finished_project(folder: Path, scenes: int) -> Path:
    """A project in which nothing is left to do, by the names of its artifacts; its folder."""
    folder.mkdir(parents=True)
    text = long_storyboard(scenes).replace("[look]", '[engines]\nspeech = "none"\n\n[look]')
    (folder / "storyboard.toml").write_text(text, "utf-8")
    write_song(folder / "song.wav", 1.0)
    project = Project.open(folder)
    facts = SongFacts(2.0 * scenes, 44_100, 2, None, None)
    first = plan_project(project).song
    assert first is not None
    _put(project, song.STAGE, first.key, first.inputs, None, {"song.json": json.dumps(asdict(facts))})
    plan = plan_project(project)
    for piece in (plan.words, plan.structure, plan.proposal):
        assert piece is not None
        _put(project, piece.stage, piece.key, piece.inputs)
    for each in plan.scenes:
        take = keyframes.take_path(project.takes, each.scene.id, each.keyframe.key)
        take.parent.mkdir(parents=True)
        take.touch()
        assert each.order is not None and each.clip is not None
        for key in each.variation_keys:
            _put(project, "variations", key, each.variation_inputs, each.scene.id, {"frame.png": ""})
        _put(project, each.order.stage, each.order.key, each.order.inputs, each.scene.id, {"order.json": "[]"})
        _put(project, each.clip.stage, each.clip.key, each.clip.inputs, each.scene.id, {"clip.mp4": ""})
    assert plan.video is not None
    video.remember(project.store, plan.video.key, plan.video.inputs)
    _write_marked(project.resolve(plan.board.video.file), plan.video.key)
    project.remember_ids(scene.id for scene in plan.board.scenes)
    return folder


def _put(
    project: Project,
    stage: str,
    key: str,
    inputs: Mapping[str, Any],
    scene: str | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    folder = project.store.path(stage, key)
    folder.mkdir(parents=True)
    (folder / INPUTS).write_text(json.dumps({"scene": scene, "inputs": dict(inputs)}), "utf-8")
    for name, text in (files or {}).items():
        (folder / name).write_text(text, "utf-8")


def _write_marked(path: Path, key: str) -> None:
    """The smallest video that carries the mark."""
    grey = np.full((16, 16, 3), 128, np.uint8)
    settings = EncoderSettings(16, 16, parse_fps(24), 1)
    encode_clip([CyclePart([grey], 2)], settings, path, comment=f"{MARK}{key}")
