"""A line of text burnt into pictures: laid out by `caption_layout`, drawn by libass with one font and no other.

The caption lies inside the picture, is the same on every machine, and no text of a song is a command to libass.
Importing this is light: a plan asks for the font's digest.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vktrs.media import fonts
from vktrs.media.ass import ass_file, marked, plain
from vktrs.media.caption_layout import CaptionStyle, Layout, lay_out, missing_glyphs, signs, tidy
from vktrs.media.ffmpeg import FfmpegFailed, run_ffmpeg
from vktrs.media.fonts import font_digest
from vktrs.media.fonts.face import Face, face_of

if TYPE_CHECKING:
    from vktrs.media.overlay import Overlay
    from vktrs.picture import Picture

__all__ = [
    "CaptionStyle",
    "Layout",
    "ass_file",
    "burn",
    "draw",
    "face_of",
    "font_digest",
    "lay_out",
    "missing_glyphs",
]


def burn(pictures: Sequence[Picture], text: str, style: CaptionStyle | None = None) -> list[Picture]:
    """Each picture (all of one size) with `text` in it, bottom centre, outlined. FfmpegFailed if ffmpeg fails.

    Pixels that the text does not touch stay as they are, bit for bit. Any text is safe; no part of it is a command.
    """
    if not pictures or not any(tidy(text)):
        return list(pictures)
    height, width = pictures[0].shape[:2]
    (overlay,) = draw([text], (0,), width, height, style or CaptionStyle())
    return [overlay.over(picture) for picture in pictures]


def draw(pieces: Sequence[str], states: Sequence[int], width: int, height: int, style: CaptionStyle) -> list[Overlay]:
    """One overlay for each of `states`, for pictures of `width` x `height` pixels; FfmpegFailed if ffmpeg fails.

    The pieces together are the text; in a state that is k the first k of them are in the colour of what was sung. No
    letter moves from state to state: all are put together from one drawing of either colour.
    """
    import numpy as np

    from vktrs.media.overlay import from_black_and_white

    layout = lay_out("".join(pieces), width, height, style)
    if not layout.lines:
        layout = Layout(("",), layout.em)
    signs_of = [signs(piece, style.face) for piece in pieces]
    between = sorted({state for state in states if 0 < state < len(pieces)})
    drawings = [(plain(layout), 2), (plain(layout, style.highlight), 2)]
    drawings += [(marked(layout, signs_of, state), 1) for state in between]
    if not any(states):
        drawings = drawings[:1]
    top, bottom = _band(layout, height, style)
    script = ass_file(layout, width, height, style, drawings)
    written = _drawn(script, style.face, (width, height), (top, bottom), sum(frames for _, frames in drawings))
    frames = np.frombuffer(written, np.uint8).reshape(-1, bottom - top, width, 3)
    unsung = from_black_and_white(frames[0], frames[1], top)
    if not any(states):
        return [unsung] * len(states)
    sung = from_black_and_white(frames[2], frames[3], top)
    marks = {state: frames[4 + k, ..., 0] > frames[4 + k, ..., 2] for k, state in enumerate(between)}
    made = {state: unsung.partly(sung, marks[state][unsung.area(top)]) for state in between}
    return [unsung if state <= 0 else made.get(state, sung) for state in states]


def _band(layout: Layout, height: int, style: CaptionStyle) -> tuple[int, int]:
    """The rows of a picture in which the caption lies, with an em to spare: little goes through a pipe then."""
    tall = len(layout.lines) * layout.em * style.face.line_height
    margin = height * style.bottom
    begins = {"top": margin, "middle": (height - tall) / 2, "bottom": height - margin - tall}[style.position]
    spare = layout.em * (1 + (style.outline + style.shadow) / style.size)
    return max(0, int(begins - spare)), min(height, int(begins + tall + spare) + 1)


def _drawn(script: str, face: Face, size: tuple[int, int], band: tuple[int, int], frames: int) -> bytes:
    """The band of so many frames as RGB: the second and the fourth on white, the others on black."""
    import ffmpeg

    width, height = size
    top, bottom = band
    with tempfile.TemporaryDirectory(prefix="vktrs-captions-") as name:
        folder = Path(name)
        file = folder / "caption.ass"
        file.write_text(script, encoding="utf-8")
        grounds = ffmpeg.input(f"color=c=black:s={width}x{height}:r=1:d={frames}", f="lavfi").filter("format", "gbrp")
        white = grounds.filter("drawbox", color="white", t="fill", enable="eq(n,1)+eq(n,3)")
        drawn = white.filter("ass", filename=str(file), fontsdir=str(_only_this_font(folder, face)))
        output = ffmpeg.output(
            drawn.filter("crop", w=width, h=bottom - top, x=0, y=top), "pipe:1", format="rawvideo", pix_fmt="rgb24"
        )
        written = run_ffmpeg(output, env={"FONTCONFIG_FILE": str(_no_other_fonts(folder))})
    if len(written) != frames * width * (bottom - top) * 3:
        raise FfmpegFailed("ffmpeg drew another number of captions than it was asked for.")
    return written


def _only_this_font(folder: Path, face: Face) -> Path:
    """A folder with the font, and where it is the user's with no other beside it."""
    if face.shipped:
        return fonts.FOLDER
    own = folder / "font"
    own.mkdir()
    shutil.copyfile(face.path, own / f"font{face.path.suffix.lower()}")
    return own


def _no_other_fonts(folder: Path) -> Path:
    """A fontconfig file that hides the fonts of the machine, some of which could be taken instead of ours."""
    config = folder / "fonts.conf"
    config.write_text(f"<fontconfig><cachedir>{folder / 'cache'}</cachedir></fontconfig>\n", encoding="utf-8")
    return config
