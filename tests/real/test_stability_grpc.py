"""Stability's gRPC service as `GrpcWay` uses it, against a server of the SDK's own stubs on this machine."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
from grpc import StatusCode
from PIL import Image
from stability_sdk.client import generation

from tests.real import stability_grpc_server as fake
from tests.real.stability_grpc_server import Server, failing
from vktrs.engines.pictures import Answer, Keyframe, MotionRequest, Workplace
from vktrs.engines.purse import Purse
from vktrs.engines.services.key import Key
from vktrs.engines.services.retrying import Retrying, Transient
from vktrs.engines.stability.engine import StabilityEngine
from vktrs.engines.stability.grpc_failures import retry_seconds
from vktrs.engines.stability.grpc_way import GrpcWay, service_host
from vktrs.engines.stability.options import read_options
from vktrs.engines.stability.way import Ask, Broken, Drawn
from vktrs.errors import Halted, InputError, MissingError, VktrsError
from vktrs.motion.affine import Move, matrix
from vktrs.motion.step import stepped
from vktrs.picture import Picture

KEY = "sk-this-Is-The-Key-of-nobody-0123456789"
MODEL = "stable-diffusion-v1-6"
PATIENCE = 20.0


@pytest.fixture
def server() -> Iterator[Server]:
    with fake.serving() as running:
        yield running


@pytest.fixture
def way(server: Server) -> Iterator[GrpcWay]:
    opened = opening(server.host)
    yield opened
    opened.close()


def opening(host: str, remark: Callable[[str], None] = lambda _text: None, **options: object) -> GrpcWay:
    return GrpcWay(read_options({"api": "grpc", "model": MODEL, **options}), Key(KEY), host, remark)


def ask(*seeds: int, prompt: str = "a hill", negative: str = "", **more: object) -> Ask:
    return Ask(prompt, negative, seeds or (7,), 512, 512, **more)  # type: ignore[arg-type]


def colours(drawn: list[Drawn]) -> dict[int, tuple[int, ...] | None]:
    """The colour of the picture for each seed; None where there is none."""
    found: dict[int, tuple[int, ...] | None] = {}
    for each in drawn:
        found[each.seed] = None
        if each.picture is not None:
            pixel = Image.open(io.BytesIO(each.picture)).getpixel((0, 0))
            assert isinstance(pixel, tuple)
            found[each.seed] = pixel
    return found


def expected(*seeds: int) -> dict[int, tuple[int, ...]]:
    return {seed: fake.colour(seed) for seed in seeds}


def failure_of(work: Callable[[], object]) -> Exception:
    """What a call fails with; neither it nor what it came from shows the key."""
    with pytest.raises((VktrsError, Transient)) as caught:
        work()
    error = caught.value
    assert KEY not in f"{error} {error!r}"
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    return error


# What is asked for


def test_one_call_makes_a_picture_for_each_seed(server: Server, way: GrpcWay) -> None:
    drawn = way.draw(ask(3, 900, 41), PATIENCE)
    assert colours(drawn) == expected(3, 900, 41)
    (call,) = server.calls
    assert list(call.image.seed) == [3, 900, 41]
    assert call.image.samples == 3


def test_the_options_and_both_prompts_are_in_the_request(server: Server) -> None:
    way = opening(server.host, steps=12, cfg_scale=5.5, style_preset="anime")
    way.draw(ask(prompt="a hill", negative="fog"), PATIENCE)
    way.close()
    (call,) = server.calls
    assert call.engine_id == MODEL
    assert [(each.text, each.parameters.weight) for each in call.prompt] == [("a hill", 1.0), ("fog", -1.0)]
    assert (call.image.width, call.image.height, call.image.steps) == (512, 512, 12)
    assert call.image.parameters[0].sampler.cfg_scale == 5.5
    assert not call.image.parameters[0].HasField("schedule")
    assert call.extras["$IPC"]["preset"] == "anime"


def test_a_size_that_the_service_does_not_make_is_asked_for_as_the_nearest(server: Server, way: GrpcWay) -> None:
    way.draw(Ask("a hill", "", (1,), 1000, 562), PATIENCE)
    (call,) = server.calls
    assert (call.image.width % 64, call.image.height % 64) == (0, 0)
    assert abs(call.image.width / call.image.height - 1000 / 562) < 0.1


@pytest.mark.parametrize(("strength", "start"), [(0.28, 0.28), (1.0, 1.0), (0.0, 0.02)])
def test_variations_start_from_the_keyframe(server: Server, way: GrpcWay, strength: float, start: float) -> None:
    keyframe = np.full((300, 400, 3), (200, 10, 30), np.uint8)
    drawn = way.draw(ask(1, 2, start=keyframe, strength=strength), PATIENCE)
    assert colours(drawn) == expected(1, 2)
    (call,) = server.calls
    schedule = call.image.parameters[0].schedule
    assert schedule.start == pytest.approx(start)
    assert schedule.start > schedule.end
    (sent,) = [each.artifact for each in call.prompt if each.HasField("artifact")]
    assert sent.type == generation.ARTIFACT_IMAGE
    picture = Image.open(io.BytesIO(sent.binary))
    assert picture.size == (call.image.width, call.image.height)
    assert picture.getpixel((0, 0)) == (200, 10, 30)


def test_a_price_grows_with_the_pictures_of_a_call(way: GrpcWay) -> None:
    assert 0 < 3 * way.price(ask(1)) == pytest.approx(way.price(ask(1, 2, 3)))


def test_an_empty_prompt_is_refused_before_a_call(server: Server, way: GrpcWay) -> None:
    assert isinstance(failure_of(lambda: way.draw(ask(prompt=" "), PATIENCE)), InputError)
    assert isinstance(failure_of(lambda: way.draw(ask(negative="x" * 10_001), PATIENCE)), InputError)
    assert server.calls == []


# What comes


def test_pictures_find_their_seeds_in_whatever_order_they_come(server: Server, way: GrpcWay) -> None:
    server.script(fake.together)
    assert colours(way.draw(ask(1, 2, 3), PATIENCE)) == expected(1, 2, 3)


def test_a_second_picture_of_one_seed_takes_the_place_of_no_other(server: Server, way: GrpcWay) -> None:
    server.script(fake.one_too_many)
    assert colours(way.draw(ask(1, 2), PATIENCE)) == expected(1, 2)


def test_pictures_that_name_no_seed_are_taken_in_their_order(server: Server, way: GrpcWay) -> None:
    server.script(fake.nameless)
    assert colours(way.draw(ask(5, 4), PATIENCE)) == expected(5, 4)


@pytest.mark.parametrize("blurred", [False, True])
def test_a_filtered_picture_is_none_and_the_others_are_kept(server: Server, way: GrpcWay, blurred: bool) -> None:
    server.script(fake.filtering(2, blurred=blurred))
    drawn = way.draw(ask(1, 2, 3), PATIENCE)
    assert colours(drawn) == {**expected(1, 3), 2: None}
    assert [each.reason for each in drawn if each.picture is None] == ["FILTER"]


def test_a_filter_that_speaks_once_means_every_picture_of_the_call(server: Server, way: GrpcWay) -> None:
    server.script(fake.refused)
    assert colours(way.draw(ask(1, 2, 3), PATIENCE)) == {1: None, 2: None, 3: None}


def test_a_file_is_handed_out_as_it_came(server: Server, way: GrpcWay) -> None:
    server.script(fake.with_junk(2))
    files = {each.seed: each.picture for each in way.draw(ask(1, 2), PATIENCE)}
    assert files[2] == b"<html>not a picture</html>"
    assert (files[1] or b"").startswith(b"\x89PNG")


def test_an_answer_without_a_picture_is_no_success(server: Server, way: GrpcWay) -> None:
    server.script(fake.nothing)
    failure = failure_of(lambda: way.draw(ask(), PATIENCE))
    assert isinstance(failure, Transient)
    assert failure.paid


# What fails, once and for good


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (StatusCode.UNAVAILABLE, "", Transient),
        (StatusCode.INTERNAL, "", Transient),
        (StatusCode.UNKNOWN, "", Transient),
        (StatusCode.ABORTED, "", Transient),
        (StatusCode.RESOURCE_EXHAUSTED, "rate limit: 150 requests in 10 s", Transient),
        (StatusCode.RESOURCE_EXHAUSTED, "Too many requests for your credits plan", Halted),
        (StatusCode.RESOURCE_EXHAUSTED, "your organization does not have enough balance", Halted),
        (StatusCode.RESOURCE_EXHAUSTED, "", Halted),
        (StatusCode.UNAUTHENTICATED, "missing authorization header", MissingError),
        (StatusCode.PERMISSION_DENIED, "not allowed", MissingError),
        (StatusCode.UNIMPLEMENTED, "unknown service", MissingError),
        (StatusCode.NOT_FOUND, "the specified engine was not found", MissingError),
        (StatusCode.INVALID_ARGUMENT, "Invalid prompts detected", InputError),
        (StatusCode.FAILED_PRECONDITION, "height must be a multiple of 64", InputError),
        (StatusCode.OUT_OF_RANGE, "steps", InputError),
    ],
)
def test_each_failure_has_its_meaning_and_is_not_tried_again_here(
    server: Server, way: GrpcWay, code: StatusCode, said: str, kind: type[Exception]
) -> None:
    server.script(failing(code, said))
    failure = failure_of(lambda: way.draw(ask(), PATIENCE))
    assert type(failure) is kind
    assert said.removesuffix(".") in f"{failure}"
    assert len(server.calls) == 1
    if isinstance(failure, VktrsError):
        assert failure.hint
    if isinstance(failure, Transient):
        assert not failure.paid
    # and the next call of the same way goes well
    assert colours(way.draw(ask(8), PATIENCE)) == expected(8)


@pytest.mark.parametrize(
    ("metadata", "wait"),
    [
        (fake.retry_info(7, 500_000_000), 7.5),
        (("retry-after", "12"), 12.0),
        (("grpc-retry-pushback-ms", "250"), 0.25),
    ],
)
def test_a_service_that_says_when_to_come_again_is_heard(
    server: Server, way: GrpcWay, metadata: tuple[str, str | bytes], wait: float
) -> None:
    server.script(failing(StatusCode.RESOURCE_EXHAUSTED, metadata=[metadata]))
    failure = failure_of(lambda: way.draw(ask(), PATIENCE))
    assert isinstance(failure, Transient)
    assert failure.wait == wait


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"retry-after": "soon"},
        {"retry-after": "nan"},
        {"retry-after": b"\xff"},
        {"grpc-status-details-bin": b"\xff\xff\xff"},
        {"grpc-status-details-bin": b""},
        {"grpc-status-details-bin": b"\x1a\x02\xff\xff"},
        {"grpc-status-details-bin": "text"},
    ],
)
def test_a_pause_that_cannot_be_read_is_none(metadata: dict[str, str | bytes]) -> None:
    assert retry_seconds(metadata) is None


@pytest.mark.parametrize(
    ("code", "kind"), [(StatusCode.UNAVAILABLE, Transient), (StatusCode.INVALID_ARGUMENT, InputError)]
)
def test_pictures_that_came_before_a_failure_are_handed_out_with_it(
    server: Server, way: GrpcWay, code: StatusCode, kind: type[Exception]
) -> None:
    server.script(failing(code, after=2))
    with pytest.raises(Broken) as caught:
        way.draw(ask(1, 2, 3), PATIENCE)
    assert colours(caught.value.drawn) == expected(1, 2)
    assert type(caught.value.failure) is kind


def test_a_consistency_that_the_service_does_not_make_is_said(server: Server) -> None:
    said: list[str] = []
    way = opening(server.host, remark=said.append)
    keyframe = np.full((64, 64, 3), 90, np.uint8)
    for strength in (0.28, 0.02, 0.01):
        way.draw(ask(start=keyframe, strength=strength), PATIENCE)
    way.close()
    (remark,) = said
    assert "0.98" in remark


def test_a_service_that_repeats_the_key_is_not_quoted_with_it(server: Server, way: GrpcWay) -> None:
    server.script(failing(StatusCode.UNAUTHENTICATED, f"Incorrect API key: {KEY}"))
    assert "Incorrect API key" in str(failure_of(lambda: way.draw(ask(), PATIENCE)))


def test_words_of_the_service_are_one_short_line(server: Server, way: GrpcWay) -> None:
    server.script(failing(StatusCode.INVALID_ARGUMENT, "a\nb\t\x1b[2J" + "c" * 3000))
    said = str(failure_of(lambda: way.draw(ask(), PATIENCE)))
    assert said.isprintable()
    assert len(said) < 500


def test_bytes_that_are_no_message_pass_and_may_be_charged(server: Server, way: GrpcWay) -> None:
    server.script(fake.garbage)
    failure = failure_of(lambda: way.draw(ask(), PATIENCE))
    assert isinstance(failure, Transient)
    assert failure.paid


# A network


def test_a_slow_answer_ends_with_the_deadline(server: Server, way: GrpcWay) -> None:
    asked, go_on = threading.Event(), threading.Event()
    server.script(fake.slow(asked, go_on))
    failure = failure_of(lambda: way.draw(ask(), 0.5))
    go_on.set()
    assert isinstance(failure, Transient)
    assert failure.paid
    assert "0.5 s" in failure.reason


def test_calls_have_deadlines_of_their_own(server: Server, way: GrpcWay) -> None:
    asked, go_on = threading.Event(), threading.Event()
    server.script(fake.slow(asked, go_on))
    with ThreadPoolExecutor(1) as pool:
        patient = pool.submit(way.draw, ask(4), PATIENCE)
        assert asked.wait(PATIENCE)
        server.script(fake.slow(threading.Event(), go_on))
        assert isinstance(failure_of(lambda: way.draw(ask(5), 0.3)), Transient)
        go_on.set()
        assert colours(patient.result()) == expected(4)


def test_calls_are_made_at_the_same_time(server: Server, way: GrpcWay) -> None:
    together = threading.Barrier(3)
    server.script(always=fake.held(together))
    with ThreadPoolExecutor(3) as pool:
        found = pool.map(lambda seed: colours(way.draw(ask(seed), PATIENCE)), (1, 2, 3))
    assert list(found) == [expected(1), expected(2), expected(3)]


def test_a_dead_host_is_said_at_once_and_costs_nothing() -> None:
    way = opening(f"127.0.0.1:{fake.free_port()}")
    failure = failure_of(lambda: way.draw(ask(), PATIENCE))
    way.close()
    assert isinstance(failure, Transient)
    assert not failure.paid


def test_a_host_that_comes_back_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[grpc.Channel, dict[str, int]]] = []
    open_channel = grpc.insecure_channel

    def opening_channel(host: str, options: Sequence[tuple[str, int]]) -> grpc.Channel:
        channel = open_channel(host, options=options)
        opened.append((channel, dict(options)))
        return channel

    monkeypatch.setattr(grpc, "insecure_channel", opening_channel)
    port = fake.free_port()
    way = opening(f"127.0.0.1:{port}")
    (ours, options), _of_the_sdk = opened
    assert options["grpc.max_reconnect_backoff_ms"] <= 1000, "it would wait longer and longer"
    for _ in range(4):
        failure_of(lambda: way.draw(ask(), PATIENCE))
    with fake.serving(port):
        grpc.channel_ready_future(ours).result(PATIENCE)
        assert colours(way.draw(ask(9), PATIENCE)) == expected(9)
    way.close()


def test_a_connection_that_is_cut_passes_and_may_be_charged(server: Server) -> None:
    asked, go_on = threading.Event(), threading.Event()
    server.script(fake.slow(asked, go_on))
    with fake.relaying(server.port) as relay, ThreadPoolExecutor(1) as pool:
        way = opening(relay.host)
        call = pool.submit(way.draw, ask(), PATIENCE)
        assert asked.wait(PATIENCE)
        relay.cut()
        failure = failure_of(call.result)
        go_on.set()
        assert isinstance(failure, Transient)
        assert failure.paid
        assert colours(way.draw(ask(6), PATIENCE)) == expected(6)
        way.close()


@pytest.mark.parametrize("data", [b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", b"\x00\xff" * 50, b"", None])
def test_a_port_where_something_else_answers_ends_with_the_deadline(data: bytes | None) -> None:
    with fake.answering(data) as host:
        way = opening(host)
        failure = failure_of(lambda: way.draw(ask(), 1.0))
        way.close()
    assert isinstance(failure, Transient)


# The key, and what is written


def test_the_key_does_not_go_over_an_open_connection(server: Server, way: GrpcWay) -> None:
    way.draw(ask(), PATIENCE)
    assert len(server.calls) == 1
    assert server.keys == []


def test_nothing_is_logged_or_printed(
    server: Server, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        way = opening(server.host)
        server.script(failing(StatusCode.UNAVAILABLE), fake.garbage)
        for _ in range(2):
            failure_of(lambda: way.draw(ask(), PATIENCE))
        way.draw(ask(), PATIENCE)
        way.close()
    assert not [each for each in caplog.records if each.name.startswith(("grpc", "stability"))]
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ("", "grpc.stability.ai:443"),
        (" grpc.example.org:443 ", "grpc.example.org:443"),
        ("10.1.2.3:8443", "10.1.2.3:8443"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("localhost:1", "localhost:1"),
        ("[::1]:50051", "[::1]:50051"),
    ],
)
def test_where_the_service_is_can_be_said(said: str, host: str) -> None:
    assert service_host({"STABILITY_HOST": said}) == host


@pytest.mark.parametrize(
    "said", ["grpc.example.org", "grpc.example.org:80", "https://a.b:443", "a b:443", ":443", "10.0.0.1:50051", "x:"]
)
def test_a_place_that_a_key_may_not_be_sent_to_is_refused(said: str) -> None:
    with pytest.raises(InputError, match="STABILITY_HOST"):
        service_host({"STABILITY_HOST": said})


# A moving scene

KEYFRAME = np.random.RandomState(1).randint(0, 256, (384, 512, 3)).astype(np.uint8)


def steps(count: int) -> list[MotionRequest]:
    """In half the size that the service makes; the second one is too weak for it."""
    return [
        MotionRequest(
            k=k,
            prompt="a hill",
            negative_prompt="fog",
            seed=60 + k,
            warp=matrix(Move(0.98, -2, 3), 256, 192),
            border="reflect",
            color_coherence="none",
            noise=0.02,
            strength=0.015 if k == 2 else 0.35,
            guidance_scale=11.5,
            width=256,
            height=192,
        )
        for k in range(1, count + 1)
    ]


def moving(server: Server, chain: list[MotionRequest], first: int, previous: Picture, purse: Purse) -> list[Answer]:
    options, workplace = read_options({"api": "grpc", "model": MODEL}), Workplace(purse=purse)

    def at_once(is_over: Callable[[], bool]) -> Retrying:
        return Retrying(is_over, workplace.remark, sleep=lambda _s: None, uniform=lambda *_: 0.0, name="Stability")

    engine = StabilityEngine(options, workplace, opening(server.host), at_once)
    answers = list(engine.motion(Keyframe(KEYFRAME, None), chain, first, previous))
    engine.close()
    assert [request for request, _ in answers] == chain[first - 1 : first - 1 + len(answers)]
    return [answer for _, answer in answers]


def test_a_moving_scene_starts_each_picture_from_the_one_before_and_goes_on_later(server: Server) -> None:
    purse, chain = Purse(), steps(4)
    server.script(fake.pictures, failing(StatusCode.RESOURCE_EXHAUSTED, "slow down", metadata=[fake.retry_info(0)]))
    first, second, *rest = moving(server, chain, 1, KEYFRAME, purse)
    assert all(not isinstance(each, VktrsError) and each.shape == (192, 256, 3) for each in (first, second, *rest))
    assert isinstance(first, np.ndarray) and isinstance(second, np.ndarray)
    assert second.tobytes() == stepped(first, chain[1].warp, "reflect", None, 0.0, 0).tobytes()
    assert [list(call.image.seed) for call in server.calls] == [[61], [63], [63], [64]]
    assert purse.spent == pytest.approx(3 * 0.9)
    for call in server.calls:
        sampled = call.image.parameters[0]
        assert sampled.schedule.start == pytest.approx(0.35)
        assert sampled.sampler.cfg_scale == 11.5
        sent = next(each for each in call.prompt if each.HasField("artifact")).artifact.binary
        assert Image.open(io.BytesIO(sent)).size == (call.image.width, call.image.height)
    assert [each.tobytes() for each in moving(server, chain, 3, second, purse)] == [each.tobytes() for each in rest]


def test_a_moving_scene_ends_where_every_seed_is_filtered(server: Server) -> None:
    server.script(fake.pictures, always=fake.refused)
    answers = moving(server, [steps(4)[0], *steps(4)[2:]], 1, KEYFRAME, Purse())
    assert len(answers) == 2
    assert "with 4 seeds" in str(answers[1])
    assert len(server.calls) == 5


def test_a_guidance_scale_that_the_service_does_not_take_is_not_sent(server: Server, way: GrpcWay) -> None:
    with pytest.raises(InputError, match="guidance scale is 36 here; Stability takes 1 to 35"):
        way.draw(ask(cfg_scale=36.0), PATIENCE)
    assert not server.calls
