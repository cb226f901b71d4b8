"""Textual's driver, writing through an `Outlet`: its own writes from a thread whose queue makes the app wait when full.

Of the library's names it overrides only public ones. `SUPPORTED` tells whether this Textual has them in the shape
known here (8.2); where it hasn't, or where the terminal can't be opened a second time, Textual's own way is taken.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from fxtop.ui.segment_diff import RESET
from fxtop.ui.terminal.outlet import Outlet, reopened

QUESTION: Final = "\x1b[?2026$p"
"""DECRQM for synchronized updates, as Textual asks it once at the start."""


def _supported() -> bool:
    """Whether Textual's driver still has the methods that are overridden here, in the shape they are overridden in."""
    shapes = {
        "write": ("self", "data"),
        "flush": ("self",),
        "start_application_mode": ("self",),
        "stop_application_mode": ("self",),
        "close": ("self",),
        "process_message": ("self", "message"),
    }
    return all(
        hasattr(LinuxDriver, name) and tuple(inspect.signature(getattr(LinuxDriver, name)).parameters) == shape
        for name, shape in shapes.items()
    )


SUPPORTED: Final = _supported()
"""Whether the terminal can be written to without waiting for it."""


class Listener(Protocol):
    """What an app wants to know of its terminal; called on the event loop."""

    def terminal_drained(self) -> None:
        """All that had to wait is on its way."""
        ...

    def terminal_asked(self) -> None:
        """A question was written."""
        ...

    def terminal_answered(self, at: float) -> None:
        """The last question was answered, ``at`` this moment in monotonic seconds."""
        ...


class OutletDriver(LinuxDriver):
    """Never waits for the terminal while the app runs, and restores it even when it takes nothing."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._listener: Listener = app
        self._home = threading.get_ident()
        self._running_loop = asyncio.get_running_loop()
        self.outlet: Outlet | None = None

    def start_application_mode(self) -> None:
        """Take the terminal. Textual's own writer is started too, and has nothing to do."""
        self.outlet = _outlet(self._listener.terminal_drained)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual 8.2 gives it no types

    def write(self, data: str) -> None:
        """Write soon; may be called from any thread."""
        if self.outlet is None:
            super().write(data)
        elif threading.get_ident() == self._home:
            if data == QUESTION:
                self._listener.terminal_asked()
            self.outlet.write(data)
        else:
            self._running_loop.call_soon_threadsafe(self.outlet.write, data)

    def flush(self) -> None:
        """Write at once what was written."""
        if self.outlet is not None and threading.get_ident() == self._home:
            self.outlet.send()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was found."""
        if self.outlet is not None:
            self.outlet.begin_last_words()
            self.outlet.write(RESET)  # the style of what was written last may still be set
        super().stop_application_mode()

    def close(self) -> None:
        """Write the last of it."""
        super().close()
        outlet, self.outlet = self.outlet, None
        if outlet is not None:
            outlet.close()

    def process_message(self, message: Message) -> None:
        """Called by the thread that reads keys; answers to questions come the same way."""
        if isinstance(message, TerminalSupportsSynchronizedOutput):
            self._running_loop.call_soon_threadsafe(self._listener.terminal_answered, time.monotonic())
        super().process_message(message)


def _outlet(drained: Callable[[], None]) -> Outlet | None:
    """An outlet to the terminal; None where there is none, or where it can't be opened by its name."""
    if sys.__stderr__ is None:
        return None
    try:
        return Outlet(reopened(sys.__stderr__.fileno()), sys.__stderr__.encoding, drained)
    except OSError:
        return None


def driver_for(usual: type[Driver]) -> type[Driver]:
    """The driver to take in place of Textual's ``usual`` one: ours for a terminal, where this Textual lets us."""
    return OutletDriver if SUPPORTED and usual is LinuxDriver else usual


def outlet_of(driver: Driver | None) -> Outlet | None:
    """The outlet that ``driver`` writes through, if it has one."""
    return driver.outlet if isinstance(driver, OutletDriver) else None
