"""The cluster in one line, the titles of panes with their totals, and what an empty pane says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, Final

from fxtop.cluster.summary import Summary, summarize
from fxtop.views.column import Cell, Look, Tone
from fxtop.views.column_kinds import threshold
from fxtop.views.format import clock_time, percent, spoken_duration

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.views.panes import PaneSpec

BETWEEN: Final = Cell("  ")
SPARED: Final = (
    frozenset[Tone](),
    frozenset(Tone) - {Tone.CRIT, Tone.WARN},
    frozenset(Tone) - {Tone.CRIT},
    frozenset(Tone),
)
"""What a narrow line leaves out beside the totals, less each time before more of it."""
PATIENCE: Final = 10.0
"""Seconds after connecting in which it is no wonder that nothing was heard yet."""

_NOTHING: Final[dict[str, str]] = {
    "nodes": "No node has been heard of. Nodes appear as soon as an fxtop agent runs on them.",
    "sessions": "There is no session on any node that was heard.",
    "users": "Nobody has a session on any node that was heard.",
    "transporters": "No transporter is visible, neither by an agent beside one nor by the shared token.",
    "licenses": "No pool of seats has been heard of. An agent that can ask the licence server tells of them.",
    "jobs": "No jobs: nothing was asked for since this console started.",
    "shares": "No cluster manager has told of shared data.",
    "holders": "Nobody holds a seat of any pool that was heard of.",
    "findings": "Nothing is found to be wrong.",
    "events": "Nothing happened since this console started.",
    "rejected": "No message was rejected.",
    "lost": "No message was lost.",
    "refused": "No message was rejected.",
}
_OWN: Final = frozenset({"jobs", "findings", "events", "rejected", "lost", "refused"})
"""Panes that tell what this console itself did or noticed; they are empty for no reason of the bus."""


def summary(store: Store, width: int | None = None) -> list[Cell]:
    """The cluster in one line, most important first, blanks between the parts included.

    Where ``width`` cells don't hold all of it, what is merely informative gives way, then all but the totals.
    """
    counted = summarize(store)
    whole: list[Cell] = []
    for spared in SPARED:
        whole = _line(counted, spared)
        if width is None or sum(len(cell.text) for cell in whole) <= width:
            break
    return whole


def _line(counted: Summary, spared: Collection[Tone]) -> list[Cell]:
    """The line without what, beside the totals, is told in one of the ``spared`` tones."""
    line: list[Cell] = []
    for pane, (label, parts) in _COUNTED.items():
        first, *others = parts(counted)
        if pane == "jobs" and first.text == "0":
            continue
        line += [BETWEEN] if line else []
        line.append(first._replace(text=f"{label} {first.text}"))
        for other in others:
            if other.tone not in spared:
                line += [Cell(", "), other]
    return line


def pane_title(pane: PaneSpec[Any, Any], store: Store) -> str:
    """A pane's title with its totals: ``Nodes 38/41, 2 late, 1 lost``."""
    if pane.id not in _COUNTED:
        return f"{pane.title} {len(pane.rows(store))}"
    _, parts = _COUNTED[pane.id]
    return f"{pane.title} {', '.join(cell.text for cell in parts(summarize(store)))}"


def empty_text(
    pane: PaneSpec[Any, Any], look: Look, *, connected: bool, since: float, heard: bool, trouble: str = ""
) -> str:
    """Why a pane has no row: there is none, none was heard of yet, or the bus is down, and since when.

    Args:
        pane: which one.
        look: the moment and the zone.
        connected: whether the bus is there now.
        since: monotonic seconds at which it became so.
        heard: whether anything was ever heard on it.
        trouble: what else is known to be the cause, as `license_trouble`; a sentence.
    """
    if pane.id in _OWN:
        return _NOTHING[pane.id]
    lasting = max(0.0, look.monotonic - since)
    if not connected:
        moment = clock_time(look.now - lasting, look)
        return f"Nothing is known: no connection to the bus since {moment} ({spoken_duration(lasting)})."
    if not heard and lasting < PATIENCE:
        return "Nothing was heard yet. Waiting for the agents to answer."
    if not heard:
        return (
            f"Nothing was heard in the {spoken_duration(lasting)} since the bus connected. "
            "Do agents run on the nodes, and is this cluster's name right?"
        )
    return trouble or _NOTHING[pane.id]


