"""Engines that work in batches, cost money and fail: what they hand out is kept, and nothing is asked for twice.

The engine is scripted (`scripted_engine`); the worker, its threads and its files are real.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.real.projects import change, frames, leftovers, silent_project, sung_project
from tests.real.scripted_engine import Script, ScriptedKind, When, named, notes
from tests.real.worker_forks import Forks, Outcome, at_call, at_event, engine, kill, raising, stop, write

WORDS = ("first", "second", "third", "fourth", "fifth")
IDS = ("aaaa", "bbbb", "cccc", "dddd", "eeee")
SCENES = "".join(
    f'\n[[scenes]]\nid = "{name}"\nstart = {number}.0\nprompt = "{word}"\n'
    for number, (name, word) in enumerate(zip(IDS, WORDS, strict=True))
)
EVERY = [(word, k) for word in WORDS for k in range(4)]
FILTERED = ("VktrsError", "the picture was filtered.")


@pytest.fixture(scope="module")
def heard(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five scenes with prompts of their own, the song heard, no picture made."""
    folder = silent_project(tmp_path_factory.mktemp("heard") / "song", SCENES)
    change(folder, 'speech = "none"', 'speech = "none"\npictures = "stability"')
    assert forks.run(folder, to="scenes").code == 0
    return folder


@pytest.fixture
def folder(heard: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(heard, tmp_path / "song"))


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """An engine without surprises, free of charge."""
    return Script(str(tmp_path / "journal"))


@pytest.fixture
def paid(script: Script) -> Script:
    """One that is paid for, with three requests in hand."""
    return replace(script, paid=True, at_once=3, in_hand=3)


def run(forks: Forks, folder: Path, script: Script, *disturbances: Any, **request: Any) -> Outcome:
    outcome = forks.run(folder, engine("stability", script), *disturbances, **request)
    assert "Traceback" not in outcome.log, outcome
    return outcome


def begun(script: Script) -> Counter[tuple[str, int]]:
    """How often each picture was begun by the engine, over all runs so far."""
    return Counter(named(Path(script.journal), "begun"))


def handed(script: Script) -> list[tuple[str, int]]:
    return named(Path(script.journal), "handed")


def on_disk(folder: Path) -> int:
    """How many pictures there are: takes and variations."""
    return len([*folder.glob("takes/*/*.png"), *folder.glob(".vktrs/cache/variations/[!.]*/frame.png")])


def edited(folder: Path, old: str, new: str) -> str:
    text = (folder / "storyboard.toml").read_text("utf-8")
    assert old in text
    return text.replace(old, new)


def test_keyframes_are_asked_for_in_groups_and_variations_scene_by_scene(
    forks: Forks, folder: Path, script: Script
) -> None:
    assert run(forks, folder, script).code == 0
    asked = notes(Path(script.journal), "asked")
    assert [each["prompts"] for each in asked if "prompts" in each] == [
        ["first", "second"],
        ["third", "fourth"],
        ["fifth"],
    ]
    assert [each["ks"] for each in asked if "ks" in each] == [[1, 2, 3]] * 5
    assert begun(script) == Counter(EVERY)
    assert len(frames(folder / "output.mp4")) == 60


@pytest.mark.parametrize("backwards", [False, True])
def test_a_keyframe_that_fails_fails_its_scene_only(
    backwards: bool, forks: Forks, folder: Path, script: Script
) -> None:
    batch = replace(script, in_hand=2, backwards=backwards)
    outcome = run(forks, folder, replace(batch, when=(When("second", keyframe=True, answer=FILTERED),)))
    assert outcome.code == 1
    assert [(each["stage"], each["scene"]) for each in outcome.told("failed")] == [("keyframes", "bbbb")]
    assert {scene for stage, scene in outcome.made if stage == "clips"} == {"aaaa", "cccc", "dddd", "eeee"}
    assert not (folder / "output.mp4").exists()
    assert run(forks, folder, script).code == 0
    assert begun(script) == Counter(EVERY) + Counter([("second", 0)])
    assert len(frames(folder / "output.mp4")) == 60


def test_a_variation_that_fails_is_the_only_one_that_is_asked_for_again(
    forks: Forks, folder: Path, script: Script
) -> None:
    outcome = run(forks, folder, replace(script, in_hand=3, when=(When("third", k=2, answer=FILTERED),)))
    assert outcome.code == 1
    assert [(each["stage"], each["scene"]) for each in outcome.told("failed")] == [("variations", "cccc")]
    assert {scene for stage, scene in outcome.made if stage == "clips"} == {"aaaa", "bbbb", "dddd", "eeee"}
    assert run(forks, folder, script).code == 0
    assert begun(script) == Counter(EVERY) + Counter([("third", 2)])


