"""A project of the old notebook becomes a project here, with its song and pictures, wherever it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.notebook_projects import NAME, PULSE, as_yaml, notebook_config, whole_project, write_notebook
from tests.real.commands import vktrs
from tests.real.projects import silent_project, write_song
from vktrs.chains import parse_chain
from vktrs.errors import InputError
from vktrs.interop.notebook.yaml_text import LARGEST
from vktrs.media.audio import decode
from vktrs.project import Project
from vktrs.runs.notebook_import import Imported, import_notebook
from vktrs.storyboard.resolve import resolve


def imported(tmp_path: Path, tree: Any = None, config: Any = None, into: str = "clip") -> Imported:
    return import_notebook(write_notebook(tmp_path / "old", tree, config), tmp_path / into)


def test_a_notebook_project_becomes_a_project_that_renders(tmp_path: Path) -> None:
    file = write_notebook(tmp_path / "old")
    before = {path: path.read_bytes() for path in file.parent.parent.rglob("*") if path.is_file()}
    done = vktrs("import", file, tmp_path / "clip")
    assert done.stdout == f"{tmp_path / 'clip' / 'storyboard.toml'}\n"
    assert "prompt_starts[3].my_note: nothing here reads it" in done.stderr
    assert "config.yaml.model_dir: it is about that machine" in done.stderr
    assert "2 more pictures of the notebook lie in pictures/" in done.stderr
    assert "Scenes on the storyboard: 4." in done.stderr
    board = Project.open(tmp_path / "clip").document().board
    assert board.song.source == "DOWNLOADED__Fine.wav"
    pictures = [f"pictures/{NAME}/{k}-anchor.png" if k != 2 else None for k in range(4)]
    assert [scene.picture for scene in board.scenes] == pictures
    assert {path: path.read_bytes() for path in before} == before
    moved = (tmp_path / "clip").rename(tmp_path / "elsewhere")
    text = (moved / "storyboard.toml").read_text().replace('speech = "auto"', 'speech = "none"')
    (moved / "storyboard.toml").write_text(text)
    assert vktrs("run", moved).stdout == f"{moved / 'output.mp4'}\n"


def test_the_storyboard_says_what_holds_for_all_scenes_once(tmp_path: Path) -> None:
    done = imported(tmp_path)
    text = done.project.storyboard_path.read_text()
    assert text.count("noise = ") == 1
    assert "variations = 7   " in text
    assert done.project.document().warnings == ()
    again = import_notebook(tmp_path / "old" / NAME / "storyboard.yaml", tmp_path / "clip2")
    assert again.project.storyboard_path.read_text() == text


def test_a_whole_signal_becomes_a_sound_that_gives_its_values(tmp_path: Path) -> None:
    from vktrs.engines.signals import compute

    done = imported(tmp_path)
    signal = done.project.document().board.signals["noise_reactive"]
    assert signal.source == "signals/noise_reactive.flac"
    sound = done.project.root / signal.source
    assert sound.stat().st_size < 100_000
    curve = compute(parse_chain(signal.chain), decode(sound, 22050))
    for (start, value), end in zip(PULSE, [*(start for start, _ in PULSE[1:]), 4.9], strict=True):
        index = round(((start + end) / 2 - curve.offset) * curve.rate)
        assert curve.values[index] == pytest.approx(value, abs=2e-3)


def test_files_are_found_by_their_last_parts_and_nowhere_else(tmp_path: Path) -> None:
    tree = whole_project()
    Image.new("RGB", (8, 8)).save(tmp_path / "private.png")
    write_song(tmp_path / "private.wav", 1)
    tree["prompt_starts"][0]["frame0_fpath"] = str(tmp_path / "private.png")
    tree["prompt_starts"][1]["frame0_fpath"] = "../../private.png"
    tree["prompt_starts"][2]["frame0_fpath"] = r"C:\videos\frames\3-anchor.png"
    tree["params"]["audio_fpath"] = str(tmp_path / "private.wav")
    file = write_notebook(tmp_path / "old", tree)
    (file.parent / "frames" / "2-link.png").symlink_to(tmp_path / "private.png")
    done = import_notebook(file, tmp_path / "clip")
    board = done.project.document().board
    assert [scene.picture for scene in board.scenes] == [f"pictures/{NAME}/{k}-anchor.png" for k in (0, 1, 3, 3)]
    assert board.song.source == "https://www.example.org/watch?v=REojIUxX4rw"
    assert sorted(path.name for path in done.project.root.rglob("private*")) == []
    assert not (done.project.root / "pictures" / NAME / "2-link.png").exists()
    left = "\n".join(done.left)
    assert "prompt_starts[0].frame0_fpath: the picture is not here; 0-anchor.png is taken" in left
    assert "params.audio_fpath: the file is not here" in left


def test_a_picture_that_is_none_is_left_behind(tmp_path: Path) -> None:
    file = write_notebook(tmp_path / "old")
    (file.parent / "frames" / "1-anchor.png").write_text("no picture")
    done = import_notebook(file, tmp_path / "clip")
    assert [bool(scene.picture) for scene in done.project.document().board.scenes] == [True, False, False, True]
    assert any("prompt_starts[1].frame0_fpath" in line for line in done.left)


def test_the_song_may_be_given(tmp_path: Path) -> None:
    tree = whole_project()
    tree["params"] |= {"audio_fpath": "gone.m4a", "video_url": ""}
    file = write_notebook(tmp_path / "old", tree)
    assert "The song is not here" in vktrs("import", file, tmp_path / "one").stderr
    write_song(tmp_path / "mine.wav")
    vktrs("import", file, tmp_path / "two", "--song", tmp_path / "mine.wav")
    assert (tmp_path / "two" / "mine.wav").is_file()
    (tmp_path / "text.wav").write_text("no song")
    assert "text.wav" in vktrs("import", file, tmp_path / "three", "--song", tmp_path / "text.wav", code=3).stderr
    assert not (tmp_path / "three").exists()


def test_the_workspace_tells_who_made_the_pictures(tmp_path: Path) -> None:
    tree = whole_project()
    for each in tree["prompt_starts"]:
        del each["animation_mode"]
    done = imported(tmp_path, tree, notebook_config(use_stability_api=True, mine=1))
    assert {each.animation for each in resolve(done.project.document().board)} == {"img2img"}
    assert any("use_stability_api: a paid service" in line for line in done.left)
    assert "config.yaml.mine: nothing here reads it" in done.left[-2:]


def test_a_project_may_begin_in_the_notebooks_own_folder(tmp_path: Path) -> None:
    file = write_notebook(tmp_path / "old")
    vktrs("import", "storyboard.yaml", cwd=file.parent)
    board = Project.open(file.parent).document().board
    assert board.scenes[0].picture == "frames/0-anchor.png"
    assert not (file.parent / "pictures").exists()


HAND_WRITTEN = """
[[scenes]]
id = "mine"
start = 0.0
text = "first light"
prompt = "my own prompt"   # stays

