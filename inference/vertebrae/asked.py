"""What every network of the vertebrae task reads from a request in the same way."""

from __future__ import annotations

from domain.vertebrae import VertebraeOptions
from inference.contracts import Request


def options_of(request: Request) -> VertebraeOptions:
    """The options of a request, the usual ones where it has none."""
    options = request.options
    return options if isinstance(options, VertebraeOptions) else VertebraeOptions()
