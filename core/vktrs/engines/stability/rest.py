"""Stability's REST services (v2beta): one picture a call. https://platform.stability.ai/docs/api-reference

Every request is multipart/form-data, also one without a file; the answer is the picture, with `finish-reason` and
`seed` in its headers. What a status means is decided here, and no text of the service leaves before it is scrubbed.
"""

from __future__ import annotations

import io
import json
import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from vktrs.engines.services.key import Key
from vktrs.engines.services.network import Deadline, open_client
from vktrs.engines.services.retrying import TRANSIENT_STATUS, Transient
from vktrs.engines.services.saying import MOST_SAID, body_of, in_short, retry_after
from vktrs.engines.stability.address import URL
from vktrs.engines.stability.options import (
    LEAST_CFG,
    MOST_CFG,
    WITHOUT_NEGATIVE_PROMPTS,
    StabilityOptions,
    aspect_ratio,
)
from vktrs.engines.stability.prices import picture_price
from vktrs.engines.stability.way import Ask, Drawn, check_cfg_scale, check_prompts
from vktrs.errors import Halted, MissingError, VktrsError

if TYPE_CHECKING:
    import httpx

    from vktrs.picture import Picture

_PATH = "/v2beta/stable-image/generate/"
_CONNECT_SECONDS = 10.0
_MOST_ANSWER_BYTES = 64 << 20
_MOST_ERROR_BYTES = 64 << 10
_MOST_IMAGE_BYTES = 9 << 20  # a request may have 10 MiB
_MOST_PIXELS = 9_437_184
_LEAST_SIDE = 64


class RestWay:
    """A `Way`; `remark` hears what a model does not take."""

    SAMPLES = 1
    LEAST_STRENGTH = 0.0001  # it is told four digits

    def __init__(
        self,
        options: StabilityOptions,
        key: Key,
        url: str = URL,
        remark: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._options = options
        self._key = key
        self._remark = remark
        self._start: tuple[Picture, bytes] | None = None
        self._lock = threading.Lock()
        self._client = open_client(
            url,
            {"authorization": f"Bearer {key.reveal()}", "accept": "image/*"},
            options.at_once,
            named="STABILITY_API_URL",
        )

    def price(self, ask: Ask) -> float:
        """About how many credits the call costs."""
        return picture_price(self._options, variation=ask.start is not None)

    def draw(self, ask: Ask, timeout: float) -> list[Drawn]:
        """The picture for the seed of `ask`; errors as `Way.draw` says."""
        import httpx

        check_prompts(ask)
        service, fields = self._fields(ask)
        parts: list[tuple[str, tuple[str | None, bytes]]] = [(name, (None, each.encode())) for name, each in fields]
        if ask.start is not None:
            parts.append(("image", ("keyframe.png", self._start_file(ask.start))))
        patience = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS))
        status = 200  # as far as is known
        with Deadline(timeout) as deadline:
            try:
                with self._client.stream(
                    "POST", _PATH + service, files=parts, timeout=patience, extensions={"trace": deadline.trace}
                ) as response:
                    status = response.status_code
                    return [self._drawn(ask.seeds[0], response)]
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
                said = self._key.scrub(str(error)) or type(error).__name__
                raise Transient(f"it cannot be reached ({said})") from None
            except httpx.RequestError as error:
                late = deadline.over or isinstance(error, httpx.TimeoutException)
                lost = f"the connection was lost ({type(error).__name__})"
                reason = f"there was no whole answer within {timeout:g} s" if late else lost
                raise Transient(reason, paid=status == 200) from None

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _fields(self, ask: Ask) -> tuple[str, list[tuple[str, str]]]:
        """The service and the text fields of a request."""
        model = self._options.model if ask.start is None else self._options.variation_model
        service = model if model in ("core", "ultra") else "sd3"
        fields = [("prompt", ask.prompt), ("seed", str(ask.seeds[0])), ("output_format", "png")]
        if ask.negative_prompt and model == WITHOUT_NEGATIVE_PROMPTS:
            self._remark(f"The model {model} takes no negative prompts, so they are left out.")
        elif ask.negative_prompt:
            fields.append(("negative_prompt", ask.negative_prompt))
        if service == "sd3":
            check_cfg_scale(ask.cfg_scale, LEAST_CFG, MOST_CFG["rest"])
            fields.append(("model", model))
            fields.append(("mode", "text-to-image" if ask.start is None else "image-to-image"))
            cfg_scale = self._options.cfg_scale if ask.cfg_scale is None else ask.cfg_scale
            if cfg_scale is not None:
                fields.append(("cfg_scale", f"{cfg_scale:g}"))
        elif ask.cfg_scale is not None:
            self._remark(f"The model {model} takes no guidance scale, so it is left out.")
        if service == "core" and self._options.style_preset:
            fields.append(("style_preset", self._options.style_preset))
        if ask.start is None:
            fields.append(("aspect_ratio", aspect_ratio(ask.width, ask.height)))
        else:
            fields.append(("strength", f"{ask.strength or 0.0:.4f}"))
        return service, fields

    def _start_file(self, picture: Picture) -> bytes:
        """The keyframe as PNG; all variations of a scene have the same."""
        with self._lock:
            if self._start is None or self._start[0] is not picture:
                self._start = picture, start_file(picture)
            return self._start[1]

    def _drawn(self, seed: int, response: httpx.Response) -> Drawn:
        if response.status_code != 200:
            raise self._failure(response)
        reason = response.headers.get("finish-reason", "SUCCESS").upper()
        if "FILTER" in reason:
            return Drawn(seed, None, self._key.scrub(reason)[:MOST_SAID])
        if reason != "SUCCESS":
            raise Transient(f"it came to no end ({self._key.scrub(reason)[:MOST_SAID]})", paid=True)
        return Drawn(seed, body_of(response, _MOST_ANSWER_BYTES))

    def _failure(self, response: httpx.Response) -> Exception:
        """What an answer other than 200 means."""
        status = response.status_code
        name, said = _said(body_of(response, _MOST_ERROR_BYTES), self._key)
        told = f"{status}: {said}" if said else f"{status}"
        if status == 402 or _is_out_of_credits(name, said):
            return Halted("The Stability account has no credits left.", "Buy some, then run again; what is made stays.")
        if status in TRANSIENT_STATUS:
            return Transient(told, wait=retry_after(response.headers.get("retry-after")))
        if status == 401:
            return MissingError(f"Stability does not accept the key ({told}).", "Look at STABILITY_KEY in your shell.")
        if status in (404, 410):
            return MissingError(
                f"Stability has no such service at {response.url.host} ({told}).", "Choose another `model`."
            )
        if status == 403:
            return VktrsError(f"Stability refuses this prompt ({told}).", "Say it in other words.")
        return VktrsError(f"Stability refuses this request ({told}).", "Change the prompt or the options.")


