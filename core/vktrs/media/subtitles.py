"""A subtitle track for an mp4: MPEG-4 timed text (3GPP TS 26.245), one packet for each text, nothing drawn."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vktrs.media.ffmpeg import run_ffmpeg

_MILLISECONDS = Fraction(1, 1000)
_MOST_BYTES = 0xFFFF
_WORD_JOINER = "\u2060"
_SAMPLE = b"1\n00:00:00,000 --> 00:00:01,000\nx\n"

# pairs of the codes of ISO 639-1 and 639-2, as recognition knows them
_LANGUAGES = """
af:afr am:amh ar:ara as:asm az:aze ba:bak be:bel bg:bul bn:ben bo:bod br:bre bs:bos ca:cat cs:ces cy:cym da:dan de:deu
el:ell en:eng es:spa et:est eu:eus fa:fas fi:fin fo:fao fr:fra gl:glg gu:guj ha:hau he:heb hi:hin hr:hrv ht:hat hu:hun
hy:hye id:ind is:isl it:ita ja:jpn jv:jav jw:jav ka:kat kk:kaz km:khm kn:kan ko:kor la:lat lb:ltz ln:lin lo:lao lt:lit
lv:lav mg:mlg mi:mri mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya nb:nob ne:nep nl:nld nn:nno no:nor oc:oci pa:pan
pl:pol ps:pus pt:por ro:ron ru:rus sa:san sd:snd si:sin sk:slk sl:slv sn:sna so:som sq:sqi sr:srp su:sun sv:swe sw:swa
ta:tam te:tel tg:tgk th:tha tk:tuk tl:tgl tr:tur tt:tat uk:ukr ur:urd uz:uzb vi:vie yi:yid yo:yor zh:zho
"""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """Texts with their times in milliseconds (start, end, text), in order and apart, and the language's code."""

    cues: tuple[tuple[int, int, str], ...]
    language: str = "und"


def language_code(name: str | None) -> str:
    """The three letters (ISO 639-2) of a language told as "en", "en-GB" or "eng"; "und" for one that is not known."""
    first = (name or "").lower().replace("_", "-").partition("-")[0]
    if len(first) == 3 and first.isascii() and first.isalpha():
        return first
    return dict(pair.split(":") for pair in _LANGUAGES.split()).get(first, "und")


@contextmanager
def subtitle_track(container: Any, subtitles: Subtitles) -> Iterator[Iterator[Any]]:
    """Give an mp4 that is being written a track of these texts; their packets come, to be muxed in order of time."""
    import av

    # PyAV has no encoder of texts to make a track of, so ffmpeg gives an example of one
    with av.open(io.BytesIO(_example()), format="mp4") as example:
        stream = container.add_stream_from_template(example.streams.subtitles[0])
        stream.time_base = _MILLISECONDS
        stream.metadata["language"] = subtitles.language
        yield _packets(stream, subtitles.cues)


def _example() -> bytes:
    options = ["-c:s", "mov_text", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"]
    return run_ffmpeg(["-f", "srt", "-i", "pipe:0", *options, "pipe:1"], stdin=_SAMPLE)


def _packets(stream: Any, cues: Sequence[tuple[int, int, str]]) -> Iterator[Any]:
    from av import Packet

    for start, end, text in cues:
        body = _sample_text(text)
        packet = Packet(len(body).to_bytes(2, "big") + body)
        packet.stream, packet.time_base = stream, _MILLISECONDS
        packet.pts = packet.dts = start
        packet.duration, packet.is_keyframe = end - start, True
        yield packet


def _sample_text(text: str) -> bytes:
    """The text as it stands; what some players would take for a command of ASS is parted by an invisible sign."""
    told = "\n".join(line.strip() for line in text.splitlines()).replace("\\", f"\\{_WORD_JOINER}")
    return told.encode("utf-8", "replace")[:_MOST_BYTES].decode("utf-8", "ignore").encode()
