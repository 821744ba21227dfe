"""What a picture is, everywhere: an array `(height, width, 3)`, uint8, sRGB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
