"""The columns of what is said of the whole: findings, events, and messages that came to nothing."""

from __future__ import annotations

from typing import Final

import msgspec

from fxtop.cluster.intake import Losses, RejectedMessage
from fxtop.cluster.records import Event, Finding
from fxtop.views.column import Column
from fxtop.views.column_kinds import figure, moment, status, text
from fxtop.views.states import severity_status


class RejectedCount(msgspec.Struct, frozen=True):
    """How many messages of one subject class were rejected for one reason."""

    reason: str
    kind: str
    count: int


FINDING_COLUMNS: Final[tuple[Column[Finding], ...]] = (
    status(
        "severity",
        "critical, warning or info.",
        lambda row, store, look: severity_status(row.severity),
        lambda row: row.severity.value,
        width=10,
        fixed=True,
    ),
    text(
        "subject", "About", "What it is about.", lambda row: row.subject, width=16, max_width=32, weight=1, fixed=True
    ),
    text("text", "What", "What is wrong.", lambda row: row.text, width=44, max_width=120, weight=8),
    text("remedy", "Do", "What to do about it.", lambda row: row.remedy, width=16, max_width=120, weight=3),
    text(
        "consequence",
        "So",
        "What follows while nobody does anything.",
        lambda row: row.consequence,
        width=30,
        max_width=120,
        wide=True,
    ),
    figure("rows", "Rows", "Rows that it rests on; Enter lists them.", lambda row: len(row.rows), width=5, wide=True),
    text("kind", "Rule", "The rule that found it.", lambda row: row.kind, width=18, wide=True),
)

EVENT_COLUMNS: Final[tuple[Column[Event], ...]] = (
    moment("time", "Time", "When this console noticed it.", lambda row: row.at, fixed=True),
    status(
        "severity",
        "critical, warning or info.",
        lambda row, store, look: severity_status(row.severity),
        lambda row: row.severity.value,
        width=10,
    ),
    text("text", "What", "What happened.", lambda row: row.text, width=37, max_width=160, weight=1),
)

REJECTED_COLUMNS: Final[tuple[Column[RejectedCount], ...]] = (
    figure("count", "Count", "Messages rejected since this console started.", lambda row: row.count, width=7),
    text("reason", "Reason", "Why they changed nothing.", lambda row: row.reason, width=14, fixed=True),
    text("kind", "Class", "Their subject class.", lambda row: row.kind, width=16),
)

LOST_COLUMNS: Final[tuple[Column[Losses], ...]] = (
    text("sender", "Sender", "Who sent them.", lambda row: row.sender, width=16, max_width=36, weight=1, fixed=True),
    text("kind", "Class", "Their subject class.", lambda row: row.kind, width=14),
    figure("lost", "Lost", "Messages that never came, as gaps in their numbers tell.", lambda row: row.lost, width=7),
    figure("old", "Old", "Messages dropped because a newer one was there before.", lambda row: row.old, width=7),
)

REFUSED_COLUMNS: Final[tuple[Column[RejectedMessage], ...]] = (
    moment("time", "Time", "When it came.", lambda row: row.wall, fixed=True),
    text("reason", "Reason", "Why it changed nothing.", lambda row: row.reason, width=14),
    text("subject", "Subject", "The subject it came on.", lambda row: row.subject, width=30, max_width=80, weight=2),
    text("detail", "Detail", "Where in it the fault is.", lambda row: row.detail, width=20, max_width=120, weight=2),
)
