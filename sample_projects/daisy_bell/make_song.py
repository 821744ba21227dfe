"""Makes `daisy_bell.ogg` from its score, and with it `truth.json` and `lyrics.lrc`: when each word really sounds.

Owns the singer, the players and the mix. From the root of the checkout, with numpy, scipy, festival, the voice
festvox-kallpc16k and ffmpeg installed:

    python -m sample_projects.daisy_bell.make_song
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import numpy as np
from scipy.io import wavfile
from scipy.signal import resample_poly

from sample_projects import band
from sample_projects.daisy_bell.score import BAR, BARS, BEAT, CHORDS, Line, Note, Word, lines, music_box

HERE = Path(__file__).parent
TRANSPOSE = -16
"""Semitones from the written key (G) to where this voice is understood best (E flat, a tenor)."""
VOICE_OVER_BAND = 11.0
"""Decibels, RMS against RMS while somebody sings."""
LONGEST_NOTE = 0.8
"""Seconds; a longer vowel is no longer taken for the vowel that it is."""
SUNG_AS = {"daisy": ("day", "zee")}
"""The lexicon's "daisy", stretched, is heard as "Desi"; as two words it is heard as it should be."""

CONSONANTS = """
    (s 0.13) (z 0.11) (sh 0.13) (f 0.12) (v 0.09) (th 0.1) (dh 0.06) (ch 0.14) (jh 0.11)
    (p 0.1) (t 0.1) (k 0.11) (g 0.09) (m 0.09) (n 0.09) (ng 0.11) (l 0.09) (w 0.09)
"""
"""Seconds; festival sings every one of them for 0.08, too short for hissing and too long for "the"."""

# The voicing of each chord, as written; the first note is the bass.
VOICINGS = {"G": "G, B D G", "D7": "D, c A F#", "C": "C, c G E", "A7": "A, c# A G"}

SINGER = f"""
(voice_kal_diphone)
(require 'singing-mode)
(set! phoneme_durations '({CONSONANTS}))
(define (note_word_times utt file)
  (let ((out (fopen file "w")))
    (mapcar
      (lambda (word) (format out "%f %f\\n" (item.feat word 'word_start) (item.feat word 'word_end)))
      (utt.relation.items utt 'Word))
    (fclose out)))
(set! tts_hooks (list utt.synth (lambda (utt)
  (utt.save.wave utt (string-append line ".wav"))
  (note_word_times utt (string-append line ".times"))
  utt)))
"""


@dataclass(frozen=True)
class Sung:
    """A line as it was sung: mono samples at `band.RATE`, and (start, end) in seconds of the song for each word."""

    line: Line
    voice: band.Audio
    times: tuple[tuple[float, float], ...]


def main() -> None:
    sung = sing(lines())
    band.write_ogg(mix(sung), HERE / "daisy_bell.ogg", title="Daisy Bell", artist="Harry Dacre, sung by festival")
    (HERE / "truth.json").write_text(truth(sung))
    (HERE / "lyrics.lrc").write_text(lrc(sung))


def sing(song: list[Line]) -> list[Sung]:
    """Every line sung by festival, which stretches the vowels of a word to its notes."""
    with TemporaryDirectory() as folder:
        stems = [Path(folder) / str(k) for k in range(len(song))]
        for line, stem in zip(song, stems, strict=True):
            stem.with_suffix(".xml").write_text(singing_xml(line))
        calls = [f'(set! line "{stem}") (tts_file "{stem}.xml" \'singing)' for stem in stems]
        script = Path(folder) / "sing.scm"
        script.write_text(SINGER + "\n".join(calls))
        subprocess.run(["festival", "-b", str(script)], check=True)
        return [sung_line(line, stem) for line, stem in zip(song, stems, strict=True)]


def singing_xml(line: Line) -> str:
    """The line in the markup of festival's singing mode."""
    words = "\n".join(markup for word in line.words for markup in word_markup(word))
    return (
        '<?xml version="1.0"?>\n'
        '<!DOCTYPE SINGING PUBLIC "-//SINGING//DTD SINGING mark up//EN" "Singing.v0_1.dtd" []>\n'
        f'<SINGING BPM="60">\n{words}\n</SINGING>\n'
    )


def word_markup(word: Word) -> list[str]:
    """A word, or the words that it is sung as; what is cut from a long last note becomes a rest."""
    spoken = sung_as(word)
    shares = [word.syllables] if len(spoken) == 1 else [(syllable,) for syllable in word.syllables]
    return [part_markup(part, syllables) for part, syllables in zip(spoken, shares, strict=True)]


