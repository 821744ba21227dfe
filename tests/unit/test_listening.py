"""Who listens is written into the storyboard, unless a person decided otherwise while the model was fetched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from vktrs.engines import speech
from vktrs.engines.speech import SpeechChoice
from vktrs.plan import Plan
from vktrs.project import Project
from vktrs.runs import who_listens
from vktrs.runs.scope import Scope

TEXT = """\
[song]
source = "song.ogg"
language = "en"
[engines]
speech = "auto"
[engines.whisper]
model = "base"
[look]
seed = 1
"""


TINY = SpeechChoice("faster-whisper", "tiny", None)


class Told:
    """As much of a scope and a plan as the choice looks at."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.board = project.document().board
        self.remarks: list[str] = []
        self.remark = self.remarks.append


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "song", TEXT)


def choose(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[], object],
    taken: SpeechChoice = TINY,
) -> list[str]:
    """Choose, while `meanwhile` happens during the download; what was remarked."""
    told: Any = Told(project)

    def obtain(choice: SpeechChoice, _: object) -> SpeechChoice:
        meanwhile()
        return choice

    monkeypatch.setattr(speech, "obtain_model", obtain)
    monkeypatch.setattr(who_listens, "choice", lambda _: taken)
    assert who_listens.choose_speech(cast(Scope, told), cast(Plan, told))
    return cast(list[str], told.remarks)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('speech = "auto"', 'speech = "none"'),
        ('model = "base"', 'model = "large-v3"'),
        ('source = "song.ogg"', 'source = "other.ogg"'),
        ('language = "en"', 'language = "de"'),
        ('language = "en"', 'language = "en"\nlyrics = "timed.lrc"'),
    ],
)
def test_a_decision_that_was_made_during_the_download_stands(
    project: Project, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    decided = TEXT.replace(old, new)
    assert choose(project, monkeypatch, lambda: project.storyboard_path.write_text(decided, "utf-8")) == []
    assert project.storyboard_path.read_text("utf-8") == decided


def test_another_change_during_the_download_stays_beside_the_choice(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = TEXT.replace("seed = 1", "seed = 2")
    [remark] = choose(project, monkeypatch, lambda: project.storyboard_path.write_text(changed, "utf-8"))
    board = project.document().board
    assert (board.engines.speech, board.engines.options["whisper"]["model"]) == ("faster-whisper", "tiny")
    assert board.look.seed == 2
    assert "faster-whisper with tiny listens" in remark


def test_a_model_that_was_named_by_its_folder_stays_named_so(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project.root / "models" / "mine"
    decided = TEXT.replace('"base"', f'"{folder}"')
    project.storyboard_path.write_text(decided, "utf-8")
    choose(project, monkeypatch, lambda: None, SpeechChoice("faster-whisper", "mine", folder))
    engines = project.document().board.engines
    assert (engines.speech, engines.options["whisper"]["model"]) == ("faster-whisper", str(folder))
