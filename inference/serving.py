"""The engine's work: one request after the other, answered by pipelines (no torch)."""

from __future__ import annotations

import os
import queue
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from domain.errors import CaliperError, ImageMismatch, NeedPixels, NotForThisTask, OutOfMemory
from domain.image import image_identity
from domain.provenance import ModelOrigin
from inference.bench import Bench, LoadedNetwork, Shelf
from inference.contracts import (
    VERSION,
    CancelToken,
    Failure,
    PipelineFailed,
    PixelArray,
    Preview,
    Progress,
    Report,
    Request,
    Response,
)
from inference.memory import is_out_of_memory
from inference.wire import (
    Ask,
    Cancel,
    FromEngine,
    Heart,
    Hello,
    Loading,
    MissingPixels,
    Ready,
    Unavailable,
    Warm,
    Wire,
    WireBroken,
    pack,
)

HEART_S = 1.0
PROGRESS_S = 0.05
PREVIEW_S = 0.1
EXIT_UNAVAILABLE = 3


class Pipeline(Protocol):
    """A module of inference.pipelines."""

    def run(self, request: Request, report: Report, bench: Bench) -> Any:
        """The task's findings, in original pixels."""


class Device(Protocol):
    """What the engine computes on."""

    @property
    def words(self) -> str:
        """For people: "CPU 2 cores"."""

    @property
    def torch_device(self) -> Any:
        """For pipelines."""

    @property
    def dtype(self) -> str:
        """The number format networks compute in."""


@dataclass(frozen=True)
class Limits:
    """How much an engine keeps between requests."""

    pixel_bytes: int = 512 * 2**20
    cache_bytes: int = 512 * 2**20
    networks: int = 3


@dataclass(frozen=True)
class Trade:
    """All that an engine needs to know; tests bring their own.

    Args:
        pipelines: task -> imports its pipeline.
        open_device: imports what computes and picks the device; CaliperError, ImportError or
            OSError where there is none.
        load: (weights id, device) -> the network on it.
    """

    pipelines: Mapping[str, Callable[[], Pipeline]]
    open_device: Callable[[], Device]
    load: Callable[[str, Device], LoadedNetwork]
    limits: Limits = Limits()


