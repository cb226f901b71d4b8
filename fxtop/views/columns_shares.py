"""The columns of the data that cluster managers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from fxtop.cluster.records import ShareRow
from fxtop.views import format as fmt
from fxtop.views.column import Cell, Column, Look, Tone
from fxtop.views.column_kinds import COUNT, SHARE, SIZE, figure, heard_columns, text, threshold, unknown_cell, wide

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.protocol.share import Peer, StoreHeartbeat

T = TypeVar("T")

FULLNESS: Final = SHARE._replace(tone=lambda share: threshold(share, 0.85, 0.95))
ERRORS: Final = COUNT._replace(tone=lambda count: Tone.CRIT if count else Tone.NORMAL)
CONFLICTS: Final = COUNT._replace(tone=lambda count: Tone.WARN if count else Tone.NORMAL)


def fullness(row: ShareRow) -> float | None:
    """Space in use as a share of all."""
    beat = row.beat
    if beat is None or beat.free is None or not beat.total:
        return None
    return max(0.0, 1 - beat.free / beat.total)


def _beat(get: Callable[[StoreHeartbeat], T | None]) -> Callable[[ShareRow], T | None]:
    return lambda row: get(row.beat) if row.beat else None


def known_peers(row: ShareRow) -> list[Peer] | None:
    """The managers that hold the same data; None where nobody tells: a mount doesn't know who else has it."""
    if row.beat is None or (not row.beat.peers and (row.beat.kind != "syncthing" or row.beat.note)):
        return None
    return row.beat.peers


def _connected(row: ShareRow) -> int | None:
    peers = known_peers(row)
    return None if peers is None else sum(peer.connected for peer in peers)


def _peers_cell(row: ShareRow, store: Store, look: Look) -> Cell:
    peers, connected = known_peers(row), _connected(row)
    if peers is None or connected is None:
        return unknown_cell(look)
    return Cell(f"{connected}/{fmt.number(len(peers))}", Tone.WARN if connected < len(peers) else Tone.NORMAL)


PEERS: Final[Column[ShareRow]] = Column(
    id="peers",
    title="Peers",
    help="Other managers that hold the same data: connected of all.",
    value=lambda row, store, look: _connected(row),
    cell=_peers_cell,
    whole=lambda row, store, look: None if (peers := known_peers(row)) is None else len(peers),
    unit="number",
    width=5,
    right=True,
)
AGE, LIVENESS, SKEW = heard_columns("the manager")


def _note(row: ShareRow) -> str | None:
    """Empty where all could be read."""
    return row.beat.note or "" if row.beat else None


SHARE_COLUMNS: Final[tuple[Column[ShareRow], ...]] = (
    text(
        "manager", "Manager", "The cluster manager.", lambda row: row.id, width=14, max_width=30, weight=1, fixed=True
    ),
    text("kind", "Kind", "How it is shared: mount, syncthing or none.", _beat(lambda beat: beat.kind), width=9),
    PEERS,
    figure("used", "Use", "Space in use as a share of all.", fullness, FULLNESS),
    figure("free", "Free", "Space that is left.", _beat(lambda beat: beat.free), SIZE),
    figure(
        "need_bytes", "Behind", "Bytes that it has yet to receive.", _beat(lambda beat: beat.need_bytes), SIZE, width=6
    ),
    AGE,
    figure("errors", "Err", "Errors of sharing.", _beat(lambda beat: beat.errors), ERRORS, width=4),
    figure(
        "conflicts",
        "Conf",
        "Copies of files that were changed on two managers at once.",
        _beat(lambda beat: beat.conflicts),
        CONFLICTS,
        width=4,
    ),
    text("path", "Path", "Where it is.", _beat(lambda beat: beat.path), width=18, max_width=48, weight=1),
    *wide(
        text("state", "State", "What the program that shares it is doing.", _beat(lambda beat: beat.state)),
        text("note", "Note", "What couldn't be read, and why.", _note, width=12, max_width=80, weight=1),
        text("fstype", "FS", "The kind of file system.", _beat(lambda beat: beat.fstype)),
        figure("total", "Total", "Space in all.", _beat(lambda beat: beat.total), SIZE),
        LIVENESS,
        SKEW,
    ),
)
