"""Who or what made a value, told exactly enough to make it again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Whether a network computes what its original computes, bugs included, or what it meant."""

    AS_PUBLISHED = "as_published"
    CORRECTED = "corrected"


@dataclass(frozen=True)
class ModelOrigin:
    """The network run that an answer comes from."""

    weights_id: str
    weights_sha256: str
    mode: Mode
    device: str
    dtype: str
    seconds: float
    version: str


PERSON = "person"
NETWORK = "network"
