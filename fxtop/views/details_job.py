"""The details of a job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fxtop.cluster.records import JobState
from fxtop.views import format as fmt
from fxtop.views.column import Look, Tone
from fxtop.views.columns_jobs import waiting
from fxtop.views.details_parts import UNKNOWN, Line, Section, line, lines_of, section
from fxtop.views.states import job_status

if TYPE_CHECKING:
    from fxtop.cluster.records import JobRow

APPROVE_WITH: Final = "Somebody else approves it with A in the jobs, or with `fxtop approve {}`."
_MEANING: Final = {
    JobState.REQUESTED: "requested: no answer yet",
    JobState.ACCEPTED: "accepted: the work goes on",
    JobState.PARTIAL: "partial: some of it was done, some was not",
    JobState.REFUSED: "refused: nothing was done",
    JobState.UNSUPPORTED: "unsupported: nothing was done",
    JobState.UNKNOWN: "unknown: nobody knows what came of it",
}
_BAD_ITEM: Final = frozenset({"failed", "refused", "unknown", "error"})


def job_sections(row: JobRow, look: Look) -> Iterator[Section]:
    """What was asked, by whom and why, and what came of it."""
    yield section("State", _state(row, look), look=look)
    yield section("Request", _request(row, look), look=look)
    if row.items:
        yield section("Items", _items(row), look=look)


def _state(row: JobRow, look: Look) -> Iterator[Line]:
    status = job_status(row)
    yield line("State", _MEANING.get(row.state, status.word), status.tone)
    if row.total:
        yield line("Progress", f"{row.done} of {row.total}")
    if row.code:
        yield line("Answer", row.code)
    if words := waiting(row, look):
        yield line("Second person", f"{words} {APPROVE_WITH.format(row.id)}", Tone.WARN)
    if row.detail:
        yield line("Detail", row.detail, Tone.WARN if row.state.bad else Tone.NORMAL)
    yield line("Last heard of", f"{fmt.spoken_duration(look.monotonic - row.heard)} ago")
    if row.ended_at is not None:
        yield line("Ended", fmt.moment_ago(row.ended_at, look))
    if row.dismissed:
        yield line("Dismissed", "yes", Tone.MUTED)


def _request(row: JobRow, look: Look) -> Iterator[Line]:
    yield line("Verb", row.verb)
    yield line("Target", row.target)
    if row.sessions:
        yield from lines_of("Sessions", row.sessions)
    yield line("Operator", f"{row.operator or 'unknown'}{' (this console)' if row.mine else ''}")
    yield Line("Key", UNKNOWN) if row.key is None else line("Key", row.key)
    yield line("Reason", row.reason or "none given")
    yield line("Ticket", row.ticket or "none")
    if row.requested_at:
        yield line("Requested", fmt.moment_ago(row.requested_at, look))
    yield line("Request id", row.id)
    if row.plan:
        yield line("Part of plan", row.plan)


def _items(row: JobRow) -> Iterator[Line]:
    for item in row.items:
        text = f"{item.status}: {item.detail}" if item.detail else item.status
        yield line(item.id, text, Tone.CRIT if item.status in _BAD_ITEM else Tone.NORMAL)
