"""The demo's cluster: real servers, and the real agent on every invented node, or a fleet of them on very many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from fxtop.agent.background import Background
from fxtop.agent.collectors.port import Collector
from fxtop.agent.collectors.share import MountReader
from fxtop.agent.collectors.transporter import NatsMonitor
from fxtop.agent.config import AgentConfig
from fxtop.agent.service import Agent
from fxtop.agent.simulated.fleet import Fleet
from fxtop.agent.simulated.member import Member
from fxtop.agent.simulated.provider import SERVICES, SimulatedHost, SimulatedProvider
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.bus.connection import NatsBus
from fxtop.bus.port import BusDown
from fxtop.bus.settings import BusSettings
from fxtop.clock import Clock
from fxtop.demo.errors import DemoError
from fxtop.demo.folder import Folder
from fxtop.demo.identity import SLUG, Identities, write_config
from fxtop.demo.options import LARGE_CHURN, Options
from fxtop.demo.servers import NAMES, Server, Servers
from fxtop.protocol.ids import ManagerId, NodeId

DOMAIN: Final = "example.edu"
INTERVAL: Final = 2.0
"""Seconds between heartbeats: shorter than on a real site, so that things are seen to move."""
LIFE: Final = 900.0
"""Seconds that an invented session lasts on average."""
CHANGES: Final = 4 / LIFE + 1 / 800
"""Changes of a session in a second: it comes, starts, ends and goes, and its user leaves and comes back."""
LARGE_INTERVAL: Final = 5.0
"""Between heartbeats of a large site's nodes, as on a real one."""
LARGE_SEATS: Final = 1_000
"""Counted seats of a large site; whoever finds none has one that isn't counted."""
STORE_EVERY: Final = 15.0
CONNECT_WITHIN: Final = 20.0


def node_names(count: int) -> tuple[NodeId, ...]:
    """The ids of so many nodes: a cluster manager beside each server, and nodes that are nothing else."""
    managers = [f"{name}.{DOMAIN}" for name in NAMES]
    others = [f"viz{number:02d}.{DOMAIN}" for number in range(1, count - len(managers) + 1)]
    return tuple(map(NodeId, (managers + others)[:count]))


class DemoCluster:
    """Servers, agents and the invented world that they look into."""

    def __init__(self, folder: Folder, options: Options, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._identities = Identities.make(folder)
        nodes = node_names(options.nodes)
        self.servers = Servers(folder, self._identities.secrets)
        self._interval = LARGE_INTERVAL if options.large else INTERVAL
        self.world = _world(nodes, clock, options)
        self.world.licenses.interval = self._interval
        self._large = options.large
        self.agents: dict[NodeId, Agent] = {}
        self.fleets: tuple[Fleet, ...] = ()
        self._living: asyncio.Task[None] | None = None

    @property
    def managers(self) -> tuple[NodeId, ...]:
        """Nodes that are cluster managers too, one beside each server."""
        return tuple(self.world.places)[: len(NAMES)]

    @property
    def nodes(self) -> tuple[NodeId, ...]:
        """Nodes that are nothing else."""
        return tuple(self.world.places)[len(NAMES) :]

    async def start(self) -> None:
        """Start everything; return when every agent is on the bus. DemoError where that fails."""
        await self.servers.start()
        write_config(self._folder, self.servers.urls)
        alone = self.managers if self._large else tuple(self.world.places)
        buses = {node: self._bus(f"fxtop-agent {node}", self.servers.urls) for node in alone}
        self.agents = {node: self._agent(node, bus) for node, bus in buses.items()}
        if self._large:
            self.fleets = tuple(self._fleet(place, server) for place, server in enumerate(self.servers.all))
        try:
            await asyncio.gather(
                *(agent.start() for agent in self.agents.values()), *(fleet.start() for fleet in self.fleets)
            )
            every = (*buses.values(), *(fleet.bus for fleet in self.fleets))
            await asyncio.gather(*(bus.wait_connected(CONNECT_WITHIN) for bus in every))
        except BusDown as error:
            raise DemoError(f"The demo's agents found no way to their servers. {error}") from error
        self._living = asyncio.create_task(self.world.run(), name="world")

    async def stop(self) -> None:
        """End everything, without goodbyes: nobody is left to hear them."""
        if self._living is not None:
            self._living.cancel()
        await asyncio.gather(
            *(agent.stop(bye=False) for agent in self.agents.values()),
            *(fleet.stop(bye=False) for fleet in self.fleets),
        )
        await self.servers.stop()

    async def silence(self, node: NodeId) -> None:
        """Let ``node`` fall silent, as a host does whose power is cut."""
        await self.agents[node].stop(bye=False)

    def _bus(self, name: str, servers: tuple[str, ...]) -> NatsBus:
        token = self._identities.secrets.token
        settings = BusSettings(
            servers=servers,
            token=lambda: token,
            ca=self._folder.ca,
            tls=True,
            name=name,
        )
        return NatsBus(settings, self._clock, SLUG)

    def _fleet(self, place: int, server: Server) -> Fleet:
        """Every so manieth node, over one connection: to ``server``, and to another one where that is lost."""
        bus = self._bus(f"fxtop-fleet {server.spec.name}", (server.spec.url,))
        jobs = Background(f"fleet {place + 1}")
        nodes = self.nodes[place :: len(self.servers.all)]
        members = [Member(self._config(node), self.world, bus, jobs, self._clock) for node in nodes]
        return Fleet(f"fleet {place + 1}", SLUG, bus, members, jobs, interval=self._interval)

    def _config(self, node: NodeId) -> AgentConfig:
        return AgentConfig(
            cluster=SLUG,
            node=node,
            state_dir=self._folder.state / "agents" / node,
            trust=self._identities.trust,
            capacity=self.world.places[node].capacity,
            interval=self._interval,
        )

    def _agent(self, node: NodeId, bus: NatsBus) -> Agent:
        manages = node in self.managers
        plans = node == self.managers[0] if self._large else manages  # each that plans keeps a view of the whole site
        services = (*SERVICES, "manager", "webserver") if manages else SERVICES
        return Agent(
            self._config(node),
            bus,
            SimulatedProvider(self.world, node, self._clock),
            SimulatedHost(self.world, node, self._clock, services),
            self._clock,
            collectors=self._collectors(self.managers.index(node)) if manages else (),
            manager_key=self._identities.manager if plans else None,
        )

    def _collectors(self, place: int) -> Sequence[Collector]:
        """What the manager at ``place`` watches: the server beside it, its data, and the first one the seats too."""
        monitor = NatsMonitor(self.servers.all[place].spec.monitoring_url, interval=INTERVAL)
        store = MountReader(ManagerId(self.managers[place]), self._folder.root, interval=STORE_EVERY)
        return (monitor, store, *([self.world.licenses] if place == 0 else []))


def _world(nodes: Sequence[NodeId], clock: Clock, options: Options) -> SimulatedSite:
    churn = LARGE_CHURN if options.churn is None and options.large else options.churn
    few_seats = options.sessions + max(2, options.sessions // 8)
    return SimulatedSite(
        nodes,
        clock,
        sessions=options.sessions,
        seed=options.seed,
        life=LIFE,
        seats=LARGE_SEATS if options.large else few_seats,
        unlimited=options.large,
        pace=1.0 if churn is None else churn / CHANGES,
    )
