"""What a person wrote, deleted, imported or keeps stays theirs, whatever the machine proposes, saves or cleans."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pysubs2
import pytest

from tests.real.projects import LYRICS, SCENES, change, proposed_project, silent_project, sung_project
from tests.real.worker_forks import Forks, at_call, at_event, write
from vktrs.errors import InputError
from vktrs.project import Project
from vktrs.runs import exchange, listening
from vktrs.runs.status import Status
from vktrs.stages import scenes, structure
from vktrs.storyboard.model import Scene
from vktrs.storyboard.split import ProposedScene
from vktrs_tui.cli import main

NEW_LYRICS = LYRICS.replace("[00:04.00]\n", "[00:03.90]a line that came late\n[00:04.80]\n")


@pytest.fixture(scope="module")
def made(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose scenes were proposed and accepted by its first run."""
    return proposed_project(tmp_path_factory.mktemp("made") / "song", forks)


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    shutil.copytree(made, tmp_path / "song")
    return Project(tmp_path / "song")


def fresh(project: Project) -> list[ProposedScene]:
    piece = Status(project).plan.proposal
    assert piece is not None
    return scenes.load(project.store, piece.key)


def test_other_lyrics_are_proposed_and_wait(project: Project, forks: Forks) -> None:
    (project.root / "lyrics.lrc").write_text(NEW_LYRICS, "utf-8")
    before = project.storyboard_path.read_bytes()
    outcome = forks.run(project.root, to="scenes")
    assert "proposed; `vktrs propose` shows them" in outcome.remarks
    assert project.storyboard_path.read_bytes() == before
    assert listening.accept(project, fresh(project)).changes
    assert "a line that came late" in project.storyboard_path.read_text("utf-8")
    assert not listening.accept(project, fresh(project)).changes


def test_snapping_that_is_written_down_is_proposed_and_waits(project: Project, forks: Forks) -> None:
    board = project.document().board
    mine = board.scenes[1]
    moved = (board.scenes[0], replace(mine, start=mine.start + 0.11), *board.scenes[2:])
    project.edit(lambda document: replace(document.board, scenes=moved))
    change(project.root, "[look]", '[split]\nsnap = "beat"\n\n[look]')
    before = project.storyboard_path.read_bytes()
    told = Status(project).as_json()["stages"][3]
    assert (told["state"], told["reasons"]) == ("stale", ['snap "none" -> "beat"'])
    outcome = forks.run(project.root, to="scenes")
    assert [stage for stage, _ in outcome.made] == ["scenes"]
    assert "proposed; `vktrs propose` shows them" in outcome.remarks
    assert project.storyboard_path.read_bytes() == before, "nothing is moved by itself"
    accepted = listening.accept(project, fresh(project)).board
    assert accepted.scenes[1].start == mine.start + 0.11, "what the user moved stays"
    piece = Status(project).plan.structure
    assert piece is not None
    beats = [round(beat, 3) for beat in structure.facts(project.store, piece.key).beats]
    assert [scene.start in beats for scene in accepted.scenes[2:]] == [True] * len(accepted.scenes[2:])
    assert accepted.scenes[2:] != board.scenes[2:]


def test_a_project_from_before_there_were_sections_is_offered_these_and_nothing_else(
    project: Project, forks: Forks
) -> None:
    offered = [scene.section for scene in fresh(project)]
    assert set(offered) == {"A"}  # five seconds are one section
    board = project.document().board
    without = tuple(replace(scene, section=None) for scene in board.scenes)
    project.edit(lambda document: replace(document.board, scenes=without))
    project.accept_base(tuple(replace(each, section=None) for each in project.base()))
    for stage in ("structure", "scenes"):
        shutil.rmtree(project.store.root / stage)
    before = project.storyboard_path.read_bytes()
    outcome = forks.run(project.root, to="scenes")
    assert f"{len(without)} changes of the scenes are proposed" in outcome.remarks
    assert project.storyboard_path.read_bytes() == before
    change(project.root, 'text = "second street in the rain"', 'text = "second street in the rain"\nsection = "mine"')
    accepted = listening.accept(project, fresh(project))
    assert {(made.kind, made.field, made.after) for made in accepted.changes} == {("set", "section", "A")}
    assert [scene.section for scene in project.document().board.scenes].count("mine") == 1
    assert all(scene.theme is None for scene in project.document().board.scenes)
    assert not listening.accept(project, fresh(project)).changes


def test_a_kill_before_the_base_is_written_makes_no_second_scene(project: Project, forks: Forks) -> None:
    (project.root / "lyrics.lrc").write_text(NEW_LYRICS, "utf-8")
    forks.run(project.root, to="scenes")
    merged = listening.bring_in(project, fresh(project))  # what accept does until the kill
    late = next(scene for scene in merged.board.scenes if scene.text == "a line that came late")
    moved = tuple(replace(scene, start=3.95) if scene.id == late.id else scene for scene in merged.board.scenes)
    project.edit(lambda document: replace(document.board, scenes=moved))
    again = listening.accept(project, fresh(project))
    assert [scene.text for scene in again.board.scenes].count("a line that came late") == 1
    assert again.board.scene(late.id).start == 3.95


