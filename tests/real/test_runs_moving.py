"""Moving scenes in whole runs: made once, picture by picture, resumed anywhere, and moving with the music."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.real.commands import answer
from tests.real.optical_flow import brightness, growths
from tests.real.projects import FPS, SETTINGS, change, frames, leftovers, whole_artifacts, write_song
from tests.real.worker_forks import Disturbance, Forks, Outcome, at_call, at_event, kill, kill_all
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.status import Status
from vktrs.stages import signals, variations

SIGNALS = """
[signals.click]
chain = "novelty | sustain(0.4)"

[signals.level]
chain = "rms | smooth(0.2)"
"""
SCENES = """
[[scenes]]
id = "aaaa"
start = 0.0
text = "first light"

[[scenes]]
id = "bbbb"
start = 2.5
text = "second street"
"""


def moving_project(folder: Path, look: str = "", scenes: str = SCENES) -> Path:
    """Two scenes that move with two signals, five seconds at 12 frames a second; the folder."""
    folder.mkdir(parents=True)
    write_song(folder / "song.wav")
    motion = 'animation = "img2img"\nzoom = "1 + 0.15 * click"\nangle = "2 * level"\nhold = 1'
    text = SETTINGS.format(lyrics="").replace("hold = 2", f"{motion}\n{look}")
    (folder / "storyboard.toml").write_text(text.replace("[look]", f"{SIGNALS}\n[look]") + scenes, "utf-8")
    return folder


def made_pictures(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each["scene"], each["key"]) for each in outcome.told("artifact") if each["stage"] == "variations"]


@pytest.fixture(scope="module")
def undisturbed(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A finished project, and how many events its run told."""
    folder = moving_project(tmp_path_factory.mktemp("moving") / "song")
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    return folder, outcome.steps


def test_every_picture_is_made_once_and_every_frame_shown(undisturbed: tuple[Path, int], forks: Forks) -> None:
    folder, _ = undisturbed
    plan = plan_project(Project(folder))
    assert [len(each.variation_keys) for each in plan.scenes] == [29, 29]
    assert len(set(frames(folder / "output.mp4"))) == 60
    told = Status(Project(folder)).as_json()
    assert {stage["name"]: stage["state"] for stage in told["stages"]}["signals"] == "fresh"
    assert {stage["state"] for stage in told["stages"]} == {"fresh"}
    again = forks.run(folder)
    assert (again.code, again.made) == (0, [])


