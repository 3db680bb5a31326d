"""The network's forward pass written down once more, flat, from a state dict alone."""

from __future__ import annotations

import math

import torch
from torch.nn import functional


class SpaceTimeRecipe:
    """As the facts have it: convolutions in one dimension over time, attention written out."""

    def __init__(self, state, config):
        self.state, self.config = state, config

    def has(self, key):
        return f"{key}.weight" in self.state

    def conv(self, x, key):
        batch, _, frames, rows, columns = x.shape
        weight, bias = self.state[f"{key}.spatial_conv.weight"], f"{key}.spatial_conv.bias"
        pad = weight.shape[-1] // 2
        each = [
            functional.conv2d(x[:, :, f], weight, self.state[bias], padding=pad)
            for f in range(frames)
        ]
        x = torch.stack(each, 2)
        if not self.has(f"{key}.temporal_conv"):
            return x
        lines = x.permute(0, 3, 4, 1, 2).reshape(batch * rows * columns, -1, frames)
        weight, bias = (self.state[f"{key}.temporal_conv.{name}"] for name in ("weight", "bias"))
        lines = functional.conv1d(lines, weight, bias, padding=1)
        return lines.reshape(batch, rows, columns, -1, frames).permute(0, 3, 4, 1, 2)

    def norm(self, x, key):
        grouped = x.reshape(x.shape[0], math.gcd(32, x.shape[1]), -1)
        spread = torch.sqrt(grouped.var(2, unbiased=False, keepdim=True) + 1e-5)
        grouped = (grouped - grouped.mean(2, keepdim=True)) / spread
        weight, bias = (self.state[f"{key}.{name}"] for name in ("weight", "bias"))
        return grouped.reshape(x.shape) * weight[:, None, None, None] + bias[:, None, None, None]

    def linear(self, x, key):
        y = x @ self.state[f"{key}.weight"].flatten(1).T
        return y + self.state[f"{key}.bias"] if f"{key}.bias" in self.state else y

    def silu(self, x):
        return x * torch.sigmoid(x)

    def residual(self, x, key, told, *, sampled=lambda x: x):
        inner = self.conv(
            sampled(self.silu(self.norm(x, f"{key}.in_layers.0"))), f"{key}.in_layers.2"
        )
        both = self.linear(self.silu(told), f"{key}.emb_layers.1")[..., None, None, None]
        half = both.shape[1] // 2
        inner = self.norm(inner, f"{key}.out_layers.0") * (1 + both[:, :half]) + both[:, half:]
        inner = self.conv(self.silu(inner), f"{key}.out_layers.3")
        skip = f"{key}.skip_connection"
        x = sampled(x)
        return (self.conv(x, skip) if self.has(f"{skip}.spatial_conv") else x) + inner

    def rms(self, x, key):
        gamma = self.state[f"{key}.gamma"]
        return x / x.square().sum(-1, keepdim=True).sqrt() * math.sqrt(len(gamma)) * gamma

    def bias(self, places, key):
        """Of each pair of places: the network of their offset, from the second to the first."""
        x = (places[:, None] - places[None]).to(self.state[f"{key}.net.2.bias"].dtype)
        for layer in ("0.0", "1.0"):
            x = self.silu(self.linear(x, f"{key}.net.{layer}"))
        return self.linear(x, f"{key}.net.2").permute(2, 0, 1)

    def attend(self, x, key, bias):
        normed = self.rms(x, f"{key}.norm")
        query = self.linear(normed, f"{key}.to_q")
        both, width = self.linear(normed, f"{key}.to_kv"), x.shape[-1]
        size, seen = width // self.config.heads, []
        for h in range(self.config.heads):
            own = slice(h * size, (h + 1) * size)
            q, k, v = query[..., own], both[..., own], both[..., width:][..., own]
            likeness = q @ k.transpose(1, 2) / math.sqrt(size) + bias[h]
            seen.append(likeness.softmax(-1) @ v)
        return x + self.linear(torch.cat(seen, -1), f"{key}.to_out")

    def attention(self, x, key, start):
        batch, channels, frames, rows, columns = x.shape
        maps = self.state[f"{key}.temporal_pos_embedding.weight"]
        x = x.clone()
        for b in range(batch):
            for f in range(frames):
                own = maps[min(int(start[b]) + f, len(maps) - 1)]
                x[b, :, f] = x[b, :, f] + own.reshape(rows, columns)
        places = torch.tensor([(r, c) for r in range(rows) for c in range(columns)])
        flat = x.permute(0, 2, 3, 4, 1).reshape(batch * frames, rows * columns, channels)
        space, time = f"{key}.spatial_rel_pos_bias", f"{key}.temporal_rel_pos_bias"
        flat = self.attend(flat, f"{key}.spatial_attn", self.bias(places, space))
        flat = flat.reshape(batch, frames, rows * columns, channels).transpose(1, 2)
        flat = flat.reshape(batch * rows * columns, frames, channels)
        ticks = torch.arange(frames)[:, None]
        flat = self.attend(flat, f"{key}.temporal_attn", self.bias(ticks, time))
        flat = flat.reshape(batch, rows * columns, frames, channels).transpose(1, 2)
        flat = flat + self.forward_feed(flat, f"{key}.ff")
        return flat.reshape(batch, frames, rows, columns, channels).permute(0, 4, 1, 2, 3)

    def forward_feed(self, x, key):
        inner = self.state[f"{key}.proj_out.0.gamma"].shape[0]
        wide = self.linear(x, f"{key}.proj_in.0")
        told, gate = wide[..., :inner], wide[..., inner:]
        wide = told * gate * (1 + torch.erf(gate / math.sqrt(2))) / 2
        now = math.ceil(inner / 2)
        shifted = torch.zeros_like(wide[..., now:])
        shifted[:, 1:] = wide[:, :-1, :, now:]
        wide = self.rms(torch.cat([wide[..., :now], shifted], -1), f"{key}.proj_out.0")
        return self.linear(wide, f"{key}.proj_out.1")

    def block(self, x, key, told, start, *, sampled=lambda x: x):
        x = self.residual(x, f"{key}.0", told, sampled=sampled)
        if f"{key}.1.temporal_pos_embedding.weight" in self.state:
            return self.attention(x, f"{key}.1", start)
        if self.has(f"{key}.1.in_layers.0"):
            return self.residual(x, f"{key}.1", told, sampled=doubled)
        return x

    def __call__(self, x, level, start):
        half = self.config.width // 2
        angles = level[:, None] / 10000 ** (torch.arange(half, dtype=x.dtype) / half)
        told = self.linear(torch.cat([angles.cos(), angles.sin()], 1), "time_embed.0")
        told = self.linear(self.silu(told), "time_embed.2")
        by = self.config.unshuffle
        x = torch.cat([x[..., r::by, c::by] for r in range(by) for c in range(by)], 1)
        x = self.conv(x, "input_blocks.0.0")
        laterals, blocks = [x], self.config.blocks + 1
        for n in range(1, blocks * len(self.config.multipliers)):
            sampled = halved if n % blocks == 0 else lambda x: x
            x = self.block(x, f"input_blocks.{n}", told, start, sampled=sampled)
            laterals.append(x)
        x = self.block(x, "middle_block", told, start)
        x = self.residual(x, "middle_block.2", told)
        for n in range(blocks * len(self.config.multipliers)):
            x = self.block(torch.cat([x, laterals.pop()], 1), f"output_blocks.{n}", told, start)
        x = self.conv(self.silu(self.norm(x, "out.0")), "out.2")
        batch, _, frames, rows, columns = x.shape
        x = x.reshape(batch, 2, by, by, frames, rows, columns).permute(0, 1, 4, 5, 2, 6, 3)
        return x.reshape(batch, 2, frames, rows * by, columns * by)


def halved(x):
    return (x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) / 4


def doubled(x):
    return x.repeat_interleave(2, -1).repeat_interleave(2, -2)
