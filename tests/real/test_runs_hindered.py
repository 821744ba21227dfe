"""A full disk and folders that may not be written: one clear sentence, an exit code, and the next run goes on."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.projects import frames, leftovers, silent_project
from tests.real.worker_forks import Disturbance, Forks, at_call, limits, raising

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user or mount a small disk")

FULL = raising(errno.ENOSPC)
WRITES: dict[str, Disturbance] = {
    "the decoded song": at_call("numpy.save", FULL),
    "the words": at_call("pathlib.Path.write_text", FULL, matching="lines.json"),
    "the structure": at_call("pathlib.Path.write_text", FULL, matching="structure.json"),
    "a take": at_call("pathlib.Path.write_bytes", FULL, matching="takes", nth=2),
    "a variation": at_call("pathlib.Path.write_bytes", FULL, matching="frame.png", nth=5),
    "the folder of a variation": at_call("pathlib.Path.mkdir", FULL, matching="variations", nth=3),
    "an order": at_call("pathlib.Path.write_text", FULL, matching="order.json", nth=2),
    "a clip": at_call("vktrs.media.clip.write_clip", FULL, nth=3),
    "the sound": at_call("vktrs.media.audio.encode_aac", FULL),
    "the video": at_call("vktrs.media.join.join_clips", FULL),
}


@pytest.mark.parametrize("what", WRITES)
def test_a_full_disk_ends_the_run_with_one_sentence(what: str, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    outcome = forks.run(folder, WRITES[what])
    assert outcome.code == 1, outcome
    (failed,) = outcome.told("failed")
    assert "disk is full" in failed["error"] or "No space left on device" in failed["error"]
    assert failed["hint"]
    assert "Traceback" not in outcome.log
    assert not (folder / "output.mp4").exists()
    assert leftovers(folder) == []
    resumed = forks.run(folder)
    assert resumed.code == 0
    assert not set(resumed.made) & (set(outcome.made) - {("variations", "aaaa"), ("variations", "bbbb")})
    assert len(frames(folder / "output.mp4")) == 60


def test_a_disk_that_stays_full_is_told_once_and_not_for_every_scene(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    outcome = forks.run(folder, at_call("pathlib.Path.write_bytes", FULL, matching="takes", nth=2, onward=True))
    assert outcome.code == 1
    assert len(outcome.told("failed")) == 1
    assert [stage for stage, _ in outcome.made].count("keyframes") == 1


@pytest.mark.parametrize("size", [100, 1_000, 3_000, 20_000, 100_000, 300_000])
def test_files_that_may_not_grow_are_told_and_never_left_half_written(size: int, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    outcome = forks.run(folder, limits(file_size=size))
    assert outcome.code == 1, outcome
    assert "Traceback" not in outcome.log
    assert not (folder / "output.mp4").exists()
    assert leftovers(folder) == []
    assert forks.run(folder).code == 0
    assert len(frames(folder / "output.mp4")) == 60


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for 700 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(folder)]
    done = subprocess.run(mount, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], stdin=subprocess.DEVNULL, check=True)


@as_root
def test_a_disk_that_fills_up_is_told_and_with_room_the_run_goes_on(forks: Forks, small_disk: Path) -> None:
    folder = silent_project(small_disk / "song")
    ballast = small_disk / "ballast"
    rooms = [60_000, 120_000, 250_000]
    for room in rooms:
        free = os.statvfs(small_disk)
        ballast.write_bytes(b"\0" * max(0, free.f_bavail * free.f_frsize - room))
        outcome = forks.run(folder)
        assert outcome.code == 1, outcome
        assert "Traceback" not in outcome.log
        assert "disk" in outcome.errors or "No space" in outcome.errors
        ballast.unlink()
    remount = ["mount", "-o", "remount,size=20m", str(small_disk)]
    subprocess.run(remount, stdin=subprocess.DEVNULL, check=True)
    assert forks.run(folder).code == 0
    assert len(frames(folder / "output.mp4")) == 60
    assert leftovers(folder) == []


def open_to_all(folder: Path) -> Path:
    """A project that everybody may write, down to it from the root."""
    for parent in folder.parents:
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o755)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o777)
    return folder


@as_root
@pytest.mark.parametrize("place", ["takes", ".vktrs/cache", ".vktrs/journal", ".", "storyboard.toml"])
def test_a_place_that_may_not_be_written_is_named(place: str, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    for name in ("takes", ".vktrs/cache", ".vktrs/journal", ".vktrs/runs"):
        (folder / name).mkdir(parents=True)
    open_to_all(folder)
    (folder / place).chmod(0o555)
    if place == "storyboard.toml":
        text = (folder / place).read_text("utf-8")
        (folder / place).write_text(text.replace('id = "aaaa"\n', ""), "utf-8")
    outcome = forks.run(folder, limits(user=NOBODY))
    assert outcome.code in (1, 3), outcome
    assert "Traceback" not in outcome.log
    assert "permission" in outcome.errors or "writ" in outcome.errors
    (folder / place).chmod(0o777)
    assert forks.run(folder, limits(user=NOBODY)).code == 0
    assert len(frames(folder / "output.mp4")) == 60


@as_root
def test_a_song_that_may_not_be_read_is_named(forks: Forks, tmp_path: Path) -> None:
    folder = open_to_all(silent_project(tmp_path / "song"))
    (folder / ".vktrs" / "runs").mkdir(parents=True)
    open_to_all(folder)
    (folder / "song.wav").chmod(0o000)
    outcome = forks.run(folder, limits(user=NOBODY))
    assert outcome.code == 3, outcome
    assert "song.wav" in outcome.errors
    assert "Traceback" not in outcome.log
