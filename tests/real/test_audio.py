"""Songs as files: decoded to the sample, refused with one sentence, coded anew without losing one."""

from __future__ import annotations

import socket
import subprocess
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from vktrs.errors import InputError
from vktrs.media.audio import Samples, SongInfo, decode, encode_aac, listen, probe
from vktrs.media.ffmpeg import as_file, file_input, run_ffmpeg, which_ffmpeg

SECONDS = 2.5


def hum(rate: int, count: int, channels: int = 2, seed: int = 1) -> Samples:
    """Noise without its highest pitches, `(count, channels)`: it has no period that could hide a shift."""
    noise = np.random.default_rng(seed).standard_normal((count + 15, channels))
    smooth = np.stack([np.convolve(noise[:, c], np.hanning(16), "valid") for c in range(channels)], axis=1)
    return np.asarray(smooth / np.abs(smooth).max() * 0.7, np.float32)


def write_wav(path: Path, sound: Samples, rate: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32767).round().astype("<i2").tobytes())
    return path


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "song.wav", hum(44100, round(44100 * SECONDS)), 44100)


def convert(source: Path, target: Path, **options: Any) -> Path:
    run_ffmpeg(ffmpeg.output(file_input(source), as_file(target), **options))
    return target


def binaries() -> list[Path]:
    """The ffmpeg that was chosen, and the bundled one: different versions on many machines."""
    return list(dict.fromkeys([which_ffmpeg(), Path(imageio_ffmpeg.get_ffmpeg_exe())]))


def played(binary: Path, path: Path, channels: int) -> Samples:
    """What an ffmpeg decodes."""
    command = [str(binary), "-nostdin", "-v", "error", "-i", str(path), "-f", "f32le", "-"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.float32).reshape(-1, channels)


def lag(heard: Samples, original: Samples) -> int:
    """By how many samples `heard` comes late, at the best correlation within 8."""
    inner = original[100:-100]
    return max(range(-8, 9), key=lambda shift: float(np.vdot(heard[100 + shift : len(heard) - 100 + shift], inner)))


@pytest.mark.parametrize("name", ["s.wav", "s.flac", "s.mp3", "s.m4a", "s.ogg", "s.opus", "s.webm", "s.aiff", "s.mka"])
def test_a_song_of_any_format_has_the_length_of_its_samples(name: str, song: Path, tmp_path: Path) -> None:
    path = convert(song, tmp_path / name) if name != "s.wav" else song
    info, (speech, analysis) = listen(path, (16000, 22050))
    lossless = name.endswith(("wav", "flac", "aiff", "mp3"))
    slack = 0 if lossless else 0.03
    assert abs(info.duration - SECONDS) <= slack
    assert info.duration == info.samples / info.rate == probe(path).duration
    assert info.channels == 2 and info.rate == (48000 if name.endswith(("opus", "webm")) else 44100)
    assert speech.shape == (round(info.duration * 16000),) and analysis.shape == (round(info.duration * 22050),)
    assert speech.dtype == np.float32 and np.array_equal(speech, decode(path, 16000))
    whole = decode(song, 16000)
    assert abs(lag(speech[: len(whole)], whole[: len(speech)])) <= (0 if lossless else 1)


def test_mono_is_the_mean_of_the_channels_and_stereo_stays(tmp_path: Path) -> None:
    sound = hum(44100, 44100)
    path = write_wav(tmp_path / "s.wav", sound, 44100)
    assert np.abs(decode(path, 44100) - sound.mean(axis=1)).max() < 1e-3
    assert np.abs(decode(path, 44100, mono=False) - sound).max() < 1e-3
    mono = write_wav(tmp_path / "m.wav", sound[:, :1], 44100)
    assert np.abs(decode(mono, 44100) - sound[:, 0]).max() < 1e-3
    assert np.abs(decode(mono, 44100, mono=False) - sound[:, :1]).max() < 1e-3


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.flac", "a.ogg", "a.opus"])
def test_tags_are_read_and_album_art_does_not_disturb(name: str, song: Path, tmp_path: Path) -> None:
    tags = {"metadata:g:0": "title=Daisy Bell, “a bicycle”", "metadata:g:1": "artist=Harry Dacre"}
    path = tmp_path / name
    if name.endswith(("ogg", "opus")):
        run_ffmpeg(ffmpeg.output(file_input(song), as_file(path), **tags))
    else:
        Image.new("RGB", (32, 32), "red").save(tmp_path / "cover.jpg")
        streams = (file_input(song)["a"], file_input(tmp_path / "cover.jpg")["v"])
        run_ffmpeg(ffmpeg.output(*streams, as_file(path), vcodec="copy", **tags, **{"disposition:v:0": "attached_pic"}))
    info = probe(path)
    assert (info.title, info.artist) == ("Daisy Bell, “a bicycle”", "Harry Dacre")
    assert info.has_picture == (not name.endswith(("ogg", "opus")))
    assert abs(info.duration - SECONDS) < 0.03
    sound = encode_aac(path, tmp_path / "out.m4a", info=info)
    assert probe(tmp_path / "out.m4a").samples == sound.samples == round(info.duration * sound.rate)


