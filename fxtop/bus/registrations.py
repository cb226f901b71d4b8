"""What we listen to, put in force again on each new connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import nats.errors
from nats.aio.msg import Msg

from fxtop.bus.port import BusError
from fxtop.bus.private import Client
from fxtop.bus.reader import Sink
from fxtop.protocol.text import inert


@dataclass(frozen=True, slots=True)
class Registration:
    """A subject and where its messages go: to ``sink`` as they are read, or to ``deliver`` whole."""

    subject: str
    sink: Sink | None = None
    deliver: Callable[[Msg], Awaitable[None]] | None = None
    queue: str = ""

    async def apply(self, client: Client) -> None:
        """Subscribe on ``client``."""
        if self.sink is not None:
            await client.subscribe_sink(self.subject, self.sink)
        else:
            await client.subscribe(self.subject, queue=self.queue, cb=self.deliver)


class Registrations:
    """All registrations of one bus, in the order they were made."""

    def __init__(self) -> None:
        self._all: list[Registration] = []
        self._client: Client | None = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """What they are for."""
        return tuple(registration.subject for registration in self._all)

    async def add(self, registration: Registration) -> None:
        """Keep ``registration``, and put it in force now where there is a connection.

        Raises:
            BusError: its subject can't be subscribed to.
        """
        self._all.append(registration)
        if self._client is None:
            return
        try:
            await registration.apply(self._client)
        except nats.errors.BadSubjectError:
            self._all.remove(registration)
            raise BusError(f"'{inert(registration.subject, 200)}' can't be subscribed to.") from None
        except (nats.errors.Error, OSError):
            return  # the connection just went; the next one gets it

    async def attach(self, client: Client) -> None:
        """Put everything in force on a new connection. Raises what nats-py raises when that is gone again."""
        self._client = client
        for registration in tuple(self._all):
            await registration.apply(client)

    def detach(self) -> None:
        """The connection is gone; keep the list for the next one."""
        self._client = None
