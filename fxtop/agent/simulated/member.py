"""One node of a fleet: an agent's own parts, without a connection or a task of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fxtop.agent.announcer import Announcer
from fxtop.agent.background import Background
from fxtop.agent.config import AgentConfig
from fxtop.agent.desk import Desk
from fxtop.agent.identity import Identity
from fxtop.agent.outbox import Outbox
from fxtop.agent.placement import Placement
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.signal import Signal
from fxtop.agent.simulated.provider import SimulatedHost, SimulatedProvider
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.bus.port import Asked, Bus, BusError, BusStatus, Endpoint, Fault
from fxtop.bus.service import CODE_HEADER, TEXT_HEADER
from fxtop.clock import Clock
from fxtop.protocol.control import Reply
from fxtop.protocol.encode import encode
from fxtop.protocol.ids import RequestId
from fxtop.protocol.presence import HeartbeatClass

log = logging.getLogger(__name__)


class Member:
    """A node that speaks when its fleet says so, and answers requests as every agent does.

    What answers them (journal, ledger, jobs) is made at the first one: most nodes of a large site are never asked.
    """

    def __init__(
        self, config: AgentConfig, world: SimulatedSite, bus: Bus, background: Background, clock: Clock
    ) -> None:
        news = Signal()
        self.identity = Identity.fresh(config.cluster, config.node)
        self._config = config
        self._bus = bus
        self._background = background
        self._clock = clock
        self._place = world.places[config.node]
        self._seen = -1
        self._provider = SimulatedProvider(world, config.node, clock)
        self.board = SessionBoard(config.node, news)
        self.placement = Placement(config.placement_file, news, config.weight)
        self._outbox = Outbox(bus, self.identity, clock)
        host = SimulatedHost(world, config.node, clock)
        self._announcer = Announcer(config, self._outbox, self.board, self.placement, self._provider, host)
        self.placement.listen(self._announcer.placement_changed)
        self._desk: Desk | None = None
        self._endpoints: dict[str, Endpoint] = {}

    async def wake(self) -> None:
        """Look at everything for the first time; as long as there is no connection nothing of it is told."""
        await self._announcer.placement_changed()
        await self._announcer.look_at_host()
        await self._announcer.look_at_facts()
        await self.look()

    def connected_to(self, status: BusStatus) -> None:
        """The fleet has a new connection."""
        self._announcer.connected_to(status)

    @property
    def has_news(self) -> bool:
        """Whether something about its sessions changed since it last looked."""
        return self._seen != self._place.rev

    async def look(self) -> None:
        """Tell what changed of the sessions."""
        self._seen = self._place.rev
        await self._announcer.look_at_sessions()

    async def beat(self) -> None:
        """Publish a heartbeat."""
        await self._announcer.look_at_host()
        await self._announcer.beat()

    async def tell_facts(self) -> None:
        """Publish the facts."""
        await self._announcer.tell_facts()

    async def tell_sessions(self) -> None:
        """Publish a snapshot of the sessions."""
        await self._announcer.tell_sessions()

    async def tell_all(self) -> None:
        """Publish everything."""
        await self._announcer.tell_all()

    async def repeat(self, inbox: str, classes: Sequence[HeartbeatClass]) -> None:
        """Answer a sync."""
        if "node" in classes:
            await self._announcer.repeat_node(inbox)
            if self._desk is not None:
                await self._desk.jobs.repeat_waiting(inbox)
        if "session" in classes:
            await self._announcer.repeat_sessions(inbox)

    async def flush(self) -> None:
        """Tell of refusals that were only counted so far."""
        if self._desk is not None:
            await self._desk.refusals.flush()

    async def bye(self) -> None:
        """Say that the node's agent stops."""
        await self._announcer.bye(self._clock.now(), self.identity.boot)

    async def answer(self, verb: str, asked: Asked) -> None:
        """Answer a request to this node."""
        endpoint = self._endpoints.get(verb) or (await self._open()).get(verb)
        try:
            if endpoint is None:
                await self._say(asked, encode(_unknown(verb)))
            else:
                await endpoint.handler(asked)
        except Fault as fault:
            await self._say(asked, fault.payload, fault)

    async def _open(self) -> dict[str, Endpoint]:
        """Make what answers requests, once."""
        if self._desk is None:
            self._desk = Desk(
                self._config,
                self.identity,
                self._bus,
                self._clock,
                provider=self._provider,
                board=self.board,
                placement=self.placement,
                outbox=self._outbox,
                background=self._background,
            )
            self._endpoints = {endpoint.name: endpoint for endpoint in self._desk.endpoints()}
            await self._desk.recover()
        return self._endpoints

    async def _say(self, asked: Asked, payload: bytes, fault: Fault | None = None) -> None:
        if not asked.reply:
            return
        try:
            headers = {CODE_HEADER: fault.code, TEXT_HEADER: fault.description} if fault else None
            await self._bus.publish(asked.reply, payload, headers)
        except BusError as error:
            log.warning("A request to %s has no answer: %s", self.identity.node, error)


def _unknown(verb: str) -> Reply:
    """What is answered where a stock agent wouldn't listen at all."""
    detail = f"The agent has no verb {verb}."
    return Reply(v=1, request=RequestId(""), status="unsupported", code="unsupported", detail=detail)
