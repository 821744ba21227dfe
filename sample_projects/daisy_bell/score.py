"""The song as it was written: words, notes and chords of "Daisy Bell" (Harry Dacre, 1892; public domain).

Owns the music and its timing. Makes no sound.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sample_projects.band import midi_number

BPM = 180
BEAT = 60 / BPM
BAR = 3 * BEAT
"""Three beats: a waltz, one bar a second."""

# bar 0 intro, 4 verse, 20 interlude, 24 chorus, 56 outro
BARS = 60

# One chord a bar; a row each for intro, verse, interlude, the two halves of the chorus, outro.
CHORDS = """
    G  D7 G  G
    G  G  D7 D7  D7 D7 G  G   G  G  D7 D7  G  D7 G  G
    G  G  D7 D7
    G  G  G  G   C  C  G  G   D7 D7 G  G   A7 A7 D7 D7
    D7 D7 G  G   G  C  G  D7  G  D7 G  D7  G  D7 G  G
    G  D7 G  G
""".split()  # noqa: SIM905  (a list of sixty strings can no longer be read as bars)

# (bar, beat, words, notes): a note a syllable, its length in beats; a slur is written with a plus.
VOICE = [
    (4, 0, "There is a flow-er with-in my heart,", "d1 c#1 d1 B1 A1 G1 A2 F#1 D2"),
    (8, 0, "Dai-sy, Dai-sy!", "A3 D3 d3 B2"),
    (12, 0, "Plant-ed one day by a glanc-ing dart,", "d1 c#1 d1 B1 A1 G1 A2 F#1 D2"),
    (16, 0, "Plant-ed by Dai-sy Bell!", "G1 d1 G1 F#1+D1 A1 G4"),
    (24, 0, "Dai-sy, Dai-sy,", "d3 B3 G3 D3"),
    (28, 0, "Give me your an-swer, do!", "E1 F#1 G1 E2 G1 D4"),
    (32, 0, "I'm half cra-zy,", "A3 d3 B3 G3"),
    (36, 0, "All for the love of you!", "E1 F#1 G1 A2 B1 A3"),
    (39, 2, "It won't be a sty-lish mar-riage,", "B1 c1 B1 A1 d2 B1 A1 G3"),
    (43, 2, "I can't af-ford a car-riage,", "A1 B2 G1 E2 G1 E1 D3"),
    (47, 2, "But you'll look sweet up-on the seat", "D1 G2 B1 A2 D1 G2 B1 A1"),
    (51, 1, "Of a bi-cy-cle built for two!", "B1 c1 d1 B1 G1 A2 D1 G4"),
]

# (bar, beat, notes) of the music box, where nobody sings.
MUSIC_BOX = [
    (0, 0, "d1 B1 G1 A2 D1 G5"),
    (20, 0, "d1 c#1 d1 B1 A1 G1 A2 F#1 D3"),
    (56, 0, "d1 B1 G1 A2 D1 G6"),
]


@dataclass(frozen=True)
class Note:
    """A pitch as a MIDI number and a length in seconds."""

    midi: int
    seconds: float


@dataclass(frozen=True)
class Word:
    """A word as it is printed, and for each of its syllables the notes that it is sung on."""

    text: str
    syllables: tuple[tuple[Note, ...], ...]


@dataclass(frozen=True)
class Line:
    """A line of the song; `start` in seconds."""

    start: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(word.text for word in self.words)


def lines() -> list[Line]:
    """The sung lines in order."""
    return [Line(bar * BAR + beat * BEAT, tuple(_words(text, notes))) for bar, beat, text, notes in VOICE]


def music_box() -> Iterator[tuple[float, Note]]:
    """(start in seconds, note) for each note of the music box."""
    for bar, beat, notes in MUSIC_BOX:
        at = bar * BAR + beat * BEAT
        for (note,) in map(_notes, notes.split()):
            yield at, note
            at += note.seconds


def _words(text: str, notes: str) -> Iterator[Word]:
    sung = iter(notes.split())
    for word in text.split():
        yield Word(word.replace("-", ""), tuple(_notes(next(sung)) for _ in word.split("-")))


def _notes(written: str) -> tuple[Note, ...]:
    return tuple(Note(midi_number(note[:-1]), int(note[-1]) * BEAT) for note in written.split("+"))
