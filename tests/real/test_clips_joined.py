"""Clips of both kinds side by side, with a song: every frame, every sample, every seek is right."""

from __future__ import annotations

import itertools
import random
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.real.coded_video import Planes, assert_shows, decode, decode_by_program, distinct_pictures, planes_of, wanted
from vktrs.errors import ArtifactDamaged
from vktrs.media import cycle, x264
from vktrs.media.clip import CyclePart, EncoderSettings, encode_clip
from vktrs.media.ffmpeg import which_ffmpeg
from vktrs.media.join import join_clips
from vktrs.media.mp4 import open_clip, read_samples

SETTINGS = EncoderSettings(48, 32, Fraction(30), references=6)
PICTURES = distinct_pictures(16, 48, 32)


def ffmpeg(*arguments: str | Path) -> bytes:
    command = [str(which_ffmpeg()), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout


def make_clips(folder: Path, scenes: list[list[CyclePart]], encoder: EncoderSettings = SETTINGS) -> list[Path]:
    paths = [folder / f"{number}.part" for number in range(len(scenes))]
    for path, parts in zip(paths, scenes, strict=True):
        encode_clip(parts, encoder, path)
    return paths


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.m4a"
    tone = "sine=frequency=440:sample_rate=44100:duration=3.4567"
    ffmpeg("-f", "lavfi", "-i", tone, "-ac", "2", "-c:a", "aac", "-movie_timescale", "44100", path)
    return path


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[list[CyclePart]]]:
    scenes = [
        [CyclePart(PICTURES[:6], 40)],
        [CyclePart(PICTURES[2:7], 33, 3)],
        [CyclePart(PICTURES[:1], 1)],
        [CyclePart(PICTURES[:1], 1)],
        [CyclePart(PICTURES, 20)],
    ]
    return make_clips(tmp_path_factory.mktemp("clips"), scenes), scenes


part = st.builds(
    lambda length, turn, frames, hold: CyclePart([PICTURES[(turn + k) % 16] for k in range(length)], frames, hold),
    st.integers(1, 10),
    st.integers(0, 15),
    st.sampled_from([1, 1, 1, 2, 7, 25]),
    st.integers(1, 3),
)


@given(st.lists(st.lists(part, min_size=1, max_size=2), min_size=1, max_size=7))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_any_clips_decode_everywhere_as_one_video(scenes: list[list[CyclePart]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = join_clips(make_clips(folder, scenes), None, folder / "out.part", settings=SETTINGS)
        pictures = [picture for parts in scenes for picture in wanted(parts)]
        found = decode(folder / "out.part")
        assert frames == len(pictures)
        assert_shows(found, pictures)
        assert decode_by_program(folder / "out.part") == (b"".join(frame.tobytes() for frame in found), "")
        assert_neighbouring_idr_pictures_differ(folder / "out.part")


def assert_neighbouring_idr_pictures_differ(path: Path) -> None:
    sets = x264.video_sets(SETTINGS)
    with open_clip(path) as container:
        ids = [cycle.idr_pic_id(sample.data, sets) for sample in read_samples(container, path, SETTINGS.fps)]
    assert all(one is None or one != other for one, other in itertools.pairwise(ids))


def test_frames_are_those_of_the_clips_bit_for_bit(
    tmp_path: Path, clips: tuple[list[Path], list[list[CyclePart]]]
) -> None:
    paths, _ = clips
    join_clips(paths, None, tmp_path / "out.mp4", settings=SETTINGS)
    apart = [frame for path in paths for frame in decode(path)]
    assert all(map(np.array_equal, decode(tmp_path / "out.mp4"), apart))


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(120)])
def test_times_are_exact_and_the_index_comes_first(tmp_path: Path, fps: Fraction) -> None:
    import av

    encoder = replace(SETTINGS, fps=fps)
    paths = make_clips(tmp_path, [[CyclePart(PICTURES[:4], frames)] for frames in (17, 1, 30)], encoder)
    marks: list[tuple[int, int]] = []
    join_clips(
        paths,
        None,
        tmp_path / "out.mp4",
        settings=encoder,
        title="Daisy Bell",
        comment="vktrs: a1b2",
        on_progress=lambda *progress: marks.append(progress),
    )
    assert marks == [(1, 3), (2, 3), (3, 3)]
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.average_rate, stream.start_time) == (48, fps, 0)
        assert stream.duration * stream.time_base == 48 / fps
        assert [packet.pts * packet.time_base * fps for packet in container.demux(stream) if packet.size] == [
            *range(48)
        ]
        assert (container.metadata["title"], container.metadata["comment"]) == ("Daisy Bell", "vktrs: a1b2")


def test_the_song_is_copied_to_the_sample(
    tmp_path: Path, song: Path, clips: tuple[list[Path], list[list[CyclePart]]]
) -> None:
    import av

    join_clips(clips[0], song, tmp_path / "out.mp4", settings=SETTINGS)
    alone, under = (ffmpeg("-i", path, "-map", "0:a", "-f", "s16le", "-") for path in (song, tmp_path / "out.mp4"))
    assert under == alone
    tracks = []
    for path in (song, tmp_path / "out.mp4"):
        with av.open(str(path)) as container:
            track = container.streams.audio[0]
            heard = np.concatenate([frame.to_ndarray() for frame in container.decode(track)], axis=1)
            tracks.append((heard, track.start_time, track.duration * track.time_base))
    assert np.array_equal(tracks[0][0], tracks[1][0])
    assert tracks[0][1:] == tracks[1][1:] == (0, Fraction(round(3.4567 * 44100), 44100))


