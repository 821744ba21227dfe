"""torch.compile for the parts of a pipeline; where it fails the part runs as it is, which is remarked once.

How many pictures go through at once is left open in what is compiled, so that a rest of a batch compiles nothing anew.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any


def compile_forward(module: Any, remark: Callable[[str], None], backend: str | Callable[..., Any] = "inductor") -> None:
    """Make a module run compiled from its first call on. A failure of the compiler is never the end of a run.

    The call itself is replaced and not the module, so that both pipelines keep sharing it. `backend` is torch's.
    """
    import torch
    from torch._dynamo import config  # torch documents these under this name and has no other for them
    from torch._dynamo.exc import FailOnRecompileLimitHit, TorchDynamoException

    kind = type(module)
    compiled = torch.compile(kind.forward, backend=backend)
    held = weakref.ref(module)  # a call that held it would keep it in memory when the engine is closed
    failed = limited = False

    def forward(*given: Any, **named: Any) -> Any:
        nonlocal failed, limited
        if not failed:
            _leave_pictures_open((*given, *named.values()))
            try:
                with config.patch(fail_on_recompile_limit_hit=True):
                    return compiled(held(), *given, **named)
            except FailOnRecompileLimitHit:
                if not limited:
                    limited = True
                    remark(f"The {kind.__name__} is compiled for enough shapes; for others it runs as it is.")
            except TorchDynamoException as error:
                failed = True
                said = str(error).strip().partition("\n")[0]
                remark(f"The {kind.__name__} could not be compiled ({said}), so it runs as it is.")
        return kind.forward(held(), *given, **named)

    # Where parts take turns, accelerate has put its own call in front, and puts back what it finds beneath.
    setattr(module, "_old_forward" if hasattr(module, "_old_forward") else "forward", forward)


def _leave_pictures_open(values: Iterable[Any]) -> None:
    """Tell torch that the first dimension of each tensor may be another one next time.

    A wish, and no more: a single picture, or very many, may still be compiled once apart.
    """
    import torch
    from torch._dynamo import maybe_mark_dynamic

    for each in values:
        if isinstance(each, dict):
            _leave_pictures_open(each.values())
        elif isinstance(each, torch.Tensor) and each.dim() > 1:
            maybe_mark_dynamic(each, 0)
