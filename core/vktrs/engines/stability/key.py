"""The key of the user's account at Stability's.

It is read from the environment (STABILITY_KEY, else STABILITY_API_KEY) and from nowhere else, and is written nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from vktrs.engines.services.key import Key, key_in
from vktrs.errors import MissingError

NAMES = ("STABILITY_KEY", "STABILITY_API_KEY")
_EXPORT = "Write `export STABILITY_KEY=sk-...` in the shell; keys are made at platform.stability.ai/account/keys."


def find_key(environ: Mapping[str, str] | None = None) -> Key:
    """The key of this environment; MissingError, with the line that mends it, where there is none that can be one."""
    found = key_in(os.environ if environ is None else environ, NAMES, _EXPORT)
    if found is None:
        raise MissingError("Stability needs a key, and neither STABILITY_KEY nor STABILITY_API_KEY is set.", _EXPORT)
    return found
