"""Cleaning spares every picture of which it is not certain that nothing wants it: they may have cost money."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.real.commands import finished_project
from tests.real.projects import change
from tests.real.worker_forks import Forks
from vktrs import locks
from vktrs.errors import InputError
from vktrs.plan import plan_project
from vktrs.project import Project
from vktrs.runs.cleaning import clean


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return finished_project(tmp_path / "song")


def pictures(folder: Path) -> set[Path]:
    """All takes and variations."""
    return {*folder.glob("takes/*/*.png"), *folder.glob(".vktrs/cache/variations/[!.]*")}


@pytest.mark.parametrize("engine", ["cppn", "diffusers", "stability"])
def test_with_a_wrong_option_nothing_is_removed_and_the_option_is_named(engine: str, folder: Path) -> None:
    everything = sorted(folder.rglob("*"))
    change(folder, 'speech = "none"\n', f'speech = "none"\npictures = "{engine}"\n\n[engines.{engine}]\nstile = "a"\n')
    with pytest.raises(InputError, match="`stile`"):
        clean(Project(folder), takes=True)
    assert sorted(folder.rglob("*")) == everything


@pytest.mark.parametrize(("takes", "animation"), [(False, "variations"), (True, "variations"), (True, "img2img")])
def test_while_the_users_picture_is_away_what_was_made_from_it_stays(
    takes: bool, animation: str, forks: Forks, folder: Path
) -> None:
    Image.new("RGB", (60, 60), "red").save(folder / "mine.png")
    change(folder, 'id = "bbbb"', f'id = "bbbb"\npicture = "mine.png"\nanimation = "{animation}"')
    assert forks.run(folder).code == 0
    clean(Project(folder), takes=True)
    before = pictures(folder)
    (folder / "mine.png").rename(folder / "elsewhere.png")
    clean(Project(folder), takes=takes)
    assert pictures(folder) == before
    (folder / "elsewhere.png").rename(folder / "mine.png")
    assert not {stage for stage, _ in forks.run(folder).made} & {"keyframes", "variations"}


def test_what_an_excerpt_leaves_out_keeps_its_pictures(forks: Forks, folder: Path) -> None:
    before = pictures(folder)
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [0.0, 1.0]')
    clean(Project(folder), takes=True)
    assert pictures(folder) == before
    change(folder, "excerpt = [0.0, 1.0]", "")
    assert not {stage for stage, _ in forks.run(folder).made} & {"keyframes", "variations"}


def test_pictures_that_nothing_asks_for_are_removed(folder: Path) -> None:
    old = {plan_project(Project(folder)).scenes[1].variation_keys[2]}
    change(folder, 'id = "bbbb"', 'id = "bbbb"\nframe_seeds = [[3, 7]]')
    clean(Project(folder))
    assert not old & {path.name for path in pictures(folder)}
    shutil.rmtree(folder / "takes")
    change(folder, "variations = 3", "variations = 2")
    clean(Project(folder))
    assert len(pictures(folder)) == 10


def test_who_only_asks_whether_a_run_is_going_on_keeps_nobody_from_cleaning(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, take = [Project(folder).run_lock], locks._take

    def taken(path: Path, kind: int) -> int | None:
        """Somebody asks just when the lock is tried for the first time."""
        return None if path in asked and asked.pop() else take(path, kind)

    monkeypatch.setattr(locks, "_take", taken)
    clean(Project(folder), dry_run=True)
    assert not asked
