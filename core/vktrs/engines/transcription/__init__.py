"""Words by a service that transcribes as OpenAI's does: theirs, another company's, or a server in the next room.

    options.py   the table [engines.api]              address.py   where it is, what may be sent there
    key.py       which key goes where                 cutting.py   a long song into files that it takes
    calling.py   one call                             refusing.py  what a refusal means
    asking.py    a piece, until there is an answer    kept.py      answers, kept as they came
    answers.py   what was answered                    timing.py    words with times, spelled as their lines
    engine.py    a song

Importing this package is light, so that a plan may read what words depend on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from vktrs.artifacts import fingerprint
from vktrs.engines.transcription.address import host_of, is_near, is_openai
from vktrs.engines.transcription.key import find_key
from vktrs.engines.transcription.options import TranscriptionOptions, read_options
from vktrs.errors import InputError, MissingError, VktrsError

if TYPE_CHECKING:
    from vktrs.artifacts import Store
    from vktrs.doubt import LeftOut
    from vktrs.engines.transcription.asking import Encode
    from vktrs.engines.transcription.calling import Caller
    from vktrs.engines.transcription.engine import TranscriptionEngine

ENGINE_VERSION = 1
"""Part of the fingerprint of such words; raised whenever the same answers would give others."""

WRONG = "wrong"
"""In the place of options that are wrong stands their digest, by this name: among them may be what is secret."""

_INSTALL = "Write `pip install '.[api]'`."
_WITHOUT_TIMES = ("gpt-4o",)  # OpenAI's models of this name write texts without times


def settled_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """What words depend on, with defaults; only WRONG where something is wrong: planning never fails."""
    try:
        return read_options(options).settled
    except InputError:
        written = {name: str(value) for name, value in options.items()}
        return {WRONG: fingerprint(written)}


def problems(options: Mapping[str, Any]) -> list[VktrsError]:
    """A wrong option, a library that is not installed, no key, a proxy that cannot be used; nothing is called."""
    return list(_problems(options))


def _problems(options: Mapping[str, Any]) -> Iterator[VktrsError]:
    from vktrs.engines.services.network import network_problems
    from vktrs.engines.transcription.refusing import no_times

    try:
        read = read_options(options)
    except InputError as error:
        yield error
        return
    if find_spec("httpx") is None:
        yield MissingError("The library for services that transcribe is not installed.", _INSTALL)
    if is_openai(read.base_url) and read.model.startswith(_WITHOUT_TIMES):
        yield no_times(read.model, host_of(read.base_url))
    try:
        find_key(read.base_url)
    except MissingError as error:
        yield error
    if not is_near(read.base_url):
        yield from network_problems(read.base_url)


def sent_to(options: Mapping[str, Any]) -> str:
    """The host to which the song goes and the model that hears it there: "api.openai.com (whisper-1)"."""
    read = read_options(options)
    return f"{host_of(read.base_url)} ({read.model})"


def open_transcription(
    options: Mapping[str, Any],
    encode: Encode,
    store: Store | None,
    on_remark: Callable[[str], None],
    on_left_out: Callable[[LeftOut], None] = lambda _: None,
) -> TranscriptionEngine:
    """The engine as a run opens it; `encode` makes the sound files, answers are kept in `store`.

    InputError for an option. The engine raises MissingError for the key or a library, once it has something to ask.
    """
    from vktrs.engines.transcription.asking import Asking
    from vktrs.engines.transcription.engine import TranscriptionEngine
    from vktrs.engines.transcription.kept import Kept

    read = read_options(options)
    asking = Asking(read, lambda: _caller(read), encode, Kept(store), on_remark)
    return TranscriptionEngine(asking, on_remark, on_left_out)


def _caller(options: TranscriptionOptions) -> Caller:
    from vktrs.engines.transcription.calling import Caller

    try:
        return Caller(options, find_key(options.base_url))
    except ImportError:
        raise MissingError("The library for services that transcribe is not installed.", _INSTALL) from None
