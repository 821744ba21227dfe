"""Keys of the user's own: `keys.toml` and the presets, where no key does two things and what is wrong is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import vktrs_tui
from vktrs_tui.actions import PROJECTS, SCOPES
from vktrs_tui.keymap import KEYS, PRESETS, UNBOUND, Keymap, make_keymap, read_keymap, shown_keys

TABLE = {action.id: action.keys for actions in SCOPES for action in actions}


def written(folder: Path, text: str) -> Keymap:
    (folder / KEYS).write_text(text, "utf-8")
    return read_keymap(folder)


def owners(keymap: Keymap) -> dict[str, list[str]]:
    """The actions of the workspace that have each key."""
    found: dict[str, list[str]] = {}
    for action in SCOPES[0]:
        for key in keymap.keys[action.id].split(","):
            if key != UNBOUND:
                found.setdefault(key, []).append(action.id)
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


def test_an_action_that_lost_its_only_key_is_named_and_one_with_another_is_not(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"scene.split" = "m"\n"view.watch" = "j"\n')
    assert keymap.keys["cursor.down"] == "down"
    assert keymap.faults == ()
    assert keymap.notes == ("scene.merge has no key any more: m is scene.split's now.",)
    assert keymap.notes[0] in keymap.told


def test_an_action_may_be_left_without_a_key(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"find" = ""\n')
    assert keymap.keys["find"] == UNBOUND
    assert (keymap.faults, keymap.notes, keymap.told) == ((), (), "")


def test_own_keys_are_taken_from_a_preset_as_from_the_table(tmp_path: Path) -> None:
    keymap = written(tmp_path, 'preset = "aegisub"\n[keys]\n"scene.merge" = "x"\n')
    assert keymap.keys["scene.merge"] == "x"
    assert keymap.keys["cursor.down"] == "j,down"
    assert keymap.faults == ()


def test_the_list_of_projects_has_keys_of_its_own_beside_those_of_the_workspace(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"projects.new" = "a"\n"projects.open" = "n"\n')
    assert {action.id for action in PROJECTS.actions} <= set(keymap.keys)
    assert (keymap.keys["projects.new"], keymap.keys["projects.open"]) == ("a", "n")
    assert (keymap.keys["problem.next"], keymap.keys["stamp.start"]) == ("n,f8", "a")
    assert keymap.told == ""


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("ctrl+foo", "no key 'ctrl+foo'"),
        ("f25", "no key 'f25'"),
        ("escpae", "no key 'escpae'"),
        ("shift+a", 'write "A"'),
        ("ctrl+shift+a", "most terminals cannot send"),
        ("ctrl+shift+up", "most terminals cannot send"),
        ("ctrl+i", "as Tab"),
        ("ctrl+p", "opens the palette"),
        ("ctrl+q", "leaves the studio"),
    ],
)
def test_a_key_that_no_terminal_sends_is_refused_and_the_usual_ones_stay(tmp_path: Path, key: str, told: str) -> None:
    keymap = written(tmp_path, f'[keys]\n"edit.undo" = "{key}"\n')
    assert keymap.keys["edit.undo"] == TABLE["edit.undo"]
    assert len(keymap.faults) == 1
    assert "edit.undo" in keymap.faults[0]
    assert told in keymap.faults[0]


def test_the_right_one_of_two_keys_is_taken(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"edit.undo" = "ctrl+foo, f6"\n')
    assert keymap.keys["edit.undo"] == "f6"
    assert len(keymap.faults) == 1


def test_a_key_that_moves_in_the_list_of_projects_stays_there(tmp_path: Path) -> None:
    keymap = written(tmp_path, '[keys]\n"projects.new" = "j"\n')
    assert keymap.keys["projects.new"] == "n"
    assert "moves in the list" in keymap.told


@pytest.mark.parametrize("key", [key for keys in TABLE.values() for key in keys.split(",")])
def test_every_key_of_the_table_may_be_given(tmp_path: Path, key: str) -> None:
    action_id = next(each for each, keys in TABLE.items() if key in keys.split(","))
    keymap = written(tmp_path, f'[keys]\n"{action_id}" = "{key}"\n')
    assert (keymap.keys[action_id], keymap.faults) == (key, ())


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("F6", "f6"),
        ("Ctrl+T", "ctrl+t"),
        ("PgUp", "pageup"),
        ("Esc", "escape"),
        ("↓", "down"),
        ("shift+tab", "shift+tab"),
        ("ctrl+left", "ctrl+left"),
        ("alt+x", "alt+x"),
        ("!", "exclamation_mark"),
        ("_", "underscore"),
        ("é", "é"),
        ("É", "É"),
        ("§", "section_sign"),
        ("section_sign", "section_sign"),
    ],
)
def test_a_key_may_be_written_as_it_is_shown(tmp_path: Path, key: str, name: str) -> None:
    keymap = written(tmp_path, f'[keys]\n"edit.seed" = "{key}"\n')
    assert (keymap.keys["edit.seed"], keymap.faults) == (name, ())
    assert written(tmp_path, f'[keys]\n"edit.seed" = "{keymap.shown("edit.seed")}"\n').keys["edit.seed"] == name


def test_every_mistake_is_told_and_the_file_once(tmp_path: Path) -> None:
    wrong = '[keys]\n"scene.explode" = "f6"\n"scene.split" = 6\n"edit.undo" = "ctrl+foo"\n'
    keymap = written(tmp_path, wrong)
    assert all(part in keymap.told for part in ("scene.explode", "scene.split", "ctrl+foo"))
    assert keymap.told.count(KEYS) == 1
    assert "more" not in keymap.told
    more = written(tmp_path, wrong + '"a" = "f6"\n"b" = "f6"\n')
    assert more.told.endswith("And 2 more in keys.toml.")


def test_the_way_to_the_ids_is_told_with_one_that_is_none(tmp_path: Path) -> None:
    assert "`:` in the studio tells every id" in written(tmp_path, '[keys]\n"scene.explode" = "f6"\n').told


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
        ('keys = "s"\n', "should be a table"),
        ('"scene.split" = "f6"\n', "neither `preset` nor `[keys]`"),
    ],
)
def test_what_is_wrong_is_said_and_everything_else_holds(tmp_path: Path, text: str, told: str) -> None:
    keymap = written(tmp_path, text)
    assert keymap.keys == TABLE
    assert len(keymap.faults) == 1
    assert told in keymap.faults[0]
    assert keymap.told.startswith(f"{tmp_path / KEYS}: ")


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


@pytest.mark.parametrize(
    ("wanted", "named"),
    [({}, "u"), ({"edit.undo": "ctrl+b,u"}, "Ctrl+B"), ({"edit.undo": ""}, "“Undo” in the palette")],
)
def test_a_sentence_names_an_action_by_the_key_that_the_person_has_for_it(wanted: dict[str, str], named: str) -> None:
    assert make_keymap(wanted).named("edit.undo") == named


def test_every_action_that_the_studio_names_in_a_sentence_exists() -> None:
    sources = "".join(path.read_text("utf-8") for path in Path(vktrs_tui.__file__).parent.rglob("*.py"))
    named = set(re.findall(r"""\b(?:self\.key|keymap\.(?:first|named|shown))\(["']([\w.]+)["']\)""", sources))
    assert len(named) > 10
    assert named <= set(TABLE)
