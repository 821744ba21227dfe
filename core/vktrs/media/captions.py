"""A line of text burnt into pictures: laid out by `caption_layout`, drawn by libass with the shipped font only.

The caption lies inside the picture, is the same on every machine, and no text of a song is a command to libass.
Importing this is light: a plan asks for the font's digest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vktrs.media import fonts
from vktrs.media.caption_layout import CaptionStyle, Layout, lay_out, missing_glyphs, tidy
from vktrs.media.ffmpeg import run_ffmpeg
from vktrs.media.fonts import font_digest

if TYPE_CHECKING:
    from vktrs.picture import Picture

__all__ = ["CaptionStyle", "Layout", "ass_file", "burn", "font_digest", "lay_out", "missing_glyphs"]

_WORD_JOINER = "\u2060"


def burn(pictures: Sequence[Picture], text: str, style: CaptionStyle | None = None) -> list[Picture]:
    """Each picture (all of one size) with `text` in it, bottom centre, outlined. FfmpegFailed if ffmpeg fails.

    Pixels that the text does not touch stay as they are, bit for bit. Any text is safe; no part of it is a command.
    """
    import numpy as np

    style = style or CaptionStyle()
    if not pictures or not any(tidy(text)):
        return list(pictures)
    height, width = pictures[0].shape[:2]
    with tempfile.TemporaryDirectory(prefix="vktrs-captions-") as name:
        folder = Path(name)
        script = folder / "caption.ass"
        script.write_text(ass_file(lay_out(text, width, height, style), width, height, style), encoding="utf-8")
        written = _draw(pictures, script, _only_our_fonts(folder))
    return list(np.frombuffer(written, np.uint8).reshape(len(pictures), height, width, 3))


def _draw(pictures: Sequence[Picture], script: Path, config: Path) -> bytes:
    import ffmpeg

    height, width = pictures[0].shape[:2]
    raw = {"format": "rawvideo", "pix_fmt": "rgb24"}
    frames = ffmpeg.input("pipe:0", s=f"{width}x{height}", framerate=1, **raw)
    drawn = frames.filter("ass", filename=str(script), fontsdir=str(fonts.FOLDER))
    output = ffmpeg.output(drawn, "pipe:1", **raw)
    data = (picture.tobytes() for picture in pictures)
    return run_ffmpeg(output, stdin=data, env={"FONTCONFIG_FILE": str(config)})


def _only_our_fonts(folder: Path) -> Path:
    """A fontconfig file that hides the fonts of the machine, some of which could be taken instead of ours."""
    config = folder / "fonts.conf"
    config.write_text(f"<fontconfig><cachedir>{folder / 'cache'}</cachedir></fontconfig>\n", encoding="utf-8")
    return config


def ass_file(layout: Layout, width: int, height: int, style: CaptionStyle) -> str:
    """The ASS file that draws `layout` over the whole length of a video of `width` x `height` pixels."""
    outline = max(1.0, layout.em * style.outline / style.size)
    fields = {
        "Name": "Line",
        "Fontname": fonts.FAMILY,
        "Fontsize": f"{layout.em * fonts.LINE_HEIGHT:.3f}",
        "PrimaryColour": _ass_colour(style.colour),
        "SecondaryColour": _ass_colour(style.colour),
        "OutlineColour": _ass_colour(style.outline_colour),
        "BackColour": _ass_colour(style.outline_colour),
        "Bold": "-1",
        **dict.fromkeys(("Italic", "Underline", "StrikeOut"), "0"),
        **dict.fromkeys(("ScaleX", "ScaleY"), "100"),
        **dict.fromkeys(("Spacing", "Angle"), "0"),
        "BorderStyle": "1",
        "Outline": f"{outline:.2f}",
        "Shadow": "0",
        "Alignment": "2",
        "MarginL": "0",
        "MarginR": "0",
        "MarginV": str(round(height * style.bottom)),
        "Encoding": "-1",  # libass: each line's own script says whether it runs from the right
    }
    text = r"\N".join(_literal(line) for line in layout.lines)
    # WrapStyle 2: break at \N only
    return f"""[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes
YCbCr Matrix: None

[V4+ Styles]
Format: {", ".join(fields)}
Style: {",".join(fields.values())}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.00,9:59:59.99,Line,,0,0,0,,{text}
"""


def _ass_colour(rgb: int) -> str:
    red, green, blue = rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255
    return f"&H00{blue:02X}{green:02X}{red:02X}"


def _literal(line: str) -> str:
    r"""The line so that libass draws it as it stands: it knows `\{` and `\}`, but no escape for `\` itself.

    The invisible word joiner parts a backslash from what would make a command of it.
    """
    return line.replace("\\", f"\\{_WORD_JOINER}").replace("{", r"\{").replace("}", r"\}")