def test_what_was_imported_is_the_users(project: Project) -> None:
    (project.root / "mine.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nhello there\n", "utf-8")
    exchange.import_lines(project, project.root / "mine.srt")
    texts = [scene.text for scene in project.document().board.scenes]
    assert "hello there" in texts
    listening.accept(project, fresh(project))
    assert [scene.text for scene in project.document().board.scenes] == texts


def test_importing_twice_changes_nothing(project: Project) -> None:
    (project.root / "mine.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nhello there\n", "utf-8")
    exchange.import_lines(project, project.root / "mine.srt")
    text = project.storyboard_path.read_bytes()
    assert not exchange.import_lines(project, project.root / "mine.srt").merge.changes
    assert project.storyboard_path.read_bytes() == text


@pytest.mark.parametrize("only", ["", ",", " , "])
def test_only_nothing_is_no_permission_for_everything(project: Project, forks: Forks, only: str) -> None:
    (project.root / "lyrics.lrc").write_text(NEW_LYRICS, "utf-8")
    forks.run(project.root, to="scenes")
    before = project.storyboard_path.read_bytes()
    assert main(["propose", str(project.root), "--accept", "--only", only]) == 2
    assert project.storyboard_path.read_bytes() == before


def test_an_id_is_not_used_again(forks: Forks, tmp_path: Path) -> None:
    head, second = "\n[[scenes]]\nstart = 0.0\n", '\n[[scenes]]\nstart = 2.0\ntext = "la"\n'
    folder = silent_project(tmp_path / "song", head + second)
    path = folder / "storyboard.toml"
    without_ids = path.read_text("utf-8")
    forks.run(folder, to="song")
    first = Project(folder).document().board.scenes[1].id
    path.write_text(without_ids.replace(second, ""), "utf-8")
    forks.run(folder, to="song")
    path.write_text(path.read_text("utf-8") + second, "utf-8")
    assert Project(folder).document().board.scenes[1].id != first


