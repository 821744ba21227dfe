"""The table [engines.api], where a song and a key may be sent, and which key that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vktrs.artifacts import fingerprint
from vktrs.engines import transcription
from vktrs.engines.services.key import Key
from vktrs.engines.services.network import open_client
from vktrs.engines.transcription.address import host_of, is_near
from vktrs.engines.transcription.key import find_key
from vktrs.engines.transcription.options import TranscriptionOptions, read_options
from vktrs.errors import InputError, MissingError
from vktrs.reasons import explain
from vktrs.stages import words
from vktrs.storyboard.model import Engines, Song, Storyboard

OPENAI = "https://api.openai.com/v1"
SECRET = "sk-0123456789abcdef"


def test_what_nothing_is_written_for() -> None:
    assert read_options({}) == TranscriptionOptions(OPENAI, "whisper-1", None, 25.0)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"modle": "x"}, "`modle`, which is unknown. It knows `base_url`, `model`, `prompt`, `limit_mb`"),
        ({"api_key": SECRET}, "a key must not stand in the storyboard"),
        ({"KEY": SECRET}, "a key must not stand in the storyboard"),
        ({"model": SECRET}, "what looks like a key"),
        ({"model": [SECRET]}, "model = ['[key]']"),
        ({"prompt": f"my key is {SECRET} " * 60}, "at most 1000"),
        ({"limit_mb": SECRET}, "limit_mb = [key]"),
        ({SECRET: 1}, "`[key]`, which is unknown"),
        ({"model": ""}, 'model = ""'),
        ({"model": 3}, "model = 3"),
        ({"prompt": "la" * 600}, "at most 1000"),
        ({"limit_mb": 0}, "from 0.5 to 2000"),
        ({"limit_mb": True}, "from 0.5 to 2000"),
        ({"limit_mb": float("nan")}, "from 0.5 to 2000"),
        ({"base_url": "api.openai.com/v1"}, "no address of the web"),
        ({"base_url": "ftp://api.openai.com"}, "no address of the web"),
        ({"base_url": "https://"}, "no address of the web"),
        ({"base_url": "https://[::1"}, "no address of the web"),
        ({"base_url": "https://h:0/v1"}, "no address of the web"),
        ({"base_url": "https://a b/v1"}, "no address of the web"),
        ({"base_url": f"https://me:{SECRET}@h.example/v1"}, "a name, a password or a query"),
        ({"base_url": f"https://h.example/v1?key={SECRET}"}, "a name, a password or a query"),
        ({"base_url": "http://api.openai.com/v1"}, "over http, where anybody on the way can listen"),
        ({"base_url": "http://8.8.8.8/v1"}, "over http"),
        ({"base_url": "http://evil\u3002example/v1"}, "no name or number"),
        ({"base_url": "http://evil\uff0eexample/v1"}, "no name or number"),
        ({"base_url": "http://134744072/v1"}, "no name or number"),
        ({"base_url": "http://0x08080808/v1"}, "no name or number"),
        ({"base_url": "http://evil.example\\.local/v1"}, "no name or number"),
        ({"base_url": "https://evil.example\\.api.openai.com/v1"}, "no name or number"),
        ({"base_url": "http://[::1]evil.example/v1"}, "no name or number"),
        ({"base_url": "http://a..local/v1"}, "no name or number"),
        ({"base_url": f"http://{'a' * 64}/v1"}, "no name or number"),
    ],
)
def test_what_is_wrong_is_said_without_repeating_a_secret(table: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_options(table)
    assert said in f"{caught.value}"
    assert SECRET not in f"{caught.value}"
    assert transcription.settled_options(table).keys() == {"wrong"}
    assert SECRET not in f"{transcription.settled_options(table)}"
    assert [type(each) for each in transcription.problems(table)] == [InputError]


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://localhost:8000/v1", True),
        ("http://127.0.0.1/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.1.20:9000", True),
        ("http://10.0.0.3", True),
        ("http://whisper:8000/v1", True),
        ("http://studio.local/v1", True),
        ("https://api.groq.com/openai/v1", False),
        ("https://8.8.8.8", False),
        ("https://local.example.com", False),
    ],
)
def test_which_servers_are_near(url: str, near: bool) -> None:
    assert is_near(url) is near
    assert read_options({"base_url": url + "/"}).base_url == url


def test_a_host_is_told_with_its_port() -> None:
    assert host_of("http://localhost:8000/v1") == "localhost:8000"
    assert host_of("http://[::1]:8000/v1") == "[::1]:8000"
    assert host_of(OPENAI) == "api.openai.com"


@pytest.mark.parametrize(
    ("url", "environ", "found"),
    [
        (OPENAI, {"OPENAI_API_KEY": "one"}, "one"),
        (OPENAI, {"OPENAI_API_KEY": "one", "VKTRS_SPEECH_KEY": " two "}, "two"),
        ("https://eu.api.openai.com/v1", {"OPENAI_API_KEY": "one"}, "one"),
        ("https://api.groq.com/openai/v1", {"OPENAI_API_KEY": "one"}, None),
        ("https://api.openai.com.evil.example/v1", {"OPENAI_API_KEY": "one"}, None),
        ("https://evilapi.openai.com.example/v1", {"OPENAI_API_KEY": "one"}, None),
        ("http://localhost:8000/v1", {"OPENAI_API_KEY": "one"}, None),
        ("http://localhost:8000/v1", {"VKTRS_SPEECH_KEY": "two"}, "two"),
        ("http://localhost:8000/v1", {}, None),
    ],
)
def test_which_key_goes_where(url: str, environ: dict[str, str], found: str | None) -> None:
    key = find_key(url, environ)
    assert (key.reveal() if key else None) == found


@pytest.mark.parametrize("environ", [{}, {"OPENAI_API_KEY": "  "}, {"OPENAI_API_KEY": "two words"}])
def test_openai_is_not_asked_without_a_key(environ: dict[str, str]) -> None:
    with pytest.raises(MissingError, match="export OPENAI_API_KEY"):
        find_key(OPENAI, environ)


def test_a_short_key_is_hidden_in_errors_and_left_in_what_is_sung() -> None:
    key = Key("dummy")
    assert key.hide("the dummy sings") == "the dummy sings"
    assert key.scrub("the key dummy is wrong") == "the key [key] is wrong"
    assert SECRET not in Key(SECRET).hide(f"she sang {SECRET}")


def test_a_model_that_tells_no_times_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    (problem,) = transcription.problems({"model": "gpt-4o-transcribe"})
    assert 'such as model = "whisper-1"' in f"{problem}"
    assert transcription.problems({"model": "whisper-1"}) == []


def test_the_users_certificates_hold_for_a_server_at_home_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    open_client("http://localhost:8000/v1", {}, 1, named="base_url", is_direct=True).close()
    with pytest.raises(MissingError, match="SSL_CERT_FILE"):
        open_client("https://localhost:8000/v1", {}, 1, named="base_url", is_direct=True)


def inputs(**options: Any) -> dict[str, Any]:
    board = Storyboard(song=Song("s", "t", language="en"), engines=Engines(speech="api", options={"api": options}))
    return words.inputs("1" * 32, board, None)


def test_words_follow_what_changes_them_and_nothing_else() -> None:
    usual = fingerprint(inputs())
    assert fingerprint(inputs(base_url=OPENAI + "/", model="whisper-1", limit_mb=3, prompt="")) == usual
    assert fingerprint(inputs(base_url="HTTPS://API.OpenAI.com/v1")) == usual, "the same song would be paid for twice"
    assert fingerprint(inputs(model="whisper-2")) != usual
    assert fingerprint(inputs(prompt="Ada")) != usual
    assert fingerprint(inputs(base_url="http://localhost/v1")) != usual
    assert fingerprint(inputs(modle="x")) != usual, "planning never fails"


def test_why_words_are_stale_is_said_by_the_option() -> None:
    assert explain(inputs(model="large-v3"), inputs()) == ['model "whisper-1" -> "large-v3"']
    assert explain(inputs(modle=SECRET), inputs()) == ["the options are wrong"]


def test_the_key_is_in_no_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = inputs()
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    assert inputs() == before
