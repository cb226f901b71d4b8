"""``--watch``: printing rows again whenever something changed, for as long as somebody reads."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from fxtop.cli.bus_news import tell_of_bus
from fxtop.cli.joined import Joined
from fxtop.cli.listing import Listing
from fxtop.cli.output import write
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
        status = await tell_of_bus(cluster, status)
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