def test_a_seek_to_any_frame_shows_that_frame(
    tmp_path: Path, song: Path, clips: tuple[list[Path], list[list[CyclePart]]]
) -> None:
    import av

    path = tmp_path / "out.mp4"
    frames = join_clips(clips[0], song, path, settings=SETTINGS)
    whole = decode(path)
    chosen = random.Random(1)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for number in [0, frames - 1, *(chosen.randrange(frames) for _ in range(30))]:
            container.seek(int(number / SETTINGS.fps / stream.time_base), stream=stream)
            found = next(f for f in container.decode(stream) if f.pts * f.time_base * SETTINGS.fps == number)
            assert np.array_equal(planes_of(found), whole[number])
    for number in (1, 50, frames - 1):
        raw = seek_by_program(path, (number - 0.5) / 30)
        assert np.array_equal(np.frombuffer(raw, np.uint8), whole[number])


def seek_by_program(path: Path, seconds: float) -> bytes:
    return ffmpeg("-ss", f"{max(0, seconds):.6f}", "-i", path, "-frames:v", "1", "-f", "rawvideo", "-")


def test_it_plays_from_a_pipe_that_cannot_seek(
    tmp_path: Path, song: Path, clips: tuple[list[Path], list[list[CyclePart]]]
) -> None:
    join_clips(clips[0], song, tmp_path / "out.mp4", settings=SETTINGS)
    command = [str(which_ffmpeg()), "-v", "warning", "-i", "-", "-map", "0:v", "-f", "rawvideo", "-"]
    done = subprocess.run(command, input=(tmp_path / "out.mp4").read_bytes(), capture_output=True, check=True)
    assert done.stderr == b""
    assert done.stdout == b"".join(frame.tobytes() for frame in decode(tmp_path / "out.mp4"))


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_at_the_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def lengths_spoiled(path: Path) -> None:
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    path.write_bytes(data[:start] + b"\xff" * 4 + data[start + 4 :])


def song_instead(path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", "-f", "mp4", path)


@pytest.mark.parametrize("damage", [cut_in_half, cut_at_the_end, empty, lengths_spoiled, song_instead, Path.unlink])
@pytest.mark.parametrize("which", [0, 1])
def test_a_damaged_clip_is_named(tmp_path: Path, damage: Callable[[Path], None], which: int) -> None:
    paths = make_clips(tmp_path, [[CyclePart(PICTURES[:3], 10)], [CyclePart(PICTURES[:3], 10)]])
    damage(paths[which])
    with pytest.raises(ArtifactDamaged) as caught:
        join_clips(paths, None, tmp_path / "out.mp4", settings=SETTINGS)
    assert caught.value.path == paths[which]


def test_a_clip_with_other_settings_is_named_as_damaged(tmp_path: Path) -> None:
    paths = make_clips(tmp_path, [[CyclePart(PICTURES[:3], 10)], [CyclePart(PICTURES[:3], 10)]])
    encode_clip([CyclePart(PICTURES[:3], 10)], replace(SETTINGS, references=7), paths[1])
    with pytest.raises(ArtifactDamaged, match="other settings") as caught:
        join_clips(paths, None, tmp_path / "out.mp4", settings=SETTINGS)
    assert caught.value.path == paths[1]


@pytest.mark.parametrize("content", [b"", b"not a song"])
def test_a_damaged_song_is_named(tmp_path: Path, content: bytes) -> None:
    paths = make_clips(tmp_path, [[CyclePart(PICTURES[:3], 10)]])
    (tmp_path / "song.m4a").write_bytes(content)
    with pytest.raises(ArtifactDamaged) as caught:
        join_clips(paths, tmp_path / "song.m4a", tmp_path / "out.mp4", settings=SETTINGS)
    assert caught.value.path == tmp_path / "song.m4a"


def test_sixty_scenes_are_joined_without_losing_a_frame(tmp_path: Path, song: Path) -> None:
    paths = make_clips(tmp_path, [[CyclePart(PICTURES[:6], 105)]]) * 60
    frames = join_clips(paths, song, tmp_path / "out.mp4", settings=SETTINGS)
    assert frames == 6300


def test_frames_are_exactly_the_same_after_a_copy_into_other_containers(
    tmp_path: Path, clips: tuple[list[Path], list[list[CyclePart]]]
) -> None:
    join_clips(clips[0], None, tmp_path / "out.mp4", settings=SETTINGS)
    whole: list[Planes] = decode(tmp_path / "out.mp4")
    for suffix in (".mkv", ".ts"):
        ffmpeg("-i", tmp_path / "out.mp4", "-c", "copy", tmp_path / f"copy{suffix}")
        raw, _ = decode_by_program(tmp_path / f"copy{suffix}")
        assert raw == b"".join(frame.tobytes() for frame in whole)
