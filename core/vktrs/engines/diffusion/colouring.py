"""The colours of a picture matched to another's in CIE LAB, on the device: as `motion.colour` does it on the processor.

Sheets are `(3, height, width)`, uint8; call it where torch is in inference mode. Nothing here depends on the order in
which a device adds up: counts are whole numbers, which are exact.
"""

from __future__ import annotations

from typing import Any

# These are those of `motion.colour`: what is matched here is to be what is matched there.
_BINS = 2048  # of a histogram
_SMOOTH = 25  # bins that share what falls in one of them, either side
_SAMPLES = 1 << 16  # pixels that a histogram is made of, about
_LOW, _SIZE = (0.0, -110.0, -110.0), (100.0, 220.0, 220.0)  # where L, a and b of sRGB are
_STEPS = 1 << 15
_KNEE = 6 / 29
_WHITE = (0.95047, 1.0, 1.08883)  # D65
_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.119192, 0.9503041))


class Colours:
    """Those of a keyframe, which others are given: the whole distribution of L, a and b."""

    def __init__(self, sheet: Any) -> None:
        import torch

        self._exact = torch.float32 if sheet.device.type == "mps" else torch.float64  # which has no other
        to_white = torch.tensor(_TO_XYZ, dtype=torch.float64) / torch.tensor(_WHITE, dtype=torch.float64)[:, None]
        self._to_white = to_white.float().to(sheet.device)
        self._from_white = to_white.inverse().float().to(sheet.device)
        self._light = _light_of_levels().to(sheet.device)
        self._low = torch.tensor(_LOW, device=sheet.device)[:, None, None]
        self._bin = torch.tensor(_SIZE, device=sheet.device)[:, None, None] / (_BINS - 1)
        self._shares = self._spread(self._lab(_sample(sheet)))

    def given_to(self, sheet: Any) -> Any:
        """The picture with its L, a and b spread as those of the keyframe; its size may be another."""
        import torch

        found = self._spread(self._lab(_sample(sheet)))
        middles = torch.arange(_BINS, dtype=self._exact, device=sheet.device)
        way = (_interpolated(found, self._shares) - middles).float()
        lab = self._lab(sheet)
        place = self._places(lab)
        below = place.long()
        here, there = (way.gather(1, each.flatten(1)).view_as(place) for each in (below, below + 1))
        return self._levels(lab + torch.lerp(here, there, place - below) * self._bin)

    def _spread(self, lab: Any) -> Any:
        """`(3, _BINS)`: the share that is below the middle of each bin, of histograms that are smoothed."""
        import torch

        bins = (self._places(lab) + 0.5).long().flatten(1)
        counts = torch.zeros((3, _BINS), device=lab.device).scatter_add_(1, bins, torch.ones_like(bins).float())
        below = counts.to(self._exact).cumsum(1) / bins.shape[1]
        # A smoothed sum is the sum of what is smoothed. Counts are mirrored at both ends, so that none is lost there:
        # the shares of a picture that is half black would not come to 1, and what is bright in others would turn white.
        before = torch.cat((-below[:, :_SMOOTH].flip(1), below.new_zeros((3, 1))), dim=1)
        after = 2 * below[:, -1:] - below[:, -_SMOOTH - 1 : -1].flip(1)
        window = torch.hann_window(2 * _SMOOTH + 3, periodic=False, dtype=self._exact, device=lab.device)[1:-1]
        smooth = torch.cat((before, below, after), dim=1).unfold(1, len(window), 1) @ (window / window.sum())
        return (smooth[:, 1:] + smooth[:, :-1]) / 2

    def _places(self, lab: Any) -> Any:
        """Where values lie among the bins: 0 is the middle of the first."""
        return ((lab - self._low) / self._bin).clamp(0, _BINS - 1.001)

    def _lab(self, sheet: Any) -> Any:
        """L in 0..100, a and b about -110..110."""
        import torch

        light = torch.tensordot(self._to_white, self._light[sheet.long()], dims=1)
        light = ((light * (_STEPS - 1)).floor() + 0.5) / _STEPS  # a table's steps: in black areas they would tell
        x, y, z = torch.where(light > _KNEE**3, light ** (1 / 3), light / (3 * _KNEE**2) + 4 / 29)
        return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)))

    def _levels(self, lab: Any) -> Any:
        """What they look like, uint8; what a screen cannot show is cut off."""
        import torch

        y = (lab[0] + 16) / 116
        roots = torch.stack((y + lab[1] / 500, y, y - lab[2] / 200))
        light = torch.where(roots > _KNEE, roots**3, (roots - 4 / 29) * (3 * _KNEE**2))
        light = torch.tensordot(self._from_white, light, dims=1).clamp(0, 1)
        level = torch.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
        return (level * 255).round().to(torch.uint8)


def _sample(sheet: Any) -> Any:
    """About `_SAMPLES` of its pixels, evenly spread."""
    every = max(1, round((sheet.shape[1] * sheet.shape[2] / _SAMPLES) ** 0.5))
    return sheet[:, every // 2 :: every, every // 2 :: every] if every > 1 else sheet


def _interpolated(found: Any, wanted: Any) -> Any:
    """Where among the bins of `wanted` the shares of `found` are, row by row, as `numpy.interp` gives it."""
    import torch

    after = torch.searchsorted(wanted, found, right=True).clamp(1, _BINS - 1)
    low, high = wanted.gather(1, after - 1), wanted.gather(1, after)
    part = ((found - low) / (high - low)).nan_to_num(1.0).clamp(0, 1)
    return after - 1 + part


def _light_of_levels() -> Any:
    import torch

    level = torch.arange(256, dtype=torch.float64) / 255
    return torch.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).float()
