"""A NATS micro service (protocol 5; nats-architecture-and-design ADR-32).

nats-py's own is bound to one client: its id and its counts would be new after each loss of the connection, and it
can't answer an error with a body. This one belongs to the bus and outlives connections.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from nats.aio.msg import Msg

from fxtop.bus.listener import Listener
from fxtop.bus.port import Asked, BusError, Endpoint, Fault, Service
from fxtop.bus.registrations import Registration
from fxtop.clock import Clock, utc

log = logging.getLogger(__name__)

CODE_HEADER: Final = "Nats-Service-Error-Code"
TEXT_HEADER: Final = "Nats-Service-Error"
TYPE: Final = "io.nats.micro.v1.{}_response"

Publish = Callable[[str, bytes, Mapping[str, str] | None], Awaitable[None]]


class EndpointStats(msgspec.Struct):
    """One endpoint in an answer to ``$SRV.STATS``; times in nanoseconds."""

    name: str
    subject: str
    queue_group: str
    num_requests: int = 0
    num_errors: int = 0
    last_error: str = ""
    processing_time: int = 0
    average_processing_time: int = 0


class RunningEndpoint:
    """An endpoint with its counts."""

    def __init__(self, endpoint: Endpoint, publish: Publish) -> None:
        self.stats = EndpointStats(endpoint.name, endpoint.subject, endpoint.queue)
        self.listener = Listener(endpoint.subject, self._handle, endpoint.queue)
        self._handler = endpoint.handler
        self._publish = publish

    async def _handle(self, asked: Asked) -> None:
        began = time.perf_counter_ns()
        try:
            await self._handler(asked)
        except Fault as fault:
            await self._fail(asked, fault)
        except Exception as error:  # whatever it was, the asker gets an answer and the service goes on
            log.exception("the endpoint %s failed", self.stats.name)
            await self._fail(asked, Fault("500", f"internal failure ({type(error).__name__})"))
        finally:
            self._count(time.perf_counter_ns() - began)

    def _count(self, took: int) -> None:
        stats = self.stats
        stats.num_requests += 1
        stats.processing_time += took
        stats.average_processing_time = stats.processing_time // stats.num_requests

    async def _fail(self, asked: Asked, fault: Fault) -> None:
        self.stats.num_errors += 1
        self.stats.last_error = f"{fault.code}: {fault.description}"
        if not asked.reply:
            return
        try:
            await self._publish(asked.reply, fault.payload, {CODE_HEADER: fault.code, TEXT_HEADER: fault.description})
        except BusError as error:
            log.warning("no answer to a failed request on %s: %s", self.stats.name, error)


class RunningService:
    """A service that answers PING, INFO and STATS, and whose endpoints are counted."""

    def __init__(self, service: Service, clock: Clock, publish: Publish) -> None:
        self.endpoints = [RunningEndpoint(endpoint, publish) for endpoint in service.endpoints]
        self._service = service
        self._publish = publish
        self._started = utc(clock.now())
        self._id = secrets.token_hex(11)

    def registrations(self) -> Iterator[Registration]:
        """``$SRV.<verb>``, for all, for this name, and for this instance."""
        for verb, answer in (("PING", self._ping), ("INFO", self._info), ("STATS", self._stats)):
            deliver = self._answering(answer)
            for tail in ("", f".{self._service.name}", f".{self._service.name}.{self._id}"):
                yield Registration(f"$SRV.{verb}{tail}", deliver=deliver)

    def _answering(self, answer: Callable[[], dict[str, Any]]) -> Callable[[Msg], Awaitable[None]]:
        async def deliver(msg: Msg) -> None:
            if not msg.reply:
                return
            try:
                await self._publish(msg.reply, msgspec.json.encode(answer()), None)
            except BusError as error:
                log.debug("no answer on %s: %s", self._service.name, error)

        return deliver

    def _identity(self, kind: str) -> dict[str, Any]:
        service = self._service
        return {
            "type": TYPE.format(kind),
            "name": service.name,
            "id": self._id,
            "version": service.version,
            "metadata": dict(service.metadata),
        }

    def _ping(self) -> dict[str, Any]:
        return self._identity("ping")

    def _info(self) -> dict[str, Any]:
        endpoints = [
            {"name": e.stats.name, "subject": e.stats.subject, "queue_group": e.stats.queue_group, "metadata": {}}
            for e in self.endpoints
        ]
        return self._identity("info") | {"description": self._service.description, "endpoints": endpoints}

    def _stats(self) -> dict[str, Any]:
        started = self._started.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return self._identity("stats") | {"started": started, "endpoints": [e.stats for e in self.endpoints]}
