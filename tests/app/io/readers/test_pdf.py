"""PDF pages as pictures: scanned films with their own pixels, drawn pages at a sensible size."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from app.io.open import read_study
from app.io.readers.pdf import LONGEST_PX, read_pdf
from domain.errors import UnreadableFile
from tests.app.io.dicom.makers import dataset, phantom, saved

PICTURE = phantom(kind=np.uint8)


def scanned(path: Path, *pictures: NDArray[np.uint8]) -> Path:
    """A PDF whose pages are pictures, as scanners make them: 144 dots an inch, without loss."""
    canvas = Canvas(str(path))
    for picture in pictures:
        width, height = picture.shape[1] / 2, picture.shape[0] / 2
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(Pillow.fromarray(picture)), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return path


def written(path: Path, *, size: tuple[float, float] = (595, 842), **how: object) -> Path:
    canvas = Canvas(str(path), pagesize=size, **how)
    canvas.rect(size[0] * 0.1, size[1] * 0.8, size[0] * 0.2, size[1] * 0.1, fill=1)
    canvas.showPage()
    canvas.save()
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_pdf(path)
    assert path.name in caught.value.what
    assert caught.value.remedy
    return caught.value.why


def test_a_page_that_is_one_picture_gives_its_own_pixels(tmp_path: Path) -> None:
    pages = [PICTURE, PICTURE[::-1], np.ascontiguousarray(PICTURE[:50])]
    path = scanned(tmp_path / "film.pdf", *pages)
    for number, page in enumerate(pages):
        study = read_study(path, page=number)
        np.testing.assert_array_equal(study.image.pixels, page)
        assert (study.name, study.page, study.pages) == ("film", number, 3)
        assert not study.image.grid.calibrated


def test_other_pages_are_drawn(tmp_path: Path) -> None:
    pixels = read_pdf(written(tmp_path / "report.pdf")).image.pixels
    rows, columns = pixels.shape
    assert rows / columns == pytest.approx(842 / 595, abs=0.01)
    assert 1600 < rows <= LONGEST_PX
    assert pixels[int(rows * 0.15), int(columns * 0.2)] == 0
    assert pixels[int(rows * 0.85), int(columns * 0.2)] == 255
    assert pixels[int(rows * 0.15), int(columns * 0.8)] == 255


def test_a_poster_is_not_drawn_larger_than_a_film(tmp_path: Path) -> None:
    path = written(tmp_path / "poster.pdf", size=(14_000, 7_000))
    assert max(read_pdf(path).image.shape) == LONGEST_PX


def test_a_picture_with_something_on_it_is_drawn_whole(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "film.pdf"), pagesize=(640, 800))
    canvas.drawImage(ImageReader(Pillow.fromarray(PICTURE)), 0, 0, 640, 800)
    canvas.rect(0, 0, 64, 64, fill=1)
    canvas.showPage()
    canvas.save()
    pixels = read_pdf(tmp_path / "film.pdf").image.pixels
    assert pixels.shape != PICTURE.shape
    assert pixels[-10, 10] == 0


def test_a_picture_upside_down_is_drawn_as_the_page_shows_it(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "film.pdf"), pagesize=(64, 80))
    canvas.translate(64, 80)
    canvas.rotate(180)
    canvas.drawImage(ImageReader(Pillow.fromarray(PICTURE)), 0, 0, 64, 80)
    canvas.showPage()
    canvas.save()
    pixels = read_pdf(tmp_path / "film.pdf").image.pixels
    corner = PICTURE[5, 5]
    assert abs(int(pixels[-5, -5]) - int(corner)) < 3
    assert abs(int(pixels[5, 5]) - int(PICTURE[-3, -3])) < 12


def test_a_pdf_inside_dicom(tmp_path: Path) -> None:
    content = scanned(tmp_path / "film.pdf", PICTURE, PICTURE[::-1]).read_bytes()
    made = dataset(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1",
        PatientID="X1",
        StudyDate="20240229",
        EncapsulatedDocument=content + bytes(len(content) % 2),
    )
    study = read_study(saved(made, tmp_path / "report.dcm"), page=1)
    np.testing.assert_array_equal(study.image.pixels, PICTURE[::-1])
    assert (study.page, study.pages, study.taken) == (1, 2, "2024-02-29")
    assert study.person
    del made.EncapsulatedDocument
    with pytest.raises(UnreadableFile, match="holds no document"):
        read_study(saved(made, tmp_path / "empty.dcm"))


def test_a_locked_file_says_so(tmp_path: Path) -> None:
    assert "password" in refusal(written(tmp_path / "film.pdf", encrypt="secret"))


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_refuses_files_cut_short(tmp_path: Path, share: float) -> None:
    path = written(tmp_path / "film.pdf")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"%PDF-1.7\n" + bytes(500)])
def test_refuses_what_only_begins_like_a_pdf(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "film.pdf").write_bytes(content)
    refusal(tmp_path / "film.pdf")


def test_refuses_a_page_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no page 2"):
        read_pdf(written(tmp_path / "film.pdf"), page=1)


def test_screenshots_of_films_are_pictures(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Pillow.fromarray(np.stack([PICTURE] * 3 + [np.full_like(PICTURE, 255)], -1)).save(buffer, "PNG")
    (tmp_path / "Screenshot.png").write_bytes(buffer.getvalue())
    np.testing.assert_array_equal(read_study(tmp_path / "Screenshot.png").image.pixels, PICTURE)
