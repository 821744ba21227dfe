"""The finished storyboard of the sample song, its first seconds, by either of Stability's services."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.real import stability_grpc_server as fake
from tests.real.commands import status, vktrs
from tests.real.projects import change, sound_seconds
from tests.real.stability_rest_server import KEY, RestServer

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "daisy_bell"
SECONDS = 11.0
PROMPTS = ("golden gaslights", "There is a flower", "golden daisies on crimson velvet")
"""Of the three scenes that begin before that."""


@pytest.fixture(scope="module", name="heard")
def _heard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, its song read once; the words are there already."""
    folder = tmp_path_factory.mktemp("sample") / "daisy_bell"
    shutil.copytree(SAMPLE, folder)
    change(folder, 'pictures = "cppn"', 'pictures = "stability"')
    change(folder, 'lyrics.txt"', f'lyrics.lrc"\nexcerpt = [0.0, {SECONDS}]')
    change(folder, "width = 512\nheight = 512", "width = 96\nheight = 96")
    change(folder, "variations = 7", "variations = 2")
    vktrs("run", folder, "--to", "scenes", env={"STABILITY_KEY": KEY})
    return folder


def rendered(heard: Path, folder: Path, table: dict[str, str], **env: str) -> Path:
    """The sample made with those options."""
    shutil.copytree(heard, folder)
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
    change(folder, "[look]\n", f"[engines.stability]\n{lines}\n[look]\n")
    os.utime(folder / "storyboard.toml", (1e9, 1e9))
    vktrs("run", folder, env={"STABILITY_KEY": KEY, **env})
    return folder


def look_at(folder: Path) -> None:
    """The video is whole, and its pictures were made as they were asked for."""
    assert sound_seconds(folder / "output.mp4") == pytest.approx(SECONDS, abs=0.1)
    told = [scene for scene in status(folder)["scenes"] if scene["frames"]]
    assert [scene["clip"]["state"] for scene in told] == ["fresh"] * 3
    assert len(list(folder.glob("takes/*/*.png"))) == 3


def test_by_rest(heard: Path, tmp_path: Path) -> None:
    with RestServer() as server:
        table = {"model": "core", "variation_model": "sd3.5-medium", "style_preset": "cinematic"}
        look_at(rendered(heard, tmp_path / "p", table, STABILITY_API_URL=server.url))
    keyframes = [call for call in server.calls if call.service == "core"]
    assert all(any(words in call.fields["prompt"] for call in keyframes) for words in PROMPTS)
    assert {(call.fields["aspect_ratio"], call.fields["style_preset"]) for call in keyframes} == {("1:1", "cinematic")}
    variations = [call for call in server.calls if call.service == "sd3"]
    assert (len(keyframes), len(variations)) == (3, 6)
    assert {round(float(call.fields["strength"]), 5) for call in variations} == {0.28}


def test_by_grpc(heard: Path, tmp_path: Path) -> None:
    with fake.serving() as server:
        table = {"api": "grpc", "model": "stable-diffusion-v1-6"}
        look_at(rendered(heard, tmp_path / "p", table, STABILITY_HOST=server.host))
    keyframes = [call for call in server.calls if len(call.prompt) == 1]
    variations = [call for call in server.calls if len(call.prompt) == 2]
    assert all(any(words in call.prompt[0].text for call in keyframes) for words in PROMPTS)
    assert (len(keyframes), len(variations)) == (3, 3)
    assert {call.image.samples for call in variations} == {2}
    assert {round(call.image.parameters[0].schedule.start, 5) for call in variations} == {0.28}
