"""An agent in a process of its own that kills itself (SIGKILL) right after a named step of its work.

Steps are calls of the agent's own ports: a line in the journal, a state file put in place, a message that left, a
session that was asked or ended. They are counted by name, as ``requests.json 2``. The sessions are files, and what is
done to them is written down in one more, so that both outlive the agent as real sessions do.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fxtop.actions.journal import Entry, Journal
from fxtop.agent import durable
from fxtop.agent.config import AgentConfig
from fxtop.agent.providers.port import Ability, Step, UnknownSession
from fxtop.agent.service import Agent
from fxtop.agent.signal import Signal
from fxtop.agent.trust import Role, Trust
from fxtop.bus.connection import NatsBus
from fxtop.clock import SystemClock
from fxtop.protocol.ids import NodeId, PublicKey, SessionId
from fxtop.protocol.session import SessionBody
from tests.natskit import CLUSTER, settings
from tests.unit.agent.kit import StillHost

NEVER = 3600.0


@dataclass(frozen=True)
class Life:
    """One life of a mortal agent."""

    node: NodeId
    folder: Path
    url: str
    key: PublicKey
    dies_after: str = ""


class Steps:
    """Counts the steps, keeps their names in a file, and ends the process after the chosen one."""

    def __init__(self, life: Life) -> None:
        self._fatal = life.dies_after
        self._seen: Counter[str] = Counter()
        self._trace = life.folder / "steps"

    def took(self, name: str) -> None:
        self._seen[name] += 1
        step = f"{name} {self._seen[name]}"
        with self._trace.open("a") as trace:
            trace.write(f"{step}\n")
        if step == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalBus(NatsBus):
    """Counts what leaves about requests: replies, progress and audit records."""

    steps: Steps

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        await super().publish(subject, payload, headers)
        kind = "reply" if subject.startswith("_INBOX") else subject.split(".")[2]
        if kind in ("reply", "job", "audit"):
            await asyncio.shield(self._link().client.flush())  # nats-py would swallow a cancellation
            self.steps.took(kind)


class FolderSessions:
    """Sessions that are files; ending one removes its file."""

    name = "folder"
    abilities = frozenset({Ability.TERMINATE})

    def __init__(self, life: Life, steps: Steps) -> None:
        self._node = life.node
        self._folder = life.folder / "sessions"
        self._effects = life.folder / "effects"
        self._steps = steps
        self._changed = Signal()

    async def sessions(self) -> Sequence[SessionBody]:
        return [
            SessionBody(id=SessionId(file.name), node=self._node, user="ann", state="running")
            for file in sorted(self._folder.iterdir())
        ]

    async def changed(self) -> None:
        await self._changed.wait()

    async def placement(self, taking: bool, weight: float) -> None: ...

    async def terminate(self, session: SessionId, grace: float) -> AsyncIterator[Step]:
        if not (self._folder / session).exists():
            raise UnknownSession(session)
        self._did(f"asked {session}")
        yield Step("asked")
        (self._folder / session).unlink()
        self._did(f"ended {session}")
        self._changed.notify()
        yield Step("ended", gone=True)

    async def message(self, session: SessionId, text: str) -> None:
        raise UnknownSession(session)

    async def requeue(self, session: SessionId, to: NodeId) -> None:
        raise UnknownSession(session)

    def _did(self, what: str) -> None:
        with self._effects.open("a") as effects:
            effects.write(f"{what}\n")
        self._steps.took(what)


def live(life: Life) -> None:
    """Run the agent until somebody ends the process, or it ends itself."""
    asyncio.run(_live(life))


async def _live(life: Life) -> None:
    steps = Steps(life)
    _count_files(steps)
    clock = SystemClock()
    bus = MortalBus(settings(life.url, name=life.node), clock, CLUSTER)
    bus.steps = steps
    config = AgentConfig(
        CLUSTER,
        life.node,
        life.folder / "state",
        trust=Trust({life.key: Role.OPERATOR}),
        interval=0.5,
        poll_every=NEVER,
    )
    agent = Agent(config, bus, FolderSessions(life, steps), StillHost(), clock)
    await agent.run()


def _count_files(steps: Steps) -> None:
    """Count each line of the journal and each state file once it is on disk."""
    write, replace = Journal.write, durable.replace

    def counted_write(journal: Journal, *entries: Entry) -> None:
        write(journal, *entries)
        for entry in entries:
            steps.took(f"journal {entry.state}")

    def counted_replace(path: Path, content: bytes) -> None:
        replace(path, content)
        steps.took(path.name)

    setattr(Journal, "write", counted_write)  # noqa: B010  # in this process only; mypy forbids the plain way
    durable.replace = counted_replace


def effects(folder: Path) -> list[str]:
    """All that was ever done to the sessions."""
    file = folder / "effects"
    return file.read_text().splitlines() if file.exists() else []


def steps(folder: Path) -> list[str]:
    """The steps of all lives so far."""
    file = folder / "steps"
    return file.read_text().splitlines() if file.exists() else []
