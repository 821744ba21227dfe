"""What a run would take, in words: pictures, and credits where they cost some. Pure."""

from __future__ import annotations

from vktrs.runs.estimate import Expected


def cost(found: Expected) -> str:
    """`96 pictures by stability, about 624 credits.`; empty where no picture is lacking."""
    if not found.scenes_known:
        return "How many pictures that takes is not known before there are scenes."
    if found.pictures is None:
        return f"What it takes is not known: an option of {found.engine} is wrong."
    count = found.pictures.pictures
    rest = " Those of the last scene are counted once the song is read." if found.open_end else ""
    if not count:
        return rest.lstrip()
    most = "At most " if found.at_most and not rest else ""
    pictures = f"{count} picture{'' if count == 1 else 's'}"
    credits = found.pictures.credits
    price = "" if credits is None else f", about {credits:.10g} credit{'' if credits == 1 else 's'}"
    return f"{most}{pictures} by {found.engine}{price}.{rest}"


def is_asked_for(found: Expected) -> bool:
    """Whether a run that would cost this is asked about first: what is wrong with its options is said by the run."""
    return not found.scenes_known or found.open_end or bool(found.pictures and found.pictures.pictures)
