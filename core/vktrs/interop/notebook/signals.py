"""Signals of the notebook: curves that it kept whole, and chains of its operations, as signals here. Pure.

Its chains counted in values (`sustain(500)`): of 22050 a second before the sound became a curve, of 43 a second behind.
Here they count in seconds. An operation that did not do what its description said is taken by its description, and that
is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vktrs.chains import OPERATIONS, ChainError, Domain, canonical, parse_chain
from vktrs.expressions import is_signal_name
from vktrs.interop.notebook.curves import Curve, NoCurve, read_curve
from vktrs.interop.notebook.formulas import Line
from vktrs.interop.notebook.ledger import Ledger, Note, Path
from vktrs.storyboard.model import Signal

FOLDER = "signals"
"""Where in a project the sound files lie that hold curves of the notebook."""

_RATE = 22050.0
_HOP = 512.0
_STEP = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\(([^()]*)\))?\s*")
_CHAINS = ("signal_manipulations", "manipulations", "pipeline", "chain")
_SOURCES = ("driving_signal_name", "driving_signal", "source", "audio")
_FILES = ("custom_signal_fpath",)
_STEMS = {"vocal": "vocals", "drum": "drums", "bass": "bass", "other": "other"}
_COUNTED = {"sustain": 500.0, "smooth": 150.0}
_DEFAULTS = {"modulo": "2", "quantize": "1"}
_DEFECTS = {
    "sqrt": "`sqrt` gave one over the square there, and is the square root here, as it was described",
    "quantize": "`quantize` put values together by clustering there, and rounds to even steps here",
    "modulo": "`modulo` left the highest value of a peak alone there, and keeps its flanks here",
}


@dataclass(frozen=True, slots=True)
class Brought:
    """A signal on its way: as the storyboard has it, and the curve or the sound file that it needs there.

    `line` is what the notebook's signal of that name is, in an expression here.
    """

    name: str
    signal: Signal
    line: Line
    curve: Curve | None = None
    sound: str | None = None


class NoChain(ValueError):
    """Why a chain is not taken over; a sentence without its end."""


def read_signals(tables: Any, ledger: Ledger, path: Path = ("signals",)) -> dict[str, Brought]:
    """The signals of a project by their names there."""
    if not isinstance(tables, Mapping):
        if tables:
            ledger.leave(path, "it is no table of signals")
        return {}
    found: dict[str, Brought] = {}
    for name, value in tables.items():
        own = _name_for(name, {each.name for each in found.values()})
        brought = _read(own, value, ledger, (*path, name))
        if brought is not None:
            found[name] = brought
            if own != name:
                said = f"it is called `{own}` here, where `{name}` means something else or is no name"
                ledger.changed.append(Note((*path, name), said))
    return found


def _name_for(name: str, taken: set[str]) -> str:
    """A name that a signal may have here, the same one where it may."""
    own = re.sub(r"[^A-Za-z0-9_]", "_", name[:40], flags=re.ASCII).strip("_") or "signal"
    own = own if own[0].isalpha() else f"signal_{own}"
    own = own if is_signal_name(own) else f"{own}_signal"
    number, candidate = 2, own
    while candidate in taken:
        candidate, number = f"{own}_{number}", number + 1
    return candidate


def _read(name: str, value: Any, ledger: Ledger, path: Path) -> Brought | None:
    if isinstance(value, str):
        return _of_chain(name, {"chain": value}, ledger, path, path)
    if not isinstance(value, Mapping):
        ledger.leave(path, "it is no signal")
        return None
    if "curve" in value or "parameters" in value:
        return _of_curve(name, value, ledger, path)
    if any(isinstance(value.get(key), str) for key in _CHAINS):
        key = next(key for key in _CHAINS if isinstance(value.get(key), str))
        return _of_chain(name, value, ledger, path, (*path, key))
    ledger.leave(path, "it has neither a curve nor a chain")
    return None


def _of_curve(name: str, value: Mapping[str, Any], ledger: Ledger, path: Path) -> Brought | None:
    try:
        curve, said = read_curve(value)
    except NoCurve as why:
        ledger.leave(path, str(why))
        return None
    file = f"{FOLDER}/{name}.flac"
    remark = f"its values are kept in {file}" + (f"; {said}" if said else "")
    ledger.take(path, f"signals.{name}", remark)
    slope = curve.highest if curve.highest > 0 else 1.0
    slope = 1.0 if abs(slope - 1) < 1e-6 else slope
    return Brought(name, Signal(file, ""), Line(name, slope=slope), curve=curve)


def _of_chain(name: str, value: Mapping[str, Any], ledger: Ledger, path: Path, written: Path) -> Brought | None:
    """`written` is where the chain itself stands."""
    text = next(value[key] for key in _CHAINS if isinstance(value.get(key), str))
    sound = next((str(value[key]) for key in _SOURCES if value.get(key)), "audio input")
    file = next((str(value[key]) for key in _FILES if value.get(key)), None)
    source = _source(sound)
    if source is None and file is None:
        ledger.leave(path, f"{sound[:60]!r} is no sound that a signal may listen to here")
        return None
    try:
        chain, said = converted(text)
    except NoChain as why:
        ledger.leave(path, str(why))
        return None
    for key in value:
        if key in (*_SOURCES, *_FILES):
            ledger.take((*path, key), f"signals.{name}")
    ledger.take(written, f"signals.{name}")
    ledger.changed += [Note(written, each) for each in said]
    return Brought(name, Signal(source or f"{FOLDER}/{name}", chain), Line(name), sound=None if source else file)


def _source(written: str) -> str | None:
    plain = written.strip().lower()
    if plain in ("audio input", "mix", ""):
        return "mix"
    return next((stem for word, stem in _STEMS.items() if plain.startswith(word)), None)


def converted(text: str) -> tuple[str, list[str]]:
    """A chain of the notebook as a chain here, and what of it is not as it was. NoChain where it is none."""
    steps: list[str] = []
    said: list[str] = []
    curve_by, is_windowed = "", False
    for part in filter(None, (part.strip() for part in text.split("|"))):
        name, arguments = _parsed(part)
        if name == "raw":
            continue
        if name == "pow2":
            name, arguments = "pow", ["2"]
        if name not in OPERATIONS:
            raise NoChain(f"there is no operation {name[:40]!r}")
        kind = OPERATIONS[name]
        if kind.takes is Domain.SOUND and curve_by:
            said.append(f"`{part}` is left out: behind `{curve_by}` there is a curve, and no sound any more")
            continue
        step = _step(name, arguments, is_windowed, said)
        if step:
            steps.append(step)
        if kind.leaves is Domain.CURVE:
            curve_by = curve_by or part
            is_windowed = is_windowed or kind.takes is Domain.SOUND
    try:
        chain = canonical(parse_chain(" | ".join(steps)))
    except ChainError as error:
        raise NoChain(f"{error.found.rstrip('.')}; {error.right.rstrip('.')}") from None
    return chain, list(dict.fromkeys(said))


def _parsed(part: str) -> tuple[str, list[str]]:
    match = _STEP.fullmatch(part)
    if match is None:
        raise NoChain(f"{part[:40]!r} is no operation")
    arguments = [each.split("=")[-1].strip() for each in (match[2] or "").split(",")]
    return match[1], [each for each in arguments if each]


def _step(name: str, arguments: list[str], is_windowed: bool, said: list[str]) -> str:
    """One operation as it is written here; "" where it does nothing."""
    if name in _DEFECTS:
        said.append(_DEFECTS[name])
    if name in _COUNTED:
        values = _float(arguments[0]) if arguments else _COUNTED[name]
        wanted = values / (_RATE / _HOP if is_windowed else _RATE)
        seconds = round(min(max(wanted, 0.001), 30.0), 3)
        said.append(f"`{name}({values:g})` counted in values, and is {name}({seconds:g}) in seconds")
        return f"{name}({seconds:g})"
    if name == "clamp" and arguments and _float(arguments[0]) >= 1:
        said.append(f"`clamp({arguments[0]})` is left out: no signal is above 1")
        return ""
    if name == "threshold" and not is_windowed:
        said.append("`threshold` measures the loudness in 0..1 here, not the samples of the sound")
    if not arguments and name in _DEFAULTS:
        arguments = [_DEFAULTS[name]]
    return f"{name}({', '.join(arguments)})" if arguments else name


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise NoChain(f"{text[:40]!r} is no number") from None
