"""The details of a pool of licence seats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fxtop.views import format as fmt
from fxtop.views.column import Cell, Look, Tone
from fxtop.views.column_kinds import COUNT
from fxtop.views.columns_pools import USAGE, free, limit_text, usage, without_session
from fxtop.views.columns_transporters import expiry_cell
from fxtop.views.details_parts import (
    UNKNOWN,
    Line,
    Section,
    Series,
    heard_lines,
    line,
    maybe,
    section,
    series,
    state_line,
)
from fxtop.views.states import holder_status, pool_status

if TYPE_CHECKING:
    from fxtop.cluster.records import HolderRow, LicenseRow, PoolRow
    from fxtop.cluster.store import Store

HOLDERS_SHOWN = 200
"""Lines; the holders' own pane has them all."""
_COUNTED = "since counting began"
"""The server's own counters begin anew when it is started; those of the agent that watches it go on."""


def pool_sections(row: PoolRow, store: Store, look: Look) -> Iterator[Section]:
    """What is known of a pool, its server and its holders."""
    license_ = store.licenses.get(row.key.server)
    interval = license_.beat.interval if license_ and license_.beat else None
    yield section("State", state_line(pool_status(row, store, look)), heard_lines(row, interval, look), look=look)
    yield section("Seats", _seats(row, look), look=look)
    yield section("License", _license(row, look), look=look)
    if license_:
        yield section("Server", _server(license_), look=look)
    yield section("Holders", _holders(row, look), look=look)


def pool_series(row: PoolRow) -> tuple[Series, ...]:
    """Its recent past."""
    return (series("Seats in use", row.used, COUNT._replace(top=row.pool.count)),)


def _seats(row: PoolRow, look: Look) -> Iterator[Line]:
    share = usage(row)
    used = f"{row.pool.inuse} of {limit_text(row, look)}"
    if row.pool.kind == "token" and not row.pool.inuse:
        yield Line("In use", UNKNOWN)  # RLM tells no numbers of such a pool
    elif share is None:
        yield line("In use", used)
    else:
        yield line("In use", f"{used} ({fmt.percent(share)})", USAGE.cell(share).tone)
    yield maybe("Free", free(row))
    yield line("Reserved", str(row.pool.reserved))
    ghosts = without_session(row)
    yield maybe("Without a session", ghosts, str, Tone.CRIT if ghosts else Tone.NORMAL)
    denied = f"{row.denials} since this console started, {row.pool.denials_total} {_COUNTED}"
    yield line("Denied", denied, Tone.WARN if row.denials else Tone.NORMAL)
    if row.pool.denials_of == "isv":
        yield line("", f"told for all pools of {row.key.isv} together: which one was asked for isn't known", Tone.MUTED)
    yield line("Checked out", f"{fmt.plural(row.pool.checkouts_total, 'time')} {_COUNTED}")


def _license(row: PoolRow, look: Look) -> Iterator[Line]:
    yield line("Product", row.pool.product)
    yield line("Version", row.pool.version)
    yield line("Vendor daemon", row.key.isv)
    yield line("Pool", row.key.pool)
    yield line("Kind", row.pool.kind)
    expires = row.pool.expires
    text = "never" if expires is None else fmt.moment_ago(expires, look)
    yield line("Expires", text, Tone.NORMAL if expires is None else expiry_cell(expires, look, "").tone)


def _server(row: LicenseRow) -> Iterator[Line]:
    yield line("Server", row.id)
    if row.beat is None:
        yield Line("Reachable", UNKNOWN)
        return
    yield line("Reachable", "yes" if row.beat.reachable else "no", Tone.NORMAL if row.beat.reachable else Tone.CRIT)
    if row.beat.error and row.beat.reachable:
        yield line("In doubt", row.beat.error, Tone.WARN)
    elif row.beat.error:
        yield line("Error", row.beat.error, Tone.CRIT)
    yield maybe("Up for", row.beat.uptime, fmt.spoken_duration)
    for isv in row.beat.isvs:
        runs = f"{'running' if isv.running else 'not running'}, {fmt.plural(isv.restarts, 'restart')}"
        yield line(f"Vendor daemon {isv.name}", runs, Tone.NORMAL if isv.running else Tone.CRIT)


def _holders(row: PoolRow, look: Look) -> Iterator[Line]:
    ordered = sorted(row.holders, key=lambda held: (holder_status(held.state).rank, held.holder.user, held.holder.host))
    for held in ordered[:HOLDERS_SHOWN]:
        yield Line(f"{held.holder.user}@{held.holder.host}", _holder_cell(held, look))
    if len(ordered) > HOLDERS_SHOWN:
        yield line("", f"and {len(ordered) - HOLDERS_SHOWN} more", Tone.MUTED)
    if not ordered:
        yield line("Held by", "nobody" if not row.pool.inuse else "not told", Tone.MUTED)


def _holder_cell(held: HolderRow, look: Look) -> Cell:
    status = holder_status(held.state)
    parts = [fmt.plural(held.holder.seats, "seat"), status.word]
    if held.holder.since is not None:
        parts.append(f"since {fmt.moment(held.holder.since, look)}")
    if held.sessions:
        parts.append(fmt.plural(len(held.sessions), "session"))
    return Cell(", ".join(parts), status.tone)