AWKWARD = ["-y.wav", "100%d %s.wav", "concat:a|b.wav", "http:..x.wav", 'it\'s "a" [b],c=d;e\\.wav', "日本 é\n.wav"]


@pytest.mark.parametrize("name", AWKWARD)
def test_any_file_name_is_a_file_name(name: str, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = song.rename(tmp_path / name).relative_to(tmp_path)
    out = Path(name).with_suffix(".m4a")
    assert probe(odd).duration == SECONDS
    assert encode_aac(odd, out).samples == probe(out).samples == 44100 * SECONDS


def test_a_name_that_is_not_unicode_is_a_name_too(song: Path, tmp_path: Path) -> None:
    odd = tmp_path / "caf\udce9.wav"
    try:
        song.rename(odd)
    except OSError:
        pytest.skip("this file system takes only unicode names")
    assert probe(odd).duration == SECONDS


def cut(path: Path, part: float = 0.5) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    return path


@pytest.mark.parametrize("name", ["s.wav", "s.flac", "s.mp3", "s.m4a", "s.ogg", "s.opus", "s.webm", "s.aiff"])
def test_a_song_that_is_cut_short_is_refused(name: str, song: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    run_ffmpeg(ffmpeg.output(file_input(song, stream_loop=3), as_file(path)))
    whole = probe(path).duration
    assert whole > 9
    with pytest.raises(InputError, match="cut short") as caught:
        probe(cut(path))
    assert str(path) in caught.value.message and caught.value.exit_code == 3


def test_an_m4a_whose_index_comes_first_is_refused_when_cut_short(song: Path, tmp_path: Path) -> None:
    path = tmp_path / "s.m4a"
    run_ffmpeg(ffmpeg.output(file_input(song, stream_loop=3), as_file(path), movflags="+faststart"))
    with pytest.raises(InputError, match=r"should last 10\.0 s"):
        probe(cut(path))


@pytest.mark.parametrize("name", ["s.mp3", "s.aac"])
def test_a_stream_whose_length_is_only_guessed_is_taken_as_it_is(name: str, tmp_path: Path) -> None:
    # quiet first, then loud: a guess from the first bit rate is wrong by seconds
    sound = hum(44100, 44100 * 6)
    sound[: 44100 * 2] = 0
    source = write_wav(tmp_path / "s.wav", sound, 44100)
    options: dict[str, Any] = {"q:a": 0, "write_xing": 0} if name.endswith("mp3") else {}
    assert abs(probe(convert(source, tmp_path / name, **options)).duration - 6) < 0.1


@pytest.mark.timeout(20)  # a probe that did follow it would wait for an answer
def test_a_playlist_posing_as_a_song_is_not_followed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        (tmp_path / "song.m3u8").write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n"
        )
        with pytest.raises(InputError):
            probe(tmp_path / "song.m3u8")
        with pytest.raises(BlockingIOError):
            server.accept()


def test_what_is_no_song_is_named_in_one_sentence(song: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "text.mp3").write_text("hello\n" * 99)
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/{song.name}\n")
    (tmp_path / "list.ffconcat").write_text(f"ffconcat version 1.0\nfile '{song.name}'\n")
    silent = tmp_path / "silent.mp4"
    run_ffmpeg(ffmpeg.output(ffmpeg.input("color=red:s=32x32:d=0.2", f="lavfi"), as_file(silent)))
    header = write_wav(tmp_path / "none.wav", np.zeros((0, 2), np.float32), 8000)
    reasons = {
        "missing.mp3": "does not exist", "empty.mp3": "is empty", "text.mp3": "not a sound file", ".": "is a folder",
        "list.m3u8": "not a sound file", "list.ffconcat": "list of other files",
        silent.name: "no sound in it", header.name: "no sound that",
    }  # fmt: skip
    for name, reason in reasons.items():
        with pytest.raises(InputError, match=reason) as caught:
            probe(tmp_path / name)
        assert str(tmp_path / name) in caught.value.message and caught.value.exit_code == 3
        assert "\n" not in caught.value.message and caught.value.hint


@pytest.mark.parametrize("encoder", binaries())
@pytest.mark.parametrize(("rate", "count", "channels"), [(44100, 44100, 2), (48000, 50_001, 1), (44100, 30 * 1024, 2)])
def test_the_sound_of_the_video_has_every_sample_in_its_place_in_every_ffmpeg(
    encoder: Path, rate: int, count: int, channels: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vktrs.media.ffmpeg.which_ffmpeg", lambda: encoder)
    original = hum(rate, count, channels)
    out = tmp_path / "sound.m4a"
    written = encode_aac(write_wav(tmp_path / "s.wav", original, rate), out)
    assert (written.samples, written.rate, written.channels) == (count, rate, channels)
    assert probe(out) == SongInfo(count, rate, channels, "aac")
    for binary in binaries():
        heard = played(binary, out, channels)
        assert heard.shape == original.shape
        assert lag(heard, original) == 0
        assert np.corrcoef(heard[-200:, 0], original[-200:, 0])[0, 1] > 0.98, "the last samples are the last ones"
        assert np.corrcoef(heard[:400, 0], original[:400, 0])[0, 1] > 0.9, "the first samples are the first ones"
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize(("start", "end"), [(0.5, 1.75), (None, 1.0001), (1.2345, None), (2.0, 99.0)])
def test_an_excerpt_is_cut_to_the_sample(start: float | None, end: float | None, song: Path, tmp_path: Path) -> None:
    out = tmp_path / "excerpt.m4a"
    written = encode_aac(song, out, start=start, end=end)
    first = round((start or 0) * 44100)
    last = min(round(SECONDS * 44100), round((SECONDS if end is None else end) * 44100))
    heard, original = decode(out, 44100), decode(song, 44100)[first:last]
    assert written.samples == len(heard) == last - first
    assert lag(heard, original) == 0


def test_an_excerpt_outside_the_song_is_refused(song: Path, tmp_path: Path) -> None:
    for start, end in ((3.0, 4.0), (1.0, 1.0), (2.0, 1.0), (-1.0, 1.0)):
        with pytest.raises(InputError, match="outside"):
            encode_aac(song, tmp_path / "out.m4a", start=start, end=end)
    assert not (tmp_path / "out.m4a").exists()


@pytest.mark.parametrize("rate", [8000, 22050, 32000, 96000])
def test_an_unusual_rate_becomes_48_khz_of_the_same_length(rate: int, tmp_path: Path) -> None:
    count = rate + 17
    path = write_wav(tmp_path / "s.wav", hum(rate, count), rate)
    written = encode_aac(path, tmp_path / "out.m4a")
    assert (written.rate, written.samples) == (48000, round(Fraction(count, rate) * 48000))
    assert len(decode(tmp_path / "out.m4a", 48000)) == written.samples
    assert abs(lag(decode(tmp_path / "out.m4a", 48000), decode(path, 48000))) <= 1


def test_more_than_two_channels_become_two_without_clipping(tmp_path: Path) -> None:
    same = np.repeat(hum(48000, 24000, 1) / 0.7 * 0.95, 6, axis=1)
    path = write_wav(tmp_path / "surround.wav", same, 48000)
    assert probe(path).channels == 6
    assert encode_aac(path, tmp_path / "out.m4a").channels == 2
    assert np.abs(decode(path, 48000, mono=False)).max() <= 1.0


def test_a_song_that_breaks_while_it_is_coded_leaves_nothing_behind(song: Path, tmp_path: Path) -> None:
    path = tmp_path / "s.flac"
    run_ffmpeg(ffmpeg.output(file_input(song, stream_loop=3), as_file(path)))
    info = probe(path)
    with pytest.raises(InputError, match="cut short"):
        encode_aac(cut(path), tmp_path / "out.m4a", info=info)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["s.flac", "song.wav"]