@pytest.mark.parametrize("other", ["bbbb", "eeee"])
def test_scenes_that_ask_for_the_same_have_it_from_one_request(
    other: str, forks: Forks, folder: Path, script: Script
) -> None:
    text = (folder / "storyboard.toml").read_text("utf-8")
    for name, word in (("aaaa", "first"), (other, dict(zip(IDS, WORDS, strict=True))[other])):
        text = text.replace(f'id = "{name}"', f'id = "{name}"\nseed = 7').replace(f'prompt = "{word}"', 'prompt = "la"')
    (folder / "storyboard.toml").write_text(text, "utf-8")
    outcome = run(forks, folder, script)
    assert outcome.code == 0, outcome
    assert max(begun(script).values()) == 1
    assert [begun(script)["la", k] for k in range(4)] == [1, 1, 1, 1]
    one, same = ((folder / "takes" / name) for name in ("aaaa", other))
    assert [path.name for path in one.iterdir()] == [path.name for path in same.iterdir()]
    assert len(frames(folder / "output.mp4")) == 60


def test_an_engine_that_answers_nothing_fails_its_scenes_and_the_run_ends(
    forks: Forks, folder: Path, script: Script
) -> None:
    outcome = run(forks, folder, replace(script, silent=True))
    assert outcome.code == 1
    assert sorted(each["scene"] for each in outcome.told("failed")) == list(IDS)
    assert "gave no picture" in outcome.errors


