"""Whole runs of the command line whose pictures the gRPC service makes: on disk, paid once, the key nowhere."""

from __future__ import annotations

import io
import json
import os
import secrets
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import StatusCode
from PIL import Image

from tests.real import stability_grpc_server as fake
from tests.real.commands import unmade_project, vktrs
from tests.real.projects import change
from tests.real.stability_grpc_server import Act, Relay, Server, failing
from vktrs.engines.stability.options import grpc_size

KEY = f"sk-{secrets.token_hex(16)}"  # no other process of this machine knows it
MODEL = "stable-diffusion-v1-6"
SIZE = grpc_size(48, 32, MODEL)
PICTURES = 20
"""Of five scenes: a keyframe and three variations each."""

NO_PAUSE = ("retry-after", "0")


@pytest.fixture
def server() -> Iterator[Server]:
    with fake.serving() as running:
        yield running


def paid_project(folder: Path, **options: object) -> Path:
    """A heard song whose pictures this service is to make; edited long enough ago to be paid for."""
    unmade_project(folder)
    table = {"api": "grpc", "model": MODEL, **options}
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
    change(folder, 'speech = "none"\n', f'speech = "none"\npictures = "stability"\n\n[engines.stability]\n{lines}')
    edited_long_ago(folder)
    return folder


def edited_long_ago(folder: Path) -> None:
    os.utime(folder / "storyboard.toml", (1e9, 1e9))


def environment(host: str) -> dict[str, str]:
    return {"STABILITY_KEY": KEY, "STABILITY_HOST": host}


def files(folder: Path) -> list[Path]:
    """The pictures that a project has."""
    variations = (folder / ".vktrs/cache/variations").glob("*/*.png")
    return [*(path for path in variations if not path.parent.name.startswith(".")), *(folder / "takes").glob("*/*.png")]


def owned(folder: Path) -> Counter[tuple[int, ...]]:
    """The pictures that a project has, by their colour, which the server makes of the seed."""
    found: Counter[tuple[int, ...]] = Counter()
    for path in files(folder):
        pixel = Image.open(io.BytesIO(path.read_bytes())).convert("RGB").getpixel((0, 0))
        assert isinstance(pixel, tuple)
        found[pixel] += 1
    return found


def asked(calls: list[Any]) -> Counter[tuple[int, ...]]:
    """What calls asked for, in the same words."""
    return Counter(fake.colour(seed) for call in calls for seed in fake.seeds(call))


