"""The engine: keyframes, variations and chains of pictures, drawn by one model.

    prompts.py      words as tensors             painting.py     words and seeds to latents
    decoding.py     latents to pictures          safety.py       which are not to be shown
    jobs.py         seeds that were tried        drawing.py      all of that, for one batch
    batches.py      how many at once             memory.py       what the device has
    tiling.py       a picture in parts           answering.py    batch after batch
    warping.py, colouring.py                     moving.py       what the next of a chain is made from

What a picture looks like depends on its request alone: neither on the others of its batch, nor on how many they are,
nor on what had to be made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from vktrs.engines.diffusion.answering import Answering
from vktrs.engines.diffusion.decoding import Coder, Decoded, fetched
from vktrs.engines.diffusion.drawing import Drawing
from vktrs.engines.diffusion.jobs import Drawn, Job, Request
from vktrs.engines.diffusion.loading import load
from vktrs.engines.diffusion.moving import Moving, noisy
from vktrs.engines.diffusion.options import Options
from vktrs.engines.diffusion.painting import Painter
from vktrs.engines.diffusion.prompts import Reader, Words
from vktrs.engines.diffusion.safety import SafetyChecker
from vktrs.engines.pictures import Answer, FrameRequest, Keyframe, KeyframeRequest, MotionRequest, Workplace
from vktrs.errors import InputError, VktrsError
from vktrs.picture import Picture, filling


class DiffusionEngine:
    """A `PictureEngine` with one model in memory, loaded here; MissingError or InputError where that cannot be."""

    def __init__(self, options: Options, workplace: Workplace) -> None:
        import torch

        self._options = options
        self._workplace = workplace
        self._loaded = loaded = load(options, workplace)
        text, device = loaded.text, loaded.device
        self._distilled = text.unet.config.time_cond_proj_dim is not None
        self._reader = Reader(text, device, self._is_guided(options.guidance_scale))
        self._painter = Painter(text, loaded.image, device, options, workplace)
        upcast = loaded.xl and loaded.dtype == torch.float16 and bool(text.vae.config.force_upcast)
        self._coder = Coder(text, device, workplace.remark, upcast=upcast)
        checker = SafetyChecker(text) if loaded.safety and options.safety == "retry" else None
        self._drawing = Drawing(loaded, self._painter, self._coder, checker, workplace.remark, workplace.batch)
        self._answering = Answering(self._drawing, workplace, self._kind)
        self._told_guidance = False
        if options.compile:
            workplace.remark("The model is compiled with its first pictures, which takes a minute or more.")

    def keyframes(self, requests: Sequence[KeyframeRequest]) -> Iterator[tuple[KeyframeRequest, Answer]]:
        """One answer for each request; InputError where the model has no pictures of that size."""
        self._check(requests)

        def paint(jobs: Sequence[Job[KeyframeRequest]]) -> Any:
            asked = jobs[0].request
            return self._painter.from_words(self._read(jobs), [each.seed for each in jobs], asked.width, asked.height)

        draw = partial(self._drawing.draw, paint=paint)
        yield from map(_shown, self._answering.answers([Job(each, each.seed) for each in requests], draw))

    def variations(self, keyframe: Keyframe, requests: Sequence[FrameRequest]) -> Iterator[tuple[FrameRequest, Answer]]:
        """One answer for each request; with consistency 1 it is the keyframe itself. InputError as for keyframes."""
        self._check(requests)
        starts: dict[tuple[int, int], Any] = {}

        def paint(jobs: Sequence[Job[FrameRequest]]) -> Any:
            asked = jobs[0].request
            size = asked.width, asked.height
            if size not in starts:
                starts[size] = self._coder.encode(self._coder.sheet(filling(keyframe.picture, *size)))
            seeds = [each.seed for each in jobs]
            return self._painter.from_latents(starts[size], self._read(jobs), seeds, asked.consistency)

        changed = [each for each in requests if each.consistency < 1]
        for each in requests:
            if each.consistency >= 1:
                yield each, filling(keyframe.picture, each.width, each.height)
        draw = partial(self._drawing.draw, paint=paint)
        yield from map(_shown, self._answering.answers([Job(each, each.seed) for each in changed], draw))

    def motion(
        self, keyframe: Keyframe, chain: Sequence[MotionRequest], first: int, previous: Picture
    ) -> Iterator[tuple[MotionRequest, Answer]]:
        """From picture `first` on; what the next one is made from stays on the device. InputError as for keyframes.

        That is what the file of a picture holds, whole levels, so that a chain resumed from one goes on just the same.
        """
        rest = chain[first - 1 :]
        self._check(rest)
        moving = Moving(keyframe.picture, previous, self._coder.sheet)
        for request in rest:
            made: Decoded | VktrsError | None = None
            for _, made in self._answering.answers([Job(request, request.seed)], partial(self._moved_on, moving)):
                yield request, made if isinstance(made, VktrsError) else made.picture
            if not isinstance(made, Decoded):  # it failed, or the run winds up
                return
            moving.sheet = made.sheet

    def _moved_on(self, moving: Moving, batch: Sequence[Job[MotionRequest]]) -> Sequence[Drawn] | None:
        """The next picture of a chain; one of strength 0 is not drawn, so that there is nothing to refuse either."""
        job = batch[0]
        moved = self._drawing.attempt(lambda: moving.moved(job.request))
        if moved is None:
            return None
        consistency = 1 - job.request.strength
        if consistency >= 1:
            return self._drawing.attempt(lambda: fetched(moved[None]))

        def paint(jobs: Sequence[Job[MotionRequest]]) -> Any:
            start = self._coder.encode(noisy(moved, job.request.noise, job.seed))
            scale = self._guidance_scale(job.request)
            return self._painter.from_latents(start, self._read(jobs), [job.seed], consistency, scale)

        return self._drawing.draw(batch, paint)

    def close(self) -> None:
        """Free the model. Nothing can be made after that."""
        for part in ("_reader", "_painter", "_coder", "_drawing", "_answering"):
            vars(self).pop(part, None)  # each of them holds the model
        self._loaded.close()

    def _kind(self, job: Job[Any]) -> tuple[Any, ...]:
        """Pictures of one kind are tensors of one shape. Longer prompts stay apart: padding would change the others."""
        asked = job.request
        consistency = asked.consistency if isinstance(asked, FrameRequest) else None
        guided = self._is_guided(self._guidance_scale(asked))
        pieces = self._reader.pieces(asked.prompt, asked.negative_prompt, guided)
        return asked.width, asked.height, consistency, pieces

    def _read(self, jobs: Sequence[Job[Request]]) -> list[Words]:
        asked = [each.request for each in jobs]
        guided = [self._is_guided(self._guidance_scale(each)) for each in asked]
        return [
            self._reader.read(each.prompt, each.negative_prompt, with_it)
            for each, with_it in zip(asked, guided, strict=True)
        ]

    def _guidance_scale(self, request: KeyframeRequest | FrameRequest | MotionRequest) -> float:
        own = request.guidance_scale if isinstance(request, MotionRequest) else None
        return self._options.guidance_scale if own is None else own

    def _is_guided(self, guidance_scale: float) -> bool:
        """Whether negative prompts are read; some models take the scale in as a number instead."""
        return guidance_scale > 1 and not self._distilled

    def _check(self, requests: Sequence[Request]) -> None:
        """InputError for a size that the model does not have; a remark where a negative prompt is of no use."""
        grid = self._loaded.text.vae_scale_factor
        for each in requests:
            if each.width % grid or each.height % grid:
                width, height = (max(grid, round(side / grid) * grid) for side in (each.width, each.height))
                raise InputError(
                    f"pictures of {each.width}x{each.height} cannot be made: both must be multiples of {grid}.",
                    f"Write width = {width} and height = {height} under [video].",
                )
        scales = [self._guidance_scale(each) for each in requests if each.negative_prompt]
        if scales and not self._is_guided(max(scales)) and not self._told_guidance:
            self._told_guidance = True
            why = f"with guidance_scale {max(scales):g} this model runs without guidance"
            self._workplace.remark(f"The negative prompt has no effect: {why}.")


def _shown(answer: tuple[Request, Decoded | VktrsError]) -> tuple[Request, Answer]:
    request, made = answer
    return request, made if isinstance(made, VktrsError) else made.picture
