"""The demo from outside: start the child process, wait until all is up, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import IO, Final

from fxtop.demo.errors import DemoError
from fxtop.demo.extra import require
from fxtop.demo.folder import Folder
from fxtop.demo.options import Options
from fxtop.demo.ready import Failed, Happened, Ready, understand

_STOP_LIMIT: Final = 15.0
"""Seconds that the child gets to end what it started."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is up."""

    ready: Ready
    folder: Folder
    _words: IO[bytes]

    def story(self) -> Iterator[Happened]:
        """The scenes as they happen; it ends with DemoError when the child does, and only then."""
        for line in self._words:
            word = understand(line)
            if isinstance(word, Happened):
                yield word
        raise DemoError(f"The demo's cluster has ended by itself. {_last_words(self.folder)}")


@contextmanager
def demo(options: Options) -> Iterator[Demo]:
    """A demo that is up, gone with all its processes and files at the end of the block.

    Raises:
        DemoError: it can't be; the text says why and what to do.
    """
    options.check()
    require()
    folder = Folder.make()
    try:
        child = _start(folder, options)
        try:
            assert child.stdout is not None  # noqa: S101  # it was started with a pipe
            yield Demo(_await_ready(child.stdout, folder), folder, child.stdout)
        finally:
            _stop(child)
    finally:
        folder.remove()


def _start(folder: Folder, options: Options) -> subprocess.Popen[bytes]:
    flags = [f"--{name}={value}" for name, value in asdict(options).items() if value is not None]
    with folder.log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603  # ourselves
            [sys.executable, "-m", "fxtop.demo.site", str(folder.root), *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us alone
        )


def _await_ready(words: IO[bytes], folder: Folder) -> Ready:
    line = words.readline()
    word = understand(line) if line else Failed(f"The demo's cluster could not start. {_last_words(folder)}")
    if isinstance(word, Ready):
        return word
    raise DemoError(word.why if isinstance(word, Failed) else word.what)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Close the child's standard input, which tells it to end, and see that it does."""
    assert child.stdin is not None  # noqa: S101  # it was started with a pipe
    child.stdin.close()
    try:
        child.wait(_STOP_LIMIT)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.returncode != 0:  # it could not clean up; its servers are in its process group
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    if child.stdout is not None:
        child.stdout.close()


def _last_words(folder: Folder) -> str:
    """The end of the child's log, which has the cause."""
    try:
        lines = folder.log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f"Its last words: {lines[-1]}" if lines else ""