def test_ids_stay_the_same_however_often_they_are_read(tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song", '\n[[scenes]]\nstart = 0.0\n\n[[scenes]]\nstart = 2.0\ntext = "la"\n')
    read = [[scene.id for scene in Project(folder).document().board.scenes] for _ in range(2)]
    assert read[0] == read[1]


def test_a_file_that_an_editor_is_still_saving_is_not_filled_with_scenes(
    made: Path, forks: Forks, tmp_path: Path
) -> None:
    folder = silent_project(tmp_path / "song")
    whole = (folder / "storyboard.toml").read_text("utf-8")
    half = whole[: whole.index("[[scenes]]")]
    disturbance = {**at_call("vktrs.runs.joining.step"), "then": [write(folder / "storyboard.toml", half)]}
    mended = {**at_call("vktrs.runs.scope.Scope.settled"), "then": [write(folder / "storyboard.toml", whole)]}
    outcome = forks.run(folder, disturbance, mended)
    assert outcome.code == 0, outcome
    assert (folder / "storyboard.toml").read_text("utf-8") == whole
    assert SCENES in whole


@pytest.mark.parametrize("moment", [1, 5, 9, 14])
def test_a_file_caught_empty_does_not_end_the_run(moment: int, forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    path = folder / "storyboard.toml"
    whole = path.read_text("utf-8")
    mended = {**at_call("vktrs.runs.scope.Scope.settled"), "then": [write(path, whole)]}
    outcome = forks.run(folder, at_event(moment, write(path, "")), mended)
    assert outcome.code == 0, outcome


def test_a_file_that_breaks_before_the_first_merge_ends_the_run_and_keeps_it(forks: Forks, tmp_path: Path) -> None:
    folder = sung_project(tmp_path / "song")
    path = folder / "storyboard.toml"
    broken = path.read_text("utf-8") + "\n[look"
    outcome = forks.run(folder, at_call("vktrs.runs.listening._accept_first", write(path, broken)))
    assert outcome.code == 3
    assert "Traceback" not in outcome.errors
    assert path.read_text("utf-8") == broken


@pytest.mark.parametrize("name", ["journal/ids.json", "journal/base.json", "cache/digests.json"])
@pytest.mark.parametrize("content", ["5", "null", "[1]", '{"song.wav": 5}', "\x00", '[{"id": 3}]'])
def test_a_damaged_file_of_the_machine_is_no_fault_of_the_users(project: Project, name: str, content: str) -> None:
    (project.machine / name).write_text(content, "utf-8")
    told = Status(Project(project.root)).as_json()
    assert len(told["scenes"]) == len(project.document().board.scenes)
    assert json.dumps(told)


def test_a_device_is_no_song(tmp_path: Path, forks: Forks) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'source = "song.wav"', 'source = "/dev/zero"')
    outcome = forks.run(folder)
    assert outcome.code == 3
    assert "/dev/zero" in outcome.errors


def test_lines_that_are_none_are_said_to_be_none(project: Project) -> None:
    (project.root / "empty.srt").write_text("1\n00:01:00,000 --> 00:01:03,000\nafter the end\n", "utf-8")
    with pytest.raises(InputError, match="no lines"):
        exchange.import_lines(project, project.root / "empty.srt")
    assert isinstance(project.document().board.scenes[0], Scene)


def test_an_imported_line_is_one_scene_however_long_and_a_lost_one_is_counted(project: Project) -> None:
    cues = ["00:00:00,500 --> 00:00:00,900\nshort", "00:00:01,000 --> 00:00:04,900\none very long line of many words"]
    cues.append("00:02:00,000 --> 00:02:03,000\nafter the end")
    (project.root / "mine.srt").write_text("\n\n".join(f"{n}\n{cue}" for n, cue in enumerate(cues, 1)), "utf-8")
    project.edit(lambda document: replace(document.board, scenes=()))
    merge, left_out = exchange.import_lines(project, project.root / "mine.srt")
    assert "one very long line of many words" in [scene.text for scene in merge.board.scenes]
    assert left_out == 1


@pytest.mark.parametrize("name", ["storyboard.toml", "song.wav", "lyrics.lrc", "notes.txt"])
def test_an_export_overwrites_nothing_of_the_projects(project: Project, name: str) -> None:
    (project.root / "notes.txt").write_text("mine", "utf-8")
    before = (project.root / name).read_bytes()
    assert main(["export", "lrc", str(project.root), "-o", str(project.root / name)]) == 2
    assert (project.root / name).read_bytes() == before


def test_an_export_of_lyrics_overwrites_another_file_only_where_that_is_asked_for(
    project: Project, tmp_path: Path
) -> None:
    target = tmp_path / "sung.txt"
    target.write_text("a poem of mine", "utf-8")
    command = ["export", "txt", str(project.root), "-o", str(target)]
    assert main(command) == 2
    assert target.read_text("utf-8") == "a poem of mine"
    assert main([*command, "--overwrite"]) == 0
    assert target.read_text("utf-8") == exchange.lyrics(project, "txt")
    assert main(command) == 0  # it says what would be written
    assert sorted(path.name for path in tmp_path.glob("*.t*")) == ["sung.txt"]


def test_a_loop_overwrites_only_a_loop(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "pictures").mkdir()
    for number in range(3):
        Image.new("RGB", (32, 32), (80 * number, 20, 90)).save(tmp_path / "pictures" / f"{number}.png")
    target = tmp_path / "loop.mp4"
    command = ["order", str(tmp_path / "pictures"), "-o", str(target)]
    target.write_bytes(b"mine")
    assert main(command) == 3
    assert target.read_bytes() == b"mine"
    target.unlink()
    assert main(command) == 0
    assert main(command) == 0


def test_a_run_of_some_scenes_says_that_the_video_waits(forks: Forks, tmp_path: Path) -> None:
    outcome = forks.run(silent_project(tmp_path / "song"), scenes=["bbbb"])
    assert outcome.code == 0
    assert "The video is not joined: scenes that are not made yet: 4." in outcome.remarks


def test_lyrics_of_every_kind_with_times_are_taken_instead_of_listening(forks: Forks, tmp_path: Path) -> None:
    folder = sung_project(tmp_path / "song")
    subtitles = pysubs2.SSAFile()
    subtitles.append(pysubs2.SSAEvent(start=1000, end=3000, text="hello there"))
    subtitles.save(str(folder / "lyrics.ssa"))
    change(folder, "lyrics.lrc", "lyrics.ssa")
    assert forks.run(folder, to="scenes").code == 0
    assert "hello there" in [scene.text for scene in Project(folder).document().board.scenes]


def test_a_damaged_take_is_no_stand_in_and_is_not_deleted(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    take = folder / "takes" / "bbbb" / "0.png"
    take.parent.mkdir(parents=True)
    take.write_bytes(b"no picture")
    outcome = forks.run(folder, scenes=["aaaa"], partial=True)
    assert outcome.code == 0, outcome
    assert (folder / "output.partial.mp4").exists()
    assert take.read_bytes() == b"no picture"


def test_the_sound_of_an_old_excerpt_is_cleaned_away_and_the_new_one_stays(forks: Forks, tmp_path: Path) -> None:
    folder = silent_project(tmp_path / "song")
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [0.0, 2.0]')
    forks.run(folder)
    change(folder, "excerpt = [0.0, 2.0]", "excerpt = [0.0, 3.0]")
    forks.run(folder)
    sounds = folder / ".vktrs" / "cache" / "audio"
    assert len(list(sounds.iterdir())) == 2
    assert main(["clean", str(folder)]) == 0
    assert len(list(sounds.iterdir())) == 1
    (folder / "output.mp4").unlink()
    assert forks.run(folder).made == [("video", None)]
    assert len(list(sounds.iterdir())) == 1
