"""Captions that sing: in whole runs the highlight moves at the frame of each word, and nothing is made for nothing."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.real.projects import FPS, change, silent_project, write_song
from tests.real.test_captions import LITERAL
from tests.real.worker_forks import Forks, at_call, remove, rename
from vktrs.inventory import look
from vktrs.media import fonts
from vktrs.media.captions import CaptionStyle, draw, face_of
from vktrs.media.overlay import Overlay
from vktrs.plan import make_plan
from vktrs.project import Project
from vktrs.runs.status import Status
from vktrs.stages.song import SongFacts

GREY = 60
TWO = """
[[scenes]]
id = "aaaa"
start = 0.0
end = 2.5
text = "Daisy, Daisy, give me"

[[scenes]]
id = "bbbb"
start = 3.0
text = "your answer"
"""
LYRICS = """\
[00:00.25]<00:00.25>Daisy, <00:00.75>Daisy, <00:01.50>give <00:02.00>me<00:02.50>
[00:03.25]<00:03.25>your <00:04.00>answer<00:04.75>
"""
AT = (3, 9, 18, 24)
"""The frames at which the words of the first scene are sung."""


def sung_by_word(folder: Path, scenes: str = TWO, captions: str = "word") -> Path:
    """Two scenes over one dark picture of the user's own, with words that were heard."""
    silent_project(folder, scenes)
    Image.new("RGB", (48, 32), (GREY, GREY, GREY)).save(folder / "dark.png")
    (folder / "lyrics.lrc").write_text(LYRICS, "utf-8")
    change(folder, 'title = "Clicks"', 'title = "Clicks"\nlyrics = "lyrics.lrc"')
    change(folder, "width = 48\nheight = 32\n", f'width = 256\nheight = 144\ncaptions = "{captions}"\n')
    change(folder, "fps = 12\n", "fps = 12\n\n[captions]\nsize = 0.14\n")
    change(folder, "variations = 3", "variations = 0")
    for scene in ("aaaa", "bbbb"):
        change(folder, f'id = "{scene}"', f'id = "{scene}"\npicture = "dark.png"')
    return folder


def decoded(video: Path) -> list[NDArray[np.int16]]:
    import av

    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in container.decode(video=0)]


def highlighted(picture: NDArray[np.int16]) -> int:
    """How many pixels are of the yellow of what was sung."""
    return int((picture[..., 0] - picture[..., 2] > 90).sum())


def changes(frames: list[NDArray[np.int16]]) -> list[int]:
    """The frames that have clearly more, or clearly less, in the colour of what was sung than the one before."""
    counts = [0, *(highlighted(frame) for frame in frames)]
    return [at for at, (before, now) in enumerate(pairwise(counts)) if abs(now - before) > 25]


