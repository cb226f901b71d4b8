"""Following shared data of two real instances of syncthing, one of which goes away and comes back with a conflict."""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError

import pytest

from fxtop.agent.syncthing.reader import SyncthingApi, SyncthingReader
from fxtop.protocol.ids import ManagerId
from fxtop.protocol.share import Peer, StoreHeartbeat
from tests.synckit import PROGRAM, Pair, Syncthing
from tests.unit.agent.kit import SetClock

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no syncthing here: install the package of that name")


class Follower:
    """What the agent on one manager reads, with a search for conflicts each time."""

    def __init__(self, instance: Syncthing) -> None:
        self._instance = instance

    async def read(self) -> StoreHeartbeat:
        api = SyncthingApi(self._instance.config)
        return await SyncthingReader(ManagerId(self._instance.name), self._instance.path, api, SetClock()).read()

    async def peer(self) -> Peer:
        (peer,) = (await self.read()).peers
        return peer


@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
async def test_a_pair_is_followed_through_a_separation_and_a_conflict(tmp_path: Path, tls: bool) -> None:
    async with Pair(tmp_path, tls=tls) as pair:
        first, second = Follower(pair.one), Follower(pair.two)
        await pair.one.until(pair.connected)
        (pair.one.path / "ann").write_text("first")
        await pair.one.scan()
        await pair.one.until(pair.in_sync)
        beat = await first.read()
        assert (beat.kind, beat.state, beat.need_bytes, beat.errors, beat.conflicts) == ("syncthing", "idle", 0, 0, 0)
        assert beat.note is None
        peer = await first.peer()
        assert (peer.name, peer.id, peer.connected, peer.completion) == ("mgr2", pair.two.id, True, 1.0)

        await pair.two.stop()
        await pair.one.until(lambda: not pair.connected())
        (pair.two.path / "ann").write_text("changed on the second")
        (pair.one.path / "ann").write_text("changed on the first!")
        await pair.one.scan()
        await pair.one.until(lambda: not pair.in_sync())
        peer = await first.peer()
        assert not peer.connected
        assert peer.completion is not None and peer.completion < 1
        assert peer.last_seen is not None

        await pair.two.start()
        await pair.one.until(pair.connected)
        await pair.two.until(lambda: any(pair.two.path.glob("*.sync-conflict-*")))
        beat = await second.read()
        assert beat.conflicts == 1
        assert beat.examples[0].startswith("ann.sync-conflict-")


async def test_a_folder_that_lost_its_marker_is_told_as_stopped(tmp_path: Path) -> None:
    async with Pair(tmp_path) as pair:
        (pair.one.path / ".stfolder").rmdir()
        with pytest.raises(HTTPError):
            await pair.one.scan()
        beat = await Follower(pair.one).read()
    assert beat.state == "error"
    assert beat.note is not None
    assert "folder marker missing" in beat.note