class Engine:
    """Answers one request after the other on the calling thread, which alone touches the device."""

    def __init__(self, wire: Wire, *, trade: Trade) -> None:
        self._wire = wire
        self._trade = trade
        self._inbox: queue.SimpleQueue[tuple[Ask, CancelToken] | Warm] = queue.SimpleQueue()
        self._tokens: dict[int, CancelToken] = {}
        self._pixels = Shelf(trade.limits.pixel_bytes)
        self._cache = Shelf(trade.limits.cache_bytes)
        self._networks: OrderedDict[str, LoadedNetwork] = OrderedDict()
        self._imported: set[str] = set()

    def serve(self) -> int:
        """Work until the pipe closes, which ends the process."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        self._say(Hello())
        threading.Thread(target=self._beat, name="heart", daemon=True).start()
        try:
            device = self._open_device()
        except (CaliperError, ImportError, OSError) as error:
            self._say(Unavailable(str(error)))
            return EXIT_UNAVAILABLE
        self._say(Ready(device.words))
        while True:
            work = self._inbox.get()
            if isinstance(work, Warm):
                self._warm(work, device=device)
            else:
                ask, token = work
                self._answer(ask, token=token, device=device)

    # Threads

    def _listen(self) -> None:
        """Sort what comes in; when the pipe closes nobody is left to work for, at any depth."""
        try:
            while True:
                self._sort(self._wire.receive())
        except WireBroken as broken:
            with suppress(OSError):  # a windowed program may have no sys.stderr, but has the pipe
                os.write(2, f"engine: {broken}\n".encode())
            os._exit(0)
        finally:  # a deaf engine that still beats its heart would never be missed
            traceback.print_exc()
            os._exit(1)

    def _sort(self, message: object) -> None:
        match message:
            case Cancel(request_id):
                token = self._tokens.get(request_id)
                if token is not None:
                    token.cancel()
            case Ask():
                fresh = self._tokens[message.request.id] = CancelToken()
                self._inbox.put((message, fresh))
            case Warm():
                self._inbox.put(message)
            case _:
                msg = f"a message of a foreign kind came ({type(message).__name__})"
                raise WireBroken(msg)

    def _beat(self) -> None:
        while True:
            time.sleep(HEART_S)
            self._say(Heart())

    def _say(self, message: FromEngine) -> None:
        self._post(pack(message))

    def _post(self, payload: bytes) -> None:
        try:
            self._wire.send_packed(payload)
        except (OSError, ValueError):  # Windows has several ways to say that a pipe is gone
            os._exit(0)

    # Requests

    def _answer(self, ask: Ask, *, token: CancelToken, device: Device) -> None:
        reply = self._reply(ask, token=token, device=device)
        # Before the reply leaves, because the worker may ask again under the same id.
        del self._tokens[ask.request.id]
        self._post(reply)

    def _reply(self, ask: Ask, *, token: CancelToken, device: Device) -> bytes:
        """The packed reply, whatever happens: one request's fault must not end the engine."""
        request = ask.request
        try:
            return pack(self._work(ask, token=token, device=device))
        except NeedPixels:
            return pack(MissingPixels(request.id))
        except CaliperError as error:
            return pack(Failure(request.id, error))
        except Exception as error:  # noqa: BLE001
            # A process boundary, and the one door through which faults leave typed: torch and
            # pipelines raise anything, and the next request must find an engine.
            traceback.print_exc()
            return pack(Failure(request.id, self._typed(error)))

    def _work(self, ask: Ask, *, token: CancelToken, device: Device) -> Response:
        request = ask.request
        started = time.perf_counter()
        token.check()
        report = _Reporter(request.id, token=token, say=self._say)
        bench = Bench(
            images=self._images_of(ask),
            network=lambda weights_id: self._network(weights_id, device=device),
            cache=self._cache,
            device=device.torch_device,
        )
        findings = self._pipeline(request.task).run(request, report, bench)
        token.check()
        used = self._networks.get(request.weights_id)
        origin = ModelOrigin(
            weights_id=request.weights_id,
            weights_sha256=used.entry.sha256 if used is not None else "",
            mode=request.mode,
            device=device.words,
            dtype=used.dtype if used is not None else device.dtype,
            seconds=time.perf_counter() - started,
            version=VERSION,
        )
        return Response(request.id, findings, origin)

    def _images_of(self, ask: Ask) -> dict[str, PixelArray]:
        """The request's images, those that came with it and those kept; held while it runs."""
        for sha256, pixels in ask.pixels.items():
            if image_identity(pixels) != sha256:
                what = f"The pixels sent are not those of image {sha256[:12]}."
                raise ImageMismatch(what, remedy="Open the image again.")
            pixels.setflags(write=False)
            self._pixels[(sha256,)] = pixels
        images: dict[str, PixelArray] = {}
        for sha256 in ask.request.images:
            kept = ask.pixels.get(sha256, self._pixels.get((sha256,)))
            if kept is None:
                what = f"The engine does not hold the pixels of image {sha256[:12]}."
                raise NeedPixels(what)
            images[sha256] = kept
        return images

    def _typed(self, error: Exception) -> CaliperError:
        if is_out_of_memory(error):
            self._cache.clear()
            self._networks.clear()
            what = "There was too little memory for this."
            remedy = "Close other programs, or choose a smaller image or network."
            return OutOfMemory(what, why=str(error), remedy=remedy)
        what = "The engine met a fault while it worked on this."
        return PipelineFailed(what, why=f"{type(error).__name__}: {error}")

    # What stays between requests

    def _open_device(self) -> Device:
        with _loading("the device", say=self._say):
            return self._trade.open_device()

    def _pipeline(self, task: str) -> Pipeline:
        door = self._trade.pipelines.get(task)
        if door is None:
            what = f'The engine knows no task "{task}".'
            raise NotForThisTask(what, remedy=f"It knows: {', '.join(self._trade.pipelines)}.")
        if task in self._imported:
            return door()
        with _loading(task, say=self._say):
            pipeline = door()
        self._imported.add(task)
        return pipeline

    def _network(self, weights_id: str, *, device: Device) -> LoadedNetwork:
        kept = self._networks.get(weights_id)
        if kept is not None:
            self._networks.move_to_end(weights_id)
            return kept
        with _loading(weights_id, say=self._say):
            network = self._trade.load(weights_id, device)
        self._networks[weights_id] = network
        if len(self._networks) > self._trade.limits.networks:
            self._networks.popitem(last=False)
        return network

    def _warm(self, wish: Warm, *, device: Device) -> None:
        """Best effort: what fails here fails again, with its request, where it can be told."""
        try:
            self._pipeline(wish.task)
            ally = self._network(wish.weights_id, device=device).entry.scout
            if ally is not None:
                self._network(ally.id, device=device)
        except Exception:  # noqa: BLE001
            # As broad as `_reply`, which meets the same fault again when somebody asks.
            traceback.print_exc()


class _Reporter:
    """Tells progress, and is the boundary at which a job may end.

    Progress goes out at most twenty times a second, unfinished findings ten times.
    """

    def __init__(
        self, request_id: int, *, token: CancelToken, say: Callable[[FromEngine], None]
    ) -> None:
        self._request_id = request_id
        self._token = token
        self._say = say
        self._told_at = -PROGRESS_S
        self._shown_at = -PREVIEW_S
        self._stage = ""

    def __call__(self, done: int, total: int, stage: str, /) -> None:
        self._token.check()
        now = time.monotonic()
        if done < total and stage == self._stage and now - self._told_at < PROGRESS_S:
            return
        self._told_at = now
        self._stage = stage
        self._say(Progress(self._request_id, done, total, stage))

    def show(self, unfinished: Callable[[], Any]) -> None:
        """Let a person see what there is so far; it is made only where it is not too soon."""
        now = time.monotonic()
        if now - self._shown_at >= PREVIEW_S:
            self._shown_at = now
            self._say(Preview(self._request_id, unfinished()))


@contextmanager
def _loading(what: str, *, say: Callable[[FromEngine], None]) -> Iterator[None]:
    """Imports can hold every thread of Python; the worker waits longer for a heart meanwhile."""
    say(Loading(what))
    try:
        yield
    finally:
        say(Loading(""))
