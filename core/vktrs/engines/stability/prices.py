"""About what Stability charges, in credits (a credit is a US cent).

As of September 2026: the REST prices are "flat rate of N credits per successful generation" of the API reference of
platform.stability.ai, as public copies of June 2025 and June 2026 quote it; two sources agree. What the gRPC engines
cost by steps is an older figure (SDXL 1.0: 0.9 credits for 30 steps) that no copy confirms. The account page tells
what was really charged.

Charged: a picture, also one that their filter blurred (status 200). Not charged: a refusal, and a failure of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

from vktrs.engines.stability.options import GRPC_SAMPLES, StabilityOptions

_REST = {"core": 3.0, "ultra": 8.0, "sd3.5-large": 6.5, "sd3.5-large-turbo": 4.0, "sd3.5-medium": 3.5}
_GRPC_30_STEPS = 0.9


def picture_price(options: StabilityOptions, variation: bool) -> float:
    """Credits for one picture, a keyframe or a variation."""
    if options.api == "grpc":
        return _GRPC_30_STEPS * (options.steps or 30) / 30
    return _REST[options.variation_model if variation else options.model]


def run_price(options: StabilityOptions, keyframes: int, variations: int) -> float:
    """Credits for so many pictures, if none has to be made twice."""
    return keyframes * picture_price(options, variation=False) + variations * picture_price(options, variation=True)


def run_calls(options: StabilityOptions, keyframes: int, variations: Sequence[int]) -> int:
    """Calls of the service for so many keyframes and, for each scene, so many variations."""
    samples = GRPC_SAMPLES if options.api == "grpc" else 1
    return keyframes + sum(-(-each // samples) for each in variations)
