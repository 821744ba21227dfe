"""The one table of actions: complete, without clashes, and nothing in it that a keyboard somewhere does not have."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from vktrs_tui.actions import ACTIONS, GROUPS, NEEDS, PROJECT_LIST_KEYS, PROJECTS, SCOPES, Action, bindings
from vktrs_tui.app import Studio
from vktrs_tui.keymap import make_keymap, shown_keys
from vktrs_tui.screens.projects import ProjectsScreen
from vktrs_tui.workspace.screen import _FOOTER, Workspace

STUDIO_TESTS = Path(__file__).parents[1] / "studio"
EVERY = [action for actions in SCOPES for action in actions]
NOT_PRESSED_BY_ID: dict[str, str] = {}
"""Actions that no test presses by their id, with the reason."""


def keys_of(action: Action) -> list[str]:
    return action.keys.split(",")


def pressed_in_tests() -> set[str]:
    """The ids that the tests of the studio press with `do`."""
    found = set()
    for path in sorted(STUDIO_TESTS.glob("test_actions_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "do":
                found |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    return found


def test_every_action_is_pressed_in_some_test_or_named_with_its_reason() -> None:
    pressed, ids = pressed_in_tests(), {action.id for action in ACTIONS}
    assert ids - pressed == set(NOT_PRESSED_BY_ID)
    assert pressed - ids == set(), "a test presses what is no action"


@pytest.mark.parametrize("action", EVERY, ids=lambda action: action.id)
def test_an_action_has_its_method_a_word_and_a_sentence(action: Action) -> None:
    name = action.name.partition("(")[0].removeprefix("app.")
    owner = Studio if action.name.startswith("app.") else Workspace if action in ACTIONS else ProjectsScreen
    assert callable(getattr(owner, f"action_{name}", None))
    assert action.label.strip() == action.label != ""
    assert action.help[0].isupper() or action.help[0] in "#$"
    assert not action.help.endswith(".")


def test_ids_are_given_once_and_keys_once_on_each_screen() -> None:
    assert not [each for each, count in Counter(action.id for action in EVERY).items() if count > 1]
    fixed = [key for each, _, _ in PROJECT_LIST_KEYS for key in each.split(",")]
    for actions, beside in ((ACTIONS, []), (PROJECTS.actions, fixed)):
        keys = Counter([*beside, *(key for action in actions for key in keys_of(action))])
        assert not [key for key, count in keys.items() if count > 1]
    assert make_keymap({}).told == ""
    assert make_keymap({}).keys == {action.id: action.keys for action in EVERY}


def test_the_list_of_projects_needs_nothing_and_marks_its_ids() -> None:
    assert PROJECTS.actions in SCOPES
    assert all(action.needs == "" and action.id.startswith("projects.") for action in PROJECTS.actions)
    assert bindings(PROJECTS.actions) == ProjectsScreen.BINDINGS


@pytest.mark.parametrize("action", EVERY, ids=lambda action: action.id)
def test_a_key_is_on_every_keyboard_and_comes_through_every_terminal(action: Action) -> None:
    for key in keys_of(action):
        parts = key.split("+")
        assert "alt" not in parts and "super" not in parts
        assert not {"ctrl", "shift"} <= set(parts), "Ctrl+Shift is the terminal's own"
        assert key not in ("f10", "f11", "f12"), "the desktop's own"
        assert not re.search(r"keypad|kp_|numpad|insert", key), "not on every keyboard"
        assert key not in ("ctrl+c", "ctrl+s", "ctrl+i", "ctrl+m", "ctrl+h", "ctrl+j"), (
            "the terminal reads it otherwise"
        )


def test_every_row_has_a_letter_or_sign_beside_its_arrows() -> None:
    vim_like = {"cursor.down": "j", "cursor.up": "k", "cursor.first": "g", "cursor.last": "G"}
    for action in ACTIONS:
        if action.id in vim_like:
            assert vim_like[action.id] in keys_of(action)
            assert len(keys_of(action)) == 2


def test_the_bindings_are_the_table() -> None:
    made = {each.id: each for each in bindings()}
    assert set(made) == {action.id for action in ACTIONS}
    for action in ACTIONS:
        binding = made[action.id]
        assert (binding.key, binding.action, binding.description) == (action.keys, action.name, action.label)
        assert (binding.tooltip, binding.show) == (action.help, action.footer)


def test_one_method_needs_one_thing() -> None:
    for action in ACTIONS:
        assert NEEDS[action.name.partition("(")[0]] == action.needs


def test_the_footer_orders_only_what_it_shows() -> None:
    footer = {action.id for action in ACTIONS if action.footer}
    assert set(_FOOTER) == footer
    assert len(_FOOTER) == len(footer)


def test_groups_have_titles_and_no_group_is_empty() -> None:
    assert all(group.title and group.actions for group in GROUPS)
    assert len({group.title for group in GROUPS}) == len(GROUPS)


def test_keys_are_shown_as_a_person_reads_them() -> None:
    shown = {action.id: shown_keys(action.keys) for action in ACTIONS}
    assert shown["cursor.down"] == "j  ↓"
    assert shown["time.start_earlier"] == "["
    assert shown["edit.undo"] == "u  Ctrl+Z"
    assert shown["problem.previous"] == "N  Shift+F8"
    assert shown["help"] == "?  F1"
    assert not [text for text in shown.values() if "_" in text]
