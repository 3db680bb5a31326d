"""Reads corners from points of labelme whose labels are names of corners, like "T7.TL"."""

from __future__ import annotations

from pathlib import Path

from app.io.exporters.labelme import HALF_PIXEL
from app.io.readers.matching import (
    Json,
    Place,
    decided_by_name,
    entry_for,
    is_corner_name,
    number,
    read_document,
    require_size,
    telling,
)
from domain.annotation import Annotations
from domain.image import Image


def is_labelme(data: bytes) -> bool:
    """Whether a file looks like one of labelme."""
    return b'"shapes"' in data and b'"imagePath"' in data


def read_labelme(path: Path, *, image: Image, file: str) -> Annotations:
    """The corners of the film with that file name; shapes that are no corners are passed over.

    Raises:
        UnreadableFile: a damaged file, or one without a column for this film.
        ImageMismatch: its film has another size.
    """
    with telling(path):
        document = read_document(path)
        entry_for(file, names=[str(document["imagePath"])])
        require_size(document.get("imageHeight"), document.get("imageWidth"), image=image)
        shapes = [shape for shape in document["shapes"] if is_corner_name(str(shape["label"]))]
        places = {shape["label"]: _place(shape) for shape in shapes}
        if len(places) != len(shapes):
            msg = "a corner is named twice"
            raise ValueError(msg)
        return decided_by_name(places, image=image)


def _place(shape: Json) -> Place:
    if shape["shape_type"] != "point":
        msg = f"{shape['label']} is no point"
        raise ValueError(msg)
    ((x, y),) = shape["points"]
    return number(y) - HALF_PIXEL, number(x) - HALF_PIXEL
