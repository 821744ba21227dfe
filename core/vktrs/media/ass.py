"""The ASS text that libass draws captions from; no text of a song is a command in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vktrs.media.caption_layout import CaptionStyle, Layout

_WORD_JOINER = "\u2060"
_ALIGNMENTS = {"bottom": "2", "middle": "5", "top": "8"}
_SHADOW_ALPHA = 0x60
_RED, _BLUE = "&H0000FF&", "&HFF0000&"


def ass_file(
    layout: Layout, width: int, height: int, style: CaptionStyle, drawings: Sequence[tuple[str, int]] = ()
) -> str:
    """The ASS file that draws `layout` in a video of `width` x `height` pixels with one frame a second.

    `drawings` are texts (of the functions below) and for how many frames each stands; without them, the plain text
    stands over the whole length.
    """
    fields = style_fields(layout.em, height, style)
    events, at = [], -0.5
    for text, frames in drawings or [(plain(layout), 10_000)]:
        events.append(f"Dialogue: 0,{clock(at)},{clock(at + frames)},{fields['Name']},,0,0,0,,{text}\n")
        at += frames
    return head(width, height, fields) + "".join(events)


def plain(layout: Layout, colour: int | None = None) -> str:
    """The lines in the colour of the style, or in another (0xRRGGBB)."""
    tag = "" if colour is None else f"{{\\1c&H{_bgr(colour)}&}}"
    return tag + r"\N".join(literal(line) for line in layout.lines)


def marked(layout: Layout, pieces: Sequence[int], sung: int) -> str:
    """The lines with no shadow, the first `sung` pieces of them red and the rest blue, their outlines too.

    `pieces` are how many signs (white space left out) each piece of the text has.
    """
    colours = [_RED if piece < sung else _BLUE for piece in range(len(pieces))]
    return r"\N".join(
        "".join(f"{{\\1c{colours[piece]}\\3c{colours[piece]}\\4a&HFF&}}{literal(part)}" for piece, part in line)
        for line in cut(layout, pieces)
    )


def head(width: int, height: int, fields: Mapping[str, str], wrap: int = 2) -> str:
    """All that stands above the events of an ASS file with one style; `wrap` 2 breaks lines at \\N only."""
    return f"""[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: {wrap}
ScaledBorderAndShadow: yes
YCbCr Matrix: None

[V4+ Styles]
Format: {", ".join(fields)}
Style: {",".join(fields.values())}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def style_fields(em: float, height: int, style: CaptionStyle) -> dict[str, str]:
    """The fields of the one style, named Line, in which a caption is drawn at `em` pixels an em."""
    outline = max(1.0, em * style.outline / style.size) if style.outline else 0.0
    return {
        "Name": "Line",
        "Fontname": style.face.family.replace(",", " ").replace("\n", " "),
        "Fontsize": f"{em * style.face.line_height:.3f}",
        "PrimaryColour": _colour(style.colour),
        "SecondaryColour": _colour(style.colour),
        "OutlineColour": _colour(style.outline_colour),
        "BackColour": _colour(style.outline_colour, _SHADOW_ALPHA if style.shadow else 0),
        "Bold": "-1" if style.face.shipped else "0",
        **dict.fromkeys(("Italic", "Underline", "StrikeOut"), "0"),
        **dict.fromkeys(("ScaleX", "ScaleY"), "100"),
        **dict.fromkeys(("Spacing", "Angle"), "0"),
        "BorderStyle": "1",
        "Outline": f"{outline:.2f}",
        "Shadow": f"{em * style.shadow / style.size:.2f}" if style.shadow else "0",
        "Alignment": _ALIGNMENTS[style.position],
        "MarginL": "0",
        "MarginR": "0",
        "MarginV": str(round(height * style.bottom)),
        "Encoding": "-1",  # libass: each line's own script says whether it runs from the right
    }


def clock(seconds: float) -> str:
    """A time as ASS writes it, to a hundredth of a second."""
    ticks = round(max(seconds, 0.0) * 100)
    return f"{ticks // 360000}:{ticks // 6000 % 60:02d}:{ticks // 100 % 60:02d}.{ticks % 100:02d}"


def cut(layout: Layout, pieces: Sequence[int]) -> Iterator[list[tuple[int, str]]]:
    """Each line as its parts, with the number of the piece that each is of; `pieces` as in `marked`."""
    piece, left = 0, pieces[0]
    for line in layout.lines:
        parts: list[tuple[int, str]] = []
        begin = 0
        for at, sign in enumerate(line):
            if sign.isspace():
                continue
            while left == 0 and piece + 1 < len(pieces):
                if at > begin:
                    parts.append((piece, line[begin:at]))
                    begin = at
                piece, left = piece + 1, pieces[piece + 1]
            left -= left > 0
        yield [*parts, (piece, line[begin:])]


def _colour(rgb: int, alpha: int = 0) -> str:
    return f"&H{alpha:02X}{_bgr(rgb)}"


def _bgr(rgb: int) -> str:
    return f"{rgb & 255:02X}{rgb >> 8 & 255:02X}{rgb >> 16 & 255:02X}"


def literal(line: str) -> str:
    r"""The line so that libass draws it as it stands: it knows `\{` and `\}`, but no escape for `\` itself.

    The invisible word joiner parts a backslash from what would make a command of it.
    """
    return line.replace("\\", f"\\{_WORD_JOINER}").replace("{", r"\{").replace("}", r"\}")
