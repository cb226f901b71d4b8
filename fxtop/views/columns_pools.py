"""The columns of licence seats: one row a pool, and one row a holder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fxtop.cluster.pools import ghost_seats
from fxtop.cluster.records import HolderRow, PoolRow, SeatState
from fxtop.views import format as fmt
from fxtop.views.charts import bar
from fxtop.views.column import Cell, Column, Look, Tone
from fxtop.views.column_kinds import (
    COUNT,
    SHARE,
    figure,
    heard_columns,
    moment,
    status,
    text,
    text_cell,
    threshold,
    trend,
    wide,
)
from fxtop.views.columns_transporters import expiry_cell
from fxtop.views.states import LIMITLESS, holder_status, pool_status

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

BAR_WIDTH: Final = 4
USAGE: Final = SHARE._replace(tone=lambda share: threshold(share, 0.9, 1.0))
DENIALS: Final = COUNT._replace(tone=lambda count: Tone.WARN if count else Tone.NORMAL)
GHOSTS: Final = COUNT._replace(tone=lambda count: Tone.CRIT if count else Tone.NORMAL)


def usage(row: PoolRow) -> float | None:
    """Seats in use as a share of all; over 1 when overdrawn, None without a limit."""
    count = row.pool.count
    return row.pool.inuse / count if count else None


def free(row: PoolRow) -> int | None:
    """Seats that are left; None where there is no limit."""
    return None if row.pool.count is None else max(0, row.pool.count - row.pool.inuse)


def without_session(row: PoolRow) -> int | None:
    """Seats whose holder has no session that anybody knows; None where that can't be told of any of them."""
    if row.pool.inuse and all(held.state is SeatState.UNKNOWN for held in row.holders):
        return None
    return ghost_seats(row)


def limit_text(row: PoolRow, look: Look) -> str:
    """The number of seats, a sign for no limit, or one for an unknown limit."""
    if row.pool.count is not None:
        return fmt.number(row.pool.count)
    return LIMITLESS.at(look) if row.pool.kind in ("unlimited", "uncounted") else fmt.unknown(look)


def _inuse_cell(row: PoolRow, store: Store, look: Look) -> Cell:
    share = usage(row)
    used = f"{fmt.number(row.pool.inuse)}/{limit_text(row, look)}"
    tone = USAGE.cell(share).tone if share is not None else Tone.NORMAL
    return Cell(f"{used:<7} {bar(share, BAR_WIDTH, ascii=look.ascii)}".rstrip(), tone)


def _expires_cell(row: PoolRow, store: Store, look: Look) -> Cell:
    return expiry_cell(row.pool.expires, look, "never")


def _expires_aliases(row: PoolRow, store: Store, look: Look) -> tuple[str, ...]:
    return ("never", "permanent") if row.pool.expires is None else ()


