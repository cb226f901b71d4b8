"""What a fault befalls: an agent, a console and a headless command on the same bus, each with what it says."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import resource
from collections.abc import Callable
from contextlib import AsyncExitStack, redirect_stderr, redirect_stdout
from datetime import UTC
from pathlib import Path
from typing import Any, Self

import msgspec

from fxtop.actions.arming import Arming
from fxtop.actions.journal import Journal
from fxtop.actions.link import ClusterLink
from fxtop.actions.model import Intent, Refused
from fxtop.actions.operator import Operator
from fxtop.agent.config import AgentConfig
from fxtop.agent.service import Agent
from fxtop.agent.trust import Role, Trust
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import BusSettings, subscriptions
from fxtop.cli.joined import Joined
from fxtop.cli.listing import Listing
from fxtop.cli.watching import watch
from fxtop.clock import SystemClock
from fxtop.cluster.findings import findings
from fxtop.cluster.records import JobRow, Liveness, SessionKey
from fxtop.cluster.store import Store
from fxtop.config.load import load
from fxtop.protocol.ids import NodeId, RequestId, SessionId
from fxtop.ui.chrome.bus_line import Losses, banner_text, bus_spans
from fxtop.views.column import Look
from fxtop.views.panes import PANES
from tests.bus.faults.errand import Errand, Shell
from tests.bus.faults.pace import Pace
from tests.natskit import CLUSTER, Authority, NatsServer, Rack
from tests.relay import Cable
from tests.unit.agent.kit import OPERATOR, TRUST, ScriptedProvider, StillHost, body

NODE = NodeId("viz07")
SESSION = SessionKey(NODE, SessionId("s1"))
CONSOLE, COMMAND, AGENT = "console", "command", "agent"
LOOK_EVERY = 0.02


class Watch(SystemClock):
    """A host's clock that can be stepped."""

    def __init__(self) -> None:
        self.step = 0.0

    def now(self) -> float:
        return super().now() + self.step


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


