"""Which level of ITU-T H.264 a video needs: Table A-1 and clause A.3, as a pure function."""

from __future__ import annotations

from fractions import Fraction

from vktrs.errors import InputError

# level_idc (ten times the level): macroblocks a second, macroblocks a picture, macroblocks of kept pictures
_LEVELS: dict[int, tuple[int, int, int]] = {
    10: (1_485, 99, 396),
    11: (3_000, 396, 900),
    12: (6_000, 396, 2_376),
    13: (11_880, 396, 2_376),
    20: (11_880, 396, 2_376),
    21: (19_800, 792, 4_752),
    22: (20_250, 1_620, 8_100),
    30: (40_500, 1_620, 8_100),
    31: (108_000, 3_600, 18_000),
    32: (216_000, 5_120, 20_480),
    40: (245_760, 8_192, 32_768),
    41: (245_760, 8_192, 32_768),
    42: (522_240, 8_704, 34_816),
    50: (589_824, 22_080, 110_400),
    51: (983_040, 36_864, 184_320),
    52: (2_073_600, 36_864, 184_320),
    60: (4_177_920, 139_264, 696_320),
    61: (8_355_840, 139_264, 696_320),
    62: (16_711_680, 139_264, 696_320),
}
LOWEST_USED = 30
"""Nothing below level 3 is ever announced: every decoder has it, and lower ones promise bit rates (64 kb/s at
level 1) that a constant-quality encoder does not keep."""


def codec_level(width: int, height: int, fps: Fraction, references: int, lowest: int = LOWEST_USED) -> int:
    """The smallest level_idc (31 is level 3.1) that allows pictures of this size at this rate.

    `width`, `height` in pixels, `references` = pictures that the decoder keeps (1..16). The limits are
    MaxMBPS, MaxFS, MaxDpbMbs of Table A-1 and the longest side of clause A.3.1; bit rate is not looked at.
    InputError where no level allows it.
    """
    across, down = -(-width // 16), -(-height // 16)
    picture = across * down
    for level, (a_second, largest, kept) in _LEVELS.items():
        size_fits = picture <= largest and max(across, down) ** 2 <= 8 * largest
        if level >= lowest and size_fits and picture * fps <= a_second and picture * references <= kept:
            return level
    raise InputError(
        f"{width}x{height} at {fps} frames a second with {references} pictures in a cycle is more than H.264 allows",
        "Make the picture smaller or `variations` fewer.",
    )