def _holders(row: PoolRow) -> str:
    """Users with a seat, those with most seats first: ``ann 3, bob``."""
    seats: dict[str, int] = {}
    for held in row.holders:
        seats[held.holder.user] = seats.get(held.holder.user, 0) + held.holder.seats
    ordered = sorted(seats.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{user} {count}" if count > 1 else user for user, count in ordered)


STATE: Final[Column[PoolRow]] = status(
    "state",
    "What keeps it from giving out seats: silence, no RLM server, no ISV daemon, expired, over, full, denied; or ok.",
    pool_status,
    width=9,
    fixed=True,
)
PRODUCT: Final[Column[PoolRow]] = text(
    "product",
    "Product",
    "The product that seats are for.",
    lambda row: row.pool.product,
    width=11,
    max_width=30,
    weight=2,
    fixed=True,
)
INUSE: Final[Column[PoolRow]] = Column(
    id="inuse",
    title="Used",
    help="Seats in use of all; a filter takes numbers and percentages.",
    value=lambda row, store, look: row.pool.inuse,
    cell=_inuse_cell,
    whole=lambda row, store, look: row.pool.count,
    unit="number",
    width=12,
    descending=True,
)
EXPIRES: Final[Column[PoolRow]] = Column(
    id="expires",
    title="Expires",
    help="How long its licence is still good.",
    value=lambda row, store, look: row.pool.expires,
    cell=_expires_cell,
    aliases=_expires_aliases,
    unit="moment",
    width=7,
    right=True,
)
AGE, LIVENESS, SKEW = heard_columns("the licence server, through the agent that asks it,")

POOL_COLUMNS: Final[tuple[Column[PoolRow], ...]] = (
    STATE,
    PRODUCT,
    INUSE,
    figure("free", "Free", "Seats that are left.", free, width=4),
    figure(
        "ghosts", "Ghost", "Seats without a session: whoever holds them has none on any node.", without_session, GHOSTS
    ),
    figure("denials", "Den", "Requests denied since this console started.", lambda row: row.denials, DENIALS, width=4),
    AGE,
    figure("usage", "Use", "Seats in use as a share of all.", usage, USAGE, width=5),
    figure("reserved", "Rsvd", "Seats reserved for somebody.", lambda row: row.pool.reserved, width=4),
    EXPIRES,
    text("holders", "Holders", "Who holds seats, and how many.", _holders, width=16, max_width=48, weight=2),
    *wide(
        trend(
            "seats", "Seats", "Seats in use, and their recent past.", lambda row: row.pool.inuse, lambda row: row.used
        ),
        text("server", "Server", "The licence server.", lambda row: row.key.server, width=16, max_width=40, weight=1),
        text("isv", "ISV", "The vendor daemon.", lambda row: row.key.isv),
        text("version", "Version", "The highest version that the seats are good for.", lambda row: row.pool.version),
        text("pool", "Pool", "RLM's number of the pool.", lambda row: row.key.pool, width=5),
        text("kind", "Kind", "counted, uncounted, unlimited or token.", lambda row: row.pool.kind, width=9),
        figure("count", "Count", "Seats in the pool.", lambda row: row.pool.count),
        figure("checkouts_total", "Out", "Checkouts since counting began.", lambda row: row.pool.checkouts_total),
        figure(
            "denials_total",
            "DenAll",
            "Denials since counting began: the agent goes on where the server's own counter begins anew.",
            lambda row: row.pool.denials_total,
            width=6,
        ),
        LIVENESS,
        SKEW,
    ),
)

HOLDER_COLUMNS: Final[tuple[Column[HolderRow], ...]] = (
    status(
        "seat",
        "Whether the holder has a session on a node that we know: in use, no session, or unknown.",
        lambda row, store, look: holder_status(row.state),
        lambda row: None if row.state is SeatState.UNKNOWN else row.state.value,
        width=12,
        fixed=True,
    ),
    text(
        "user",
        "User",
        "Who holds the seats.",
        lambda row: row.holder.user,
        width=10,
        max_width=20,
        weight=2,
        fixed=True,
    ),
    text("host", "Host", "Where from.", lambda row: row.holder.host, width=12, max_width=36, weight=2),
    figure("seats", "Seats", "How many.", lambda row: row.holder.seats),
    moment(
        "since", "Since", "Since when; unknown where RLM's own time can't be resolved.", lambda row: row.holder.since
    ),
    Column(
        id="sessions",
        title="Sessions",
        help="The holder's sessions on that host.",
        value=lambda row, store, look: tuple(str(key) for key in row.sessions),
        cell=lambda row, store, look: text_cell(" ".join(key.session for key in row.sessions), look),
        width=12,
        max_width=40,
        weight=2,
    ),
    text("product", "Product", "The product.", lambda row: row.holder.product, width=12, max_width=24, weight=1),
    text("isv", "ISV", "The vendor daemon.", lambda row: row.holder.isv),
    *wide(
        text("version", "Version", "The version.", lambda row: row.holder.version),
        text("handle", "Handle", "RLM's handle of the licence.", lambda row: row.holder.handle),
        figure("reserved", "Rsvd", "Seats of a reservation among them.", lambda row: row.holder.reserved),
        text(
            "note", "Note", "What else the server says.", lambda row: row.holder.note, width=16, max_width=40, weight=1
        ),
    ),
)
