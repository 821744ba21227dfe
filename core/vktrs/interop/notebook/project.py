"""A whole project of the notebook as what this program has for it; nothing is read or written here. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from vktrs.errors import InputError
from vktrs.interop.notebook.ledger import SCENES, Ledger
from vktrs.interop.notebook.motion import Fields, read_mappings, read_settings
from vktrs.interop.notebook.params import Params, read_params
from vktrs.interop.notebook.scenes import Common, Draft, read_scenes
from vktrs.interop.notebook.signals import Brought, read_signals
from vktrs.storyboard.matching import assign_ids
from vktrs.storyboard.model import Look, Scene, Song, Storyboard, Video
from vktrs.storyboard.resolve import effective_themes, resolve

_LOOK_FIELDS = frozenset(each.name for each in fields(Look)) & frozenset(each.name for each in fields(Scene))
_TABLES = ("params", SCENES, "signals", "signal_mappings", "animation_args")
_NOT_SHARED = frozenset({"seed", "prompt_lag", "negative_prompt"})


@dataclass(frozen=True)
class NotebookProject:
    """What a `storyboard.yaml` means here, and the account of its keys.

    `board` has all that needs no file: its scenes have ids and no picture, its song no source. `drafts` are the same
    scenes as they were read. `signals` need their sounds.
    """

    board: Storyboard
    drafts: tuple[Draft, ...]
    params: Params
    signals: tuple[Brought, ...]
    ledger: Ledger


def read_project(tree: Any, config: Mapping[str, Any], name: str) -> NotebookProject:
    """The project in the parsed `storyboard.yaml`; `config` is its `config.yaml`, empty where there is none.

    InputError where it is no such file at all; `name` is for that message.
    """
    if not isinstance(tree, Mapping) or not any(key in tree for key in ("params", SCENES)):
        raise InputError(
            f"{name} is no storyboard of the notebook: it has neither `params` nor `{SCENES}`.",
            "Give the storyboard.yaml in the folder of that project.",
        )
    ledger = Ledger()
    params = read_params(tree.get("params"), ledger)
    brought = read_signals(tree.get("signals"), ledger)
    lines = {there: each.line for there, each in brought.items()}
    common = Common(
        params,
        lines,
        read_settings(tree.get("animation_args"), ledger, ("animation_args",)),
        read_mappings(tree.get("signal_mappings"), lines, ledger, ("signal_mappings",)),
        "img2img" if config.get("use_stability_api") is True else "variations tsp",
    )
    drafts = read_scenes(tree.get(SCENES), common, ledger)
    board = _board(params, {each.name: each for each in brought.values()}, drafts, common)
    board = _with_themes(board, drafts)
    board = _with_prompts(board, drafts, ledger)
    for key in _TABLES:
        if key in tree and not tree[key]:
            ledger.take((key,), "nothing, as it is empty")
    ledger.close(tree)
    return NotebookProject(board, tuple(drafts), params, tuple(brought.values()), ledger)


def _board(params: Params, signals: Mapping[str, Brought], drafts: Sequence[Draft], common: Common) -> Storyboard:
    labelled = any("section" in draft.fields for draft in drafts)
    settings: Fields = {"assign_themes": "structure" if labelled else "rotate", **params.look}
    usual = {"variations": params.pictures - 1, "consistency": params.consistency, **common.settings, **common.mappings}
    look = replace(Look(), **settings, **_shared([draft.fields for draft in drafts], usual))
    ids = [each.id for each in assign_ids(drafts, ())]
    song = replace(Song(), **params.song)
    return Storyboard(
        song=song if song.title else replace(song, title=params.title),
        video=replace(Video(), **params.video),
        signals={name: each.signal for name, each in signals.items()},
        look=look,
        scenes=tuple(_scene(scene_id, draft, draft.fields, look) for scene_id, draft in zip(ids, drafts, strict=True)),
    )


def _shared(scenes: Sequence[Fields], usual: Fields) -> Fields:
    """What most scenes have and all have something for: it is written once, for all of them."""
    if not scenes:
        return {name: value for name, value in usual.items() if name in _LOOK_FIELDS}
    names = set.intersection(*(set(each) for each in scenes)) & (_LOOK_FIELDS - _NOT_SHARED)
    return {name: Counter(each[name] for each in scenes).most_common(1)[0][0] for name in sorted(names)}


def _scene(scene_id: str, draft: Draft, own: Fields, look: Look) -> Scene:
    """The scene with what is its own, and not what holds for all."""
    written = {name: value for name, value in own.items() if name not in _LOOK_FIELDS or value != getattr(look, name)}
    return Scene(scene_id, draft.start, draft.end, draft.text, **written)


def lean(project: NotebookProject, look: Look) -> tuple[Scene, ...]:
    """The scenes as they have to be written where another `[look]` holds, so that they mean the same."""
    scenes = []
    for draft, scene in zip(project.drafts, project.board.scenes, strict=True):
        plain = _scene(scene.id, draft, draft.fields, look)
        scenes.append(replace(plain, prompt=scene.prompt, theme=scene.theme))
    return tuple(scenes)


def _with_themes(board: Storyboard, drafts: Sequence[Draft]) -> Storyboard:
    """Each scene keeps the theme that it had: by its section or in turn where that gives it, else by its number."""
    scenes = []
    themes = board.look.themes
    for scene, draft, now in zip(board.scenes, drafts, effective_themes(board), strict=True):
        wanted = None if draft.theme is None else draft.theme.strip()
        if not wanted or wanted == now:
            scenes.append(scene)
        else:
            scenes.append(replace(scene, theme=themes.index(wanted) + 1 if wanted in themes else wanted))
    return replace(board, scenes=tuple(scenes))


def _with_prompts(board: Storyboard, drafts: Sequence[Draft], ledger: Ledger) -> Storyboard:
    """A prompt that a person has changed in `_prompt` itself becomes the scene's; one that only differs is told."""
    scenes = list(board.scenes)
    for place, now in enumerate(resolve(board)):
        draft = drafts[place]
        if draft.asked is None or _plain(draft.asked) == _plain(now.prompt):
            continue
        path = (SCENES, draft.index, "_prompt")
        if scenes[place].prompt is None and not _follows(draft, drafts[:place], board.look.themes):
            scenes[place] = replace(scenes[place], prompt=draft.asked)
            ledger.take(path, "prompt", "neither text nor theme give it: it is kept as the scene's own `prompt`")
        else:
            ledger.take(path, "prompt", "the prompt is put together a little differently here")
    return replace(board, scenes=tuple(scenes))


def _follows(draft: Draft, before: Sequence[Draft], themes: Sequence[str]) -> bool:
    """Whether the notebook may have put that prompt together itself, with any of the themes."""
    asked = _plain(draft.asked or "")
    if not draft.text:
        return (bool(before) and asked in (_plain(each.asked or "") for each in before)) or asked in map(_plain, themes)
    starts = [draft.text]
    if before:
        earlier = before[-1].text or str(before[-1].fields.get("prompt", "")).split(",")[0]
        starts.append(f"{earlier} {draft.text}")
    known = (*themes, draft.theme or "", "None", "")
    return asked in {_plain(f"{start}, {theme}") for start in starts for theme in known}


def _plain(text: str) -> str:
    """A prompt without what does not matter: spaces, commas and the `None` that the notebook put for no theme."""
    words = " ".join(text.replace(",", " ").split())
    return words.removesuffix(" None")
