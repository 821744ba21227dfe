"""The clips stage: a scene's pictures in their order become a piece of video of an exact number of frames."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

    from vktrs.artifacts import Store
    from vktrs.media.clip import CyclePart
    from vktrs.media.x264 import EncoderSettings
    from vktrs.picture import Picture
    from vktrs.storyboard.model import Storyboard

VERSION = 1
STAGE = "clips"
CRF = 25
PRESET = "veryfast"
_MOST_REFERENCES = 16


def encoder_inputs(board: Storyboard) -> dict[str, Any]:
    """What every clip of a video has in common, so that all carry the same parameter sets."""
    video = board.video
    return {
        "version": VERSION,
        "width": video.width,
        "height": video.height,
        "upscale": video.upscale,
        "fps": str(video.fps),
        "references": min(_MOST_REFERENCES, board.look.variations + 1),
        "crf": CRF,
        "preset": PRESET,
    }


def inputs(
    encoder: Mapping[str, Any], order: str, frames: int, hold: int, caption: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The pictures in their order, how long each is held, how many frames there are, and what is written on them."""
    return {**encoder, "order": order, "frames": frames, "hold": hold, "caption": caption}


def caption(text: str, frames: int, last: int, font: str) -> dict[str, Any] | None:
    """A line that is shown from the clip's first frame until before frame `last`; None where nothing is shown."""
    shown = min(frames, last)
    return {"style": "line", "text": text, "frames": shown, "font": font} if text and shown > 0 else None


def settings(ingredients: Mapping[str, Any]) -> EncoderSettings:
    """The encoder settings that those inputs stand for."""
    from fractions import Fraction

    from vktrs.media.x264 import EncoderSettings

    fps: Fraction = Fraction(ingredients["fps"])
    upscale = ingredients["upscale"]
    return EncoderSettings(
        width=ingredients["width"] * upscale,
        height=ingredients["height"] * upscale,
        fps=fps,
        references=ingredients["references"],
        crf=ingredients["crf"],
        preset=ingredients["preset"],
    )


def make(store: Store, key: str, ingredients: Mapping[str, Any], scene: str | None, cycle: Sequence[Picture]) -> str:
    """Encode the cycle (pictures in playing order) to its length; in words, how that was done."""
    from vktrs.media.clip import encode_clip

    with store.making(STAGE, key, ingredients, scene) as folder:
        report = encode_clip(parts(ingredients, cycle), settings(ingredients), folder / "clip.mp4")
        (folder / "report.json").write_text(json.dumps({"kind": report.kind, "why": report.why_segment}))
    return f"{report.kind} ({report.why_segment})" if report.why_segment else report.kind


def parts(ingredients: Mapping[str, Any], cycle: Sequence[Picture]) -> list[CyclePart]:
    """The stretches of a clip: where a line ends within its scene, one with it and one without."""
    from vktrs.media.captions import burn
    from vktrs.media.clip import CyclePart
    from vktrs.media.frames import upscale

    plain = [upscale(picture, ingredients["upscale"]) for picture in cycle]
    frames, hold, line = ingredients["frames"], ingredients["hold"], ingredients["caption"]
    if line is None:
        return [CyclePart(plain, frames, hold)]
    # A picture is never cut in two by the end of a line: the line stays until its picture goes.
    captioned = min(frames, -(-line["frames"] // hold) * hold)
    out = [CyclePart(burn(plain, line["text"]), captioned, hold)]
    if captioned < frames:
        turn = captioned // hold % len(plain)
        out.append(CyclePart([*plain[turn:], *plain[:turn]], frames - captioned, hold))
    return out


def path(store: Store, key: str) -> Path:
    """Where the clip lies."""
    return store.path(STAGE, key) / "clip.mp4"