ENDINGS: dict[str, tuple[When, int]] = {
    "a stop": (When("second", k=1, before=[["stop"]]), 130),
    "a failing neighbour": (When("second", k=1, answer=FILTERED), 1),
    "an account that is empty": (When("second", k=1, answer=("Halted", "no credits are left.")), 1),
    "a key that is refused": (When("second", k=1, answer=("MissingError", "the key is refused.")), 4),
    "a stop among keyframes": (When("second", keyframe=True, before=[["stop"]]), 130),
    "an account that is empty, among keyframes": (When("first", keyframe=True, answer=("Halted", "no credits.")), 1),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_was_paid_for_is_kept_whatever_happens_to_its_batch(
    ending: str, forks: Forks, folder: Path, paid: Script
) -> None:
    when, code = ENDINGS[ending]
    outcome = run(forks, folder, replace(paid, when=(when,)))
    assert outcome.code == code, outcome
    failing = 1 if when.answer else 0
    assert len(outcome.told("failed")) == failing
    assert sum(begun(paid).values()) == len(handed(paid)) == on_disk(folder) + failing
    assert leftovers(folder) == []
    assert run(forks, folder, paid).code == 0
    assert sum(begun(paid).values()) == len(EVERY) + failing, "something was paid for twice"


def test_an_edit_keeps_what_is_in_hand_and_drops_what_no_longer_stands(
    forks: Forks, folder: Path, paid: Script
) -> None:
    newest = edited(folder, 'prompt = "third"', 'prompt = "another"')
    edit = When("first", k=1, before=[write(folder / "storyboard.toml", newest)])
    assert run(forks, folder, replace(paid, when=(edit,))).code == 0
    expected = Counter([*EVERY, ("another", 0)]) - Counter([("third", k) for k in (1, 2, 3)])
    assert begun(paid) == expected + Counter([("another", k) for k in (1, 2, 3)])
    assert on_disk(folder) == sum(begun(paid).values())


def test_an_edit_winds_up_a_long_batch(forks: Forks, folder: Path, script: Script) -> None:
    newest = edited(folder, 'prompt = "first"', 'prompt = "another"')
    edit = When("first", k=1, before=[write(folder / "storyboard.toml", newest)])
    assert run(forks, folder, replace(script, when=(edit,))).code == 0
    assert begun(script)["first", 1] == 1
    assert begun(script)["first", 2] == begun(script)["first", 3] == 0
    assert max(begun(script).values()) == 1


@pytest.mark.parametrize("saved", [1, 2, 5, 9])
def test_a_kill_costs_at_most_one_picture_that_was_paid_for(
    saved: int, forks: Forks, folder: Path, paid: Script
) -> None:
    one = replace(paid, in_hand=1)
    assert run(forks, folder, one, at_call("vktrs.media.frames.save_png", kill(), nth=saved)).code == -9
    assert len(handed(one)) - on_disk(folder) == 1
    assert run(forks, folder, one).code == 0
    assert sum(begun(one).values()) == len(EVERY) + 1


def test_a_kill_costs_at_most_a_full_queue_of_pictures_that_cost_nothing(
    forks: Forks, folder: Path, script: Script
) -> None:
    assert run(forks, folder, script, at_call("vktrs.media.frames.save_png", kill(), nth=3)).code == -9
    assert 1 <= len(handed(script)) - on_disk(folder) <= 9
    assert run(forks, folder, script).code == 0


@pytest.mark.parametrize("is_paid", [False, True])
def test_a_full_disk_ends_the_run_with_one_sentence_and_no_more_is_paid(
    is_paid: bool, forks: Forks, folder: Path, script: Script
) -> None:
    full = at_call("pathlib.Path.write_bytes", raising(errno.ENOSPC), matching="takes", nth=2, onward=True)
    outcome = run(forks, folder, replace(script, paid=is_paid), full)
    assert outcome.code == 1
    assert len(outcome.told("failed")) == 1 and "No space left" in outcome.errors
    assert [scene for stage, scene in outcome.made if stage == "keyframes"] == ["aaaa"]
    if is_paid:
        assert begun(script) == Counter([("first", 0), ("second", 0)])
    assert leftovers(folder) == []


def test_a_paid_picture_that_may_not_be_written_ends_the_run(forks: Forks, folder: Path, paid: Script) -> None:
    refused = at_call("pathlib.Path.write_bytes", raising(errno.EACCES), matching="frame.png", nth=2, onward=True)
    outcome = run(forks, folder, replace(paid, in_hand=1), refused)
    assert outcome.code == 1 and len(outcome.told("failed")) == 1
    assert [k for _, k in begun(paid) if k] == [1, 2]


@pytest.mark.parametrize("place", ["takes", "frame.png"])
def test_what_is_in_hand_when_a_picture_cannot_be_written_is_kept_all_the_same(
    place: str, forks: Forks, folder: Path, paid: Script
) -> None:
    once = at_call("pathlib.Path.write_bytes", raising(errno.EACCES), matching=place)
    outcome = run(forks, folder, paid, once)
    assert outcome.code == 1 and len(outcome.told("failed")) == 1
    first = 3 if place == "takes" else 6
    assert len(handed(paid)) == sum(begun(paid).values()) == first, "no more was bought"
    assert on_disk(folder) == first - 1
    assert run(forks, folder, paid).code == 0
    assert sum(begun(paid).values()) == len(EVERY) + 1


@pytest.mark.parametrize("how", ["a dangling link", "a file", "no folder of the scene"])
def test_a_place_that_takes_no_pictures_is_found_before_one_is_bought(
    how: str, forks: Forks, folder: Path, paid: Script
) -> None:
    takes = folder / "takes"
    if how == "a dangling link":
        takes.symlink_to(folder / "nowhere" / "takes")
    elif how == "a file":
        takes.write_text("")
    else:
        takes.mkdir()
        (takes / "cccc").write_text("")
    outcome = run(forks, folder, paid)
    assert (outcome.code, outcome.made) == (3, [])
    assert "no picture can be kept in" in outcome.errors
    assert not Path(paid.journal).exists()
    (takes / "cccc" if how == "no folder of the scene" else takes).unlink()
    assert run(forks, folder, paid).code == 0
    assert leftovers(folder) == []


def test_a_disk_that_takes_no_file_is_found_before_a_picture_is_bought(
    forks: Forks, folder: Path, paid: Script
) -> None:
    refused = at_call("pathlib.Path.open", raising(errno.EROFS), matching="trial")
    outcome = run(forks, folder, paid, refused)
    assert (outcome.code, outcome.made) == (3, [])
    assert not Path(paid.journal).exists()


@pytest.mark.parametrize("edit", ["consistency = 0.5", "frame_seeds = [[1, 77]]"])
def test_variations_that_failed_are_tried_again_once_something_else_is_asked_for(
    edit: str, forks: Forks, folder: Path, script: Script
) -> None:
    newest = edited(folder, 'prompt = "second"', f'prompt = "second"\n{edit}')
    change_it = When("third", k=1, before=[write(folder / "storyboard.toml", newest)])
    outcome = run(forks, folder, replace(script, when=(When("second", k=1, answer=FILTERED), change_it)))
    assert outcome.code == 1
    assert begun(script)["second", 1] == 2, "before the edit and after it"
    failed = {each["key"] for each in outcome.told("failed")}
    assert len(failed) == 2


def test_a_take_is_used_again_whichever_scene_it_was_made_for(forks: Forks, folder: Path, script: Script) -> None:
    change(folder, 'prompt = "second"', 'prompt = "second"\nseed = 5')
    assert run(forks, folder, script).code == 0
    change(folder, 'prompt = "second"\nseed = 5', 'prompt = "other"')
    change(folder, 'prompt = "fifth"', 'prompt = "second"\nseed = 5')
    before = begun(script)
    assert run(forks, folder, script).code == 0
    assert begun(script) - before == Counter([("other", k) for k in range(4)])


def test_new_takes_that_lie_in_another_scene_are_not_bought_again(forks: Forks, folder: Path, script: Script) -> None:
    same = 'prompt = "second"\nseed = 5'
    change(folder, 'prompt = "second"', same)
    change(folder, 'prompt = "fifth"', same)
    for scene, bought in (("bbbb", 3), ("eeee", 3)):
        wish = {"to": "keyframes", "scenes": (scene,), "reroll": (scene, 3)}
        assert run(forks, folder, script, **wish).made == [("keyframes", scene)] * 3
        assert sum(begun(script).values()) == bought
    one, other = ({path.name for path in (folder / "takes" / scene).iterdir()} for scene in ("bbbb", "eeee"))
    assert one == other


def test_a_stop_takes_effect_within_a_step(forks: Forks, folder: Path, script: Script) -> None:
    outcome = run(forks, folder, replace(script, in_hand=2, steps=9, stops_at=3))
    assert (outcome.code, outcome.told("failed")) == (130, [])
    assert handed(script) == [] and on_disk(folder) == 0
    assert leftovers(folder) == []
    assert notes(Path(script.journal), "closed")


def test_a_stop_hands_out_first_what_is_paid_for(forks: Forks, folder: Path, paid: Script) -> None:
    assert run(forks, folder, replace(paid, steps=9, stops_at=3)).code == 130
    assert [word for word, _ in handed(paid)] == ["first", "second", "third"]
    assert on_disk(folder) == 3


def test_steps_are_told_and_progress_never_goes_backwards(forks: Forks, folder: Path, script: Script) -> None:
    outcome = run(forks, folder, replace(script, in_hand=3, steps=5))
    assert outcome.code == 0
    for stage, total in (("keyframes", 5), ("variations", 15), ("order", 5), ("clips", 5)):
        told = [each for each in outcome.told("progress") if each["stage"] == stage]
        assert [each["done"] for each in told] == sorted(each["done"] for each in told)
        assert {each["total"] for each in told} == {total}
        assert told[-1]["done"] == total
        assert all(each["rate"] >= 0 for each in told)
    said = [each["what"] for each in outcome.told("progress")]
    assert "step 1 of 5" in said and "scene 3, step 4 of 5" in said


def test_pictures_of_another_size_are_kept_as_they_are_and_fitted_into_the_video(
    forks: Forks, folder: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vktrs.engines import registry
    from vktrs.media.frames import load_png
    from vktrs.picture import filling
    from vktrs_tui.cli import main

    square = replace(script, size=(80, 80))
    outcome = run(forks, folder, square)
    assert outcome.code == 0, outcome
    takes = {path.parent.name: load_png(path) for path in folder.glob("takes/*/*.png")}
    assert {take.shape for take in takes.values()} == {(80, 80, 3)}
    assert {tuple(each["keyframe"]) for each in notes(Path(script.journal), "asked") if "ks" in each} == {(80, 80, 3)}
    shown = first_frames(folder / "output.mp4")
    for number, name in enumerate(IDS):
        wanted = filling(takes[name], 48, 32)
        assert shown[12 * number].shape == wanted.shape
        assert np.abs(shown[12 * number].astype(int) - wanted).mean() < 12

    monkeypatch.setitem(vars(registry)["_KINDS"], "stability", ScriptedKind(square, lambda _: None))
    monkeypatch.setitem(vars(registry)["PICTURE_VERSIONS"], "stability", 1)
    assert main(["export", "sheet", str(folder), "-o", str(folder / "sheet.png")]) == 0
    assert (folder / "sheet.png").exists()

    change(folder, "width = 48\nheight = 32", "width = 96\nheight = 64")
    assert run(forks, folder, square).code == 0
    assert begun(script) == Counter(EVERY), "the same aspect is not asked for again"
    assert first_frames(folder / "output.mp4")[0].shape == (64, 96, 3)


def test_a_partial_video_shows_takes_of_another_size(forks: Forks, folder: Path, script: Script) -> None:
    failing = When("second", k=1, answer=FILTERED)
    outcome = run(forks, folder, replace(script, size=(80, 40), when=(failing,)), partial=True)
    assert outcome.code == 1
    assert len(frames(folder / "output.partial.mp4")) == 60


def first_frames(video: Path) -> list[Any]:
    import av

    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_the_engine_is_opened_anew_where_its_options_change(forks: Forks, folder: Path, script: Script) -> None:
    newest = edited(folder, "[look]", "[engines.stability]\nsteps = 5\n\n[look]")
    edit = When("first", k=3, before=[write(folder / "storyboard.toml", newest)])
    assert run(forks, folder, replace(script, when=(edit,))).code == 0
    assert life(script) == [("opened", {}), "closed", ("opened", {"steps": 5}), "closed"]
    change(folder, "steps = 5", "steps = 5\ncompile = true")
    before = begun(script)
    assert run(forks, folder, script).made == []
    assert begun(script) == before


def life(script: Script) -> list[Any]:
    """What opened and closed the engine, in order."""
    journal = Path(script.journal)
    opened = iter(notes(journal, "opened"))
    lines = journal.read_text("utf-8").splitlines()
    kinds = [
        ("opened" if '"opened"' in line else "closed") for line in lines if '"opened"' in line or '"closed"' in line
    ]
    return [(kind, next(opened)["options"]) if kind == "opened" else kind for kind in kinds]


@pytest.mark.parametrize("kind", ["MissingError", "InputError", "Halted", "a fault"])
def test_the_engine_is_closed_and_the_others_clips_are_made_when_all_ends(
    kind: str, forks: Forks, folder: Path, script: Script
) -> None:
    end = When("third", keyframe=True, raising=(kind, "nothing goes any more."))
    outcome = forks.run(folder, engine("stability", replace(script, when=(end,))))
    assert outcome.code == {"MissingError": 4, "InputError": 3, "Halted": 1, "a fault": 1}[kind]
    assert len(outcome.told("failed")) == 1 and "nothing goes any more" in outcome.errors
    assert [scene for stage, scene in outcome.made if stage == "clips"] == ["aaaa", "bbbb"]
    assert life(script) == [("opened", {}), "closed"]
    assert run(forks, folder, script).code == 0
    assert begun(script) == Counter(EVERY) + Counter([("third", 0)])


def test_an_error_about_one_keyframe_fails_that_scene_only(forks: Forks, folder: Path, script: Script) -> None:
    refused = When("third", k=1, raising=("VktrsError", "that keyframe is refused."))
    outcome = run(forks, folder, replace(script, when=(refused,)))
    assert outcome.code == 1
    assert {each["scene"] for each in outcome.told("failed")} == {"cccc"}
    assert {scene for stage, scene in outcome.made if stage == "clips"} == {"aaaa", "bbbb", "dddd", "eeee"}


def test_an_option_that_was_changed_meanwhile_is_tried_before_the_run_ends(
    forks: Forks, folder: Path, script: Script
) -> None:
    newest = edited(folder, "[look]", "[engines.stability]\nsteps = 5\n\n[look]")
    change_it = at_call("tests.real.scripted_engine._error", write(folder / "storyboard.toml", newest))
    refusing = When("third", k=1, raising=("InputError", "that many steps are too many."))
    outcome = run(forks, folder, replace(script, when=(refusing,)), change_it)
    assert (outcome.code, len(outcome.told("failed"))) == (3, 1)
    assert life(script) == [("opened", {}), "closed", ("opened", {"steps": 5}), "closed"]


def test_a_budget_ends_the_run_and_the_next_goes_on(forks: Forks, folder: Path, paid: Script) -> None:
    dear = replace(paid, credits=2.0)
    outcome = run(forks, folder, dear, budget=17.0)
    assert outcome.code == 1
    assert len(outcome.told("failed")) == 1 and "budget of 17 credits" in outcome.errors
    assert sum(begun(paid).values()) == on_disk(folder) == 8
    told = [
        each["event"] for each in outcome.events if "spent" in str(each.get("text", "")) or each["event"] == "finished"
    ]
    assert told == ["remark", "finished"]
    assert "16 credits were spent" in outcome.remarks
    assert run(forks, folder, dear).code == 0
    assert begun(paid) == Counter(EVERY)


def test_an_engine_that_is_missing_is_no_matter_once_its_pictures_are_there(
    forks: Forks, folder: Path, script: Script
) -> None:
    missing = replace(script, problem=("MissingError", "the engine is not installed."))
    outcome = run(forks, folder, missing)
    assert (outcome.code, outcome.made) == (4, [])
    assert not Path(script.journal).exists()
    assert run(forks, folder, script).code == 0
    change(folder, "hold = 2", "hold = 1")
    shutil.rmtree(folder / ".vktrs" / "cache" / "clips")
    shutil.rmtree(folder / ".vktrs" / "cache" / "order")
    assert run(forks, folder, missing).code == 0


def test_a_wrong_option_is_named_with_its_line(forks: Forks, folder: Path, script: Script) -> None:
    change(folder, "[look]", "[engines.stability]\nsteps = 5\nstaps = 7\n\n[look]")
    outcome = run(forks, folder, script)
    assert (outcome.code, outcome.made) == (3, [])
    lines = (folder / "storyboard.toml").read_text("utf-8").splitlines()
    assert f"storyboard.toml:{lines.index('staps = 7') + 1}:" in outcome.errors
    assert "Known are" in outcome.errors


def test_a_scene_of_a_paid_engine_waits_until_it_is_left_alone(forks: Forks, folder: Path, paid: Script) -> None:
    path = folder / "storyboard.toml"
    os.utime(path)
    newest = edited(folder, 'prompt = "third"', 'prompt = "another"')
    edit = at_call("vktrs.runs.settling.Settling.pause", write(path, newest), nth=3)
    outcome = run(forks, folder, replace(paid, settles=1.5), edit)
    assert outcome.code == 0
    assert "Edited just now: scenes 1 to 5." in outcome.remarks
    assert "Edited just now: scene 3." in outcome.remarks
    assert begun(paid)["third", 0] == 0 and begun(paid)["another", 3] == 1
    assert handed(paid)[-1][0] == "another"


def test_a_clip_waits_for_the_edited_scene_that_it_fades_in_from(forks: Forks, folder: Path, paid: Script) -> None:
    change(folder, "variations = 3", "variations = 3\ntransition = 0.5")
    assert run(forks, folder, paid).code == 0
    change(folder, 'prompt = "third"', 'prompt = "another"')
    outcome = run(forks, folder, replace(paid, settles=1.0))
    assert outcome.code == 0 and not outcome.told("failed")
    assert "Edited just now: scene 3." in outcome.remarks and "damaged" not in outcome.remarks
    again = [
        ("keyframes", "cccc"),
        *[("variations", "cccc")] * 3,
        ("order", "cccc"),
        ("clips", "cccc"),
        ("clips", "dddd"),
    ]
    assert outcome.made == [*again, ("video", None)]


def test_a_stop_ends_the_wait(forks: Forks, folder: Path, paid: Script) -> None:
    os.utime(folder / "storyboard.toml")
    pausing = at_call("vktrs.runs.settling.Settling.pause", stop())
    outcome = run(forks, folder, replace(paid, settles=1000.0), pausing)
    assert (outcome.code, begun(paid)) == (130, Counter())


@pytest.mark.parametrize("time", [1.0, 4e9])
def test_a_file_of_another_time_does_not_wait(time: float, forks: Forks, folder: Path, paid: Script) -> None:
    os.utime(folder / "storyboard.toml", (time, time))
    assert run(forks, folder, replace(paid, settles=1000.0)).code == 0


def test_scenes_that_the_run_has_written_itself_do_not_wait(forks: Forks, paid: Script, tmp_path: Path) -> None:
    sung = sung_project(tmp_path / "sung")
    change(sung, 'speech = "none"', 'speech = "none"\npictures = "stability"')
    os.utime(sung / "storyboard.toml", (1.0, 1.0))
    outcome = run(forks, sung, replace(paid, settles=1000.0))
    assert outcome.code == 0
    assert "Edited" not in outcome.remarks


def test_another_run_is_not_needed_after_any_of_this(forks: Forks, folder: Path, paid: Script) -> None:
    assert run(forks, folder, paid).code == 0
    assert run(forks, folder, paid, at_event(0)).made == []