def license_trouble(store: Store) -> str:
    """Why there may be no pools although licence servers were heard of; empty where that isn't so."""
    for row in store.licenses.values():
        if row.beat is not None and not row.beat.reachable:
            why = f": {row.beat.error.rstrip('.')}" if row.beat.error else ""
            return f"The licence server {row.id} can't be reached{why}."
    return ""


def _nodes(counted: Summary) -> Iterator[Cell]:
    nodes = counted.nodes
    yield _present(nodes.live, nodes.total)
    yield from _silent(nodes.late, nodes.stale, nodes.lost, nodes.left)
    yield from _some(nodes.draining, "draining", Tone.WARN)
    yield from _some(nodes.drained, "drained", Tone.ACCENT)


def _transporters(counted: Summary) -> Iterator[Cell]:
    servers = counted.transporters
    yield _present(servers.live, servers.total)
    yield from _silent(servers.late, servers.stale, servers.lost, servers.left)
    if servers.islands > 1:
        yield Cell(f"{servers.islands} islands", Tone.CRIT)


def _sessions(counted: Summary) -> Iterator[Cell]:
    sessions = counted.sessions
    yield Cell(str(sessions.total))
    for state, tone in _TOLD_STATES.items():
        yield from _some(sessions.by_state.get(state, 0), state, tone)
    yield from _some(sessions.long_pending, "waiting long", Tone.WARN)


def _seats(counted: Summary) -> Iterator[Cell]:
    seats = counted.seats
    if not seats.total:
        yield Cell("none counted", Tone.MUTED)
    else:
        share = seats.used / seats.total
        yield Cell(f"{seats.used}/{seats.total}", threshold(share, 0.9, 1.0))
        yield Cell(percent(share), threshold(share, 0.9, 1.0))
    yield from _some(seats.denials, "denied", Tone.WARN)
    yield from _some(seats.ghosts, "without a session", Tone.CRIT)


def _jobs(counted: Summary) -> Iterator[Cell]:
    jobs = counted.jobs
    yield Cell(str(jobs.unfinished + jobs.done + jobs.failed))
    yield from _some(jobs.unfinished, "going on", Tone.ACCENT)
    yield from _some(jobs.failed, "failed", Tone.CRIT)


def _present(live: int, total: int) -> Cell:
    """How many are heard of all there are; one number where these are all."""
    return Cell(str(total)) if live == total else Cell(f"{live}/{total}")


def _silent(late: int, stale: int, lost: int, left: int) -> Iterator[Cell]:
    yield from _some(late, "late", Tone.MUTED)
    yield from _some(stale, "stale", Tone.WARN)
    yield from _some(lost, "lost", Tone.CRIT)
    yield from _some(left, "left", Tone.MUTED)


def _some(count: int, word: str, tone: Tone) -> Iterator[Cell]:
    """Only what there is is worth a word."""
    if count:
        yield Cell(f"{count} {word}", tone)


_TOLD_STATES: Final = {
    "ghost": Tone.CRIT,
    "orphan": Tone.CRIT,
    "unknown": Tone.MUTED,
    "pending": Tone.NORMAL,
    "disconnected": Tone.NORMAL,
}
"""States of sessions that are worth a number of their own."""

_COUNTED: Final[dict[str, tuple[str, Callable[[Summary], Iterator[Cell]]]]] = {
    "nodes": ("nodes", _nodes),
    "transporters": ("transporters", _transporters),
    "licenses": ("seats", _seats),
    "jobs": ("jobs", _jobs),
    "sessions": ("sessions", _sessions),
}
"""For each pane whose totals are more than a number: the word for its rows, and the totals, most important first.

In the order of the summary line: what a narrow terminal cuts off is how the sessions stand.
"""
