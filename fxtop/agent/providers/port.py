"""The two ports through which an agent sees a node. What can't be seen is None, never zero."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.node import Directory, Unit
from fxtop.protocol.session import SessionBody


class ProviderError(Exception):
    """Something that a provider could not do or see; the text is a sentence for the operator."""


class UnknownSession(ProviderError):
    """There is no such session on this node, or not any more."""


class Ability(StrEnum):
    """What a provider may be able to do beside listing sessions; each is the verb that needs it."""

    TERMINATE = "terminate"
    MESSAGE = "message"
    REQUEUE = "requeue"


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of the ladder by which a session is ended: what was just done, and whether it is gone now."""

    detail: str
    gone: bool = False


class SessionProvider(Protocol):
    """Whatever knows the sessions of one node and can act on them."""

    @property
    def name(self) -> str:
        """How it is called in facts: ``fastx``, ``command``, ``simulated``."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can do on this node; for anything else the agent answers ``unsupported``."""
        ...

    async def sessions(self) -> Sequence[SessionBody]:
        """All sessions of the node as they are now. This is the truth: changes are told from its differences.

        Raises:
            ProviderError: nothing could be seen at all, which is not the same as no session.
        """
        ...

    async def changed(self) -> None:
        """Return when `sessions` may differ from what it said last. One that can't tell never returns and is polled."""
        ...

    async def placement(self, taking: bool, weight: float) -> None:
        """Be told, at the start and at each change, whether new sessions may come here and with what weight.

        Raises:
            ProviderError: it can't be enforced. It is announced all the same, with a remark among the facts.
        """
        ...

    def terminate(self, session: SessionId, grace: float) -> AsyncIterator[Step]:
        """End a session step by step, asking first and making it after ``grace`` seconds.

        Raises:
            UnknownSession: it is not there.
            ProviderError: it is still there, and why.
        """
        ...

    async def message(self, session: SessionId, text: str) -> None:
        """Show ``text`` to the user of a session.

        Raises:
            UnknownSession: it is not there.
            ProviderError: it was not shown, and why.
        """
        ...

    async def requeue(self, session: SessionId, to: NodeId) -> None:
        """Send a pending session to another node.

        Raises:
            UnknownSession: it is not there.
            ProviderError: it stays here, and why.
        """
        ...


def notes_of(provider: SessionProvider) -> tuple[str, ...]:
    """What ``provider`` could not see at its last listing, as sentences that stay the same while that does.

    One that may see less than everything has them as ``notes``.
    """
    notes: tuple[str, ...] = getattr(provider, "notes", ())
    return notes


@dataclass(frozen=True, slots=True)
class HostSample:
    """The machine at one moment, as in a heartbeat."""

    cpu: float
    """Share of all cores."""
    load: tuple[float, float, float]
    cores: int
    mem_used: int
    mem_total: int
    uptime: float


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What changes rarely on a machine, as in a node's facts."""

    host: str
    """FQDN."""
    services: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    units: tuple[Unit, ...] = ()
    dirs: tuple[Directory, ...] = ()
    config: dict[str, str] = field(default_factory=dict)
    """File name to SHA-256 in hex; secrets are left out."""
    metadata: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """Sentences by the source that they are about."""
    withheld: tuple[str, ...] = ()
    """Files of the configuration that hold secrets."""


class HostProbe(Protocol):
    """Whatever knows the machine."""

    async def sample(self) -> HostSample:
        """The machine now."""
        ...

    async def facts(self) -> HostFacts:
        """What changes rarely. A source that can't be read is a fact with a note, not an error.

        Raises:
            CollectError: nothing could be collected at all.
        """
        ...
