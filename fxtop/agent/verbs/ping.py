"""Answering that the agent is there; the one verb that needs no signature."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

import fxtop
from fxtop.agent.gate import Gate, request_id
from fxtop.agent.identity import Identity
from fxtop.bus.port import Asked, Bus, BusError, Endpoint
from fxtop.clock import Clock
from fxtop.protocol import subjects
from fxtop.protocol.control import Reply
from fxtop.protocol.encode import encode
from fxtop.protocol.standing import RESULT_FIELD

log = logging.getLogger(__name__)


class Ping:
    """``ping``: no decision, so nothing is recorded; the payload isn't looked at.

    Who signs it is told what the key may do here (`fxtop.protocol.standing`).
    """

    def __init__(self, bus: Bus, identity: Identity, gate: Gate, clock: Clock) -> None:
        self._bus = bus
        self._identity = identity
        self._gate = gate
        self._clock = clock

    def endpoint(self) -> Endpoint:
        """Where this node answers."""
        subject = subjects.build(self._identity.cluster, "ctl.node", self._identity.node, "ping")
        return Endpoint("ping", subject, self.handle)

    async def handle(self, asked: Asked) -> None:
        """Answer who and since which start."""
        if not asked.reply:
            return
        result: dict[str, Any] = {
            "node": self._identity.node,
            "boot": self._identity.boot,
            "roles": list(self._identity.roles),
            "version": fxtop.__version__,
            "ts": self._clock.now(),
        }
        standing = self._gate.standing(asked)
        if standing is not None:
            result[RESULT_FIELD] = msgspec.to_builtins(standing)
        reply = Reply(v=1, request=request_id(asked), status="done", result=result)
        try:
            await self._bus.publish(asked.reply, encode(reply))
        except BusError as error:
            log.debug("a ping could not be answered: %s", error)
