"""A scene that fades in: what its frames hold, what it needs of the scene before, and what happens without that."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.real.commands import answer
from tests.real.projects import FPS, change, silent_project
from tests.real.worker_forks import Forks
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.cleaning import clean
from vktrs.runs.status import Status

TWO = """
[[scenes]]
id = "aaaa"
start = 0.0
text = "first light"

[[scenes]]
id = "bbbb"
start = 2.0
text = "second street"
transition = 1.0
"""
GREY, WHITE = 40, 200
CUT = 2 * FPS
SLACK = 8  # of 255: what coding at crf 25 and 16..235 leave of a flat colour


def plain_project(folder: Path, look: str = "") -> Path:
    """Two scenes with pictures of the user's own, one dark and one light, without variations; the second fades in."""
    silent_project(folder, TWO)
    for name, level in (("dark", GREY), ("light", WHITE)):
        Image.new("RGB", (48, 32), (level, level, level)).save(folder / f"{name}.png")
    change(folder, 'text = "first light"', 'text = "first light"\npicture = "dark.png"')
    change(folder, 'text = "second street"', 'text = "second street"\npicture = "light.png"')
    change(folder, "variations = 3", f"variations = 0\n{look}")
    return folder


def levels(video: Path) -> list[float]:
    """The mean brightness of each frame, as sRGB."""
    return [float(picture.mean()) for picture in decoded(video)]


def decoded(video: Path) -> list[NDArray[np.uint8]]:
    import av

    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_the_frames_of_a_fade_go_evenly_from_one_scene_to_the_other(forks: Forks, tmp_path: Path) -> None:
    folder = plain_project(tmp_path / "song")
    assert forks.run(folder).code == 0
    seen = levels(folder / "output.mp4")
    shares = [(number + 1) / (FPS + 1) for number in range(FPS)]
    expected = [GREY] * CUT + [GREY + share * (WHITE - GREY) for share in shares] + [WHITE] * (60 - CUT - FPS)
    assert seen == pytest.approx(expected, abs=SLACK)
    assert all(
        before < after for before, after in zip(seen[CUT - 1 : CUT + FPS], seen[CUT : CUT + FPS + 1], strict=True)
    )


def test_a_fade_longer_than_its_scene_is_as_long_as_that(forks: Forks, tmp_path: Path) -> None:
    folder = plain_project(tmp_path / "song")
    change(folder, "transition = 1.0", "transition = 60.0")
    assert forks.run(folder).code == 0
    seen = levels(folder / "output.mp4")
    assert seen[CUT - 1] == pytest.approx(GREY, abs=SLACK)
    assert seen[CUT + 17] == pytest.approx((GREY + WHITE) / 2, abs=SLACK)
    assert seen[-1] == pytest.approx(WHITE, abs=SLACK)


def test_the_scene_before_may_be_shorter_than_the_fade(forks: Forks, tmp_path: Path) -> None:
    folder = plain_project(tmp_path / "song")
    change(folder, "start = 2.0", "start = 0.25")
    change(folder, "transition = 1.0", "transition = 2.0")
    assert forks.run(folder).code == 0
    seen = levels(folder / "output.mp4")
    assert seen[3 + 12] == pytest.approx((GREY + WHITE) / 2, abs=SLACK)


BEFORE = {
    "a cycle": "",
    "a static scene": 'animation = "static"',
    "there and back": 'order = "ping-pong"',
    "a loop": "loop = 0.5",
    "a moving scene": 'animation = "img2img"\nzoom = 1.1',
    "a moving scene with pictures between": 'animation = "img2img"\nzoom = 1.1\ncadence = 3',
}


@pytest.mark.parametrize("before", BEFORE)
def test_whatever_came_before_goes_on_under_the_fade(before: str, forks: Forks, tmp_path: Path) -> None:
    """Against the same scenes without a fade: the first goes on where it was, or its last picture stays."""
    folder = silent_project(tmp_path / "song", TWO)
    change(folder, 'text = "first light"', f'text = "first light"\n{BEFORE[before]}')
    change(folder, "transition = 1.0", "")
    change(folder, "start = 2.0", "start = 3.0")
    assert forks.run(folder).code == 0
    longer = decoded(folder / "output.mp4")  # the first scene as it goes on behind its end
    change(folder, "start = 3.0", "start = 2.0")
    assert forks.run(folder).code == 0
    hard = decoded(folder / "output.mp4")
    change(folder, 'text = "second street"', 'text = "second street"\ntransition = 1.0')
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert outcome.made == [("clips", "bbbb"), ("video", None)]
    soft = decoded(folder / "output.mp4")
    assert len(soft) == len(hard) == 60
    away = {"goes on": 0.0, "stays": 0.0}
    for frame in range(CUT, CUT + FPS):
        share = (frame - CUT + 1) / (FPS + 1)
        for how, old in (("goes on", longer[frame]), ("stays", hard[CUT - 1])):
            wanted = (1 - share) * old.astype(float) + share * hard[frame].astype(float)
            away[how] += np.abs(soft[frame] - wanted).mean() / FPS
    does = "stays" if "moving" in before else "goes on"
    assert away[does] < SLACK
    assert before == "a static scene" or away[does] == min(away.values())
    assert all(np.array_equal(soft[at], hard[at]) for at in range(CUT))
    assert max(np.abs(soft[at].astype(float) - hard[at]).mean() for at in range(CUT + FPS, 60)) < SLACK


