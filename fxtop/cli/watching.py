"""``--watch``: printing rows again whenever something changed, for as long as somebody reads."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Final

from fxtop.bus.port import BusDown, BusPhase, BusStatus
from fxtop.cli.joined import Joined
from fxtop.cli.listing import Listing
from fxtop.cli.output import say, write
from fxtop.sources.watch import ServerWatch

EVERY: Final = 2.0
"""Seconds between two blocks, however much changes in between."""


async def watch(cluster: Joined, listing: Listing, form: str, servers: ServerWatch | None) -> None:
    """Print until cancelled, or until nobody reads any more (BrokenPipeError)."""
    if servers is None:
        await _print_changes(cluster, listing, form)
        return
    looking = asyncio.create_task(servers.watch(lambda look: cluster.sight(look, servers.interval)))
    try:
        await _print_changes(cluster, listing, form)
    finally:
        looking.cancel()


async def _print_changes(cluster: Joined, listing: Listing, form: str) -> None:
    status = cluster.bus.status
    while True:
        sys.stdout.flush()
        await _listen(cluster, EVERY)
        status = await _mind_the_bus(cluster, status)
        dirty = cluster.store.drain_dirty()
        listing.view.apply(dirty)
        if dirty:
            if form != "json":
                write("\n")
            listing.print(form, compact=True)


async def _listen(cluster: Joined, seconds: float) -> None:
    """Take in what comes during ``seconds``."""
    until = cluster.clock.monotonic() + seconds
    while (left := until - cluster.clock.monotonic()) > 0:
        await cluster.bus.wait_activity(left)
        cluster.fold()


async def _mind_the_bus(cluster: Joined, before: BusStatus) -> BusStatus:
    """Tell of a connection that was lost or came back, and of each new reason; where it came back, ask all anew."""
    status = cluster.bus.status
    if status.phase is BusPhase.CONNECTED and status.reconnects != before.reconnects:
        say(f"The bus is connected again, to {status.server}.")
        with suppress(BusDown):  # lost once more: the next round tells
            await cluster.ask()
    elif not status.connected and (status.phase, status.last_error) != (before.phase, before.last_error):
        say(f"The bus is {status.phase}: {status.last_error or 'no cause is known'}")
    return status
