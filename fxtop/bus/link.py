"""One connection, from the first dial to its end. It is never mended: a new one takes its place.

nats-py's own reconnect is off. A client that reconnects keeps what it could not write and sends it then, and it closes
for good on an authorization error anyway (nats-py 2.16); a fresh client for each connection has neither trouble, and
reads the secret anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final, Protocol

import nats.errors

from fxtop.bus.addresses import Address
from fxtop.bus.credentials import login_options, tls_context
from fxtop.bus.pace import Pace
from fxtop.bus.private import (
    CannotSeeEncryption,
    Client,
    NotEncrypted,
    abort,
    encrypted,
    reading_side,
    require_encryption,
)
from fxtop.bus.settings import BusSettings
from fxtop.bus.tasks import end
from fxtop.bus.words import Cause, SettingsWrong, Stage, explain, frozen, renewed

STEPS: Final = 4
"""A connect is TCP, greeting, TLS and login; each may take ``connect_timeout``."""
CLOSE_WITHIN: Final = 2.0
"""Seconds for a polite close."""
DROP_WITHIN: Final = 0.1
"""Seconds for what a dropped client has still to end; after a failed TLS handshake nats-py would wait for ever."""
PINGS_MISSED: Final = 2
LIBRARY_PING: Final = 86_400.0
"""Seconds. nats-py's own pings are as good as off: they tell no round trip, and its close waits for a frozen server."""


class LinkReports(Protocol):
    """Who hears of errors that don't end a connection."""

    def hear_error(self, link: Link, error: Exception) -> None:
        """A message was dropped, a subject is forbidden, or the library met something odd."""
        ...


