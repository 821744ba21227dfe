"""What work costs: CPU seconds of this process and its children, in rounds that take turns.

Wall time is noted beside, but nothing is judged by it: other work on the machine lengthens it and leaves the CPU
seconds almost as they are.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_RSS_UNIT = 1024 if sys.platform == "linux" else 1
_TELL_PEAK = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, 1, 0)])
print(os.wait4(pid, 0)[2].ru_maxrss)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of the work and all that it started, and wall seconds."""

    cpu: float
    wall: float


def measured(work: Callable[[], object]) -> Cost:
    """What `work` costs in this process and in children that it waits for."""
    cpu, wall = _cpu_seconds(), time.perf_counter()
    work()
    return Cost(_cpu_seconds() - cpu, time.perf_counter() - wall)


def measured_command(command: Sequence[str]) -> Cost:
    """What a process costs, from its start to its end; CalledProcessError where it fails."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(list(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=told)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            sys.stderr.write(told.read().decode(errors="replace"))
            raise subprocess.CalledProcessError(process.returncode, list(command))
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def peak_memory(command: Sequence[str]) -> int:
    """The most memory that a process takes, in bytes.

    It is started by a small process, since Linux counts what its parent held before it began.
    """
    told = subprocess.run([sys.executable, "-c", _TELL_PEAK, *command], capture_output=True, check=True).stdout
    return int(told.split()[-1]) * _RSS_UNIT


def in_turns(works: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    """The medians of each work's costs over rounds A B C, A B C, ..."""
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(work())
    return {name: median(each) for name, each in costs.items()}


def median(costs: Sequence[Cost]) -> Cost:
    """CPU and wall, each the median of its own."""
    cpu, wall = ([getattr(each, name) for each in costs] for name in ("cpu", "wall"))
    return Cost(statistics.median(cpu), statistics.median(wall))


def _cpu_seconds() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
