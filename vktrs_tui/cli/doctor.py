"""`vktrs doctor`: what works on this machine, what does not, and what would mend it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vktrs.runs.doctor import examine

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
        click.echo(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            click.echo(f"{_SIGNS[finding.works]} {finding.name:<18} {finding.found}")
            if finding.mend:
                click.echo(f"{'':<21}{finding.mend}")
    return 4 if any(finding.works is False for finding in findings) else 0
