"""The model hub: what of a model is already here, what must be fetched, and every way in which that fails, in words.

A model that lies whole in the cache is used without asking the network. The token (HF_TOKEN, or the file that
`hf auth login` writes) is found by huggingface_hub itself; nothing here reads or prints it.
"""

from __future__ import annotations

import errno
import glob
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.engines.diffusion import checkpoint
from vktrs.engines.diffusion.checkpoint import INDEX, SAFE, Found, check_folder
from vktrs.engines.hub_cache import cache_folder, is_offline, snapshot, token_place
from vktrs.errors import InputError, MissingError, Stopped, VktrsError

if TYPE_CHECKING:
    from vktrs.engines.pictures import Workplace

_ASK_SECONDS = 6.0
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_WORDS = ("os error 28", "os error 122", "no space left on device", "quota exceeded")
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_CONFIGS = ("*.json", "*/*.json", "*/*.txt", "*/*.model")
LORA = "pytorch_lora_weights.safetensors"


def cached_model(
    name: str, revision: str | None, variant: str | None, without: Collection[str]
) -> tuple[Path, Found] | None:
    """The folder of a model that lies whole in the cache, and what it holds; None where something is missing."""
    folder = snapshot(name, revision)
    if folder is None or not (folder / INDEX).is_file():
        return None
    try:
        return (folder, check_folder(folder, variant, without)) if _has_configs(folder, without) else None
    except MissingError:
        return None


def fetch_model(
    name: str, revision: str | None, variant: str | None, without: Collection[str], workplace: Workplace
) -> tuple[Path, Found]:
    """The folder of a model, fetched where it is not whole in the cache, and what it holds.

    Raises:
        MissingError: it cannot be had: no network, no such model, no right to it, no room for it.
        InputError: it is not of the kinds that this engine draws with, or has pickles only.
        Stopped: somebody asked the run to stop; whole files are kept.
    """
    if found := cached_model(name, revision, variant, without):
        return found
    if is_offline():
        raise offline(name)
    files = ask(name, revision, variant=variant, without=without)  # a quick no, before anything is fetched
    workplace.remark(f"Fetching the model {name} from the hub; that happens once and takes a while.")
    index = checkpoint.read_index(_fetch(name, revision, [INDEX], workplace.is_stopped))
    checkpoint.kind(name, index)
    needed = checkpoint.files_to_fetch(name, index, files, variant, without)
    folder = _fetch(name, revision, needed, workplace.is_stopped)
    workplace.remark(f"The model {name} is here now.")
    return folder, check_folder(folder, variant, without)


def _fetch(
    name: str, revision: str | None, files: Collection[str], is_stopped: Callable[[], bool], *, patterns: bool = False
) -> Path:
    """The folder into which these files of a repository were brought, those that are here already left alone."""
    from huggingface_hub import snapshot_download

    wanted = list(files) if patterns else [glob.escape(each) for each in files]
    bar = _stoppable(is_stopped)
    try:
        with in_words(name, revision, None if patterns or len(wanted) > 1 else next(iter(files))):
            return Path(snapshot_download(name, revision=revision, allow_patterns=wanted, tqdm_class=bar))
    except MissingError:
        if is_stopped():  # hf_xet makes an error of its own of it
            raise Stopped from None
        raise


def _stoppable(is_stopped: Callable[[], bool]) -> Any:
    """A progress bar that shows nothing, but is asked after every piece of a file: the only door into a download."""
    from huggingface_hub.utils.tqdm import tqdm

    class Watched(tqdm):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **{**named, "disable": True})  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> None:
            del n
            if is_stopped():
                raise Stopped

    return Watched


def fetch_configs(name: str, workplace: Workplace) -> Path:
    """A folder with the configs of a model, without its weights."""
    folder = snapshot(name)
    if folder is not None and (folder / INDEX).is_file() and _has_configs(folder):
        return folder
    if is_offline():
        raise offline(name)
    ask(name, None, INDEX, whole=False)
    workplace.remark(f"Fetching the configs of {name} from the hub, because the file of the model has none.")
    return _fetch(name, None, _CONFIGS, workplace.is_stopped, patterns=True)


