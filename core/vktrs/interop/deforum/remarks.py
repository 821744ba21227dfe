"""What of a storyboard Deforum has no word for: a sentence each, with the scenes that it is about. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vktrs.interop.deforum.settings import MOST_CADENCE, most_common
from vktrs.interop.deforum.stretches import Stretch
from vktrs.interop.wording import ranges
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.resolve import Resolved


def unsaid(board: Storyboard, scenes: Sequence[Resolved], stretches: Sequence[Stretch]) -> Iterator[str]:
    """What the settings files do not say; `scenes` are those that have a stretch, in the same order."""
    numbers = {scene.id: index for index, scene in enumerate(board.scenes, start=1)}
    for what, asks in _SCENE_WISHES:
        found = [numbers[each.id] for each in scenes if asks(each)]
        if found:
            yield f"{what}: {_scenes(found)}."
    for what, differs in _ONE_FOR_ALL:
        common = most_common(stretches, differs)
        found = [
            numbers[scene.id]
            for scene, each in zip(scenes, stretches, strict=True)
            if each.moves and differs(each) != common
        ]
        if found:
            where = "In the settings of the whole song there is room for one"
            yield f"{where} {what}, {common}: not that of {_scenes(found)}."
    if board.video.captions != "none":
        yield "Captions are not written into pictures by Deforum; `vktrs export srt` writes them as subtitles."
    if board.video.upscale != 1:
        yield "upscale is left to Deforum's own: `r_upscale_video`."
    if board.video.fps.denominator != 1:
        yield f"fps is {float(board.video.fps):.3f}: the slider of the extension shows whole numbers."


_SCENE_WISHES: tuple[tuple[str, Callable[[Resolved], bool]], ...] = (
    (
        "Deforum has no cycle of variations: each frame is made from the one before, as alike as `consistency` says",
        lambda each: each.animation == "variations",
    ),
    ("A still picture is drawn again and again, with strength 1", lambda each: each.animation == "static"),
    ("`loop` is left out", lambda each: each.loop != "none" and each.animation == "variations"),
    ("`hold` is left out", lambda each: each.hold != 1 and each.animation != "static"),
    ('`order = "ping-pong"` is left out', lambda each: each.order == "ping-pong" and each.animation != "static"),
    ("`transition` is left out: scenes begin at once", lambda each: each.transition > 0),
    ("Seeds of single pictures (`frame_seeds`) are left out", lambda each: bool(each.frame_seeds)),
    (
        'Deforum has no `border = "reflect"`; "replicate" is written',
        lambda each: each.animation == "img2img" and each.border == "reflect",
    ),
    (
        f"`cadence` is {MOST_CADENCE} at most",
        lambda each: each.animation == "img2img" and each.cadence > MOST_CADENCE,
    ),
)

_ONE_FOR_ALL: tuple[tuple[str, Callable[[Stretch], object]], ...] = (
    ("border", lambda each: "replicate" if each.border == "reflect" else each.border),
    ("color_coherence", lambda each: each.color_coherence),
    ("cadence", lambda each: each.cadence),
)


def _scenes(numbers: Sequence[int]) -> str:
    return f"scene{'s' if len(numbers) > 1 else ''} {ranges(numbers)}"
