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
    from fxtop.protocol.share import StoreHeartbeat

T = TypeVar("T")

FULLNESS: Final = SHARE._replace(tone=lambda share: threshold(share, 0.85, 0.95))
ERRORS: Final = COUNT._replace(tone=lambda count: Tone.CRIT if count else Tone.NORMAL)


def fullness(row: ShareRow) -> float | None:
    """Space in use as a share of all."""
    beat = row.beat
    if beat is None or beat.free is None or not beat.total:
        return None
    return max(0.0, 1 - beat.free / beat.total)


def _beat(get: Callable[[StoreHeartbeat], T | None]) -> Callable[[ShareRow], T | None]:
    return lambda row: get(row.beat) if row.beat else None


def _peers_cell(row: ShareRow, store: Store, look: Look) -> Cell:
    if row.beat is None:
        return unknown_cell(look)
    connected, peers = sum(peer.connected for peer in row.beat.peers), len(row.beat.peers)
    return Cell(f"{connected}/{fmt.number(peers)}", Tone.WARN if connected < peers else Tone.NORMAL)


PEERS: Final[Column[ShareRow]] = Column(
    id="peers",
    title="Peers",
    help="Other managers that hold the same data: connected of all.",
    value=lambda row, store, look: sum(peer.connected for peer in row.beat.peers) if row.beat else None,
    cell=_peers_cell,
    whole=lambda row, store, look: len(row.beat.peers) if row.beat else None,
    unit="number",
    width=5,
    right=True,
)
AGE, LIVENESS, SKEW = heard_columns("the manager")

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
    text("path", "Path", "Where it is.", _beat(lambda beat: beat.path), width=18, max_width=48, weight=1),
    *wide(
        text("fstype", "FS", "The kind of file system.", _beat(lambda beat: beat.fstype)),
        figure("total", "Total", "Space in all.", _beat(lambda beat: beat.total), SIZE),
        LIVENESS,
        SKEW,
    ),
)
