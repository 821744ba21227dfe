"""What the README tells of music and motion is what the program has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vktrs.chains import OPERATIONS, parse_chain
from vktrs.expressions import CONSTANTS, FUNCTIONS, NAMES
from vktrs.motion.parameters import PARAMETERS
from vktrs.storyboard.document import Document
from vktrs.storyboard.model import Look
from vktrs_tui.cli import cli

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SECTION = README.partition("\n## Music and motion\n")[2].partition("\n## ")[0]


def rows(head: str) -> list[list[str]]:
    """The cells of the table under that head."""
    table = SECTION.partition(f"\n{head}\n")[2].partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


def test_every_operation_is_told_as_it_is() -> None:
    told = rows("| operation | what it does |")
    assert told == [[f"`{kind.signature}`", kind.description] for kind in OPERATIONS.values()]


def test_every_parameter_is_told_with_its_unit_range_and_default() -> None:
    told = {cells[0]: cells[1:3] for cells in rows("| parameter | values | default | what it is |")}
    expected = {}
    for name, about in PARAMETERS.items():
        default = getattr(Look(), name)
        values = f"{about.unit}, {about.low:g} to {about.high:g}"
        expected[f"`{name}`"] = [values, "" if default is None else f"{default:g}"]
    assert told == expected


def test_every_name_of_an_expression_is_told() -> None:
    assert rows("| name | what it is |") == [[f"`{name}`", about] for name, about in NAMES.items()]
    told = set(re.findall(r"`(\w+)`", SECTION.partition("| name | what it is |")[2]))
    assert told >= {*FUNCTIONS, *CONSTANTS}


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", README, re.DOTALL))
def test_what_the_readme_writes_into_storyboards_is_understood(block: str) -> None:
    if "preset = " in block:  # keys of one's own are no storyboard
        return
    signals = "" if "[signals.pulse]" in block else '\n[signals.pulse]\nchain = "rms"\n'
    document = Document.parse(block + signals, Path("storyboard.toml"))
    assert not document.warnings
    for signal in document.board.signals.values():
        assert parse_chain(signal.chain)


def test_every_command_is_told() -> None:
    import click

    told = README.partition("\n## Commands\n")[2].partition("\n## ")[0]
    for name in cli.list_commands(click.Context(cli)):
        assert f"`vktrs {name}" in told, name
