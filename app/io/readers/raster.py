"""Reads JPEG, PNG, TIFF and BMP films as grey pixels, 8 or 16 bit.

Colour becomes luminance, transparency becomes black, EXIF orientation is applied. The resolution
tags of these formats describe a print, not a patient: they are never a source of spacing.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFile, ImageOps, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError

from app.io.readers.fax_damage import require_whole_fax_page
from app.io.readers.file_bytes import read_bytes, unreadable
from app.io.readers.fractions import DEEPEST, SCALED, packed
from app.io.readers.jpeg_damage import require_whole_jpeg
from app.io.readers.pages import require_page
from app.io.readers.png_rows import require_all_rows
from domain.errors import UnreadableFile
from domain.image import Image, Pixels, Presentation, Study

MAX_PIXELS = 80_000_000
MOST_PAGES = 1000
SYNTHETIC_KEY = "Caliper-Synthetic"

_FORMATS = ("JPEG", "PNG", "TIFF", "BMP")
_DECODE_FAILURES = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    AttributeError,
    struct.error,
    zlib.error,
)
_DEEP_MODES = {"I;16", "I;16B", "I;16L", "I;16N"}
_LUMA = (0.299, 0.587, 0.114)  # red, green, blue: ITU-R BT.601, as 8-bit films are weighted too

_EXIF_ORIENTATION = 0x0112
_IMAGE_DESCRIPTION = 270
_SUBFILE_TYPE = 254
_PHOTOMETRIC = 262
_BITS_PER_SAMPLE = 258
_WHITE_IS_ZERO = 0
_COMPRESSION = 259
_FAXES = {2, 3, 4}


def read_raster(path: Path, *, page: int = 0) -> Study:
    """Decode one film; of several pages in a file the one that is asked for.

    Raises:
        UnreadableFile: missing, too large, damaged, or of a kind of pixel that is no film.
    """
    data = read_bytes(path)
    with _refusals(path), Pillow.open(io.BytesIO(data), formats=_FORMATS) as film:
        _require_size(film, path=path)
        pages = _choose_page(film, page, path=path)
        is_synthetic = _is_marked_synthetic(film)
        marks: tuple[str, ...] = ()
        if _is_deep_colour(film, data):
            pixels = _deep_colour(film, data=data)
        else:
            pixels, marks = _pixels(film, path=path)
        marks += _require_whole(film, data)
    if pixels is None:
        raise UnreadableFile(
            f"“{path.name}” cannot be read.",
            why=f"Its pixels are of a kind ({film.mode}) that no film uses.",
            remedy="Save it with 8 or 16 bit whole numbers a pixel and open it again.",
        )
    return Study(
        name=path.stem,
        path=str(path.absolute()),
        image=Image(
            _contiguous(pixels), synthetic=is_synthetic, presentation=Presentation(marks=marks)
        ),
        page=page,
        pages=pages,
    )


def _require_whole(film: ImageFile.ImageFile, data: bytes) -> tuple[str, ...]:
    """Marks for a person; ValueError where some of the pixels that were decoded are made up."""
    if isinstance(film, PngImagePlugin.PngImageFile):
        require_all_rows(data)
    elif film.format == "JPEG":
        return require_whole_jpeg(data)
    elif getattr(film, "tag_v2", {}).get(_COMPRESSION) in _FAXES:
        require_whole_fax_page(data, film.tell())
    return ()


def _contiguous(pixels: Pixels) -> Pixels:
    """A copy of our own in row-major order."""
    return pixels.copy(order="C")


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn what the decoder says about damaged bytes into words."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damage is refused here, not muttered about
            yield
    except Pillow.DecompressionBombError as error:
        raise _too_many_pixels(path) from error
    except MemoryError as error:
        raise unreadable(
            path,
            why="Decoding it needs more memory than a film may take.",
            remedy="Save it smaller and open it again.",
        ) from error
    except UnidentifiedImageError as error:
        raise unreadable(
            path,
            why="Its header is damaged, or of a kind that no film uses.",
            remedy="Save it as JPEG, PNG, TIFF or BMP with 8 or 16 bit whole numbers a pixel.",
        ) from error
    except _DECODE_FAILURES as error:
        raise unreadable(
            path,
            why=f"It is damaged or cut short ({error}).",
            remedy="Copy it again from its source.",
        ) from error


def _require_size(film: ImageFile.ImageFile, *, path: Path) -> None:
    if film.width * film.height > MAX_PIXELS:
        raise _too_many_pixels(path)


def _too_many_pixels(path: Path) -> UnreadableFile:
    return unreadable(
        path,
        why=f"It unpacks to more than {MAX_PIXELS // 1_000_000} million pixels.",
        remedy="Save it smaller and open it again.",
    )


def _choose_page(film: ImageFile.ImageFile, page: int, *, path: Path) -> int:
    """Stand on a full page; reduced copies do not count. Gives how many full pages there are.

    Raises:
        UnreadableFile: there is no such page.
    """
    full = [0]
    if isinstance(film, TiffImagePlugin.TiffImageFile):
        full = _full_pages(film, path=path) or [0]
    elif isinstance(film, PngImagePlugin.PngImageFile):
        full = list(range(getattr(film, "n_frames", 1)))
    require_page(page, pages=len(full), path=path)
    if full[page]:
        film.seek(full[page])
        _require_size(film, path=path)
    return len(full)


def _full_pages(film: TiffImagePlugin.TiffImageFile, *, path: Path) -> list[int]:
    """Pages that are not reduced copies of another."""
    full = []
    for page in count():
        if page == MOST_PAGES:
            raise unreadable(
                path,
                why=f"It holds more than {MOST_PAGES} pictures.",
                remedy="Save the film alone in a file.",
            )
        try:
            film.seek(page)
        except EOFError:
            break
        if not int(film.tag_v2.get(_SUBFILE_TYPE, 0)) & 1:
            full.append(page)
    film.seek(0)
    return full


def _is_marked_synthetic(film: ImageFile.ImageFile) -> bool:
    """Whether the program that drew it says so, in a PNG text or in the image description."""
    if SYNTHETIC_KEY in film.info:
        return True
    description = film.getexif().get(_IMAGE_DESCRIPTION, "")
    return SYNTHETIC_KEY in str(description)


def _pixels(film: ImageFile.ImageFile, *, path: Path) -> tuple[Pixels, tuple[str, ...]]:
    """Grey pixels of all that Pillow decodes without loss, and what a person must know of them."""
    is_inverted = _is_white_zero(film)
    film.load()
    upright = ImageOps.exif_transpose(film)
    if upright.mode in _DEEP_MODES:
        deep = np.asarray(upright).astype(np.uint16)
        return _inverted(deep, bits=_bits(film)) if is_inverted else deep, ()
    if upright.mode in {"I", "F"}:
        found = packed(np.asarray(upright))
        if found is None:
            raise unreadable(
                path,
                why="None of its pixels holds a finite number.",
                remedy="Save it again with the program that made it.",
            )
        grey, is_scaled = found
        return (DEEPEST - grey if is_inverted else grey), (SCALED,) if is_scaled else ()
    return np.asarray(_over_black(upright).convert("L")), ()


def _over_black(film: Pillow.Image) -> Pillow.Image:
    """The film with its transparency, if it has any, laid over black."""
    if not film.has_transparency_data:
        return film if film.mode in {"1", "L", "RGB"} else film.convert("RGB")
    clear = film.convert("RGBA")
    black = Pillow.new("RGBA", clear.size, (0, 0, 0, 255))
    return Pillow.alpha_composite(black, clear).convert("RGB")


def _bits(film: ImageFile.ImageFile) -> int:
    tags = getattr(film, "tag_v2", {})
    return int(tags.get(_BITS_PER_SAMPLE, (16,))[0])


def _is_white_zero(film: ImageFile.ImageFile) -> bool:
    """Whether 0 means white; the decoder turns 8 bits round by itself, but not 16."""
    tags = getattr(film, "tag_v2", {})
    return tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def _inverted(pixels: NDArray[np.uint16], *, bits: int) -> NDArray[np.uint16]:
    return np.asarray((1 << bits) - 1 - pixels.astype(np.int32), dtype=np.uint16)


def _is_deep_colour(film: ImageFile.ImageFile, data: bytes) -> bool:
    """Whether it has several channels of 16 bits, which Pillow would cut down to 8."""
    if isinstance(film, PngImagePlugin.PngImageFile):
        return data[24] == 16 and data[25] != 0  # bit depth and colour type of the header chunk
    if isinstance(film, TiffImagePlugin.TiffImageFile):
        bits = film.tag_v2.get(_BITS_PER_SAMPLE, (1,))
        return len(bits) > 1 and max(bits) > 8
    return False


def _deep_colour(film: ImageFile.ImageFile, *, data: bytes) -> Pixels | None:
    """Grey 16-bit pixels of a 16-bit colour film."""
    import cv2  # costs a tenth of a second; few films need it

    orientation = int(film.getexif().get(_EXIF_ORIENTATION, 1))
    page, encoded = film.tell(), np.frombuffer(data, np.uint8)
    try:
        pages = (
            cv2.imdecodemulti(encoded, cv2.IMREAD_UNCHANGED, range=(page, page + 1))[1]
            if page
            else (cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED),)
        )
    except cv2.error as error:
        raise ValueError(error.err) from error
    decoded = np.asarray(pages[0]) if pages else np.empty(0)
    if decoded.dtype != np.uint16 or decoded.ndim != 3 or decoded.shape[2] not in {3, 4}:
        return None
    return _upright(_grey(decoded.astype(np.uint16, copy=False)), orientation=orientation)


def _grey(decoded: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Luminance of (rows, columns, 3 or 4) blue, green, red and alpha, over black."""
    blue, green, red = (decoded[..., channel] for channel in range(3))
    grey = luminance(red, green, blue)
    if decoded.shape[2] == 4:
        grey = np.rint(grey * (decoded[..., 3] / 65535.0)).astype(np.uint16)
    return grey


def luminance(
    red: NDArray[np.uint16], green: NDArray[np.uint16], blue: NDArray[np.uint16]
) -> NDArray[np.uint16]:
    """Grey of 16-bit colour; exactly the channels' own value where they are equal."""
    if np.array_equal(red, green) and np.array_equal(red, blue):
        return red
    luma = red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]
    return np.asarray(np.rint(luma), dtype=np.uint16)


def _upright(pixels: NDArray[np.uint16], *, orientation: int) -> NDArray[np.uint16]:
    """Turn by the EXIF orientation 1..8."""
    if orientation >= 5:
        pixels = pixels.T
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return pixels