def test_the_highlight_moves_at_the_frame_of_every_word_that_was_heard(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song")
    assert forks.run(folder).code == 0
    seen = decoded(folder / "output.mp4")
    end = round(2.5 * FPS)
    assert changes(seen) == [*AT, end, round(3.25 * FPS), 4 * FPS]
    light = [(frame > 200).all(axis=2).sum() for frame in seen]
    assert light[0] > 150 and light[AT[0]] > 100, "the whole line is there before it is sung"
    assert light[end - 1] < 30, "all is sung"
    assert np.ptp(seen[end + 1]) < 20, "the line goes when it ends"
    lefts = [int(np.flatnonzero((frame[..., 0] - frame[..., 2] > 90).any(axis=0))[-1]) for frame in seen[AT[0] : end]]
    assert lefts == sorted(lefts), "from left to right"


def test_words_that_a_person_retimed_win_and_touch_one_clip(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song")
    assert forks.run(folder).code == 0
    words = '[[0.5, 1.0, "Daisy,"], [1.0, 1.5, "Daisy,"], [1.5, 2.0, "give"], [2.0, 2.5, "me"]]'
    change(folder, 'text = "Daisy', f'words = {words}\ntext = "Daisy')
    assert forks.run(folder).made == [("clips", "aaaa"), ("video", None)]
    assert changes(decoded(folder / "output.mp4"))[:4] == [6, 12, 18, 24]
    change(folder, "0.5, 1.0", "0.51, 1.0")
    assert forks.run(folder).made == [], "less than a frame"


def test_words_that_nobody_heard_are_spread_evenly(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", TWO.replace('"Daisy, Daisy, give me"', '"aaa aaa aaa aaa aaa"'))
    (folder / "lyrics.lrc").write_text("[00:04.90]la\n", "utf-8")
    assert forks.run(folder).code == 0
    assert changes(decoded(folder / "output.mp4"))[:6] == [0, 6, 12, 18, 24, 30]


def test_a_caption_is_spread_over_the_time_of_the_words(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song")
    change(folder, 'text = "Daisy', 'caption = "AAA BBB CCC"\ntext = "Daisy')
    outcome = forks.run(folder)
    assert outcome.code == 0
    # from the first word at 0.25 s to the end of the last at 2.5 s
    assert changes(decoded(folder / "output.mp4"))[:4] == [3, 12, 21, 30]


def test_a_cycle_stays_one_and_codes_its_pictures_once_for_each_word(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song")
    change(folder, "variations = 0", "variations = 3")
    outcome = forks.run(folder)
    assert outcome.code == 0
    assert not [remark for remark in outcome.remarks if "segment" in remark]
    reports = [json.loads(path.read_text()) for path in folder.glob(".vktrs/cache/clips/*/report.json")]
    assert [report["kind"] for report in reports] == ["cycle", "cycle"]
    assert changes(decoded(folder / "output.mp4"))


CHANGES = {
    "the look": ("size = 0.14", 'size = 0.14\nhighlight_color = "#40ff40"', ["aaaa", "bbbb"]),
    "a fade": ("size = 0.14", "size = 0.14\nfade_in = 0.25", ["aaaa", "bbbb"]),
    "a fade of less than a frame": ("size = 0.14", "size = 0.14\nfade_in = 0.01", []),
    "the text of a caption": ('id = "bbbb"', 'id = "bbbb"\ncaption = "no answer"', ["bbbb"]),
    "the end of a line": ("end = 2.5", "end = 2.25", ["aaaa"]),
    "all that is usual, written down": (
        "size = 0.14",
        'size = 0.140\ncolor = "#FFFFFF"\nhighlight_color = "#ffd24a"\noutline = 0.005\n'
        'outline_color = "#101010"\nshadow = 0.004\nposition = "bottom"\nfade_in = 0\nfade_out = 0.0',
        [],
    ),
    "a language, which is for the ear": ('title = "Clicks"', 'title = "Clicks"\nlanguage = "en"', []),
}


def test_what_is_written_redoes_clips_and_no_picture(forks: Forks, tmp_path: Path) -> None:
    finished = sung_by_word(tmp_path / "finished")
    assert forks.run(finished).code == 0
    for number, (what, (old, new, clips)) in enumerate(CHANGES.items()):
        folder = Path(shutil.copytree(finished, tmp_path / str(number)))
        change(folder, old, new)
        made = Counter(forks.run(folder).made)
        assert made == Counter([("clips", scene) for scene in clips] + [("video", None)] * bool(clips)), what


def test_lines_without_a_look_keep_the_fingerprints_that_they_had(tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", captions="line")
    change(folder, "size = 0.14", "size = 0.055")
    project = Project(folder)
    board = project.document().board
    found = replace(look(project, board), song="1" * 32, facts=SongFacts(5.0, 22050, 1, None, None))
    clip = make_plan(board, found).scenes[0].clip
    assert clip is not None
    line = {"style": "line", "text": "Daisy, Daisy, give me", "frames": 30, "font": fonts.font_digest()}
    assert clip.inputs["caption"] == line


def test_captions_come_and_go_within_their_fades(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", captions="line")
    change(folder, "size = 0.14", "size = 0.14\nfade_in = 0.25\nfade_out = 0.5")
    assert forks.run(folder).code == 0
    seen = [int(frame.max()) for frame in decoded(folder / "output.mp4")]
    end = round(2.5 * FPS)
    rising, falling = seen[:4], seen[end - 7 : end + 1]
    assert rising == sorted(rising) and rising[0] < 130 and rising[3] > 235
    assert falling == sorted(falling, reverse=True) and falling[0] > 235 and falling[-2] < 110
    steps = np.diff([GREY, *rising])
    assert steps.min() > 20 and steps.max() < 80, "evenly"
    assert abs(seen[end] - GREY) < 12


def test_a_fade_longer_than_its_line_is_there_all_the_same(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song")
    change(folder, "size = 0.14", "size = 0.14\nfade_in = 60.0\nfade_out = 60")
    assert forks.run(folder).code == 0
    assert len(decoded(folder / "output.mp4")) == 60


def test_a_font_of_the_users_own_is_drawn_and_known_by_its_content(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", captions="line")
    assert forks.run(folder).code == 0
    bold = decoded(folder / "output.mp4")[0]
    shutil.copy(fonts.REGULAR, folder / "Mine it's.ttf")
    change(folder, "size = 0.14", 'size = 0.14\nfont = "Mine it\'s.ttf"')
    assert Counter(forks.run(folder).made) == Counter([("clips", "aaaa"), ("clips", "bbbb"), ("video", None)])
    regular = decoded(folder / "output.mp4")[0]
    assert 0.3 < (regular > 200).sum() / (bold > 200).sum() < 0.95, "thinner"
    shutil.copy(fonts.BOLD, folder / "Mine it's.ttf")
    assert "the caption font changed" in Status(Project(folder)).scenes[0]["clip"]["reason"]
    assert Counter(stage for stage, _ in forks.run(folder).made) == Counter(clips=2, video=1)
    shutil.copy(fonts.REGULAR, folder / "Mine it's.ttf")
    assert forks.run(folder).made == [("video", None)], "that font was drawn with before"


WRONG_FONTS = {"not there": None, "no font": b"hello", "half a font": fonts.BOLD.read_bytes()[:2000], "empty": b""}


@pytest.mark.parametrize("what", WRONG_FONTS)
def test_a_font_that_is_none_is_said_with_its_place_before_anything_is_made(
    what: str, forks: Forks, tmp_path: Path
) -> None:
    folder = sung_by_word(tmp_path / "song")
    change(folder, "size = 0.14", 'size = 0.14\nfont = "mine.ttf"')
    content = WRONG_FONTS[what]
    if content is not None:
        (folder / "mine.ttf").write_bytes(content)
    outcome = forks.run(folder)
    assert (outcome.code, outcome.made) == (3, [])
    line = (folder / "storyboard.toml").read_text().splitlines().index('font = "mine.ttf"') + 1
    for part in (f"storyboard.toml:{line}:", "cannot be used", "Right is a .ttf"):
        assert part in outcome.errors


@pytest.mark.parametrize("then", ["gone", "another"])
def test_a_font_that_changes_while_a_run_goes_on_is_never_taken_for_the_one_before(
    then: str, forks: Forks, tmp_path: Path
) -> None:
    folder = sung_by_word(tmp_path / "song", captions="line")
    shutil.copy(fonts.REGULAR, folder / "mine.ttf")
    shutil.copy(fonts.BOLD, folder / "bold.ttf")
    change(folder, "size = 0.14", 'size = 0.14\nfont = "mine.ttf"')
    happens = remove(folder / "mine.ttf") if then == "gone" else rename(folder / "bold.ttf", folder / "mine.ttf")
    outcome = forks.run(folder, at_call("vktrs.stages.order.make", happens))
    if then == "gone":
        assert outcome.code == 3 and "mine.ttf cannot be used: No such file" in outcome.errors
        assert not [piece for piece in outcome.made if piece[0] == "clips"]
        return
    assert outcome.code == 0
    bold = decoded(folder / "output.mp4")[0]
    assert forks.run(folder).made == []
    change(folder, '\nfont = "mine.ttf"', "")
    assert forks.run(folder).code == 0
    assert np.array_equal(decoded(folder / "output.mp4")[0], bold), "the new one was drawn with"


def test_what_the_font_lacks_is_said_and_stands_as_a_box(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song", TWO.replace("your answer", "君の 答え"))
    outcome = forks.run(folder)
    assert outcome.code == 0
    assert "The caption font has no sign for え の 君 答; □ stands for each in the picture." in outcome.remarks
    seen = decoded(folder / "output.mp4")
    assert highlighted(seen[-1]) > 15 and np.ptp(seen[-1]) > 150


def covered(overlay: Overlay, width: int, height: int) -> NDArray[np.uint8]:
    whole = np.zeros((height, width), np.uint8)
    tall, wide = overlay.cover.shape[:2]
    whole[overlay.top : overlay.top + tall, overlay.left : overlay.left + wide] = overlay.cover[..., 0]
    return whole


SIZES = [(512, 512), (1280, 720), (720, 1280), (96, 64)]
TEXT = ["I'm half crazy ", "all for the ", "love of you, it ", "won't be a stylish ", "marriage"]


@pytest.mark.parametrize("position", ["bottom", "middle", "top"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_words_lie_in_the_safe_area_and_only_their_colour_changes(width: int, height: int, position: str) -> None:
    style = CaptionStyle(shadow=0.004, position=position)  # type: ignore[arg-type]
    states = draw(TEXT, (0, 2, 5), width, height, style)
    first, second, third = (covered(each, width, height) for each in states)
    assert (first == second).all() and (first == third).all()
    rows, columns = np.flatnonzero(first.any(axis=1)), np.flatnonzero(first.any(axis=0))
    assert columns[0] >= width * 0.04 and columns[-1] < width * 0.96
    assert rows[0] >= height * 0.04 and rows[-1] < height * 0.96
    middle = (rows[0] + rows[-1]) / 2 / height
    assert {"bottom": middle > 0.6, "middle": 0.4 < middle < 0.6, "top": middle < 0.4}[position]
    inks = [each.ink.astype(int) for each in states]
    yellow = [int((ink[..., 0] - ink[..., 2] > 90).sum()) for ink in inks]
    assert yellow[0] == 0 and yellow[1] > 20 and yellow[2] > 1.5 * yellow[1]


@pytest.mark.parametrize("text", LITERAL)
def test_no_text_is_a_command_wherever_a_word_ends(text: str) -> None:
    """Cut between any two signs, it looks in every state like the whole in either of two colours."""
    style = CaptionStyle()
    states = draw([*text], range(len(text) + 1), 512, 512, style)
    (whole,) = draw([text], (0,), 512, 512, style)
    assert np.array_equal(states[0].ink, whole.ink)
    sung = [(state.ink.astype(int) != whole.ink).any(axis=2) for state in states]
    assert all((before <= after).all() for before, after in pairwise(sung)), "what is sung stays so"
    light = (whole.ink > 60).all(axis=2)
    assert (sung[-1] | ~light).all() and sung[-1].sum() > 10
    assert sum(after.sum() > before.sum() for before, after in pairwise(sung)) == sum(
        not sign.isspace() for sign in text
    )


def test_text_from_the_right_is_sung_from_the_right() -> None:
    half, whole = draw(["שלום ", "עולם"], (1, 2), 512, 512, CaptionStyle())
    yellow = [
        np.flatnonzero((each.ink[..., 0].astype(int) - each.ink[..., 2] > 90).any(axis=0)) for each in (half, whole)
    ]
    assert yellow[0][0] > whole.ink.shape[1] / 3 and yellow[0][-1] == yellow[1][-1]


def test_what_a_font_cannot_give_is_asked_for_in_words(tmp_path: Path) -> None:
    write_song(tmp_path / "song.ttf")
    with pytest.raises(Exception, match=r"song\.ttf cannot be used: not a font"):
        face_of(tmp_path / "song.ttf")


def test_words_light_up_in_a_scene_that_moves_and_in_one_that_fades_in(forks: Forks, tmp_path: Path) -> None:
    folder = sung_by_word(tmp_path / "song")
    change(folder, 'id = "aaaa"', 'id = "aaaa"\nanimation = "img2img"\nstrength = 0.0\nnoise = 0.0')
    change(folder, 'id = "bbbb"', 'id = "bbbb"\ntransition = 0.5')
    assert forks.run(folder).code == 0
    assert changes(decoded(folder / "output.mp4")) == [*AT, round(2.5 * FPS), round(3.25 * FPS), 4 * FPS]