class Link:
    """A client of nats-py, its address, and how it ended."""

    def __init__(self, address: Address, settings: BusSettings, reports: LinkReports) -> None:
        self.address = address
        self.client = Client(must_encrypt=settings.tls or address.tls)
        self.ended: asyncio.Future[Cause] = asyncio.get_running_loop().create_future()
        """Done with the cause when the connection is over."""
        self.leaving = asyncio.Event()
        """Set when the server announced that it will stop (lame duck mode)."""
        self.rtt: float | None = None
        self.tls = False
        """Whether the connection was seen to be encrypted when it was made."""
        self._settings = settings
        self._reports = reports
        self._pace: Pace | None = None
        self._open = False
        self._closing = False
        self._failed: asyncio.Future[Cause] = asyncio.get_running_loop().create_future()
        self._last_error: Exception | None = None

    async def open(self) -> Cause | None:
        """Connect; None when that worked, else why not (and everything is cleaned up)."""
        try:
            options = self._options()
        except SettingsWrong as error:
            return self._why(error)
        try:
            cause = await self._connect(options)
        except BaseException:
            await self.close(politely=False)
            raise
        if cause is not None:
            await self.close(politely=False)
        else:
            self._open = True
            self.tls = encrypted(self.client) is True
            side = reading_side(self.client)
            self._pace = None if side is None else Pace(side, lambda: self.client.stats["in_msgs"])
        return cause

    async def keep_pace(self) -> None:
        """Read in beats while much comes in, until cancelled; where that can't be done, return."""
        if self._pace is not None:
            await self._pace.keep()

    @contextmanager
    def brisk(self) -> Iterator[None]:
        """Look for answers often meanwhile, however busy the connection is."""
        with nullcontext() if self._pace is None else self._pace.brisk():
            yield

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Read at once whatever comes meanwhile, however busy the connection is."""
        with nullcontext() if self._pace is None else self._pace.awake():
            yield

    async def round_trip(self, within: float) -> None:
        """Return when the server has read all that was sent before; `rtt` then holds how long that took.

        Raises:
            nats.errors.Error: the connection is gone, or no answer came in time.
        """
        ping = asyncio.create_task(self.client.rtt(timeout=within))  # type: ignore[arg-type]  # a float does as well
        try:
            with self.awake():
                await asyncio.wait({ping})
        finally:
            await end(ping)
        self.rtt = ping.result()

    def renew(self) -> None:
        """Give this connection up for a new one, which may be allowed more."""
        self._end(renewed(self.address))

    async def keep_pinging(self) -> None:
        """Measure the round trip, and end the connection when an answer is too late."""
        limit = self._settings.ping_interval * PINGS_MISSED
        while not self.ended.done():
            try:
                await self.round_trip(limit)
            except nats.errors.TimeoutError:
                self._end(frozen(self.address, limit))
            except (nats.errors.Error, OSError, RuntimeError) as error:
                self._end(self._why(error))
            else:
                await asyncio.wait({self.ended}, timeout=self._settings.ping_interval)

    async def close(self, *, politely: bool = True) -> None:
        """Close the socket; politely means that what was published is written first."""
        self._closing = True
        if not politely:
            abort(self.client)
        try:
            async with asyncio.timeout(CLOSE_WITHIN if politely else DROP_WITHIN):
                await self.client.close()
        except (TimeoutError, OSError, RuntimeError):
            abort(self.client)

    async def _connect(self, options: dict[str, Any]) -> Cause | None:
        attempt = asyncio.create_task(self.client.connect(**options))
        try:
            limit = STEPS * self._settings.connect_timeout
            either: set[asyncio.Future[Any]] = {attempt, self._failed}
            await asyncio.wait(either, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(attempt)
        if self._failed.done():
            return self._failed.result()
        if attempt.cancelled():
            return self._why(TimeoutError())
        raised = attempt.exception()
        return self._check_connected() if raised is None else self._why(raised)

    def _check_connected(self) -> Cause | None:
        """nats-py also returns from a connect that the server hung up on, and a login without a secret has no guard."""
        if not self.client.is_connected:
            return self._why(self.client.last_error or self._last_error)
        if self.client.must_encrypt:
            try:
                require_encryption(self.client)
            except (NotEncrypted, CannotSeeEncryption, ConnectionResetError) as error:
                return self._why(error)
        return None

    def _options(self) -> dict[str, Any]:
        settings = self._settings
        context = tls_context(settings)
        options = login_options(settings, self.address, self.client)
        if context is not None:
            options["tls"] = context
        return options | {
            "servers": [self.address.url],
            "name": settings.name,
            "inbox_prefix": settings.inbox_prefix,
            "connect_timeout": settings.connect_timeout,
            "tls_hostname": settings.server_name or self.address.tls_name,
            "tls_handshake_first": settings.tls_first,
            "allow_reconnect": False,
            "max_reconnect_attempts": 1,
            "pending_size": 0,  # a publish without a connection raises; it is never kept for later
            "ping_interval": LIBRARY_PING,
            "error_cb": self._on_error,
            "closed_cb": self._on_closed,
            "lame_duck_mode_cb": self._on_lame_duck,
            "disconnected_cb": _nothing,
            "reconnected_cb": _nothing,
            "discovered_server_cb": _nothing,
        }

    async def _on_error(self, error: Exception) -> None:
        if self._closing:
            return
        self._last_error = error
        if self._open:
            self._reports.hear_error(self, error)
        elif not self._failed.done():
            self._failed.set_result(self._why(error))

    async def _on_closed(self) -> None:
        self._end(self._why(self.client.last_error or self._last_error))

    async def _on_lame_duck(self) -> None:
        self.leaving.set()

    def _end(self, cause: Cause) -> None:
        if not self.ended.done():
            self.ended.set_result(cause)

    def _why(self, error: BaseException | None) -> Cause:
        return explain(error, self.address, self._settings, self._stage())

    def _stage(self) -> Stage:
        if self._open:
            return Stage.LIVE
        met = self.client.is_connecting or self.client.is_closed
        return Stage.GREETING if met else Stage.DIALLING


async def _nothing() -> None:
    """For events that a link doesn't need; without it nats-py would log them."""
