"""The key for the service, from the environment and from nowhere else.

VKTRS_SPEECH_KEY is for whichever service the storyboard names. OPENAI_API_KEY, which many programs share, goes to
OpenAI only: a storyboard may be a stranger's, and must not be able to send that key to a host of theirs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from vktrs.engines.services.key import Key, key_in
from vktrs.engines.transcription.address import is_openai
from vktrs.errors import MissingError

OWN, OPENAI = "VKTRS_SPEECH_KEY", "OPENAI_API_KEY"


def find_key(base_url: str, environ: Mapping[str, str] | None = None) -> Key | None:
    """The key for that service; None where there is none and it may need none.

    MissingError, with the line that mends it, for OpenAI without a key, and for what cannot be one.
    """
    openai = is_openai(base_url)
    found = key_in(os.environ if environ is None else environ, names_of(base_url), export(base_url))
    if found is None and openai:
        raise MissingError(f"OpenAI needs a key, and neither {OPENAI} nor {OWN} is set.", export(base_url))
    return found


def names_of(base_url: str) -> tuple[str, ...]:
    """The variables in which a key for that service may stand, the first one first."""
    return (OWN, OPENAI) if is_openai(base_url) else (OWN,)


def export(base_url: str) -> str:
    """The line that gives such a key."""
    if is_openai(base_url):
        return f"Write `export {OPENAI}=sk-...` in the shell; keys are made at platform.openai.com/api-keys."
    return f"Write `export {OWN}=...` in the shell, with the key of that service."
