"""What ``rlmutil rlmstat -a`` tells, as data.

Times are as they were printed: without a zone, and those of usage rows without a year. Whoever reads them has to know
whose clock it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from fxtop.protocol.license import PoolKind

BlockKind = Literal["status", "pool", "usage"]


class PrintedMoment(NamedTuple):
    """A moment as usage rows tell it: ``MM/DD HH:MM``. The numbers may make no date."""

    month: int
    day: int
    hour: int
    minute: int


@dataclass(frozen=True, slots=True)
class Window:
    """What was counted in a stretch of time; None where it isn't told."""

    since: datetime | None = None
    """When counting began."""
    seconds: float | None = None
    """For how long it went on."""
    messages: int | None = None
    connections: int | None = None
    checkouts: int | None = None
    denials: int | None = None
    removals: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The status block of the daemon ``rlm``, or of an ISV server."""

    name: str
    host: str
    port: int
    up: bool
    uptime: float | None = None
    started: datetime | None = None
    version: str | None = None
    recent: Window = Window()
    today: Window = Window()
    total: Window = Window()
    """Since the server was started."""


@dataclass(frozen=True, slots=True)
class IsvEntry:
    """A row of the daemon's table of ISV servers. ``port`` is None where none is shown."""

    name: str
    port: int | None
    running: bool
    restarts: int


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool of seats. ``isv`` is empty where nothing says whose it is."""

    isv: str
    product: str
    version: str
    pool: int | None
    kind: PoolKind
    count: int | None
    reserved: int
    inuse: int
    expires: date | None
    """Its last day; None where it never expires, or where that was not understood."""
    checkouts: int | None
    """Since the ISV server was started."""
    min_remove: int | None
    """Seconds before a seat may be taken from its holder."""
    obsolete: bool = False
    """Whether it is only there for those who hold its seats still."""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Somebody who holds seats. ``note`` is whatever else the row says, verbatim."""

    isv: str
    product: str
    version: str
    user: str
    host: str
    seats: int
    reserved: int
    at: PrintedMoment
    handle: str | None
    note: str | None = None


class Block(NamedTuple):
    """The head of what is told of an ISV server."""

    isv: str
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Failure:
    """A server that couldn't be asked: ``name`` is ``rlm``, an ISV, or empty where the text names none."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RlmServer:
    """What was told of one licence server. ``daemon`` is None where the answer leaves it out (``-i``, ``-l``)."""

    daemon: Status | None = None
    isvs: tuple[IsvEntry, ...] = ()
    statuses: tuple[Status, ...] = ()
    """Of those ISV servers that answered."""
    pools: tuple[PoolRow, ...] = ()
    usage: tuple[UsageRow, ...] = ()
    failures: tuple[Failure, ...] = ()
    """ISV servers that couldn't be asked."""
    blocks: tuple[Block, ...] = ()
    """What there was of ISV servers, in its order."""

    @property
    def answered(self) -> bool:
        """Whether anything of it was told."""
        return self.daemon is not None or bool(self.blocks or self.isvs or self.pools or self.usage)


@dataclass(frozen=True, slots=True)
class RlmReport:
    """A whole answer. Every line that isn't blank is either ``understood`` or ``unread``."""

    path: tuple[str, ...]
    """The servers that were asked, as the answer's own first line tells."""
    servers: tuple[RlmServer, ...]
    """Those that answered."""
    failures: tuple[Failure, ...]
    """Those that didn't."""
    understood: int
    """How many lines were."""
    unread: tuple[str, ...]
    """Lines that were not understood, or only in part; verbatim, but very long ones are cut."""
