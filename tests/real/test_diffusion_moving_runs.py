"""Moving scenes by the diffusers engine in whole runs: killed, resumed, stopped, and in time with the music.

The models are tiny ones with random weights (`tiny_diffusion`), but pipelines, files and workers are real.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.real.projects import change, frames, leftovers, whole_artifacts
from tests.real.test_runs_moving import in_time, made_pictures, moving_project
from tests.real.tiny_diffusion import tiny_pipeline
from tests.real.worker_forks import Forks, at_call, kill, note, stop
from vktrs.media.frames import load_png
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.stages import variations

pytest.importorskip("torch")
pytest.importorskip("diffusers")

STEP = "diffusers.UNet2DConditionModel.forward"
CADENCE = "cadence = 4\n"
"""Eight pictures a scene instead of thirty: a tiny model on a processor takes its time, too."""


@pytest.fixture(scope="module")
def forks(nobody_at_home: Path) -> Iterator[Forks]:
    """Runs of the worker that a test disturbs, with diffusers imported once; on the processor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VKTRS_DEVICE", "cpu")
        running = Forks(diffusion=True)
        yield running
        running.close()


@pytest.fixture(scope="module")
def models(nobody_at_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_pipeline(folder / "sd")
    tiny_pipeline(folder / "xl", xl=True)
    return folder


def project_with(model: Path, folder: Path, look: str = CADENCE) -> Path:
    moving_project(folder, look)
    table = f'[engines.diffusers]\nmodel = "{model}"\nsteps = 4'
    change(folder, 'speech = "none"', f'speech = "none"\npictures = "diffusers"\n\n{table}')
    return folder


def chains(folder: Path) -> list[np.ndarray]:
    """The pictures of all chains, scene by scene."""
    project = Project(folder)
    keys = [key for each in plan_project(project).scenes for key in each.variation_keys]
    return [load_png(variations.path(project.store, key)).astype(int) for key in keys]


def test_a_chain_that_was_killed_goes_on_and_makes_no_picture_twice(forks: Forks, models: Path, tmp_path: Path) -> None:
    whole = project_with(models / "sd", tmp_path / "whole")
    assert forks.run(whole).code == 0
    folder = project_with(models / "sd", tmp_path / "song")
    killed = forks.run(folder, at_call("os.rename", kill(), matching="variations", nth=11, after=True))
    assert killed.code == -9
    there = whole_artifacts(folder)
    resumed = forks.run(folder)
    assert resumed.code == 0, resumed
    after = whole_artifacts(folder)
    assert {name: after.get(name) for name in there} == there
    made = made_pictures(killed) + made_pictures(resumed)
    assert len(made) >= 15 and max(Counter(made).values()) == 1  # one may be there without having been told
    for one, other in zip(chains(folder), chains(whole), strict=True):
        assert np.abs(one - other).max() <= 1
    assert len(frames(folder / "output.mp4")) == 60
    assert leftovers(folder) == []
    assert forks.run(folder).made == []


def test_a_stop_in_the_middle_of_a_picture_drops_it_and_keeps_those_before(
    forks: Forks, models: Path, tmp_path: Path
) -> None:
    folder = project_with(models / "sd", tmp_path / "song", CADENCE + "strength = 1.0\n")
    counted = tmp_path / "steps"
    calls = at_call(STEP, note(counted))
    # two keyframes of four steps, then pictures of four steps each: in the third one somebody stops
    outcome = forks.run(folder, calls, at_call(STEP, stop(), nth=4 + 2 * 4 + 2))
    assert outcome.code == 130
    assert 0 < len(made_pictures(outcome)) < 8
    assert len(counted.read_text().splitlines()) <= 4 + 2 * 4 + 2 + 1
    assert forks.run(folder).code == 0


def test_a_larger_model_moves_too(forks: Forks, models: Path, tmp_path: Path) -> None:
    folder = project_with(models / "xl", tmp_path / "song")
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    assert Counter(scene for scene, _ in made_pictures(outcome)) == {"aaaa": 8, "bbbb": 8}


def test_what_a_model_draws_moves_with_the_music(forks: Forks, models: Path, tmp_path: Path) -> None:
    folder = project_with(models / "sd", tmp_path / "song", "strength = 0\nnoise = 0\n")
    change(folder, "width = 48\nheight = 32", "width = 192\nheight = 128")
    change(folder, '"2 * level"', "0")
    change(folder, "0.15 * click", "0.06 * click")
    # a tiny model draws noise, in which nothing can be followed: a picture of the user's moves instead
    from PIL import Image

    y, x = np.mgrid[:128, :192]
    waves = 128 + 60 * np.sin(x / 9.0) + 60 * np.sin(y / 11.0 + x / 23.0)
    Image.fromarray(np.repeat(waves.astype(np.uint8)[..., None], 3, axis=2)).save(folder / "waves.png")
    for text in ("first light", "second street"):
        change(folder, f'text = "{text}"', f'text = "{text}"\npicture = "waves.png"')
    assert forks.run(folder).code == 0
    correlation, slope = in_time(folder, 0.06)
    assert correlation > 0.9
    assert 0.6 < slope < 1.4
