"""The bus over NATS: what `fxtop.bus.port.Bus` promises, put together from the parts of this room."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import msgspec
import nats.errors

from fxtop.bus.addresses import AddressBook, parse
from fxtop.bus.buffer import Buffer
from fxtop.bus.joining import ask_all
from fxtop.bus.link import CLOSE_WITHIN, Link
from fxtop.bus.listener import Listener
from fxtop.bus.port import Answer, Bus, BusDown, BusPhase, BusStatus, Handler, NoAnswer, Service
from fxtop.bus.private import Client, missing_names
from fxtop.bus.quiet import hush
from fxtop.bus.reader import Read
from fxtop.bus.registrations import Registration, Registrations
from fxtop.bus.renewal import Renewal
from fxtop.bus.requests import Requests, down, says_nobody
from fxtop.bus.sending import send
from fxtop.bus.service import RunningService
from fxtop.bus.settings import BusSettings
from fxtop.bus.status import StatusBoard
from fxtop.bus.supervisor import Supervisor
from fxtop.bus.tasks import end
from fxtop.clock import Clock
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.presence import ALL_CLASSES, SYNC_SUBJECT_HEADER, HeartbeatClass, Sync
from fxtop.protocol.subjects import build
from fxtop.protocol.text import inert

log = logging.getLogger(__name__)

STOP_PATIENCE: Final = CLOSE_WITHIN + 1.0
"""Seconds that the supervisor is given to close its connection."""

_FORBIDDEN: Final = re.compile(r'permissions violation for (publish|subscription) to "([^"]*)"')


class NatsBus(Bus):
    """A supervised connection to a cluster's NATS servers. Belongs to one event loop."""

    def __init__(self, settings: BusSettings, clock: Clock, cluster: ClusterSlug) -> None:
        """Nothing is opened yet. Raises ValueError with a sentence where a server's URL can't be read."""
        rng = random.Random()  # noqa: S311  # spreads load, protects nothing
        self.cluster = cluster
        self._settings = settings
        self._clock = clock
        self._stir = asyncio.Event()
        self._buffer = Buffer(clock, self._stir.set, settings.most_waiting)
        book = AddressBook(settings.servers, rng)
        servers = tuple(address.url for address in book.configured)
        self._board = StatusBoard(clock, servers, self._buffer, self._stir)
        self._requests = Requests(settings.inbox_prefix)
        self._registrations = Registrations()
        self._renewal = Renewal(settings.retry_last)
        self._listeners: list[Listener] = []
        self._connected = asyncio.Event()
        self._supervisor = Supervisor(settings, book, self._board, self, rng)
        self._running: asyncio.Task[None] | None = None
        self._joining: asyncio.Task[None] | None = None
        self._answers = 0
        """Answers to syncs that came so far."""

    @property
    def status(self) -> BusStatus:
        """The present state; a new object whenever something changed."""
        self._board.unhandled = sum(listener.dropped for listener in self._listeners)
        return self._board.status

    async def start(self) -> None:
        """Begin connecting and return at once; loss is mended until `stop`."""
        if self._running is not None:
            return
        hush()
        if missing := missing_names():
            log.warning("this nats-py lacks %s: fxtop works without, more slowly", ", ".join(missing))
        await self._registrations.add(Registration(self._requests.inbox, deliver=self._requests.on_reply))
        await self._registrations.add(Registration(self._requests.sync_inbox, sink=self._on_synced))
        for subject in self._settings.cluster_subjects:
            await self.subscribe(subject)
        self._board.connecting()
        self._running = asyncio.create_task(self._supervisor.run(), name="bus")
        self._running.add_done_callback(self._supervision_ended)

    async def stop(self) -> None:
        """Close for good; what was published is written first."""
        if self._running is not None:
            await end(self._running, patience=STOP_PATIENCE)
        if self._joining is not None:
            await end(self._joining)
        for listener in self._listeners:
            await listener.stop()
        self._board.stopped()

    async def wait_connected(self, within: float) -> None:
        """Return when connected; BusDown with the last cause in words after ``within`` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._connected.wait()
        except TimeoutError:
            cause = self._board.last_error or f"No server answered within {within:g} s."
            raise BusDown(f"There is no connection to the bus. {cause}") from None

    async def wait_activity(self, within: float) -> bool:
        """Return True when a message or a change of status is there, False after ``within`` seconds."""
        if self._buffer:
            await asyncio.sleep(0)  # whoever asks in a loop without taking must not stop everything else
        else:
            try:
                async with asyncio.timeout(within):
                    await self._stir.wait()
            except TimeoutError:
                return False
        self._stir.clear()
        return True

    def take(self) -> list[Inbound]:
        """All messages that came in since the last call, in order."""
        return self._buffer.take()

    async def subscribe(self, subject: str) -> None:
        """Let messages on ``subject`` into the buffer; survives reconnects."""
        await self._registrations.add(Registration(subject, sink=self._buffer.extend))

    async def sync(self, spread: float = 1.0, classes: Sequence[HeartbeatClass] = ALL_CLASSES) -> None:
        """Ask every agent for its state (protocol 3), or for that of some ``classes``; the answers come out of `take`.

        BusDown where there is no connection.
        """
        question = msgspec.json.encode(Sync(v=1, spread=spread, classes=list(classes)))
        await send(self._client(), build(self.cluster, "sync"), question, None, self._requests.sync_inbox)

    @contextmanager
    def attentive(self) -> Iterator[None]:
        """Read at once whatever comes meanwhile: somebody waits for many answers. BusDown where there is no connection.

        In beats a question of many answers would seem to be answered as soon as a beat rests.
        """
        with self._link().awake():
            yield

    async def round_trip(self, within: float) -> None:
        """Return when the server has passed on all that was sent before, and all that it had for us has come in.

        Raises:
            BusDown: there is no connection.
            NoAnswer: it was lost meanwhile, or the server didn't answer in time.
        """
        link = self._link()
        try:
            await link.round_trip(within)
        except (nats.errors.Error, OSError, RuntimeError):
            raise NoAnswer(f"{link.address.place} didn't answer a ping within {within:g} s.") from None

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send now; BusDown where there is no connection (nothing is ever sent late)."""
        await send(self._client(), subject, payload, headers)

    async def request(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, within: float = 5.0
    ) -> Answer:
        """Send and wait for one answer; BusDown, NoAgent, NoAnswer or NotAllowed."""
        link = self._link()
        with link.brisk():
            return await self._requests.ask(link.client, subject, payload, headers, within)

    async def gather(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        within: float = 2.0,
        quiet: float = 0.3,
    ) -> Sequence[Answer]:
        """Send and collect answers until ``quiet`` seconds pass after one, or ``within`` in all; none is no error.

        Where the connection is lost meanwhile it raises NoAnswer: half of the answers would be taken for all of them.
        """
        link = self._link()
        with link.brisk():
            return await self._requests.gather(link.client, subject, payload, headers, within, quiet)

    async def serve(self, service: Service) -> None:
        """Answer on the endpoints of ``service``; survives reconnects."""
        running = RunningService(service, self._clock, self.publish)
        for endpoint in running.endpoints:
            await self._start_listening(endpoint.listener)
        for registration in running.registrations():
            await self._registrations.add(registration)

    async def listen(self, subject: str, handler: Handler, queue: str = "") -> None:
        """Call ``handler`` for each message on ``subject``; survives reconnects."""
        await self._start_listening(Listener(subject, handler, queue))

    def probe(self, server: str) -> NatsBus:
        """An unstarted bus to one configured server alone, to be looked through and stopped soon.

        Args:
            server: One of `BusStatus.servers`.
        """
        whole = {parse(text).url: text for text in self._settings.servers}
        alone = replace(
            self._settings,
            servers=(whole.get(server, server),),
            cluster_subjects=(),
            sync_on_connect=False,
            name=f"{self._settings.name}-probe",
            discover=False,
            retry_first=self._settings.retry_last,
        )
        return NatsBus(alone, self._clock, self.cluster)

    async def join(self, link: Link) -> None:
        """Settle on a new connection (called by the supervisor)."""
        self._renewal.begun()
        await self._registrations.attach(link.client)
        await link.round_trip(self._settings.connect_timeout)
        self._renewal.settled(link, self._registrations.subjects)
        self._board.connected(link)
        self._connected.set()
        if self._settings.sync_on_connect:
            self._joining = asyncio.create_task(self._sync_quietly(), name="sync after connecting")

    async def settle(self, within: float) -> None:
        """Return when no question is open (called by the supervisor)."""
        await self._requests.idle(within)

    def part(self, link: Link) -> None:
        """Let go of a connection that is over (called by the supervisor)."""
        self._connected.clear()
        if self._joining is not None:
            self._joining.cancel()
        self._registrations.detach()
        self._requests.disconnected()

    def hear_error(self, link: Link, error: Exception) -> None:
        """An error that doesn't end the connection (called by a link)."""
        if isinstance(error, nats.errors.SlowConsumerError):
            self._board.slow += 1
            return
        forbidden = _FORBIDDEN.search(str(error))
        if forbidden is not None:
            self._forbidden(*forbidden.groups())
        else:
            log.info("%s: %s", link.address.place, type(error).__name__)

    def _forbidden(self, what: str, subject: str) -> None:
        shown = inert(subject, 200)
        if what == "publish":
            self._requests.forbidden_to_send(subject)
            self._board.note(f"The server doesn't let this login send on {shown}: it was not sent.")
            return
        self._renewal.refused(self._board.link, subject)
        if not self._requests.forbidden_to_hear(subject):
            self._board.note(f"The server doesn't let this login listen to {shown}: what is said there isn't seen.")

    async def _start_listening(self, listener: Listener) -> None:
        await self._registrations.add(listener.registration)
        self._listeners.append(listener)
        listener.overrun = self._stir.set
        listener.start()

    def _on_synced(self, answers: Sequence[Read]) -> None:
        """Answers to a sync; one that doesn't say what it stands for keeps its inbox's subject, to be rejected."""
        for subject, payload, headers in answers:
            if not says_nobody(payload, headers):
                self._answers += 1
                self._buffer.add(headers.get(SYNC_SUBJECT_HEADER, subject), payload, synced=True)

    async def _sync_quietly(self) -> None:
        try:
            with self._link().brisk():
                await ask_all(self.sync, lambda: self._answers)
        except BusDown as error:
            log.info("no sync after connecting: %s", error)

    def _client(self) -> Client:
        return self._link().client

    def _link(self) -> Link:
        """The connection in use; BusDown where there is none."""
        link = self._board.link
        if self._board.phase is not BusPhase.CONNECTED or link is None or not link.client.is_connected:
            raise down(self._board.last_error)
        return link

    def _supervision_ended(self, task: asyncio.Task[None]) -> None:
        """A fault of ours must not leave a bus that says it is connected."""
        if task.cancelled() or task.exception() is None:
            return
        log.error("the bus's supervisor failed", exc_info=task.exception())
        self._board.note(f"The bus stopped by a fault in fxtop ({type(task.exception()).__name__}): start fxtop again.")
        self._board.stopped()
