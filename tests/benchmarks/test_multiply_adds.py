"""The table of the published networks says what was published, and what is so."""

from __future__ import annotations

import pytest
from torch import nn

from benchmarks import multiply_adds
from benchmarks.multiply_adds import NETWORKS, main, measure


@pytest.fixture(scope="module")
def sizes():
    return {network: measure(network.make) for network in NETWORKS}


def test_published_figures_come_out(sizes):
    counted = [
        (f"{size.parameters / 1e6:.2f}", f"{size.as_published / 1e9:.2f}")
        for size in sizes.values()
    ]
    assert counted == [("32.55", "10.68"), ("32.94", "38.41")]
    assert counted == [(network.parameters, network.multiply_adds) for network in NETWORKS]


def test_the_table_names_both(sizes, capsys, monkeypatch):
    by_maker = {network.make: size for network, size in sizes.items()}
    monkeypatch.setattr(multiply_adds, "measure", by_maker.__getitem__)
    main()
    said = capsys.readouterr().out
    for words in ("32,548,261", "32,942,889", "10.68 G", "38.41 G", "9.76 G", "38.54 G"):
        assert words in said


class Tiny(nn.Module):
    """A convolution in a container, its opposite, and a product."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 2, 2, stride=2))
        self.up = nn.ConvTranspose2d(2, 5, 2, stride=2)

    def forward(self, hints, previous, image):
        return (raised := self.up(self.down(image))) @ raised.transpose(2, 3)


def test_what_is_counted_and_what_was():
    size = measure(Tiny)
    places = 256 * 128  # of the halved frame
    convolution, opposite = 3 * 2 * 4 * places, 2 * 5 * 4 * places
    assert size.parameters == 3 * 2 * 4 + 2 + 2 * 5 * 4 + 5
    assert size.multiply_adds == convolution + opposite + 5 * 512 * 512 * 256
    assert size.as_published == convolution + 3 * 2 * 4 + 4 * opposite  # nothing for the product
