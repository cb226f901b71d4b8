"""The details of a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fxtop.cluster.joins import holders_of
from fxtop.cluster.records import SeatState
from fxtop.views import format as fmt
from fxtop.views.column import Look, Tone
from fxtop.views.column_kinds import acting_text
from fxtop.views.columns_sessions import pending_text
from fxtop.views.details_parts import Line, Section, heard_lines, line, lines_of, maybe, section
from fxtop.views.states import seat_status, session_status

if TYPE_CHECKING:
    from fxtop.cluster.records import SessionRow
    from fxtop.cluster.store import Store

_MEANING: Final = {
    "ghost": "ghost: its directory is there, its processes are not",
    "orphan": "orphan: its processes are there, its directory is not",
    "unknown": "unknown to the provider",
}
_SEATS: Final = {
    SeatState.HELD: "a seat is held by this user and host",
    SeatState.MISSING: "no seat is held by this user and host",
    SeatState.UNKNOWN: "can't be told",
}


def session_sections(row: SessionRow, store: Store, look: Look) -> Iterator[Section]:
    """What is known of a session."""
    node = store.nodes.get(row.key.node)
    heard = heard_lines(row, node.interval if node else None, look)
    yield section("State", _state(row, store), heard, look=look)
    yield section("Session", _session(row, look), look=look)
    yield section("Use", _use(row), look=look)
    yield section("License seat", _seat(row, store), look=look)
    if row.body.params:
        yield section("Parameters", (line(name, value) for name, value in sorted(row.body.params.items())), look=look)


def _state(row: SessionRow, store: Store) -> Iterator[Line]:
    status = session_status(row)
    yield line("State", _MEANING.get(row.body.state, status.word), status.tone)
    if row.body.pending:
        yield line("Waits for", pending_text(row), Tone.WARN)
    if row.acting:
        yield line("Being changed", acting_text(row.acting, store), Tone.ACCENT)


def _session(row: SessionRow, look: Look) -> Iterator[Line]:
    body = row.body
    yield line("User", body.user)
    yield line("Node", body.node)
    yield line("Id", body.id)
    yield maybe("Application", body.app)
    yield maybe("Name", body.name)
    yield maybe("Command", body.command)
    created = "Submitted" if body.state == "pending" else "Created"
    yield maybe(created, body.created, lambda at: fmt.moment_ago(at, look))
    yield maybe("Display", body.display)
    yield maybe("Geometry", body.geometry)


def _use(row: SessionRow) -> Iterator[Line]:
    body = row.body
    yield maybe("Without input for", body.idle, fmt.spoken_duration)
    yield maybe("Connected clients", body.clients)
    yield maybe("CPU in use", body.cpu, lambda share: f"{fmt.percent(share)} of one core")
    yield maybe("Memory in use", body.mem, fmt.spoken_size)
    yield maybe("Leading process", body.pid)


def _seat(row: SessionRow, store: Store) -> Iterator[Line]:
    yield line("Seat", _SEATS[row.seat], seat_status(row.seat).tone)
    held = [
        f"{fmt.plural(holder.holder.seats, 'seat')} of {holder.holder.product}{f' at {pool.server}' if pool else ''}"
        for pool, holder in holders_of(store, row.key)
    ]
    if held:
        yield from lines_of("Held", held)
