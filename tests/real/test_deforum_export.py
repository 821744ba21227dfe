"""Settings for Deforum lie in a folder with all that they name, and an export touches nothing that is not its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.notebook_projects import write_notebook
from tests.real.commands import vktrs
from tests.real.projects import FRAMES, change, silent_project
from tests.unit.deforum_names import NAMES
from vktrs.errors import UsageError
from vktrs.expressions import evaluate_all, parse
from vktrs.project import Project
from vktrs.runs.deforum_export import export_deforum
from vktrs.runs.export_folder import NOTE

MOVING = """
[signals.pulse]
source = "mix"
chain = "rms | stretch"

[[scenes]]
id = "aaaa"
start = 0.0
text = "first light"
animation = "img2img"
zoom = "1 + 0.1 * pulse"
strength = "0: (0.5), 10: (0.3)"
negative_prompt = "blurry"
seed = 11

[[scenes]]
id = "bbbb"
start = 2.0
text = "second street"
picture = "own.jpg"

[[scenes]]
id = "cccc"
start = 3.5
text = "last song"
animation = "static"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a moving scene whose song is heard and whose keyframes are made."""
    project = silent_project(tmp_path_factory.mktemp("deforum") / "clip", MOVING)
    Image.new("RGB", (99, 33), (10, 200, 90)).save(project / "own.jpg")
    vktrs("run", project, "--to", "keyframes")
    return project


def settings(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}_settings.txt").read_text("utf-8"))
    return found


def test_the_folder_holds_all_that_its_settings_name(made: Path, tmp_path: Path) -> None:
    done = vktrs("export", "deforum", made, "-o", tmp_path / "out")
    folder = tmp_path / "out"
    assert done.stdout.splitlines() == [
        str(folder / f"{name}_settings.txt") for name in ("001-aaaa", "002-bbbb", "003-cccc", "whole_song")
    ]
    assert "no cycle of variations" in done.stderr
    named = set()
    for name in ("001-aaaa", "002-bbbb", "003-cccc", "whole_song"):
        table = settings(folder, name)
        assert table.keys() <= NAMES
        assert (table["W"], table["H"], table["fps"]) == (48, 32, 12)
        named |= {table["init_image"], table["soundtrack_path"], *json.loads(table.get("init_images", "{}")).values()}
    files = {path.name for path in folder.iterdir() if path.suffix != ".txt" and path.name != NOTE}
    assert named - {""} == files == {"001-aaaa.png", "002-bbbb.png", "003-cccc.png", "song.wav"}
    assert (folder / "song.wav").read_bytes() == (made / "song.wav").read_bytes()
    for name in ("001-aaaa.png", "002-bbbb.png"):
        with Image.open(folder / name) as picture:
            assert picture.size == (48, 32)


def test_expressions_are_worked_out_over_the_song(made: Path, tmp_path: Path) -> None:
    export_deforum(Project.open(made), tmp_path / "out")
    table, song = settings(tmp_path / "out", "001-aaaa"), settings(tmp_path / "out", "whole_song")
    assert table["max_frames"] == 24
    zoom = evaluate_all(parse(table["zoom"]), {}, 24)
    assert min(zoom) >= 1
    assert max(zoom) > 1.03
    assert evaluate_all(parse(song["zoom"]), {}, FRAMES)[:24] == pytest.approx(zoom, abs=2e-4)
    assert evaluate_all(parse(song["zoom"]), {}, FRAMES)[24:] == [1.0] * (FRAMES - 24)
    strength = evaluate_all(parse(table["strength_schedule"]), {}, 24)
    assert strength[0] == 0
    assert strength[10:] == pytest.approx([0.7] * 14, abs=2e-3)
    assert table["prompts"]["0"].endswith(" --neg blurry")
    assert (table["seed"], table["diffusion_cadence"]) == (11, 1)
    assert list(song["prompts"]) == ["0", "24", "42"]
    assert song["max_frames"] == FRAMES


def test_full_settings_have_every_name(made: Path, tmp_path: Path) -> None:
    vktrs("export", "deforum", made, "-o", tmp_path / "out", "--full")
    assert settings(tmp_path / "out", "whole_song").keys() == NAMES
    few = tmp_path / "few"
    vktrs("export", "deforum", made, "-o", few)
    full, plain = settings(tmp_path / "out", "001-aaaa"), settings(few, "001-aaaa")
    assert {name: full[name] for name in plain} == plain


def test_exporting_again_replaces_its_own_files_only(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export_deforum(Project.open(made), folder)
    (folder / "009-zzzz.png").write_text("of an older export")
    note = json.loads((folder / NOTE).read_text())
    export_deforum(Project.open(made), folder, overwrite=True)
    assert (folder / "009-zzzz.png").exists()
    (folder / "009-zzzz.png").unlink()
    before = sorted(path.name for path in folder.iterdir())
    export_deforum(Project.open(made), folder)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert json.loads((folder / NOTE).read_text()) == note


def test_what_a_person_has_changed_is_not_overwritten(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export_deforum(Project.open(made), folder)
    file = folder / "001-aaaa_settings.txt"
    mine = file.read_text().replace('"seed": 11', '"seed": 12')
    file.write_text(mine)
    told = vktrs("export", "deforum", made, "-o", folder, code=2).stderr
    assert "001-aaaa_settings.txt, which was changed since" in told
    assert file.read_text() == mine
    vktrs("export", "deforum", made, "-o", folder, "--overwrite")
    assert settings(folder, "001-aaaa")["seed"] == 11


def test_a_folder_of_others_is_left_alone(made: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    told = vktrs("export", "deforum", made, "-o", tmp_path / "out", code=2).stderr
    assert "notes.txt, which did not come from an export" in told
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["notes.txt"]
    vktrs("export", "deforum", made, "-o", tmp_path / "out", "--overwrite")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert "is a file" in vktrs("export", "deforum", made, "-o", made / "song.wav", code=2).stderr


def test_what_earlier_exports_wrote_and_nobody_names_any_more_goes(made: Path, tmp_path: Path) -> None:
    project = tmp_path / "clip"
    silent_project(project, MOVING)
    (project / "own.jpg").write_bytes((made / "own.jpg").read_bytes())
    change(project, 'animation = "img2img"\nzoom = "1 + 0.1 * pulse"\n', "")
    vktrs("run", project, "--to", "song")
    vktrs("export", "deforum", project)
    assert (project / "deforum" / "003-cccc_settings.txt").exists()
    change(project, '[[scenes]]\nid = "cccc"\nstart = 3.5\ntext = "last song"\nanimation = "static"\n', "")
    told = vktrs("export", "deforum", project).stderr
    assert "scene 1 has none" in told
    names = {
        "001-aaaa_settings.txt",
        "002-bbbb_settings.txt",
        "002-bbbb.png",
        "song.wav",
        "whole_song_settings.txt",
        NOTE,
    }
    assert {path.name for path in (project / "deforum").iterdir()} == names
    assert settings(project / "deforum", "001-aaaa")["use_init"] is False


def test_what_has_to_be_made_first_is_told(tmp_path: Path) -> None:
    project = silent_project(tmp_path / "clip", MOVING.replace('picture = "own.jpg"\n', ""))
    assert "--to song" in vktrs("export", "deforum", project, code=2).stderr
    vktrs("run", project, "--to", "song")
    with pytest.raises(UsageError, match="the signal pulse is not made yet"):
        export_deforum(Project.open(project), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    empty = silent_project(tmp_path / "empty", "")
    vktrs("run", empty, "--to", "song")
    assert "no scenes yet" in vktrs("export", "deforum", empty, code=2).stderr


def test_an_excerpt_begins_at_frame_0_and_has_no_sound(made: Path, tmp_path: Path) -> None:
    project = tmp_path / "clip"
    silent_project(project, MOVING.replace('zoom = "1 + 0.1 * pulse"', "zoom = 1.01"))
    (project / "own.jpg").write_bytes((made / "own.jpg").read_bytes())
    change(project, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [1.0, 3.0]')
    vktrs("run", project, "--to", "song")
    told = vktrs("export", "deforum", project).stderr
    song = settings(project / "deforum", "whole_song")
    assert (song["max_frames"], list(song["prompts"]), song["add_soundtrack"]) == (24, ["0", "12"], "None")
    assert "excerpt" in told


def test_options_of_deforum_are_of_deforum(made: Path) -> None:
    assert "vktrs export deforum" in vktrs("export", "srt", made, "--full", code=2).stderr


def test_from_the_notebook_to_deforum_nothing_is_lost_unsaid(tmp_path: Path) -> None:
    file = write_notebook(tmp_path / "old")
    brought = vktrs("import", file, tmp_path / "clip").stderr
    change(tmp_path / "clip", 'speech = "auto"', 'speech = "none"')
    vktrs("run", tmp_path / "clip", "--to", "keyframes")
    exported = vktrs("export", "deforum", tmp_path / "clip").stderr
    board = Project.open(tmp_path / "clip").document().board
    folder = tmp_path / "clip" / "deforum"
    moving = settings(folder, f"002-{board.scenes[1].id}")
    count = moving["max_frames"]
    assert (moving["W"], moving["H"], moving["fps"], count) == (48, 32, 12, 12)
    assert moving["prompts"] == {"0": "first light second street, zombie wedding"}
    zoom = evaluate_all(parse(moving["zoom"]), {}, count)
    assert zoom == pytest.approx([min(1 + 0.05 * k / 6, 1.05) for k in range(count)], abs=2e-4)
    assert evaluate_all(parse(moving["translation_x"]), {}, count) == [-2.0] * count
    # the signal is 0.25 between 0.75 and 2 seconds: what is kept is 0.8 - 0.4 of it, noise 0.03 + 0.03 of it
    strength = evaluate_all(parse(moving["strength_schedule"]), {}, count)
    assert strength[1:-1] == pytest.approx([0.7] * (count - 2), abs=4e-3)
    noise = evaluate_all(parse(moving["noise_schedule"]), {}, count)
    assert noise[:-1] == pytest.approx([0.0375] * (count - 1), abs=1e-3)
    assert evaluate_all(parse(moving["cfg_scale_schedule"]), {}, count) == [7.0] * count
    assert (moving["border"], moving["color_coherence"], moving["init_image"]) == (
        "replicate", "LAB", f"002-{board.scenes[1].id}.png",
    )  # fmt: skip
    for line in ("dynamic_fps", "my_note", "signal_mappings.steps_curve", "config.yaml.model_dir", "frame_order"):
        assert line in brought
    for line in ("no cycle of variations", "A still picture", "scenes 1,4"):
        assert line in exported
