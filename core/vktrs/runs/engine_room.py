"""The picture engine of a run: opened for the first picture, kept while the storyboard names the same one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from vktrs.engines.purse import Purse
from vktrs.engines.refusals import Refusals
from vktrs.errors import InputError, MissingError, VktrsError
from vktrs.runs.machine import machine_settings
from vktrs.runs.scope import Scope, concerns_all

if TYPE_CHECKING:
    from vktrs.engines.pictures import Answer, FrameRequest, Keyframe, KeyframeRequest, MotionRequest, PictureEngine
    from vktrs.picture import Picture
    from vktrs.storyboard.model import Storyboard

    Request = TypeVar("Request", KeyframeRequest, FrameRequest, MotionRequest)

Step = Callable[[int, int, int], None]


class EngineRoom:
    """Opens and closes engines, gives them what they have around them, and asks them. `on_step` hears how far a batch
    is; `wound_up` says whether the engine was told to begin nothing new since it was last asked."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._engine: PictureEngine | None = None
        self._opened: tuple[str, dict[str, Any]] | None = None
        self.purse = Purse(scope.request.budget)
        self.on_step: Step | None = None
        self.wound_up = False

    def engine(self, board: Storyboard) -> PictureEngine:
        """The engine that the storyboard names; another one where that changed during the run."""
        name = board.engines.pictures
        wanted = name, dict(board.engines.options.get(name, {}))
        if self._engine is None or self._opened != wanted:
            from vktrs.engines.pictures import Workplace
            from vktrs.engines.registry import open_pictures

            self.close()
            here = machine_settings(self._scope.request.device)
            workplace = Workplace(
                root=self._scope.project.root,
                device=here.device,
                batch=here.batch,
                purse=self.purse,
                refusals=Refusals(self._scope.project.store),
                is_stopped=self._scope.should_stop,
                is_winding_up=self._is_winding_up,
                remark=self._scope.remark,
                step=self._step,
            )
            self._engine, self._opened = open_pictures(*wanted, workplace), wanted
        return self._engine

    def keyframes(
        self, board: Storyboard, requests: Sequence[KeyframeRequest]
    ) -> Generator[tuple[KeyframeRequest, Answer], None, None]:
        """An answer to each request, or to some where `wound_up`; raises what concerns more than one picture."""
        return self._answers(board, requests, lambda engine: engine.keyframes(requests))

    def variations(
        self, board: Storyboard, keyframe: Keyframe, requests: Sequence[FrameRequest]
    ) -> Generator[tuple[FrameRequest, Answer], None, None]:
        """The same for variations of a keyframe."""
        return self._answers(board, requests, lambda engine: engine.variations(keyframe, requests))

    def motion(
        self,
        board: Storyboard,
        keyframe: Keyframe,
        chain: Sequence[MotionRequest],
        first: int,
        previous: Picture,
    ) -> Generator[tuple[MotionRequest, Answer], None, None]:
        """The same for pictures of a moving scene from number `first` on; none follows one that could not be made."""
        asked = chain[first - 1 :]
        return self._answers(
            board, asked, lambda engine: engine.motion(keyframe, chain, first, previous), in_order=True
        )

    def _answers(
        self,
        board: Storyboard,
        requests: Sequence[Request],
        ask: Callable[[PictureEngine], Iterator[tuple[Request, Answer]]],
        in_order: bool = False,
    ) -> Generator[tuple[Request, Answer], None, None]:
        waiting = dict.fromkeys(requests)
        reason = VktrsError("The picture engine gave no picture.", "Run again; if it stays so, please report it.")
        ending: VktrsError | None = None
        self.wound_up = False
        try:
            for request, answer in ask(self.engine(board)):
                waiting.pop(request, None)
                if isinstance(answer, VktrsError) and concerns_all(answer):
                    # others of the batch may be done, and paid for: they are handed out before the run ends
                    ending = ending or answer
                    self.wound_up = True
                else:
                    yield request, answer
                    if in_order and isinstance(answer, VktrsError):
                        return
        except (InputError, MissingError):
            if not self._scope.changed():
                raise
            self.wound_up = True  # the newest storyboard may ask for something else
        except VktrsError as error:
            if concerns_all(error):
                raise
            reason = error
        if ending is not None:
            raise ending
        if not self.wound_up:
            for request in waiting:
                yield request, reason

    def wind_up(self) -> None:
        """Have nothing new begun in the batch that is in hand."""
        self.wound_up = True

    def _is_winding_up(self) -> bool:
        """Whether no new picture should be begun: the run is to stop, or to look at a changed storyboard."""
        self.wound_up = self.wound_up or self._scope.should_stop() or self._scope.changed()
        return self.wound_up

    def _step(self, pictures: int, done: int, of: int) -> None:
        if self.on_step is not None:
            self.on_step(pictures, done, of)

    def tell_spent(self) -> None:
        """Say what was paid, where anything was."""
        if self.purse.spent:
            spent = self.purse.spent
            said = f"About {spent:.10g} {'credit was' if spent == 1 else 'credits were'} spent."
            self._scope.emit("remark", text=said, spent=spent)

    def close(self) -> None:
        """Free the engine."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