def send(folder: Path, number: signal.Signals) -> None:
    """A signal to the worker of the run that is going on."""
    journal = max(folder.glob(".vktrs/runs/*/events.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    (started,) = (json.loads(line) for line in journal.read_text("utf-8").splitlines() if '"started"' in line)
    os.kill(started["pid"], number)


def careless(code: StatusCode, said: str = "no", wait: bool = True) -> Act:
    """A failure whose text repeats the key."""
    return failing(code, f"{said} (called with {KEY})", metadata=[NO_PAUSE] if wait else [])


def cutting(relay: Relay) -> Act:
    """The connection is lost while the service draws."""

    def act(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        relay.cut()
        yield from fake.pictures(request, context)

    return act


def junk(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """Files that nothing can read."""
    yield from fake.with_junk(*fake.seeds(request))(request, context)


def late(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """Some words that the work goes on before the pictures come."""
    for _ in range(20):
        yield from fake.nothing(request, context)
    yield from fake.pictures(request, context)


def test_a_project_renders_whatever_fails_once_and_nothing_is_bought_twice(tmp_path: Path, server: Server) -> None:
    folder = paid_project(tmp_path / "p", at_once=1)
    wait = fake.retry_info(0)
    with fake.relaying(server.port) as relay:
        server.script(
            *(failing(StatusCode.UNAVAILABLE, metadata=[NO_PAUSE]), fake.pictures),
            *(fake.garbage, failing(StatusCode.RESOURCE_EXHAUSTED, metadata=[wait]), fake.pictures),
            *(cutting(relay), late, fake.refused, fake.refused, fake.pictures),
            *(failing(StatusCode.INTERNAL, after=1), fake.together, junk, fake.nameless),
        )
        told = vktrs("run", folder, env=environment(relay.host))
        assert server.left == 0, "every failure did happen"
        assert (folder / "output.mp4").is_file()
        assert "credits were spent" in told.stderr + told.stdout
        assert len(files(folder)) == PICTURES
        assert not owned(folder) - asked(server.calls)
        takes = [Image.open(path).size for path in folder.glob("takes/*/*.png")]
        assert set(takes) == {SIZE}, "the original is the take"
        calls = len(server.calls)
        (folder / "output.mp4").unlink()
        vktrs("run", folder, env=environment(relay.host))
        change(folder, "width = 48\nheight = 32", "width = 96\nheight = 64")
        change(folder, "at_once = 1", "at_once = 2")
        edited_long_ago(folder)
        vktrs("run", folder, env=environment(relay.host))
        assert len(server.calls) == calls


def test_a_run_without_a_failure_asks_for_each_picture_once_and_several_in_a_call(
    tmp_path: Path, server: Server
) -> None:
    folder = paid_project(tmp_path / "p")
    vktrs("run", folder, env=environment(server.host))
    assert owned(folder) == asked(server.calls)
    assert len(files(folder)) == PICTURES
    assert len(server.calls) == 10


def test_a_budget_ends_the_run_and_a_larger_one_goes_on(tmp_path: Path, server: Server) -> None:
    folder = paid_project(tmp_path / "p")
    told = vktrs("run", folder, "--budget", "7", env=environment(server.host), code=1)
    assert "budget" in told.stderr + told.stdout
    first = asked(server.calls)
    assert 0.9 * first.total() <= 7 < 0.9 * PICTURES
    assert owned(folder) == first
    vktrs("run", folder, "--budget", "20", env=environment(server.host))
    assert owned(folder) == asked(server.calls)
    assert len(files(folder)) == PICTURES


def test_a_stop_keeps_what_is_on_its_way_and_buys_no_more(tmp_path: Path, server: Server) -> None:
    folder = paid_project(tmp_path / "p")
    together = threading.Barrier(4, action=lambda: send(folder, signal.SIGTERM))
    server.script(*(fake.held(together) for _ in range(4)))
    vktrs("run", folder, env=environment(server.host), code=130)
    assert len(server.calls) == 4, "those that were under way, and no more"
    assert owned(folder) == asked(server.calls)
    vktrs("run", folder, env=environment(server.host))
    assert owned(folder) == asked(server.calls)
    assert len(files(folder)) == PICTURES


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_kill_costs_what_was_on_its_way_and_nothing_that_was_handed_out(
    tmp_path: Path, server: Server, at_once: int
) -> None:
    folder = paid_project(tmp_path / "p", at_once=at_once)

    def kill(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        send(folder, signal.SIGKILL)
        yield from fake.pictures(request, context)

    server.script(*(fake.pictures for _ in range(6)), kill)
    vktrs("run", folder, env=environment(server.host), code=1)
    before, paid = owned(folder), asked(server.calls)
    assert before.total() >= 4 + 3
    assert not before - paid
    assert not (folder / "output.mp4").exists()
    server.calls.clear()
    vktrs("run", folder, env=environment(server.host))
    again = asked(server.calls)
    assert not again & before, "what was there is not asked for"
    assert before + again == owned(folder)
    assert len(files(folder)) == PICTURES
    assert (paid & again).total() <= 4 * at_once, "only what was on its way is paid twice"


def test_the_key_is_nowhere_whatever_happened(tmp_path: Path, server: Server, nobody_at_home: Path) -> None:
    folder = paid_project(tmp_path / "p", at_once=1)
    arguments: list[bytes] = []
    said: list[str] = []
    known: dict[str, Act] = {}

    def always(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                arguments.append(path.read_bytes())
            except OSError:  # it ended meanwhile
                continue
        act = next((act for words, act in known.items() if words in request.prompt[0].text), fake.pictures)
        yield from act(request, context)

    server.script(always=always)

    def run(code: int) -> str:
        told = vktrs("run", folder, env=environment(server.host), code=code)
        said.extend((told.stdout, told.stderr))
        return told.stdout + told.stderr

    server.script(careless(StatusCode.UNAUTHENTICATED))
    assert "STABILITY_KEY" in run(4)
    server.script(careless(StatusCode.RESOURCE_EXHAUSTED, "not enough balance", wait=False))
    assert "no credits left" in run(1)
    server.script(careless(StatusCode.UNIMPLEMENTED))
    assert 'api = "rest"' in run(4)
    server.script(careless(StatusCode.NOT_FOUND))
    assert "no model" in run(4)
    assert not files(folder)
    known["last song"] = junk  # the lyric before is in every prompt, too
    known["third hill"] = fake.refused
    known["second street"] = careless(StatusCode.FAILED_PRECONDITION)
    known["first light"] = careless(StatusCode.INVALID_ARGUMENT, "Invalid prompts detected")
    server.script(fake.garbage, careless(StatusCode.UNAVAILABLE), careless(StatusCode.RESOURCE_EXHAUSTED))
    run(3)
    known.clear()
    run(1)  # the filter refused one scene with every seed: that is not paid for again
    assert server.left == 0, "every failure did happen"
    change(folder, 'text = "third hill"', 'text = "third hill"\nseed = 12')
    edited_long_ago(folder)
    run(0)
    assert (folder / "output.mp4").is_file()
    assert len(files(folder)) == PICTURES
    assert arguments
    everything = [
        *(path.read_bytes() for top in (folder, nobody_at_home) for path in top.rglob("*") if path.is_file()),
        *(str(path).encode() for path in folder.rglob("*")),
        *(text.encode() for text in said),
        *arguments,
    ]
    assert not [each for each in everything if KEY.encode() in each or KEY[3:].encode() in each]
    assert "[key]" in "".join(said), "the service did repeat it"
