"""Where the hub's library keeps models and its token: found by its own rules, without importing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vktrs.engines.hub_cache import cache_folder, is_offline, snapshot, token_place


@pytest.mark.parametrize(
    ("environ", "right"),
    [
        ({}, "home/.cache/huggingface/hub"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
        ({"HF_HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/h/hub"),
        ({"HF_HUB_CACHE": "/c", "HF_HOME": "/h"}, "/c"),
    ],
)
def test_the_cache_is_where_the_library_has_it(environ: dict[str, str], right: str) -> None:
    assert cache_folder(environ, Path("home")) == Path(right)


def test_a_snapshot_is_found_by_branch_and_by_commit(tmp_path: Path) -> None:
    repository = tmp_path / "models--owner--name"
    (repository / "snapshots/abc").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text("abc")
    (repository / "refs/gone").write_text("def")
    assert snapshot("owner/name", None, tmp_path) == repository / "snapshots/abc"
    assert snapshot("owner/name", "abc", tmp_path) == repository / "snapshots/abc"
    assert snapshot("owner/name", "gone", tmp_path) is None
    assert snapshot("owner/other", None, tmp_path) is None


def test_a_token_is_told_by_its_place_and_never_by_its_value(tmp_path: Path) -> None:
    assert token_place({}, tmp_path) == ""
    assert token_place({"HF_TOKEN": "hf_secret"}, tmp_path) == "HF_TOKEN"
    file = tmp_path / ".cache/huggingface/token"
    file.parent.mkdir(parents=True)
    file.write_text("hf_secret")
    assert token_place({}, tmp_path) == str(file)
    assert token_place({"HF_TOKEN": " "}, tmp_path) == str(file)


def test_offline_is_what_the_library_takes_for_it() -> None:
    assert [is_offline({"HF_HUB_OFFLINE": value}) for value in ("1", "true", "0", "")] == [True, True, False, False]
    assert is_offline({"TRANSFORMERS_OFFLINE": "1"})
