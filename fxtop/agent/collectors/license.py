"""A licence server, by asking it with ``rlmutil rlmstat``."""

from __future__ import annotations

import asyncio
import logging
from datetime import tzinfo

from fxtop.agent.collectors.port import WatchedClass
from fxtop.agent.durable import StateError
from fxtop.agent.rlm import heartbeat
from fxtop.agent.rlm.parser import parse
from fxtop.agent.rlm.report import RlmReport, RlmServer
from fxtop.agent.rlm.rlmstat import Answer, RlmStat, RlmStatError
from fxtop.agent.rlm.tally import Tallies
from fxtop.agent.rlm.verdict import Unanswered, doubts, server_of
from fxtop.clock import Clock
from fxtop.config.zones import LOCAL
from fxtop.config.zones import zone as zone_called
from fxtop.protocol.license import LicenseHeartbeat
from fxtop.protocol.text import inert

log = logging.getLogger(__name__)


class LicenseServer:
    """Reads one licence server. What isn't known of it is said in the heartbeat's ``error``, never made up.

    Args:
        stat: what asks it.
        clock: time.
        tallies: the counters that survive RLM's own; those of a file survive the agent, too.
        interval: seconds between two readings; longer than ``stat`` may take.
        zone: whose clock the server prints; this machine's where nobody says.

    Raises:
        ValueError: the interval is too short.
    """

    kind: WatchedClass = "license"

    def __init__(
        self,
        stat: RlmStat,
        clock: Clock,
        tallies: Tallies | None = None,
        *,
        interval: float = 30.0,
        zone: tzinfo | None = None,
    ) -> None:
        if interval <= stat.limit:
            raise ValueError(
                f"A licence server can't be asked every {interval:g} s when that may take {stat.limit:g} s."
            )
        self.interval = interval
        self._stat = stat
        self._clock = clock
        self._tallies = tallies or Tallies()
        self._zone = zone or zone_called(LOCAL)
        self._unkept = ""

    async def read(self) -> LicenseHeartbeat:
        """The server now. Where it can't be asked, or doesn't answer, that is the reading."""
        try:
            answer = await self._stat.ask()
            report = await asyncio.to_thread(parse, answer.text)
            told = server_of(report, answer, self._stat.command.server)
        except (RlmStatError, Unanswered) as error:
            return self._heartbeat(RlmServer(), reachable=False, error=str(error))
        beat = self._reachable(told, report, answer)
        await self._keep()
        return beat

    def _reachable(self, told: RlmServer, report: RlmReport, answer: Answer) -> LicenseHeartbeat:
        error = " ".join(doubts(report, told, answer, self._stat.command))
        return self._heartbeat(told, reachable=True, error=inert(error) or None)

    def _heartbeat(self, told: RlmServer, *, reachable: bool, error: str | None) -> LicenseHeartbeat:
        server = self._stat.command.server
        return LicenseHeartbeat(
            v=1,
            ts=0.0,
            boot="",
            seq=0,
            server=server,
            reachable=reachable,
            error=error,
            uptime=told.daemon.uptime if told.daemon else None,
            interval=self.interval,
            isvs=heartbeat.isvs(told),
            pools=heartbeat.pools(told, server, self._tallies, self._zone),
            holders=heartbeat.holders(told.usage, self._clock.now(), self._zone),
        )

    async def _keep(self) -> None:
        """Keep the counters; each reason why that isn't possible is told once."""
        try:
            await asyncio.to_thread(self._tallies.save)
            self._unkept = ""
        except StateError as error:
            if str(error) != self._unkept:
                log.warning("%s Checkouts and denials are counted anew when the agent is started next.", error)
            self._unkept = str(error)
