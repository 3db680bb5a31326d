"""A study becomes a question that holds all that decides its answer."""

from __future__ import annotations

import numpy as np
import pytest

from app.tasks.implant.request import build_request, pixels_of
from domain.annotation import Annotations
from domain.errors import ImageMismatch, NotForThisTask
from domain.image import Cine, Image
from domain.implant import ImplantDecisions, ImplantOptions, Sampler

FRAMES = np.random.default_rng(2).integers(0, 256, (20, 48, 64)).astype(np.uint8)
STUDY = Image(FRAMES[0], cine=Cine(FRAMES))


def test_the_pictures_are_asked_about_and_sent():
    request, sent = build_request(STUDY, None, "weights"), pixels_of(STUDY)
    assert request.images == tuple(sent)
    assert request.prompt.numbers[-1] == 19
    (pixels,) = sent.values()
    assert pixels.shape == (16, 48, 64)
    assert not pixels.flags.writeable
    assert request.options == ImplantOptions()


def test_the_options_are_those_decided_on():
    options = ImplantOptions(level=120, steps=7, sampler=Sampler.DDIM, seeds=3)
    decided = Annotations(STUDY.sha256, implants=ImplantDecisions(options=options))
    assert build_request(STUDY, decided, "weights").options == options


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ImageMismatch):
        build_request(STUDY, Annotations("f" * 64), "weights")
    for make in (pixels_of, lambda image: build_request(image, None, "w")):
        with pytest.raises(NotForThisTask, match="31 x 500"):
            make(Image(np.zeros((31, 500), np.uint8)))
