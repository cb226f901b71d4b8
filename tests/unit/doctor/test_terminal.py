"""Asking a terminal at the other end of a pty, and one that isn't there."""

from __future__ import annotations

import os
import pty
import termios
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from fxtop.clock import SystemClock
from fxtop.doctor.finding import Missing
from fxtop.doctor.gather import terminal
from fxtop.doctor.gather.terminal import ask_synchronized

ATTRIBUTES = b"\x1b[?62;22c"


class Pty:
    """A terminal: a test plays what is at its end."""

    def __init__(self) -> None:
        self._end, self.ours = pty.openpty()
        self._answering: threading.Thread | None = None

    def answers(self, answer: bytes) -> None:
        """Once it is asked, it says this."""
        self._answering = threading.Thread(target=self._play, args=(answer,))
        self._answering.start()

    def _play(self, answer: bytes) -> None:
        asked = b""
        with suppress(OSError):  # nobody asks any more
            while not asked.endswith(b"\x1b[c"):
                asked += os.read(self._end, 100)
            os.write(self._end, answer)

    def close(self) -> None:
        os.close(self.ours)
        if self._answering is not None:
            self._answering.join()
        os.close(self._end)


@pytest.fixture
def screen() -> Iterator[Pty]:
    made = Pty()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        (b"\x1b[?2026;2$y" + ATTRIBUTES, True),
        (b"\x1b[?2026;1$y" + ATTRIBUTES, True),
        (b"x\x1b[?2026;3$y" + ATTRIBUTES, True),
        (b"\x1b[?2026;0$y" + ATTRIBUTES, False),
        (b"\x1b[?2026;4$y" + ATTRIBUTES, False),
        (ATTRIBUTES, False),
    ],
    ids=["reset", "set", "always set, after a key", "unknown", "never", "no answer to that"],
)
def test_a_terminal_says_whether_it_knows_synchronized_output(screen: Pty, answer: bytes, known: bool) -> None:
    before = termios.tcgetattr(screen.ours)
    screen.answers(answer)
    assert ask_synchronized(SystemClock(), screen.ours, screen.ours) is known
    assert termios.tcgetattr(screen.ours) == before


def test_a_terminal_that_says_nothing_is_not_waited_for_for_ever(screen: Pty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "WITHIN", 0.01)
    answer = ask_synchronized(SystemClock(), screen.ours, screen.ours)
    assert answer == Missing("the terminal doesn't answer within 0.01 s")


def test_without_a_terminal_nobody_is_asked(screen: Pty) -> None:
    source, sink = os.pipe()
    os.close(sink)
    try:
        answer = ask_synchronized(SystemClock(), source, screen.ours)
    finally:
        os.close(source)
    assert answer == Missing("input and output don't both go to a terminal")
