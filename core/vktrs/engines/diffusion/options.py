"""The table `[engines.diffusers]` of a storyboard: what may stand there, its defaults, and what is wrong with it.

    [engines.diffusers]
    model = "stable-diffusion-v1-5/stable-diffusion-v1-5"   # a hub id, a folder or a .safetensors file
    steps = 30
    [engines.diffusers.loras]
    "styles/ink.safetensors" = 0.8

Light: nothing here looks at a file or a network. Whether the model is there is `checkpoint.py`'s question.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from vktrs.engines.diffusion import schedulers
from vktrs.engines.diffusion.few_steps import pace
from vktrs.errors import InputError

DEFAULT_MODEL = "stable-diffusion-v1-5/stable-diffusion-v1-5"
TABLE = "[engines.diffusers]"
_MOST_STEPS = 1000  # what every Stable Diffusion was trained with
_MOST_GUIDANCE = 100.0
_MOST_WEIGHT = 10.0

Safety: TypeAlias = Literal["retry", "off"]
Precision: TypeAlias = Literal["auto", "float16", "bfloat16", "float32"]


@dataclass(frozen=True, slots=True)
class Options:
    """How pictures are made, with every default filled in.

    `config` is the folder or hub id with the configs of a single file; `loras` are pairs of file or hub id and weight;
    `scheduler` is a name of `schedulers.py`, None for the checkpoint's own. `compile` changes speed only, and `safety`
    holds for pictures that are made from then on.
    """

    model: str
    revision: str | None
    variant: str | None
    config: str | None
    loras: tuple[tuple[str, float], ...]
    scheduler: str | None
    steps: int
    guidance_scale: float
    safety: Safety
    dtype: Precision
    compile: bool


def read_options(table: Mapping[str, Any]) -> Options:
    """The options of a table, with defaults; InputError for the first thing that is wrong with it."""
    values, problems = _parse(table)
    if problems:
        raise problems[0]
    model = values.get("model", DEFAULT_MODEL)
    loras = values.get("loras", ())
    usual = pace(model, (name for name, _ in loras))
    return Options(
        model=model,
        revision=values.get("revision"),
        variant=values.get("variant"),
        config=values.get("config"),
        loras=loras,
        scheduler=values.get("scheduler", usual.scheduler),
        steps=values.get("steps", usual.steps),
        guidance_scale=values.get("guidance_scale", usual.guidance_scale),
        safety=values.get("safety", "retry"),
        dtype=values.get("dtype", "auto"),
        compile=values.get("compile", False),
    )


def wrong_options(table: Mapping[str, Any]) -> list[InputError]:
    """Everything that is wrong with a table, in its order; empty where `read_options` would give an answer."""
    return _parse(table)[1]


def settled(options: Options) -> dict[str, Any]:
    """What pictures depend on, JSON-ready; without what is not chosen, so that a later option makes nothing stale.

    `safety` is not among it: a picture that the checker let pass is the same without one. Otherwise following our own
    hint, to draw the one scene that the checker refuses with `safety = "off"`, would make all others again.
    """
    chosen = {
        "model": options.model,
        "revision": options.revision,
        "variant": options.variant,
        "config": options.config,
        "loras": [[name, weight] for name, weight in options.loras],
        "scheduler": options.scheduler,
        "steps": options.steps,
        "guidance_scale": options.guidance_scale,
        "dtype": None if options.dtype == "auto" else options.dtype,
    }
    return {name: value for name, value in chosen.items() if value not in (None, [])}


def _parse(table: Mapping[str, Any]) -> tuple[dict[str, Any], list[InputError]]:
    values: dict[str, Any] = {}
    problems: list[InputError] = []
    for name, value in table.items():
        if name not in _READERS:
            problems.append(_unknown(name))
            continue
        try:
            values[name] = _READERS[name](name, value)
        except InputError as error:
            problems.append(error)
    return values, problems


def _unknown(name: str) -> InputError:
    close = difflib.get_close_matches(name, _READERS, n=1)
    meant = f" Did you mean `{close[0]}`?" if close else ""
    return InputError(f"{TABLE} has `{name}`, which is no option.{meant}", f"Known are: {', '.join(_READERS)}.")


def _wrong(name: str, value: object, right: str) -> InputError:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return InputError(f"{TABLE}: `{name}` is {shown}.", f"Write {right}.")


def _text(right: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise _wrong(name, value, right)
        return value.strip()

    return read


def _number(name: str, value: object, least: float, most: float) -> float:
    right = f"a number from {least:g} to {most:g}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(name, value, right)
    if not least <= value <= most:
        raise _wrong(name, value, right)
    return float(value)


def _steps(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_STEPS:
        raise _wrong(name, value, f"a whole number from 1 to {_MOST_STEPS}")
    return value


def _guidance(name: str, value: object) -> float:
    return _number(name, value, 0.0, _MOST_GUIDANCE)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, value, "true or false")
    return value


def _one_of(*known: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if value not in known:
            raise _wrong(name, value, "one of " + ", ".join(f'"{each}"' for each in known))
        return str(value)

    return read


def _scheduler(name: str, value: object) -> str:
    text = _text('the name of a scheduler, such as "euler a"')(name, value)
    try:
        schedulers.find(text)
    except InputError as error:
        raise InputError(f"{TABLE}: {error.message}", error.hint) from None
    return text


def _loras(name: str, value: object) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, Mapping):
        raise _wrong(name, value, f'a table {TABLE[:-1]}.loras] with lines such as "ink.safetensors" = 0.8')
    return tuple(
        (str(each), _number(f'loras."{each}"', weight, -_MOST_WEIGHT, _MOST_WEIGHT)) for each, weight in value.items()
    )


_READERS: Mapping[str, Callable[[str, object], Any]] = {
    "model": _text("a model of the hub, a folder or a .safetensors file"),
    "revision": _text("a branch, tag or commit of the model on the hub, in quotes"),
    "variant": _text('the middle part of the file names, such as "fp16"'),
    "config": _text("the folder or the model of the hub that has the configs"),
    "loras": _loras,
    "scheduler": _scheduler,
    "steps": _steps,
    "guidance_scale": _guidance,
    "safety": _one_of("retry", "off"),
    "dtype": _one_of("auto", "float16", "bfloat16", "float32"),
    "compile": _flag,
}
