"""What the network is made of: frames convolved, offsets told, beginnings chosen, clips cut."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from domain.errors import NotForThisTask
from domain.provenance import Mode
from models.implant.attention import FeedForward, SpaceTimeAttention
from models.implant.clips import from_clips, starts, to_clips
from models.implant.initialise import Beginning, initialise
from models.implant.pseudo_conv import PseudoConv3d
from models.implant.relative_bias import RelativePositionBias
from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig

TINY = SpaceTimeUNetConfig(
    width=8, multipliers=(1, 2), blocks=1, embedding=12, attention=(8,), side=16, frames=6
)


def test_time_is_convolved_as_in_one_dimension():
    """Bit for bit, as the published code does it."""
    torch.manual_seed(1)
    conv, maps = PseudoConv3d(3, 8), torch.randn(2, 3, 4, 6, 5)
    with torch.inference_mode():
        flat = conv.spatial_conv(maps.transpose(1, 2).reshape(8, 3, 6, 5))
        lines = flat.reshape(2, 4, 8, 6, 5).permute(0, 3, 4, 2, 1).reshape(60, 8, 4)
        expected = conv.temporal_conv(lines).reshape(2, 6, 5, 8, 4).permute(0, 3, 4, 1, 2)
        assert torch.equal(conv(maps), expected)


def test_a_kernel_of_one_has_no_part_in_time():
    conv = PseudoConv3d(3, 5, kernel=1)
    assert [name for name, _ in conv.named_parameters()] == [
        "spatial_conv.weight",
        "spatial_conv.bias",
    ]
    assert conv(torch.randn(1, 3, 2, 4, 4)).shape == (1, 5, 2, 4, 4)


def test_the_bias_depends_on_the_offset_alone_and_on_its_direction():
    torch.manual_seed(1)
    bias = RelativePositionBias(2, hidden=6, heads=3)(4, 5)
    assert bias.shape == (3, 20, 20)
    grid = bias.reshape(3, 4, 5, 4, 5)
    torch.testing.assert_close(grid[:, 1, 2, 0, 4], grid[:, 3, 0, 2, 2])
    assert not torch.allclose(grid[:, 1, 2, 0, 4], grid[:, 0, 4, 1, 2])


def test_the_feed_forward_hears_the_frame_before():
    torch.manual_seed(1)
    feed, vectors = FeedForward(6), torch.randn(1, 4, 2, 6)
    changed = vectors.clone()
    changed[0, 1, 0] += 1
    with torch.inference_mode():
        differs = (feed(vectors) != feed(changed)).any(-1)[0]
    assert differs[:, 0].tolist() == [False, True, True, False]
    assert not differs[:, 1].any()


def test_attention_reaches_all_places_and_frames():
    torch.manual_seed(1)
    block = SpaceTimeAttention(8, heads=2, frames=6, side=3)
    maps = torch.randn(1, 8, 4, 3, 3)
    changed = maps.clone()
    changed[0, :, 3, 2, 2] += 1
    with torch.inference_mode():
        start = torch.tensor([0])
        differs = (block(maps, start) - block(changed, start)).abs().sum(1)[0]
    assert (differs > 1e-7).all()


def begun(beginning):
    torch.manual_seed(1)
    network = SpaceTimeUNet(TINY).eval()
    initialise(network, beginning)
    return network


def test_a_faithful_beginning_is_that_of_the_published_trainer():
    network = begun(Beginning.FAITHFUL)
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear):
            fans = nn.init._calculate_fan_in_and_fan_out(module.weight)
            expected = 0.02 * (2 / sum(fans)) ** 0.5
            if module.weight.numel() > 500:
                assert module.weight.std().item() == pytest.approx(expected, rel=0.2)
            assert module.bias is None or not module.bias.any()
        elif isinstance(module, nn.Embedding):
            assert module.weight.std().item() == pytest.approx(1, rel=0.2)


def test_an_improved_beginning_says_no_noise_and_leaves_frames_alone():
    network = begun(Beginning.IMPROVED)
    clips, one = torch.randn(1, 1, 4, 16, 16), torch.tensor([1])
    with torch.inference_mode():
        assert not network(clips, one, one).any()
        block = network.middle_block[1]
        maps = torch.randn(1, 16, 4, 8, 8)
        torch.testing.assert_close(block(maps, one), maps)
        conv = network.input_blocks[0][0]
        alone = conv(clips[:, :, 1:2])
        torch.testing.assert_close(conv(clips)[:, :, 1:2], alone)


@pytest.mark.parametrize("beginning", list(Beginning))
def test_every_beginning_learns(beginning):
    """A few steps on one question bring the answer nearer to it."""
    network, one = begun(beginning).train(), torch.tensor([1])
    clips = torch.randn(2, 1, 4, 16, 16)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(16):
        loss = (network(clips, one, one)[:, :1] - clips).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]


def test_starts_are_the_published_ones_or_those_that_were_meant():
    assert starts(4, mode=Mode.AS_PUBLISHED).tolist() == [0, 4, 12, 24]
    assert starts(4, mode=Mode.CORRECTED).tolist() == [0, 4, 8, 12]


def test_clips_are_cut_and_joined():
    frames = torch.arange(8.0)[:, None, None].expand(8, 2, 3)
    clips = to_clips(frames)
    assert clips.shape == (2, 1, 4, 2, 3)
    assert clips[1, 0, :, 0, 0].tolist() == [4, 5, 6, 7]
    assert torch.equal(from_clips(clips), frames)


@pytest.mark.parametrize("count", [0, 3, 15])
def test_frames_that_make_no_whole_clips_are_refused(count):
    with pytest.raises(NotForThisTask, match=f"of {count} frames"):
        to_clips(torch.zeros(count, 2, 2))
