"""Names of things on the bus, each a type of its own so that none is taken for another."""

from __future__ import annotations

from typing import NewType

ClusterSlug = NewType("ClusterSlug", str)
"""A cluster's name in subjects: ``[a-z0-9][a-z0-9-]{0,31}`` (protocol 1)."""

NodeId = NewType("NodeId", str)
SessionId = NewType("SessionId", str)
ServerId = NewType("ServerId", str)
"""A NATS server (a FastX transporter), by its server id."""

LicenseId = NewType("LicenseId", str)
"""An RLM server, ``port@host``."""

ManagerId = NewType("ManagerId", str)
RequestId = NewType("RequestId", str)
PlanId = NewType("PlanId", str)
PublicKey = NewType("PublicKey", str)
"""An operator's public nkey, ``U…``."""

ID_TYPES = (NodeId, SessionId, ServerId, LicenseId, ManagerId, RequestId, PlanId, PublicKey)
