"""Looks at the machine that several want at once."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

from fxtop.agent.providers.fastx.accounts import Account, AccountBook, Place
from fxtop.agent.providers.fastx.machine import Machine
from fxtop.clock import SystemClock


class Gate:
    """Counts looks, each of which waits until it is let through."""

    def __init__(self) -> None:
        self.looks = 0
        self.open = threading.Event()
        self.begun = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._last: int | None = None

    def places(self, account: Account) -> Place | None:
        """Asked for each user of a look, in their order."""
        if self._last is None or account.uid <= self._last:
            self.looks += 1
            self._loop.call_soon_threadsafe(self.begun.set)
            self.open.wait()
        self._last = account.uid
        return None


def machine(gate: Gate) -> Machine:
    return Machine(gate.places, AccountBook(SystemClock(), lambda uid: Account(uid, uid, str(uid), None)))


async def test_who_asks_during_a_look_gets_one_that_began_later_and_shares_it() -> None:
    gate = Gate()
    one = machine(gate)
    first = asyncio.create_task(one.look())
    await gate.begun.wait()
    others = [asyncio.create_task(one.look()) for _ in range(3)]
    gate.open.set()
    views = await asyncio.gather(first, *others)
    assert gate.looks == 2
    assert views[0] is not views[1]
    assert views[1] is views[2] is views[3]


async def test_a_look_goes_on_when_who_asked_for_it_is_called_off() -> None:
    gate = Gate()
    one = machine(gate)
    first = asyncio.create_task(one.look())
    await gate.begun.wait()
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    second = asyncio.create_task(one.look())
    gate.open.set()
    assert (await second).sessions == []
    assert gate.looks == 2
