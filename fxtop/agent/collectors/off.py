"""What stands for a collector that is switched off: a word about it instead of silence."""

from __future__ import annotations

from fxtop.agent.collectors.facts import Fragment, PartlyKnown
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.providers.port import HostSample

_NEVER = 86_400.0


class SourceOff(PartlyKnown):
    """A source of facts that tells only that nobody looks."""

    every = _NEVER
    limit = 1.0

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self) -> Fragment:
        """The note."""
        return self.unread(f"Nobody looks: [collect.{self.name}] is switched off on this node.")


class SamplerOff:
    """Tells nothing of the machine, so that no heartbeat is sent: for a host that only watches a server."""

    async def sample(self) -> HostSample:
        """Raises CollectError."""
        raise CollectError("No heartbeat is sent: [collect.host] is switched off on this node.")
