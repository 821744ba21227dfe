"""Pictures as files: saved whole or not at all, read with suspicion, the user's own pictures fitted into the video.

A picture is `(height, width, 3)`, uint8, sRGB. What the pictures mean is no business of this module.
"""

from __future__ import annotations

import contextlib
import io
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageOps, PngImagePlugin, UnidentifiedImageError

from vktrs.errors import ArtifactDamaged, InputError, VktrsError
from vktrs.media import fonts
from vktrs.picture import Picture

# EPS is read by starting Ghostscript on the file, which a picture from anywhere must not do.
_REFUSED_FORMATS = frozenset({"EPS"})
_PAPER = (255, 255, 255)
_PNG_END = b"\0\0\0\0IEND\xae\x42\x60\x82"


def save_png(path: Path, picture: Picture, texts: Mapping[str, str] | None = None) -> None:
    """Write `picture` as PNG (compression level 1) with `texts` as text chunks; `path` appears only when whole.

    Any unicode and newlines may be in a text. Keys: Latin-1, up to 79 characters (PNG specification). VktrsError where
    the file cannot be written; nothing is left behind then.
    """
    chunks = PngImagePlugin.PngInfo()
    for key, text in (texts or {}).items():
        clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        chunks.add_text(key, clean)
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(
        buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE, pnginfo=chunks
    )
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(buffer.getbuffer())
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise VktrsError(f"{path} cannot be written: {error.strerror}.", "Make room, or look at its folder.") from error


def load_png(path: Path, width: int | None = None, height: int | None = None) -> Picture:
    """The picture that `save_png` wrote; ArtifactDamaged if it is missing, cut short, altered or of another size."""
    try:
        data = path.read_bytes()
        if not data.endswith(_PNG_END):
            raise ValueError("its end is missing")
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.verify()  # the checksum of every chunk; it uses the image up
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.load()
            size = image.size
            picture = np.asarray(image.convert("RGB"))
    # Pillow answers broken chunks with SyntaxError, broken sizes with ValueError
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ArtifactDamaged(path, str(error)) from error
    if (width or size[0], height or size[1]) != size:
        raise ArtifactDamaged(path, f"it is {size[0]}x{size[1]}, not {width}x{height}")
    return picture


def read_texts(path: Path) -> dict[str, str]:
    """The text chunks of a PNG; no pixel is decoded. ArtifactDamaged if it is none."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return {str(key): str(text) for key, text in image.info.items() if isinstance(text, str)}
    except (OSError, SyntaxError, ValueError) as error:
        raise ArtifactDamaged(path, str(error)) from error


def open_picture(path: Path, width: int, height: int) -> Picture:
    """The user's own picture, cropped around its centre and scaled (Lanczos) to fill `width` x `height` pixels.

    Any format and mode that Pillow reads; turned as its EXIF says, transparency laid on white, colours brought from
    their ICC profile to sRGB; of an animation the first picture. InputError, naming the file, where it cannot be read.
    """
    if not path.exists():
        raise InputError(f"the picture {path} does not exist.", "Give the path of a picture file.")
    if path.is_dir():
        raise InputError(f"the picture {path} is a folder.", "Give the path of a picture file.")
    try:
        with Image.open(path, formats=_formats()) as image:
            # a JPEG is decoded at half, a quarter, ... of its size where that is still large enough
            image.draft(None, (2 * max(width, height),) * 2)
            image.load()
            flat = _flatten(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        raise InputError(f"the picture {path} is too large: {error}", "Scale it down first.") from error
    except (OSError, SyntaxError, ValueError) as error:
        why = "it is none that Pillow can read" if isinstance(error, UnidentifiedImageError) else str(error)
        raise InputError(f"the picture {path} cannot be used: {why}.", "Give a PNG, JPEG, WebP or TIFF.") from error
    return np.asarray(ImageOps.fit(flat, (width, height), Image.Resampling.LANCZOS))


def _formats() -> list[str]:
    Image.init()
    return [name for name in Image.OPEN if name not in _REFUSED_FORMATS]


def _flatten(image: Image.Image) -> Image.Image:
    """Any mode as opaque RGB in sRGB."""
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bits(image)
    has_alpha = image.has_transparency_data
    alpha = image.convert("RGBA").getchannel("A") if has_alpha else None
    colours = image.convert("RGBA").convert("RGB") if image.mode in ("P", "PA", "RGBa", "La") else image
    colours = _to_srgb(colours, image.info.get("icc_profile"))
    if alpha is None:
        return colours
    paper = Image.new("RGB", image.size, _PAPER)
    paper.paste(colours, mask=alpha)
    return paper


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey by its upper eight bits; float or 32-bit grey from its own darkest to its own lightest."""
    values = np.asarray(image).astype(np.float64)
    if image.mode.startswith("I;16") or (values.min() >= 0 and 255 < values.max() <= 65535):
        values = values / 257
    elif not (values.min() >= 0 and 1 < values.max() <= 255):
        values = (values - values.min()) * (255 / (np.ptp(values) or 1))
    return Image.fromarray(np.nan_to_num(values).clip(0, 255).round().astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    plain = image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")
    if profile:
        # a broken profile, or one for another kind of colours, is no reason to refuse the picture
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            changed = ImageCms.profileToProfile(plain, source, target, outputMode="RGB")
            if changed is not None:
                return changed
    return plain.convert("RGB")


def upscale(picture: Picture, factor: int) -> Picture:
    """`picture` `factor` times as wide and high (Lanczos); itself where `factor` is 1."""
    if factor == 1:
        return picture
    height, width = picture.shape[:2]
    size = (width * factor, height * factor)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def contact_sheet(pictures: Sequence[tuple[Picture, str]], columns: int = 6, thumb_width: int = 192) -> Picture:
    """The pictures in rows of `columns`, each `thumb_width` pixels wide with its label (one line, cut to fit) below."""
    if not pictures:
        raise InputError("there is no picture to put on a sheet.", "Run `vktrs run` first.")
    gap = max(4, thumb_width // 24)
    font = fonts.font(fonts.REGULAR, max(9.0, thumb_width / 14))
    label_height = round(font.size * fonts.LINE_HEIGHT) + gap
    thumb_height = max(round(thumb_width * picture.shape[0] / picture.shape[1]) for picture, _ in pictures)
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    step = (thumb_width + gap, thumb_height + label_height + gap)
    sheet = Image.new("RGB", (gap + columns * step[0], gap + rows * step[1]), (24, 24, 26))
    draw = ImageDraw.Draw(sheet)
    for index, (picture, label) in enumerate(pictures):
        left, top = gap + index % columns * step[0], gap + index // columns * step[1]
        thumb = ImageOps.contain(Image.fromarray(picture), (thumb_width, thumb_height), Image.Resampling.LANCZOS)
        sheet.paste(thumb, (left, top))
        text = _cut_to(" ".join(label.split()), font.getlength, thumb_width)
        draw.text((left, top + thumb_height + gap // 2), text, (220, 220, 220), font)
    return np.asarray(sheet)


def _cut_to(text: str, length: Callable[[str], float], width: float) -> str:
    """`text`, or as much of its beginning as fits into `width` with an ellipsis behind it."""
    if length(text) <= width:
        return text
    kept = len(text)
    while kept and length(text[:kept] + "…") > width:
        kept -= 1
    return text[:kept].rstrip() + "…"
