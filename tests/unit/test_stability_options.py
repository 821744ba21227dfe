"""The table [engines.stability]: defaults, mistakes, sizes, seeds, prices; all of it light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.engines import stability
from vktrs.engines.pictures import Workplace
from vktrs.engines.stability.options import aspect_ratio, grpc_size, next_seed, read_options, service_seed
from vktrs.errors import InputError, MissingError, VktrsError

SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(
    ("table", "settled"),
    [
        ({}, {"api": "rest", "model": "core", "variation_model": "sd3.5-medium", "cfg_scale": 4.0}),
        ({"model": "ultra"}, {"api": "rest", "model": "ultra"}),
        ({"model": "sd3.5-large-turbo"}, {"api": "rest", "model": "sd3.5-large-turbo", "cfg_scale": 1.0}),
        (
            {"model": "ultra", "variation_model": "sd3.5-large", "cfg_scale": 6},
            {"api": "rest", "model": "ultra", "variation_model": "sd3.5-large", "cfg_scale": 6.0},
        ),
        (
            {"api": "grpc"},
            {"api": "grpc", "model": "stable-diffusion-xl-1024-v1-0", "cfg_scale": 7.0, "steps": 30},
        ),
    ],
)
def test_defaults_are_applied(table: dict[str, Any], settled: dict[str, Any]) -> None:
    assert stability.settled_options(table) == settled


@pytest.mark.parametrize("table", [{}, {"model": "ultra"}, {"model": "sd3.5-large"}, {"api": "grpc"}])
def test_writing_a_default_down_makes_nothing_stale(table: dict[str, Any]) -> None:
    settled = stability.settled_options(table)
    assert stability.settled_options({**settled, "at_once": 9}) == settled


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"modell": "core"}, "`modell`"),
        ({"api": "soap"}, '"rest", "grpc"'),
        ({"model": "sd4"}, '"sd3.5-medium"'),
        ({"model": 3}, "model = 3"),
        ({"api": "grpc", "model": "core"}, "engine id"),
        ({"api": "grpc", "model": "a b"}, "engine id"),
        ({"model": "core", "variation_model": "core"}, "variation_model"),
        ({"model": "sd3.5-large", "variation_model": "ultra"}, "no effect"),
        ({"api": "grpc", "variation_model": "ultra"}, "no effect"),
        ({"style_preset": "cubist"}, '"anime"'),
        ({"model": "ultra", "style_preset": "anime"}, "no effect"),
        ({"model": "ultra", "cfg_scale": 4}, "no effect"),
        ({"cfg_scale": 40}, "from 1 to 10"),
        ({"cfg_scale": float("nan")}, "from 1 to 10"),
        ({"steps": 30}, "no effect"),
        ({"api": "grpc", "steps": 30.5}, "whole number"),
        ({"at_once": 0}, "from 1 to 16"),
        ({"at_once": True}, "whole number"),
    ],
)
def test_a_wrong_option_is_said_with_what_would_be_right(table: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as raised:
        stability.settled_options(table)
    assert said in str(raised.value)
    assert raised.value.hint
    assert [str(each) for each in stability.problems(table, 48, 32, Path())] == [str(raised.value)]


@pytest.mark.parametrize("table", [{"api_key": "sk-secret123"}, {"KEY": "sk-secret123"}, {"model": "sk-secret123"}])
def test_a_key_in_the_storyboard_is_refused_and_not_repeated(table: dict[str, Any]) -> None:
    with pytest.raises(InputError) as raised:
        read_options(table)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (512, 512, "1:1"),
        (1920, 1080, "16:9"),
        (1080, 1920, "9:16"),
        (48, 32, "3:2"),
        (640, 480, "5:4"),
        (4000, 16, "21:9"),
        (16, 4000, "9:21"),
    ],
)
def test_the_nearest_shape_is_asked_for(width: int, height: int, shape: str) -> None:
    assert aspect_ratio(width, height) == shape
    assert stability.size_inputs({}, width, height) == {"aspect_ratio": shape}


def test_another_size_of_the_same_shape_buys_nothing_again() -> None:
    assert stability.size_inputs({}, 640, 360) == stability.size_inputs({}, 1920, 1080)


@pytest.mark.parametrize(
    ("width", "height", "model", "size"),
    [
        (512, 512, "stable-diffusion-xl-1024-v1-0", (1024, 1024)),
        (1920, 1080, "stable-diffusion-xl-1024-v1-0", (1344, 768)),
        (1080, 1920, "stable-diffusion-xl-1024-v1-0", (768, 1344)),
        (512, 512, "stable-diffusion-v1-6", (512, 512)),
        (768, 512, "stable-diffusion-v1-6", (768, 512)),
    ],
)
def test_grpc_is_asked_for_a_size_that_it_makes(width: int, height: int, model: str, size: tuple[int, int]) -> None:
    assert grpc_size(width, height, model) == size
    asked = stability.size_inputs({"api": "grpc", "model": model}, width, height)
    assert (asked["width"], asked["height"]) == size


@given(st.integers(16, 4096), st.integers(16, 4096))
def test_other_grpc_sizes_are_multiples_of_64_within_their_limits(width: int, height: int) -> None:
    across, up = grpc_size(width, height, "stable-diffusion-v1-6")
    assert across % 64 == 0
    assert up % 64 == 0
    assert 2**18 <= across * up <= 2**20


@given(SEEDS)
def test_every_seed_becomes_one_that_means_itself_to_the_service(seed: int) -> None:
    assert 1 <= service_seed(seed) <= 4_294_967_294
    assert service_seed(seed) == seed or seed in (0, 2**32 - 1)


@given(SEEDS)
def test_the_seeds_of_other_tries_are_not_those_that_a_reroll_would_take(seed: int) -> None:
    others = [next_seed(seed, number) for number in (1, 2, 3)]
    assert all(1 <= each <= 4_294_967_294 for each in others)
    assert others == [next_seed(seed, number) for number in (1, 2, 3)]


def test_other_tries_and_rerolls_share_no_seed() -> None:
    assert not {next_seed(7, number) for number in (1, 2, 3)} & set(range(7, 107))


@pytest.mark.parametrize(
    ("table", "calls", "credits"),
    [
        ({}, 12, 2 * 3 + 10 * 3.5),
        ({"model": "ultra"}, 12, 12 * 8),
        ({"model": "sd3.5-large"}, 12, 12 * 6.5),
        ({"api": "grpc"}, 2 + 2 + 1, 12 * 0.9),
        ({"api": "grpc", "steps": 60}, 2 + 2 + 1, 12 * 1.8),
    ],
)
def test_what_a_run_takes_is_estimated(table: dict[str, Any], calls: int, credits: float) -> None:
    told = stability.estimate(table, 48, 32, 2, [7, 3])
    assert (told.pictures, told.calls) == (12, calls)
    assert told.credits == pytest.approx(credits)


def test_the_key_is_asked_for_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STABILITY_KEY", raising=False)
    (missing,) = stability.problems({}, 48, 32, Path())
    assert isinstance(missing, MissingError)
    assert "export STABILITY_KEY=" in missing.hint
    monkeypatch.setenv("STABILITY_API_KEY", "sk-something")
    assert stability.problems({}, 48, 32, Path()) == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org", "example.org", "ftp://a", "https://me:pw@example.org", "https://", "https://[::1"),
        *("http://127.0.0.1:abc", "https://a.org:99999", "https://a b.org", "https://a\x01.org"),
    ],
)
def test_the_key_is_sent_to_no_unsafe_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("STABILITY_KEY", "sk-something")
    monkeypatch.setenv("STABILITY_API_URL", url)
    (wrong,) = stability.problems({}, 48, 32, Path())
    assert isinstance(wrong, InputError)
    assert "STABILITY_API_URL" in wrong.message
    assert "pw" not in str(wrong)


@pytest.mark.parametrize(
    ("variable", "value", "kind"),
    [
        ("HTTPS_PROXY", "foo://proxy:1", InputError),
        ("http_proxy", "http://", InputError),
        ("ALL_PROXY", "proxy:port", InputError),
        ("SSL_CERT_FILE", "/nonexistent/certificates.pem", MissingError),
    ],
)
@pytest.mark.parametrize("when", ["before", "opening"])
def test_an_environment_that_keeps_calls_from_the_service_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, kind: type[VktrsError], when: str
) -> None:
    for name in ("STABILITY_API_URL", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STABILITY_KEY", "sk-something")
    monkeypatch.setenv(variable, value)
    if when == "before":
        (wrong,) = stability.problems({}, 48, 32, Path())
    else:
        with pytest.raises(VktrsError) as raised:
            stability.open_engine({}, Workplace())
        wrong = raised.value
    assert type(wrong) is kind
    assert variable in wrong.message
    assert wrong.hint


@pytest.mark.parametrize("proxy", ["http://proxy:8080", "proxy:3128", "http://me:secret@proxy:1"])
def test_a_proxy_that_can_be_used_is_no_problem(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.delenv("STABILITY_API_URL", raising=False)
    monkeypatch.setenv("STABILITY_KEY", "sk-something")
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert stability.problems({}, 48, 32, Path()) == []


def test_planning_with_it_is_light() -> None:
    code = (
        "import sys; from pathlib import Path; from vktrs.engines import stability as s\n"
        "for o in ({}, {'api': 'grpc'}):\n"
        "    s.settled_options(o); s.size_inputs(o, 48, 32); s.problems(o, 48, 32, Path())\n"
        "    s.estimate(o, 48, 32, 1, [2])\n"
        "print(sorted({'numpy', 'PIL', 'httpx', 'grpc', 'stability_sdk', 'torch'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_only_variations_are_told_makes_no_keyframe_stale() -> None:
    one = {"model": "core", "variation_model": "sd3.5-medium"}
    other = {"model": "core", "variation_model": "sd3.5-large", "cfg_scale": 6}
    assert stability.keyframe_options(one) == stability.keyframe_options(other)
    assert stability.settled_options(one) != stability.settled_options(other)
    own = {"model": "sd3.5-large", "cfg_scale": 6}
    assert stability.keyframe_options(own) == stability.settled_options(own)
