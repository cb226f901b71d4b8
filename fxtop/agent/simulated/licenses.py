"""An invented licence server: seats that the invented sessions hold, seats that nobody gave back, and denials."""

from __future__ import annotations

from typing import Final

from fxtop.agent.collectors.port import WatchedClass
from fxtop.clock import Clock
from fxtop.protocol.ids import LicenseId, SessionId
from fxtop.protocol.license import Holder, Isv, LicenseHeartbeat, Pool

SERVER: Final = LicenseId("5053@rlm.simulated")
ISV: Final = "simulated"
DESKTOP: Final = "fastx-desktop"
ADVANCED: Final = "fastx-advanced"
SITE: Final = "fastx-site"
VERSION: Final = "5.0"
_DAY: Final = 86400.0


class SimulatedLicenses:
    """The seats of an invented cluster, and the collector that reads them."""

    kind: WatchedClass = "license"

    def __init__(
        self,
        seats: int,
        clock: Clock,
        *,
        interval: float = 10.0,
        server: LicenseId = SERVER,
        unlimited: bool = False,
    ) -> None:
        self.interval = interval
        self._seats = seats
        self._clock = clock
        self._server = server
        self._unlimited = unlimited
        """Whether those who find no counted seat have one of a pool without a bound, whose holders nobody lists."""
        self._unlisted: set[SessionId] = set()
        self._began = clock.now()
        self._held: dict[SessionId, Holder] = {}
        self._kept: set[SessionId] = set()
        self._handles = 0
        self._denials = 0
        self.unreachable: str | None = None
        """Why the server can't be reached, as a sentence; None while it can."""

    @property
    def free(self) -> int:
        """Seats that a session could have now."""
        return self._seats - len(self._held)

    def check_out(self, session: SessionId, user: str, host: str) -> bool:
        """Give a session a seat, or deny it."""
        if session in self._held or session in self._unlisted:
            return True
        if self.free <= 0 and self._unlimited:
            self._unlisted.add(session)
            return True
        if self.free <= 0:
            self._denials += 1
            return False
        self._handles += 1
        self._held[session] = Holder(
            isv=ISV,
            product=DESKTOP,
            version=VERSION,
            pool=1,
            user=user,
            host=host,
            seats=1,
            since=self._clock.now(),
            handle=f"{0x3600 + self._handles:x}",
        )
        return True

    def check_in(self, session: SessionId) -> None:
        """Take a session's seat back, unless it was one to be kept."""
        self._unlisted.discard(session)
        if session not in self._kept:
            self._held.pop(session, None)

    def keep(self, session: SessionId) -> None:
        """Let the seat of ``session`` stay taken after the session is gone: a ghost."""
        self._kept.add(session)

    def release_ghosts(self) -> None:
        """Take back all seats that ghosts keep, as RLM's own timeout does in the end."""
        for session in self._kept:
            self._held.pop(session, None)
        self._kept.clear()

    async def read(self) -> LicenseHeartbeat:
        """What rlmstat would tell."""
        if self.unreachable is not None:
            return self._heartbeat(reachable=False)
        return self._heartbeat(reachable=True)

    def _heartbeat(self, *, reachable: bool) -> LicenseHeartbeat:
        return LicenseHeartbeat(
            v=1,
            ts=0.0,
            boot="",
            seq=0,
            server=self._server,
            reachable=reachable,
            error=self.unreachable,
            uptime=self._clock.now() - self._began if reachable else None,
            interval=self.interval,
            isvs=[Isv(name=ISV, running=True, restarts=0)] if reachable else [],
            pools=self._pools() if reachable else [],
            holders=list(self._held.values()) if reachable else [],
        )

    def _pools(self) -> list[Pool]:
        desktop = Pool(
            isv=ISV,
            product=DESKTOP,
            version=VERSION,
            pool=1,
            count=self._seats,
            reserved=0,
            inuse=len(self._held),
            expires=None,
            kind="counted",
            checkouts_total=self._handles,
            denials_total=self._denials,
        )
        advanced = Pool(
            isv=ISV,
            product=ADVANCED,
            version=VERSION,
            pool=2,
            count=4,
            reserved=0,
            inuse=0,
            expires=self._began + 21 * _DAY,
            kind="counted",
            checkouts_total=0,
            denials_total=0,
        )
        return [desktop, advanced, self._site_pool()] if self._unlimited else [desktop, advanced]

    def _site_pool(self) -> Pool:
        """Seats without a bound."""
        return Pool(
            isv=ISV,
            product=SITE,
            version=VERSION,
            pool=3,
            count=None,
            reserved=0,
            inuse=len(self._unlisted),
            expires=None,
            kind="unlimited",
            checkouts_total=len(self._unlisted),
            denials_total=0,
        )
