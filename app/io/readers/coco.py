"""Reads corners from COCO keypoints, counted as CVAT counts: a pixel's centre ends in a half."""

from __future__ import annotations

from pathlib import Path

from app.io.exporters.coco import HALF_PIXEL
from app.io.readers.matching import (
    Json,
    Place,
    decided,
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


def is_coco(data: bytes) -> bool:
    """Whether a file looks like COCO keypoints."""
    return all(word in data for word in (b'"annotations"', b'"images"', b'"keypoints"'))


def read_coco(path: Path, *, image: Image, file: str) -> Annotations:
    """The corners of the film with that file name.

    Raises:
        UnreadableFile: a damaged file, or one without a column for this film.
        ImageMismatch: its film has another size.
    """
    with telling(path):
        document = read_document(path)
        entries = document["images"]
        entry = entries[entry_for(file, names=[str(entry["file_name"]) for entry in entries])]
        require_size(entry.get("height"), entry.get("width"), image=image)
        annotation = _the_one(document["annotations"], image_id=entry["id"])
        places = _places(annotation["keypoints"])
        names = _names(document["categories"], category=annotation["category_id"])
        if not any(is_corner_name(name) for name in names):  # told by their order alone
            return decided(places, image=image)
        return decided_by_name(dict(zip(names, places, strict=True)), image=image)


def _the_one(annotations: list[Json], *, image_id: object) -> Json:
    found = [one for one in annotations if one["image_id"] == image_id and one.get("keypoints")]
    if len(found) != 1:
        msg = f"it has {len(found)} columns for this film, one is needed"
        raise ValueError(msg)
    return found[0]


def _names(categories: list[Json], *, category: object) -> list[str]:
    found = next((one for one in categories if one["id"] == category), None)
    if found is None:
        msg = f"there is no category {category}"
        raise ValueError(msg)
    return [str(name) for name in found.get("keypoints", ())]


def _places(keypoints: list[object]) -> list[Place]:
    values = [number(value) for value in keypoints]
    triples = list(zip(values[0::3], values[1::3], values[2::3], strict=True))
    if any(visibility == 0 for _, _, visibility in triples):
        msg = "a corner of the column is not placed"
        raise ValueError(msg)
    return [(y - HALF_PIXEL, x - HALF_PIXEL) for x, y, _ in triples]
