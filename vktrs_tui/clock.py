"""The clock that plays a song silently, what it lights up, and starts that are tapped in time with it. Pure.

The song itself is played by the user, on a machine that has loudspeakers; the clock only counts along. Nothing here
has a timer or draws: whoever shows the clock asks it where it is, a few times a second. Whoever taps performs the
edits; `Tapping` only knows whose turn it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

from vktrs.lines import Word
from vktrs.storyboard.words import cut_text

RATES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
REWIND = 2.0
"""Seconds of the song that are heard again before a stamp that was taken back."""

_LINGER = 0.25  # seconds; with about five looks a second a short word would never be seen
_BOUNCE = 0.1  # seconds; a key that is held repeats about every 0.03


class PlayClock:
    """Where the song is, in seconds from its start, while nobody here can hear it.

    `position` counts as the player counts. `offset` is a delay in seconds of real time between the player and the
    ear: negative where the sound is heard later than the clock says (a loudspeaker without wire, a slow line).
    `at()` is the song as it is heard, and so what is lit and what a tap means; it differs from `position` only while
    the clock runs, because a song that stands still is late nowhere.

    `now` gives seconds that never go back, as `time.monotonic` does. `duration` is where it stops; None: nowhere.
    """

    def __init__(self, now: Callable[[], float], duration: float | None = None, offset: float = 0.0) -> None:
        self.duration = duration
        self.offset = offset
        self._now = now
        self._rate = 1.0
        self._began: float | None = None  # when it was at `_from`; None while it stands still
        self._from = 0.0
        self._range: tuple[float, float] | None = None

    @property
    def playing(self) -> bool:
        """Whether it runs; it stops by itself at the end of the song or of the range that it plays."""
        self._settle()
        return self._began is not None

    @property
    def position(self) -> float:
        """Seconds of the song that the player has reached."""
        self._settle()
        return self._counted()

    def at(self) -> float:
        """Seconds of the song that are heard now: `position`, while it runs corrected by `offset`."""
        position = self.position
        if self._began is None:
            return position
        heard = max(position + self.offset * self._rate, 0.0)
        return heard if self.duration is None else min(heard, self.duration)

    def play(self) -> None:
        """Run on from here; from the start again where the song is over."""
        if self.playing:
            return
        if self.duration is not None and self._from >= self.duration:
            self._from = 0.0
        self._began = self._now()

    def pause(self) -> None:
        """Stand still here; a range that was played is left."""
        self._from = self.position
        self._began = self._range = None

    def toggle(self) -> None:
        """Run, or stand still where it ran."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def seek(self, seconds: float) -> None:
        """Go to `seconds`, kept within the song, running or not as before; a range that was played is left."""
        running = self.playing
        self._range = None
        self._from = self._within(seconds)
        self._began = self._now() if running else None

    def play_range(self, start: float, end: float) -> None:
        """Run from `start` to `end` and stop there; an empty range is not played."""
        start, end = self._within(start), self._within(end)
        self.seek(start)
        if end <= start:
            self.pause()
            return
        self._range = (start, end)
        self._began = self._now()

    @property
    def rate(self) -> float:
        """Seconds of the song in a second, 0.5 to 2.0."""
        return self._rate

    @rate.setter
    def rate(self, value: float) -> None:
        here, running = self.position, self._began is not None
        self._rate = min(max(value, RATES[0]), RATES[-1])
        self._from = here
        self._began = self._now() if running else None

    def faster(self) -> None:
        """The next higher rate of `RATES`."""
        self.rate = next((rate for rate in RATES if rate > self._rate), RATES[-1])

    def slower(self) -> None:
        """The next lower rate of `RATES`."""
        self.rate = next((rate for rate in reversed(RATES) if rate < self._rate), RATES[0])

    def _counted(self) -> float:
        return self._from if self._began is None else self._from + (self._now() - self._began) * self._rate

    def _within(self, seconds: float) -> float:
        seconds = max(seconds, 0.0)
        return seconds if self.duration is None else min(seconds, self.duration)

    def _settle(self) -> None:
        """Stop where the end was passed since the last look."""
        if self._began is None:
            return
        end = self._range[1] if self._range else self.duration
        if end is not None and self._counted() >= end:
            self._from = end
            self._began = self._range = None


def scene_at(starts: Sequence[float], seconds: float) -> int | None:
    """The place, from 0, of the scene that is shown at `seconds`, by their ascending starts; None without scenes."""
    return max(bisect_right(starts, seconds) - 1, 0) if starts else None


def lit_word(text: str, words: Sequence[Word], at: float) -> tuple[int, int] | None:
    """Where in `text` (first character and end) the word stands that is sung at `at` seconds.

    `words` are those of the text, as `scene_words` gives them. A word stays lit for a quarter of a second after its
    end unless the next one begins. None where nothing is sung, or where these are not the words of the text.
    """
    index = bisect_right(words, at, key=lambda word: word.start) - 1
    if index < 0 or at >= words[index].end + _LINGER:
        return None
    pieces = cut_text(text, words)
    if pieces is None:
        return None
    ends = list(accumulate(map(len, pieces)))
    piece = pieces[index]
    start = ends[index] - len(piece) + len(piece) - len(piece.lstrip())
    return start, ends[index] - len(piece) + len(piece.rstrip())


@dataclass(frozen=True, slots=True)
class Stamp:
    """A start that was tapped: of which scene, and at which second of the song."""

    scene_id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A stamp that no longer holds, and the second from which the song is to be heard again."""

    scene_id: str
    seek_to: float


class Tapping:
    """Starts stamped one after the other, from a scene on to the last; it says what to edit and edits nothing.

    The first scene of a song starts at 0 whatever is tapped, so `first_fixed` passes it over.
    """

    def __init__(self, ids: Sequence[str], begin: int = 0, first_fixed: bool = True) -> None:
        self._ids = tuple(ids)
        self._begin = self._next = max(begin, 1 if first_fixed else 0)
        self._stamps: list[Stamp] = []
        self._pressed: float | None = None

    @property
    def next(self) -> str | None:
        """The scene whose start the next tap is; None once the last one has its start."""
        return self._ids[self._next] if self._next < len(self._ids) else None

    @property
    def over(self) -> bool:
        """Whether every scene has been stamped."""
        return self.next is None

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        """What was tapped so far and not taken back, in order."""
        return tuple(self._stamps)

    def stamp(self, seconds: float) -> Stamp | None:
        """The start of the next scene is at `seconds`, and the one after it is next.

        None where that changes nothing: at the end, before the stamp that was last set, and for a key that repeats.
        """
        last, self._pressed = self._pressed, seconds
        scene_id = self.next
        if scene_id is None or (last is not None and 0 <= seconds - last < _BOUNCE):
            return None
        if seconds <= (self._stamps[-1].seconds if self._stamps else 0.0):
            return None
        self._stamps.append(Stamp(scene_id, seconds))
        self._next += 1
        return self._stamps[-1]

    def keep(self, ids: Collection[str]) -> None:
        """Only these scenes are left; those that are gone are passed over."""
        self._next = sum(each in ids for each in self._ids[: self._next])
        self._ids = tuple(each for each in self._ids if each in ids)
        self._stamps = [each for each in self._stamps if each.scene_id in ids]

    def back(self) -> TakenBack | None:
        """The last stamp is taken back and its scene is next again; None where there is none."""
        if not self._stamps:
            return None
        taken = self._stamps.pop()
        self._next -= 1
        self._pressed = None
        return TakenBack(taken.scene_id, max(taken.seconds - REWIND, 0.0))
