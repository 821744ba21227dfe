"""The stems stage: a song taken apart once into voice, drums, bass and the rest, for every signal that wants one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vktrs.chains import STEMS
from vktrs.stages.song import loaded_sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vktrs.artifacts import Store

VERSION = 1
STAGE = "stems"
MODEL = "htdemucs"
"""What separates unless another is asked for."""


def inputs(song: str, model: str = MODEL) -> dict[str, Any]:
    """The song and the model; the device changes nothing that can be heard."""
    return {"version": VERSION, "song": song, "model": model}


def make(store: Store, key: str, ingredients: Mapping[str, Any], stems: Mapping[str, NDArray[np.float32]]) -> None:
    """Keep what `engines.stems.separate` made: each of STEMS, float32 `(n,)` at 22050 Hz."""
    import numpy as np

    with store.making(STAGE, key, ingredients) as folder:
        for name in STEMS:
            buffer = io.BytesIO()  # to a file itself numpy writes in a way that hides why it failed
            np.save(buffer, np.asarray(stems[name], dtype=np.float32))
            (folder / f"{name}.npy").write_bytes(buffer.getbuffer())


def load(store: Store, key: str, name: str) -> NDArray[np.float32]:
    """One stem (of STEMS), float32 `(n,)` at 22050 Hz; ArtifactDamaged where it cannot be read."""
    return loaded_sound(store.path(STAGE, key) / f"{name}.npy")
