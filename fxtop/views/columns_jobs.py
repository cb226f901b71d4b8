"""The columns of jobs: requests on their way, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fxtop.cluster.records import JobRow
from fxtop.views import format as fmt
from fxtop.views.charts import bar
from fxtop.views.column import Cell, Column, Look, Tone
from fxtop.views.column_kinds import (
    elapsed,
    figure,
    heard_columns,
    moment,
    status,
    text,
    text_cell,
    wide,
)
from fxtop.views.names import short
from fxtop.views.states import job_status

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

BAR_WIDTH: Final = 4
MINUTES: Final = len("14:20")
"""Of a time of the day, without its seconds; a day without a time is as long."""


def progress(row: JobRow) -> float | None:
    """The share that is done; None where the job doesn't count its work."""
    return row.done / row.total if row.total else None


def _requested(row: JobRow) -> float | None:
    return row.requested_at or None


def _progress_cell(row: JobRow, store: Store, look: Look) -> Cell:
    if row.waits is not None and not row.state.ended:
        return Cell(f"until {fmt.clock_time(row.waits.until, look)[:MINUTES]}", Tone.WARN)
    share = progress(row)
    if share is None:
        return Cell("")
    return Cell(f"{fmt.number(row.done)}/{fmt.number(row.total):<4} {bar(share, BAR_WIDTH, ascii=look.ascii)}")


PROGRESS: Final[Column[JobRow]] = Column(
    id="progress",
    title="Progress",
    help="How much of it is done; until when it waits for a second person.",
    value=lambda row, store, look: progress(row),
    cell=_progress_cell,
    unit="share",
    width=12,
)
TARGET: Final[Column[JobRow]] = Column(
    id="target",
    title="Target",
    help="The node that was asked, or manager.",
    value=lambda row, store, look: row.target,
    cell=lambda row, store, look: text_cell(short(row.target, look.domain), look),
    aliases=lambda row, store, look: (short(row.target, look.domain),),
    width=9,
    max_width=24,
    weight=1,
)
AGE, *_ = heard_columns("anything of the job")


def waiting(row: JobRow, look: Look) -> str:
    """``waits for a second person until 14:20``, and why; empty for a job that doesn't."""
    if row.waits is None or row.state.ended:
        return ""
    return f"waits for a second person until {fmt.clock_time(row.waits.until, look)}. {row.waits.rule}".rstrip()


def _detail(row: JobRow, look: Look) -> str:
    return waiting(row, look) or row.detail


DETAIL: Final[Column[JobRow]] = Column(
    id="detail",
    title="Detail",
    help="The answer in words.",
    value=lambda row, store, look: _detail(row, look),
    cell=lambda row, store, look: text_cell(_detail(row, look), look),
    width=20,
    max_width=80,
    weight=3,
)

JOB_COLUMNS: Final[tuple[Column[JobRow], ...]] = (
    moment("time", "Time", "When it was requested.", _requested, fixed=True),
    text("verb", "Verb", "What was asked for.", lambda row: row.verb, width=9, fixed=True),
    TARGET,
    status(
        "state",
        "Where it stands. Requested is not done; unknown means that nobody knows what came of it.",
        lambda row, store, look: job_status(row),
        lambda row: row.state.value,
        width=13,
    ),
    PROGRESS,
    text("operator", "Operator", "Who asked for it.", lambda row: row.operator, max_width=16, weight=1),
    AGE,
    text("reason", "Reason", "Why, in the operator's words.", lambda row: row.reason, width=12, max_width=48, weight=2),
    text("ticket", "Ticket", "The ticket it belongs to.", lambda row: row.ticket or "", max_width=16),
    text("code", "Code", "The answer in one word.", lambda row: row.code, max_width=16),
    DETAIL,
    *wide(
        text(
            "mine",
            "Whose",
            "mine, or other for jobs of other consoles.",
            lambda row: "mine" if row.mine else "other",
            width=5,
        ),
        figure("sessions", "Sess", "Sessions that it names.", lambda row: len(row.sessions)),
        moment("ended_at", "Ended", "When it ended; unknown while it goes on.", lambda row: row.ended_at),
        elapsed("running", "For", "Time since it was requested.", _requested),
        text("request", "Request", "Its id on the bus.", lambda row: row.id, width=24),
        text("key", "Key", "The operator's public key.", lambda row: row.key, width=12, max_width=56),
    ),
)
