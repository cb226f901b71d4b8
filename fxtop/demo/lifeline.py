"""Children that don't outlive their parent, whatever ends it.

A process that is killed can't clean up, so its children must notice by themselves: one of ours sees its standard input
close, and a program that isn't ours gets a signal from the kernel where the kernel can send one (Linux).
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""


def die_with_parent() -> Callable[[], None] | None:
    """What to run in a child between fork and exec so that the kernel kills it when this process ends.

    None where the kernel has no such thing. It holds for the thread that starts the child: start it from one that lives
    as long as the process.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the kernel was asked
            os.kill(os.getpid(), signal.SIGKILL)

    return arrange


async def parent_gone() -> None:
    """Return when standard input, which the parent holds open, comes to its end."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
