"""Which captions of a song are taken, where a site has several: by language, by who made them, by format.

Those that a person made come before automatic ones: their words are right, and each line has its time, though not each
word. `kind = "auto"` in `[engines.captions]` takes those of the recogniser, with words' times; `kind = "manual"` takes
no others. A translation by a machine is never taken: nobody sings it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vktrs.errors import InputError
from vktrs.media.site_captions.formats import SUFFIXES
from vktrs.media.site_captions.offered import ORIGINAL, first_part
from vktrs.media.subtitles import language_code

KINDS = ("manual", "auto")
_MADE = {"manual": "made by a person", "auto": "made by the site's recogniser"}


@dataclass(frozen=True, slots=True)
class Track:
    """A file of captions, its language as the site calls it (empty: not known), and who made it (None: not known)."""

    path: Path
    language: str = ""
    kind: str | None = None

    def told(self) -> str:
        """What it is, for a person."""
        about = [each for each in (_MADE.get(self.kind or "", ""), self.language) if each]
        return self.path.name + (f" ({', '.join(about)})" if about else "")


def wanted_kind(options: Mapping[str, Any]) -> str | None:
    """Which captions `[engines.captions]` asks for: "manual", "auto", None for the best there are; InputError."""
    unknown = [name for name in options if name != "kind"]
    if unknown:
        raise InputError(f"captions have no option `{unknown[0]}`.", 'There is one: `kind = "auto"` or "manual".')
    kind = options.get("kind")
    if kind is not None and kind not in KINDS:
        told = json.dumps(kind, default=str, ensure_ascii=False)
        raise InputError(f"kind = {told} is no kind of captions.", 'Right is "auto" or "manual".')
    return kind


def tracks_beside(song: Path) -> list[Track]:
    """The captions that lie beside a song by its name: `song.vtt`, `song.en.json3`, `song.en-orig.srv3`.

    Those of `song.live.mp3` are not those of `song.mp3`.
    """
    try:
        names = sorted(path.name for path in song.parent.iterdir() if path.name.startswith(f"{song.stem}."))
    except OSError:
        return []
    others = tuple(f"{Path(name).stem}." for name in names if Path(name).suffix == song.suffix and name != song.name)
    own = (song.with_name(name) for name in names if not name.startswith(others))
    return [track_of(path, song.stem) for path in own if path.suffix.lower() in SUFFIXES and path.is_file()]


def track_of(path: Path, stem: str, kind: str | None = None) -> Track:
    """The captions of a song called `stem`, whose language stands in their name: `stem.en.json3`."""
    language = path.stem[len(stem) + 1 :] if path.stem.startswith(f"{stem}.") else ""
    if language.endswith(ORIGINAL):
        return Track(path, language.removesuffix(ORIGINAL), "auto")
    return Track(path, language, kind)


def choose_track(tracks: Sequence[Track], language: str | None, kind: str | None) -> Track | None:
    """The best of several captions in that language, if it is known, and of that kind, if one is asked for.

    The first language there is where none is known. None where no track fits.
    """
    fitting = [each for each in tracks if kind is None or each.kind in (kind, None)]
    if language:
        fitting = [each for each in fitting if not each.language or same_language(each.language, language)]
    elif fitting:
        first = fitting[0].language
        fitting = [each for each in fitting if same_language(each.language, first)]
    return min(fitting, key=lambda each: (each.kind == "auto", _rank(each.path)), default=None)


def same_language(one: str, other: str) -> bool:
    """Whether two names are of one language: "en", "en-GB", "eng"."""
    if first_part(one) == first_part(other):
        return True
    return language_code(one) == language_code(other) != "und"


def _rank(path: Path) -> int:
    return SUFFIXES.index(path.suffix.lower())
