"""Telling of a bus that is lost and comes back while a command goes on."""

from __future__ import annotations

from contextlib import suppress

from fxtop.bus.port import BusDown, BusPhase, BusStatus
from fxtop.cli.joined import Joined
from fxtop.cli.output import say


async def tell_of_bus(cluster: Joined, before: BusStatus) -> BusStatus:
    """Tell of a connection that was lost or came back since ``before``, and of each new reason; its status now.

    Where it came back all agents are asked anew. Messages that could not be taken in time are told of too.
    """
    status = cluster.bus.status
    if status.phase is BusPhase.CONNECTED and status.reconnects != before.reconnects:
        say(f"The bus is connected again, to {status.server}.")
        with suppress(BusDown):  # lost once more: the next round tells
            await cluster.ask()
    elif not status.connected and (status.phase, status.last_error) != (before.phase, before.last_error):
        say(f"The bus is {status.phase}: {status.last_error or 'no cause is known'}")
    elif status.connected and status.last_error_at != before.last_error_at and status.last_error:
        say(status.last_error)
    if status.dropped > before.dropped:
        say(
            f"More came than could be taken in: {status.dropped - before.dropped:,} messages were dropped here. "
            "What they told is told again by the next heartbeats and snapshots."
        )
    return status
