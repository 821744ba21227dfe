"""What is written in the picture of a scene, and when: as a part of a clip's inputs, and drawn.

Everything is told in frames within the clip, so that a time that moves by less than a frame changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.lines import Line, Word
from vktrs.storyboard.captions import shown, shown_until, sung
from vktrs.storyboard.model import Lettering
from vktrs.timing import boundary

if TYPE_CHECKING:
    from fractions import Fraction

    from vktrs.media.caption_layout import CaptionStyle
    from vktrs.media.overlay import Overlay
    from vktrs.picture import Picture
    from vktrs.storyboard.model import Scene, Storyboard

DRAWN = ("line", "word")
"""The captions that are drawn into the pictures."""

WORD_SHADOW = 0.004
_USUAL = Lettering()
_LOOKS = ("size", "color", "outline", "outline_color", "shadow", "position")


def inputs(
    board: Storyboard, scene: Scene, font: str, first: int, frames: int, end: float | None, heard: Sequence[Word]
) -> dict[str, Any] | None:
    """What is written in the clip of `frames` frames that begins with frame `first` of the song; None for nothing.

    It is shown from the clip's first frame until before the frame at which its line ends. What looks as usual is not
    named. `font` is the digest of the font, `heard` are the words of the song by their middle.
    """
    kind, fps = board.video.captions, board.video.fps
    text, until = shown(scene), shown_until(scene, end)
    last = frames if until is None else min(frames, boundary(until, fps) - first)
    if kind not in DRAWN or not text or last <= 0:
        return None
    caption: dict[str, Any] = {"style": kind, "text": text, "frames": last, "font": font}
    if kind == "word":
        caption |= _words(scene, until, heard, first, last, fps)
    caption |= _unusual(board.captions, kind)
    fade = [boundary(seconds, fps) for seconds in (board.captions.fade_in, board.captions.fade_out)]
    return {**caption, "fade": fade} if any(fade) else caption


def _words(
    scene: Scene, until: float | None, heard: Sequence[Word], first: int, last: int, fps: Fraction
) -> dict[str, Any]:
    """The text, and of each of its words the frame at which it is sung and how much of the text is sung by then."""
    end = until if until is not None else float((first + last) / fps)
    pieces = sung(scene, end, heard)
    words, length = [], 0
    for piece, word in pieces:
        length += len(piece)
        words.append([min(max(boundary(word.start, fps) - first, 0), last), length])
    return {"text": "".join(piece for piece, _ in pieces), "words": words}


def subtitles(
    board: Storyboard, ends: Sequence[float | None], span: tuple[float, float] | None
) -> dict[str, Any] | None:
    """The texts of all scenes as a track of the video, in milliseconds from its start; None where there is none.

    `ends` are those of the scenes, `span` the seconds of the song that the video has.
    """
    if board.video.captions != "soft" or span is None:
        return None
    found = (line_of(scene, end, span) for scene, end in zip(board.scenes, ends, strict=True))
    times = [(round(line.start * 1000), round(line.end * 1000), line.text) for line in found if line]
    cues = [[start, end, text] for start, end, text in times if start < end]
    return {"language": board.song.language, "cues": cues} if cues else None


def line_of(scene: Scene, end: float | None, span: tuple[float, float]) -> Line | None:
    """What is shown of a scene, in seconds from the start of the video; None where that is nothing.

    `span` are the seconds of the song that the video has, `end` is where the next scene begins.
    """
    text, until = shown(scene), shown_until(scene, end)
    low, high = span
    start, stop = max(scene.start, low), min(high if until is None else until, high)
    if not text or start >= high or (stop <= low and scene.start < low):
        return None
    return Line(start - low, max(start, stop if stop < math.inf else start) - low, text)


def _unusual(lettering: Lettering, kind: str) -> dict[str, Any]:
    names = (*_LOOKS, "highlight_color") if kind == "word" else _LOOKS
    usual = {**asdict(_USUAL), "shadow": _shadow(_USUAL, kind)}
    wanted = {**asdict(lettering), "shadow": _shadow(lettering, kind)}
    return {name: wanted[name] for name in names if wanted[name] != usual[name]}


def _shadow(lettering: Lettering, kind: str) -> float:
    usual = WORD_SHADOW if kind == "word" else 0.0
    return usual if lettering.shadow is None else lettering.shadow


def style(caption: Mapping[str, Any], font: Path | None) -> CaptionStyle:
    """How that caption is drawn, in the font of a file (None: the shipped one). InputError where that is no font."""
    written = {name: caption[name] for name in (*_LOOKS, "highlight_color") if name in caption}
    return style_of(replace(_USUAL, **written), caption["style"], font)


def style_of(look: Lettering, kind: str, font: Path | None) -> CaptionStyle:
    """The same for captions of a kind that look so."""
    from vktrs.media.caption_layout import CaptionStyle
    from vktrs.media.fonts.face import face_of

    return CaptionStyle(
        size=look.size,
        readable=min(CaptionStyle().readable, look.size),
        outline=look.outline,
        colour=_rgb(look.color),
        outline_colour=_rgb(look.outline_color),
        highlight=_rgb(look.highlight_color),
        shadow=_shadow(look, kind),
        position=look.position,
        face=face_of(font),
    )


def _rgb(color: str) -> int:
    return int(color.removeprefix("#"), 16)


@dataclass(frozen=True, slots=True)
class Written:
    """A caption that is drawn: from frame `starts[k]` on overlay k lies over the picture, until before frame `end`.

    `fade` are the frames in which it comes and goes.
    """

    starts: tuple[int, ...]
    overlays: tuple[Overlay, ...]
    end: int
    fade: tuple[int, int] = (0, 0)

    def cuts(self) -> set[int]:
        """Where it changes: the first frame of every stretch in which it stays as it is."""
        comes, goes = self.fade
        edges = {*range(min(comes, self.end) + 1), *range(max(0, self.end - goes), self.end + 1)}
        return {frame for frame in {*self.starts, *edges} if frame <= self.end}

    def over(self, pictures: Sequence[Picture], frame: int) -> Sequence[Picture]:
        """The pictures as they look from `frame` to the next cut."""
        if frame >= self.end:
            return pictures
        overlay = [each for start, each in zip(self.starts, self.overlays, strict=True) if start <= frame][-1]
        comes, goes = self.fade
        return overlay.over_all(pictures, min(1.0, (frame + 1) / (comes + 1), (self.end - frame) / (goes + 1)))


def draw(caption: Mapping[str, Any], end: int, width: int, height: int, font: Path | None) -> Written:
    """The caption of a clip of pictures of `width` x `height` pixels, shown until before frame `end`."""
    from vktrs.media.captions import draw as drawn

    text, words = caption["text"], caption.get("words", ())
    edges = [0, *(length for _, length in words)]
    pieces = [text[left:right] for left, right in pairwise(edges)] or [text]
    starts = sorted({0, *(frame for frame, _ in words if frame < end)})
    states = [sum(frame <= start for frame, _ in words) for start in starts]
    overlays = drawn(pieces, states, width, height, style(caption, font))
    comes, goes = caption.get("fade", (0, 0))
    return Written(tuple(starts), tuple(overlays), end, (comes, goes))
