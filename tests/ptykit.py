"""A real terminal for tests: the program runs in a pty, and pyte shows what a person would see.

::

    async with Terminal(folder, 120, 40) as terminal:
        await terminal.run("demo", "--nodes", "4")
        await terminal.shows("viz01")
        terminal.type("q")
        assert await terminal.ended() == 0

Waiting is for output: every condition is looked at whenever the program has written something.
"""

from __future__ import annotations

import asyncio
import codecs
import errno
import os
import pty
import re
import signal
import sys
import termios
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyte

WITHIN: Final = 40.0
"""Seconds after which a wait counts as failed; generous, since nothing waits that long when all is well."""

ENTER: Final = "\r"
ESCAPE: Final = "\x1b"
DOWN: Final = "\x1b[B"
CTRL_C: Final = "\x03"

ALTERNATE_SCREEN: Final = 1049
CURSOR: Final = 25
LINE_WRAP: Final = 7
SWITCHED_ON: Final = frozenset({ALTERNATE_SCREEN, 1000, 1002, 1003, 1004, 1006, 1015, 1016, 2004, 2048})
"""Modes that a program may switch on and has to switch off again: alternate screen, mouse, focus, paste, resizing."""

_TOKEN: Final = re.compile(
    r"\x1b\[[<-?]?[0-9;:]*[ -/]*[@-~]"  # CSI
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS and other strings
    r"|\x1b\[[<-?]?[0-9;:]*[ -/]*\x18"  # CSI, taken back in the middle
    r"|\x1b[^\[\]PX^_]"
    r"|[^\x1b]+"
)
_MODE: Final = re.compile(r"\x1b\[\?([0-9;]+)([hl])")
_COLOUR: Final = re.compile(r"\x1b\[([0-9;:]*)m")
_BEYOND_PYTE: Final = re.compile(
    r"\x1b\[[<>][0-9]*u"  # the kitty keyboard protocol, on and off
    r"|\x1b\[\?(?:2026|2048)\$p"  # questions whether the terminal knows a mode
    r"|\x1b\]22;[a-z-]*\x07"  # the shape of the mouse pointer
    r"|\x1b\[[^@-~]*\x18"  # what was taken back
)
"""What Textual writes that pyte doesn't know, and that a terminal which doesn't know it ignores."""


class Screen(pyte.Screen):
    """A screen that remembers what it could not make sense of."""

    def __init__(self, columns: int, lines: int) -> None:
        self.strange: list[object] = []
        super().__init__(columns, lines)

    def debug(self, *args: object, **kwargs: object) -> None:
        """A sequence that pyte has no meaning for."""
        self.strange.append((args, kwargs))


class Emulator:
    """What a terminal makes of the bytes that are written to it."""

    def __init__(self, columns: int, lines: int) -> None:
        self.screen = Screen(columns, lines)
        self.tokens: list[str] = []
        """All that was written: escape sequences and the text between them."""
        self._stream = pyte.Stream(self.screen)
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._pending = ""

    def feed(self, data: bytes) -> None:
        """Show what is whole, and keep the beginning of a sequence until its end comes."""
        self._pending += self._decode.decode(data)
        at = 0
        while match := _TOKEN.match(self._pending, at):
            at = match.end()
            self.tokens.append(match[0])
            if not _BEYOND_PYTE.fullmatch(match[0]):
                self._stream.feed(match[0])
        self._pending = self._pending[at:]


