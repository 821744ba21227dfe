"""Whole runs of the command line whose pictures the REST service makes: on disk, paid once, the key nowhere."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.real.commands import seen_arguments, unmade_project, vktrs
from tests.real.projects import change
from tests.real.stability_rest_server import KEY, Call, RestServer, body, dropped, filtered, picture, status


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer() as running:
        yield running


def paid_project(folder: Path, **options: object) -> Path:
    """A heard song whose pictures this service is to make; edited long enough ago to be paid for."""
    unmade_project(folder)
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in options.items())
    change(folder, 'speech = "none"\n', f'speech = "none"\npictures = "stability"\n\n[engines.stability]\n{lines}')
    edited_long_ago(folder)
    return folder


def edited_long_ago(folder: Path) -> None:
    os.utime(folder / "storyboard.toml", (1e9, 1e9))


def environment(server: RestServer) -> dict[str, str]:
    return {"STABILITY_KEY": KEY, "STABILITY_API_URL": server.url}


def bought(folder: Path) -> int:
    return sum(len(list(folder.glob(f"{place}/*"))) for place in (".vktrs/cache/variations", "takes/*"))


def test_a_project_renders_and_nothing_is_bought_twice(tmp_path: Path, server: RestServer) -> None:
    folder = paid_project(tmp_path / "p")
    server.next(status(429, retry_after="0"), dropped(), picture(), filtered())
    told = vktrs("run", folder, env=environment(server))
    assert (folder / "output.mp4").is_file()
    assert "credits were spent" in told.stderr + told.stdout
    pictures = bought(folder)
    assert len(server.calls) == pictures + 3
    takes = [Image.open(path).size for path in folder.glob("takes/*/*.png")]
    assert takes
    assert set(takes) == {(96, 64)}, "the original is the take"
    asked = len(server.calls)
    (folder / "output.mp4").unlink()
    vktrs("run", folder, env=environment(server))
    change(folder, "width = 48\nheight = 32", "width = 96\nheight = 64")
    edited_long_ago(folder)
    vktrs("run", folder, env=environment(server))
    assert len(server.calls) == asked


def test_a_budget_ends_the_run_and_what_was_bought_is_kept(tmp_path: Path, server: RestServer) -> None:
    folder = paid_project(tmp_path / "p", model="ultra")
    told = vktrs("run", folder, "--budget", "20", env=environment(server), code=1)
    assert len(server.calls) == bought(folder) == 2
    assert "budget" in told.stderr + told.stdout
    vktrs("run", folder, env=environment(server))
    assert len(server.calls) == bought(folder)


def test_a_stop_keeps_what_is_on_its_way_and_buys_no_more(tmp_path: Path, server: RestServer) -> None:
    folder = paid_project(tmp_path / "p", at_once=1)

    def stop(_call: Call) -> None:
        journal = max(folder.glob(".vktrs/runs/*/events.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        (started,) = (json.loads(line) for line in journal.read_text("utf-8").splitlines() if '"started"' in line)
        os.kill(started["pid"], signal.SIGTERM)

    server.seen = stop
    vktrs("run", folder, env=environment(server), code=130)
    assert 1 <= bought(folder) == len(server.calls) < 5


def test_without_a_key_nothing_is_begun(tmp_path: Path, server: RestServer) -> None:
    folder = paid_project(tmp_path / "p")
    told = vktrs("run", folder, env={"STABILITY_API_URL": server.url}, code=4)
    assert "export STABILITY_KEY=" in told.stderr + told.stdout
    assert not server.calls


def test_the_key_is_nowhere_whatever_happened(tmp_path: Path, server: RestServer, nobody_at_home: Path) -> None:
    folder = paid_project(tmp_path / "p", at_once=1)
    arguments, server.seen = seen_arguments()
    said: list[str] = []

    def run(code: int | None) -> None:
        told = vktrs("run", folder, env=environment(server), code=code)
        said.extend((told.stdout, told.stderr))

    server.next(status(401, "unauthorized", "no such key"))
    run(4)
    server.next(status(402, "payment_required", "no credits"))
    run(1)
    server.always(body(404, f"no {KEY} here".encode(), "text/plain"))
    run(4)
    server.always(picture())
    server.on("first light", status(403, "content_moderation", "flagged"))
    server.on("second street", filtered(), filtered(), filtered(), filtered())
    server.on("third hill", status(422), status(500, retry_after="0"))
    server.on("last song", body(200, KEY.encode()), body(200, KEY.encode()), dropped(), status(413))
    server.next(
        status(429, retry_after="0"), status(503, retry_after="0"), body(400, KEY.encode() * 5000, "text/plain")
    )
    run(1)
    run(None)
    run(1)
    assert server.left == 0, "every failure did happen"
    asked = len(server.calls)
    run(1)
    assert len(server.calls) == asked, "what the filter refused is not paid for again"
    change(folder, 'text = "second street"', 'text = "second street"\nseed = 12')
    edited_long_ago(folder)
    run(0)
    assert (folder / "output.mp4").is_file()
    assert arguments
    everything = [
        *(path.read_bytes() for top in (folder, nobody_at_home) for path in top.rglob("*") if path.is_file()),
        *(str(path).encode() for path in folder.rglob("*")),
        *(text.encode() for text in said),
        *arguments,
    ]
    assert not [each for each in everything if KEY.encode() in each or KEY[3:].encode() in each]
    assert "[key]" in "".join(said), "the service did repeat it"


def test_another_model_for_the_variations_buys_no_keyframe(tmp_path: Path, server: RestServer) -> None:
    folder = paid_project(tmp_path / "p")
    vktrs("run", folder, env=environment(server))
    takes = {path: path.read_bytes() for path in folder.glob("takes/*/*")}
    server.calls.clear()
    change(folder, "[engines.stability]\n", '[engines.stability]\nvariation_model = "ultra"\n')
    edited_long_ago(folder)
    vktrs("run", folder, env=environment(server))
    assert [call.service for call in server.calls] == ["ultra"] * 15
    assert all(call.image for call in server.calls)
    assert {path: path.read_bytes() for path in folder.glob("takes/*/*")} == takes
