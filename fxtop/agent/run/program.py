"""``fxtop agent run``: one agent from its start to a signal, with its settings read anew when asked to."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from enum import Enum, auto
from pathlib import Path

import msgspec

from fxtop.agent.background import Background
from fxtop.agent.run.assembly import assemble, sessions
from fxtop.agent.run.logs import log_as
from fxtop.agent.run.notify import Notify
from fxtop.agent.run.settings import ROOT, AgentSettings
from fxtop.agent.service import Agent
from fxtop.clock import Clock
from fxtop.config.error import ConfigError

log = logging.getLogger(__name__)

_ENDS = (signal.SIGTERM, signal.SIGINT)


class _Wish(Enum):
    """What a signal asks for."""

    END = auto()
    RELOAD = auto()


class Program:
    """One process with one agent.

    Args:
        load: reads the settings as they are now. Raises ConfigError.
        env: the process's environment.
        clock: time.
        root: where the machine's files are found.
    """

    def __init__(
        self, load: Callable[[], AgentSettings], env: Mapping[str, str], clock: Clock, root: Path = ROOT
    ) -> None:
        self._load = load
        self._env = env
        self._clock = clock
        self._root = root
        self._notify = Notify(env)
        self._wishes: asyncio.Queue[_Wish] = asyncio.Queue()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. SIGHUP has the settings and the list of keys read anew.

        Raises:
            ConfigError: the settings can't be used.
            StateError: the state directory can't be read.
        """
        self._listen()
        settings = self._load()
        log_as(settings.file.log, self._env)
        watchdog = asyncio.create_task(self._notify.keep_alive(), name="watchdog")
        try:
            while (changed := await self._live(settings)) is not None:
                settings = changed
        finally:
            watchdog.cancel()

    async def _live(self, settings: AgentSettings) -> AgentSettings | None:
        """One agent's life; the settings of the next one, None where none is to follow."""
        told = sessions(settings, self._clock, self._root)
        assembled = assemble(settings, told, self._clock, self._root)
        agent = assembled.agent
        beside = Background("beside")
        follower: AgentSettings | None = None
        try:
            for work in assembled.works:
                beside.start(work(), "beside")
            await agent.start()
            self._ready(settings)
            follower = await self._follow_wishes(agent, settings)
        finally:
            if follower is None:
                self._notify.stopping()
            await agent.stop(bye=follower is None or _names(follower) != _names(settings))
            await beside.stop()
        return follower

    async def _follow_wishes(self, agent: Agent, settings: AgentSettings) -> AgentSettings | None:
        while await self._wishes.get() is _Wish.RELOAD:
            self._notify.reloading()
            new = self._loaded()
            if new is not None and not _same(new, settings):
                log.info("The settings have changed: the agent is put together anew.")
                log_as(new.file.log, self._env)
                return new
            if new is not None:
                agent.relist(new.trust)
                log.info("The list of keys was read anew; nothing else has changed.")
            self._ready(settings)
        return None

    def _loaded(self) -> AgentSettings | None:
        try:
            return self._load()
        except ConfigError as error:
            log.error("%s The agent goes on with what it was told before.", error)
            return None

    def _ready(self, settings: AgentSettings) -> None:
        for notice in settings.notices:
            log.warning("%s", notice)
        servers = ", ".join(settings.connection.servers)
        status = f"{settings.node} in cluster {settings.connection.slug}, by way of {servers}"
        log.info("The agent runs: %s.", status)
        self._notify.ready(status)

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for end in _ENDS:
            loop.add_signal_handler(end, self._wishes.put_nowait, _Wish.END)
        loop.add_signal_handler(signal.SIGHUP, self._wishes.put_nowait, _Wish.RELOAD)


def _same(one: AgentSettings, other: AgentSettings) -> bool:
    """Whether nothing but the list of keys and the roles in it differs."""
    return _essence(one) == _essence(other)


def _essence(settings: AgentSettings) -> tuple[object, ...]:
    """What an agent is put together from, without what it reads anew by itself."""
    way = settings.connection
    key = settings.manager_key.public_key if settings.manager_key else None
    return (
        msgspec.structs.replace(settings.file, roles={}),
        settings.state_dir,
        key,
        _names(settings),
        (way.servers, way.ca, way.cert, way.cert_key, way.server_name, way.creds, way.nkey, way.tls_first),
    )


def _names(settings: AgentSettings) -> tuple[str, str]:
    return settings.connection.slug, settings.node