def _has_configs(folder: Path, without: Collection[str] = ()) -> bool:
    """Whether every part has its configuration, and tokenizers their words; a download may have been interrupted."""
    index = checkpoint.read_index(folder)
    listed = [part for part, said in index.items() if isinstance(said, list) and said and said[0] is not None]
    return all(
        any(
            set(needed) <= {each.name for each in (folder / part).glob("*") if each.is_file()}
            for needed in _needed(part)
        )
        for part in listed
        if part not in without
    )


def _needed(part: str) -> Iterator[tuple[str, ...]]:
    """The files that a part needs beside its weights, in each of the ways in which it may have them."""
    if part.startswith("tokenizer"):
        yield from (("vocab.json", "merges.txt"), ("tokenizer.json",))
    else:
        named = {"scheduler": "scheduler_config.json", "feature_extractor": "preprocessor_config.json"}
        yield (named.get(part, "config.json"),)


def fetch_file(name: str, file: str, workplace: Workplace, revision: str | None = None) -> Path:
    """One file of a repository, fetched where it is not in the cache."""
    folder = snapshot(name, revision)
    if folder is not None and (folder / file).is_file():
        return folder / file
    if is_offline():
        raise offline(name)
    ask(name, revision, file, whole=False)
    workplace.remark(f"Fetching {file} of {name} from the hub.")
    return _fetch(name, revision, [file], workplace.is_stopped) / file


def fetch_lora(name: str, workplace: Workplace) -> Path:
    """The LoRA of a repository that has one alone; InputError where the file has to be named."""
    folder = snapshot(name)
    if folder is not None and (here := _files(each.name for each in folder.glob(f"*{SAFE}") if each.is_file())):
        return folder / _only(name, here)
    if is_offline():
        raise offline(name)
    from huggingface_hub import model_info

    with in_words(name, None):
        listed = _files(each.rfilename for each in model_info(name, timeout=_ASK_SECONDS).siblings or ())
    return fetch_file(name, _only(name, listed), workplace)


def _files(names: Iterator[str]) -> list[str]:
    return sorted(each for each in names if each.endswith(SAFE))


def _only(name: str, files: list[str]) -> str:
    if LORA in files or len(files) == 1:
        return LORA if LORA in files else files[0]
    if not files:
        raise InputError(f"{name} has no .safetensors file, so no LoRA to use.", "Take another one.")
    raise InputError(f"{name} has {len(files)} files.", f'Write the one that is meant, such as "{name}/{files[0]}".')


def ask(
    name: str,
    revision: str | None = None,
    file: str | None = None,
    *,
    whole: bool = True,
    variant: str | None = None,
    without: Collection[str] = (),
) -> set[str]:
    """Ask the hub whether something can be had, without fetching it; the files it has, or the error where not.

    `file`: one that has to be there. `whole`: it has to be a model that this engine draws with, without pickles, and
    with weights of the `variant` in the parts that are not in `without`.
    """
    from huggingface_hub import HfApi

    with in_words(name, revision, file):
        api = HfApi()
        info = api.model_info(name, revision=revision, timeout=_ASK_SECONDS)
        if info.gated:
            api.auth_check(name)
    files = {each.rfilename for each in info.siblings or ()}
    if file is not None and file not in files:
        raise _no_file(name, file)
    if whole:
        if INDEX not in files:
            raise InputError(f"{name} has no {INDEX}, so it is no model of diffusers.", _single_files(name, files))
        said = (info.config or {}).get("diffusers", {})
        if isinstance(said, dict) and "_class_name" in said:
            checkpoint.kind(name, said)
        _check_safe(name, files)
        parts = (each.rpartition("/") for each in files)
        if variant and not any(checkpoint.is_of_variant(own, variant) for part, _, own in parts if part not in without):
            raise checkpoint.no_variant(name, variant)
    return files


def _single_files(name: str, files: Collection[str]) -> str:
    single = sorted(each for each in files if each.endswith(SAFE))
    return f'Write one of its files: model = "{name}/{single[0]}".' if single else "Take another one."


def _check_safe(name: str, files: Collection[str]) -> None:
    for part in ("unet", "vae", "text_encoder"):
        own = [each for each in files if each.startswith(f"{part}/")]
        if own and not any(each.endswith(SAFE) for each in own):
            pickles = [each for each in own if each.endswith(checkpoint.PICKLES)]
            if pickles:
                raise checkpoint.pickle_refused(Path(f"{name}/{sorted(pickles)[0]}"))


