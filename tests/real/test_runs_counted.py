"""What a change of the storyboard makes anew, counted by the events of the run after it: never more than it has to."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.projects import FRAMES, change, frames, silent_project, sung_project
from tests.real.worker_forks import Forks, Outcome

Work = Counter[tuple[str, str | None]]

VIDEO: Work = Counter({("video", None): 1})
ALL = ("aaaa", "bbbb", "cccc", "dddd", "eeee")


def pictures(*scenes: str) -> Work:
    """The work of scenes whose keyframe has to be made anew: one keyframe, three variations, order, clip."""
    return keyframes(*scenes) + variations(*scenes)


def keyframes(*scenes: str) -> Work:
    return Counter({("keyframes", scene): 1 for scene in scenes})


def variations(*scenes: str) -> Work:
    return Counter({("variations", scene): 3 for scene in scenes}) + orders(*scenes)


def orders(*scenes: str) -> Work:
    return Counter({("order", scene): 1 for scene in scenes}) + clips(*scenes)


def clips(*scenes: str) -> Work:
    return Counter({("clips", scene): 1 for scene in scenes})


@pytest.fixture(scope="module")
def finished(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of five scenes whose video is made; tests work on copies."""
    folder = silent_project(tmp_path_factory.mktemp("finished") / "song")
    outcome = forks.run(folder)
    assert outcome.code == 0, outcome
    alone = Counter({(stage, None): 1 for stage in ("song", "words", "structure", "scenes")})
    assert work(outcome) == alone + pictures(*ALL) + VIDEO
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def work(outcome: Outcome) -> Work:
    assert outcome.code == 0, outcome
    return Counter(outcome.made)


def test_a_copy_in_another_folder_is_fresh(forks: Forks, folder: Path) -> None:
    before = (folder / "output.mp4").stat().st_mtime_ns
    assert work(forks.run(folder)) == Counter()
    assert (folder / "output.mp4").stat().st_mtime_ns == before


