"""What the published networks have in common, written down once more; and weights that tell.

The golden weights hardly let the hints through. With telling ones they decide the answer.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from models.vertebrae.heatmaps import hint_maps
from tests.golden.fill import filled, input_numbers

FRAME = (64, 64)


def ask(network, *maps):
    """An answer without gradients."""
    with torch.no_grad():
        return network(*maps)


def telling(network):
    """A narrow network whose hint path and gates are strong."""
    state = filled(network.state_dict())
    state["hint_fusion_layer.scale"] = torch.tensor([-2.0])  # its absolute value counts
    state["hint_fusion_layer.hintmap_encoder.0.weight"] *= 8
    if network.iggnet is not None:
        state["iggnet.hintEncoder.convs.0.0.weight"][:, -68:] *= 8
        state["iggnet.conv1.bias"] += 4  # awake, so that the maximum comes through
        state["iggnet.conv2.weight"] *= 2
    network.load_state_dict(state)
    return network.eval()


def telling_question(*, batch=2):
    """Hints of other corners in each film, previous maps, and films."""
    centres = torch.tensor([[12.3, 40.7], [50.1, 20.2]])
    hints = hint_maps(centres, index=torch.tensor([3, 60]), frame=FRAME, sigma=5.0)
    hints = torch.cat([hints, hints.flip(1)])[:batch]
    previous = torch.sigmoid(2 * input_numbers((batch, 68, *FRAME), k=1001))
    image = input_numbers((batch, 3, *FRAME), k=1000).clamp(-1, 1)
    return hints, previous, image


class Recipe:
    """Steps of a forward pass from a state dict alone."""

    def __init__(self, state):
        self.state = state

    def conv(self, x, key, *, stride=1):
        weight = self.state[f"{key}.weight"]
        pad = weight.shape[-1] // 2
        bias = self.state.get(f"{key}.bias")
        return functional.conv2d(x, weight, bias, stride=stride, padding=pad)

    def norm(self, x, key):
        mean, var, weight, bias = (
            self.state[f"{key}.{name}"].view(1, -1, 1, 1)
            for name in ("running_mean", "running_var", "weight", "bias")
        )
        return (x - mean) / torch.sqrt(var + 1e-5) * weight + bias

    def sized(self, x, size):
        return functional.interpolate(x, size, mode="bilinear", align_corners=True)

    def fused(self, hints, previous, image):
        key = "hint_fusion_layer"
        told = self.conv(torch.cat([hints, previous], 1), f"{key}.hintmap_encoder.0")
        told = torch.where(told > 0, told, 0.2 * told)
        told = self.conv(told, f"{key}.hintmap_encoder.2", stride=2)
        seen = self.conv(image, f"{key}.image_encoder.0", stride=2)
        seen = self.norm(seen, f"{key}.image_encoder.1").clamp_min(0)
        joined = seen + self.state[f"{key}.scale"].abs() * told
        x = self.conv(joined, f"{key}.last_encoder.0", stride=2)
        return self.norm(x, f"{key}.last_encoder.1").clamp_min(0)

    def gates(self, x, hints):
        x = torch.cat([x, self.sized(hints, x.shape[-2:])], 1)
        for n, stride in enumerate((2, 1, 1)):
            x = self.conv(x, f"iggnet.hintEncoder.convs.{n}.0", stride=stride)
            x = self.norm(x, f"iggnet.hintEncoder.convs.{n}.1").clamp_min(0)
        x = x.flatten(2).max(dim=2).values[:, :, None, None]
        return torch.sigmoid(self.conv(self.conv(x, "iggnet.conv1").clamp_min(0), "iggnet.conv2"))
