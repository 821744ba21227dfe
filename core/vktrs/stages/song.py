"""The song stage: the user's file or a download becomes samples to listen to, its length and its tags."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vktrs.errors import ArtifactDamaged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vktrs.artifacts import Store

VERSION = 1
STAGE = "song"
SPEECH_RATE = 16_000
ANALYSIS_RATE = 22_050


@dataclass(frozen=True, slots=True)
class SongFacts:
    """What is known of a song once it was decoded: `duration` in seconds, to the sample; tags where it has them."""

    duration: float
    rate: int
    channels: int
    title: str | None
    artist: str | None


def inputs(digest: str, url: str | None) -> dict[str, Any]:
    """The digest of the file, and the URL that it was downloaded from."""
    return {"version": VERSION, "file": digest, "url": url}


def make(store: Store, key: str, ingredients: Mapping[str, Any], source: Path) -> SongFacts:
    """Decode the song once, for listening (16 kHz) and for analysis (22.05 kHz), both float32 mono."""
    import numpy as np

    from vktrs.media.audio import listen

    found, (speech, analysis) = listen(source, (SPEECH_RATE, ANALYSIS_RATE))
    facts = SongFacts(found.duration, found.rate, found.channels, found.title, found.artist)
    with store.making(STAGE, key, ingredients) as folder:
        for name, heard in (("speech", speech), ("analysis", analysis)):
            buffer = io.BytesIO()  # to a file itself numpy writes in a way that hides why it failed
            np.save(buffer, heard)
            (folder / f"{name}.npy").write_bytes(buffer.getbuffer())
        (folder / "song.json").write_text(json.dumps(asdict(facts), ensure_ascii=False), "utf-8")
    return facts


def facts(store: Store, key: str) -> SongFacts:
    """What the stage found out; ArtifactDamaged where that cannot be read."""
    path = store.path(STAGE, key) / "song.json"
    try:
        return SongFacts(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ArtifactDamaged(path, str(error)) from None


def samples(store: Store, key: str, name: str) -> NDArray[np.float32]:
    """The decoded song, `name` being "speech" or "analysis"; ArtifactDamaged where it cannot be read."""
    return loaded_sound(store.path(STAGE, key) / f"{name}.npy")


def loaded_sound(path: Path) -> NDArray[np.float32]:
    """Samples as an artifact keeps them; ArtifactDamaged where they cannot be read."""
    import numpy as np

    try:
        loaded: NDArray[np.float32] = np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise ArtifactDamaged(path, str(error)) from None
    return loaded