def _is_out_of_credits(name: str, said: str) -> bool:
    words = f"{name} {said}".lower()
    return "payment_required" in words or ("insufficient" in words and ("credit" in words or "balance" in words))


def _said(body: bytes, key: Key) -> tuple[str, str]:
    """The name of an error and the service's words for it, short and without the key."""
    text = key.scrub(body.decode("utf-8", "replace"))
    name, words = "", text
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if isinstance(told, dict):
        name = str(told.get("name", ""))
        errors = told.get("errors")
        words = "; ".join(map(str, errors)) if isinstance(errors, list) else str(told.get("message", name))
    elif text.lstrip().startswith("<"):  # the page of a proxy in between
        words = ""
    return key.scrub(name), in_short(key.scrub(words))


def start_file(picture: Picture, most_bytes: int = _MOST_IMAGE_BYTES) -> bytes:
    """A picture as PNG within the service's limits: sides of 64 pixels or more, 9.4 megapixels, `most_bytes`."""
    from PIL import Image

    height, width = picture.shape[:2]
    image = Image.fromarray(picture)
    scale = max(1.0, _LEAST_SIDE / min(width, height))
    scale = min(scale, math.sqrt(_MOST_PIXELS / (width * height)))
    while True:
        size = max(_LEAST_SIDE, int(width * scale)), max(_LEAST_SIDE, int(height * scale))
        fitted = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        fitted.save(buffer, "PNG")
        if buffer.tell() <= most_bytes or size == (_LEAST_SIDE, _LEAST_SIDE):
            return buffer.getvalue()
        scale *= 0.8
