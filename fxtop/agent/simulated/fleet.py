"""Many simulated nodes that share one connection, and a few tasks.

An agent by itself has a connection, a dozen subscriptions and as many tasks. Ten thousand of them are more than one
machine should carry for a demonstration, so here one round goes over all nodes for each thing that an agent does again
and again. What is said, and how a request is judged and carried out, is the agents' own code.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from fxtop.agent.background import Background
from fxtop.agent.refusals import PERIOD
from fxtop.agent.simulated.member import Member
from fxtop.agent.sync import SyncAnswers
from fxtop.bus.port import Asked, Bus
from fxtop.protocol import subjects
from fxtop.protocol.ids import ClusterSlug, NodeId

SPREAD: Final = 2.0
"""Seconds over which all nodes tell everything on a new connection."""
LOOK_EVERY: Final = 0.1
"""Seconds between two looks for nodes whose sessions changed."""
BUS_LOOK: Final = 60.0
STEP: Final = 0.005
"""Seconds that are worth a wait between two nodes."""
IN_A_ROW: Final = 32
"""Nodes after which others get their turn, however late it is."""

Act = Callable[[Member], Awaitable[None]]


class Fleet:
    """The nodes of one connection.

    Args:
        name: what it is called in its tasks.
        cluster: whose they are.
        bus: a bus that nobody else uses.
        members: the nodes.
        background: where the members' jobs run.
        interval: seconds between two heartbeats of a node.
        snapshot_every: the same for snapshots of its sessions.
        facts_every: the same for its facts.
    """

    def __init__(
        self,
        name: str,
        cluster: ClusterSlug,
        bus: Bus,
        members: Sequence[Member],
        background: Background,
        *,
        interval: float,
        snapshot_every: float = 60.0,
        facts_every: float = 300.0,
    ) -> None:
        self.bus = bus
        self._cluster = cluster
        self._members = {member.identity.node: member for member in members}
        self._background = background
        self._sync = SyncAnswers(members, name)
        self._rounds: tuple[tuple[str, float, Act], ...] = (
            ("heartbeats", interval, Member.beat),
            ("snapshots", snapshot_every, Member.tell_sessions),
            ("facts", facts_every, Member.tell_facts),
            ("refusals", PERIOD, Member.flush),
        )

    async def start(self) -> None:
        """Begin; returns when it listens, whether or not the bus is there yet."""
        for member in self._members.values():
            await member.wake()
        await self.bus.start()
        await self.bus.listen(subjects.build(self._cluster, "sync"), self._sync.handle)
        await self.bus.listen(f"{subjects.build(self._cluster, 'ctl.node')}.*.*", self._take)
        for name, period, act in self._rounds:
            self._background.start(self._go_round(period, act), name)
        self._background.start(self._follow_bus(), "bus")
        self._background.start(self._follow_sessions(), "sessions")

    async def stop(self, *, bye: bool = True) -> None:
        """End. Without ``bye`` nobody is told."""
        await self._sync.stop()
        await self._background.stop()
        if bye:
            await self._each(Member.bye, 0.0)
        await self.bus.stop()

    async def _take(self, asked: Asked) -> None:
        """Hand a request to its node; one for a node that isn't here is somebody else's to answer."""
        parsed = subjects.parse(asked.subject)
        if parsed is None:
            return
        node, verb = parsed.ids
        member = self._members.get(NodeId(node))
        if member is not None:
            self._background.start(member.answer(verb, asked), f"{verb} {node}")

    async def _follow_bus(self) -> None:
        """Have all say everything on each new connection: nobody knows what of the last one's words arrived."""
        connection: float | None = None
        while True:
            status = self.bus.status
            if status.connected and status.since != connection:
                connection = status.since
                for member in self._members.values():
                    member.connected_to(status)
                await self._each(Member.tell_all, SPREAD)
            await self.bus.wait_activity(BUS_LOOK)
            self.bus.take()

    async def _follow_sessions(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for member in [member for member in self._members.values() if member.has_news]:
                await member.look()

    async def _go_round(self, period: float, act: Act) -> None:
        """``act`` for one after the other, evenly over each ``period``; the first round begins somewhere in it."""
        await asyncio.sleep(random.SystemRandom().uniform(0, period / max(1, len(self._members))))
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            await self._each(act, period)
            began = max(began + period, loop.time() - period)
            await asyncio.sleep(max(0.0, began - loop.time()))

    async def _each(self, act: Act, within: float) -> None:
        """``act`` for one after the other, evenly over ``within`` seconds."""
        loop = asyncio.get_running_loop()
        began, stretch = loop.time(), within / max(1, len(self._members))
        for number, member in enumerate(self._members.values()):
            wait = began + number * stretch - loop.time()
            if wait > STEP or number % IN_A_ROW == 0:
                await asyncio.sleep(max(0.0, wait))
            await act(member)