MOMENTS: dict[str, Disturbance] = {
    "before the first signal": at_call("vktrs.stages.signals.make", kill_all()),
    "between the signals": at_call("vktrs.stages.signals.make", kill(), after=True),
    "after the first picture of a chain": at_call("os.rename", kill(), matching="variations", nth=1, after=True),
    "while a picture is written": at_call("os.rename", kill(), matching="variations", nth=7),
    "at the end of a chain": at_call("os.rename", kill_all(), matching="variations", nth=29, after=True),
    "in the second chain": at_call("os.rename", kill(), matching="variations", nth=40),
    "before a clip": at_call("vktrs.media.clip.encode_clip", kill_all(), nth=2),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_chain_that_was_killed_goes_on_with_its_last_whole_picture(
    moment: str, undisturbed: tuple[Path, int], forks: Forks, tmp_path: Path
) -> None:
    folder = moving_project(tmp_path / "song")
    killed = forks.run(folder, MOMENTS[moment])
    assert killed.code == -9, f"the moment never came: {killed}"
    whole = whole_artifacts(folder)
    resumed = forks.run(folder)
    assert resumed.code == 0, resumed
    after = whole_artifacts(folder)
    assert {name: after.get(name) for name in whole} == whole, "a whole artifact was made again"
    assert max(Counter(made_pictures(killed) + made_pictures(resumed)).values()) == 1
    assert frames(folder / "output.mp4") == frames(undisturbed[0] / "output.mp4")
    assert leftovers(folder) == []


def test_a_run_that_is_killed_at_every_tenth_event_ends_with_the_same_video(
    undisturbed: tuple[Path, int], forks: Forks, tmp_path: Path
) -> None:
    folder = moving_project(tmp_path / "song")
    runs: list[Outcome] = []
    for _ in itertools.takewhile(lambda _: not runs or runs[-1].code != 0, range(undisturbed[1])):
        runs.append(forks.run(folder, at_event(10, kill_all())))
    assert len(runs) > 4
    told = [(each["stage"], each["key"]) for run in runs for each in run.told("artifact")]
    assert sorted(told) == sorted(set(told)), "something was made twice"
    assert frames(folder / "output.mp4") == frames(undisturbed[0] / "output.mp4")


def test_a_damaged_picture_in_the_middle_is_made_again_and_no_other(forks: Forks, tmp_path: Path) -> None:
    folder = moving_project(tmp_path / "song")
    assert forks.run(folder).code == 0
    before = frames(folder / "output.mp4")
    project = Project(folder)
    each = plan_project(project).scenes[0]
    assert each.clip is not None
    path = variations.path(project.store, each.variation_keys[9])
    path.write_bytes(path.read_bytes()[:100])
    project.store.discard("clips", each.clip.key)
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert made_pictures(outcome) == [("aaaa", each.variation_keys[9])]
    assert frames(folder / "output.mp4") == before


@pytest.mark.parametrize("name", ["structure.json", "curve"])
def test_what_expressions_stand_on_is_made_again_where_it_is_damaged(name: str, forks: Forks, tmp_path: Path) -> None:
    folder = moving_project(tmp_path / "song")
    change(folder, "2 * level", "2 * level + 0.1 * beat")
    assert forks.run(folder).code == 0
    before = frames(folder / "output.mp4")
    (folder / "output.mp4").unlink()
    for found in (folder / ".vktrs" / "cache").glob(f"*/*/{name}"):
        found.write_bytes(b"{")
    mended = forks.run(folder)
    assert mended.code == 0, mended
    assert {stage for stage, _ in mended.made} == {"structure" if name == "structure.json" else "signals", "video"}
    assert frames(folder / "output.mp4") == before


def test_a_value_that_changes_from_a_frame_on_redoes_the_pictures_from_there_on(forks: Forks, tmp_path: Path) -> None:
    folder = moving_project(tmp_path / "song")
    assert forks.run(folder).code == 0
    change(folder, "1 + 0.15 * click", "1 + 0.15 * click + (0.02 if frame >= 20 and scene == 2 else 0)")
    reasons = {each["name"]: each["reasons"] for each in Status(Project(folder)).as_json()["stages"]}
    assert reasons["variations"] == ["scene 2: 19 of 29 made"]
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert Counter(scene for scene, _ in made_pictures(outcome)) == {"bbbb": 10}


def test_changing_one_signal_redoes_only_what_uses_it(forks: Forks, tmp_path: Path) -> None:
    folder = moving_project(tmp_path / "song", scenes=SCENES.replace('street"', 'street"\nangle = 0'))
    assert forks.run(folder).code == 0
    change(folder, "smooth(0.2)", "smooth(0.6)")
    told = {each["name"]: each for each in Status(Project(folder)).as_json()["stages"]}
    assert told["signals"]["reasons"] == ['level: chain "rms | smooth(0.2)" -> "rms | smooth(0.6)"']
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    made = Counter(piece for piece in outcome.made)
    assert made["signals", None] == 1
    assert {scene for stage, scene in made if stage == "variations"} == {"aaaa"}


def test_some_scenes_need_no_more_than_their_own_signals(forks: Forks, tmp_path: Path) -> None:
    folder = moving_project(tmp_path / "song", scenes=SCENES.replace('street"', 'street"\nangle = "level - voice"'))
    change(folder, '"2 * level"', "0")
    change(folder, "[signals.level]", '[signals.voice]\nsource = "gone.wav"\n\n[signals.level]')
    assert "gone.wav is not there" in str(forks.run(folder).errors)
    outcome = forks.run(folder, scenes=("aaaa",))
    assert outcome.code == 0, outcome
    assert Counter(stage for stage, _ in outcome.made)["signals"] == 1
    assert plan_project(Project(folder)).scenes[0].complete


def test_what_cannot_be_made_is_not_counted_and_told_before_a_run(
    tmp_path: Path, forks: Forks, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = moving_project(tmp_path / "song", scenes=SCENES.replace('street"', 'street"\nangle = "1 / (frame - 3)"'))
    told, _ = answer(capsys, "run", folder, "--dry-run")
    assert "pictures: 31 pictures by cppn; those of the last scene are counted once the song is read" in told
    assert forks.run(folder, to="signals").code == 0
    told, said = answer(capsys, "run", folder, "--dry-run", code=3)
    assert "variations: 29 to be made by cppn\nclips: 1 to be made" in told
    assert 'scene 2: `angle` = "1 / (frame - 3)" has no value in' in said
    before = (folder / "storyboard.toml").read_text()
    _, said = answer(capsys, "reroll", "2", folder, "--frame", "1", code=3)
    assert "scene 2: `angle`" in said
    _, said = answer(capsys, "export", "deforum", folder, "-o", tmp_path / "out", code=3)
    assert "scene 2: `angle`" in said
    assert (folder / "storyboard.toml").read_text() == before


def test_a_picture_cannot_be_replaced_before_it_is_known_which_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = moving_project(tmp_path / "song")
    before = (folder / "storyboard.toml").read_text()
    _, said = answer(capsys, "reroll", "1", folder, "--frame", "3", code=3)
    assert "which pictures scene 1 shows is not known yet" in said
    assert (folder / "storyboard.toml").read_text() == before


def test_motion_that_moves_nothing_is_told(forks: Forks, tmp_path: Path) -> None:
    folder = moving_project(tmp_path / "song", 'border = "wrap"', SCENES.replace('street"', 'street"\nnoise = 0.1'))
    assert "Nothing moves" not in forks.run(folder, to="scenes").remarks
    change(folder, 'animation = "img2img"', 'animation = "static"')
    told = forks.run(folder, to="scenes").remarks
    assert 'Nothing moves by `zoom`, `angle`, `border` in [look]: that takes animation = "img2img".' in told
    assert "Nothing moves by what is written in scene 2" in told


def test_an_expression_without_a_value_fails_its_scene_with_its_frame_and_no_other(
    forks: Forks, tmp_path: Path
) -> None:
    folder = moving_project(tmp_path / "song", scenes=SCENES.replace('light"', 'light"\nzoom = "1 / (frame - 7)"'))
    outcome = forks.run(folder)
    assert outcome.code == 3
    (failed,) = outcome.told("failed")[:1]
    assert failed["scene"] == "aaaa" and "`zoom`" in failed["error"] and "frame 7" in failed["error"]
    assert {scene for scene, _ in made_pictures(outcome)} == {"bbbb"}
    assert "Traceback" not in outcome.log
    told = Status(Project(folder)).as_json()["scenes"][0]["variations"]
    assert told["state"] == "failed" and "frame 7" in told["reason"]


@pytest.mark.parametrize(
    ("look", "made", "shown"),
    [
        ("cadence = 4", 8, 30),
        ("hold = 3", 9, 10),
        ('cadence = 3\nborder = "wrap"\ntransition = 0.5', 10, 30),
    ],
)
def test_fewer_pictures_are_made_than_shown_where_that_is_asked_for(
    look: str, made: int, shown: int, forks: Forks, tmp_path: Path
) -> None:
    folder = moving_project(tmp_path / "song")
    key = look.partition(" ")[0]
    if key == "hold":
        change(folder, "hold = 1", look)
    else:
        change(folder, "hold = 1", f"hold = 1\n{look}")
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert Counter(scene for scene, _ in made_pictures(outcome)) == {"aaaa": made, "bbbb": made}
    assert len(set(frames(folder / "output.mp4")[:30])) == shown
    assert forks.run(folder).made == []


def test_a_chain_may_be_played_there_and_back(forks: Forks, tmp_path: Path) -> None:
    folder = moving_project(tmp_path / "song", 'order = "ping-pong"')
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert Counter(scene for scene, _ in made_pictures(outcome)) == {"aaaa": 15, "bbbb": 15}
    shown = brightness(folder / "output.mp4")[:30]
    there, back = np.array(shown[1:15]), np.array(shown[:15:-1])
    same = float(np.abs(there - back).mean())  # coded twice, since a chain is longer than what a decoder keeps
    assert same < 0.5 * float(np.abs(there - back[::-1]).mean())


def in_time(folder: Path, amount: float) -> tuple[float, float]:
    """How the growth of its first frames goes with the signal `click` times `amount`: correlation and slope.

    Where the scene changes (frame 30) nothing grows, and so it is left out.
    """
    project = Project(folder)
    curve = signals.load(project.store, plan_project(project).signals["click"].key)
    drawn = growths(folder / "output.mp4")
    wanted = [amount * curve.at((number + 1) / FPS) for number in range(len(drawn))]
    within = [number for number in range(len(drawn)) if number != 29]
    one, other = np.array(drawn)[within], np.array(wanted)[within]
    assert float(np.std(other)) > 0.01
    return float(np.corrcoef(one, other)[0, 1]), float(np.dot(one, other) / np.dot(other, other))


def test_the_video_moves_with_the_music(forks: Forks, tmp_path: Path) -> None:
    folder = moving_project(tmp_path / "song", "strength = 0\nnoise = 0")
    change(folder, "width = 48\nheight = 32", "width = 192\nheight = 128")
    change(folder, '"2 * level"', "0")
    change(folder, "0.15 * click", "0.06 * click")
    assert forks.run(folder).code == 0
    correlation, slope = in_time(folder, 0.06)
    assert correlation > 0.9
    assert 0.6 < slope < 1.4
