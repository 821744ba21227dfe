"""The table [engines.diffusers]: defaults, few-step models, and a sentence for everything that is wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vktrs.engines import diffusion
from vktrs.engines.diffusion import schedulers
from vktrs.engines.diffusion.options import DEFAULT_MODEL, read_options, settled, wrong_options
from vktrs.errors import InputError


def test_an_empty_table_gives_the_defaults() -> None:
    options = read_options({})
    assert (options.model, options.steps, options.guidance_scale) == (DEFAULT_MODEL, 30, 7.5)
    assert (options.scheduler, options.safety, options.dtype, options.compile) == (None, "retry", "auto", False)


def test_writing_a_default_down_makes_nothing_stale() -> None:
    written = {"model": DEFAULT_MODEL, "steps": 30, "guidance_scale": 7.5, "safety": "retry", "dtype": "auto"}
    assert diffusion.settled_options(written) == diffusion.settled_options({})
    assert diffusion.settled_options({"guidance_scale": 7}) == diffusion.settled_options({"guidance_scale": 7.0})
    assert diffusion.settled_options({"loras": {}}) == diffusion.settled_options({})


def test_what_only_changes_the_speed_makes_nothing_stale() -> None:
    assert diffusion.settled_options({"compile": True}) == diffusion.settled_options({})


def test_a_scene_without_the_safety_checker_has_no_other_made_again() -> None:
    assert diffusion.settled_options({"safety": "off"}) == diffusion.settled_options({"safety": "retry"})


def test_a_choice_of_one_s_own_alone_is_part_of_what_pictures_depend_on() -> None:
    assert set(diffusion.settled_options({})) == {"model", "steps", "guidance_scale"}


@pytest.mark.parametrize(
    "table",
    [
        {"model": "other/model"},
        {"revision": "v2"},
        {"variant": "fp16"},
        {"config": "configs"},
        {"loras": {"ink.safetensors": 0.5}},
        {"scheduler": "ddim"},
        {"steps": 31},
        {"guidance_scale": 7.4},
        {"dtype": "float32"},
    ],
)
def test_whatever_changes_a_picture_makes_it_stale(table: dict[str, Any]) -> None:
    found = diffusion.settled_options(table)
    assert found != diffusion.settled_options({})
    assert json.loads(json.dumps(found)) == found


def test_the_order_of_loras_is_kept() -> None:
    assert read_options({"loras": {"b.safetensors": 1, "a.safetensors": -0.5}}).loras == (
        ("b.safetensors", 1.0),
        ("a.safetensors", -0.5),
    )


@pytest.mark.parametrize(
    ("table", "steps", "guidance", "scheduler"),
    [
        ({"model": "stabilityai/sdxl-turbo"}, 4, 0.0, None),
        ({"model": "stabilityai/sd-turbo"}, 4, 0.0, None),
        ({"model": "models/sd_xl_turbo_1.0_fp16.safetensors"}, 4, 0.0, None),
        ({"model": "Lykon/dreamshaper-xl-v2-turbo"}, 8, 2.0, None),
        ({"model": "SimianLuo/LCM_Dreamshaper_v7"}, 4, 8.0, None),
        ({"loras": {"latent-consistency/lcm-lora-sdv1-5": 1}}, 4, 1.0, "lcm"),
        ({"loras": {"ByteDance/SDXL-Lightning/sdxl_lightning_4step_lora.safetensors": 1}}, 4, 0.0, "euler trailing"),
        ({"loras": {"ByteDance/Hyper-SD/Hyper-SD15-8steps-CFG-lora.safetensors": 1}}, 8, 5.0, "ddim trailing"),
        ({"loras": {"styles/ink.safetensors": 1}}, 30, 7.5, None),
        ({"model": "/home/turbo/lightning/hyper/plain.safetensors"}, 30, 7.5, None),
    ],
)
def test_a_few_step_model_gets_the_settings_of_its_authors(
    table: dict[str, Any], steps: int, guidance: float, scheduler: str | None
) -> None:
    options = read_options(table)
    assert (options.steps, options.guidance_scale, options.scheduler) == (steps, guidance, scheduler)


def test_what_is_written_wins_over_the_settings_of_the_authors() -> None:
    options = read_options({"model": "stabilityai/sdxl-turbo", "steps": 2, "guidance_scale": 1, "scheduler": "lcm"})
    assert (options.steps, options.guidance_scale, options.scheduler) == (2, 1.0, "lcm")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"step": 20}, "`step`, which is no option. Did you mean `steps`? Known are: model, revision"),
        ({"guidance": 7}, "Did you mean `guidance_scale`?"),
        ({"lora": "a.safetensors"}, "Did you mean `loras`?"),
        ({"zzz": 1}, "`zzz`, which is no option. Known are"),
        ({"steps": 0}, "`steps` is 0. Write a whole number from 1 to 1000."),
        ({"steps": "30"}, '`steps` is "30"'),
        ({"steps": True}, "`steps` is true"),
        ({"steps": 20.5}, "`steps` is 20.5"),
        ({"guidance_scale": -1}, "`guidance_scale` is -1. Write a number from 0 to 100."),
        ({"guidance_scale": float("nan")}, "`guidance_scale` is nan"),
        ({"model": ""}, '`model` is "". Write a model of the hub, a folder or a .safetensors file.'),
        ({"model": 15}, "`model` is 15"),
        ({"revision": 2}, "in quotes"),
        ({"loras": "ink.safetensors"}, "Write a table [engines.diffusers.loras] with lines such as"),
        ({"loras": {"ink.safetensors": "much"}}, '`loras."ink.safetensors"` is "much". Write a number from -10 to 10.'),
        ({"scheduler": "eular"}, 'scheduler = "eular" is not known. Did you mean "euler"? Known are: ddim'),
        ({"scheduler": "euler a karras"}, "has no Karras sigmas"),
        ({"safety": "on"}, '`safety` is "on". Write one of "retry", "off".'),
        ({"dtype": "fp16"}, 'Write one of "auto", "float16", "bfloat16", "float32".'),
        ({"compile": "yes"}, "Write true or false."),
    ],
)
def test_everything_wrong_is_said_with_what_would_be_right(table: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_options(table)
    assert said in str(caught.value)
    assert "[engines.diffusers]" in str(caught.value)


def test_everything_wrong_is_told_at_once() -> None:
    problems = diffusion.problems({"step": 1, "dtype": "x", "steps": 0}, 510, 62, Path())
    said = [str(each) for each in problems]
    assert [word in "".join(said) for word in ("width", "height", "`step`", "`dtype`", "`steps`")] == [True] * 5
    assert len(said) == 5


@pytest.mark.parametrize(
    ("size", "said"),
    [(510, "width = 504 or 512"), (4090, "width = 4088 or 4096"), (4, "width = 8 under")],
)
def test_a_size_that_is_no_multiple_of_8_is_told_with_the_nearest(size: int, said: str) -> None:
    problems = diffusion.problems({"steps": 0}, size, 512, Path())
    assert said in str(problems[0])
    assert isinstance(problems[0], InputError)
    assert len(diffusion.problems({"steps": 0}, 512, 512, Path())) == 1


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.integers(), st.text(), st.floats(), st.booleans())))
def test_no_table_ends_in_anything_but_a_sentence(table: dict[str, Any]) -> None:
    problems = wrong_options(table)
    if problems:
        assert all(each.message and each.hint for each in problems)
    else:
        assert settled(read_options(table))


@pytest.mark.parametrize(
    ("name", "class_name", "settings"),
    [
        ("ddim", "DDIMScheduler", {}),
        ("Euler A", "EulerAncestralDiscreteScheduler", {}),
        ("euler_ancestral", "EulerAncestralDiscreteScheduler", {}),
        ("DPM++ 2M Karras", "DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
        ("dpm++ 2m sde", "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
        ("euler trailing", "EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
        ("UniPCMultistepScheduler", "UniPCMultistepScheduler", {}),
    ],
)
def test_a_scheduler_is_known_by_its_short_name_and_its_own(
    name: str, class_name: str, settings: dict[str, Any]
) -> None:
    found = schedulers.find(name)
    assert (found.class_name, dict(found.settings)) == (class_name, settings)


def test_an_estimate_counts_every_picture_and_no_money() -> None:
    found = diffusion.estimate({}, 512, 512, 3, [7, 7, 2])
    assert (found.pictures, found.calls, found.credits) == (19, 19, None)


def test_planning_and_looking_at_a_missing_file_load_nothing_heavy(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from vktrs.engines import diffusion
diffusion.settled_options({{"steps": 4}}), diffusion.size_inputs({{}}, 8, 8), diffusion.estimate({{}}, 8, 8, 1, [1])
assert len(diffusion.problems({{"model": "gone.safetensors"}}, 8, 8, Path({str(tmp_path)!r}))) == 1
heavy = {{"torch", "diffusers", "transformers", "huggingface_hub", "grpc", "httpx", "PIL", "numpy", "safetensors"}}
print(sorted(heavy & {{name.partition(".")[0] for name in sys.modules}}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
