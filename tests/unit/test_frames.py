"""Pictures as files: whole or absent, read with suspicion, and the user's own ones fitted."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from vktrs.errors import ArtifactDamaged, InputError, VktrsError
from vktrs.media import fonts
from vktrs.media.frames import (
    contact_sheet,
    load_png,
    open_picture,
    read_texts,
    save_png,
    upscale,
)
from vktrs.picture import Picture


def noise(height: int = 24, width: int = 32, seed: int = 0) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_saved_picture_is_read_back_exactly_with_its_texts(tmp_path: Path) -> None:
    path = tmp_path / "take.png"
    texts = {"prompt": "a “crimson” 夜, naïve\nsecond line", "seed": "42", "engine": "cppn"}
    save_png(path, noise(), texts)
    assert np.array_equal(load_png(path, 32, 24), noise())
    assert read_texts(path) == texts
    assert [file.name for file in tmp_path.iterdir()] == ["take.png"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_any_prompt_survives_in_the_picture(text: str, tmp_path: Path) -> None:
    save_png(tmp_path / "p.png", noise(2, 2), {"prompt": text})
    assert read_texts(tmp_path / "p.png") == {"prompt": text}


def test_a_text_that_is_not_even_unicode_does_not_stop_the_picture(tmp_path: Path) -> None:
    save_png(tmp_path / "p.png", noise(), {"prompt": "a\ud800b\0c"})
    assert read_texts(tmp_path / "p.png") == {"prompt": "a?bc"}


def test_a_picture_that_cannot_be_written_leaves_nothing_and_keeps_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "take.png"
    save_png(path, noise(seed=1))

    def full(self: Path, data: Any) -> int:
        with self.open("wb") as file:
            file.write(bytes(data)[:50])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(VktrsError, match="No space left") as caught:
        save_png(path, noise(seed=2))
    assert str(path) in caught.value.message
    assert np.array_equal(load_png(path), noise(seed=1))
    assert [file.name for file in tmp_path.iterdir()] == ["take.png"]


def test_a_picture_cut_short_anywhere_is_damaged(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.png", tmp_path / "cut.png"
    save_png(whole, noise(), {"prompt": "x"})
    data = whole.read_bytes()
    for length in (*range(0, len(data), 7), *range(len(data) - 14, len(data))):
        cut.write_bytes(data[:length])
        with pytest.raises(ArtifactDamaged):
            load_png(cut)


def test_a_picture_with_one_byte_changed_is_damaged(tmp_path: Path) -> None:
    # a picture that compresses well: in noise a changed byte would show by itself
    path = tmp_path / "take.png"
    save_png(path, np.tile(np.arange(96, dtype=np.uint8)[:, None, None], (1, 96, 3)), {"prompt": "x"})
    data = path.read_bytes()
    for position in range(8, len(data), 7):
        changed = bytearray(data)
        changed[position] ^= 0x10
        path.write_bytes(changed)
        with pytest.raises(ArtifactDamaged) as caught:
            load_png(path)
        assert caught.value.path == path and caught.value.reason


def test_a_missing_picture_garbage_and_another_size_are_damaged(tmp_path: Path) -> None:
    with pytest.raises(ArtifactDamaged):
        load_png(tmp_path / "nothing.png")
    (tmp_path / "garbage.png").write_bytes(b"garbage" * 99)
    with pytest.raises(ArtifactDamaged):
        load_png(tmp_path / "garbage.png")
    with pytest.raises(ArtifactDamaged):
        read_texts(tmp_path / "garbage.png")
    save_png(tmp_path / "p.png", noise())
    with pytest.raises(ArtifactDamaged, match="32x24, not 64x24"):
        load_png(tmp_path / "p.png", 64, 24)


RED, BLUE = (220, 30, 40), (30, 40, 220)


def halves() -> Image.Image:
    """Red to the left, blue to the right."""
    picture = Image.new("RGB", (80, 40), RED)
    picture.paste(BLUE, (40, 0, 80, 40))
    return picture


def close(picture: Picture, at: tuple[int, int], colour: tuple[int, int, int], within: int = 12) -> bool:
    return bool(np.abs(picture[at].astype(int) - colour).max() <= within)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("RGB", "png"), ("RGB", "jpg"), ("RGB", "webp"), ("RGB", "bmp"), ("RGB", "tiff"), ("RGBA", "png"), ("P", "png"),
     ("P", "gif"), ("CMYK", "jpg"), ("CMYK", "tiff"), ("YCbCr", "jpg"), ("LAB", "tiff")],
)  # fmt: skip
def test_a_picture_of_any_mode_keeps_its_colours(mode: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"it's 100% “mine”.{suffix}"
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        changed = ImageCms.profileToProfile(halves(), srgb, lab, outputMode="LAB")
        assert changed is not None
        changed.save(path)
    else:
        (halves().quantize(8) if mode == "P" else halves().convert(mode)).save(path)
    picture = open_picture(path, 80, 40)
    assert picture.shape == (40, 80, 3) and picture.dtype == np.uint8
    assert close(picture, (20, 15), RED) and close(picture, (20, 65), BLUE)


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16", "I", "F"])
def test_a_grey_picture_of_any_depth_keeps_its_greys(mode: str, tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (16, 1))
    if mode == "I;16":
        image = Image.fromarray(ramp.astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(ramp.astype(np.int32) * 257)
    elif mode == "F":
        image = Image.fromarray(ramp.astype(np.float32) / 255)
    else:
        image = Image.fromarray(ramp).convert(mode)
    image.save(tmp_path / "grey.tiff")
    picture = open_picture(tmp_path / "grey.tiff", 64, 16)
    greys = picture.mean(axis=(0, 2))
    assert np.ptp(picture, axis=2).max() == 0
    assert abs(greys[:16].mean() - 30) < 20 and abs(greys[-16:].mean() - 224) < 20


def test_a_picture_is_cropped_around_its_centre_and_fills_the_size(tmp_path: Path) -> None:
    wide = Image.new("RGB", (300, 100), BLUE)
    wide.paste(RED, (100, 0, 200, 100))
    wide.save(tmp_path / "wide.png")
    square = open_picture(tmp_path / "wide.png", 64, 64)
    assert all(close(square, (32, x), RED) for x in (4, 32, 60))
    assert open_picture(tmp_path / "wide.png", 30, 90).shape == (90, 30, 3)


def test_the_camera_says_which_way_is_up(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter clockwise
    halves().save(tmp_path / "phone.jpg", exif=exif, quality=95)
    picture = open_picture(tmp_path / "phone.jpg", 40, 80)
    assert close(picture, (15, 20), RED) and close(picture, (65, 20), BLUE)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str, tmp_path: Path) -> None:
    picture = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 20, 40))
    path = tmp_path / "logo.png"
    picture.convert(mode).save(path) if mode != "P" else picture.quantize(8).save(path)
    seen = open_picture(path, 40, 40)
    assert close(seen, (20, 5), (0, 0, 0)) and close(seen, (20, 35), (255, 255, 255))


def test_colours_of_another_profile_are_brought_to_srgb(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # with the names of its red and its blue exchanged it is a profile in which (200, 0, 0) is a blue
    swapped = srgb.replace(b"rXYZ", b"....").replace(b"bXYZ", b"rXYZ").replace(b"....", b"bXYZ")
    for name, profile in (("swapped", swapped), ("broken", b"no profile"), ("srgb", srgb)):
        Image.new("RGB", (8, 8), (200, 0, 0)).save(tmp_path / f"{name}.png", icc_profile=profile)
    assert close(open_picture(tmp_path / "swapped.png", 8, 8), (4, 4), (0, 0, 200), 3)
    assert close(open_picture(tmp_path / "broken.png", 8, 8), (4, 4), (200, 0, 0), 0)
    assert close(open_picture(tmp_path / "srgb.png", 8, 8), (4, 4), (200, 0, 0), 1)


def test_what_is_no_picture_is_named_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.png").write_text("hello")
    data = io.BytesIO()
    halves().save(data, "PNG")
    (tmp_path / "cut.png").write_bytes(data.getvalue()[:90])
    halves().save(tmp_path / "bomb.png")
    (tmp_path / "figure.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n")
    for name in ("missing.png", "text.png", "cut.png", "figure.eps", "."):
        with pytest.raises(InputError) as caught:
            open_picture(tmp_path / name, 8, 8)
        assert str(tmp_path / name) in caught.value.message and caught.value.exit_code == 3
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(InputError, match="too large"):
        open_picture(tmp_path / "bomb.png", 8, 8)


def test_upscaling_keeps_flat_colours_and_multiplies_the_size() -> None:
    flat = np.full((6, 8, 3), (9, 200, 77), np.uint8)
    assert np.array_equal(upscale(flat, 2), np.full((12, 16, 3), (9, 200, 77), np.uint8))
    assert upscale(flat, 1) is flat


def test_a_contact_sheet_shows_every_picture_with_its_label_in_rows() -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)]
    pictures = [
        (np.full((30, 60, 3), colour, np.uint8), f"scene {n}\nline two " * 9) for n, colour in enumerate(colours)
    ]
    sheet = contact_sheet(pictures, columns=2, thumb_width=60)
    left = sheet.shape[1] // 4
    assert all((sheet == colour).all(axis=2).sum() == 60 * 30 for colour in colours)
    rows = [int((sheet[:, left] == colour).all(axis=1).argmax()) for colour in colours[::2]]
    assert rows == sorted(rows) and rows[0] < rows[1] < rows[2]
    below = sheet[rows[0] + 30 : rows[1], : sheet.shape[1] // 2]
    assert below.max() > 150, "the label is drawn"
    with pytest.raises(InputError):
        contact_sheet([])


def test_the_fonts_are_shipped_with_their_licence() -> None:
    licence = (fonts.FOLDER / "LICENSE").read_text("utf-8")
    assert "Bitstream" in licence and "Tavmjong Bah" in licence and "DejaVu" in licence
    assert fonts.font(fonts.BOLD, 20).getname() == ("DejaVu Sans", "Bold")
    assert fonts.font(fonts.REGULAR, 20).getname() == ("DejaVu Sans", "Book")
    assert len(fonts.font_digest()) == 64 and fonts.font_digest() != fonts.font_digest(fonts.REGULAR)
