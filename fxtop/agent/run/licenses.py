"""What watches licence servers, by the settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fxtop.agent.collectors.license import LicenseServer
from fxtop.agent.rlm.command import RlmCommand, servers
from fxtop.agent.rlm.rlmstat import RlmStat
from fxtop.agent.rlm.tally import Tallies
from fxtop.agent.run.tables import LicenseTable
from fxtop.clock import Clock
from fxtop.config.zones import zone
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.subjects import token

Tally = Callable[[LicenseId], Tallies]
"""The counters of a server."""


def license_servers(table: LicenseTable, clock: Clock, tally: Tally = lambda server: Tallies()) -> list[LicenseServer]:
    """What watches each server of ``table``.

    Raises:
        ValueError: one of them can't be asked that way, as a sentence.
        StateError: its counters can't be read.
    """
    if not table.on:
        return []
    if not table.servers:
        raise ValueError('[collect.license] is switched on and names no server: write servers = ["5053@host"].')
    named = dict.fromkeys(server for text in table.servers for server in servers(text))
    return [_license_server(table, server, clock, tally) for server in named]


def kept_in(folder: Path) -> Tally:
    """Counters in files of ``folder``, which outlive the agent."""
    return lambda server: Tallies(folder / f"license-{token(server)}.json")


def _license_server(table: LicenseTable, server: LicenseId, clock: Clock, tally: Tally) -> LicenseServer:
    command = RlmCommand(Path(table.rlmutil), server, tuple(table.options))
    stat = RlmStat(command, limit=table.limit)
    return LicenseServer(stat, clock, tally(server), interval=table.every, zone=zone(table.zone))
