"""`vktrs run --dry-run`, `--budget` and `--device`: what a run would take, told before anything is made or paid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.real.commands import answer, finished_project, unmade_project, vktrs
from tests.real.projects import change, silent_project, sung_project
from tests.real.worker_forks import Forks
from vktrs.project import Project
from vktrs.runs.control import RunRequest

_KEY = "sk-nobody-0123456789"


@pytest.fixture
def paid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of five scenes, 20 pictures, none of them made, by Stability's `core`."""
    monkeypatch.setenv("STABILITY_KEY", _KEY)
    folder = unmade_project(tmp_path / "paid")
    change(folder, 'speech = "none"', 'speech = "none"\npictures = "stability"')
    return folder


def lines(told: str) -> Mapping[str, str]:
    """What a dry run says, by the word before the colon."""
    return dict(line.split(": ", 1) for line in told.splitlines())


def credits_of(told: str) -> float:
    found = re.search(r"about ([\d.]+) credits", told)
    assert found, told
    return float(found[1])


def test_pictures_calls_and_credits_are_told(paid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told, _ = answer(capsys, "run", paid, "--dry-run")
    found = lines(told)
    assert found["keyframes"] == "5 to be made by stability"
    assert found["variations"] == "15 to be made by stability"
    assert found["pictures"].startswith("20 pictures in 20 calls of stability, about ")
    parts = re.search(r"credits \(([\d.]+) for keyframes, ([\d.]+) for variations\)", told)
    assert parts and credits_of(told) == float(parts[1]) + float(parts[2]) > 0
    assert not (paid / "takes").exists()
    assert _KEY not in told


def test_fewer_scenes_and_stages_take_less(paid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everything = credits_of(answer(capsys, "run", paid, "--dry-run")[0])
    told, _ = answer(capsys, "run", paid, "--dry-run", "--scenes", "1,2", "--to", "keyframes")
    assert lines(told)["pictures"].startswith("2 pictures in 2 calls")
    assert "variations" not in lines(told)
    assert credits_of(told) < everything
    assert "pictures" not in lines(answer(capsys, "run", paid, "--dry-run", "--to", "words")[0])


def test_pictures_of_ones_own_cost_nothing(paid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    Image.new("RGB", (48, 32)).save(paid / "me.png")
    change(paid, 'text = "second street"', 'text = "second street"\npicture = "me.png"')
    told, _ = answer(capsys, "run", paid, "--dry-run")
    assert "keyframes: 4 to be made by stability\nkeyframes: 1 from pictures of your own\n" in told
    assert lines(told)["pictures"].startswith("19 pictures")


def test_an_engine_that_costs_nothing_has_neither_calls_nor_credits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, said = answer(capsys, "run", unmade_project(tmp_path / "clip"), "--dry-run", "--budget", "5")
    assert lines(told)["pictures"] == "20 pictures by cppn"
    assert "budget" not in lines(told)
    assert "pictures by cppn cost no credits" in said


def test_a_budget_is_weighed(paid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told, said = answer(capsys, "run", paid, "--dry-run", "--budget", "1")
    needed = credits_of(told)
    assert lines(told)["budget"].startswith("1 credit, which does not suffice")
    assert f"About {needed:g} credits are needed and the budget is 1." in said
    told, said = answer(capsys, "run", paid, "--dry-run", "--budget", f"{needed:g}")
    assert lines(told)["budget"] == f"{needed:g} credits, which suffices"
    assert said == ""


def test_before_the_scenes_are_known_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STABILITY_KEY", _KEY)
    folder = sung_project(tmp_path / "clip")
    told, said = answer(capsys, "run", folder, "--dry-run", "--pictures", "stability", "--budget", "3")
    assert "number is not known yet" in lines(told)["scenes"]
    assert "not known" in lines(told)["budget"]
    assert "pictures" not in lines(told)
    assert "The run ends when the budget of 3 is used up." in said
    assert "Credits are known once there are scenes; `vktrs run DIR --to scenes` costs none." in said


def test_a_song_that_was_not_read_yet_gives_the_most(paid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(paid, 'source = "song.wav"', 'source = "other.wav"')
    (paid / "other.wav").write_bytes((paid / "song.wav").read_bytes() + b"\0\0")
    told, _ = answer(capsys, "run", paid, "--dry-run")
    assert lines(told)["song"] == "to be made"
    assert lines(told)["pictures"].startswith("at most 20 pictures")


def test_a_wrong_option_is_told_in_the_place_of_a_price(paid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(paid, "[look]", '[engines.stability]\nmodel = "none such"\n\n[look]')
    told, said = answer(capsys, "run", paid, "--dry-run", "--budget", "9", code=3)
    assert "pictures" not in lines(told)
    assert "none such" in said


@pytest.mark.parametrize("budget", ["0", "-3", "nan", "inf", "much", ""])
def test_a_budget_that_is_no_amount_is_wrong_usage(paid: Path, capsys: pytest.CaptureFixture[str], budget: str) -> None:
    out, said = answer(capsys, "run", paid, "--budget", budget, code=2)
    assert out == ""
    assert "budget" in said


def test_device_and_budget_change_nothing_where_all_is_fresh(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = finished_project(tmp_path / "clip")
    out, said = answer(capsys, "run", folder, "--device", "cuda:1", "--budget", "2")
    assert out == f"{folder / 'output.mp4'}\n"
    assert "nothing to do" in said
    assert len(list((folder / ".vktrs/runs").iterdir())) == 1


def test_a_run_is_given_both_and_says_what_is_without_effect(tmp_path: Path) -> None:
    folder = unmade_project(tmp_path / "clip")
    said = vktrs("run", folder, "--device", "cuda:1", "--budget", "2.5", "--to", "keyframes").stderr
    assert "`--device cuda:1` changes nothing here" in said
    assert "pictures by cppn cost no credits" in said
    events = max((folder / ".vktrs/runs").glob("*/events.jsonl")).read_text("utf-8")
    assert '"device": "cuda:1"' in events
    assert '"budget": 2.5' in events


def test_a_device_that_is_not_here_is_said_before_the_song_is_heard(tmp_path: Path) -> None:
    folder = sung_project(tmp_path / "clip")
    change(folder, 'speech = "none"', 'speech = "none"\npictures = "diffusers"')
    for arguments, environment in ((["--device", "cuda:77"], {}), ([], {"VKTRS_DEVICE": "cuda:77"})):
        said = vktrs("run", folder, "--dry-run", *arguments, env=environment, code=4).stderr
        assert 'no device "cuda:77"' in said or "built for the CPU alone" in said
    assert '"potato" is no device.' in vktrs("run", folder, "--device", "potato", code=3).stderr
    assert not list((folder / ".vktrs").glob("song*"))


def test_what_is_wrong_with_the_machine_is_said_before_any_work(
    tmp_path: Path, forks: Forks, nobody_at_home: Path
) -> None:
    folder = unmade_project(tmp_path / "clip")
    config = nobody_at_home / ".config" / "vktrs" / "config.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text("batch = none\n")
    try:
        done = forks.run(folder)
        assert (done.code, done.made) == (3, [])
        assert f"{config} cannot be read" in done.errors
        config.write_text("batch = 900\n")
        assert "`batch` is 900" in vktrs("run", folder, "--dry-run", code=3).stderr
    finally:
        config.unlink()
    assert "VKTRS_BATCH is 0" in vktrs("run", folder, "--dry-run", env={"VKTRS_BATCH": "0"}, code=3).stderr


def test_the_library_hands_both_on(tmp_path: Path) -> None:
    from vktrs.errors import UsageError
    from vktrs.runs.library import run_project

    project = Project.open(finished_project(tmp_path / "clip"))
    with pytest.raises(UsageError, match="budget"):
        run_project(project, budget=0)
    events = list(run_project(project, to="words", device="cpu", budget=7))
    assert events[0]["request"] == RunRequest(to="words", device="cpu", budget=7.0).as_json()


@pytest.mark.parametrize(
    ("engine", "option", "said"),
    [
        ("stability", 'steps = "30"\napi = "grpc"', '16:9: [engines.stability] has steps = "30"'),
        ("stability", 'api = "REST"', '16:7: [engines.stability] has api = "REST"'),
        ("diffusers", 'scheduler = "dpmpp"', "16:13: [engines.diffusers]"),
        ("diffusers", 'loras = {"ink.safetensors" = "0.8"}', "16:9: [engines.diffusers]"),
    ],
)
def test_a_wrong_option_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: str, option: str, said: str
) -> None:
    project = silent_project(tmp_path / "clip")
    change(project, 'speech = "none"', f'speech = "none"\npictures = "{engine}"\n[engines.{engine}]\n{option}')
    _, err = answer(capsys, "run", project, "--dry-run", code=3)
    assert f"storyboard.toml:{said}" in err


def test_an_empty_prompt_is_told_before_anything_is_paid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STABILITY_KEY", "sk-of-nobody")
    project = silent_project(tmp_path / "clip")
    change(project, 'speech = "none"', 'speech = "none"\npictures = "stability"')
    change(project, 'text = "third hill"', 'text = "third hill"\nprompt = ""')
    _, err = answer(capsys, "run", project, "--dry-run", code=3)
    assert "the prompt of scene 4 is empty" in err
