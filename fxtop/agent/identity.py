"""Who an agent is on the bus."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from fxtop.protocol.ids import ClusterSlug, NodeId


@dataclass(frozen=True, slots=True)
class Identity:
    """One life of one agent. ``roles`` are ``node`` and what else it does: ``manager``, ``license`` and so on."""

    cluster: ClusterSlug
    node: NodeId
    boot: str
    """New at each start, so that receivers can tell a restart from a gap (protocol 1)."""
    roles: tuple[str, ...] = ("node",)

    @classmethod
    def fresh(cls, cluster: ClusterSlug, node: NodeId, roles: tuple[str, ...] = ("node",)) -> Identity:
        """The identity of an agent that starts now."""
        return cls(cluster, node, secrets.token_hex(8), roles)
