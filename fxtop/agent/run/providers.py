"""What tells of the sessions, by the settings."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from fxtop.agent.collectors.site import MOUNTS, read_site, text_of, under
from fxtop.agent.providers.command import CommandProvider, SessionCommands
from fxtop.agent.providers.fastx.places import places_of
from fxtop.agent.providers.fastx.provider import FastxCommands, FastxProvider
from fxtop.agent.providers.fastx.remembered import RememberedUsers
from fxtop.agent.providers.nobody import NobodyTells
from fxtop.agent.providers.pending import PendingSessions, WithPending
from fxtop.agent.providers.port import SessionProvider
from fxtop.agent.providers.program import SiteCommand, TemplateError
from fxtop.agent.providers.schedulers import SYSTEM, Scheduler, SchedulerCommands, find_schedulers
from fxtop.agent.run.tables import SessionsTable
from fxtop.agent.simulated.provider import SimulatedProvider
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.clock import Clock
from fxtop.config.site.fastx_conf import FastxConf, read_fastx_conf
from fxtop.config.site.layout import CONFIG_DIR
from fxtop.config.site.mounts import Mount, read_mounts
from fxtop.protocol.ids import NodeId

T = TypeVar("T")

FASTX_CONF: Final = "FastX.conf"
KEPT: Final = 30.0
"""Seconds for which what was read of FastX.conf and the mounts is good: it is asked for once a user and listing."""


@dataclass(frozen=True, slots=True)
class Commands:
    """The programs of a site that the settings name, found to be usable."""

    fastx: FastxCommands
    own: SessionCommands | None
    schedulers: Mapping[str, SchedulerCommands]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Whatever tells of the sessions, and what has to run beside it."""

    provider: SessionProvider
    works: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()


def commands_of(table: SessionsTable) -> Commands:
    """The programs that ``table`` names. TemplateError: one can't be used, as a sentence."""
    terminate, message = _command(table.terminate_command, table), _command(table.message_command, table)
    listing = _command(table.list_command, table)
    if table.provider == "command" and listing is None:
        raise TemplateError('The provider "command" needs a list_command.')
    own = SessionCommands(listing, terminate, message) if table.provider == "command" and listing else None
    fastx = FastxCommands(terminate, message) if table.provider == "fastx" else FastxCommands()
    waiting = {
        name: SchedulerCommands(SiteCommand(tuple(each.status), table.command_limit), _command(each.cancel, table))
        for name, each in table.schedulers.items()
    }
    return Commands(fastx, own, waiting)


def sessions_of(
    table: SessionsTable, node: NodeId, clock: Clock, root: Path, remembered: RememberedUsers | None = None
) -> Sessions:
    """What tells of the sessions of ``node``; ``remembered`` are users with sessions there. TemplateError."""
    if not table.on:
        return Sessions(NobodyTells("Nobody looks: [collect.sessions] is switched off on this node."))
    if table.provider == "simulated":
        world = SimulatedSite((node,), clock, sessions=table.simulated)
        return Sessions(SimulatedProvider(world, node, clock), (world.run,))
    commands = commands_of(table)
    provider = _real(table, commands, node, clock, root, remembered)
    if not commands.schedulers:
        return Sessions(provider)
    pending = PendingSessions(
        node, commands.schedulers, clock, find=lambda: _schedulers(root), every=table.schedulers_every
    )
    return Sessions(WithPending(provider, pending))


def _real(
    table: SessionsTable,
    commands: Commands,
    node: NodeId,
    clock: Clock,
    root: Path,
    remembered: RememberedUsers | None,
) -> SessionProvider:
    if table.provider == "fastx":
        conf, mounts = Kept(lambda: _conf(root), clock), Kept(lambda: _mounts(root), clock)
        places = places_of(conf.get, socket.gethostname(), mounts.get)
        return FastxProvider(node, places, clock, commands=commands.fastx, remembered=remembered)
    if commands.own is not None:
        return CommandProvider(node, commands.own, clock)
    return NobodyTells('No session provider is chosen: see "provider" in [collect.sessions].')


class Kept(Generic[T]):
    """What ``read`` gave, for `KEPT` seconds."""

    def __init__(self, read: Callable[[], T], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._last: tuple[float, T] | None = None

    def get(self) -> T:
        """It, read anew where it is too old."""
        now = self._clock.monotonic()
        if self._last is None or now - self._last[0] >= KEPT:
            self._last = now, self._read()
        return self._last[1]


def _command(argv: Sequence[str], table: SessionsTable) -> SiteCommand | None:
    return SiteCommand(tuple(argv), table.command_limit) if argv else None


def _conf(root: Path) -> FastxConf:
    site = read_site(root)
    file = site.on_disk(site.layout.path(CONFIG_DIR)) / FASTX_CONF
    return read_fastx_conf(text_of(file) or "", file)


def _mounts(root: Path) -> tuple[Mount, ...]:
    return read_mounts(text_of(under(root, str(MOUNTS))) or "")


def _schedulers(root: Path) -> Mapping[str, Scheduler]:
    site = read_site(root)
    return find_schedulers(under(root, str(SYSTEM)), site.on_disk(site.layout.path(CONFIG_DIR)) / "schedule")
