"""Stability's gRPC service by their SDK: several pictures a call, each with its seed, from words or from a picture.

The SDK builds the requests. The channel is ours, because the SDK's waits longer and longer before it connects again,
and calls to a host that is back would fail all that time. What a failure means is said in `grpc_failures.py`.
"""

from __future__ import annotations

import copy
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vktrs.engines.services.retrying import Transient
from vktrs.engines.stability.grpc_failures import failure
from vktrs.engines.stability.options import GRPC_SAMPLES, LEAST_CFG, MOST_CFG, StabilityOptions, grpc_size
from vktrs.engines.stability.prices import picture_price
from vktrs.engines.stability.way import Ask, Broken, Drawn, check_cfg_scale, check_prompts
from vktrs.errors import InputError

if TYPE_CHECKING:
    import grpc

    from vktrs.engines.services.key import Key

HOST = "grpc.stability.ai:443"
_CHANNEL = (
    ("grpc.max_send_message_length", 64 << 20),
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.enable_retries", 0),  # how often is tried is said in retrying.py
)
_LOUD = ("stability_sdk.api", "stability_sdk.client", "stability_sdk.utils", "grpc._common", "grpc._channel")


def service_host(environ: Mapping[str, str] | None = None) -> str:
    """Where the service is, "name:port": STABILITY_HOST, else the public one.

    InputError where the key could not be sent there safely: the SDK uses TLS where the port ends in 443.
    """
    said = (os.environ if environ is None else environ).get("STABILITY_HOST", "").strip() or HOST
    found = re.fullmatch(r"([\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}", said)
    at_home = found is not None and found[1] in ("127.0.0.1", "localhost", "[::1]")
    if not at_home and not (found and _is_secure(said)):
        raise InputError("STABILITY_HOST is no address that a key may be sent to.", f"Write one such as {HOST}.")
    return said


class GrpcWay:
    """A `Way`; `remark` hears what the service does not do.

    The key goes along over TLS only, as with the SDK: a server on this machine is not given it.
    """

    SAMPLES = GRPC_SAMPLES
    LEAST_STRENGTH = 0.02  # the schedule ends at 0.01: from there on nothing would be left to draw

    def __init__(
        self,
        options: StabilityOptions,
        key: Key,
        host: str = HOST,
        remark: Callable[[str], None] = lambda _text: None,
    ) -> None:
        from stability_sdk.client import StabilityInference, generation_grpc

        for name in _LOUD:
            logging.getLogger(name).disabled = True
        self._options = options
        self._key = key
        self._remark = remark
        self._channel = _open_channel(host, key)
        self._client = StabilityInference(host=host, key=key.reveal(), engine=options.model, wait_for_ready=False)
        self._client.stub = generation_grpc.GenerationServiceStub(self._channel)

    def price(self, ask: Ask) -> float:
        """About how many credits the call costs."""
        return len(ask.seeds) * picture_price(self._options, variation=ask.start is not None)

    def draw(self, ask: Ask, timeout: float) -> list[Drawn]:
        """See `Way`."""
        import grpc

        wanted = self._wanted(ask)
        client = copy.copy(self._client)  # each call has its own deadline, in whichever thread it is
        client.grpc_args = {"wait_for_ready": False, "timeout": timeout}
        came: list[Any] = []
        failed: Exception | None = None
        try:
            for answer in client.generate(**wanted):
                came += answer.artifacts  # none in those that only say that the work goes on
        except grpc.RpcError as error:
            failed = failure(error, self._key, self._options.model, timeout)
        drawn = _drawn(ask.seeds, came, whole=failed is None)
        if not drawn:
            raise failed or Transient("its answer had no picture", paid=True)
        if failed is not None:
            raise Broken(drawn, failed)
        return drawn

    def close(self) -> None:
        """End the connection; calls that are under way fail."""
        self._channel.close()

    def _wanted(self, ask: Ask) -> dict[str, Any]:
        """The arguments of the SDK's `generate`."""
        check_prompts(ask)
        check_cfg_scale(ask.cfg_scale, LEAST_CFG, MOST_CFG["grpc"])
        prompts = [_prompt(ask.prompt, 1.0)]
        if ask.negative_prompt.strip():
            prompts.append(_prompt(ask.negative_prompt, -1.0))
        width, height = grpc_size(ask.width, ask.height, self._options.model)
        wanted: dict[str, Any] = {
            "prompt": prompts,
            "width": width,
            "height": height,
            "seed": list(ask.seeds),
            "samples": len(ask.seeds),
            "steps": self._options.steps,
            "cfg_scale": self._options.cfg_scale if ask.cfg_scale is None else ask.cfg_scale,
            "style_preset": self._options.style_preset,
        }
        if ask.start is not None:
            from PIL import Image, ImageOps

            start = ImageOps.fit(Image.fromarray(ask.start), (width, height), Image.Resampling.LANCZOS)
            wanted |= {"init_image": start, "start_schedule": self._start_schedule(ask.strength or 0.0)}
        return wanted

    def _start_schedule(self, strength: float) -> float:
        if strength < self.LEAST_STRENGTH - 1e-6:
            self._remark(
                f"Stability's gRPC service makes no picture more like its keyframe than consistency "
                f"{1 - self.LEAST_STRENGTH:g}, so it is asked for that."
            )
        return max(self.LEAST_STRENGTH, strength)


def _is_secure(host: str) -> bool:
    return host.endswith("443")


def _open_channel(host: str, key: Key) -> grpc.Channel:
    import grpc

    if not _is_secure(host):
        return grpc.insecure_channel(host, options=_CHANNEL)
    token = grpc.access_token_call_credentials(key.reveal())
    secure = grpc.composite_channel_credentials(grpc.ssl_channel_credentials(), token)
    return grpc.secure_channel(host, secure, options=_CHANNEL)


def _prompt(text: str, weight: float) -> Any:
    """What is wanted (1), or what is not (-1)."""
    from stability_sdk.client import generation

    return generation.Prompt(text=text, parameters=generation.PromptParameters(weight=weight))


def _drawn(seeds: Sequence[int], artifacts: Sequence[Any], whole: bool) -> list[Drawn]:
    """What came for which seed: those that name their seed first, the others in the order in which they came.

    Where an answer is `whole` and nothing but a filter's word, that is about all seeds.
    """
    from stability_sdk.client import generation

    def is_filtered(artifact: Any) -> bool:
        return bool(artifact.finish_reason == generation.FILTER)

    def is_picture(artifact: Any) -> bool:
        fine = artifact.finish_reason in (generation.NULL, generation.LENGTH, generation.STOP)
        return bool(fine and artifact.type == generation.ARTIFACT_IMAGE and artifact.binary)

    left, found = list(seeds), []
    about = [each for each in artifacts if is_filtered(each) or is_picture(each)]
    for each in sorted(about, key=lambda artifact: artifact.seed not in seeds):
        if each.seed in seeds and each.seed not in left:
            continue  # a second one for that seed is no other's
        if left:
            seed = each.seed if each.seed in left else left[0]
            left.remove(seed)
            found.append(_filtered(seed) if is_filtered(each) else Drawn(seed, bytes(each.binary)))
    if whole and found and all(each.picture is None for each in found):
        found += [_filtered(seed) for seed in left]
    return found


def _filtered(seed: int) -> Drawn:
    return Drawn(seed, None, "FILTER")
