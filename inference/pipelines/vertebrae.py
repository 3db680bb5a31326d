"""Answers where the 68 corners of a spine film are, given what a person already placed."""

from __future__ import annotations

from dataclasses import replace

from domain.doubting import doubts_of_hints
from domain.errors import WeightsIncompatible
from domain.vertebrae import VertebraeFindings, VertebraePrompt
from inference.bench import Bench
from inference.boundaries import stopping_at_layers
from inference.contracts import Report, Request
from inference.vertebrae import column_net, hrnet_ocr, unet_ikem
from inference.vertebrae.asked import hints_of, require_places

_FAMILIES = {
    "column_net": column_net.find_corners,
    "unet_ikem": unet_ikem.find_corners,
    "hrnet_ocr": hrnet_ocr.find_corners,
}


def run(request: Request, report: Report, bench: Bench) -> VertebraeFindings:
    """Find the corners with whatever network the weights hold.

    Hints that contradict one another are obeyed, and the answer says so.

    Raises:
        NeedPixels: the engine does not hold the film.
        NotForThisTask: a hint is nowhere.
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
    hints = hints_of(prompt)
    if hints:
        rows, columns = bench.pixels(request.images[0]).shape[:2]
        require_places(hints, film=(rows, columns))
    with stopping_at_layers(report) as stoppable:
        found = find_corners(request, prompt, stoppable, bench)
    doubts = doubts_of_hints(hints)
    return replace(found, doubts=(*found.doubts, *doubts)) if doubts else found
