"""What would keep the engine from working here, as far as can be seen before it is opened.

Looks at the options, what is installed, the device and the files; asks the hub only about what is not on this machine.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vktrs.engines.diffusion import GRID, checkpoint, weights
from vktrs.engines.diffusion.checkpoint import CHECKER, CONFIG_SOURCES, Folder, HubFile, HubModel, SingleFile, locate
from vktrs.engines.diffusion.options import Options, read_options, wrong_options
from vktrs.engines.hub_cache import is_offline, snapshot
from vktrs.errors import InputError, MissingError, VktrsError

PACKAGES = ("torch", "diffusers", "transformers", "accelerate")
LORA_PACKAGE = "peft"
INSTALL = "pip install '.[hf]'"


def find_problems(table: Mapping[str, Any], width: int, height: int, root: Path) -> Iterator[VktrsError]:
    """Every problem, each with what to do."""
    yield from _size(width, height)
    wrong = wrong_options(table)
    yield from wrong
    if wrong:
        return
    options = read_options(table)
    missing = missing_packages(bool(options.loras))
    if missing:
        yield MissingError(f'pictures = "diffusers" needs {", ".join(missing)}.', f"`{INSTALL}`")
    can_ask = importlib.util.find_spec("huggingface_hub") is not None
    yield from _told(lambda: _check_model(options, root, can_ask))
    for name, _ in options.loras:
        yield from _told(lambda name=name: _check_lora(name, root, can_ask))  # type: ignore[misc]


def missing_packages(lora: bool = False) -> list[str]:
    """What is not installed of all that the engine needs."""
    needed = (*PACKAGES, LORA_PACKAGE) if lora else PACKAGES
    return [each for each in needed if importlib.util.find_spec(each) is None]


def _told(check: Callable[[], None]) -> Iterator[VktrsError]:
    try:
        check()
    except VktrsError as error:
        yield error


def _size(width: int, height: int) -> Iterator[VktrsError]:
    for name, value in (("width", width), ("height", height)):
        if value % GRID:
            below = max(GRID, value // GRID * GRID)
            near = " or ".join(str(each) for each in dict.fromkeys((below, value // GRID * GRID + GRID)))
            yield InputError(
                f"{name} = {value}: Stable Diffusion draws sizes that are a multiple of {GRID}.",
                f"Write {name} = {near} under [video].",
            )


def skipped(options: Options) -> tuple[str, ...]:
    """The parts of a checkpoint that these options leave unused."""
    return CHECKER if options.safety == "off" else ()


def _check_model(options: Options, root: Path, can_ask: bool) -> None:
    place = locate(options.model, root)
    if isinstance(place, Folder):
        checkpoint.check_folder(place.path, options.variant, skipped(options))
    elif isinstance(place, SingleFile):
        _check_file(place.path, options, root, can_ask)
    elif isinstance(place, HubFile):
        folder = snapshot(place.name, options.revision)
        if folder is not None and (folder / place.file).is_file():
            _check_file(folder / place.file, options, root, can_ask)
        else:
            _ask(place.name, options.revision, place.file, can_ask=can_ask)
    else:
        _check_hub_model(place, options, can_ask)


def _check_hub_model(place: HubModel, options: Options, can_ask: bool) -> None:
    from vktrs.engines.diffusion import hub

    if hub.cached_model(place.name, options.revision, options.variant, skipped(options)) is None:
        if is_offline():
            raise hub.offline(place.name)
        if can_ask:  # where the package is not installed that has been said
            hub.ask(place.name, options.revision, variant=options.variant, without=skipped(options))


def _check_file(path: Path, options: Options, root: Path, can_ask: bool) -> None:
    tensors = weights.read_header(path)
    family = weights.family(path, tensors)
    config = locate_config(options, path, root)
    if isinstance(config, Folder):
        check_config(path, config.path, family, tensors)
        return
    name = config.name if config is not None else CONFIG_SOURCES[family]
    folder = snapshot(name)
    if folder is not None and (folder / checkpoint.INDEX).is_file():
        return
    try:
        _ask(name, None, checkpoint.INDEX, can_ask=can_ask)
    except MissingError as error:
        raise no_config(path, name, error) from None


def locate_config(options: Options, path: Path, root: Path) -> Folder | HubModel | None:
    """Where the configs of a single file are: as named, else beside it; None where only the hub can have them."""
    if options.config is None:
        beside = checkpoint.config_beside(path)
        return Folder(beside) if beside else None
    place = locate(options.config, root, "config")
    if isinstance(place, Folder | HubModel):
        return place
    raise InputError(f'config = "{options.config}" is a file.', "Write the folder that has model_index.json.")


def check_config(path: Path, config: Path, family: weights.Family, tensors: Mapping[str, weights.Tensor]) -> None:
    """Whether a folder has the configs of a single file, and the weights that the file itself does not bring."""
    xl = checkpoint.kind(config, checkpoint.read_index(config))
    if xl != (family == "xl"):
        kinds = {True: "SDXL", False: "Stable Diffusion 1 or 2"}
        raise InputError(
            f"{path} is {kinds[family == 'xl']}, but {config} is for {kinds[xl]}.",
            "Write the folder that belongs to it as `config`.",
        )
    needed = ["unet/config.json", "vae/config.json", "text_encoder/config.json", "scheduler/scheduler_config.json"]
    lacking = [each for each in needed if not (config / each).is_file()]
    if lacking:
        raise MissingError(f"{config} has no {lacking[0]}.", "Fetch the configs of the model again.")
    parts = {"vae": weights.has_vae(tensors), "text_encoder": weights.has_encoder(tensors)}
    for part in (name for name, there in parts.items() if not there):
        if not any((config / part).glob("*.safetensors")):
            raise MissingError(
                f"{path} brings no {part}, and {config / part} has no .safetensors file.", "Take a whole checkpoint."
            )


def no_config(path: Path, name: str, why: MissingError) -> MissingError:
    """The error for a single file whose configs are nowhere."""
    return MissingError(
        f"{path} is a single file without its configs, and they cannot be had from {name}: {why.message}",
        'Name a folder that has them, `config = "folder"` with model_index.json, or go online once.',
    )


def _check_lora(name: str, root: Path, can_ask: bool) -> None:
    place = locate(name, root, "LoRA")
    if isinstance(place, Folder):
        raise InputError(f"the LoRA {place.path} is a folder.", "Name the .safetensors file in it.")
    if isinstance(place, SingleFile):
        check_lora_file(place.path)
        return
    folder = snapshot(place.name)
    file = place.file if isinstance(place, HubFile) else None
    here = folder is not None and any(folder.glob(file or "*.safetensors"))
    if not here:
        _ask(place.name, None, file, can_ask=can_ask)


def check_lora_file(path: Path) -> None:
    """Whether a file is a LoRA; InputError where it is another thing."""
    if not weights.is_lora(weights.read_header(path)):
        raise InputError(f"{path} is no LoRA: none of its tensors is named so.", "Take it out of the table of LoRAs.")


def _ask(name: str, revision: str | None, file: str | None, *, can_ask: bool) -> None:
    from vktrs.engines.diffusion import hub

    if is_offline():
        raise hub.offline(name)
    if can_ask:  # where the package is not installed that has been said
        hub.ask(name, revision, file, whole=False)
