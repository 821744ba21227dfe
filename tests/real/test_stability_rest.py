"""Pictures by the REST service: a real server on this machine that draws, refuses, breaks, and repeats the key."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.real.stability_rest_server import (
    KEY,
    Call,
    Reaction,
    RestServer,
    blank,
    body,
    dropped,
    filtered,
    held,
    picture,
    status,
    trickling,
)
from vktrs.engines.pictures import FrameRequest, Keyframe, KeyframeRequest, MotionRequest, Workplace
from vktrs.engines.purse import Purse
from vktrs.engines.services.key import Key
from vktrs.engines.services.retrying import Policy, Retrying, Transient
from vktrs.engines.services.saying import retry_after
from vktrs.engines.stability.engine import StabilityEngine
from vktrs.engines.stability.options import read_options
from vktrs.engines.stability.rest import RestWay, start_file
from vktrs.engines.stability.way import Ask
from vktrs.errors import Halted, InputError, MissingError, VktrsError
from vktrs.motion.affine import Move, matrix
from vktrs.motion.colour import colours
from vktrs.motion.step import stepped
from vktrs.picture import Picture, filling

ASK = Ask("a street", "", (7,), 48, 32)
START = np.full((32, 48, 3), 200, np.uint8)
FROM_PICTURE = Ask("a street", "", (7,), 48, 32, START, 0.28)
QUICK = Policy(tries=3, deadline=20.0)


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer() as running:
        yield running


def way(server: RestServer, remark: Callable[[str], None] = lambda _text: None, **options: Any) -> RestWay:
    return RestWay(read_options(options), Key(KEY), server.url, remark)


def engine(server: RestServer, purse: Purse | None = None, **options: Any) -> StabilityEngine:
    workplace = Workplace(purse=purse or Purse())
    return StabilityEngine(
        read_options(options),
        workplace,
        way(server, **options),
        lambda is_over: Retrying(
            is_over, workplace.remark, QUICK, sleep=lambda _s: None, uniform=lambda *_: 0.0, name="Stability"
        ),
    )


def keyframe_request(number: int = 1) -> KeyframeRequest:
    return KeyframeRequest(f"picture {number}", "", number, 48, 32)


@pytest.mark.parametrize(
    ("options", "ask", "service", "fields"),
    [
        ({}, ASK, "core", {"aspect_ratio": "3:2"}),
        ({"style_preset": "anime"}, ASK, "core", {"aspect_ratio": "3:2", "style_preset": "anime"}),
        (
            {"cfg_scale": 5.5},
            FROM_PICTURE,
            "sd3",
            {"model": "sd3.5-medium", "mode": "image-to-image", "strength": "0.2800", "cfg_scale": "5.5"},
        ),
        (
            {"cfg_scale": 5.5},
            replace(FROM_PICTURE, cfg_scale=8.25),
            "sd3",
            {"model": "sd3.5-medium", "mode": "image-to-image", "strength": "0.2800", "cfg_scale": "8.25"},
        ),
        ({"model": "ultra"}, replace(FROM_PICTURE, cfg_scale=8.25), "ultra", {"strength": "0.2800"}),
        ({"model": "ultra"}, ASK, "ultra", {"aspect_ratio": "3:2"}),
        ({"model": "ultra"}, FROM_PICTURE, "ultra", {"strength": "0.2800"}),
        (
            {"model": "sd3.5-large-turbo"},
            ASK,
            "sd3",
            {"model": "sd3.5-large-turbo", "mode": "text-to-image", "cfg_scale": "1", "aspect_ratio": "3:2"},
        ),
    ],
)
def test_each_model_is_asked_in_its_own_words(
    server: RestServer, options: dict[str, Any], ask: Ask, service: str, fields: dict[str, str]
) -> None:
    (drawn,) = way(server, **options).draw(ask, 20.0)
    assert drawn.seed == 7
    assert drawn.picture is not None
    (call,) = server.calls
    assert call.service == service
    assert call.fields == {"prompt": "a street", "seed": "7", "output_format": "png", **fields}
    assert call.multipart
    assert call.accept == "image/*"
    assert (call.image is not None) == (ask.start is not None)


@pytest.mark.parametrize("model", ["core", "ultra", "sd3.5-large", "sd3.5-medium"])
def test_negative_prompts_are_passed_on(server: RestServer, model: str) -> None:
    way(server, model=model).draw(Ask("a street", "blurry", (7,), 48, 32), 20.0)
    assert server.calls[0].fields["negative_prompt"] == "blurry"


def test_a_model_that_takes_no_negative_prompt_is_not_given_one_and_that_is_said(server: RestServer) -> None:
    remarks: list[str] = []
    way(server, remarks.append, model="sd3.5-large-turbo").draw(Ask("a street", "blurry", (7,), 48, 32), 20.0)
    assert "negative_prompt" not in server.calls[0].fields
    assert "negative prompts" in remarks[0]


def test_a_model_that_takes_no_guidance_scale_is_not_given_one_and_that_is_said(server: RestServer) -> None:
    remarks: list[str] = []
    way(server, remarks.append, model="ultra").draw(replace(FROM_PICTURE, cfg_scale=4.0), 20.0)
    assert "guidance scale" in remarks[0]


def test_any_prompt_arrives_as_it_was_written(server: RestServer) -> None:
    prompt = 'Straße "bei Nacht"\r\n--boundary\n🌃 ' + "x" * 9000
    way(server).draw(Ask(prompt, "", (7,), 48, 32), 20.0)
    assert server.calls[0].fields["prompt"].split() == prompt.split()


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (Ask("x" * 10_001, "", (7,), 48, 32), "10001 characters"),
        (Ask("a", "y" * 10_001, (7,), 48, 32), "negative prompt has 10001"),
        (Ask(" \n", "", (7,), 48, 32), "prompt is empty"),
        (replace(FROM_PICTURE, cfg_scale=40.0), "guidance scale is 40 here; Stability takes 1 to 10"),
    ],
)
def test_what_is_never_taken_is_not_sent(server: RestServer, ask: Ask, said: str) -> None:
    with pytest.raises(InputError, match=said):
        way(server).draw(ask, 20.0)
    assert not server.calls


@pytest.mark.parametrize(("height", "width"), [(4, 16), (32, 48), (512, 512), (3200, 3300)])
def test_the_keyframe_is_sent_within_the_limits_of_the_service(height: int, width: int) -> None:
    sent = Image.open(io.BytesIO(start_file(np.zeros((height, width, 3), np.uint8))))
    assert min(sent.size) >= 64
    assert sent.width * sent.height <= 9_437_184
    assert sent.width / sent.height == pytest.approx(width / height, rel=0.01)
    if min(width, height) >= 64 and width * height <= 9_437_184:
        assert sent.size == (width, height)


def test_a_keyframe_that_is_too_many_bytes_is_sent_smaller() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    data = start_file(noise, 50_000)
    assert len(data) <= 50_000
    assert Image.open(io.BytesIO(data)).width > 64


@pytest.mark.parametrize(
    ("reaction", "wait", "paid"),
    [
        (status(429, "rate_limit_exceeded", retry_after="3"), 3.0, False),
        (status(500), None, False),
        (status(502), None, False),
        (status(503, retry_after="nonsense"), None, False),
        (status(504), None, False),
        (dropped(), None, True),
        (dropped(after=40), None, True),
    ],
)
def test_what_may_pass_by_itself_is_told_from_what_does_not(
    server: RestServer, reaction: Reaction, wait: float | None, paid: bool
) -> None:
    server.next(reaction)
    with pytest.raises(Transient) as raised:
        way(server).draw(ASK, 20.0)
    assert (raised.value.wait, raised.value.paid) == (wait, paid)
    assert KEY not in raised.value.reason


@pytest.mark.parametrize(
    ("reaction", "kind", "said"),
    [
        (status(400, "bad_request", "prompt: odd"), VktrsError, "prompt: odd"),
        (status(401, "unauthorized", "no such key"), MissingError, "does not accept the key"),
        (status(402, "payment_required"), Halted, "no credits"),
        (status(400, "insufficient_balance", "not enough credits"), Halted, "no credits"),
        (status(403, "content_moderation", "flagged"), VktrsError, "refuses this prompt"),
        (status(404, "not_found"), MissingError, "no such service"),
        (status(413, "payload_too_large"), VktrsError, "413"),
        (status(422, "unprocessable"), VktrsError, "422"),
        (status(302), VktrsError, "302"),
        (body(400, b"<html>proxy</html>", "text/html"), VktrsError, "400"),
        (body(418, b"\xff\x00" * 999, "text/plain"), VktrsError, "418"),
    ],
)
def test_what_does_not_pass_is_one_sentence_without_the_key(
    server: RestServer, reaction: Reaction, kind: type[VktrsError], said: str
) -> None:
    server.next(reaction)
    with pytest.raises(VktrsError) as raised:
        way(server).draw(ASK, 20.0)
    assert type(raised.value) is kind
    assert said in raised.value.message
    assert "\n" not in raised.value.message
    assert "<" not in raised.value.message
    assert len(raised.value.message) < 420
    assert raised.value.hint
    assert KEY not in str(raised.value)


def test_a_service_that_is_not_there_is_transient_and_free() -> None:
    with RestServer() as gone:
        there = way(gone)
    with pytest.raises(Transient) as raised:
        there.draw(ASK, 20.0)
    assert not raised.value.paid
    assert "cannot be reached" in raised.value.reason


def test_no_call_waits_longer_than_its_deadline(server: RestServer) -> None:
    released = threading.Event()
    server.next(held(released))
    try:
        with pytest.raises(Transient, match="no whole answer within") as raised:
            way(server).draw(ASK, 0.3)
        assert raised.value.paid
    finally:
        released.set()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("head", "drop", "paid"),
    [
        (OK, b"x: y\r\n", True),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", True),
        (OK + b"content-length: 99999\r\n\r\n", b"x", True),
        (OK + b"transfer-encoding: chunked\r\n\r\n1;", b"x", True),
        (OK + b"content-encoding: gzip\r\ncontent-length: 99999\r\n\r\n\x1f\x8b\x08\x08" + bytes(6), b"x", True),
        (b"HTTP/1.1 503 Busy\r\ncontent-length: 99999\r\n\r\n", b"x", False),
    ],
)
def test_an_answer_that_trickles_ends_at_the_deadline_too(
    server: RestServer, head: bytes, drop: bytes, paid: bool
) -> None:
    server.next(trickling(head, drop))
    with pytest.raises(Transient, match=r"no whole answer within 0\.5 s") as raised:
        way(server).draw(ASK, 0.5)
    assert raised.value.paid == paid


def test_a_call_after_one_that_was_ended_goes_well(server: RestServer) -> None:
    server.next(trickling(OK, b"x: y\r\n"))
    same = way(server, at_once=1)
    with pytest.raises(Transient):
        same.draw(ASK, 0.5)
    assert same.draw(ASK, 20.0)[0].picture


def test_no_packed_answer_is_asked_for(server: RestServer) -> None:
    way(server).draw(ASK, 20.0)
    assert server.calls[0].encodings == "identity"


def test_no_connection_is_used_twice(server: RestServer) -> None:
    same = way(server, at_once=1)
    for _ in range(3):
        same.draw(ASK, 20.0)
    assert len({call.client for call in server.calls}) == 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-2", 0.0),
        ("Mon, 23 Nov 2026 10:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0.0),
        ("inf", None),
        ("soon", None),
        (None, None),
    ],
)
def test_both_forms_of_retry_after_are_read(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)) == seconds


def test_a_blurred_picture_with_status_200_is_none(server: RestServer) -> None:
    server.next(filtered())
    (drawn,) = way(server).draw(ASK, 20.0)
    assert drawn.picture is None
    assert drawn.reason == "CONTENT_FILTERED"


@pytest.mark.parametrize(
    "failure",
    [
        status(429, retry_after="0"),
        status(500),
        status(502),
        status(503),
        status(504),
        dropped(),
        dropped(after=40),
        filtered(),
        blank(),
        body(200, b"\x89PNG garbage"),
        body(200, b"{}", "application/json"),
        body(200, b""),
    ],
)
def test_after_any_failure_that_passes_there_is_a_picture(server: RestServer, failure: Reaction) -> None:
    server.next(failure)
    ((_, answer),) = engine(server).keyframes([keyframe_request()])
    assert not isinstance(answer, VktrsError)
    assert answer.shape == (64, 96, 3)
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("failure", "calls", "spent"),
    [
        (status(503), 3, 0.0),
        (dropped(), 3, 9.0),
        (filtered(), 4, 12.0),
        (blank(), 4, 12.0),
        (body(200, b"\x89PNG garbage"), 2, 6.0),
        (status(400), 1, 0.0),
        (status(403), 1, 0.0),
    ],
)
def test_a_failure_for_good_is_the_answer_of_its_request(
    server: RestServer, failure: Reaction, calls: int, spent: float
) -> None:
    purse = Purse()
    server.always(failure)
    ((_, answer),) = engine(server, purse).keyframes([keyframe_request()])
    assert isinstance(answer, VktrsError)
    assert len(server.calls) == calls
    assert purse.spent == spent


def test_variations_are_like_their_keyframe(server: RestServer) -> None:
    frames = [FrameRequest(k, "a street", "", 50 + k, 0.72, 48, 32) for k in (1, 2, 3)]
    for _, answer in engine(server).variations(Keyframe(START, None), frames):
        assert not isinstance(answer, VktrsError)
        assert abs(float(answer[..., 1].mean()) - (0.72 * 200 + 0.28 * 40)) < 3
    assert {call.service for call in server.calls} == {"sd3"}
    assert {call.image for call in server.calls} == {start_file(START)}


def test_requests_run_at_once_up_to_the_bound(server: RestServer) -> None:
    both = threading.Barrier(3)

    def together(_call: Call) -> None:
        both.wait(20)

    server.seen = together
    answers = list(engine(server, at_once=3).keyframes([keyframe_request(number) for number in range(1, 7)]))
    assert len(answers) == 6
    assert server.most_at_once == 3


def motion_requests(count: int) -> list[MotionRequest]:
    """In a size that is not the service's: it draws from a keyframe in the keyframe's."""
    return [
        MotionRequest(
            k=k,
            prompt="a street",
            negative_prompt="",
            seed=50 + k,
            warp=matrix(Move(1.05, 3, 2), 72, 40),
            border="wrap",
            color_coherence="LAB",
            noise=0.02,
            strength=0.0 if k == 2 else 0.4,
            guidance_scale=6.5,
            width=72,
            height=40,
        )
        for k in range(1, count + 1)
    ]


def in_motion(server: RestServer, chain: list[MotionRequest], first: int, previous: Picture, purse: Purse) -> Any:
    keyframe = Keyframe(np.random.RandomState(1).randint(0, 256, (64, 96, 3)).astype(np.uint8), None)
    before = keyframe.picture if first == 1 else previous
    return keyframe, list(engine(server, purse).motion(keyframe, chain, first, before))


def test_a_moving_scene_is_drawn_picture_by_picture_through_a_busy_moment_and_goes_on_later(
    server: RestServer,
) -> None:
    chain, purse = motion_requests(5), Purse()
    server.next(picture(), status(429, retry_after="0"))
    keyframe, answers = in_motion(server, chain, 1, START, purse)
    assert [request for request, _ in answers] == chain
    assert {answer.shape for _, answer in answers} == {(40, 72, 3)}
    assert [call.fields["seed"] for call in server.calls] == ["51", "53", "53", "54", "55"]
    assert purse.spent == 4 * 3.5
    for call in server.calls:
        assert (call.service, call.fields["strength"], call.fields["cfg_scale"]) == ("sd3", "0.4000", "6.5")
    wanted = colours(filling(keyframe.picture, 72, 40))
    start = stepped(answers[2][1], chain[3].warp, "wrap", wanted, 0.02, chain[3].seed)
    assert server.calls[3].image == start_file(start)
    _, resumed = in_motion(server, chain, 3, answers[1][1], purse)
    assert [answer.tobytes() for _, answer in resumed] == [answer.tobytes() for _, answer in answers[2:]]
