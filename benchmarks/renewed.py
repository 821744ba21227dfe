"""Rows measured in a run of their own: their sections of RESULTS.md anew, the others as they are.

The count of reached figures is read from the tables again; the line about the machine says which rows are of which run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from benchmarks.figures import Row
from benchmarks.results import section

_TIME = re.compile(r"^- \d{4}-\d\d-\d\d, .*$", re.MULTILINE)
_SUMMARY = re.compile(r"^\*\*\d+ of \d+ figures are reached\.\*\*.*$", re.MULTILINE)
_NO = "**no**"


def renewed(before: str, rows: Sequence[Row], load: Sequence[tuple[float, float, float]], minutes: float) -> str:
    """RESULTS.md (without the part about GPUs) with these rows in the place of those of their titles, or at its end."""
    head, *pieces = before.split("\n## ")
    sections = {piece.partition("\n")[0]: f"## {piece.rstrip()}\n" for piece in pieces}
    sections |= {row.title: section(row).rstrip() + "\n" for row in rows}
    names = ", ".join(dict.fromkeys(f"`{row.key}`" for row in rows))
    loads = " and ".join(f"{each[0]:.1f}" for each in load)
    own = f"; {names} by itself, {datetime.now(UTC):%Y-%m-%d}, {minutes:.0f} minutes, load {loads}"
    head = re.sub(f"; {re.escape(names)} by itself, [^;\n]*", "", head)
    head = _TIME.sub(lambda found: found[0] + own, head, count=1)
    head = _SUMMARY.sub(lambda _: counted(sections), head, count=1)
    return "\n".join([f"{head.rstrip()}\n", *sections.values()])


def counted(sections: dict[str, str]) -> str:
    """How many figures are reached in the tables of sections, and which are missed."""
    verdicts = [(title, name, verdict) for title, text in sections.items() for name, verdict in _verdicts(text)]
    missed = [f"{title}, {name}" for title, name, verdict in verdicts if verdict == _NO]
    text = f"**{len(verdicts) - len(missed)} of {len(verdicts)} figures are reached.**"
    return f"{text} Missed: {'; '.join(missed)}." if missed else text


def _verdicts(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[-1] in ("yes", _NO):
            yield cells[0], cells[-1]
