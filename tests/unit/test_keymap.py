"""Keys of the user's own: `keys.toml` and the presets, where no key does two things and what is wrong is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from vktrs_tui.actions import ACTIONS
from vktrs_tui.keymap import KEYS, PRESETS, UNBOUND, Keymap, make_keymap, read_keymap, shown_keys

TABLE = {action.id: action.keys for action in ACTIONS}


def written(folder: Path, text: str) -> Keymap:
    (folder / KEYS).write_text(text, "utf-8")
    return read_keymap(folder)


def owners(keymap: Keymap) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for action_id, keys in keymap.keys.items():
        for key in keys.split(","):
            if key != UNBOUND:
                found.setdefault(key, []).append(action_id)
    return found


def test_without_a_file_the_keys_are_the_tables(tmp_path: Path) -> None:
    assert read_keymap(tmp_path) == Keymap(TABLE)


def test_an_action_gets_the_keys_it_is_given_and_loses_its_own(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"scene.split" = "f6, Y"\n')
    assert keymap.keys["scene.split"] == "f6,Y"
    assert keymap.faults == ()
    assert "s" not in owners(keymap)


def test_a_key_that_is_given_away_is_taken_from_its_owner(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"scene.split" = "m"\n')
    assert keymap.keys["scene.split"] == "m"
    assert keymap.keys["scene.merge"] == UNBOUND
    assert keymap.shown("scene.merge") == ""
    assert keymap.faults == ()


@pytest.mark.parametrize(
    ("sign", "name"),
    [("[", "left_square_bracket"), ("?", "question_mark"), (",", "comma"), (" ", "space"), ("<", "less_than_sign")],
)
def test_signs_may_be_written_as_they_are(tmp_path: Path, sign: str, name: str) -> None:
    assert written(tmp_path, f'[keys]\n"scene.split" = "{sign}"\n').keys["scene.split"] == name


def test_two_actions_that_are_given_one_key_are_told_and_the_first_has_it(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"scene.split" = "f6"\n"scene.merge" = "f6"\n')
    assert (keymap.keys["scene.split"], keymap.keys["scene.merge"]) == ("f6", UNBOUND)
    assert len(keymap.faults) == 1
    assert all(part in keymap.faults[0] for part in ("F6", "scene.split", "scene.merge"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[keys]\n"scene.explode" = "f6"\n', "no action 'scene.explode'"),
        ('[keys]\n"scene.split" = 6\n', "scene.split should be keys in quotes"),
        ('preset = "emacs"\n', "no preset 'emacs'"),
        ("preset = 3\n", "no preset 3"),
        ("[keys\n", "could not be read"),
    ],
)
def test_what_is_wrong_is_said_and_everything_else_holds(tmp_path: Path, text: str, told: str) -> None:
    keymap = written(tmp_path, text)
    assert keymap.keys == TABLE
    assert len(keymap.faults) == 1
    assert told in keymap.faults[0]
    assert str(tmp_path / KEYS) in keymap.faults[0]


def test_one_wrong_line_does_not_spoil_the_right_one_beside_it(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"scene.explode" = "f6"\n"scene.split" = "f7"\n')
    assert keymap.keys["scene.split"] == "f7"
    assert len(keymap.faults) == 1


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / KEYS).write_bytes(b"\xff\xfe\x00")
    assert "could not be read" in read_keymap(tmp_path).faults[0]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_gives_every_key_once_and_leaves_no_action_without(tmp_path: Path, preset: str) -> None:
    keymap = written(tmp_path, f'preset = "{preset}"\n')
    assert keymap.faults == ()
    assert set(PRESETS[preset]) <= set(TABLE)
    assert not {key: found for key, found in owners(keymap).items() if len(found) > 1}
    assert not [action_id for action_id, keys in keymap.keys.items() if keys == UNBOUND]


def test_own_keys_win_over_the_preset(tmp_path: Path) -> None:
    keymap = written(tmp_path, 'preset = "aegisub"\n[keys]\n"cursor.down" = "f7"\n')
    assert keymap.keys["cursor.down"] == "f7"
    assert keymap.keys["play.row"] == "r,p"


def test_every_action_has_an_entry_whatever_is_wanted() -> None:
    assert set(make_keymap({"scene.split": "j,k,down,up"}).keys) == set(TABLE)


@pytest.mark.parametrize(
    ("keys", "shown"),
    [("ctrl+a", "Ctrl+A"), ("shift+f8", "Shift+F8"), ("f", "f"), ("F", "F"), ("f9", "F9"), (UNBOUND, "")],
)
def test_keys_are_shown_as_they_are_engraved(keys: str, shown: str) -> None:
    assert shown_keys(keys) == shown
