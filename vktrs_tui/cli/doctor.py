"""`vktrs doctor`: what works on this machine, what does not, and what would mend it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vktrs.runs.doctor import examine
from vktrs_tui.cli.speaking import tell

_SIGNS = {True: "✓", False: "✗", None: "·"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
def doctor(as_json: bool) -> int:
    """Say what works here: ffmpeg, encoders, speech engines and weights, picture engines, GPU, disk.

    \b
    Example:  vktrs doctor
    """
    findings = examine(Path.cwd())
    if as_json:
        tell(json.dumps([finding.as_json() for finding in findings], indent=1))
    else:
        for finding in findings:
            tell(f"{_SIGNS[finding.works]} {finding.name:<18} {finding.found}")
            if finding.mend:
                tell(f"{'':<21}{finding.mend}")
    return 4 if any(finding.works is False for finding in findings) else 0
