"""Hearing scenes again, with another model or in another language: the run that `RunRequest.hear` asks for.

It writes nothing into the storyboard: what it heard waits until somebody takes it (`heard_again`). Each stretch is an
artifact of its own, so that a run that is broken off goes on behind the last whole one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from vktrs.artifacts import fingerprint
from vktrs.errors import ArtifactDamaged, InputError
from vktrs.form import Section
from vktrs.lines import Line
from vktrs.plan import Plan, split_options
from vktrs.runs import heard_again, listening, sounding
from vktrs.runs.control import HearWish
from vktrs.runs.hearing import vocals
from vktrs.runs.scope import Scope
from vktrs.runs.who_listens import chosen
from vktrs.stages import rehearing, song, stems, structure, words
from vktrs.storyboard.lining import as_scenes_are
from vktrs.storyboard.model import LOCAL_SPEECH, Storyboard
from vktrs.storyboard.stretches import Span, Stretch, giving_way, heard_scenes, lines_within, spans, sung_between

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vktrs.engines.speech import SpeechChoice, SpeechEngine

GUESSED = "auto"
"""As a language: the model is to find out."""


class Hearer(NamedTuple):
    """Who hears: what is opened, how it was named, and the language, None where the model guesses."""

    choice: SpeechChoice
    named: str
    language: str | None

    @property
    def said(self) -> str:
        """In words, for people."""
        return self.choice.model + (f' in "{self.language}"' if self.language else "")


def who_hears(board: Storyboard, wish: HearWish) -> Hearer:
    """The engine and model for a wish, else by the storyboard; MissingError or InputError where there is none."""
    own = board.engines.speech if board.engines.speech in LOCAL_SPEECH else "auto"
    engine = wish.speech or ("auto" if wish.model else own)
    model = wish.model or (None if wish.speech else words.own_options(board).get("model"))
    asked = wish.language or board.song.language
    language = None if asked == GUESSED else asked
    choice = chosen(engine, model, language)
    return Hearer(choice, model or choice.model, language)


class Rehearing:
    """One such run."""

    def __init__(self, scope: Scope) -> None:
        assert scope.request.hear is not None
        self._scope = scope
        self._wish = scope.request.hear
        self._spans: tuple[Span, ...] | None = None
        self._song = ""
        self._hearer: Hearer | None = None
        self._engine: SpeechEngine | None = None

    def run(self) -> None:
        """Hear what is asked for and was not heard yet, and leave it to be decided on; raises what keeps it from it."""
        while not self._done():
            self._scope.check_stop()

    def _done(self) -> bool:
        """Make one thing, or find that everything is there and propose it."""
        plan = self._scope.plan()
        try:
            if plan.song is None or not plan.song.made:
                listening.step(self._scope, plan)
                return False
            assert plan.duration is not None  # it is told of every song that is made
            self._decide(plan, plan.duration)
            assert self._spans is not None
            for number, span in enumerate(self._spans):
                if self._key(plan, span) not in self._scope.project.store.keys(rehearing.STAGE):
                    self._hear(plan, span, number, plan.duration)
                    return False
            if self._scope.project.document().board != plan.board:
                return False  # it was edited since, or an editor is half-way in saving it
            self._propose(plan, plan.duration)
        except ArtifactDamaged as damage:
            self._scope.repair(damage)
            return False
        return True

    def _decide(self, plan: Plan, duration: float) -> None:
        """Once for a song, at the first look: what is edited meanwhile is for the merge to see to."""
        assert plan.song is not None
        if self._spans is None:
            self._hearer = who_hears(plan.board, self._wish)
        if self._song != plan.song.key:  # another one may have been put into its place, and times mean others there
            self._song = plan.song.key
            self._spans = spans(plan.board, self._scope.request.scenes, duration)
        if not self._spans:
            raise InputError("these scenes begin after the end of the song.", "There is nothing to be heard there.")

    @property
    def _who(self) -> Hearer:
        assert self._hearer is not None
        return self._hearer

    def _inputs(self, plan: Plan, span: Span) -> dict[str, object]:
        assert plan.song is not None
        who, song_key = self._who, plan.song.key
        apart = fingerprint(stems.inputs(song_key)) if _isolates_vocals(plan) else None
        return rehearing.inputs(song_key, who.choice.engine, who.named, who.language, span.start, span.end, apart)

    def _key(self, plan: Plan, span: Span) -> str:
        return fingerprint(self._inputs(plan, span))

    def _hear(self, plan: Plan, span: Span, number: int, duration: float) -> None:
        scope = self._scope
        audio = self._audio(plan)  # before a model is in the memory: the voice may have to be taken out of it first
        if self._engine is None and self._opened_another():
            return  # it may have heard this before
        key = self._key(plan, span)
        scope.stage("words", "begun", key)
        lines = self._lines(audio, span, number, duration)
        rehearing.make(scope.project.store, key, self._inputs(plan, span), lines)
        scope.made(rehearing.STAGE, key)
        scope.stage("words", "done")

    def _opened_another(self) -> bool:
        """Load the model; whether it is another than was chosen, because that cannot be had."""
        from vktrs.engines.speech import obtain_model, open_speech

        before = self._who
        taken = obtain_model(before.choice, self._scope.remark)
        self._engine = open_speech(taken, on_remark=self._scope.remark)
        if taken.model == before.choice.model:
            return False
        self._hearer = before._replace(choice=taken, named=taken.model)
        return True

    def _audio(self, plan: Plan) -> NDArray[np.float32]:
        """The song, or the voice alone where the storyboard says so."""
        assert plan.song is not None
        if not _isolates_vocals(plan):
            return song.samples(self._scope.project.store, plan.song.key, "speech")
        progress = self._scope.progress
        return vocals(self._scope, plan, lambda done, all_: progress.tell("words", done, all_, sounding.TAKEN_APART))

    def _lines(self, audio: NDArray[np.float32], span: Span, number: int, duration: float) -> Iterator[Line]:
        """The lines that are sung there, each told when it comes."""
        assert self._engine is not None and self._spans is not None
        start, end = max(0.0, span.start - rehearing.MARGIN), min(duration, span.end + rehearing.MARGIN)
        part = audio[round(start * song.SPEECH_RATE) : round(end * song.SPEECH_RATE)]
        which = f", {number + 1} of {len(self._spans)}" if len(self._spans) > 1 else ""

        def tell(done: float, total: float) -> None:
            self._scope.progress.tell("words", done, total, f"seconds heard{which}")

        heard = self._engine.transcribe(
            part, language=self._who.language, on_progress=tell, should_stop=self._scope.should_stop
        )
        for line in lines_within((_later(line, start) for line in heard), span.start, span.end):
            self._scope.emit("heard", start=line.start, end=line.end, text=line.text)
            yield line

    def _propose(self, plan: Plan, duration: float) -> None:
        assert self._spans is not None
        new = [self._stretch(plan, span, duration) for span in self._spans]
        here = [each for each in heard_again.waiting(self._scope.project) if each.song == self._song]
        hearing = heard_again.propose(self._scope.project, new)
        said = f"Heard again: {heard_again.told(new, duration)}."
        if not any(scene.text for each in new for scene in each.heard):
            said += " Nobody is heard singing there."
        mine = {(each.start, each.end) for each in hearing.stretches} & {(each.start, each.end) for each in new}
        count = len({change.id for change in hearing.merge.changes}) if mine else 0
        left = len(hearing.merge.conflicts) if mine else 0
        if not mine:
            said += " That is nothing new, so nothing is proposed."
        elif count:
            said += f" {count} scene{'' if count == 1 else 's'} would change: `vktrs heard` shows them."
        else:
            said += " What differs is yours and stays: `vktrs heard` shows it."
        if count and plan.board.song.lyrics:
            said += f" The words there are as they are heard, not as in {plan.board.song.lyrics}."
        if count and left:
            said += f" {left} thing{'' if left == 1 else 's'} of yours would stay."
        if gone := giving_way(here, new):
            said += f" What waited of {heard_again.told(gone, duration)} gives way to it."
        self._scope.remark(said)

    def _stretch(self, plan: Plan, span: Span, duration: float) -> Stretch:
        assert plan.song is not None
        heard = rehearing.load(self._scope.project.store, self._key(plan, span))
        lines = as_scenes_are(heard, sung_between(plan.board, span))
        beats, downbeats, sections = self._form(plan)
        options = split_options(plan.board)
        made = heard_scenes(lines, span.start, span.end, duration, options, beats, downbeats, sections)
        return Stretch(span.start, span.end, span.scenes, made, self._who.said, song=plan.song.key)

    def _form(self, plan: Plan) -> tuple[tuple[float, ...], tuple[float, ...], tuple[Section, ...]]:
        """Beats, bars and sections, as far as they are known: without them lines are cut by their words alone."""
        if plan.structure is None or not plan.structure.made:
            return (), (), ()
        form = structure.facts(self._scope.project.store, plan.structure.key)
        return form.beats, form.downbeats, form.sections


def _isolates_vocals(plan: Plan) -> bool:
    return words.wants_vocals(words.own_options(plan.board))


def _later(line: Line, by: float) -> Line:
    """A line by the time of the song."""
    words = tuple(word.later(by) for word in line.words)
    return replace(line, start=line.start + by, end=line.end + by, words=words)
