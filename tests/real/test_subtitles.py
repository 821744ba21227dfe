"""Subtitles beside the picture: a track in the video, read back packet by packet, and files for other players."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pysubs2
import pytest

from tests.real.commands import answer
from tests.real.projects import change, frames, sound_seconds
from tests.real.test_captions_by_word import LYRICS, TWO, decoded, sung_by_word
from tests.real.worker_forks import Forks
from vktrs.media import fonts
from vktrs.media.ffmpeg import which_ffmpeg
from vktrs.media.lyrics import read_lyrics
from vktrs.media.subtitles import language_code

CUES = [(0.0, 2.5, "Daisy, Daisy, give me"), (3.0, 5.0, "your answer")]


def track(video: Path) -> tuple[list[tuple[float, float, str]], str]:
    """Start, end and text of every packet that says something, and the language."""
    import av

    found = []
    with av.open(str(video)) as container:
        (stream,) = container.streams.subtitles
        assert stream.codec_context.name == "mov_text"
        for packet in container.demux(stream):
            data = bytes(packet)
            if len(data) > 2:
                size = int.from_bytes(data[:2], "big")
                start = float(packet.pts * packet.time_base)
                length = float((packet.duration or 0) * packet.time_base)
                found.append((start, start + length, data[2 : 2 + size].decode()))
        return found, str(stream.metadata.get("language"))


def test_soft_captions_are_a_track_of_the_video_and_touch_no_picture(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", captions="none")
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nlanguage = "de"')
    assert forks.run(folder).code == 0
    before, sound = frames(folder / "output.mp4"), sound_seconds(folder / "output.mp4")
    change(folder, 'captions = "none"', 'captions = "soft"')
    assert forks.run(folder).made == [("video", None)]
    cues, language = track(folder / "output.mp4")
    assert [cue[2] for cue in cues] == [cue[2] for cue in CUES] and language == "deu"
    assert np.allclose([cue[:2] for cue in cues], [cue[:2] for cue in CUES], atol=0.001)
    assert frames(folder / "output.mp4") == before and sound_seconds(folder / "output.mp4") == sound
    assert forks.run(folder).made == []
    change(folder, 'text = "your answer"', 'text = "your answer"\ncaption = "no\\nanswer"')
    assert forks.run(folder).made == [("video", None)]
    assert track(folder / "output.mp4")[0][1][2] == "no\nanswer"
    change(folder, 'captions = "soft"', 'captions = "none"')
    assert forks.run(folder).made == [("video", None)]
    assert [stream["codec_type"] for stream in probed(folder / "output.mp4")] == ["video", "audio"]


def probed(video: Path) -> list[dict[str, object]]:
    import av

    with av.open(str(video)) as container:
        return [{"codec_type": stream.type} for stream in container.streams]


def test_ffmpeg_reads_the_track_and_no_text_in_it_is_a_command(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", captions="soft")
    change(folder, '"your answer"', r"'{\pos(0,0)}<b>é</b> 君'")
    assert forks.run(folder).code == 0
    command = [str(which_ffmpeg()), "-v", "error", "-i", str(folder / "output.mp4"), "-map", "0:s", "-f", "ass", "-"]
    told = subprocess.run(command, capture_output=True, check=True)
    assert told.stderr == b""
    events = pysubs2.SSAFile.from_string(told.stdout.decode()).events
    assert [(event.start, event.end) for event in events] == [(0, 2500), (3000, 5000)]
    assert events[0].text == "Daisy, Daisy, give me"
    assert r"\pos" not in events[1].text and "<b>é</b> 君" in events[1].text


def test_an_excerpt_has_its_own_times_in_the_track_and_in_every_file(
    forks: Forks, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sung_by_word(tmp_path / "song", captions="soft")
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nexcerpt = [1.0, 4.0]')
    assert forks.run(folder).code == 0
    wanted = [(0.0, 1.5), (2.0, 3.0)]
    assert np.allclose([cue[:2] for cue in track(folder / "output.mp4")[0]], wanted, atol=0.001)
    for kind in ("srt", "vtt", "lrc", "ass"):
        file = tmp_path / f"out.{kind}"
        file.write_text(answer(capsys, "export", kind, folder)[0], "utf-8")
        lines = read_lyrics(file, None)
        assert np.allclose([(line.start, line.end) for line in lines], wanted, atol=0.011), kind
    change(folder, "excerpt = [1.0, 4.0]", "excerpt = [2.5, 4.0]")
    assert answer(capsys, "export", "txt", folder)[0] == "your answer\n"


def test_a_song_without_words_has_no_track(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", captions="soft")
    change(folder, 'text = "Daisy, Daisy, give me"', 'text = "Daisy, Daisy, give me"\ncaption = ""')
    change(folder, 'text = "your answer"', "")
    assert forks.run(folder).code == 0
    assert len(probed(folder / "output.mp4")) == 2


def test_a_partial_video_has_the_track_too(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", captions="soft")
    (folder / "broken.png").write_bytes(b"none")
    change(folder, 'id = "bbbb"\npicture = "dark.png"', 'id = "bbbb"\npicture = "broken.png"')
    outcome = forks.run(folder, partial=True)
    assert outcome.code == 3
    assert [cue[2] for cue in track(folder / "output.partial.mp4")[0]] == [cue[2] for cue in CUES]


@pytest.mark.parametrize(
    ("told", "code"),
    [("en", "eng"), ("EN-gb", "eng"), ("pt_BR", "por"), ("deu", "deu"), (None, "und"), ("klingon", "und"), ("", "und")],
)
def test_a_language_is_told_in_three_letters(told: str | None, code: str) -> None:
    assert language_code(told) == code


def exported(folder: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> str:
    return answer(capsys, "export", kind, folder)[0]


def test_words_keep_their_times_in_files_that_know_words(
    forks: Forks, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sung_by_word(tmp_path / "song")
    assert "<" not in exported(folder, "lrc", capsys), "nobody has listened yet"
    assert forks.run(folder, to="words").code == 0
    lrc = exported(folder, "lrc", capsys)
    assert lrc.splitlines()[0] == LYRICS.splitlines()[0].replace("[00:00.25]", "[00:00.00]")
    ass = pysubs2.SSAFile.from_string(exported(folder, "ass", capsys))
    first, second = ass.events
    assert (first.start, first.end) == (0, 2500)
    assert first.text == r"{\k25}{\k50}Daisy, {\k75}Daisy, {\k50}give {\k50}me"
    assert second.plaintext == "your answer"
    style = ass.styles["Line"]
    assert (style.primarycolor.r, style.primarycolor.b) == (0xFF, 0x4A)
    assert (style.secondarycolor.r, style.secondarycolor.b) == (0xFF, 0xFF)


def test_a_caption_is_exported_instead_of_its_text(
    forks: Forks, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sung_by_word(
        tmp_path / "song", TWO + '\n[[scenes]]\nid = "cccc"\nstart = 4.5\ntext = "gone"\ncaption = ""\n'
    )
    change(folder, 'text = "Daisy, Daisy, give me"', 'text = "Daisy, Daisy, give me"\ncaption = "Oh {\\\\k9}, give me"')
    assert forks.run(folder, to="words").code == 0
    assert exported(folder, "txt", capsys) == "Oh {\\k9}, give me\nyour answer\n"
    for kind in ("srt", "vtt", "lrc"):
        told = exported(folder, kind, capsys)
        assert "{\\k9}, " in told and "Daisy" not in told and "gone" not in told
    first = pysubs2.SSAFile.from_string(exported(folder, "ass", capsys)).events[0]
    assert first.text.count("{\\k") == 5 and "\\{\\\u2060k9\\}" in first.text


def test_the_file_with_lights_is_drawn_by_libass(
    forks: Forks, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Burnt in by hand, it looks like the captions that are drawn here."""
    folder = sung_by_word(tmp_path / "song", captions="word")
    assert forks.run(folder).code == 0
    ours = decoded(folder / "output.mp4")[20]
    (tmp_path / "out.ass").write_text(exported(folder, "ass", capsys), "utf-8")
    change(folder, 'captions = "word"', 'captions = "none"')
    assert forks.run(folder).code == 0
    shutil.copytree(fonts.FOLDER, tmp_path / "fonts")
    command = [
        str(which_ffmpeg()),
        "-v",
        "error",
        "-i",
        str(folder / "output.mp4"),
        "-vf",
        "ass=out.ass:fontsdir=fonts",
    ]
    subprocess.run([*command, "-q:v", "1", "burnt.mp4"], cwd=tmp_path, check=True)
    theirs = decoded(tmp_path / "burnt.mp4")[20]
    yellow = [(frame[..., 0] - frame[..., 2] > 90) for frame in (ours, theirs)]
    assert yellow[1].sum() > 100 and 0.5 < yellow[0].sum() / yellow[1].sum() < 2
    rows = [np.flatnonzero(each.any(axis=1)) for each in yellow]
    assert abs(rows[0][0] - rows[1][0]) < 8 and abs(rows[0][-1] - rows[1][-1]) < 8


def test_status_says_that_subtitles_changed(forks: Forks, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sung_by_word(tmp_path / "song", captions="soft")
    assert forks.run(folder).code == 0
    change(folder, "end = 2.5", "end = 2.25")
    stages = json.loads(answer(capsys, "status", folder, "--json")[0])["stages"]
    (video,) = [stage for stage in stages if stage["name"] == "video"]
    assert video["reasons"] == ["its subtitles changed"]
    assert Counter(forks.run(folder).made) == Counter([("video", None)])
