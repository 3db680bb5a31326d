"""Picks what to compute on and in which number format, from one word."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from domain.errors import WrongUse

CHOICES = ("auto", "cpu", "cuda", "mps")
DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


@dataclass(frozen=True)
class Device:
    """What networks run on.

    Args:
        torch_device: for torch.
        dtype: name of the number format networks compute in; what is published runs in float32.
        words: for people.
    """

    torch_device: torch.device
    dtype: str
    words: str

    @property
    def torch_dtype(self) -> torch.dtype:
        """The number format, for torch."""
        return DTYPES[self.dtype]


def pick_device(choice: str = "auto", *, dtype: str = "auto") -> Device:
    """The device that a word means; "auto" takes the fastest kind there is.

    Args:
        choice: one of CHOICES.
        dtype: one of DTYPES, or "auto" for the fastest that the device computes natively.

    Raises:
        WrongUse: no such word, or no such device in this machine.
    """
    if dtype != "auto" and dtype not in DTYPES:
        raise WrongUse(
            f"No number format is called {dtype!r}.",
            remedy=f"Use one of: auto, {', '.join(DTYPES)}.",
        )
    kind = _kind(choice)
    return Device(
        torch_device=torch.device(kind),
        dtype=_best_dtype(kind) if dtype == "auto" else dtype,
        words=_words(kind),
    )


def _kind(choice: str) -> str:
    if choice not in CHOICES:
        raise WrongUse(
            f"No device is called {choice!r}.", remedy=f"Use one of: {', '.join(CHOICES)}."
        )
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if choice == "auto":
        return next((kind for kind, there in present.items() if there), "cpu")
    if not present.get(choice, True):
        raise WrongUse(
            f"The device {choice!r} is not there.",
            why="This machine or this build of torch has none.",
            remedy="Use auto or cpu.",
        )
    return choice


def _best_dtype(kind: str) -> str:
    if kind == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    if kind == "cpu" and _cpu_computes_bfloat16():
        return "bfloat16"
    return "float32"


def _cpu_computes_bfloat16() -> bool:
    """Whether bfloat16 is faster here than float32, not merely possible."""
    tell = getattr(torch.cpu, "get_capabilities", None)  # not in every torch
    known = tell() if tell is not None else {}
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def _words(kind: str) -> str:
    if kind == "cuda":
        card = torch.cuda.get_device_properties(0)
        return f"{card.name}, {card.total_memory / 2**30:.0f} GiB"
    if kind == "mps":
        return "Apple GPU"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"CPU, {cores} {'core' if cores == 1 else 'cores'}"


@contextmanager
def on_one_core() -> Iterator[None]:
    """Compute on one core meanwhile, for what is small and asked while a hand moves.

    Threads wait for one another at every layer: beside a window that paints, two were slower.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
