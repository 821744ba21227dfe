"""Videos by the diffusers engine, from the command line and the studio: killed, stopped, short of memory, set wrong.

The models are tiny ones with random weights (`tiny_diffusion`), but pipelines, files, workers and terminals are real.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.real.commands import answer, vktrs
from tests.real.projects import change, frames, leftovers, silent_project, whole_artifacts
from tests.real.single_file import configs_only, single_file
from tests.real.tiny_diffusion import tiny_pipeline
from tests.real.tmux_terminal import Tmux, needs_tmux, studio
from tests.real.worker_forks import (
    Disturbance,
    Forks,
    Outcome,
    at_call,
    kill,
    kill_all,
    kill_half_written,
    note,
    out_of_memory,
    stop,
)
from vktrs.picture import Picture

pytest.importorskip("torch")
pytest.importorskip("diffusers")

STEP = "diffusers.UNet2DConditionModel.forward"
"""One denoising step of one batch."""
STEPS = 4
KINDS = ("folder", "single file", "xl")


@pytest.fixture(scope="module", autouse=True)
def on_the_cpu(nobody_at_home: Path) -> Iterator[None]:
    """Pictures are drawn there by all that is started here, whatever this machine has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VKTRS_DEVICE", "cpu")
        yield


@pytest.fixture(scope="module")
def models(nobody_at_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny models: `sd`, `xl`, and the weights of `sd` in `one/mine.safetensors` with its configs beside it."""
    folder = tmp_path_factory.mktemp("models")
    tiny_pipeline(folder / "sd")
    tiny_pipeline(folder / "xl", xl=True)
    configs_only(folder / "sd", folder / "one" / "mine")
    single_file(folder / "sd", folder / "one" / "mine.safetensors")
    return folder


@pytest.fixture(scope="module")
def forks(on_the_cpu: None) -> Iterator[Forks]:
    """Runs of the worker that a test disturbs, with diffusers imported once."""
    running = Forks(diffusion=True)
    yield running
    running.close()


@pytest.fixture(scope="module")
def heard(forks: Forks, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is to be drawn with the tiny model; the song is heard, no picture made."""
    folder = silent_project(tmp_path_factory.mktemp("heard") / "song")
    table = f'[engines.diffusers]\nmodel = "{models / "sd"}"\nsteps = {STEPS}'
    change(folder, 'speech = "none"', f'speech = "none"\npictures = "diffusers"\n\n{table}')
    assert forks.run(folder, to="scenes").code == 0
    return folder


@pytest.fixture
def folder(heard: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(heard, tmp_path / "song"))


@pytest.fixture(scope="module")
def rendered(heard: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The videos of the three kinds of models, made by `vktrs run`; the single file lies within its project."""
    made = {}
    for kind in KINDS:
        made[kind] = project = Path(shutil.copytree(heard, tmp_path_factory.mktemp("rendered") / "song"))
        if kind == "xl":
            change(project, str(models / "sd"), str(models / "xl"))
        if kind == "single file":
            shutil.copytree(models / "one", project / "models")
            change(project, str(models / "sd"), "models/mine.safetensors")
        told = vktrs("run", project)
        assert told.stdout.splitlines() == [str(project / "output.mp4")]
    return made


@pytest.fixture
def finished(rendered: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the project that was drawn with the folder."""
    return Path(shutil.copytree(rendered["folder"], tmp_path / "song"))


def pictures(folder: Path) -> list[Picture]:
    """Keyframes and variations, scene by scene."""
    found = [*folder.glob("takes/*/*.png"), *folder.glob(".vktrs/cache/variations/[!.]*/frame.png")]
    return [opened(path) for path in sorted(found, key=lambda path: _place(folder, path))]


def opened(path: Path) -> Picture:
    """The picture in a file."""
    from PIL import Image

    with Image.open(path) as picture:
        return np.asarray(picture)


def _place(folder: Path, path: Path) -> tuple[str, int]:
    """Scene and number of a picture, 0 for the keyframe."""
    if path.is_relative_to(folder / "takes"):
        return path.parent.name, 0
    told = json.loads((path.parent / "inputs.json").read_text("utf-8"))
    return told["scene"], told["inputs"]["k"]


def apart(one: list[Picture], other: list[Picture]) -> int:
    """The largest difference between pictures of two projects, of 255."""
    return max(int(np.abs(a.astype(int) - b.astype(int)).max()) for a, b in zip(one, other, strict=True))


def run(forks: Forks, folder: Path, *disturbances: Disturbance, **request: object) -> Outcome:
    """One run, which ends without a traceback."""
    outcome = forks.run(folder, *disturbances, **request)
    assert "Traceback" not in outcome.log, outcome
    return outcome


def assert_made_once(folder: Path, runs: list[Outcome], expected: list[Picture]) -> None:
    """The last run has finished the video, no artifact was made twice, and the pictures are those of any other run."""
    assert runs[-1].code == 0, runs[-1]
    told = [(each["stage"], each["key"]) for run in runs for each in run.told("artifact")]
    assert sorted(told) == sorted(set(told)), "something was made twice"
    assert apart(pictures(folder), expected) <= 1
    assert len(frames(folder / "output.mp4")) == 60
    assert leftovers(folder) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_song_becomes_a_video(rendered: dict[str, Path], kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    project = rendered[kind]
    made = pictures(project)
    assert [each.shape for each in made] == [(32, 48, 3)] * 20
    assert all(each.std() > 10 for each in made), "a flat picture"
    assert min(apart([one], [other]) for number, one in enumerate(made) for other in made[:number]) > 10
    shown = frames(project / "output.mp4")
    assert len(shown) == 60 and len(set(shown)) >= 20
    assert leftovers(project) == []
    assert "nothing to do" in answer(capsys, "run", project)[1]


def test_a_single_file_draws_what_its_folder_draws_and_xl_something_else(rendered: dict[str, Path]) -> None:
    of_folder, of_file, of_xl = (pictures(rendered[kind]) for kind in KINDS)
    assert apart(of_folder, of_file) <= 1
    assert apart(of_folder, of_xl) > 10


MOMENTS = {
    "while the model is loaded": at_call("diffusers.StableDiffusionPipeline.from_pretrained", kill()),
    "between two steps of the keyframes": at_call(STEP, kill(), nth=3),
    "half of a keyframe is written": at_call("pathlib.Path.write_bytes", kill_half_written(), matching="takes", nth=2),
    "a keyframe is there, but not told": at_call("os.replace", kill(), matching="takes", nth=4, after=True),
    "between two steps of the third scene's variations": at_call(STEP, kill(), nth=STEPS + 6),
    "while variations are decoded": at_call("diffusers.AutoencoderKL.decode", kill_all(), nth=4),
    "half of a variation is written": at_call(
        "pathlib.Path.write_bytes", kill_half_written(), matching="frame.png", nth=5
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_was_killed_is_finished_by_the_next_and_nothing_is_made_twice(
    moment: str, forks: Forks, folder: Path, rendered: dict[str, Path]
) -> None:
    killed = run(forks, folder, MOMENTS[moment])
    assert killed.code == -9, f"the moment never came: {killed}"
    whole = whole_artifacts(folder)
    resumed = run(forks, folder)
    after = whole_artifacts(folder)
    assert {name: after.get(name) for name in whole} == whole, "a whole artifact was made again"
    assert_made_once(folder, [killed, resumed], pictures(rendered["folder"]))


@pytest.mark.parametrize(("step", "takes"), [(30, 0), (70, 5)])
def test_a_stop_ends_the_run_after_the_step_in_hand(
    step: int, takes: int, forks: Forks, folder: Path, tmp_path: Path
) -> None:
    change(folder, f"steps = {STEPS}", "steps = 60")
    journal = tmp_path / "steps"
    stopped = run(forks, folder, at_call(STEP, note(journal), onward=True), at_call(STEP, stop(), nth=step))
    assert (stopped.code, stopped.told("failed")) == (130, [])
    assert len(journal.read_text().splitlines()) == step
    assert leftovers(folder) == []
    assert len([*folder.glob("takes/*/*.png")]) == takes
    whole = whole_artifacts(folder)
    resumed = run(forks, folder)
    after = whole_artifacts(folder)
    assert {name: after.get(name) for name in whole} == whole
    assert_made_once(folder, [stopped, resumed], pictures(folder))
    assert sum(stage in ("keyframes", "variations") for stage, _ in stopped.made + resumed.made) == 20


def test_a_full_memory_is_said_and_the_pictures_are_the_same(
    forks: Forks, folder: Path, rendered: dict[str, Path]
) -> None:
    full = at_call("vktrs.engines.diffusion.painting.Painter.from_words", out_of_memory())
    later = at_call("vktrs.engines.diffusion.painting.Painter.from_latents", out_of_memory(), nth=3)
    outcome = run(forks, folder, full, later)
    assert "Memory is too small for 5 pictures of 48x32 at once: 2 from here on." in outcome.remarks
    assert "Memory is too small for 2 pictures of 48x32 at once: 1 from here on." in outcome.remarks
    assert outcome.remarks.count("Memory") == 2
    assert_made_once(folder, [outcome], pictures(rendered["folder"]))


def test_a_memory_that_holds_not_one_picture_is_missing_and_what_was_made_is_kept(
    forks: Forks, folder: Path, rendered: dict[str, Path]
) -> None:
    full = at_call("vktrs.engines.diffusion.painting.Painter.from_latents", out_of_memory(), nth=2, onward=True)
    failed = run(forks, folder, full)
    assert failed.code == 4
    assert "the memory of cpu is too small for one picture of 48x32. Write a smaller size" in failed.errors
    assert ("clips", "aaaa") in failed.made and ("keyframes", "eeee") in failed.made
    assert_made_once(folder, [failed, run(forks, folder)], pictures(rendered["folder"]))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (f"steps = {STEPS}", f"steps = {STEPS + 1}", f"steps {STEPS} -> {STEPS + 1}"),
        (f"steps = {STEPS}", f"steps = {STEPS}\nguidance_scale = 5", "guidance_scale 7.5 -> 5"),
        (f"steps = {STEPS}", f'steps = {STEPS}\nscheduler = "euler a"', "scheduler"),
    ],
)
def test_what_changes_pictures_makes_them_stale_with_its_reason(
    finished: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, reason: str
) -> None:
    change(finished, old, new)
    told = answer(capsys, "status", finished)[0]
    for stage in ("keyframes", "variations"):
        assert re.search(rf"~ {stage} +stale +0/\d+ +scene 1: {reason}", told), told
    change(finished, new, old)
    assert "nothing to do" in answer(capsys, "run", finished)[1]


@pytest.mark.parametrize(
    "line",
    ["compile = true", "guidance_scale = 7.5", 'safety = "retry"', 'dtype = "auto"', "[engines.diffusers.loras]"],
)
def test_what_changes_no_picture_makes_nothing_stale(
    finished: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    change(finished, f"steps = {STEPS}", f"steps = {STEPS}\n{line}")
    assert "nothing to do" in answer(capsys, "run", finished)[1]
    assert "stale" not in answer(capsys, "status", finished)[0]


LONG = "a lantern on the water and another lantern on the water and one more lantern on the water, "
"""More than 77 tokens: the tiny model reads letter by letter."""


def test_the_end_of_a_long_prompt_counts(forks: Forks, folder: Path) -> None:
    for name, end in (("aaaa", "in crimson"), ("bbbb", "in teal")):
        change(folder, f'id = "{name}"', f'id = "{name}"\nprompt = "{LONG}{end}"\ntheme = 1\nseed = 7')
    assert run(forks, folder, to="keyframes", scenes=("aaaa", "bbbb")).code == 0
    crimson, teal = pictures(folder)
    assert apart([crimson], [teal]) > 1


def lora(path: Path, rows: int = 32) -> Path:
    """A LoRA for one layer of the tiny model, as diffusers writes them."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)
    layer = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_v"
    path.parent.mkdir(exist_ok=True)
    save_file(
        {f"{layer}.lora_A.weight": torch.randn(2, rows), f"{layer}.lora_B.weight": torch.randn(rows, 2)}, str(path)
    )
    return path


def test_a_lora_changes_the_pictures_and_one_that_does_not_fit_loses_none(
    forks: Forks, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lora(finished / "styles/ink.safetensors")
    lora(finished / "styles/wide.safetensors", rows=48)
    before, whole = (finished / "storyboard.toml").read_text("utf-8"), whole_artifacts(finished)
    table = f'steps = {STEPS}\n[engines.diffusers.loras]\n"styles/wide.safetensors" = 0.8'
    change(finished, f"steps = {STEPS}", table)
    misfit = run(forks, finished, to="keyframes")
    assert misfit.code == 3
    assert "the LoRA styles/wide.safetensors does not fit" in misfit.errors
    assert whole_artifacts(finished) == whole
    change(finished, "styles/wide", "styles/ink")
    assert run(forks, finished, to="keyframes", scenes=("aaaa",)).made == [("keyframes", "aaaa")]
    plain, inked = sorted((finished / "takes/aaaa").glob("*.png"), key=lambda path: path.stat().st_mtime_ns)
    assert apart([opened(plain)], [opened(inked)]) > 5
    (finished / "storyboard.toml").write_text(before, "utf-8")
    assert "nothing to do" in answer(capsys, "run", finished)[1]


def table(line: str) -> tuple[str, str]:
    """One more line in the table of the engine."""
    return f"steps = {STEPS}", f"steps = {STEPS}\n{line}"


def model(said: str) -> tuple[str, str]:
    """Another model; the tiny one is named MODEL."""
    return 'model = "MODEL"', f'model = "{said}"'


MISTAKES = {
    "an unknown option": (*table("stepz = 3"), 3, "has `stepz`, which is no option. Did you mean `steps`?"),
    "no steps": (f"steps = {STEPS}", "steps = 0", 3, "`steps` is 0.\nWrite a whole number from 1 to 1000."),
    "steps in words": (f"steps = {STEPS}", 'steps = "many"', 3, '`steps` is "many".\nWrite a whole number'),
    "an unknown scheduler": (*table('scheduler = "eular"'), 3, "eular"),
    "guidance without end": (
        *table("guidance_scale = inf"),
        3,
        "`guidance_scale` is inf.\nWrite a number from 0 to 100.",
    ),
    "steps that are a day": (f"steps = {STEPS}", "steps = 2026-01-01", 3, "`steps` is 2026-01-01."),
    "no such safety": (*table('safety = "on"'), 3, '`safety` is "on".\nWrite one of "retry", "off".'),
    "a width between": (
        "width = 48",
        "width = 52",
        3,
        "width = 52: Stable Diffusion draws sizes that are a multiple of 8.",
    ),
    "a pickle": (*model("old/model.ckpt"), 3, "old/model.ckpt is a pickle, which can run code when it is loaded"),
    "a text file": (*model("song.wav"), 3, "song.wav is neither a folder nor a .safetensors file."),
    "an address": (*model("https://127.0.0.1/m.safetensors"), 3, "https://127.0.0.1/m.safetensors is an address."),
    "no such folder": (*model("./gone"), 4, "gone is not there.\nThe model should be a folder or file here"),
    "an empty folder": (*model("empty"), 4, "empty has no model_index.json"),
    "a file without configs": (
        *model("alone.safetensors"),
        4,
        "alone.safetensors is a single file without its configs",
    ),
    "a damaged file": (*model("broken.safetensors"), 4, "broken.safetensors is no safetensors file, or it is damaged."),
    "a model of the hub, offline": (
        *model("some/one"),
        4,
        "some/one is not on this machine, and HF_HUB_OFFLINE forbids",
    ),
    "no such variant": (*table('variant = "fp16"'), 4, 'has no files of the variant "fp16"'),
    "no such LoRA": (*table('[engines.diffusers.loras]\n"ink.safetensors" = 1'), 4, "ink.safetensors is not there."),
    "a LoRA that is a pickle": (*table('[engines.diffusers.loras]\n"ink.pt" = 1'), 3, "ink.pt is a pickle"),
    "a LoRA that is none": (
        *table('[engines.diffusers.loras]\n"alone.safetensors" = 1'),
        3,
        "alone.safetensors is no LoRA",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_and_missing_piece_has_its_sentence_and_nothing_is_lost(
    mistake: str, forks: Forks, models: Path, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, code, said = MISTAKES[mistake]
    (finished / "empty").mkdir()
    (finished / "broken.safetensors").write_bytes(b"<html>not found</html>")
    shutil.copy(models / "one/mine.safetensors", finished / "alone.safetensors")
    change(finished, old.replace("MODEL", str(models / "sd")), new)
    before, whole = (finished / "storyboard.toml").read_bytes(), whole_artifacts(finished)
    err = answer(capsys, "run", finished, "--dry-run", code=code)[1]
    assert said in "\n".join(line.strip() for line in err.splitlines()), err
    assert len(err) < 700 and "Traceback" not in err
    real = run(forks, finished)
    assert (real.code, real.made) == (code, [])
    assert said.replace("\n", " ") in real.errors
    assert (finished / "storyboard.toml").read_bytes() == before
    assert whole_artifacts(finished) == whole
    change(finished, new, old.replace("MODEL", str(models / "sd")))
    assert "nothing to do" in answer(capsys, "run", finished)[1], "its pictures are still the right ones"


@pytest.mark.parametrize("engine", ["cppn", "diffusers", "stability"])
@pytest.mark.parametrize("value", ["inf", "nan", "[-inf]", "2026-01-01", "{at = 07:32:00}", "9" * 400])
def test_a_value_that_no_engine_takes_is_a_mistake_and_no_fault_of_the_program(
    engine: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = silent_project(tmp_path / "song")
    change(project, 'speech = "none"', f'speech = "none"\npictures = "{engine}"\n[engines.{engine}]\nodd = {value}')
    assert "`odd`" in answer(capsys, "run", project, "--dry-run", code=3)[1]
    assert answer(capsys, "status", project)[0]


def test_several_mistakes_are_told_at_once(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(finished, f"steps = {STEPS}", "steps = 0\nstepz = 1")
    change(finished, "height = 32", "height = 36")
    err = answer(capsys, "run", finished, "--dry-run", code=3)[1]
    assert "height = 36" in err and "`steps` is 0" in err and "`stepz`" in err


@pytest.mark.parametrize(
    ("device", "code", "said"),
    [("cuda:77", 4, 'no device "cuda:77"'), ("potato", 3, '"potato" is no device')],
)
def test_a_device_that_is_not_here_is_told_with_those_that_are(
    device: str, code: int, said: str, forks: Forks, folder: Path
) -> None:
    outcome = run(forks, folder, device=device)
    assert outcome.code == code
    assert said in outcome.errors and "cpu" in outcome.errors
    assert not (folder / "takes").exists()


def test_a_number_of_pictures_at_once_that_is_none_is_told_before_the_run(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VKTRS_BATCH", "x")
    for more in (["--dry-run"], []):
        assert "VKTRS_BATCH is x." in answer(capsys, "run", folder, *more, code=3)[1]
    assert not (folder / "takes").exists()


def test_the_doctor_knows_the_engine(tmp_path: Path) -> None:
    found = {each["name"]: each for each in json.loads(vktrs("doctor", "--json", cwd=tmp_path, code=None).stdout)}
    assert "diffusers" in found["picture engines"]["found"]
    assert found["diffusers"]["works"] is True
    assert found["torch"]["works"] is True


@needs_tmux
def test_the_studio_makes_the_video_and_its_panes_show_the_steps(heard: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(heard, tmp_path / "song"))
    change(project, f"steps = {STEPS}", "steps = 120")
    with Tmux(studio(project), size=(120, 40)) as terminal:
        terminal.until("? Keys")
        terminal.keys("A")
        shown = terminal.until(lambda screen: re.search(r"step \d+/120", screen), "steps of the keyframes")
        assert "► keyframes" in shown, shown
        terminal.until(lambda screen: re.search(r"step \d+/33, scene \d", screen), "steps of variations")
        terminal.until("everything is fresh: output.mp4")
        terminal.keys("q")
        terminal.left()
    assert len(frames(project / "output.mp4")) == 60
