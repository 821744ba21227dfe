"""What [engines.whisper] may say, for both of the engines that listen here. Light: it is asked before a run."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from vktrs.errors import InputError

TABLE = "[engines.whisper]"
OPTIONS = ("model", "segmentation_model", "isolate_vocals")

_MODEL = 'a name such as "small", a folder, or a checkpoint of openai-whisper'


def wrong_options(table: Mapping[str, Any]) -> Iterator[InputError]:
    """Everything that is wrong with the table, in its order."""
    for name, value in table.items():
        if name not in OPTIONS:
            close = difflib.get_close_matches(name, OPTIONS, n=1)
            meant = f" Did you mean `{close[0]}`?" if close else ""
            yield InputError(f"{TABLE} has `{name}`, which is no option.{meant}", f"Known are: {', '.join(OPTIONS)}.")
        elif name == "isolate_vocals":
            if not isinstance(value, bool):
                yield _wrong(name, value, "true or false")
        elif not isinstance(value, str) or not value.strip():
            yield _wrong(name, value, _MODEL)


def _wrong(name: str, value: object, right: str) -> InputError:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return InputError(f"{TABLE}: `{name}` is {shown}.", f"Write {right}.")
