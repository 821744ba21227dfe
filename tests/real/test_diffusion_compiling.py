"""torch.compile for the parts of a model, with a compiler that only counts: what is compiled anew, and what is said."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real.diffusion_desk import Desk, opened
from tests.real.tiny_diffusion import tiny_pipeline

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")


class Counter:
    """A backend of torch.compile that runs everything as it is."""

    def __init__(self) -> None:
        self.compiled = 0

    def __call__(self, graph: Any, _examples: Any) -> Any:
        self.compiled += 1
        return graph.forward


@pytest.fixture(autouse=True)
def _nothing_compiled() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def part(remarks: list[str], backend: Any) -> Any:
    from vktrs.engines.diffusion.compiling import compile_forward

    class Part(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = torch.nn.Linear(4, 4)

        def forward(self, sample: Any, words: Any, added: dict[str, Any] | None = None) -> Any:
            more = 0 if added is None else added["ids"].sum(dim=1)[:, None, None]
            return self.inner(sample) + words.mean(dim=1, keepdim=True) + more

    module = Part()
    compile_forward(module, remarks.append, backend)
    return module


def ask(module: Any, pictures: int, pieces: int = 1) -> Any:
    sample, words = torch.ones(pictures, 3, 4), torch.ones(pictures, 77 * pieces, 4)
    with torch.inference_mode():
        return module(sample, words, added={"ids": torch.ones(pictures, 6)})


def test_any_number_of_pictures_runs_what_was_compiled_for_the_first(_nothing_compiled: None) -> None:
    remarks: list[str] = []
    counter = Counter()
    module = part(remarks, counter)
    for pictures in (7, 8, 3, 2, 16, 5, 9, 6, 11, 12, 4, 10):
        assert len(ask(module, pictures)) == pictures
    assert counter.compiled == 1
    for pieces in (2, 3, 4):
        ask(module, 8, pieces)
    assert counter.compiled == 2, "once more, with the length of prompts left open as well"
    assert remarks == []


def test_a_shape_too_many_runs_as_it_is_and_that_is_said_once() -> None:
    remarks: list[str] = []
    counter = Counter()
    module = part(remarks, counter)
    with torch._dynamo.config.patch(recompile_limit=1):
        right = [ask(module, 4, pieces).shape for pieces in (1, 2, 3)]
        assert counter.compiled == 1
        assert right == [(4, 3, 4)] * 3
        assert len(remarks) == 1
        assert "The Part is compiled for enough shapes" in remarks[0]


def test_what_takes_turns_stays_compiled_when_its_turns_are_set_anew() -> None:
    from accelerate.hooks import ModelHook, add_hook_to_module, remove_hook_from_module

    from vktrs.engines.diffusion.compiling import compile_forward

    counter = Counter()
    module = torch.nn.Linear(4, 4)
    add_hook_to_module(module, ModelHook())
    compile_forward(module, print, counter)
    remove_hook_from_module(module)
    add_hook_to_module(module, ModelHook())
    module(torch.ones(2, 4))
    assert counter.compiled == 1


def test_a_compiled_part_is_freed_with_the_last_who_holds_it() -> None:
    module = part([], Counter())
    ask(module, 2)
    gone = weakref.ref(module)
    del module
    assert gone() is None


def test_it_is_said_that_the_first_pictures_take_longer(tmp_path: Path) -> None:
    model = tiny_pipeline(tmp_path / "sd")
    desk = Desk()
    opened(model, desk, compile=True).close()
    assert [each for each in desk.remarks if "is compiled with its first pictures" in each] == desk.remarks
    assert len(desk.remarks) == 1
    opened(model, desk).close()
    assert len(desk.remarks) == 1
