"""Captions as libass really draws them, by each ffmpeg there is."""

from __future__ import annotations

import tempfile
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from vktrs.media import fonts
from vktrs.media.captions import CaptionStyle, burn, lay_out
from vktrs.media.ffmpeg import which_ffmpeg
from vktrs.picture import Picture

SIZES = [(512, 512), (854, 480), (288, 512)]
BINARIES = list(dict.fromkeys([which_ffmpeg(), Path(imageio_ffmpeg.get_ffmpeg_exe())]))


@pytest.fixture(params=BINARIES, ids=lambda path: path.name[:8])
def each_ffmpeg(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("vktrs.media.ffmpeg.which_ffmpeg", lambda: request.param)
    return Path(request.param)


def noise(width: int, height: int, seed: int = 0) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def grey(width: int = 512, height: int = 512) -> Picture:
    return np.full((height, width, 3), 128, np.uint8)


def touched(picture: Picture, plain: Picture) -> NDArray[np.bool_]:
    return np.asarray((picture != plain).any(axis=2))


def box(marks: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """left, top, right, bottom of what is marked."""
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def drawn(text: str, width: int = 512, height: int = 512) -> NDArray[np.bool_]:
    (picture,) = burn([grey(width, height)], text)
    return touched(picture, grey(width, height))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_caption_lies_at_the_bottom_in_the_middle_and_nothing_else_is_touched(
    width: int, height: int, each_ffmpeg: Path
) -> None:
    plain = [noise(width, height, seed) for seed in range(3)]
    made = burn(plain, "Daisy, Daisy, give me your answer do")
    assert len(made) == 3
    for before, after in zip(plain, made, strict=True):
        assert after.shape == before.shape and after.dtype == np.uint8
        left, top, right, bottom = box(touched(after, before))
        assert abs((left + right) / 2 - width / 2) < 5
        assert top > height * 0.6 and height * 0.88 < bottom < height * 0.97
        assert left > width * 0.03 and right < width * 0.97
        assert np.array_equal(after[:top], before[:top]) and np.array_equal(after[:, :left], before[:, :left])


def test_the_text_is_light_with_a_dark_outline() -> None:
    (picture,) = burn([grey()], "Daisy")
    marks = touched(picture, grey())
    assert (picture[marks] == 255).all(axis=1).sum() > 200 and (picture[marks] < 40).all(axis=1).sum() > 200
    left, top, right, bottom = box(marks)
    edge = np.concatenate([picture[top, left : right + 1], picture[bottom, left : right + 1]])
    assert edge.max() <= 128, "only outline at the rim"


LONG = "and again " * 60
TEXTS = {
    "long": LONG, "one word": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2,
    "boxes": "你好" * 80, "endless": "word " * 3000, "wide": "W" * 300, "right to left": "שלום עולם " * 20,
    "emoji": "😀👍🏽👨‍👩‍👧" * 9, "arabic": "مرحبا بالعالم " * 20,
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_text_gets_out_of_the_picture(name: str, width: int, height: int, each_ffmpeg: Path) -> None:
    left, top, right, bottom = box(drawn(TEXTS[name], width, height))
    assert left > 0 and top > 0 and right < width - 1 and bottom < height - 1


LITERAL = [
    r"{\b1}x", r"{\pos(0,0)}", r"a\Nb", r"a\nb", r"a\hb", r"\{x\}", "\\\\", "{", "}", "100%", "it's: a, b;", "a\\",
    "{}",     r"{\p1}m 0 0 l 100 0 100 100{\p0}", r"{\fs200}", "%{x}", "[b]&lt;i&gt;", "Dialogue: 0,0,0,x,,0,0,0,,y",
]  # fmt: skip


@pytest.mark.parametrize("text", LITERAL)
def test_signs_of_the_subtitle_format_are_drawn_as_they_stand(text: str, each_ffmpeg: Path) -> None:
    layout = lay_out(text, 512, 512, CaptionStyle())
    assert " ".join(layout.lines) == text
    left, _, right, bottom = box(drawn(text))
    inked = max(fonts.font(fonts.BOLD, layout.em).getbbox(line)[2:3][0] for line in layout.lines)
    assert right - left == pytest.approx(inked, abs=0.12 * layout.em * 2 + 6), "as wide as its letters are together"
    assert bottom > 440


@pytest.mark.parametrize("text", ["你", "👍", "\ud800", "𝟜", "ꀀ"])
def test_what_the_font_lacks_is_drawn_all_the_same(text: str, each_ffmpeg: Path) -> None:
    assert drawn(text).sum() > 50


def test_text_from_the_right_runs_from_the_right() -> None:
    marks = drawn("שלום.")
    left, top, _, bottom = box(marks)
    _, full_stop, _, _ = box(marks[:, left : left + 6])
    # were the line laid out from the left, its last letter would stand there, which is taller
    assert full_stop > (top + bottom) / 2, "the full stop stands at the left end"


def test_lines_of_the_text_stay_lines() -> None:
    _, one, _, _ = box(drawn("one"))
    _, three, _, _ = box(drawn("one\ntwo\nthree"))
    em = lay_out("one", 512, 512, CaptionStyle()).em
    assert one - three == pytest.approx(2 * em * fonts.LINE_HEIGHT, abs=5)


def test_no_text_means_the_pictures_as_they_are() -> None:
    pictures = [noise(32, 32)]
    assert burn(pictures, " \n") == pictures and burn([], "x") == []


def test_only_the_shipped_font_is_used_and_awkward_folders_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, each_ffmpeg: Path
) -> None:
    before = burn([grey()], "Daisy")[0]
    odd = tmp_path / "it's a 100%: [folder], so;=\\ {é}"
    odd.mkdir()
    for font in (fonts.BOLD, fonts.REGULAR):
        (odd / font.name).write_bytes(font.read_bytes())
    monkeypatch.setattr(fonts, "FOLDER", odd)
    monkeypatch.setenv("TMPDIR", str(odd))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert np.array_equal(burn([grey()], "Daisy")[0], before)
    (odd / fonts.BOLD.name).unlink()
    (odd / fonts.REGULAR.name).unlink()
    assert not np.array_equal(burn([grey()], "Daisy")[0], before), "no font of the machine stands in unnoticed"
