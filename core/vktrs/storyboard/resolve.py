"""What holds for a scene once `[look]`, neighbours and defaults are applied: pure functions on a `Storyboard`.

Fingerprints are made of these values and never of what is written, so writing a default down changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath

from vktrs.motion import Border, ColorCoherence
from vktrs.motion.parameters import PARAMETERS, values_of
from vktrs.storyboard.model import Amount, Animation, Loop, Order, Scene, Storyboard

SEED_LIMIT = 2**32
_NOTHING = (None,) * len(PARAMETERS)


Amounts = tuple[tuple[str, Amount | None], ...]
"""Every one of `PARAMETERS` by its name, as it holds for a scene; None is left to the engine, or to another one."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A scene's effective values; `theme` is the text of its theme, empty where there is none.

    `amounts` are what may change from frame to frame, `consistency` among them: where that is a text, a scene that does
    not move takes what it gives at its first frame. `frame_seeds` are the variations, by their numbers from 1, that
    have another seed than the one derived for them.
    """

    id: str
    prompt: str
    theme: str
    negative_prompt: str
    animation: Animation
    order: Order
    variations: int
    hold: int
    consistency: Amount
    seed: int
    frame_seeds: tuple[tuple[int, int], ...] = ()
    loop: Loop = "none"
    transition: float = 0.0
    amounts: Amounts = ()
    border: Border = "reflect"
    color_coherence: ColorCoherence = "LAB"
    cadence: int = 1

    def amount(self, name: str) -> Amount | None:
        """One of `PARAMETERS`, as it holds for the scene."""
        return dict(self.amounts)[name]


def derived_seed(*parts: object) -> int:
    """A seed in 0..2^32-1 that depends on all parts and on nothing else."""
    digest = blake2b("\x1f".join(str(part) for part in parts).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def frame_seed(seed: int, k: int) -> int:
    """The seed of variation `k` (from 1) of a scene with that effective seed, where none is written."""
    return derived_seed(seed, k)


def resolve(board: Storyboard) -> list[Resolved]:
    """The effective values of every scene, in the order of the table."""
    themes = effective_themes(board)
    texts = _prompt_texts(board)
    amounts = tuple(zip(PARAMETERS, values_of(board.look), strict=True))
    return [
        _resolved(board, scene, theme, text, amounts)
        for scene, theme, text in zip(board.scenes, themes, texts, strict=True)
    ]


def effective_themes(board: Storyboard) -> list[str]:
    """The theme of every scene: written, else by section, in turn, or the first; empty where there are none."""
    themes = board.look.themes
    labels = sorted({scene.section for scene in board.scenes if scene.section})
    by_section = board.look.assign_themes == "structure" and bool(labels)
    out = []
    for index, scene in enumerate(board.scenes):
        if isinstance(scene.theme, str):
            out.append(scene.theme)
        elif isinstance(scene.theme, int) and 1 <= scene.theme <= len(themes):
            out.append(themes[scene.theme - 1])
        elif not themes:
            out.append("")
        elif by_section:
            out.append(themes[labels.index(scene.section) % len(themes)] if scene.section else themes[0])
        elif board.look.assign_themes == "first":
            out.append(themes[0])
        else:
            out.append(themes[index % len(themes)])
    return out


def sections_unknown(board: Storyboard) -> bool:
    """Whether themes are to follow sections that are not known yet, so that they rotate for now."""
    look = board.look
    return (
        look.assign_themes == "structure"
        and len(look.themes) > 1
        and bool(board.scenes)
        and not any(scene.section for scene in board.scenes)
    )


def _prompt_texts(board: Storyboard) -> list[str]:
    """What each scene's prompt says before its theme: its own lyric with the lagging ones, or its neighbour's."""
    out: list[str] = []
    sung: list[str] = []
    for scene in board.scenes:
        own = " ".join(scene.text.split())
        lag = board.look.prompt_lag if scene.prompt_lag is None else scene.prompt_lag
        if scene.prompt is not None:
            out.append(scene.prompt)
        elif own:
            out.append(" ".join([*(sung[-lag:] if lag else []), own]))
        else:
            out.append(out[-1] if out else "")
        if own:
            sung.append(own)
    return out


def _with_theme(text: str, theme: str) -> str:
    """Lyric and theme with one comma between them, whatever the lyric ends with."""
    if not (text and theme):
        return text or theme
    return ", ".join(part for part in (text.rstrip(" ,;:."), theme) if part)


def _resolved(board: Storyboard, scene: Scene, theme: str, text: str, amounts: Amounts) -> Resolved:
    """The values of one scene; `amounts` are those of [look]."""
    look = board.look
    title = board.song.title or PurePosixPath(board.song.source).stem
    prompt = scene.prompt if scene.prompt is not None else _with_theme(text, theme) or title
    seed = derived_seed(look.seed, scene.id) if scene.seed is None else scene.seed % SEED_LIMIT
    return Resolved(
        id=scene.id,
        prompt=prompt,
        theme=theme,
        negative_prompt=look.negative_prompt if scene.negative_prompt is None else scene.negative_prompt,
        animation=scene.animation or look.animation,
        order=scene.order or look.order,
        variations=look.variations if scene.variations is None else scene.variations,
        hold=look.hold if scene.hold is None else scene.hold,
        consistency=look.consistency if scene.consistency is None else scene.consistency,
        seed=seed,
        frame_seeds=tuple((k, own) for k, own in scene.frame_seeds or () if own != frame_seed(seed, k)),
        loop=look.loop if scene.loop is None else scene.loop,
        transition=look.transition if scene.transition is None else scene.transition,
        amounts=_held(scene, amounts),
        border=scene.border or look.border,
        color_coherence=scene.color_coherence or look.color_coherence,
        cadence=look.cadence if scene.cadence is None else scene.cadence,
    )


def _held(scene: Scene, amounts: Amounts) -> Amounts:
    """Those of a scene: its own ones, and for the rest these."""
    own = values_of(scene)
    if own == _NOTHING:
        return amounts
    return tuple((each[0], mine) if mine is not None else each for mine, each in zip(own, amounts, strict=True))
