"""Licence seats that come free when sessions end, as far as user and host tell (no licence server names a session)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from fxtop.cluster.joins import holders_of
from fxtop.cluster.records import HolderRow, SeatState, SessionKey
from fxtop.cluster.seats import ALIVE

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

NOT_TOLD: Final = "It is not known which seats come free: "


class Freed(NamedTuple):
    """Seats that come free, None where that is not known, and then why."""

    seats: int | None
    note: str = ""


def freed_by(ended: Iterable[SessionKey], store: Store) -> Freed:
    """The seats of users all of whose sessions on a node are among ``ended``."""
    keys = {key for key in ended if key in store.sessions and store.sessions[key].body.state in ALIVE}
    if not keys:
        return Freed(0)
    if any(store.sessions[key].seat is SeatState.UNKNOWN for key in keys):
        return Freed(None, NOT_TOLD + "the licence servers, or the nodes, don't tell who holds them.")
    holders = {id(holder): holder for key in keys for _, holder in holders_of(store, key)}
    if any(_held_on(holder, keys, store) for holder in holders.values()):
        return Freed(None, NOT_TOLD + "some of these users keep other sessions on the same node.")
    return Freed(sum(holder.holder.seats for holder in holders.values()))


def _held_on(holder: HolderRow, ended: set[SessionKey], store: Store) -> bool:
    """Whether another session may go on holding what this holder holds."""
    others = (store.sessions[key] for key in holder.sessions if key not in ended and key in store.sessions)
    return any(row.body.state in ALIVE for row in others)
