"""Loops in the video itself: the same picture on every beat, and a change of the loop makes again what it must."""

from __future__ import annotations

import json
import wave
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.real.commands import answer
from tests.real.projects import RATE, change, frames
from tests.real.worker_forks import Forks
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.cleaning import clean
from vktrs.runs.status import Status
from vktrs.stages import structure
from vktrs.timing import boundary

SECONDS = 8.0
STORYBOARD = """\
schema = 1
[song]
source = "song.wav"
title = "Clicks"
[video]
width = 48
height = 32
fps = 24
[engines]
speech = "none"
[look]
variations = 7
loop = "beat"

[[scenes]]
id = "aaaa"
start = 0.0
text = "on the beat"

[[scenes]]
id = "bbbb"
start = 4.1
text = "in the middle of one"
"""


def click_project(folder: Path, tempo: float, scenes: str = STORYBOARD) -> Path:
    """Eight seconds of clicks at that tempo, the first after a quarter of a second; 0 for a tone without any."""
    folder.mkdir(parents=True)
    time = np.arange(int(SECONDS * RATE)) / RATE
    sound = 0.05 * np.sin(2 * np.pi * 220 * time)
    if tempo:
        sound += 0.7 * ((time - 0.25) % (60 / tempo) < 0.005)
    with wave.open(str(folder / "song.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    (folder / "storyboard.toml").write_text(scenes, "utf-8")
    return folder


def beat_frames(folder: Path) -> list[int]:
    """The frames of the song in which a beat lies that was found."""
    project = Project(folder)
    piece = plan_project(project).structure
    assert piece is not None
    beats = structure.facts(project.store, piece.key).beats
    assert len(beats) > 10
    return [boundary(beat, Fraction(24)) for beat in beats]


def kinds(folder: Path) -> list[str]:
    store = Project(folder).store
    clips = [each.clip for each in plan_project(Project(folder)).scenes]
    return [json.loads((store.path("clips", clip.key) / "report.json").read_text())["kind"] for clip in clips if clip]


def made(outcome: object) -> Counter[str]:
    return Counter(stage for stage, _ in outcome.made)  # type: ignore[attr-defined]


@pytest.mark.parametrize("tempo", [120, 117])
def test_each_beat_shows_the_first_picture_of_the_cycle(tempo: int, forks: Forks, tmp_path: Path) -> None:
    folder = click_project(tmp_path / "song", tempo)
    assert forks.run(folder).code == 0
    shown = frames(folder / "output.mp4")
    cut = boundary(4.1, Fraction(24))
    for first, end in ((0, cut), (cut, len(shown))):
        beats = [frame for frame in beat_frames(folder) if first <= frame < end]
        assert len(beats) >= 6
        assert len({shown[frame] for frame in beats}) == 1, "one picture on all beats"
        assert len({shown[frame] for frame in range(first, end)}) == 6, "twelve frames a beat: six for two"
        others = {shown[frame - 1] for frame in beats if frame > first} | {shown[frame + 3] for frame in beats[:-1]}
        assert shown[beats[0]] not in others
    assert kinds(folder) == ["cycle", "cycle"]
    times = Counter(shown)
    assert max(times.values()) - min(times.values()) < 20, "none of them is left out"


def test_a_change_of_the_loop_makes_again_what_it_must(forks: Forks, tmp_path: Path) -> None:
    folder = click_project(tmp_path / "song", 120)
    assert made(forks.run(folder)) == Counter(
        song=1, words=1, structure=1, scenes=1, keyframes=2, variations=10, order=2, clips=2, video=1
    )
    change(folder, 'loop = "beat"', 'loop = "1 beat"\ntransition = 0.0')
    assert forks.run(folder).made == [], "the same, written in another way"
    change(folder, 'loop = "1 beat"', 'loop = "2 beats"')
    assert {stage["name"]: stage["state"] for stage in Status(Project(folder)).stages}["variations"] == "missing"
    assert made(forks.run(folder)) == Counter(variations=4, order=2, clips=2, video=1)
    change(folder, 'text = "on the beat"', 'text = "on the beat"\nloop = "none"')
    assert forks.run(folder).made == [("clips", "aaaa"), ("video", None)]
    told = Status(Project(folder)).as_json()
    assert all(stage["state"] == "fresh" for stage in told["stages"])
    shown = frames(folder / "output.mp4")
    assert shown[:8] == shown[8:16] and len(set(shown[:8])) == 8, "without a loop a picture a frame"
    change(folder, 'loop = "2 beats"', 'loop = "beat"')
    change(folder, 'text = "on the beat"\nloop = "none"', 'text = "on the beat"')
    assert forks.run(folder).made == [("video", None)], "all that was taken back is there"


def test_status_says_what_another_loop_changes(forks: Forks, tmp_path: Path) -> None:
    folder = click_project(tmp_path / "song", 120)
    change(folder, 'loop = "beat"', 'loop = "bar"')
    assert forks.run(folder).code == 0
    change(folder, 'loop = "bar"', 'loop = "2 bars"')
    assert [scene["clip"]["reason"] for scene in Status(Project(folder)).scenes] == [
        "its rounds begin at other frames"
    ] * 2


def test_in_an_excerpt_the_beats_of_the_song_count(forks: Forks, tmp_path: Path) -> None:
    folder = click_project(tmp_path / "song", 117)
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [1.1, 3.9]')
    assert forks.run(folder).code == 0
    first, end = boundary(1.1, Fraction(24)), boundary(3.9, Fraction(24))
    shown = frames(folder / "output.mp4")
    assert len(shown) == end - first
    beats = [frame - first for frame in beat_frames(folder) if first <= frame < end]
    assert len({shown[frame] for frame in beats}) == 1
    assert all(shown[frame - 1] != shown[beats[0]] for frame in beats)


def test_a_caption_ends_between_two_pictures_of_a_loop_and_the_clip_stays_a_cycle(forks: Forks, tmp_path: Path) -> None:
    folder = click_project(tmp_path / "song", 120)
    change(folder, "width = 48\nheight = 32", 'width = 192\nheight = 128\ncaptions = "line"')
    change(folder, 'text = "on the beat"', 'text = "on the beat"\nend = 2.5')
    assert forks.run(folder).code == 0
    assert kinds(folder) == ["cycle", "cycle"]
    shown = frames(folder / "output.mp4")[: boundary(4.1, Fraction(24))]
    captioned, plain = shown[:60], shown[62:]
    assert len(set(captioned)) == len(set(plain)) == 6
    assert not set(captioned) & set(plain)
    changes = [at for at in range(1, len(shown)) if shown[at] != shown[at - 1]]
    assert min(after - before for before, after in pairwise(changes)) == 2, "no picture is shown for one frame"


def test_a_song_without_a_beat_plays_plain_cycles_and_says_so(forks: Forks, tmp_path: Path) -> None:
    folder = click_project(tmp_path / "song", 0)
    outcome = forks.run(folder)
    assert outcome.code == 0
    assert "No beat was found in the song, so nothing loops on it: scenes 1 to 2." in outcome.remarks
    shown = frames(folder / "output.mp4")
    assert shown[:8] == shown[8:16] and len(set(shown[:8])) == 8


def test_before_the_beats_are_known_a_dry_run_says_how_many_pictures_there_can_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = click_project(tmp_path / "song", 120)
    out, _ = answer(capsys, "run", folder, "--dry-run")
    assert "pictures: at most 16 pictures by cppn" in out


def test_cleaning_keeps_the_pictures_of_loops_and_what_longer_ones_showed(forks: Forks, tmp_path: Path) -> None:
    folder = click_project(tmp_path / "song", 120)
    change(folder, 'loop = "beat"', 'loop = "2 beats"')
    assert forks.run(folder).code == 0
    change(folder, 'loop = "2 beats"', 'loop = "beat"')
    assert forks.run(folder).code == 0
    removed = clean(Project(folder)).names
    assert {Path(name).parts[2] for name in removed} == {"order", "clips", "video"}
    assert forks.run(folder).made == []


def test_a_parameter_that_goes_beyond_its_range_is_said(forks: Forks, tmp_path: Path) -> None:
    folder = click_project(tmp_path / "song", 120)
    change(folder, 'loop = "beat"', 'animation = "img2img"\nhold = 24\nzoom = "1 - t / 2"')
    outcome = forks.run(folder)
    assert outcome.code == 0
    assert "`zoom` goes beyond 0.01 to 100 and is cut there: scenes 1 to 2." in outcome.remarks
