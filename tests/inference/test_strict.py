"""How two state dicts differ."""

from __future__ import annotations

import torch

from inference.strict import Differences

NEEDED = {"a": torch.zeros(2, 3), "b": torch.zeros(1)}


def test_equal_shapes_are_no_difference():
    found = Differences.between(NEEDED, {"b": torch.ones(1), "a": torch.ones(2, 3)})
    assert not found
    assert found == Differences()


def test_each_kind_is_told():
    found = Differences.between(NEEDED, {"a": torch.zeros(3, 2), "c": torch.zeros(1)})
    assert found
    assert (found.missing, found.unexpected) == (("b",), ("c",))
    assert found.shapes == ("a: has [3, 2], needs [2, 3]",)
    assert "1 missing (b)" in found.words
    assert "1 unexpected (c)" in found.words
    assert "a: has [3, 2]" in found.words


def test_long_lists_are_cut():
    found = Differences.between({str(n): torch.zeros(1) for n in range(200)}, {})
    assert found.words.startswith("200 missing (0, 1, ")
    assert len(found.words) < 80