def part_markup(text: str, syllables: tuple[tuple[Note, ...], ...]) -> str:
    last = syllables[-1][-1]
    rest = max(0.0, last.seconds - LONGEST_NOTE)
    held = [*syllables[:-1], (*syllables[-1][:-1], Note(last.midi, last.seconds - rest))]
    pitches = listed([[band.frequency(note.midi + TRANSPOSE) for note in notes] for notes in held])
    seconds = listed([[note.seconds for note in notes] for notes in held])
    sung = f'<PITCH FREQ="{pitches}"><DURATION SECONDS="{seconds}">{escape(text)}</DURATION></PITCH>'
    return sung + (f'<REST SECONDS="{rest:.4f}"/>' if rest else "")


def listed(syllables: list[list[float]]) -> str:
    """Festival's notation: a comma between syllables, a plus between the notes of a slur."""
    return ",".join("+".join(f"{value:.4f}" for value in notes) for notes in syllables)


def sung_as(word: Word) -> tuple[str, ...]:
    plain = word.text.strip(",.!")
    return SUNG_AS.get(plain.lower(), (plain,))


def sung_line(line: Line, stem: Path) -> Sung:
    """What festival left under `stem`."""
    rate, samples = wavfile.read(stem.with_suffix(".wav"))
    voice = resample_poly(samples / 32768.0, band.RATE, rate)
    voice *= band.fades(len(voice), attack=0.005, release=0.04)
    times = [tuple(map(float, row.split())) for row in stem.with_suffix(".times").read_text().splitlines()]
    return Sung(line, voice, tuple(word_times(line, iter(times))))


def word_times(line: Line, times: Iterator[tuple[float, ...]]) -> list[tuple[float, float]]:
    """(start, end) of each printed word: of the first and the last of the words that it was sung as."""
    parts = [[next(times) for _ in sung_as(word)] for word in line.words]
    return [(line.start + part[0][0], line.start + part[-1][1]) for part in parts]


def mix(sung: list[Sung]) -> band.Audio:
    """The whole song `(n, 2)`: the voice in the middle, the band well under it."""
    singing, playing = band.silence(BARS * BAR), accompaniment()
    for part in sung:
        band.add(singing, part.voice, at=part.line.start)
    while_sung = np.any(np.abs(singing) > 1e-3, axis=1)
    gain = band.loudness(singing[while_sung]) / band.loudness(playing[while_sung])
    return singing + playing * gain * 10 ** (-VOICE_OVER_BAND / 20)


def accompaniment() -> band.Audio:
    """Bass on one, chord and brush on two and three, and the music box where nobody sings."""
    playing, rng = band.silence(BARS * BAR), np.random.default_rng(1892)
    for bar, chord in enumerate(CHORDS):
        low, *upper = (band.midi_number(note) + TRANSPOSE + 12 for note in VOICINGS[chord].split())
        band.add(playing, band.bass(low - 12, 3 * BEAT), at=bar * BAR, gain=0.5)
        for beat in () if bar >= BARS - 2 else (1, 2):
            for place, midi in enumerate(upper):
                band.add(playing, band.piano(midi, BEAT), bar * BAR + beat * BEAT, gain=0.45, pan=0.4 * (place - 1))
            band.add(playing, band.brush(rng), bar * BAR + beat * BEAT, gain=0.12, pan=0.3)
    for at, note in music_box():
        band.add(playing, band.bell(note.midi + TRANSPOSE + 24, note.seconds + 0.6), at, gain=0.6, pan=-0.2)
    return playing


def truth(sung: list[Sung]) -> str:
    """JSON: lines with start, end and text, and [start, end, word] for each word; seconds."""
    return json.dumps({"lines": [truth_line(part) for part in sung]}, indent=1) + "\n"


def truth_line(part: Sung) -> dict[str, object]:
    words = [[round(a, 3), round(b, 3), word.text] for (a, b), word in zip(part.times, part.line.words, strict=True)]
    return {"start": words[0][0], "end": words[-1][1], "text": part.line.text, "words": words}


def lrc(sung: list[Sung]) -> str:
    """Enhanced LRC: a stamp before each line and each word, and one after the last word of a line."""
    rows = ["[ti:Daisy Bell]", "[ar:Harry Dacre]", f"[length:{stamp(BARS * BAR)}]"]
    for part in sung:
        words = [f"<{stamp(a)}> {word.text}" for (a, _), word in zip(part.times, part.line.words, strict=True)]
        rows.append(f"[{stamp(part.times[0][0])}] {' '.join(words)} <{stamp(part.times[-1][1])}>")
    return "\n".join(rows) + "\n"


def stamp(seconds: float) -> str:
    """`mm:ss.xx`."""
    minutes, hundredths = divmod(round(seconds * 100), 6000)
    return f"{minutes:02d}:{hundredths // 100:02d}.{hundredths % 100:02d}"


if __name__ == "__main__":
    main()