[[scenes]]
id = "more"
start = 4.2
text = "an end of mine"
"""


def test_what_a_person_has_written_stays_where_scenes_come_to_a_project(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip", HAND_WRITTEN)
    before = (project / "storyboard.toml").read_text()
    done = imported(tmp_path)
    board = done.project.document().board
    text = done.project.storyboard_path.read_text()
    assert done.merge is not None
    assert 'prompt = "my own prompt"   # stays' in text
    assert text.startswith(before[: before.index("[[scenes]]")].rstrip())
    assert board.scene("mine").picture == f"pictures/{NAME}/0-anchor.png"
    assert [scene.text for scene in board.scenes] == ["first light", "second street", "", "last song", "an end of mine"]
    values = {each.id: each for each in resolve(board)}
    second = values[board.scenes[1].id]
    assert (second.animation, second.theme, second.variations) == ("img2img", "zombie wedding", 7)
    assert second.amount("noise") == "noise_reactive * (0.06 - 0.03) + 0.03"
    said = "\n".join(done.said)
    assert "look.themes stays" in said
    assert 'song.source stays "song.wav"' in said
    assert import_notebook(tmp_path / "old" / NAME / "storyboard.yaml", project).project.document().board == board


def test_what_both_say_is_told_and_stays(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip", HAND_WRITTEN.replace('prompt = "my own prompt"', "variations = 2"))
    (project / "storyboard.toml").write_text(
        (project / "storyboard.toml").read_text() + '\n[signals.noise_reactive]\nsource = "mix"\n'
    )
    done = imported(tmp_path)
    board = done.project.document().board
    assert board.scene("mine").variations == 2
    assert board.signals["noise_reactive"].source == "mix"
    assert any(line.startswith("mine: variations stays 2; the notebook's project has 7") for line in done.said)
    assert any(line.startswith("[signals.noise_reactive] is there already and stays") for line in done.said)


def test_no_file_of_the_users_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "clip" / "pictures" / NAME).mkdir(parents=True)
    (tmp_path / "clip" / "pictures" / NAME / "0-anchor.png").write_text("mine")
    with pytest.raises(InputError, match="another file"):
        imported(tmp_path)
    assert (tmp_path / "clip" / "pictures" / NAME / "0-anchor.png").read_text() == "mine"
    assert not (tmp_path / "clip" / "storyboard.toml").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("params: !!python/object/apply:os.system ['true']", "storyboard.yaml:1: here is the tag"),
        ("a: &a [1]\nparams: [*a, *a]", "an anchor or alias"),
        ("just a text", "no storyboard of the notebook"),
        ("", "no storyboard of the notebook"),
        (as_yaml(notebook_config()), f"Give {NAME}/storyboard.yaml"),
        ("params: {fps: [", "this is no YAML"),
    ],
)
def test_a_file_that_is_refused_leaves_nothing_behind(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "storyboard.yaml").write_text(text)
    assert told in vktrs("import", tmp_path / "storyboard.yaml", tmp_path / "clip", code=3).stderr
    assert not (tmp_path / "clip").exists()


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "storyboard.yaml").open("wb") as file:
        file.truncate(LARGEST * 1000)
    with pytest.raises(InputError, match="are read at most"):
        import_notebook(tmp_path / "storyboard.yaml", tmp_path / "clip")


def test_a_song_is_given_with_a_notebook_only(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip")
    (tmp_path / "a.lrc").write_text("[00:00.50]one\n")
    told = vktrs("import", tmp_path / "a.lrc", project, "--song", project / "song.wav", code=2).stderr
    assert "--song goes with a storyboard.yaml" in told
