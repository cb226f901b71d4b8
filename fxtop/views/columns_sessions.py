"""The columns of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fxtop.cluster.records import SeatState, SessionRow
from fxtop.views.column import Cell, Column, Look
from fxtop.views.column_kinds import (
    DURATION,
    SHARE,
    SIZE,
    acting,
    elapsed,
    figure,
    heard_columns,
    moment,
    status,
    text,
    text_cell,
    threshold,
    unknown_cell,
    wide,
)
from fxtop.views.names import short
from fxtop.views.states import seat_status, session_status

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

CORE_SHARE: Final = SHARE._replace(tone=lambda share: threshold(share, 0.95, float("inf")))
"""Of one core, so a busy session may well be over 100 %."""


def what_runs(row: SessionRow) -> str | None:
    """The application, else the session's name, else its command: the first that is known."""
    body = row.body
    return body.app or body.name or body.command


def pending_text(row: SessionRow) -> str:
    """Why a session waits: ``slurm 4711: Resources``; empty where it doesn't."""
    pending = row.body.pending
    if pending is None:
        return ""
    job = f"{pending.scheduler} {pending.job}" if pending.job else pending.scheduler
    return f"{job}: {pending.reason}" if pending.reason else job


def _app_aliases(row: SessionRow, store: Store, look: Look) -> tuple[str, ...]:
    body = row.body
    return tuple(word for word in (body.name, body.command) if word)


def _seat_aliases(row: SessionRow, store: Store, look: Look) -> tuple[str, ...]:
    if row.seat is SeatState.UNKNOWN:
        return ()
    return (seat_status(row.seat).word, "yes" if row.seat is SeatState.HELD else "no")


def _seat_cell(row: SessionRow, store: Store, look: Look) -> Cell:
    if row.seat is SeatState.UNKNOWN:
        return unknown_cell(look)
    seat = seat_status(row.seat)
    return Cell(seat.word, seat.tone)


USER: Final[Column[SessionRow]] = text(
    "user",
    "User",
    "Whose session it is.",
    lambda row: row.body.user,
    width=8,
    max_width=20,
    weight=2,
    fixed=True,
    lasting=True,
)
ID: Final[Column[SessionRow]] = text(
    "id",
    "Id",
    "The session's id within its node.",
    lambda row: row.body.id,
    width=6,
    max_width=12,
    weight=1,
    fixed=True,
)
NODE: Final[Column[SessionRow]] = Column(
    id="node",
    title="Node",
    help="The node that the session runs on.",
    value=lambda row, store, look: row.key.node,
    constant=True,
    cell=lambda row, store, look: text_cell(short(row.key.node, look.domain), look),
    aliases=lambda row, store, look: (short(row.key.node, look.domain),),
    width=8,
    max_width=24,
    weight=2,
)
APP: Final[Column[SessionRow]] = Column(
    id="app",
    title="App",
    help="What runs in it: the application, else the session's name, else its command; a filter takes all three.",
    value=lambda row, store, look: row.body.app,
    cell=lambda row, store, look: text_cell(what_runs(row), look),
    sort=lambda row, store, look: what_runs(row),
    aliases=_app_aliases,
    lasting=True,
    width=8,
    max_width=30,
    weight=2,
)
SEAT: Final[Column[SessionRow]] = Column(
    id="seat",
    title="Seat",
    help="Whether a licence seat is held by the same user and host; unknown where that can't be told.",
    value=lambda row, store, look: None if row.seat is SeatState.UNKNOWN else row.seat.value,
    cell=_seat_cell,
    aliases=_seat_aliases,
    width=7,
)
AGE, LIVENESS, SKEW = heard_columns("the session's node")

SESSION_COLUMNS: Final[tuple[Column[SessionRow], ...]] = (
    USER,
    ID,
    NODE,
    status(
        "state",
        "Its last known state. A ghost has a directory and no processes, an orphan has processes and no directory.",
        lambda row, store, look: session_status(row),
        lambda row: row.body.state,
        width=10,
        max_width=14,
        weight=1,
    ),
    APP,
    figure(
        "idle",
        "Idle",
        "Time without input as its node last said; unknown where the provider can't see it.",
        lambda row: row.body.idle,
        DURATION,
        volatile=True,
    ),
    AGE,
    figure("clients", "Cli", "Connected clients.", lambda row: row.body.clients, width=3),
    elapsed("duration", "Since", "Time since it was created, or submitted when pending.", lambda row: row.body.created),
    SEAT,
    figure("cpu", "CPU", "Share of one core in use.", lambda row: row.body.cpu, CORE_SHARE, volatile=True),
    figure("mem", "Mem", "Resident memory.", lambda row: row.body.mem, SIZE, volatile=True),
    acting("session", lambda row: row.acting),
    text("pending", "Waits for", "Why a pending session waits.", pending_text, width=16, max_width=40, weight=1),
    *wide(
        text("display", "Display", "X display.", lambda row: row.body.display),
        text("geometry", "Geometry", "Size of its screen.", lambda row: row.body.geometry, width=10),
        text("name", "Name", "Its name.", lambda row: row.body.name, width=14, max_width=30, weight=1),
        text(
            "command",
            "Command",
            "What it was started with.",
            lambda row: row.body.command,
            width=18,
            max_width=60,
            weight=2,
        ),
        moment("created", "Created", "When it was created, or submitted when pending.", lambda row: row.body.created),
        figure("pid", "Pid", "Its leading process.", lambda row: row.body.pid, width=8),
        LIVENESS,
        SKEW,
    ),
)
