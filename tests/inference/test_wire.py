"""Messages through a real pipe, and bytes that are none."""

from __future__ import annotations

import os
import struct
import threading
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest

from domain.errors import NotForThisTask
from inference.contracts import Failure, Request
from inference.wire import MAX_MESSAGE_BYTES, Ask, Heart, Wire, WireBroken


@contextmanager
def pipe():
    out, into = os.pipe()
    with os.fdopen(out, "rb") as reader, os.fdopen(into, "wb") as writer:
        yield reader, writer


def test_a_request_and_its_pixels_arrive_as_they_left():
    pixels = np.arange(2_000_000, dtype=np.uint16).reshape(1000, 2000)
    request = Request("vertebrae", "w", images=("a",), spacing_mm=(0.1, 0.2), seed=3)
    with pipe() as (reader, writer):
        wire = Wire(reader, writer)
        sender = threading.Thread(target=wire.send, args=(Ask(request, {"a": pixels}),))
        sender.start()
        ask = wire.receive()
        sender.join()
    assert ask.request == request
    np.testing.assert_array_equal(ask.pixels["a"], pixels)


def test_an_error_keeps_its_kind_and_sentences():
    error = NotForThisTask("Not this.", why="It is blue.", remedy="Choose another.")
    with pipe() as (reader, writer):
        wire = Wire(reader, writer)
        wire.send(Failure(7, error))
        received = wire.receive()
    assert received.request_id == 7
    assert type(received.error) is NotForThisTask
    assert str(received.error) == "Not this. It is blue. Choose another."


def test_what_cannot_travel_leaves_the_pipe_sound():
    with pipe() as (reader, writer):
        wire = Wire(reader, writer)
        with pytest.raises((AttributeError, TypeError)):
            wire.send(Ask(Request("vertebrae", "w", prompt=threading.Lock())))
        wire.send(Heart())
        assert wire.receive() == Heart()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "closed"),
        (b"CALI\0\0", "closed"),
        (struct.pack(">4sQ", b"CALI", 10) + b"abc", "closed"),
        (b"GET / HTTP/1.1\r\n\r\n", "not a message"),
        (struct.pack(">4sQ", b"CALI", MAX_MESSAGE_BYTES + 1), "not a message"),
        (struct.pack(">4sQ", b"CALI", 5) + b"\x80\x05abc", "cannot be read"),
        (struct.pack(">4sQ", b"CALI", 0), "cannot be read"),
    ],
)
def test_other_bytes_break_the_wire(sent, words):
    with pipe() as (reader, writer):
        wire = Wire(reader, writer)
        writer.write(sent)
        wire.close_writer()
        with pytest.raises(WireBroken, match=words):
            wire.receive()


def test_a_claimed_length_takes_no_memory_until_the_bytes_are_there():
    tracemalloc.start()
    try:
        with pipe() as (reader, writer):
            writer.write(struct.pack(">4sQ", b"CALI", MAX_MESSAGE_BYTES) + b"but these are few")
            writer.close()
            with pytest.raises(WireBroken, match="closed"):
                Wire(reader, writer).receive()
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_who_expects_short_messages_refuses_long_ones():
    with pipe() as (reader, writer):
        Wire(reader, writer).send(Ask(Request("vertebrae", "w", prompt="x" * 1000)))
        with pytest.raises(WireBroken, match="not a message"):
            Wire(reader, writer, longest=999).receive()
