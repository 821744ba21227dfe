"""Curves over the time of a song, computed from its sound by a chain of operations (`vktrs.chains`).

`curve` is what is handed on and out, `hearing` makes curves of sound, `splitting` finds its harmonic and percussive
part, `pulse` its beat, `shaping` is what is done to curves, `computing` walks through a chain.
"""

from vktrs.engines.signals.computing import applied, compute, curves_after_each, walk
from vktrs.engines.signals.curve import HOP, RATE, Curve, drawable, finished

__all__ = ["HOP", "RATE", "Curve", "applied", "compute", "curves_after_each", "drawable", "finished", "walk"]
