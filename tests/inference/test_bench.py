"""What a pipeline finds on its bench."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from domain.errors import NeedPixels
from inference.bench import Bench, Drawer, Shelf, size_in_bytes


def test_a_shelf_forgets_what_was_used_longest_ago():
    shelf = Shelf(3000)
    for name in "abc":
        shelf[(name,)] = np.zeros(1000, np.uint8)
    assert shelf[("a",)].size == 1000
    shelf[("d",)] = np.zeros(1000, np.uint8)
    assert list(shelf) == [("c",), ("a",), ("d",)]
    assert shelf.bytes_held == 3000
    assert shelf.get(("b",)) is None


def test_a_shelf_counts_a_replaced_value_once_and_refuses_what_is_too_large():
    shelf = Shelf(3000)
    shelf[("a",)] = np.zeros(2000, np.uint8)
    shelf[("a",)] = np.zeros(1000, np.uint8)
    assert shelf.bytes_held == 1000
    shelf[("b",)] = np.zeros(3001, np.uint8)
    assert list(shelf) == [("a",)]
    shelf[("a",)] = np.zeros(3001, np.uint8)
    assert list(shelf) == []
    assert shelf.bytes_held == 0


@dataclass
class Features:
    levels: list[np.ndarray]
    by_name: dict[str, np.ndarray]


def test_sizes_are_summed_through_what_pipelines_keep():
    array = np.zeros((10, 10), np.float64)
    assert size_in_bytes(array) == 800
    assert size_in_bytes((array, [array, array])) == 2400
    assert size_in_bytes(Features([array], {"a": array})) == 1600
    assert size_in_bytes("words") > 0


def test_pixels_that_are_not_there_are_asked_for():
    pixels = np.ones((2, 2), np.uint8)
    bench = Bench(images={"a": pixels}, network=lambda _: None, cache=Shelf(1), device=None)
    assert bench.pixels("a") is pixels
    with pytest.raises(NeedPixels, match="beef"):
        bench.pixels("beef")


def test_a_drawer_holds_what_the_shelf_has_under_its_key() -> None:
    shelf = Shelf(100)
    shelf[("task", "film")] = np.zeros(1)
    shelf[("task", "other", "x")] = np.zeros(1)
    drawer = Drawer(shelf, ("task", "film"))
    drawer["a"] = np.zeros(2)
    assert list(drawer) == ["a"]
    assert len(drawer) == 1
    assert shelf.bytes_held == 32
    assert shelf[("task", "film", "a")] is drawer["a"]
    drawer["b"] = np.zeros(11)
    assert drawer.get("a") is None, "the shelf made room"
    del drawer["b"]
    assert drawer.get("b") is None
