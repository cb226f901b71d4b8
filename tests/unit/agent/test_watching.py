"""Following servers and shared data beside the node (protocol 2)."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.host import PsutilHost
from fxtop.agent.collectors.http import Page
from fxtop.agent.collectors.port import CollectError, Reading, WatchedClass
from fxtop.agent.collectors.share import MountReader
from fxtop.agent.collectors.transporter import heartbeat
from fxtop.clock import SystemClock
from fxtop.protocol.ids import ManagerId, ServerId
from fxtop.protocol.presence import Bye
from tests.unit.agent.kit import Node, running
from tests.unit.agent.test_transporter import HEALTHY, ROUTEZ, VARZ

BEAT = heartbeat(Page(200, VARZ), Page(200, ROUTEZ), HEALTHY, interval=5.0, own_names=frozenset())


@dataclass
class Scripted:
    """A collector that reads what a test lays before it."""

    readings: list[Reading | str]
    kind: WatchedClass = "transporter"
    interval: float = 0.05
    read_so_far: list[Reading | str] = field(default_factory=list)

    async def read(self) -> Reading:
        reading = self.readings[min(len(self.read_so_far), len(self.readings) - 1)]
        self.read_so_far.append(reading)
        if isinstance(reading, str):
            raise CollectError(reading)
        return reading


def of_server(name: str) -> Reading:
    return msgspec.structs.replace(BEAT, server=ServerId(name))


async def test_what_is_read_is_published_under_its_own_id(tmp_path: Path) -> None:
    async with running(Node(tmp_path, collectors=[Scripted([of_server("N1")])])) as node:
        (first, second) = await node.hub.until("hb.transporter", 2)
        assert first.ids == ("N1",)
        assert [m.seq for m in (first.message, second.message)] == [1, 2]  # type: ignore[attr-defined]  # heartbeats are numbered


async def test_a_reading_that_fails_is_left_out_and_the_next_one_is_told(tmp_path: Path) -> None:
    collector = Scripted(["no answer", of_server("N1")])
    async with running(Node(tmp_path, collectors=[collector])) as node:
        (first,) = await node.hub.until("hb.transporter")
        assert collector.read_so_far[0] == "no answer"
        assert first.message.seq == 1  # type: ignore[attr-defined]  # heartbeats are numbered


async def test_a_server_that_came_back_as_another_one_is_said_goodbye_to(tmp_path: Path) -> None:
    collector = Scripted([of_server("OLD"), of_server("NEW")])
    async with running(Node(tmp_path, collectors=[collector])) as node:
        await node.hub.until("hb.transporter", 2)
        (bye,) = node.hub.heard("bye.transporter")
        assert isinstance(bye.message, Bye)
        assert bye.ids == ("OLD",)


async def test_a_clean_stop_says_goodbye_for_what_was_followed(tmp_path: Path) -> None:
    async with running(Node(tmp_path, collectors=[Scripted([of_server("N1")])])) as node:
        await node.hub.until("hb.transporter")
    assert [decoded.ids for decoded in node.hub.heard("bye.transporter")] == [("N1",)]


async def test_what_an_agent_follows_is_among_its_roles(tmp_path: Path) -> None:
    async with running(Node(tmp_path, collectors=[Scripted([of_server("N1")])])) as node:
        assert node.bus.services[0].metadata["roles"] == "node,transporter"


async def test_shared_data_is_told_with_size_and_type(tmp_path: Path) -> None:
    beat = await MountReader(ManagerId("mgr1"), tmp_path).read()
    assert (beat.manager, beat.path) == ("mgr1", str(tmp_path))
    assert beat.fstype
    assert beat.total is not None and beat.free is not None
    assert 0 < beat.free <= beat.total


@pytest.mark.parametrize(("fstype", "kind"), [("xfs", "none"), ("nfs4", "mount")])
async def test_a_folder_on_a_disk_of_this_host_is_shared_with_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fstype: str, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda1 / {fstype} rw 0 0\n")
    monkeypatch.setattr("fxtop.agent.collectors.share.MOUNTS", mounts)
    beat = await MountReader(ManagerId("m"), Path("/")).read()
    assert (beat.fstype, beat.kind) == (fstype, kind)


async def test_shared_data_that_is_not_there_is_told_with_a_note(tmp_path: Path) -> None:
    beat = await MountReader(ManagerId("m"), tmp_path / "nowhere").read()
    assert (beat.total, beat.free) == (None, None)
    assert beat.note is not None
    assert "No such file" in beat.note


async def test_what_hangs_is_not_begun_a_second_time() -> None:
    release = threading.Event()
    apart = Apart("/a/dead/mount")
    hanging = asyncio.ensure_future(apart.run(release.wait))
    await asyncio.sleep(0)
    with pytest.raises(CollectError, match="/a/dead/mount still hangs"):
        await apart.run(release.wait)
    release.set()
    assert await hanging
    assert await apart.run(lambda: "again") == "again"


async def test_what_goes_wrong_in_a_thread_is_raised_where_it_is_waited_for() -> None:
    def broken() -> None:
        raise CollectError("no such thing")

    with pytest.raises(CollectError, match="no such thing"):
        await Apart("something").run(broken)


async def test_this_machine_can_be_looked_at() -> None:
    host = PsutilHost(SystemClock())
    sample = await host.sample()
    assert 0 <= sample.cpu <= 1
    assert 0 < sample.mem_used < sample.mem_total
    assert sample.cores >= 1
    assert sample.uptime > 0
