"""One word picks the device; a device that is not there is refused in words."""

from __future__ import annotations

import pytest
import torch

from domain.errors import WrongUse
from inference.device import on_one_core, pick_device


@pytest.fixture
def machine(monkeypatch):
    """A machine with the accelerators named."""

    def make(*present, bfloat16=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in present)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in present)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: bfloat16)
        monkeypatch.setattr(
            torch.cuda,
            "get_device_properties",
            lambda _: type("Card", (), {"name": "Card", "total_memory": 8 * 2**30})(),
        )
        monkeypatch.setattr(
            torch.cpu, "get_capabilities", lambda: {"avx512_bf16": bfloat16}, raising=False
        )

    return make


@pytest.mark.parametrize(
    ("present", "kind"),
    [((), "cpu"), (("mps",), "mps"), (("cuda",), "cuda"), (("cuda", "mps"), "cuda")],
)
def test_auto_takes_the_fastest(machine, present, kind):
    machine(*present)
    assert pick_device().torch_device.type == kind


def test_a_word_wins_over_what_is_there(machine):
    machine("cuda", "mps")
    assert pick_device("cpu").torch_device.type == "cpu"
    assert pick_device("mps").torch_device.type == "mps"


@pytest.mark.parametrize(
    ("choice", "bfloat16", "dtype"),
    [
        ("cpu", True, "bfloat16"),
        ("cpu", False, "float32"),
        ("cuda", True, "bfloat16"),
        ("cuda", False, "float16"),
        ("mps", True, "float32"),
    ],
)
def test_auto_takes_the_format_the_device_is_fast_in(machine, choice, bfloat16, dtype):
    machine("cuda", "mps", bfloat16=bfloat16)
    device = pick_device(choice)
    assert device.dtype == dtype
    assert device.torch_dtype is getattr(torch, dtype)
    assert pick_device(choice, dtype="float32").dtype == "float32"


def test_words_name_the_device(machine):
    machine("cuda")
    assert pick_device("cuda").words == "Card, 8 GiB"
    assert pick_device("cpu").words.startswith("CPU, ")


@pytest.mark.parametrize("choice", ["cuda", "mps"])
def test_an_absent_device_is_refused(machine, choice):
    machine()
    with pytest.raises(WrongUse, match=choice):
        pick_device(choice)


def test_unknown_words_are_refused():
    with pytest.raises(WrongUse, match="tpu"):
        pick_device("tpu")
    with pytest.raises(WrongUse, match="int8"):
        pick_device("cpu", dtype="int8")


@on_one_core()
def give_up():
    raise WrongUse(f"Given up on {torch.get_num_threads()}.")


def test_one_core_is_computed_on_for_a_while_alone():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(WrongUse, match=r"on 1\."):
            give_up()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
