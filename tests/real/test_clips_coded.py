"""A clip shows exactly its pictures, is coded as cheaply as it can be, and never leaves unverified."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.real.coded_video import assert_shows, decode, decode_by_program, distinct_pictures, wanted
from vktrs.errors import InputError, MissingError, VktrsError
from vktrs.media import clip as clip_module
from vktrs.media import h264, nal, verify, x264
from vktrs.media.clip import CyclePart, EncoderSettings, encode_clip
from vktrs.media.mp4 import open_clip, read_sets

SIZES = [(32, 32), (96, 64), (50, 34), (64, 18)]
SETTINGS = EncoderSettings(96, 64, Fraction(30), references=8)
PICTURES = distinct_pictures(20, 96, 64)


@st.composite
def clips(draw: st.DrawFn) -> tuple[EncoderSettings, list[CyclePart]]:
    width, height = draw(st.sampled_from(SIZES))
    fps = draw(st.sampled_from([Fraction(24), Fraction(30000, 1001), Fraction(3)]))
    pictures = distinct_pictures(16, width, height, seed=draw(st.integers(0, 3)))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        length, turn = draw(st.integers(1, 16)), draw(st.integers(0, 15))
        shown = [pictures[(turn + k) % 16] for k in range(length)]
        parts.append(CyclePart(shown, draw(st.integers(1, 60)), draw(st.integers(1, 5))))
    return EncoderSettings(width, height, fps, references=draw(st.integers(1, 16))), parts


@given(clips())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_any_clip_decodes_everywhere_to_its_pictures(case: tuple[EncoderSettings, list[CyclePart]]) -> None:
    encoder, parts = case
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.part"
        report = encode_clip(parts, encoder, path)
        frames = decode(path)
        assert report.why_segment == "" or report.kind == "segment"
        assert "wrong" not in report.why_segment
        assert_shows(frames, wanted(parts))
        assert decode_by_program(path) == (b"".join(frame.tobytes() for frame in frames), "")
        with open_clip(path) as container:
            assert read_sets(container, path) == x264.video_sets(encoder)


@pytest.mark.parametrize("hold", [1, 3])
def test_repeated_pictures_are_the_same_bit_for_bit_and_coded_once(tmp_path: Path, hold: int) -> None:
    report = encode_clip([CyclePart(PICTURES[:8], 100, hold)], SETTINGS, tmp_path / "clip.mp4")
    frames = decode(tmp_path / "clip.mp4")
    assert (report.kind, report.frames, report.coded) == ("cycle", 100, 8)
    assert report.file_size == (tmp_path / "clip.mp4").stat().st_size
    assert all(np.array_equal(frame, frames[k // hold % 8 * hold]) for k, frame in enumerate(frames))


def test_a_repeated_picture_takes_some_twenty_bytes(tmp_path: Path) -> None:
    sizes = [
        encode_clip([CyclePart(PICTURES[:8], frames)], SETTINGS, tmp_path / "clip.mp4").file_size
        for frames in (50, 250)
    ]
    assert (sizes[1] - sizes[0]) / 200 < 35  # with what the container notes for each frame


def test_the_bundled_ffmpeg_agrees(tmp_path: Path) -> None:
    parts = [CyclePart(PICTURES[:5], 40, 2), CyclePart(PICTURES[3:9], 40, 3)]
    encode_clip(parts, SETTINGS, tmp_path / "clip.mp4")
    raw, complaints = decode_by_program(tmp_path / "clip.mp4", imageio_ffmpeg.get_ffmpeg_exe())
    assert raw == b"".join(frame.tobytes() for frame in decode(tmp_path / "clip.mp4"))
    assert complaints == ""


def test_a_wide_picture_of_broken_macroblocks(tmp_path: Path) -> None:
    encoder = EncoderSettings(854, 480, Fraction(30), references=4)
    parts = [CyclePart(distinct_pictures(4, 854, 480), 30)]
    assert encode_clip(parts, encoder, tmp_path / "clip.mp4").kind == "cycle"
    assert_shows(decode(tmp_path / "clip.mp4"), wanted(parts))


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(1), Fraction(120)])
def test_times_are_frame_numbers_and_colours_are_tagged(tmp_path: Path, fps: Fraction) -> None:
    import av

    encode_clip([CyclePart(PICTURES[:3], 10)], replace(SETTINGS, fps=fps), tmp_path / "clip", title="Daisy")
    with av.open(str(tmp_path / "clip")) as container:
        stream = container.streams.video[0]
        colours = (stream.color_primaries, stream.color_trc, stream.colorspace, stream.color_range)
        assert colours == (1, 1, 1, 1)  # BT.709 three times, tv range
        assert stream.average_rate == fps
        assert stream.duration * stream.time_base * fps == 10
        assert container.metadata["title"] == "Daisy"
        assert [packet.pts * packet.time_base * fps for packet in container.demux(stream) if packet.size] == [
            *range(10)
        ]


@pytest.mark.parametrize(
    ("colour", "luma_and_chroma"),
    [((255, 0, 0), (63, 102, 240)), ((0, 0, 255), (32, 240, 118)), ((255, 255, 255), (235, 128, 128))],
)
def test_colours_are_those_of_bt709(colour: tuple[int, int, int], luma_and_chroma: tuple[int, int, int]) -> None:
    frame = x264.to_yuv(np.full((32, 32, 3), colour, np.uint8))
    found = [bytes(plane)[0] for plane in frame.planes]
    assert np.allclose(found, luma_and_chroma, atol=1)


def test_parameter_sets_depend_on_the_settings_alone(tmp_path: Path) -> None:
    flat = np.zeros((64, 96, 3), np.uint8)
    cases: list[Sequence[CyclePart]] = [
        [CyclePart(PICTURES[:8], 60)],
        [CyclePart([flat], 1)],
        [CyclePart(PICTURES, 45)],  # longer than the store: a segment
        [CyclePart(PICTURES[:4], 30, 5), CyclePart([flat], 9)],
    ]
    sets = {encode_clip(parts, SETTINGS, tmp_path / "clip").parameter_sets for parts in cases}
    assert len(sets) == 1
    assert sets != {b"".join(x264.video_sets(replace(SETTINGS, references=4)).units())}


def test_a_cycle_that_is_too_long_becomes_a_segment_and_says_why(tmp_path: Path) -> None:
    parts = [CyclePart(PICTURES, 45)]
    report = encode_clip(parts, SETTINGS, tmp_path / "clip.mp4")
    assert (report.kind, report.coded) == ("segment", 45)
    assert "20 pictures is longer than the 8" in report.why_segment
    assert_shows(decode(tmp_path / "clip.mp4"), wanted(parts))


def test_a_long_scene_has_a_key_frame_every_ten_seconds(tmp_path: Path) -> None:
    encoder = replace(SETTINGS, fps=Fraction(5))
    encode_clip([CyclePart(PICTURES[:3], 120)], encoder, tmp_path / "clip.mp4")
    with open_clip(tmp_path / "clip.mp4") as container:
        keys = [packet.pts for packet in container.demux(video=0) if packet.is_keyframe]
    assert keys == [0, 50, 100]


def test_pictures_are_asked_for_once_each(tmp_path: Path) -> None:
    asked: list[int] = []

    class OnDisk(Sequence[Any]):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: Any) -> Any:
            asked.append(index)
            return PICTURES[index]

    encode_clip([CyclePart(OnDisk(), 30, 2)], SETTINGS, tmp_path / "clip.mp4")
    assert asked == [0, 1, 2, 3]


def test_the_same_picture_twice_in_a_cycle_is_coded_once(tmp_path: Path) -> None:
    there_and_back = [*PICTURES[:8], *(picture.copy() for picture in PICTURES[6:0:-1])]
    report = encode_clip([CyclePart(there_and_back, 60)], SETTINGS, tmp_path / "clip.mp4")
    assert (report.kind, report.coded) == ("cycle", 8)


def test_a_cycle_that_comes_out_wrong_is_coded_as_a_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = x264.skip_model

    def broken(encoder: EncoderSettings) -> h264.Slice:
        return whole(EncoderSettings(32, 32, encoder.fps, encoder.references))

    monkeypatch.setattr(x264, "skip_model", broken)
    parts = [CyclePart(PICTURES[:8], 40)]
    report = encode_clip(parts, SETTINGS, tmp_path / "clip.mp4")
    assert (report.kind, report.coded) == ("segment", 40)
    assert report.why_segment.startswith("the cycle came out wrong")
    assert_shows(decode(tmp_path / "clip.mp4"), wanted(parts))


def test_a_repeat_of_the_wrong_picture_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = h264.skip_slice

    def off_by_one(like: h264.Slice, frame_num: int, poc_lsb: int, distance: int) -> h264.Slice:
        return whole(like, frame_num, poc_lsb, max(1, distance - 1))

    monkeypatch.setattr(h264, "skip_slice", off_by_one)
    report = encode_clip([CyclePart(PICTURES[:8], 40)], SETTINGS, tmp_path / "clip.mp4")
    assert "is not the picture that it should show again" in report.why_segment


def test_coded_pictures_that_look_like_nothing_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_module, "probe", lambda frame: 255 - verify.probe(frame))
    with pytest.raises(VktrsError, match="does not look like its picture"):
        encode_clip([CyclePart(PICTURES[:2], 5)], SETTINGS, tmp_path / "clip.mp4")


def test_frames_missing_from_the_file_are_noticed(tmp_path: Path) -> None:
    encode_clip([CyclePart(PICTURES[:1], 5)], SETTINGS, tmp_path / "clip.mp4")
    steps = [verify.Step(0, frame == 0, frame == 0, frame and 1, 0, frame) for frame in range(6)]
    probes = [verify.probe(x264.to_yuv(PICTURES[0]))]
    with pytest.raises(verify.ClipWrong, match="5 frames instead of 6"):
        verify.verify_clip(tmp_path / "clip.mp4", steps, probes, references=8)


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="96x64"):
        encode_clip([CyclePart([np.zeros((64, 64, 3), np.uint8)], 5)], SETTINGS, tmp_path / "clip.mp4")


@pytest.mark.parametrize(("width", "height"), [(97, 64), (0, 0), (8, 64)])
def test_impossible_sizes_are_refused(width: int, height: int) -> None:
    with pytest.raises(InputError, match="no picture size"):
        EncoderSettings(width, height, Fraction(30), 8)


def test_a_missing_x264_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import av

    monkeypatch.setattr(av, "codecs_available", frozenset({"h264"}))
    with pytest.raises(MissingError, match="libx264"):
        x264.video_sets(SETTINGS)


def test_samples_hold_one_slice_and_nothing_else(tmp_path: Path) -> None:
    encode_clip([CyclePart(PICTURES[:4], 20)], SETTINGS, tmp_path / "clip.mp4")
    with open_clip(tmp_path / "clip.mp4") as container:
        kinds = [
            [nal.nal_type(unit) for unit in nal.split_sample(bytes(packet))]
            for packet in container.demux(video=0)
            if packet.size
        ]
    assert kinds == [[nal.IDR_SLICE]] + [[nal.SLICE]] * 19


@pytest.mark.parametrize(("width", "height"), [(16, 16), (48, 32)])
def test_small_pictures_are_coded_the_same_whatever_lies_in_the_memory(width: int, height: int) -> None:
    """x264's macroblock tree read what nobody had written, and one coding in twenty came out another way."""
    encoder = EncoderSettings(width, height, Fraction(12), references=4)
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [127 + 120 * np.sin((columns * (k + 3) + rows * 2) / 17 + np.arange(3)[:, None, None]) for k in range(6)]
    pictures = [np.moveaxis(wave, 0, -1).astype(np.uint8) for wave in waves]
    coded = set()
    for _ in range(150):
        left_behind = [bytearray(rng.bytes(int(size))) for size in rng.integers(100, 60_000, 20)]
        frames = [x264.CodedPicture(x264.to_yuv(picture), number == 0) for number, picture in enumerate(pictures)]
        del left_behind
        coded.add(repr(list(x264.encode(frames, encoder, 3))))
    assert len(coded) == 1
