"""The level that a video announces: the smallest of Table A-1 whose limits it keeps."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vktrs.errors import InputError
from vktrs.media.levels import codec_level


@pytest.mark.parametrize(
    ("width", "height", "fps", "references", "level"),
    [
        (512, 512, 30, 8, 31),
        (512, 512, 24, 7, 30),  # 7 * 1024 of 8,100 macroblocks, 24,576 of 40,500 a second
        (512, 512, 24, 8, 31),
        (512, 512, 60, 8, 31),
        (512, 512, 120, 8, 32),  # 122,880 macroblocks a second
        (1024, 1024, 24, 8, 40),
        (1024, 1024, 30, 12, 50),
        (854, 480, 30, 5, 31),
        (1920, 1080, 30, 4, 40),
        (1920, 1080, 30, 5, 50),
        (1920, 1080, 60, 4, 42),
        (3840, 2160, 60, 5, 52),
        (96, 64, 30, 16, 30),
        (4096, 16, 30, 1, 40),  # 256 macroblocks a side: MaxFS of at least 8,192
    ],
)
def test_the_smallest_level_that_holds(width: int, height: int, fps: int, references: int, level: int) -> None:
    assert codec_level(width, height, Fraction(fps), references) == level


@pytest.mark.parametrize(
    ("width", "height", "fps", "references", "level"),
    [(176, 144, 15, 4, 10), (176, 144, 30, 4, 11), (352, 288, 30, 6, 13), (720, 576, 25, 5, 30)],
)
def test_levels_below_3_are_there_when_asked_for(
    width: int, height: int, fps: int, references: int, level: int
) -> None:
    assert codec_level(width, height, Fraction(fps), references, lowest=10) == level


def test_a_frame_rate_just_above_the_limit_needs_the_next_level() -> None:
    limit = Fraction(108_000, 32 * 32)  # level 3.1, macroblocks a second
    assert codec_level(512, 512, limit, 8) == 31
    assert codec_level(512, 512, limit + Fraction(1, 1001), 8) == 32


def test_what_no_level_allows_is_said() -> None:
    with pytest.raises(InputError, match="frames a second with 16 pictures"):
        codec_level(8192, 8192, Fraction(30), 16)
