"""What the agent says of its node: heartbeat, facts and sessions (protocol 2)."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import msgspec

import fxtop
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.config import AgentConfig
from fxtop.agent.outbox import Outbox
from fxtop.agent.placement import Placement
from fxtop.agent.providers.port import HostFacts, HostProbe, HostSample, ProviderError, SessionProvider, notes_of
from fxtop.agent.sessions import SessionBoard
from fxtop.bus.port import BusStatus
from fxtop.protocol.ids import ServerId
from fxtop.protocol.node import Directory, Load, NodeFacts, NodeHeartbeat, NodeState, TransporterLink
from fxtop.protocol.presence import Bye
from fxtop.protocol.session import SessionChange

log = logging.getLogger(__name__)

FREE_STEP: Final = 0.05
"""Share of a filesystem by which its free space must move to be a change of the facts."""


_HOST: Final = "host"
_FACTS: Final = "facts"
_SESSIONS: Final = "sessions"
_UNSEEN: Final = "sessions.unseen"
_PLACEMENT: Final = "placement"


class Announcer:
    """Keeps the latest of what is known of the node, and publishes it.

    What is said is always made from what is at hand: nothing here waits for the machine or for a provider, so that
    neither can delay a heartbeat.
    """

    def __init__(
        self,
        config: AgentConfig,
        outbox: Outbox,
        board: SessionBoard,
        placement: Placement,
        provider: SessionProvider,
        host: HostProbe,
    ) -> None:
        self._config = config
        self._outbox = outbox
        self._board = board
        self._placement = placement
        self._provider = provider
        self._host = host
        self._sample: HostSample | None = None
        self._facts: HostFacts | None = None
        self._told_facts: NodeFacts | None = None
        self._told_state: NodeState | None = None
        self._link: tuple[TransporterLink, ...] = ()
        self._remarks: dict[str, str] = {}
        """What is wrong with the node's agent now, as sentences that go with the facts' notes."""

    @property
    def sees_sessions(self) -> bool:
        """Whether the sessions could be listed the last time."""
        return self._board.seen and _SESSIONS not in self._remarks

    async def look_at_host(self) -> None:
        """Take a sample of the machine for the next heartbeats; one that takes too long is left out."""
        limit = self._config.host_limit
        try:
            async with asyncio.timeout(limit):
                self._sample = await self._host.sample()
        except (CollectError, TimeoutError) as error:
            self._remark(_HOST, str(error) or f"The machine could not be looked at within {limit:g} s.")
        else:
            self._remark(_HOST, None)

    async def look_at_facts(self) -> bool:
        """Collect the facts; whether they changed in a way that is worth telling."""
        limit = self._config.facts_limit
        try:
            async with asyncio.timeout(limit):
                self._facts = await self._host.facts()
        except (CollectError, TimeoutError) as error:
            self._remark(_FACTS, str(error) or f"The facts could not be collected within {limit:g} s.")
        else:
            self._remark(_FACTS, None)
        facts = self.facts()
        return facts is not None and _essence(facts) != _essence(self._told_facts)

    async def look_at_sessions(self) -> None:
        """List the sessions and tell what changed; a changed state of the node goes out at once."""
        try:
            async with asyncio.timeout(self._config.session_limit):
                listing = await self._provider.sessions()
        except (ProviderError, TimeoutError) as error:
            limit = self._config.session_limit
            self._remark(_SESSIONS, str(error) or f"The sessions could not be listed within {limit:g} s.")
            return
        except Exception as error:  # a fault in a provider must not end the following of sessions
            log.exception("The provider %s failed", self._provider.name)
            self._remark(_SESSIONS, f"The provider {self._provider.name} failed inside ({type(error).__name__}).")
            return
        self._remark(_SESSIONS, None)
        self._remark(_UNSEEN, " ".join(notes_of(self._provider)) or None)
        for body in self._board.update(listing):
            change = SessionChange.of(body, ts=0.0, boot="", seq=0)
            await self._outbox.publish("session", (body.node, body.id), change)
        if self._told_state not in (None, self._placement.state(self._board)):
            await self.beat()

    async def placement_changed(self) -> None:
        """Have the provider obey to drain and weight, and tell everybody at once."""
        try:
            await self._provider.placement(self._placement.taking, self._placement.weight)
        except ProviderError as error:
            self._remark(_PLACEMENT, str(error))
        else:
            self._remark(_PLACEMENT, None)
        await self.beat()

    def _remark(self, about: str, sentence: str | None) -> None:
        if sentence is None:
            self._remarks.pop(about, None)
        elif self._remarks.get(about) != sentence:
            self._remarks[about] = sentence
            log.warning("%s", sentence)

    def connected_to(self, status: BusStatus) -> None:
        """Remember which server the bus is connected to."""
        if status.server_id:
            link = TransporterLink(server_id=ServerId(status.server_id), name=status.server_name or status.server_id)
            self._link = (link,)

    def heartbeat(self) -> NodeHeartbeat | None:
        """The node now; None before the machine was looked at."""
        sample = self._sample
        if sample is None:
            return None
        return NodeHeartbeat(
            v=1,
            ts=0.0,
            boot="",
            seq=0,
            node=self._config.node,
            interval=self._config.interval,
            state=self._placement.state(self._board),
            drain=self._placement.drain,
            cpu=sample.cpu,
            load=Load(*sample.load),
            cores=sample.cores,
            mem_used=sample.mem_used,
            mem_total=sample.mem_total,
            sessions=self._board.counts(),
            weight=self._placement.weight,
            capacity=self._config.capacity,
            uptime=sample.uptime,
            leaving=self._placement.leaving,
        )

    def facts(self) -> NodeFacts | None:
        """The facts as they were last collected; None before."""
        facts = self._facts
        if facts is None:
            return None
        return NodeFacts(
            v=1,
            ts=0.0,
            boot="",
            seq=0,
            node=self._config.node,
            host=facts.host,
            services=list(facts.services),
            versions={**facts.versions, "agent": fxtop.__version__},
            units=list(facts.units),
            dirs=list(facts.dirs),
            config=facts.config,
            transporters=list(self._link),
            metadata=facts.metadata,
            provider=self._provider.name,
            notes={**facts.notes, **self._remarks},
            withheld=list(facts.withheld),
        )

    async def beat(self) -> None:
        """Publish a heartbeat."""
        beat = self.heartbeat()
        if beat is not None and await self._outbox.publish("hb.node", (beat.node,), beat):
            self._told_state = beat.state

    async def tell_facts(self) -> None:
        """Publish the facts."""
        facts = self.facts()
        if facts is not None and await self._outbox.publish("facts.node", (facts.node,), facts):
            self._told_facts = facts

    async def tell_sessions(self) -> None:
        """Publish a snapshot of the sessions; none where they were never seen, for an empty one would be a lie."""
        if self._board.seen and await self._outbox.publish("sessions", (self._config.node,), *self._board.snapshot()):
            self._board.told()

    async def tell_all(self) -> None:
        """Publish everything: the first thing on each connection."""
        await self.beat()
        await self.tell_facts()
        await self.tell_sessions()

    async def bye(self, now: float, boot: str) -> None:
        """Say that the agent stops."""
        bye = Bye(v=1, ts=now, id=self._config.node, boot=boot)
        await self._outbox.say("bye.node", (self._config.node,), bye)

    async def repeat_node(self, inbox: str) -> None:
        """Answer a sync with facts and heartbeat."""
        for kind, message in (("facts.node", self.facts()), ("hb.node", self.heartbeat())):
            if message is not None:
                await self._outbox.repeat(inbox, kind, (self._config.node,), message)

    async def repeat_sessions(self, inbox: str) -> None:
        """Answer a sync with a snapshot of the sessions."""
        if self._board.seen:
            await self._outbox.repeat(inbox, "sessions", (self._config.node,), *self._board.snapshot())


def _essence(facts: NodeFacts | None) -> object:
    """What of the facts is worth telling when it changes: free space only in steps."""
    if facts is None:
        return None
    return msgspec.structs.replace(facts, dirs=[_stepped(directory) for directory in facts.dirs])


def _stepped(directory: Directory) -> Directory:
    return msgspec.structs.replace(
        directory,
        free=_step(directory.free, directory.total),
        inodes=None,  # some file systems make them as they need them
        inodes_free=_step(directory.inodes_free, directory.inodes),
    )


def _step(free: int | None, total: int | None) -> int | None:
    return round(free / total / FREE_STEP) if free is not None and total else free
