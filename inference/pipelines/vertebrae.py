"""Answers where the 68 corners of a spine film are, given what a person already placed."""

from __future__ import annotations

from domain.errors import WeightsIncompatible
from domain.vertebrae import VertebraeFindings, VertebraePrompt
from inference.bench import Bench
from inference.boundaries import stopping_at_layers
from inference.contracts import Report, Request
from inference.vertebrae import column_net, hrnet_ocr, unet_ikem

_FAMILIES = {
    "column_net": column_net.find_corners,
    "unet_ikem": unet_ikem.find_corners,
    "hrnet_ocr": hrnet_ocr.find_corners,
}


def run(request: Request, report: Report, bench: Bench) -> VertebraeFindings:
    """Find the corners with whatever network the weights hold.

    Raises:
        NeedPixels: the engine does not hold the film.
        WeightsIncompatible: the weights belong to another task.
    """
    loaded = bench.network(request.weights_id)
    find_corners = _FAMILIES.get(loaded.entry.architecture)
    if find_corners is None:
        raise WeightsIncompatible(
            f"The weights {request.weights_id} cannot find vertebrae.",
            why=f"They hold a network of the family {loaded.entry.architecture!r}.",
            remedy="Choose weights of the vertebrae task.",
        )
    prompt = request.prompt if isinstance(request.prompt, VertebraePrompt) else VertebraePrompt()
    with stopping_at_layers(report) as stoppable:
        return find_corners(request, prompt, stoppable, bench)
