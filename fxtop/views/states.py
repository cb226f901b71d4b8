"""The word, the mark and the tone of every state. No state is told by its colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fxtop.cluster.records import JobState, Liveness, SeatState, Severity
from fxtop.views.column import Cell, Look, Tone

if TYPE_CHECKING:
    from fxtop.cluster.records import JobRow, LicenseRow, NodeRow, PoolRow, Row, SessionRow, TransporterRow
    from fxtop.cluster.store import Store


class Glyph(NamedTuple):
    """A mark of one cell, and what stands for it in ASCII."""

    symbol: str
    plain: str

    def at(self, look: Look) -> str:
        """The one that this terminal can show."""
        return self.plain if look.ascii else self.symbol


class Status(NamedTuple):
    """What is painted for a state. ``rank`` sorts states, 0 being the one to look at first."""

    word: str
    glyph: Glyph
    tone: Tone
    rank: int

    def cell(self, look: Look) -> Cell:
        """Mark and word."""
        return Cell(f"{self.glyph.at(look)} {self.word}", self.tone)


FULL: Final = Glyph("●", "*")
HALF: Final = Glyph("◐", "%")
EMPTY: Final = Glyph("○", "o")
DOTTED: Final = Glyph("◌", "u")
CROSS: Final = Glyph("✗", "X")
CHECK: Final = Glyph("✓", "+")
ALERT: Final = Glyph("!", "!")
PUZZLE: Final = Glyph("?", "?")
WAITING: Final = Glyph("…", ".")
LATE: Final = Glyph("~", "~")
LEFT: Final = Glyph("◇", "-")
BEGIN: Final = Glyph("▸", ">")
END: Final = Glyph("◂", "<")
LIMITLESS: Final = Glyph("∞", "inf")

LIVENESS_GLYPHS: Final[dict[Liveness, Glyph]] = {
    Liveness.LATE: LATE,
    Liveness.STALE: ALERT,
    Liveness.LOST: CROSS,
    Liveness.LEFT: LEFT,
}
LIVENESS_TONES: Final[dict[Liveness, Tone]] = {
    Liveness.LIVE: Tone.NORMAL,
    Liveness.LATE: Tone.MUTED,
    Liveness.STALE: Tone.WARN,
    Liveness.LOST: Tone.CRIT,
    Liveness.LEFT: Tone.MUTED,
}

_SILENT: Final[dict[Liveness, Status]] = {
    Liveness.LOST: Status("lost", CROSS, Tone.CRIT, 0),
    Liveness.STALE: Status("stale", ALERT, Tone.WARN, 1),
    Liveness.LEFT: Status("left", LEFT, Tone.MUTED, 99),
}
_UNKNOWN: Final = Status("unknown", PUZZLE, Tone.MUTED, 2)

_NODE: Final[dict[str, Status]] = {
    "draining": Status("draining", HALF, Tone.WARN, 3),
    "drained": Status("drained", EMPTY, Tone.ACCENT, 4),
    "active": Status("active", FULL, Tone.OK, 5),
}
HEARD: Final = "heard"
_HEARD: Final = Status(HEARD, DOTTED, Tone.MUTED, 6)
"""Known from FastX's own bus alone, unofficially: what it enforces, nobody tells."""
_SESSION: Final[dict[str, Status]] = {
    "ghost": Status("ghost", ALERT, Tone.CRIT, 0),
    "orphan": Status("orphan", ALERT, Tone.CRIT, 1),
    "unknown": _UNKNOWN,
    "pending": Status("pending", WAITING, Tone.WARN, 3),
    "ending": Status("ending", END, Tone.ACCENT, 4),
    "starting": Status("starting", BEGIN, Tone.ACCENT, 5),
    "disconnected": Status("disconnected", EMPTY, Tone.MUTED, 6),
    "running": Status("running", FULL, Tone.OK, 7),
    "ended": Status("ended", CROSS, Tone.MUTED, 8),
}
_JOB: Final[dict[JobState, Status]] = {
    JobState.FAILED: Status("failed", CROSS, Tone.CRIT, 0),
    JobState.UNKNOWN: Status("unknown", PUZZLE, Tone.CRIT, 1),
    JobState.PARTIAL: Status("partial", HALF, Tone.WARN, 2),
    JobState.REFUSED: Status("refused", CROSS, Tone.WARN, 3),
    JobState.UNSUPPORTED: Status("unsupported", CROSS, Tone.WARN, 4),
    JobState.REQUESTED: Status("requested", WAITING, Tone.ACCENT, 5),
    JobState.ACCEPTED: Status("accepted", BEGIN, Tone.ACCENT, 6),
    JobState.RUNNING: Status("running", BEGIN, Tone.ACCENT, 7),
    JobState.DONE: Status("done", CHECK, Tone.OK, 8),
}
_WAITS: Final = Status("waiting", WAITING, Tone.WARN, 5)
"""For a second person."""
_SEAT: Final[dict[SeatState, Status]] = {
    SeatState.MISSING: Status("no seat", ALERT, Tone.WARN, 0),
    SeatState.UNKNOWN: Status("unknown", PUZZLE, Tone.MUTED, 1),
    SeatState.HELD: Status("seat", CHECK, Tone.OK, 2),
}
_HOLDER: Final[dict[SeatState, Status]] = {
    SeatState.MISSING: Status("no session", ALERT, Tone.CRIT, 0),
    SeatState.UNKNOWN: Status("unknown", PUZZLE, Tone.MUTED, 1),
    SeatState.HELD: Status("in use", CHECK, Tone.OK, 2),
}
_SEVERITY: Final[dict[Severity, Status]] = {
    Severity.CRIT: Status("critical", CROSS, Tone.CRIT, 0),
    Severity.WARN: Status("warning", ALERT, Tone.WARN, 1),
    Severity.INFO: Status("info", FULL, Tone.NORMAL, 2),
}


