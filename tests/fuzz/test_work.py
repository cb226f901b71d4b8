"""Twice the input is at most twice the work, and memory is a multiple of the input: no reader can be made to hang.

Work is counted as lines of Python run, so it is the same on any machine; what C code does between two lines
isn't seen.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import pytest

from tests.fuzz.readers import READERS
from tests.fuzz.test_corpus import ALSO, CORPUS, PUT_IN

SMALL: Final = 2_000
"""Bytes of the smallest input."""
MOST_PIECES: Final = 6
"""Cases of a reader that are repeated, the shortest ones that hold something."""
ALLOWED: Final = 2.5
"""How many times the work twice the input may be: twice, and some for what is sorted or hashed."""
OVERHEAD: Final = 3_000
"""Lines that a reader may run whatever it reads."""
PER_BYTE: Final = 150
"""Bytes of memory for each byte of input."""
BASE: Final = 1_500_000
"""Bytes that a reader may take whatever it reads."""
KNOWN_BEYOND: Final = {"config", "theme"}
"""tomllib goes through a dotted key once for each of its parts. Nobody but its owner writes these files."""


def pieces(reader: str) -> list[bytes]:
    """What is repeated."""
    cases = sorted((path.read_bytes() for path in (CORPUS / reader).iterdir()), key=len)
    some = [raw for raw in cases if 8 <= len(raw) <= SMALL][:MOST_PIECES]
    return [*some, *PUT_IN, *ALSO, b"a", b"a\n", b"[a]\n", b"a.", b"a = 1\n"]


def work(read: Callable[[bytes], object], raw: bytes) -> int:
    """Lines of Python that reading ``raw`` takes."""
    lines = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read(raw)
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("reader", sorted(READERS.keys() - KNOWN_BEYOND))
def test_twice_the_input_is_twice_the_work(reader: str) -> None:
    read = READERS[reader]
    read(b"")
    beyond = {}
    for piece in pieces(reader):
        times = max(1, SMALL // len(piece))
        one, two, four = (work(read, piece * (times * more)) for more in (1, 2, 4))
        if two > ALLOWED * one + OVERHEAD or four > ALLOWED * two + OVERHEAD:
            beyond[piece[:40]] = (one, two, four)
    assert beyond == {}


@pytest.mark.parametrize("reader", sorted(READERS))
def test_memory_is_a_multiple_of_the_input(reader: str) -> None:
    read = READERS[reader]
    read(b"")
    beyond = {}
    for piece in pieces(reader):
        raw = piece * max(1, 4 * SMALL // len(piece))
        tracemalloc.start()
        try:
            read(raw)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        if peak > PER_BYTE * len(raw) + BASE:
            beyond[piece[:40]] = (len(raw), peak)
    assert beyond == {}


def test_more_than_twice_the_work_is_noticed() -> None:
    def quadratic(raw: bytes) -> None:
        for at in range(len(raw)):
            for _ in raw[:at:50]:
                pass

    assert work(quadratic, b"a" * 2 * SMALL) > ALLOWED * work(quadratic, b"a" * SMALL) + OVERHEAD
