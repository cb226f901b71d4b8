"""Putting an agent together by its settings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from fxtop.actions.chain.rotation import Retention
from fxtop.agent.collectors.digests import ConfigDigests
from fxtop.agent.collectors.directories import FxDirectory
from fxtop.agent.collectors.facts import FactSource
from fxtop.agent.collectors.host import PsutilHost, Sampler
from fxtop.agent.collectors.leftovers import Leftovers
from fxtop.agent.collectors.off import SamplerOff, SourceOff
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.services import Services
from fxtop.agent.collectors.site import read_site
from fxtop.agent.collectors.survey import PATIENCE, Survey
from fxtop.agent.collectors.units import Units
from fxtop.agent.collectors.versions import HostName, Versions
from fxtop.agent.config import AgentConfig
from fxtop.agent.limits import Limits
from fxtop.agent.providers.fastx.remembered import RememberedUsers
from fxtop.agent.run.providers import Sessions, sessions_of
from fxtop.agent.run.settings import ROOT, AgentSettings
from fxtop.agent.run.watched import Work, watched
from fxtop.agent.service import Agent
from fxtop.bus.configured import bus_settings
from fxtop.bus.connection import NatsBus
from fxtop.clock import Clock
from fxtop.config.site.layout import DEFAULTS

log = logging.getLogger(__name__)

SESSION_USERS: Final = "session-users.json"
"""In the state directory: the users with session directories."""
WEB_SERVER: Final = "webserver"
"""The component that hands new sessions to the nodes (vendor's LB)."""
GRACE: Final = 1.0
"""Seconds that a look at the facts gets beyond what it waits for."""
MOST_LOOK: Final = 30.0
"""Seconds between looks at the facts, at most."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """An agent that isn't started yet, with what has to run beside it."""

    agent: Agent
    works: tuple[Work, ...]


def assemble(settings: AgentSettings, sessions: Sessions, clock: Clock, root: Path = ROOT) -> Assembled:
    """The agent of this machine.

    Raises:
        StateError: its state directory can't be read.
    """
    connection = settings.connection
    bus = NatsBus(bus_settings(connection, name=f"fxtop-agent {settings.node}"), clock, connection.slug)
    found = watched(settings, clock, root, bus=bus)
    agent = Agent(
        replace(agent_config(settings), placement_table=placement_table(settings, root)),
        bus,
        sessions.provider,
        machine(settings, clock, root),
        clock,
        collectors=tuple(found.collectors),
        manager_key=settings.manager_key,
    )
    return Assembled(agent, (*sessions.works, *found.works))


def agent_config(settings: AgentSettings, *, patience: float = PATIENCE) -> AgentConfig:
    """What the agent itself is told; ``patience`` is that of its `machine`."""
    top, collect = settings.file.top, settings.file.collect
    sources = (collect.services, collect.units, collect.versions, collect.directories, collect.config)
    return AgentConfig(
        cluster=settings.connection.slug,
        node=settings.node,
        state_dir=settings.state_dir,
        guardrails=settings.guardrails,
        trust=settings.trust,
        retention=Retention.of_mib(settings.file.journal.file_mib, settings.file.journal.keep),
        keys_file=settings.keys_file,
        limits=Limits(**msgspec.structs.asdict(settings.file.limits)),
        capacity=top.capacity,
        weight=top.weight,
        interval=top.heartbeat,
        snapshot_every=collect.sessions.snapshot,
        poll_every=collect.sessions.every,
        facts_look=min((MOST_LOOK, *(source.every for source in sources if source.on))),
        host_every=collect.host.every,
        host_limit=collect.host.limit,
        facts_limit=patience + GRACE,
        session_limit=collect.sessions.limit,
    )


def placement_table(settings: AgentSettings, root: Path) -> Path | None:
    """Where the placement table is kept; None where nothing on this machine chooses nodes."""
    table = settings.file.placement_table
    return Path(table.file) if (_chooses_nodes(root) if table.on is None else table.on) else None


def _chooses_nodes(root: Path) -> bool:
    """Whether FastX's web server runs here, as far as that can be told."""
    try:
        site = read_site(root)
    except CollectError as error:
        log.warning("Whether this node needs a placement table is not known, so it gets one: %s", error)
        return True
    services = site.layout.services
    return site.service is not None and (services is None or WEB_SERVER in services)


def machine(settings: AgentSettings, clock: Clock, root: Path, *, patience: float = PATIENCE) -> Survey:
    """What tells of the machine."""
    sampler: Sampler = PsutilHost(clock) if settings.file.collect.host.on else SamplerOff()
    return Survey(sampler, tuple(sources(settings, root)), clock, patience=patience)


def sources(settings: AgentSettings, root: Path) -> Iterator[FactSource]:
    """Where the facts come from; one that is switched off says so."""
    tables = settings.file.collect
    made: dict[str, tuple[FactSource, ...]] = {
        "services": (Services(root, every=tables.services.every, limit=tables.services.limit),),
        "units": (Units(root, every=tables.units.every, limit=tables.units.limit),),
        "versions": (
            HostName(every=tables.versions.every, limit=tables.versions.limit),
            Versions(root, every=tables.versions.every, limit=tables.versions.limit),
        ),
        "directories": tuple(
            FxDirectory(name, root, every=tables.directories.every, limit=tables.directories.limit) for name in DEFAULTS
        ),
        "config": (
            ConfigDigests(root, exclude=tables.config.exclude, every=tables.config.every, limit=tables.config.limit),
            Leftovers(root, every=tables.config.every, limit=tables.config.limit),
        ),
    }
    for name, parts in made.items():
        yield from parts if getattr(tables, name).on else (SourceOff(name),)


def sessions(settings: AgentSettings, clock: Clock, root: Path, *, keep: bool = True) -> Sessions:
    """What tells of the sessions; without ``keep`` nothing of it is written down."""
    remembered = RememberedUsers(settings.state_dir / SESSION_USERS, writes=keep)
    return sessions_of(settings.file.collect.sessions, settings.node, clock, root, remembered)