@contextmanager
def in_words(name: str, revision: str | None, file: str | None = None) -> Iterator[None]:
    """Turn every failure of the hub into a sentence: MissingError with what to do."""
    try:
        yield
    except VktrsError:
        raise
    except _failures() as error:
        raise translated(error, name, revision, file) from None


def _failures() -> tuple[type[Exception], ...]:
    """What huggingface_hub raises, also when nobody answers.

    Its HTTP library is another one from version to version; its own error is built on that library's.
    """
    from huggingface_hub import errors

    bases = [each for each in errors.HfHubHTTPError.__bases__ if issubclass(each, Exception)]
    others = [getattr(errors, name, OSError) for name in ("EntryNotFoundError", "RevisionResolutionError")]
    # hf_xet, the hub's own way of fetching, has no errors of its own.
    return (OSError, ValueError, RuntimeError, *bases, *others)


def translated(error: Exception, name: str, revision: str | None = None, file: str | None = None) -> MissingError:
    """What a failure of the hub means, and what to do."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return _gated(name)
    if isinstance(error, errors.RevisionNotFoundError):
        return MissingError(f'{name} has no revision "{revision}" on the hub.', "Mend `revision`, or take it out.")
    if isinstance(error, errors.RepositoryNotFoundError):
        token = "" if token_place() else " If it is private, set HF_TOKEN."
        return MissingError(f"There is no model {name} on the hub.", f"Look for a slip in its name.{token}")
    if isinstance(error, errors.HFValidationError):
        return MissingError(f"{name} is no name of a model.", 'A model of the hub is written "owner/name".')
    if isinstance(error, errors.OfflineModeIsEnabled) or is_offline():
        return offline(name)
    if isinstance(error, errors.EntryNotFoundError) and not isinstance(error, errors.LocalEntryNotFoundError):
        return _no_file(name, file)
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status == 401:
        return MissingError("The hub does not know this token.", "Set HF_TOKEN to a valid one, or `hf auth login`.")
    if status is not None:
        return MissingError(f"The hub did not give {name} (status {status}).", "Try again later.")
    if problem := _own_machine(error, name):
        return problem
    if isinstance(error, ValueError | RuntimeError):
        said = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        return MissingError(f"{name} could not be fetched: {said}.", "Run again, or fetch it in another way.")
    return MissingError(
        f"The model {name} is not on this machine, and the hub cannot be reached.",
        "Connect to the internet for the first run, or write a folder or a file as `model`.",
    )


def _own_machine(error: Exception, name: str) -> MissingError | None:
    """The error where it is not the hub's fault but the disk's; None where it is not that."""
    number = error.errno if isinstance(error, OSError) else None
    cache = cache_folder()
    if number in _FULL or any(words in str(error).lower() for words in _FULL_WORDS):
        hint = "Free some space, or have HF_HOME name a folder on another disk, and run again."
        return MissingError(f"There is no room left for {name} in {cache}.", hint)
    if number in _FORBIDDEN:
        where = getattr(error, "filename", None) or cache
        hint = "Give yourself write permission there, or have HF_HOME name another folder."
        return MissingError(f"{name} cannot be fetched, because {where} cannot be written.", hint)
    return None


def offline(name: str) -> MissingError:
    """The error for what is not here while the hub must not be asked."""
    return MissingError(
        f"The model {name} is not on this machine, and HF_HUB_OFFLINE forbids fetching it.",
        "Unset HF_HUB_OFFLINE for the first run, or write a folder or a file as `model`.",
    )


def _gated(name: str) -> MissingError:
    terms = f"Agree to its terms on its page ({name}), then set HF_TOKEN or run `hf auth login`."
    known = "with this token you may not have it" if token_place() else "there is no token on this machine"
    return MissingError(f"The model {name} is given only to those who agreed to its terms, and {known}.", terms)


def _no_file(name: str, file: str | None) -> MissingError:
    what = file or "what this engine needs"
    return MissingError(f"{name} does not have {what}.", "Look for a slip in the name, or take another one.")