def test_a_caption_stands_still_in_a_fade(forks: Forks, tmp_path: Path) -> None:
    folder = plain_project(tmp_path / "song")
    change(folder, "fps = 12", 'fps = 12\ncaptions = "line"')
    change(folder, 'text = "second street"', 'text = "second street"\nend = 2.5')
    change(folder, "width = 48\nheight = 32", "width = 192\nheight = 128")
    assert forks.run(folder).code == 0
    seen = decoded(folder / "output.mp4")
    middle = seen[CUT + 5]
    assert middle.min() < 30 and middle.max() > 200, "white with an outline, not half as white"
    assert middle[: 128 // 3].mean() == pytest.approx(GREY + 6 / 13 * (WHITE - GREY), abs=SLACK)
    behind = seen[CUT + 7]
    assert behind.max() - behind.min() < 30, "the line ends at 2.5 s, within the fade"


def test_only_the_second_scene_is_asked_for_and_the_first_was_never_made(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song", TWO)
    outcome = forks.run(folder, scenes=("bbbb",))
    assert outcome.code == 0, outcome
    assert Counter(outcome.made[4:]) == Counter(
        {("keyframes", "aaaa"): 1, ("variations", "aaaa"): 3, ("keyframes", "bbbb"): 1, ("variations", "bbbb"): 3}
        | {("order", "bbbb"): 1, ("clips", "bbbb"): 1}
    )
    assert "The clips fade in from scene 1, whose pictures are made, too." in outcome.remarks
    told = outcome.told("progress")
    assert all(each["done"] + each.get("part", 0) <= each["total"] for each in told)
    again = forks.run(folder, scenes=("bbbb",))
    assert (again.code, again.made) == (0, [])
    assert Counter(stage for stage, _ in forks.run(folder).made) == Counter(clips=1, video=1)


def test_a_dry_run_counts_the_pictures_of_the_scene_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = silent_project(tmp_path / "song", TWO)
    answer(capsys, "run", folder, "--to", "structure")
    out, _ = answer(capsys, "run", folder, "--scenes", "2", "--dry-run")
    assert "keyframes: 2 " in out and "variations: 6 " in out and "clips: 1 " in out
    out, _ = answer(capsys, "run", folder, "--scenes", "2", "--to", "variations", "--dry-run")
    assert "keyframes: 1 " in out and "variations: 3 " in out


def test_up_to_the_order_nothing_of_the_scene_before_is_needed(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song", TWO)
    outcome = forks.run(folder, scenes=("bbbb",), to="order")
    assert {scene for _, scene in outcome.made[4:]} == {"bbbb"}


@pytest.mark.parametrize("scenes", [None, ("bbbb",)])
def test_what_the_scene_before_could_not_give_fails_the_clip_and_ends(
    scenes: tuple[str, ...] | None, forks: Forks, tmp_path: Path
) -> None:
    folder = plain_project(tmp_path / "song")
    (folder / "dark.png").write_bytes(b"no picture")
    outcome = forks.run(folder, scenes=scenes)
    assert outcome.code == 3, outcome
    assert "scene 2 fades in from scene 1, whose pictures could not be made. Mend that scene" in outcome.errors
    assert ("order", "bbbb") in outcome.made and ("clips", "bbbb") not in outcome.made
    assert "scene 2 fades in" in Status(Project(folder)).scenes[1]["clip"]["reason"]
    Image.new("RGB", (48, 32)).save(folder / "dark.png")
    assert forks.run(folder).code == 0


def test_a_damaged_picture_of_the_scene_before_is_made_again(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song", TWO)
    assert forks.run(folder, to="variations").code == 0
    plan = plan_project(Project(folder))
    store = Project(folder).store
    (store.path("variations", plan.scenes[0].variation_keys[1]) / "frame.png").write_bytes(b"\x89PNG")
    outcome = forks.run(folder, scenes=("bbbb",))
    assert outcome.code == 0, outcome
    assert ("variations", "aaaa") in outcome.made and ("clips", "bbbb") in outcome.made


def test_status_says_why_a_clip_is_stale_that_fades_in_from_a_changed_scene(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song", TWO)
    assert forks.run(folder).code == 0
    change(folder, 'text = "first light"', 'text = "first light"\nseed = 7')
    clip = Status(Project(folder)).scenes[1]["clip"]
    assert clip == {"state": "stale", "reason": "the scene it fades in from changed"}
    outcome = forks.run(folder)
    assert [piece for piece in outcome.made if piece[1] == "bbbb"] == [("clips", "bbbb")]


def test_cleaning_keeps_what_a_fade_needs(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song", TWO)
    assert forks.run(folder, scenes=("bbbb",)).code == 0
    clean(Project(folder))
    assert forks.run(folder, scenes=("bbbb",)).made == []
    assert Counter(stage for stage, _ in forks.run(folder).made) == Counter(clips=1, video=1)
