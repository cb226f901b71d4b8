"""Taking hold of processes, so that a signal can't reach another one that got the same pid meanwhile."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from fxtop.agent.providers.fastx import procfs
from fxtop.agent.providers.fastx.census import Process, look_at
from fxtop.agent.providers.fastx.join import Mark
from fxtop.agent.providers.fastx.procfs import NoProcess

_NO_PIDFD: Final = (errno.ENOSYS, errno.EPERM)
"""The kernel is older than 5.3, or a filter of system calls doesn't know them."""
_POLL: Final = 0.1
"""Seconds between two looks at a process, only where the kernel can't tell when it ends."""


@dataclass(frozen=True, slots=True)
class Struck:
    """What came of a signal: the pids that got it, and those that this user may not signal."""

    hit: tuple[int, ...] = ()
    forbidden: tuple[int, ...] = ()


def strike(targets: Iterable[Process], mark: Mark, number: signal.Signals) -> Struck:
    """Send a signal to each of ``targets`` that is still the same process and still belongs to the session.

    The process is held by a pidfd first, and then all is checked again: start time, uid and XAUTHORITY. So what is
    signalled is what was checked. May take long: the environment of a process that hangs may hang too.
    """
    hit, forbidden = [], []
    for target in targets:
        try:
            if target.pid != os.getpid() and _strike(target, mark, number):
                hit.append(target.pid)
        except PermissionError:
            forbidden.append(target.pid)
    return Struck(tuple(hit), tuple(forbidden))


def _strike(target: Process, mark: Mark, number: signal.Signals) -> bool:
    with ExitStack() as stack:
        try:
            handle = _open(target.pid)
            if handle is not None:
                stack.callback(os.close, handle)
            now = look_at(target.pid)
            if now.start != target.start or not mark.fits(now):
                return False
            if handle is None:
                os.kill(target.pid, number)
            else:
                signal.pidfd_send_signal(handle, number)
        except (NoProcess, ProcessLookupError):
            return False
    return True


async def gone(targets: Iterable[Process], limit: float) -> bool:
    """Whether all of ``targets`` end within ``limit`` seconds."""
    living = [target for target in targets if _is_there(target)]
    try:
        async with asyncio.timeout(max(0.0, limit)):
            await asyncio.gather(*(_end_of(target) for target in living))
    except TimeoutError:
        return False
    return True


async def _end_of(target: Process) -> None:
    try:
        handle = _open(target.pid)
    except ProcessLookupError:
        return
    if handle is None:
        while _is_there(target):  # noqa: ASYNC110  # without a pidfd there is no event to wait for
            await asyncio.sleep(_POLL)
        return
    try:
        if _is_there(target):
            await _readable(handle)
    finally:
        os.close(handle)


async def _readable(handle: int) -> None:
    """A pidfd can be read as soon as its process has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(handle)


def _open(pid: int) -> int | None:
    """A handle of the process; None where there is no such thing.

    Raises:
        ProcessLookupError: it is gone.
    """
    try:
        return os.pidfd_open(pid)
    except OSError as error:
        if error.errno in _NO_PIDFD:
            return None
        raise


def _is_there(target: Process) -> bool:
    try:
        return procfs.read_stat(target.pid)[0].start == target.start
    except NoProcess:
        return False