class Scene:
    """Everybody on a bus whose servers a fault befalls. ``reach`` says how they get there."""

    def __init__(self, folder: Path, rack: Rack, authority: Authority, pace: Pace) -> None:
        self.folder = folder
        self.rack = rack
        self.authority = authority
        self.pace = pace
        self.shell = Shell(folder, pace.program)
        self.servers: list[NatsServer] = []
        self.reach: dict[str, Any] = {}
        self.apart = False
        """Whether the agent is on the second server, and all others are on the first."""
        self.agent_clock = Watch()
        self.provider = ScriptedProvider(body(SESSION.session, node=NODE), body("s2", node=NODE))
        self.store = Store(CLUSTER, SystemClock())
        self.cable: Cable | None = None
        self.room = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        """The limits on the size of files before a disk was full."""
        self.told = ""
        """Why nothing was sent, as the person was told last."""
        self._stack = AsyncExitStack()
        self._log = Lines()
        self._printed = io.StringIO()
        self._said = io.StringIO()

    @property
    def server(self) -> NatsServer:
        """The server that the fault befalls."""
        return self.servers[0]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def begin(self) -> None:
        """Start everybody, and return when each sees the agent's node."""
        logger = logging.getLogger("fxtop.agent")
        logger.addHandler(self._log)
        self._stack.callback(logger.removeHandler, self._log)
        self.agent = self._agent()
        await self.agent.start()
        self._stack.push_async_callback(self.agent.stop)
        await self._begin_console()
        await self._begin_command()
        await self.until(lambda: all(map(_knows, (self.store, self.command.store))))

    async def until(self, condition: Callable[[], object], else_: str = "it doesn't begin") -> None:
        """Return when ``condition`` holds; an AssertionError tells who says what where it never does."""
        try:
            async with asyncio.timeout(self.pace.silence):
                while not condition():
                    await asyncio.sleep(LOOK_EVERY)
                    self.link.inflow.take_in()
                    self.link.settle()
        except TimeoutError:
            said = "\n".join(f"{who}: {self.says(who)[-600:]}" for who in (CONSOLE, COMMAND, AGENT))
            raise AssertionError(f"{else_}\n{said}") from None

    def says(self, who: str) -> str:
        """What somebody shows or has said since `forget`."""
        if who == CONSOLE:
            return self._console_says()
        if who == COMMAND:
            return f"{self._printed.getvalue().rpartition(chr(10))[0].rpartition(chr(10))[2]}\n{self._said.getvalue()}"
        return "\n".join(self._log.said)

    def forget(self) -> None:
        """What was said until now doesn't count."""
        self._log.said.clear()
        self._said.seek(0)
        self._said.truncate()
        self.told = ""
        self._beats = {who: store.nodes[NODE].heard for who, store in self._stores().items()}

    def well(self, who: str) -> bool:
        """Whether somebody is as before the fault: connected, and hearing the node anew."""
        if who == AGENT:
            return self.agent_bus.status.connected
        bus, store = (self.bus, self.store) if who == CONSOLE else (self.command.bus, self.command.store)
        node = store.nodes[NODE]
        fresh = node.heard > self._beats[who] and node.liveness is Liveness.LIVE
        return bus.status.connected and fresh and not bus.status.lame_duck

    def mark(self) -> None:
        """From now on only new heartbeats make well."""
        self._beats = {who: store.clock.monotonic() for who, store in self._stores().items()}

    async def terminate(self) -> JobRow | str:
        """Ask for something during the fault: its job, or why nothing was sent."""
        intent = Intent("terminate", sessions=(SESSION,), reason="test", grace=0.0)
        try:
            made = await self.operator.prepare(intent)
            self.operator.arming.arm()
            sent = await self.operator.commit(made, made.confirmation.expect)
        except Refused as refused:
            self.told = refused.sentence
            return refused.sentence
        return self.store.jobs[RequestId(sent.requests[0])]

    async def run(self, *line: str) -> Errand:
        """Begin a command line, from where the console is."""
        token = self.folder / "token"
        return await self.shell.start(self.server.url, *line, token=token if token.exists() else None)

    def taken(self, verb: str) -> int:
        """How often the agent took ``verb`` on, by its own journal."""
        lines = (self.folder / "agent" / "journal.jsonl").read_bytes().splitlines()
        entries = [msgspec.json.decode(line) for line in lines]
        return sum(entry.get("verb") == verb and entry.get("state") == "accepted" for entry in entries)

    @property
    def done(self) -> int:
        """How often the session was ended."""
        return len(self.provider.done)

    def _stores(self) -> dict[str, Store]:
        return {CONSOLE: self.store, COMMAND: self.command.store}

    def _bus(self, *, agent: bool = False) -> NatsBus:
        servers = self.servers[1:] if agent and self.apart else self.servers[:1] if self.apart else self.servers
        more: dict[str, Any] = {} if agent else {"cluster_subjects": subscriptions(CLUSTER), "sync_on_connect": True}
        urls = tuple(server.url for server in servers)
        options = {"discover": False, **self.pace.bus, **self.reach, **more}
        return NatsBus(BusSettings(servers=urls, **options), self.agent_clock if agent else SystemClock(), CLUSTER)

    def _agent(self) -> Agent:
        trust = Trust({**TRUST.keys, self.shell.key: Role.OPERATOR})
        config = AgentConfig(
            CLUSTER, NODE, self.folder / "agent", trust=trust, interval=self.pace.beat, poll_every=60.0,
            snapshot_every=self.pace.beat,
        )  # fmt: skip
        self.agent_bus = self._bus(agent=True)
        return Agent(config, self.agent_bus, self.provider, StillHost(), self.agent_clock)

    async def _begin_console(self) -> None:
        clock = SystemClock()
        self.bus = self._bus()
        journal = Journal(self.folder / "journal.jsonl")
        self.operator = Operator(self.bus, self.store, clock, Arming(clock), journal, OPERATOR, "ann")
        self.link = ClusterLink(self.bus, self.store, clock, self.operator, None)
        await self.link.start()
        self._stack.push_async_callback(self.link.stop)

    async def _begin_command(self) -> None:
        """``fxtop get nodes --watch -o json`` as it is, but for how it was told where the bus is."""
        settings = load({"cluster": CLUSTER, "server": (self.servers[0].url,)}, {})
        clock = SystemClock()
        self.command = Joined(settings, clock, self._bus(), Store(CLUSTER, clock))
        await self.command.bus.start()
        self._stack.push_async_callback(self.command.bus.stop)
        listing = Listing(PANES["nodes"], self.command.store, tz=UTC, ascii_only=True)
        self._stack.enter_context(redirect_stdout(self._printed))
        self._stack.enter_context(redirect_stderr(self._said))
        watching = asyncio.create_task(watch(self.command, listing, "json", None))

        async def stop() -> None:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

        self._stack.push_async_callback(stop)

    def _console_says(self) -> str:
        clock = self.store.clock
        status = self.bus.status
        losses = Losses(self.link.rejections(), self.store.intake.lost, status.dropped)
        look = Look(clock.monotonic(), clock.now(), UTC)
        parts = [span.text for span in bus_spans(status, losses, clock.monotonic(), ascii_only=False)]
        parts.append(banner_text(status, look, heard=True) or "")
        parts += [f"{finding.subject}: {finding.text}" for finding in findings(self.store)]
        node = self.store.nodes[NODE]
        parts += [f"{NODE} is {node.liveness}", self.told]
        return "\n".join(parts)


def _knows(store: Store) -> bool:
    """Whether the agent's node has been heard of in full; only a heartbeat tells how soon it is missed."""
    node = store.nodes.get(NODE)
    return node is not None and node.beat is not None and SESSION in store.sessions