def row_tone(row: object) -> Liveness:
    """How a whole line is painted: dimmed when late, struck when lost. A row that no sender feeds is always live."""
    liveness = getattr(row, "liveness", Liveness.LIVE)
    return liveness if isinstance(liveness, Liveness) else Liveness.LIVE


def node_status(row: NodeRow) -> Status:
    """The state that the agent enforces, or its silence where that is what matters."""
    if not row.by_agent:
        return _with_silence(row, _HEARD if row.unofficial else _UNKNOWN)
    return _with_silence(row, _NODE.get(row.beat.state, _UNKNOWN) if row.beat else _UNKNOWN)


def session_status(row: SessionRow) -> Status:
    """The session's last known state; the node's silence shows in the age."""
    return _SESSION.get(row.body.state, _UNKNOWN)


def transporter_status(row: TransporterRow) -> Status:
    """``leaving`` is NATS's lame duck mode; ``slow`` says that it cut off slow consumers since the console started."""
    if row.beat and row.beat.lame_duck:
        status = Status("leaving", END, Tone.WARN, 3)
    elif row.slow_since_start:
        status = Status("slow", ALERT, Tone.WARN, 4)
    else:
        status = Status("ok", FULL, Tone.OK, 5)
    return _with_silence(row, status)


def pool_status(row: PoolRow, store: Store, look: Look) -> Status:
    """What keeps a pool from giving out seats, worst first: server, vendor daemon, expiry, fullness, denials."""
    license_ = store.licenses.get(row.key.server)
    return _with_silence(row, (license_ and _server_trouble(row, license_)) or _pool_trouble(row, look))


def job_status(row: JobRow) -> Status:
    """Where a request stands."""
    return _WAITS if row.waits is not None and not row.state.ended else _JOB[row.state]


def seat_status(state: SeatState) -> Status:
    """Whether a session has a seat."""
    return _SEAT[state]


def holder_status(state: SeatState) -> Status:
    """Whether a seat has a session."""
    return _HOLDER[state]


def severity_status(severity: Severity) -> Status:
    """How bad a finding or an event is."""
    return _SEVERITY[severity]


def _with_silence(row: Row, status: Status) -> Status:
    """``status``, replaced where the sender fell silent, and only marked where it is merely late."""
    if row.liveness is Liveness.LATE:
        return status._replace(glyph=LATE)
    return _SILENT.get(row.liveness, status)


def _server_trouble(row: PoolRow, license_: LicenseRow) -> Status | None:
    beat = license_.beat
    if beat is None:
        return None
    if not beat.reachable:
        return Status("no RLM", CROSS, Tone.CRIT, 2)
    if any(isv.name == row.key.isv and not isv.running for isv in beat.isvs):
        return Status("no ISV", CROSS, Tone.CRIT, 3)
    return None


def _pool_trouble(row: PoolRow, look: Look) -> Status:
    pool = row.pool
    if pool.expires is not None and pool.expires <= look.now:
        return Status("expired", CROSS, Tone.CRIT, 4)
    if pool.count is not None and pool.inuse > pool.count:
        return Status("over", ALERT, Tone.CRIT, 5)
    if pool.count is not None and pool.inuse == pool.count > 0:
        return Status("full", ALERT, Tone.CRIT if row.denials else Tone.WARN, 6)
    if row.denials:
        return Status("denied", ALERT, Tone.WARN, 7)
    return Status("ok", FULL, Tone.OK, 8)
