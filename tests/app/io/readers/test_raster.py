"""Every kind of film file that people have, and the broken ones too."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import PngImagePlugin

from app.io.readers import file_bytes, raster
from app.io.readers.raster import SYNTHETIC_KEY, read_raster
from domain.errors import UnreadableFile

GREY = (np.arange(35, dtype=np.uint8).reshape(5, 7) * 7).astype(np.uint8)
DEEP = (np.arange(35, dtype=np.uint16).reshape(5, 7) * 1870).astype(np.uint16)
UPRIGHT = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
# How the stored pixels of an upright film look under each EXIF orientation.
STORED = {
    1: UPRIGHT,
    2: UPRIGHT[:, ::-1],
    3: UPRIGHT[::-1, ::-1],
    4: UPRIGHT[::-1],
    5: UPRIGHT.T,
    6: np.rot90(UPRIGHT, 1),
    7: UPRIGHT[::-1, ::-1].T,
    8: np.rot90(UPRIGHT, -1),
}


def saved(folder: Path, name: str, pixels: NDArray[np.generic], **how: object) -> Path:
    Pillow.fromarray(pixels).save(folder / name, **how)
    return folder / name


def encoded(folder: Path, name: str, pixels: NDArray[np.generic]) -> Path:
    """Written by another library, which knows 16-bit colour."""
    done, data = cv2.imencode(Path(name).suffix, pixels)
    assert done
    (folder / name).write_bytes(data.tobytes())
    return folder / name


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_raster(path)
    error = caught.value
    assert path.name in error.what
    assert error.why
    assert error.remedy
    return str(error)


@pytest.mark.parametrize("name", ["film.png", "film.tif", "film.bmp", "FILM.PNG", "film.jpg.png"])
def test_grey_pixels_come_back_exactly(tmp_path: Path, name: str) -> None:
    study = read_raster(saved(tmp_path, name, GREY))
    assert study.image.pixels.dtype == np.uint8
    np.testing.assert_array_equal(study.image.pixels, GREY)
    assert (study.name, study.path) == (Path(name).stem, str(tmp_path / name))
    assert not study.image.synthetic


@pytest.mark.parametrize("name", ["film.png", "film.tif"])
def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path, name: str) -> None:
    pixels = read_raster(saved(tmp_path, name, DEEP)).image.pixels
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels, DEEP)


def test_big_endian_sixteen_bits(tmp_path: Path) -> None:
    path = tmp_path / "big.tif"
    entries = [(256, 3, 7), (257, 3, 5), (258, 3, 16), (259, 3, 1), (262, 3, 1)]
    entries += [(273, 3, 200), (277, 3, 1), (278, 3, 5), (279, 3, 70)]
    head = b"MM\0*" + struct.pack(">IH", 8, len(entries))
    head += b"".join(struct.pack(">HHIHH", tag, kind, 1, value, 0) for tag, kind, value in entries)
    path.write_bytes((head + bytes(4)).ljust(200, b"\0") + DEEP.astype(">u2").tobytes())
    np.testing.assert_array_equal(read_raster(path).image.pixels, DEEP)


def test_jpeg_is_close(tmp_path: Path) -> None:
    smooth = np.tile(np.linspace(20, 220, 64).astype(np.uint8), (48, 1))
    pixels = read_raster(saved(tmp_path, "film.jpg", smooth, quality=95)).image.pixels
    assert pixels.shape == (48, 64)
    assert np.abs(pixels.astype(int) - smooth).max() <= 3


@pytest.mark.parametrize("name", ["film.png", "film.tif", "film.bmp"])
def test_colour_with_equal_channels_is_that_grey(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, name, np.stack([GREY] * 3, axis=-1))
    np.testing.assert_array_equal(read_raster(path).image.pixels, GREY)


def test_colour_becomes_luminance(tmp_path: Path) -> None:
    colours = np.zeros((1, 3, 3), np.uint8)
    colours[0, range(3), range(3)] = 255
    pixels = read_raster(saved(tmp_path, "film.png", colours)).image.pixels
    assert pixels.tolist() == [[76, 150, 29]]


@pytest.mark.parametrize("name", ["film.png", "film.tif"])
def test_deep_colour_keeps_its_depth(tmp_path: Path, name: str) -> None:
    path = encoded(tmp_path, name, np.stack([DEEP] * 3, axis=-1))
    pixels = read_raster(path).image.pixels
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels, DEEP)


def test_deep_transparency_is_black(tmp_path: Path) -> None:
    layers = np.stack([DEEP, DEEP, DEEP, np.full_like(DEEP, 65535)], axis=-1)
    layers[0, :, 3] = 0
    pixels = read_raster(encoded(tmp_path, "film.png", layers)).image.pixels
    assert not pixels[0].any()
    np.testing.assert_array_equal(pixels[1:], DEEP[1:])


def test_transparency_is_black(tmp_path: Path) -> None:
    alpha = np.full_like(GREY, 255)
    alpha[0], alpha[1] = 0, 128
    film = Pillow.merge("LA", [Pillow.fromarray(GREY), Pillow.fromarray(alpha)])
    film.save(tmp_path / "film.png")
    pixels = read_raster(tmp_path / "film.png").image.pixels
    assert not pixels[0].any()
    np.testing.assert_allclose(pixels[1], GREY[1] / 2, atol=1.5)
    np.testing.assert_array_equal(pixels[2:], GREY[2:])


def test_palette(tmp_path: Path) -> None:
    film = Pillow.fromarray(np.array([[0, 1, 2]], np.uint8), mode="P")
    film.putpalette([10, 10, 10, 200, 200, 200, 90, 90, 90])
    film.save(tmp_path / "film.png")
    assert read_raster(tmp_path / "film.png").image.pixels.tolist() == [[10, 200, 90]]


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    Pillow.fromarray(GREY > 100).save(tmp_path / "film.png")
    np.testing.assert_array_equal(
        read_raster(tmp_path / "film.png").image.pixels, np.where(GREY > 100, 255, 0)
    )


def test_print_colours(tmp_path: Path) -> None:
    grey = Pillow.fromarray(np.full((16, 16), 100, np.uint8))
    grey.convert("CMYK").save(tmp_path / "film.jpg", quality=95)
    pixels = read_raster(tmp_path / "film.jpg").image.pixels
    assert np.abs(pixels.astype(int) - 100).max() <= 3


@pytest.mark.parametrize("pixels", [GREY, DEEP], ids=["8 bit", "16 bit"])
def test_white_as_zero_is_turned_round(tmp_path: Path, pixels: NDArray[np.generic]) -> None:
    path = saved(tmp_path, "film.tif", pixels)
    data = bytearray(path.read_bytes())
    place = data.find(struct.pack("<HHI", 262, 3, 1)) + 8
    assert data[place : place + 2] == b"\1\0"  # black is zero, as saved
    data[place] = 0
    path.write_bytes(data)
    read = read_raster(path).image.pixels
    assert read.dtype == pixels.dtype
    np.testing.assert_array_equal(read, np.iinfo(pixels.dtype).max - pixels)


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("name", ["film.png", "film.tif"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_orientation_is_applied(
    tmp_path: Path, orientation: int, name: str, kind: type[np.generic]
) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation]).astype(kind)
    study = read_raster(saved(tmp_path, name, stored, exif=exif))
    np.testing.assert_array_equal(study.image.pixels, UPRIGHT)
    assert study.image.pixels.flags.c_contiguous


@pytest.mark.parametrize("orientation", STORED)
def test_orientation_of_deep_colour(tmp_path: Path, orientation: int) -> None:
    stored = np.ascontiguousarray(STORED[orientation]).astype(np.uint16)
    data = encoded(tmp_path, "film.png", np.stack([stored] * 3, axis=-1)).read_bytes()
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    content = b"eXIf" + exif.tobytes()[6:]
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    (tmp_path / "film.png").write_bytes(data[:33] + chunk + data[33:])
    read = read_raster(tmp_path / "film.png").image.pixels
    assert read.dtype == np.uint16
    np.testing.assert_array_equal(read, UPRIGHT)


def test_jpeg_orientation(tmp_path: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    lying = np.zeros((16, 48), np.uint8)
    lying[:, :24] = 200
    pixels = read_raster(saved(tmp_path, "film.jpg", lying, exif=exif, quality=95)).image.pixels
    assert pixels.shape == (48, 16)
    assert pixels[:20].min() > 190
    assert pixels[28:].max() < 10


@pytest.mark.parametrize("name", ["film.png", "film.jpg", "film.tif", "film.bmp"])
def test_resolution_tags_are_no_spacing(tmp_path: Path, name: str) -> None:
    assert not read_raster(saved(tmp_path, name, GREY, dpi=(300, 300))).image.grid.calibrated


@pytest.mark.parametrize("name", ["film.png", "film.bmp", "film.tif", "film.jpg"])
def test_a_single_pixel_is_an_image(tmp_path: Path, name: str) -> None:
    assert read_raster(saved(tmp_path, name, GREY[:1, :1])).image.shape == (1, 1)


@pytest.mark.parametrize("name", ["Wirbelsäule Ω.png", "脊椎 (1).png", "عمود.png", "a b'\"#%&.png"])
def test_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "Ordner mit Ümläuten 🦴"
    folder.mkdir()
    study = read_raster(saved(folder, name, GREY))
    assert study.name == name.removesuffix(".png")
    np.testing.assert_array_equal(study.image.pixels, GREY)


def test_the_ending_does_not_matter(tmp_path: Path) -> None:
    path = saved(tmp_path, "film.png", GREY).rename(tmp_path / "film.jpg")
    np.testing.assert_array_equal(read_raster(path).image.pixels, GREY)


def test_png_marked_synthetic(tmp_path: Path) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text(SYNTHETIC_KEY, "drawn")
    assert read_raster(saved(tmp_path, "film.png", GREY, pnginfo=text)).image.synthetic


def test_tiff_marked_synthetic(tmp_path: Path) -> None:
    path = saved(tmp_path, "film.tif", GREY, description=f"{SYNTHETIC_KEY}: drawn")
    assert read_raster(path).image.synthetic


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_each_page_opens_by_itself(tmp_path: Path, kind: type[np.generic]) -> None:
    pages = [GREY.astype(kind), GREY[:, ::-1].astype(kind), GREY[::2].astype(kind)]
    first, *others = map(Pillow.fromarray, pages)
    small = Pillow.fromarray(GREY[::2, ::2])
    small.encoderinfo = {"tiffinfo": {254: 1}}
    first.save(tmp_path / "film.tif", save_all=True, append_images=[small, *others])
    for number, page in enumerate(pages):
        study = read_raster(tmp_path / "film.tif", page=number)
        np.testing.assert_array_equal(study.image.pixels, page)
        assert (study.page, study.pages) == (number, 3)


@pytest.mark.parametrize("page", [-1, 1])
def test_refuses_a_page_that_is_not_there(tmp_path: Path, page: int) -> None:
    with pytest.raises(UnreadableFile, match="has no page"):
        read_raster(saved(tmp_path, "film.png", GREY), page=page)


def test_a_reduced_copy_is_no_page(tmp_path: Path) -> None:
    small = Pillow.fromarray(GREY[::2, ::2])
    small.encoderinfo = {"tiffinfo": {254: 1}}
    Pillow.fromarray(GREY).save(tmp_path / "film.tif", save_all=True, append_images=[small])
    assert getattr(Pillow.open(tmp_path / "film.tif"), "n_frames", 1) == 2
    np.testing.assert_array_equal(read_raster(tmp_path / "film.tif").image.pixels, GREY)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int32])
def test_whole_numbers_of_any_kind_stay_what_they_are(
    tmp_path: Path, kind: type[np.generic]
) -> None:
    image = read_raster(saved(tmp_path, "film.tif", DEEP.astype(kind))).image
    np.testing.assert_array_equal(image.pixels, DEEP)
    assert image.presentation.marks == ()


@pytest.mark.parametrize("pixels", [DEEP / 70_000, DEEP * -1.5, DEEP.astype(np.int32) - 40_000])
def test_other_numbers_are_scaled_and_say_so(tmp_path: Path, pixels: NDArray[np.generic]) -> None:
    kind = np.int32 if pixels.dtype == np.int32 else np.float32
    image = read_raster(saved(tmp_path, "film.tif", pixels.astype(kind))).image
    spread = (pixels - pixels.min()) / (pixels.max() - pixels.min())
    np.testing.assert_allclose(image.pixels, spread * 65535, atol=0.6)
    assert image.presentation.marks == ("grey values scaled",)


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_dark(tmp_path: Path, hole: float) -> None:
    pixels = DEEP.astype(np.float32) + 5
    pixels[1] = hole
    read = read_raster(saved(tmp_path, "film.tif", pixels)).image.pixels
    assert set(read[1].tolist()) == {5}
    np.testing.assert_array_equal(read[2:], DEEP[2:] + 5)
    assert "finite" in refusal(saved(tmp_path, "nothing.tif", np.full_like(pixels, hole)))


def test_one_fraction_everywhere_is_one_grey(tmp_path: Path) -> None:
    film = saved(tmp_path, "film.tif", np.full((3, 4), 0.25, np.float32))
    assert not read_raster(film).image.pixels.any()


def test_refuses_a_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = [Pillow.fromarray(GREY)] * 3
    first.save(tmp_path / "film.tif", save_all=True, append_images=others)
    monkeypatch.setattr(raster, "MOST_PAGES", 2)
    assert "more than 2 pictures" in refusal(tmp_path / "film.tif")


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("bits", [1, 8])
def test_a_png_without_its_last_rows_is_refused(
    tmp_path: Path, interlaced: bool, bits: int
) -> None:
    """Decoders make them up."""
    rows, columns = 9, 11
    header = struct.pack(">IIBBBBB", columns, rows, bits, 0, 0, 0, int(interlaced))
    sizes = [(rows, columns)]
    if interlaced:  # pictures 0 to 6 of Adam7
        sizes = [(2, 2), (2, 1), (1, 3), (3, 3), (2, 6), (5, 5), (4, 11)]
    whole = sum(high * (1 + (wide * bits + 7) // 8) for high, wide in sizes)
    for missing in (0, 1):
        packed = zlib.compress(bytes(whole - missing))
        data = b"\x89PNG\r\n\x1a\n"
        for name, content in ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")):
            check = struct.pack(">I", zlib.crc32(name + content))
            data += struct.pack(">I", len(content)) + name + content + check
        (tmp_path / "film.png").write_bytes(data)
        if not missing:
            assert read_raster(tmp_path / "film.png").image.shape == (rows, columns)
    refusal(tmp_path / "film.png")


@pytest.mark.parametrize("name", ["film.png", "film.jpg", "film.tif", "film.bmp"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_refuses_files_cut_short(tmp_path: Path, name: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8)
    data = saved(tmp_path, name, noise).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    refusal(tmp_path / name)


def test_refuses_damaged_content(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (64, 64), np.uint8)
    data = bytearray(saved(tmp_path, "film.png", noise).read_bytes())
    data[200:260] = bytes(60)
    (tmp_path / "film.png").write_bytes(data)
    assert "damaged" in refusal(tmp_path / "film.png")


@pytest.mark.parametrize(
    "content", [b"x", b"not a film" * 100, b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]
)
def test_refuses_what_is_no_image(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "film.png").write_bytes(content)
    refusal(tmp_path / "film.png")


def test_refuses_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "film.png").touch()
    assert "empty" in refusal(tmp_path / "film.png")


def test_refuses_missing_files_and_folders(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "gone.png")
    assert "no ordinary file" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["a\0b.png", "n" * 300 + ".png"])
def test_refuses_impossible_names(tmp_path: Path, name: str) -> None:
    refusal(tmp_path / name)


def test_refuses_a_bomb_before_unpacking_it(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    start += struct.pack(">I", zlib.crc32(chunk))
    body = zlib.compress(bytes(1000))
    idat = struct.pack(">I", len(body)) + b"IDAT" + body + bytes(4)
    (tmp_path / "bomb.png").write_bytes(start + idat)
    assert "million pixels" in refusal(tmp_path / "bomb.png")


def test_refuses_more_pixels_than_a_film_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, "film.png", GREY)
    monkeypatch.setattr(raster, "MAX_PIXELS", GREY.size)
    assert read_raster(path).image.shape == GREY.shape
    monkeypatch.setattr(raster, "MAX_PIXELS", GREY.size - 1)
    assert "pixels" in refusal(path)


def test_refuses_files_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, "film.png", GREY)
    monkeypatch.setattr(file_bytes, "MAX_FILE_BYTES", 10)
    assert "limit" in refusal(path)


def test_knows_no_other_format(tmp_path: Path) -> None:
    """Formats that nobody asked for, some with a risky past, stay closed."""
    buffer = io.BytesIO()
    Pillow.fromarray(GREY).save(buffer, "GIF")
    (tmp_path / "film.png").write_bytes(buffer.getvalue())
    refusal(tmp_path / "film.png")