CHANGES: dict[str, tuple[str, str, Work]] = {
    "the prompt of a scene": (
        'id = "dddd"',
        'id = "dddd"\nprompt = "a green hill"',
        pictures("dddd") + VIDEO,
    ),
    "the prompt of a scene that a textless one inherits": (
        'id = "bbbb"',
        'id = "bbbb"\nprompt = "a wet street"',
        pictures("bbbb", "cccc") + VIDEO,
    ),
    "the text of a scene, and so the prompt of the next one with text": (
        "second street",
        "another street",
        pictures("bbbb", "cccc", "dddd") + VIDEO,
    ),
    "the text of the last scene": ("last song", "lost song", pictures("eeee") + VIDEO),
    "a theme of the song": ("teal harbour", "golden harbour", pictures("bbbb", "dddd") + VIDEO),
    "the start of a scene": ("start = 2.0", "start = 2.25", clips("bbbb", "cccc") + VIDEO),
    "the consistency": ("hold = 2", "hold = 2\nconsistency = 0.6", variations(*ALL) + VIDEO),
    "the consistency of one scene": ('id = "dddd"', 'id = "dddd"\nconsistency = 0.6', variations("dddd") + VIDEO),
    "the hold": ("hold = 2", "hold = 3", clips(*ALL) + VIDEO),
    "the frame rate": ("fps = 12", "fps = 15", clips(*ALL) + VIDEO),
    "captions": ("fps = 12", 'fps = 12\ncaptions = "line"', clips("aaaa", "bbbb", "dddd", "eeee") + VIDEO),
    "captions by the word": ("fps = 12", 'fps = 12\ncaptions = "word"', clips("aaaa", "bbbb", "dddd", "eeee") + VIDEO),
    "captions beside the picture": ("fps = 12", 'fps = 12\ncaptions = "soft"', VIDEO),
    "the look of captions that are not there": ("fps = 12", "fps = 12\n[captions]\nsize = 0.1", Counter()),
    "the order of playing": ("hold = 2", 'hold = 2\norder = "ping-pong"', orders(*ALL) + VIDEO),
    "the seed of a scene": ('id = "aaaa"', 'id = "aaaa"\nseed = 7', pictures("aaaa") + VIDEO),
    "the title": ('title = "Clicks"', 'title = "Clacks"', VIDEO),
    "what is rendered": ('title = "Clicks"', 'title = "Clicks"\nexcerpt = [1.0, 4.0]', VIDEO),
    "what is rendered, cutting two scenes": (
        'title = "Clicks"',
        'title = "Clicks"\nexcerpt = [0.25, 4.75]',
        clips("aaaa", "eeee") + VIDEO,
    ),
    "a comment": ("# the second one", "# the second, the best", Counter()),
    "a new comment and blank lines": ('id = "cccc"', '\n\n# silence\nid = "cccc"  # no text', Counter()),
    "the layout": ("width = 48\nheight = 32", "height=32\nwidth   =   48", Counter()),
    "defaults that are written down": (
        "hold = 2",
        'hold = 2\nconsistency = 0.72\nseed = 1\nprompt_lag = 1\norder = "tsp"\nnegative_prompt = ""',
        Counter(),
    ),
    "defaults that are written down in a scene": (
        'id = "aaaa"',
        'id = "aaaa"\nconsistency = 0.720\nvariations = 3\nhold = 2\nanimation = "variations"\nlocked = true',
        Counter(),
    ),
    "defaults of the video": (
        "height = 32",
        'height = 32\nupscale = 1\ncaptions = "none"\nfile = "output.mp4"',
        Counter(),
    ),
    "a key that nothing reads": ('id = "aaaa"', 'id = "aaaa"\nmood = "blue"', Counter()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_makes_anew_what_it_touches_and_nothing_else(what: str, forks: Forks, folder: Path) -> None:
    old, new, expected = CHANGES[what]
    change(folder, old, new)
    assert work(forks.run(folder)) == expected
    assert work(forks.run(folder)) == Counter(), "the run after it finds nothing to do"


def test_one_more_variation_is_one_more_picture_a_scene(forks: Forks, folder: Path) -> None:
    change(folder, "variations = 3", "variations = 4")
    one_more = Counter({("variations", scene): 1 for scene in ALL})
    assert work(forks.run(folder)) == one_more + orders(*ALL) + VIDEO


def test_one_variation_less_makes_no_picture(forks: Forks, folder: Path) -> None:
    change(folder, "variations = 3", "variations = 2")
    assert work(forks.run(folder)) == orders(*ALL) + VIDEO


def test_a_start_moves_variations_only_where_a_scene_gets_too_short_for_them(forks: Forks, folder: Path) -> None:
    change(folder, "start = 2.0", "start = 2.7")  # its own 0.3 s show the keyframe and one variation
    assert work(forks.run(folder)) == clips("bbbb") + orders("cccc") + VIDEO
    change(folder, "start = 2.7", "start = 2.0")
    assert work(forks.run(folder)) == VIDEO


def picture(color: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        from PIL import Image

        Image.new("RGB", (60, 60), color).save(folder / "mine.png")

    return put


def test_the_users_picture_is_known_by_its_content(forks: Forks, folder: Path) -> None:
    picture("red")(folder)
    change(folder, 'id = "dddd"', 'id = "dddd"\npicture = "mine.png"')
    assert work(forks.run(folder)) == pictures("dddd") + VIDEO
    (folder / "mine.png").touch()
    assert work(forks.run(folder)) == Counter()
    picture("blue")(folder)
    assert work(forks.run(folder)) == pictures("dddd") + VIDEO
    picture("red")(folder)
    assert work(forks.run(folder)) == VIDEO


@pytest.mark.parametrize("what", ["the prompt of a scene", "the consistency", "the frame rate", "captions"])
def test_undoing_a_change_makes_nothing_but_the_join(what: str, forks: Forks, folder: Path) -> None:
    before = frames(folder / "output.mp4")
    old, new, _ = CHANGES[what]
    change(folder, old, new)
    assert work(forks.run(folder))
    assert frames(folder / "output.mp4") != before
    change(folder, new, old)
    assert work(forks.run(folder)) == VIDEO
    assert frames(folder / "output.mp4") == before


def test_an_undone_change_that_no_run_saw_makes_nothing(forks: Forks, folder: Path) -> None:
    change(folder, "hold = 2", "hold = 3")
    change(folder, "hold = 3", "hold = 2")
    assert work(forks.run(folder)) == Counter()


def test_an_inserted_scene_touches_the_one_before_it_only(forks: Forks, folder: Path) -> None:
    change(folder, 'assign_themes = "rotate"', 'assign_themes = "first"')
    change(folder, "hold = 2", "hold = 1")
    assert forks.run(folder).code == 0
    inserted = '[[scenes]]\nid = "new1"\nstart = 3.5\nprompt = "fog"\n\n'
    change(folder, '[[scenes]]\nid = "eeee"', inserted + '[[scenes]]\nid = "eeee"')
    assert work(forks.run(folder)) == pictures("new1") + clips("dddd") + VIDEO


def test_a_removed_scene_gives_its_time_to_the_one_before_it(forks: Forks, folder: Path) -> None:
    text = (folder / "storyboard.toml").read_text()
    change(folder, text[text.index('[[scenes]]\nid = "eeee"') :], "")
    assert work(forks.run(folder)) == clips("dddd") + VIDEO
    assert len(frames(folder / "output.mp4")) == FRAMES


def test_deleting_what_the_machine_made_costs_time_and_no_decision(forks: Forks, tmp_path: Path) -> None:
    folder = sung_project(tmp_path / "song")
    assert forks.run(folder).code == 0
    storyboard, video = (folder / "storyboard.toml").read_bytes(), frames(folder / "output.mp4")
    for name in ("cache", "runs"):
        shutil.rmtree(folder / ".vktrs" / name)
    again = work(forks.run(folder))
    assert {stage for stage, _ in again} == {"song", "words", "structure", "scenes", "variations", "order", "clips"}
    assert (folder / "storyboard.toml").read_bytes() == storyboard
    assert frames(folder / "output.mp4") == video


def test_without_a_journal_every_scene_is_the_users(forks: Forks, tmp_path: Path) -> None:
    folder = sung_project(tmp_path / "song")
    assert forks.run(folder).code == 0
    change(folder, 'text = "third hill and nobody there"', 'text = "third hill and everybody there"')
    storyboard = (folder / "storyboard.toml").read_bytes()
    shutil.rmtree(folder / ".vktrs")
    assert forks.run(folder).code == 0
    assert (folder / "storyboard.toml").read_bytes() == storyboard
