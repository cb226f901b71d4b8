"""The details of the data that a cluster manager shares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fxtop.views import format as fmt
from fxtop.views.column import Look, Tone
from fxtop.views.columns_shares import CONFLICTS, ERRORS, known_peers
from fxtop.views.details_parts import UNKNOWN, Line, Section, heard_lines, line, lines_of, maybe, of_total, section

if TYPE_CHECKING:
    from fxtop.cluster.records import ShareRow
    from fxtop.protocol.share import Peer, StoreHeartbeat


def share_sections(row: ShareRow, look: Look) -> Iterator[Section]:
    """What is known of a manager's shared data: by the file system, and by what keeps it the same elsewhere."""
    beat = row.beat
    yield section("State", heard_lines(row, beat.interval if beat else None, look), look=look)
    if beat is not None:
        yield section("Data", _data(beat), look=look)
        yield section("Sharing", _sharing(beat), look=look)
        yield section("Other managers", _peers(row, look), look=look)


def _data(beat: StoreHeartbeat) -> Iterator[Line]:
    yield line("Path", beat.path)
    yield maybe("File system", beat.fstype)
    if beat.total is None or beat.free is None:
        yield Line("Space in use", UNKNOWN)
    else:
        yield line("Space in use", of_total(max(0, beat.total - beat.free), beat.total))


def _sharing(beat: StoreHeartbeat) -> Iterator[Line]:
    kinds = {"mount": "by a mount", "syncthing": "by syncthing", "none": "not at all"}
    yield line("Shared", kinds[beat.kind])
    yield maybe("State", beat.state)
    yield maybe("Yet to receive", beat.need_bytes, fmt.spoken_size)
    for label, count, measure in (("Errors", beat.errors, ERRORS), ("Conflicts", beat.conflicts, CONFLICTS)):
        yield maybe(label, count, tone=Tone.NORMAL if count is None else measure.cell(count).tone)
    if beat.examples:
        yield from lines_of("Such as", beat.examples)
    if beat.note:
        yield line("Not read", beat.note, Tone.WARN)


def _peers(row: ShareRow, look: Look) -> Iterator[Line]:
    peers = known_peers(row)
    if peers is None:
        yield Line("Known", UNKNOWN)
        return
    if not peers:
        yield line("Known", "none", Tone.MUTED)
    for peer in sorted(peers, key=lambda peer: peer.name):
        yield line(peer.name, _peer(peer, look), Tone.NORMAL if peer.connected else Tone.WARN)


def _peer(peer: Peer, look: Look) -> str:
    seen = "never seen" if peer.last_seen is None else f"last seen {fmt.moment_ago(peer.last_seen, look)}"
    has = "" if peer.completion is None else f", has {fmt.percent(peer.completion)} of the data"
    return f"{'connected' if peer.connected else f'not connected, {seen}'}{has}"
