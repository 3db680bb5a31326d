"""Draws small panoramics, with and without implants, for the tests."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import torch

from inference.loader import save_weights
from models.diffusion.prediction import Predicts
from models.implant.initialise import Beginning, initialise
from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig

TINY = SpaceTimeUNetConfig(
    width=8,
    multipliers=(1, 1),
    blocks=1,
    embedding=8,
    attention=(),
    heads=2,
    dropout=0.0,
    unshuffle=8,
    predicts=Predicts.X0,
)
ROWS, COLUMNS = 96, 160


def draw_mouth(seed: int, *, with_implant: bool) -> tuple[np.ndarray, list[list[list[float]]]]:
    """A grey picture, and the outlines of its implants."""
    rng = np.random.default_rng(seed)
    film = np.full((ROWS, COLUMNS), 70.0)
    for column in range(20, COLUMNS - 20, 14):
        film[30:66, column : column + 8] = 120 + rng.normal(0, 5)
    implants = []
    if with_implant:
        left = float(rng.integers(30, COLUMNS - 40))
        film[50:76, int(left) : int(left) + 9] = 245
        implants = [[[50, left], [50, left + 8], [75, left + 8], [75, left]]]
    noisy = film + rng.normal(0, 3, film.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), implants


def restless() -> SpaceTimeUNet:
    """A network whose answer hangs on all that it is asked."""
    torch.manual_seed(0)
    network = SpaceTimeUNet(TINY).eval()
    with torch.no_grad():
        for value in network.parameters():
            value.normal_(0, 0.1)
    return network


def write_weights(folder: Path) -> Path:
    """A weights file of a tiny network that has learnt nothing; returns it."""
    torch.manual_seed(0)
    network = SpaceTimeUNet(TINY)
    initialise(network, Beginning.IMPROVED)
    path = folder / "tiny.safetensors"
    save_weights(network, path, architecture="space_time_unet", config=TINY)
    return path


def write_mouths(folder: Path, *, healthy: int, with_implant: int) -> Path:
    """A folder with cases.csv; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "cases.csv").open("w", newline="", encoding="utf-8") as lines:
        table = csv.writer(lines)
        table.writerow(("path", "patient", "label", "boxes", "teeth", "whatever"))
        for n in range(healthy + with_implant):
            film, implants = draw_mouth(n, with_implant=n >= healthy)
            _, content = cv2.imencode(".png", film)
            (folder / f"film{n}.png").write_bytes(content.tobytes())
            boxes = f"film{n}.json" if implants else ""
            if boxes:
                (folder / boxes).write_text(json.dumps({"implants": implants}), encoding="utf-8")
            table.writerow((f"film{n}.png", f"p{n}", int(n >= healthy), boxes, 28 - n, "x"))
    return folder
