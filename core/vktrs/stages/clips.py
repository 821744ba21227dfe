"""The clips stage: a scene's pictures in their order become a piece of video of an exact number of frames."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.stages import captions

if TYPE_CHECKING:
    from fractions import Fraction

    from vktrs.artifacts import Store
    from vktrs.media.clip import CyclePart
    from vktrs.media.x264 import EncoderSettings
    from vktrs.picture import Picture
    from vktrs.storyboard.model import Storyboard

VERSION = 1
TRANSITION_VERSION = 1
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
    encoder: Mapping[str, Any],
    order: str,
    frames: int,
    hold: int,
    caption: Mapping[str, Any] | None,
    *,
    loop: Sequence[int] | None = None,
    steps: int | None = None,
    between: int | None = None,
    transition: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The pictures in their order, how long each is held, how many frames there are, and what is written on them.

    `loop` are the frames at which rounds begin, where they do not follow from `hold`, which says nothing then; `steps`
    how many steps a round has, where not all of them are shown. `between` is the version of how pictures between two
    made ones are drawn, where there are such; `transition` what the clip fades in from.
    """
    more = {"loop": loop and list(loop), "round": steps, "between": between, "transition": transition}
    return {
        **encoder,
        "order": order,
        "frames": frames,
        "hold": hold if loop is None else 1,
        "caption": caption,
        **{name: value for name, value in more.items() if value is not None},
    }


def transition(frames: int, before: Mapping[str, Any], moving: bool) -> dict[str, Any]:
    """A fade of so many frames from a scene whose clip has those inputs: it goes on as it was, unless it is a chain."""
    names = ("order", "frames", "hold", "loop", "round", "between")
    return {
        "version": TRANSITION_VERSION,
        "length": frames,
        "still": moving,
        **{name: before[name] for name in names if name in before},
    }


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


def make(
    store: Store,
    key: str,
    ingredients: Mapping[str, Any],
    scene: str | None,
    cycle: Sequence[Picture],
    before: Sequence[Picture] = (),
    font: Path | None = None,
) -> str:
    """Encode the cycle (pictures in playing order) to its length; in words, how that was done.

    `before` are the pictures of the scene that it fades in from, in their playing order; `font` the file that its
    caption is drawn with, None for the shipped one.
    """
    from vktrs.media.clip import encode_clip

    with store.making(STAGE, key, ingredients, scene) as folder:
        report = encode_clip(parts(ingredients, cycle, before, font), settings(ingredients), folder / "clip.mp4")
        (folder / "report.json").write_text(json.dumps({"kind": report.kind, "why": report.why_segment}))
    return f"{report.kind} ({report.why_segment})" if report.why_segment else report.kind


def parts(
    ingredients: Mapping[str, Any], cycle: Sequence[Picture], before: Sequence[Picture] = (), font: Path | None = None
) -> list[CyclePart]:
    """The stretches of a clip, divided where it stops fading in and where its caption changes."""
    from vktrs.media.clip import CyclePart
    from vktrs.media.frames import upscale
    from vktrs.media.stacks import Stack, faded

    def scaled(pictures: Sequence[Picture]) -> Sequence[Picture]:
        # kept, since every state of a caption asks for all of a cycle again
        return Stack(len(pictures), lambda index: upscale(pictures[index], ingredients["upscale"]), _MOST_REFERENCES)

    frames, fade = ingredients["frames"], ingredients.get("transition")
    shown, plain = played(ingredients, len(cycle), frames), scaled(cycle)
    fading = fade["length"] if fade else 0
    written = _written(ingredients, shown, font)
    out = []
    for start, end in pairwise(sorted({0, fading, frames, *(written.cuts() if written else ())})):
        pictures, turns = plain, shown[start:end]
        if start < fading:
            assert fade is not None
            left = played(fade, len(before), fade["frames"] + fading)[fade["frames"] :]
            pictures = faded(scaled(before), left[start:end], plain, turns, start, fading)
            turns = range(end - start)
        if written:
            pictures = written.over(pictures, start)
        out.append(CyclePart(pictures, end - start, played=turns))
    return out


def _written(ingredients: Mapping[str, Any], shown: Sequence[int], font: Path | None) -> captions.Written | None:
    caption = ingredients["caption"]
    if caption is None:
        return None
    width, height = (ingredients[side] * ingredients["upscale"] for side in ("width", "height"))
    return captions.draw(caption, _captioned(ingredients, shown), width, height, font)


def played(ingredients: Mapping[str, Any], pictures: int, frames: int) -> Sequence[int]:
    """Which of the pictures each of the first `frames` frames shows; behind the last round of a loop they go on so.

    Of a chain that somebody fades in from (`still`), the picture of its last frame stays.
    """
    starts = ingredients.get("loop")
    if starts is None:
        hold = ingredients["hold"]
        last = (ingredients["frames"] - 1) // hold if ingredients.get("still") else frames
        return [min(frame // hold, last) % pictures for frame in range(frames)]
    from vktrs.storyboard.looping import steps_played

    steps = ingredients.get("round") or pictures
    turns = steps_played(starts, max(frames, ingredients["frames"]), steps)
    # of a scene too short for all steps of a round, the steps that it shows have pictures: the first one the keyframe
    places = {step: place for place, step in enumerate(sorted(set(turns[: ingredients["frames"]])))}
    return [places.get(step, step) % pictures for step in turns[:frames]]


def _captioned(ingredients: Mapping[str, Any], shown: Sequence[int]) -> int:
    """How many frames carry the caption. No picture is cut in two by its end: the line stays until its picture goes."""
    line, frames = ingredients["caption"], ingredients["frames"]
    if ingredients.get("loop") is None:
        return int(min(frames, -(-line["frames"] // ingredients["hold"]) * ingredients["hold"]))
    end = int(line["frames"])
    while end < frames and len(set(shown)) > 1 and shown[end] == shown[end - 1]:
        end += 1
    return end


def path(store: Store, key: str) -> Path:
    """Where the clip lies."""
    return store.path(STAGE, key) / "clip.mp4"
