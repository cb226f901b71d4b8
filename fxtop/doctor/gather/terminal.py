"""What only the terminal itself can tell: whether it shows a frame at once (synchronized output, DEC mode 2026).

It is asked with DECRQM and, right after, for its attributes (DA1), which every terminal answers: what came before that
answer is all that will come. See the extension's specification (contour-terminal/vt-extensions).
"""

from __future__ import annotations

import os
import re
import select
import termios
import tty
from typing import Final

from fxtop.clock import Clock
from fxtop.doctor.finding import Missing

WITHIN: Final = 1.0
"""Seconds that a terminal at the other end of a slow line may take."""
MOST: Final = 4096
_QUESTION: Final = b"\x1b[?2026$p\x1b[c"
_ANSWER: Final = re.compile(rb"\x1b\[\?2026;([0-9])\$y")
_ATTRIBUTES: Final = re.compile(rb"\x1b\[\?[0-9;]*c")
_KNOWN: Final = (b"1", b"2", b"3")
"""Set, reset, always set: it knows the mode. 0 is one that it doesn't know, 4 one that is off for good."""


def ask_synchronized(clock: Clock, source: int = 0, sink: int = 1) -> bool | Missing:
    """Whether the terminal knows the mode; Missing where nobody can be asked, or nobody answers.

    Args:
        clock: time.
        source: the descriptor that the terminal's answers come from.
        sink: the one that goes to it.
    """
    if not (os.isatty(source) and os.isatty(sink)):
        return Missing("input and output don't both go to a terminal")
    answer = _ask(source, sink, clock)
    if not _ATTRIBUTES.search(answer):
        return Missing(f"the terminal doesn't answer within {WITHIN:g} s")
    found = _ANSWER.search(answer)
    return found is not None and found[1] in _KNOWN


def _ask(source: int, sink: int, clock: Clock) -> bytes:
    before = termios.tcgetattr(source)
    try:
        tty.setcbreak(source)
        os.write(sink, _QUESTION)
        return _read(source, clock)
    finally:
        termios.tcsetattr(source, termios.TCSAFLUSH, before)  # an answer that comes late is nobody's input


def _read(source: int, clock: Clock) -> bytes:
    until = clock.monotonic() + WITHIN
    answer = b""
    while not _ATTRIBUTES.search(answer) and len(answer) < MOST:
        left = until - clock.monotonic()
        if left <= 0 or not select.select([source], [], [], left)[0]:
            break
        piece = os.read(source, MOST)
        if not piece:
            break
        answer += piece
    return answer
