"""What was cut short, deleted or cannot be used: made again where it is needed, told in one sentence where not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.projects import FRAMES, change, frames, silent_project, sound_seconds, sung_project
from tests.real.worker_forks import Forks, at_event, damage, write
from vktrs.errors import ArtifactDamaged
from vktrs.project import Project
from vktrs.runs.listening import proposed
from vktrs.runs.status import Status


@pytest.fixture(scope="module")
def finished(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = sung_project(tmp_path_factory.mktemp("finished") / "song")
    assert forks.run(folder).code == 0
    assert forks.run(folder).code == 0  # the second one notes the ids
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def cache(pattern: str) -> Callable[[Path], Path]:
    def find(folder: Path) -> Path:
        return min((folder / ".vktrs" / "cache").glob(pattern))

    return find


def take(folder: Path) -> Path:
    return min((folder / "takes").glob("*/*.png"))


def forget(*stages: str) -> Callable[[Path], None]:
    """Removes what was made of the damaged thing, so that it is needed again."""

    def remove(folder: Path) -> None:
        for stage in stages:
            shutil.rmtree(folder / ".vktrs" / "cache" / stage)

    return remove


def no_video(folder: Path) -> None:
    (folder / "output.mp4").unlink()


def nothing(folder: Path) -> None:
    """Nothing else is missing."""


DAMAGED = {
    "a take, needed for variations": (take, forget("variations", "order", "clips")),
    "a take, needed for a clip": (take, forget("clips")),
    "a variation": (cache("variations/*/frame.png"), forget("clips")),
    "a variation, needed for the order": (cache("variations/*/frame.png"), forget("order", "clips")),
    "an order": (cache("order/*/order.json"), forget("clips")),
    "a clip": (cache("clips/*/clip.mp4"), no_video),
    "the sound": (cache("audio/*/audio.m4a"), no_video),
    "the decoded song": (cache("song/*/analysis.npy"), forget("structure", "scenes")),
    "the facts of the song": (cache("song/*/song.json"), nothing),
    "the words": (cache("words/*/lines.json"), forget("scenes")),
    "the structure": (cache("structure/*/structure.json"), forget("scenes")),
    "the proposal": (cache("scenes/*/proposal.json"), lambda folder: shutil.rmtree(folder / ".vktrs" / "journal")),
    "the video": (lambda folder: folder / "output.mp4", nothing),
    "the note of what a variation was made of": (cache("variations/*/inputs.json"), forget("clips")),
    "the remembered digests": (cache("digests.json"), nothing),
    "the base": (lambda folder: folder / ".vktrs" / "journal" / "base.json", nothing),
    "the used ids": (lambda folder: folder / ".vktrs" / "journal" / "ids.json", nothing),
}

CUTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "half": lambda data: data[: len(data) // 2],
    "all but the last byte": lambda data: data[:-1],
    "nonsense": lambda data: b"\0" * len(data),
}


HARM = [
    (what, cut) for what in DAMAGED for cut in CUTS if what != "the video" or cut in ("half", "all but the last byte")
]
"""Of an emptied video nobody can tell who wrote it, so that it is not overwritten."""


@pytest.mark.parametrize(("what", "cut"), HARM)
def test_what_is_damaged_is_made_again_where_it_is_needed(what: str, cut: str, forks: Forks, folder: Path) -> None:
    storyboard, video = (folder / "storyboard.toml").read_bytes(), frames(folder / "output.mp4")
    find, need = DAMAGED[what]
    path = find(folder)
    path.write_bytes(CUTS[cut](path.read_bytes()))
    need(folder)
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert "Traceback" not in outcome.log
    assert (folder / "storyboard.toml").read_bytes() == storyboard
    assert frames(folder / "output.mp4") == video
    assert sound_seconds(folder / "output.mp4") == pytest.approx(5.0, abs=1e-3)
    assert forks.run(folder).made == []


def test_what_is_damaged_and_not_needed_any_more_is_left_alone(forks: Forks, folder: Path) -> None:
    for path in (folder / ".vktrs" / "cache").glob("*/*/*"):
        if path.name not in ("song.json", "inputs.json"):
            path.write_bytes(path.read_bytes()[:10])
    outcome = forks.run(folder)
    assert (outcome.code, outcome.made) == (0, [])


def test_a_file_that_is_missing_in_an_artifact_is_damage_too(forks: Forks, folder: Path) -> None:
    video = frames(folder / "output.mp4")
    for path in (folder / ".vktrs" / "cache").glob("*/*/*"):
        path.unlink()
    no_video(folder)
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert frames(folder / "output.mp4") == video


def test_a_clip_in_the_place_of_another_makes_no_video_with_a_hole(forks: Forks, folder: Path) -> None:
    one, other, *_ = sorted(
        (folder / ".vktrs" / "cache" / "clips").glob("*/clip.mp4"), key=lambda path: path.stat().st_size
    )
    shutil.copyfile(one, other)
    no_video(folder)
    outcome = forks.run(folder)
    assert outcome.code == 1
    assert "frames, not 60" in outcome.errors
    assert not (folder / "output.mp4").exists()
    forget("clips")(folder)
    assert forks.run(folder).code == 0


def test_what_comes_out_damaged_again_and_again_ends_the_run_with_a_word(forks: Forks, folder: Path) -> None:
    forget("order", "clips")(folder)
    outcome = forks.run(folder, damage("order.json"))
    assert outcome.code == 1
    assert "order.json comes out damaged again and again" in outcome.errors


def test_a_damaged_proposal_that_a_person_asks_for_is_made_again_by_the_next_run(forks: Forks, folder: Path) -> None:
    project = Project(folder)
    cache("scenes/*/proposal.json")(folder).write_text("[[1,")
    piece = Status(project).plan.proposal
    assert piece is not None
    with pytest.raises(ArtifactDamaged) as told:
        proposed(project, piece)
    assert "vktrs run" in told.value.hint
    assert forks.run(folder).made == [("scenes", None)]
    assert proposed(project, piece).changes == ()


GARBAGE = 'id = "bbbb"\npicture = "mine.png"'


@pytest.fixture
def with_a_bad_picture(tmp_path: Path) -> Path:
    folder = silent_project(tmp_path / "bad")
    (folder / "mine.png").write_bytes(b"this is no picture")
    change(folder, 'id = "bbbb"', GARBAGE)
    return folder


def status(folder: Path) -> dict[str, dict[str, dict[str, str]]]:
    return {scene["id"]: scene for scene in Status(Project(folder)).as_json()["scenes"]}


def test_a_scene_that_fails_does_not_stop_the_others(forks: Forks, with_a_bad_picture: Path) -> None:
    folder = with_a_bad_picture
    outcome = forks.run(folder)
    assert outcome.code == 3
    (failed,) = outcome.told("failed")
    assert (failed["stage"], failed["scene"], failed["exit"]) == ("keyframes", "bbbb", 3)
    assert "mine.png cannot be used" in failed["error"] and failed["hint"]
    assert {scene for stage, scene in outcome.made if stage == "clips"} == {"aaaa", "cccc", "dddd", "eeee"}
    assert not (folder / "output.mp4").exists()
    scenes = status(folder)
    assert scenes["bbbb"]["keyframe"]["state"] == "failed"
    assert scenes["bbbb"]["keyframe"]["reason"] == failed["error"]
    assert all(scenes[name]["clip"]["state"] == "fresh" for name in ("aaaa", "cccc", "dddd", "eeee"))


def test_every_run_tries_a_failed_scene_again(forks: Forks, with_a_bad_picture: Path) -> None:
    folder = with_a_bad_picture
    forks.run(folder)
    again = forks.run(folder)
    assert (again.code, again.made, len(again.told("failed"))) == (3, [], 1)
    change(folder, GARBAGE, 'id = "bbbb"')
    assert forks.run(folder).code == 0
    assert len(frames(folder / "output.mp4")) == FRAMES


def test_a_failed_scene_leaves_the_video_as_it_was(forks: Forks, folder: Path) -> None:
    (folder / "mine.png").write_bytes(b"this is no picture")
    change(folder, 'text = "second', 'picture = "mine.png"\ntext = "another')
    before = (folder / "output.mp4").read_bytes()
    assert forks.run(folder).code == 3
    assert (folder / "output.mp4").read_bytes() == before


def test_a_partial_video_has_a_marked_stand_in_and_every_frame(forks: Forks, with_a_bad_picture: Path) -> None:
    folder = with_a_bad_picture
    outcome = forks.run(folder, partial=True)
    assert outcome.code == 3
    assert not (folder / "output.mp4").exists()
    assert outcome.events[-1]["video"] == "output.partial.mp4"
    assert "1 of 5 scenes are stand-ins in output.partial.mp4" in outcome.remarks
    partial = frames(folder / "output.partial.mp4")
    assert len(partial) == FRAMES
    assert sound_seconds(folder / "output.partial.mp4") == pytest.approx(5.0, abs=1e-3)
    change(folder, GARBAGE, 'id = "bbbb"')
    assert forks.run(folder).code == 0
    final = frames(folder / "output.mp4")
    same = [number for number in range(FRAMES) if partial[number] == final[number]]
    assert same == [number for number in range(FRAMES) if not 12 <= number < 24]


def test_a_stand_in_is_the_newest_take_where_there_is_one(forks: Forks, folder: Path, tmp_path: Path) -> None:
    (folder / "mine.png").write_bytes(b"this is no picture")
    change(folder, 'text = "second', 'picture = "mine.png"\ntext = "another')
    assert forks.run(folder, partial=True).code == 3
    stand_in = frames(folder / "output.partial.mp4")[20]
    shutil.rmtree(folder / "takes")
    assert forks.run(folder, partial=True).code == 3
    assert frames(folder / "output.partial.mp4")[20] != stand_in


def test_a_complete_video_needs_no_partial_one(forks: Forks, folder: Path) -> None:
    outcome = forks.run(folder, partial=True)
    assert (outcome.code, outcome.made) == (0, [])
    assert not (folder / "output.partial.mp4").exists()


@pytest.mark.parametrize("content", [b"", b"somebody's holiday film", b"\0\0\0\x18ftypisom" + b"\0" * 400])
def test_a_video_of_somebody_else_is_never_overwritten(content: bytes, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    (folder / "output.mp4").write_bytes(content)
    outcome = forks.run(folder)
    assert (outcome.code, outcome.made) == (3, [])
    assert "output.mp4 was not made by vktrs and is not overwritten" in outcome.errors
    assert (folder / "output.mp4").read_bytes() == content


def test_a_video_of_somebody_else_that_appears_during_the_run_is_not_overwritten(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    outcome = forks.run(folder, at_event(20, write(folder / "output.mp4", "a film")))
    assert outcome.code == 3
    assert (folder / "output.mp4").read_text() == "a film"


def test_everything_that_is_missing_is_told_at_once(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'source = "song.wav"', 'source = "gone.wav"\nlyrics = "gone.lrc"')
    change(folder, 'id = "bbbb"', 'id = "bbbb"\npicture = "gone.png"')
    (folder / "output.mp4").mkdir()
    outcome = forks.run(folder)
    assert (outcome.code, outcome.made) == (3, [])
    (failed,) = outcome.told("failed")
    for name in ("gone.wav", "gone.lrc", "gone.png", "output.mp4"):
        assert name in failed["error"]


def test_an_engine_that_is_not_here_ends_the_run_before_any_work(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'speech = "none"', 'speech = "none"\npictures = "stability"')
    outcome = forks.run(folder)
    assert (outcome.code, outcome.made) == (4, [])
    assert "stability" in outcome.errors
