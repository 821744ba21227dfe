"""Lines with word times as an ASS file whose words light up while they are sung (`\\k`), for players and editors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from vktrs.lines import Line
from vktrs.media.ass import clock, head, literal, style_fields
from vktrs.media.caption_layout import CaptionStyle
from vktrs.storyboard.words import cut_text

_BLANKS = re.compile(r"\s+")
_SMART_WRAP = 0


def write_ass(lines: Sequence[Line], width: int, height: int, style: CaptionStyle) -> str:
    """The lines as an ASS file for a video of `width` x `height` pixels, in hundredths of a second.

    A line without words lights up as a whole. Players break lines, and take the font by its name where they have it.
    """
    fields = style_fields(height * style.size, height, replace(style, colour=style.highlight))
    fields["SecondaryColour"] = style_fields(height * style.size, height, style)["PrimaryColour"]
    fields["MarginL"] = fields["MarginR"] = str(round(width * style.side))
    events = [
        f"Dialogue: 0,{clock(line.start)},{clock(line.end)},{fields['Name']},,0,0,0,,{_karaoke(line)}\n"
        for line in lines
        if line.text.strip()
    ]
    return head(width, height, fields, _SMART_WRAP) + "".join(events)


def _karaoke(line: Line) -> str:
    text = _BLANKS.sub(" ", line.text).strip()
    pieces = cut_text(text, line.words)
    if pieces is None:
        return literal(text)
    times = [round(max(word.start - line.start, 0.0) * 100) for word in line.words]
    times.append(max(times[-1], round((line.words[-1].end - line.start) * 100)))
    waits = f"{{\\k{times[0]}}}" if times[0] else ""
    sung = zip(times, times[1:], pieces, strict=False)
    return waits + "".join(f"{{\\k{end - start}}}{literal(piece)}" for start, end, piece in sung)
