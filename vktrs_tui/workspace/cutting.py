"""How the machine cuts scenes: chosen with a look at what would come, and proposed at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vktrs.errors import InputError
from vktrs.runs import splitting
from vktrs.runs.splitting import Heard
from vktrs.storyboard.grouping import MEASURES
from vktrs.storyboard.model import Split, Storyboard
from vktrs.storyboard.split import ProposedScene
from vktrs.timing import ends_of, format_clock
from vktrs_tui.screens.cut_scenes import CutScenesScreen, Preview
from vktrs_tui.workspace.base import WorkspaceBase

_SHOWN = 8
"""Lines that the dialog has room for."""


class CuttingActions(WorkspaceBase):
    """What `[split]` says."""

    def action_cut_anew(self) -> None:
        self.attend(self._cut_anew())

    async def _cut_anew(self) -> None:
        seen = self.view.board.split
        screen = CutScenesScreen(seen, splitting.checked, self._what_would_come())
        wanted = await self.studio.push_screen_wait(screen)
        if wanted is None:
            return
        number = f" {getattr(wanted, wanted.by):g}" if wanted.by in MEASURES else ""
        keys = ("by", wanted.by) if wanted.by in MEASURES else ("by",)
        applied = await self.edit(
            f"set [split] to {wanted.by}{number}",
            lambda board: splitting.written(board, wanted),
            {("", f"split.{key}"): getattr(seen, key) for key in keys},
        )
        if applied is None:
            return
        count = await self.desk.propose()
        if count:
            await self.look_at_proposals()
        elif count == 0:
            self.say("The scenes are cut so already.")
        else:
            self.say("[split] is written; the next run makes scenes of it.")

    def _what_would_come(self) -> Callable[[Split], Preview]:
        """What would come, by what is known now; InputError where nobody has listened to the song yet."""
        song, board, status = self.desk.song, self.view.board, self.desk.status
        plan = status.plan if status is not None else None
        known = plan is not None and all(piece is not None and piece.made for piece in (plan.words, plan.structure))
        if not known or song.duration is None:
            raise InputError("What is sung is not known yet.", "A run to the stage structure listens to the song.")
        heard = Heard(song.lines, song.beats, song.downbeats, song.duration, song.sections)
        return lambda split: preview_of(heard, board, split)


def preview_of(heard: Heard, board: Storyboard, split: Split) -> Preview:
    """What would come of a song if `split` stood in its storyboard."""
    options = splitting.options_of(board, split)
    scenes = heard.scenes(options)
    sung = sum(bool(scene.text) for scene in scenes)
    lengths = [end - scene.start for scene, end in zip(scenes, ends_of(scenes, heard.duration), strict=True)]
    said = f"{len(scenes)} scene{'' if len(scenes) == 1 else 's'}, {sung} with words"
    if lengths:
        said += f", {min(lengths):.1f} to {max(lengths):.1f} s long"
    beside = heard.remark(options) or ""
    if split.by == "pause":
        counts = (f"{pause:g} s: {count}" for pause, count in heard.by_pauses(options))
        beside = " ".join([f"Scenes by pauses of {' · '.join(counts)}.", beside])
    return Preview(f"{said} (now {len(board.scenes)})", _lines(scenes), beside)


def _lines(scenes: Sequence[ProposedScene]) -> tuple[str, ...]:
    """The first of them, and how many more there are where the dialog has no room for all."""
    if len(scenes) <= _SHOWN:
        return tuple(map(_line, scenes))
    return (*map(_line, scenes[: _SHOWN - 1]), f"{'...':>9}  and {len(scenes) - _SHOWN + 1} more")


def _line(scene: ProposedScene) -> str:
    return f"{format_clock(scene.start):>9}  {scene.text or '(music)'}"
