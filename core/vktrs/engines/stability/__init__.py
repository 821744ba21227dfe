"""Pictures by Stability AI's services, paid by the picture.

    options.py   the table [engines.stability]           key.py       the key, and how it stays out of texts
    prices.py    about what it costs                     way.py       the door to both services
    rest.py      the REST services                       grpc_way.py  the gRPC service
    address.py   where the REST service is
    wishes.py    what goes in one call                   received.py  opens what came
    engine.py    a batch of pictures           chain.py      a moving scene, picture by picture

Where the services are is a matter of the machine: STABILITY_API_URL and STABILITY_HOST in the environment. Importing
this package is light, so that a plan may read what pictures depend on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.engines.stability.options import (
    WITHOUT_NEGATIVE_PROMPTS,
    StabilityOptions,
    aspect_ratio,
    grpc_size,
    read_options,
)
from vktrs.errors import InputError, MissingError, VktrsError

if TYPE_CHECKING:
    from vktrs.engines.pictures import Estimate, PictureEngine, Workplace
    from vktrs.engines.services.key import Key
    from vktrs.engines.stability.way import Way

ENGINE_VERSION = 1
"""Part of every fingerprint of this engine's pictures; raised whenever the same request asks for another picture."""

AT_ONCE = 4
PAID = True
USES_DEVICE = False
GRID = 1

_INSTALL = "Write `pip install '.[api]'`."


def settled_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that pictures depend on, with defaults; InputError where one is wrong."""
    return read_options(options).settled


def keyframe_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same without what only the model of the variations is told."""
    return read_options(options).settled_for_keyframes


def reads_negative_prompts(options: Mapping[str, Any], of_variations: bool) -> bool:
    """All models but one take them."""
    read = read_options(options)
    return (read.variation_model if of_variations else read.model) != WITHOUT_NEGATIVE_PROMPTS


def size_inputs(options: Mapping[str, Any], width: int, height: int) -> dict[str, Any]:
    """The shape that REST is asked for, the size that gRPC is asked for: a video of another size buys nothing again."""
    read = read_options(options)
    if read.api == "rest":
        return {"aspect_ratio": aspect_ratio(width, height)}
    across, up = grpc_size(width, height, read.model)
    return {"width": across, "height": up}


def problems(options: Mapping[str, Any], width: int, height: int, root: Path) -> list[VktrsError]:
    """A wrong option, a library that is not installed, no key, an address that cannot be used; nothing is called."""
    del width, height, root
    return list(_problems(options))


def _problems(options: Mapping[str, Any]) -> Iterator[VktrsError]:
    from vktrs.engines.stability.key import find_key

    try:
        read = read_options(options)
    except InputError as error:
        yield error
        return
    needed = {"rest": ("httpx",), "grpc": ("grpc", "stability_sdk")}[read.api]
    if any(find_spec(name) is None for name in needed):
        yield MissingError("The library for Stability's services is not installed.", _INSTALL)
    try:
        find_key()
    except MissingError as error:
        yield error
    from vktrs.engines.services.network import network_problems
    from vktrs.engines.stability.address import service_url
    from vktrs.engines.stability.grpc_way import service_host

    try:
        if read.api == "grpc":
            service_host()
        else:
            yield from network_problems(service_url())
    except InputError as error:
        yield error


def device_problems(device: str | None) -> list[VktrsError]:
    """Pictures are made elsewhere."""
    del device
    return []


def estimate(
    options: Mapping[str, Any], width: int, height: int, keyframes: int, variations: Sequence[int]
) -> Estimate:
    """What so many keyframes and, for each scene, so many variations take; InputError where an option is wrong."""
    from vktrs.engines.pictures import Estimate
    from vktrs.engines.stability.prices import run_calls, run_price

    del width, height
    read = read_options(options)
    pictures = keyframes + sum(variations)
    credits = round(run_price(read, keyframes, sum(variations)), 2)
    return Estimate(pictures, run_calls(read, keyframes, variations), credits)


def open_engine(options: Mapping[str, Any], workplace: Workplace) -> PictureEngine:
    """The engine as a run opens it; InputError for an option, MissingError for the key or a library."""
    from vktrs.engines.stability.engine import StabilityEngine
    from vktrs.engines.stability.key import find_key

    read = read_options(options)
    return StabilityEngine(read, workplace, _open_way(read, find_key(), workplace))


def _open_way(options: StabilityOptions, key: Key, workplace: Workplace) -> Way:
    try:
        if options.api == "rest":
            from vktrs.engines.stability.address import service_url
            from vktrs.engines.stability.rest import RestWay

            return RestWay(options, key, service_url(), workplace.remark)
        from vktrs.engines.stability.grpc_way import GrpcWay, service_host

        return GrpcWay(options, key, service_host(), workplace.remark)
    except ImportError:
        raise MissingError("The library for Stability's services is not installed.", _INSTALL) from None
