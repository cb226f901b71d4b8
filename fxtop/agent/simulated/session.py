"""One invented session."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fxtop.agent.simulated.catalog import App
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import Pending, SessionBody, SessionState

SEATED = ("starting", "running", "disconnected", "ending")
"""States in which a session holds a seat."""


@dataclass(slots=True, eq=False)
class SimulatedSession:
    """What the world knows of it; `body` is what a provider would see. Moments are Unix seconds."""

    id: SessionId
    node: NodeId
    user: str
    app: App
    geometry: str
    created: float
    state: SessionState
    turns: float
    """When it leaves its present state by itself."""
    ends: float
    """When its user is through with it."""
    last_input: float
    display: str | None = None
    pid: int | None = None
    cpu: float = 0.0
    mem: int = 0
    pending: Pending | None = None
    stubborn: bool = False
    """Whether it doesn't end when asked to."""
    project: str = ""
    messages: list[str] = field(default_factory=list)
    """What its user was told."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """As its user called it."""
        return f"{self.app.name}-{self.project}"

    def body(self, now: float) -> SessionBody:
        """The session as the bus tells of it at Unix time ``now``."""
        alive = self.state not in ("pending", "ghost")
        return SessionBody(
            id=self.id,
            node=self.node,
            user=self.user,
            state=self.state,
            name=self.name,
            command=self.app.command,
            geometry=self.geometry,
            display=self.display,
            app=self.app.name,
            created=self.created,
            idle=max(0.0, now - self.last_input) if alive else None,
            clients=int(self.state == "running") if alive else None,
            cpu=round(self.cpu, 3) if alive else None,
            mem=self.mem if alive else None,
            pid=self.pid,
            pending=self.pending,
            params={"project": self.project},
        )