class Terminal:
    """A terminal of ``columns`` by ``lines``, in which one program runs; ``home`` is the person's home directory."""

    def __init__(self, home: Path, columns: int, lines: int, *, term: str = "xterm-256color", **env: str) -> None:
        self._emulator = Emulator(columns, lines)
        self.screen = self._emulator.screen
        self.tokens = self._emulator.tokens
        self._env = _environment(home, term, env)
        self._news = asyncio.Event()
        self._closed = False
        self._process: Process | None = None
        self._master, self._slave = pty.openpty()
        termios.tcsetwinsize(self._slave, (lines, columns))
        self._manners = termios.tcgetattr(self._slave)

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._close()

    async def run(self, *arguments: str) -> None:
        """Start ``fxtop`` with ``arguments``."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fxtop",
            *arguments,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=self._env,
            preexec_fn=lambda: os.login_tty(0),
        )
        os.close(self._slave)

    # What a person does

    def type(self, keys: str) -> None:
        """Type ``keys``, as the terminal sends them."""
        os.write(self._master, keys.encode())

    def send(self, what: signal.Signals) -> None:
        """Send the program a signal."""
        assert self._process is not None
        self._process.send_signal(what)

    def freeze(self) -> None:
        """Read nothing any more, as a terminal behind a broken line or after Ctrl-S."""
        asyncio.get_running_loop().remove_reader(self._master)

    def thaw(self) -> None:
        """Read again."""
        asyncio.get_running_loop().add_reader(self._master, self._read)

    # What a person sees

    @property
    def lines(self) -> list[str]:
        """The lines on screen."""
        return list(self.screen.display)

    @property
    def text(self) -> str:
        """All that is on screen."""
        return "\n".join(self.lines)

    async def shows(self, *words: str) -> None:
        """Return when all of ``words`` are on screen."""
        await self.until(lambda: all(word in self.text for word in words), f"{words} on screen")

    async def hides(self, *words: str) -> None:
        """Return when none of ``words`` is on screen any more."""
        await self.until(lambda: not any(word in self.text for word in words), f"{words} gone")

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Return when ``condition`` holds; AssertionError with the screen when the program ends without it."""
        try:
            async with asyncio.timeout(WITHIN):
                while not condition():
                    assert not self._closed, f"the program ended without: {what}\n{self.text}"
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain for: {what}\n{self.text}") from None

    async def ended(self) -> int:
        """Return the program's exit code when it has ended and all that it wrote was read."""
        assert self._process is not None
        await self.until(lambda: self._closed, "the end of the program")
        return await self._process.wait()

    async def exited(self) -> int:
        """Return the program's exit code when it has ended, whether or not what it wrote was read."""
        assert self._process is not None
        async with asyncio.timeout(WITHIN):
            return await self._process.wait()

    # What state the terminal is in

    @property
    def modes(self) -> dict[int, bool]:
        """Private modes as they were last set."""
        found: dict[int, bool] = {}
        for token in self.tokens:
            if match := _MODE.fullmatch(token):
                found.update(dict.fromkeys(map(int, match[1].split(";")), match[2] == "h"))
        return found

    def assert_left_as_found(self) -> None:
        """The terminal is as it was before the program: no mode left on, cursor shown, line discipline restored."""
        modes = self.modes
        assert not {mode for mode in SWITCHED_ON if modes.get(mode)}
        assert modes.get(CURSOR, True)
        assert modes.get(LINE_WRAP, True)
        pushed = [token for token in self.tokens if re.fullmatch(r"\x1b\[>[0-9]+u", token)]
        popped = [token for token in self.tokens if re.fullmatch(r"\x1b\[<[0-9]*u", token)]
        assert len(popped) >= len(pushed)
        assert termios.tcgetattr(self._master) == self._manners

    @property
    def colours(self) -> list[str]:
        """The parameters of everything that was written to set how text looks."""
        return [match[1] for token in self.tokens if (match := _COLOUR.fullmatch(token))]

    @property
    def written_text(self) -> str:
        """All that was written but for escape sequences."""
        return "".join(token for token in self.tokens if not token.startswith("\x1b"))

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # what Linux says when nobody has the other end open any more
                raise
            data = b""
        if data:
            self._emulator.feed(data)
        else:
            self._closed = True
            asyncio.get_running_loop().remove_reader(self._master)
        self._news.set()

    def _close(self) -> None:
        if not self._closed:
            asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        if self._process is None:
            os.close(self._slave)


def _environment(home: Path, term: str, more: Mapping[str, str]) -> dict[str, Any]:
    """A person's environment, with nothing of this machine's in it but the way to programs."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": term, "LANG": "C.UTF-8", **more}
