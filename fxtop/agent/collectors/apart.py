"""Doing what may block, or hang for ever, where it holds nothing up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from fxtop.agent.collectors.port import CollectError

T = TypeVar("T")


class Apart:
    """A thread for one kind of work, one at a time.

    A dead network filesystem blocks whoever looks at it, and nothing wakes it. Such a thread is left alone: no second
    one is begun while it hangs, it takes no place in a pool that others need, and it doesn't keep the process from
    ending.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._last: Future[Any] | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns or raises.

        Raises:
            CollectError: the work before this one still hangs.
        """
        if self._last is not None and not self._last.done():
            raise CollectError(f"Looking at {self._what} still hangs.")
        result: Future[T] = Future()
        self._last = result
        threading.Thread(target=_do, args=(work, result), name=self._what, daemon=True).start()
        return await asyncio.wrap_future(result)


def _do(work: Callable[[], T], result: Future[T]) -> None:
    if not result.set_running_or_notify_cancel():
        return
    try:
        result.set_result(work())
    except Exception as error:  # whatever it is, it is raised where the work is waited for
        result.set_exception(error)
