"""The columns of users: how many sessions each has, and how these stand."""

from __future__ import annotations

from typing import Final

from fxtop.cluster.records import UserRow
from fxtop.views.column import Column, Tone
from fxtop.views.column_kinds import COUNT, figure, text, wide

NONE_MUTED: Final = COUNT._replace(tone=lambda count: Tone.NORMAL if count else Tone.MUTED)
NONE_WANTED: Final = COUNT._replace(tone=lambda count: Tone.CRIT if count else Tone.MUTED)

USER_COLUMNS: Final[tuple[Column[UserRow], ...]] = (
    text("user", "User", "Whose sessions they are.", lambda row: row.user, width=8, max_width=24, weight=1, fixed=True),
    figure("sessions", "Sessions", "Sessions on all nodes, in any state.", lambda row: row.sessions, width=8),
    figure("running", "Run", "Running sessions.", lambda row: row.running, NONE_MUTED),
    figure("disconnected", "Disc", "Sessions that nobody looks at.", lambda row: row.disconnected, NONE_MUTED),
    figure("pending", "Pend", "Sessions that wait to be started.", lambda row: row.pending, NONE_MUTED),
    figure("ghost", "Ghost", "Sessions with a directory and no processes.", lambda row: row.ghost, NONE_WANTED),
    figure("orphan", "Orph", "Sessions with processes and no directory.", lambda row: row.orphan, NONE_WANTED),
    *wide(
        figure("starting", "Start", "Sessions that are being started.", lambda row: row.starting, NONE_MUTED),
        figure("ending", "End", "Sessions that are being ended.", lambda row: row.ending, NONE_MUTED),
        figure("unknown", "Unkn", "Sessions whose state nobody knows.", lambda row: row.unknown, NONE_MUTED),
    ),
)
