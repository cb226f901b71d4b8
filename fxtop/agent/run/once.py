"""``fxtop agent once``: collecting everything one time, and keeping what would be said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

from fxtop.agent.announcer import Announcer
from fxtop.agent.background import Background
from fxtop.agent.identity import Identity
from fxtop.agent.outbox import Outbox
from fxtop.agent.placement import Placement
from fxtop.agent.run.assembly import agent_config, machine, sessions
from fxtop.agent.run.settings import ROOT, AgentSettings
from fxtop.agent.run.watched import watched
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.signal import Signal
from fxtop.agent.watch import Watch
from fxtop.clock import Clock

Class = Literal["node", "facts", "sessions", "transporter", "license", "store"]
CLASSES: Final[tuple[Class, ...]] = ("node", "facts", "sessions", "transporter", "license", "store")
"""What can be asked for alone."""
_OF_THE_NODE: Final = frozenset(("node", "facts", "sessions"))
CPU_WINDOW: Final = 0.5
"""Seconds over which the load of the processors is taken."""


class Saying(NamedTuple):
    """A message that would have been published."""

    subject: str
    payload: bytes


class Paper:
    """Takes down what is said, in the place of a bus."""

    def __init__(self) -> None:
        self.said: list[Saying] = []

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Take it down."""
        self.said.append(Saying(subject, payload))

    async def wait_connected(self, within: float) -> None:
        """Paper is always there."""


async def collect(settings: AgentSettings, clock: Clock, only: Class | None = None, root: Path = ROOT) -> list[Saying]:
    """What an agent with these ``settings`` would say of this machine now. Nothing is changed.

    Raises:
        StateError: the agent's state can't be read.
    """
    paper = Paper()
    wanted = CLASSES if only is None else (only,)
    identity = Identity.fresh(settings.connection.slug, settings.node)
    outbox = Outbox(paper, identity, clock)
    announcer = _announcer(settings, outbox, clock, root)
    if _OF_THE_NODE & set(wanted):
        await announcer.look_at_sessions()
        paper.said.clear()  # one by one they are told as they change, and all of them below
    if "facts" in wanted:
        await announcer.look_at_facts()
        await announcer.tell_facts()
    if "node" in wanted:
        await asyncio.sleep(CPU_WINDOW)
        await announcer.look_at_host()
        await announcer.beat()
    if "sessions" in wanted:
        await announcer.tell_sessions()
    found = watched(settings, clock, root, bus=None, keep=False)
    asked = [Watch(each, outbox, identity, clock) for each in found.collectors if each.kind in wanted]
    beside = Background("beside")
    try:
        for work in found.works if "transporter" in wanted else ():
            beside.start(work(), "beside")
        await asyncio.gather(*(watch.read() for watch in asked))
    finally:
        await beside.stop()
    return paper.said


def _announcer(settings: AgentSettings, outbox: Outbox, clock: Clock, root: Path) -> Announcer:
    """As an agent's, but it waits for every source as long as that may take."""
    tables = settings.file.collect
    patience = max(getattr(tables, name).limit for name in tables.__struct_fields__)
    config = agent_config(settings, patience=patience)
    return Announcer(
        config,
        outbox,
        SessionBoard(config.node, Signal()),
        Placement(config.placement_file, Signal(), config.weight),
        sessions(settings, clock, root, keep=False).provider,
        machine(settings, clock, root, patience=patience),
    )
