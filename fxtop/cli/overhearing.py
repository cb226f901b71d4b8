"""Listening to FastX's own bus for one command, where the settings ask for it."""

from __future__ import annotations

from typing import Final

from fxtop.actions.link import overhearing
from fxtop.cli.joined import Joined
from fxtop.cli.output import say
from fxtop.cluster.records import Severity
from fxtop.sources.moleculer.listener import MoleculerListener

WITHIN: Final = 11.0
"""Seconds; a broker that nobody configured speaks every 10."""
SETTLED: Final = 0.6
"""Seconds after the last answer in which all that were asked have answered."""


async def overhear(cluster: Joined, *, patiently: bool = True) -> None:
    """Begin to listen; ``patiently`` means to return when every node has had the time to be heard."""
    listener = cluster.moleculer = overhearing(cluster.settings, cluster.bus, cluster.clock)
    if listener is None:
        return
    await listener.start()
    if patiently:
        say(f"Listening to FastX's own bus, unofficially, for up to {WITHIN:g} s: its nodes speak about every 10 s.")
        await _settled(cluster, listener)
    cluster.fold()
    for severity, text in listener.take_remarks():
        if severity is not Severity.INFO:
            say(text)


async def _settled(cluster: Joined, listener: MoleculerListener) -> None:
    """Return when those that were asked have answered, or when everybody has had the time to speak."""
    until = latest = cluster.clock.monotonic() + WITHIN
    answers = 0
    while (left := until - cluster.clock.monotonic()) > 0:
        await listener.wait_heard(left)
        if listener.answers > answers:
            answers = listener.answers
            until = min(latest, cluster.clock.monotonic() + SETTLED)
