"""Which of the offered nodes may take a session, and what of each goes into the choice."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from fxtop.agent.node_select.offer import Offer
from fxtop.agent.node_select.table import TableRow

Verdict = Literal["open", "draining", "drained", "weight 0", "full", "lost"]

LAST_RESORT: Final[tuple[tuple[Verdict, ...], ...]] = (("draining", "drained", "weight 0"), ("full",), ("lost",))
"""Where a session goes if it must go somewhere, the least bad first.

A node that drains harms at most the one who comes; a full one is crowded for all who are there; a lost one may not be
there at all, but FastX offers it, so that its agent may be what is lost.
"""


class Candidate(NamedTuple):
    """An offered node. What nobody knows is None."""

    offer: Offer
    verdict: Verdict = "open"
    sessions: int | None = None
    capacity: int | None = None
    weight: float = 1.0
    load: float | None = None
    """Load average over a minute for each core."""
    free: float | None = None
    """Bytes of free memory."""

    @property
    def id(self) -> str:
        """As FastX offered it."""
        return self.offer.id


def by_input(offer: Offer) -> Candidate:
    """A node of which FastX alone tells."""
    return Candidate(offer, sessions=offer.sessions, load=offer.load, free=offer.free)


def by_old_table(offer: Offer, row: TableRow | None) -> Candidate:
    """A node of which the agents told once: a drain is an order and outlives the table, figures don't."""
    candidate = by_input(offer)
    return candidate if row is None or row.state == "active" else candidate._replace(verdict=row.state)


def by_table(offer: Offer, row: TableRow | None) -> Candidate:
    """A node of which the agents tell; FastX's word alone where they don't."""
    if row is None:
        return by_input(offer)
    sessions = max(offer.sessions or 0, row.sessions)  # FastX's own are newer, but orphans and ghosts aren't in them
    return Candidate(
        offer,
        verdict=_verdict(row, sessions),
        sessions=sessions,
        capacity=row.capacity,
        weight=row.weight,
        load=offer.load if row.load is None else row.load,
        free=offer.free if row.mem_free is None else float(row.mem_free),
    )


def _verdict(row: TableRow, sessions: int) -> Verdict:
    """A node whose agent said goodbye is not lost: that FastX offers it is then the newest that is known."""
    if row.liveness == "lost":
        return "lost"
    if row.state != "active":
        return row.state
    if row.weight <= 0:
        return "weight 0"
    return "full" if row.capacity is not None and sessions >= row.capacity else "open"
