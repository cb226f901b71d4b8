"""An agent whose disk is full: nothing new is begun, and what goes on is told to its end. Room mends it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fxtop.actions.journal import Journal
from fxtop.protocol.control import Audit
from tests.unit.agent.kit import Node, body, running


class Disk:
    """A file system of its own that is small enough to be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave not a byte."""
        with self._filler.open("wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError:
                assert os.statvfs(self.folder).f_bavail == 0

    def make_room(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can make a small file system")
    yield Disk(folder)
    subprocess.run(["umount", str(folder)], check=True)


async def test_nothing_is_begun_that_can_not_be_recorded_and_it_is_refused_aloud(disk: Disk) -> None:
    async with running(Node(disk.folder, body("s1"))) as node:
        disk.fill()
        answer = await node.asker.ask("terminate", {"sessions": ["s1"]}, request="t")
        assert (answer.reply.status, answer.reply.code) == ("failed", "storage")
        assert "Nothing was done" in answer.reply.detail
        assert (await node.asker.ask("drain", request="d")).reply.code == "storage"
        assert node.provider.done == []
        assert node.provider.taking
        told = [m for d in node.hub.heard("audit") if isinstance(m := d.message, Audit)]
        assert {(m.request, m.outcome, m.code) for m in told} >= {
            ("t", "failed", "storage"),
            ("d", "failed", "storage"),
        }
        disk.make_room()
        answer = await node.asker.ask("terminate", {"sessions": ["s1"]}, request="t2")
        assert answer.reply.status == "accepted"
        assert (await node.job("t2")).status == "done"
        assert [what[1] for what in node.provider.done] == ["s1"]


async def test_what_goes_on_while_it_fills_is_told_to_its_end_and_not_done_again(disk: Disk) -> None:
    async with running(Node(disk.folder, body("s1"))) as node:
        node.provider.hold.clear()
        first = await node.asker.ask("terminate", {"sessions": ["s1"]}, request="t")
        await node.hub.until("job", 1)
        disk.fill()
        node.provider.hold.set()
        assert (await node.job("t")).status == "done"
        again = await node.asker.ask("terminate", {"sessions": ["s1"]}, request="t")
        assert again.reply == first.reply
        assert len(node.provider.done) == 1
        disk.make_room()
    async with running(Node(disk.folder)) as node:
        again = await node.asker.ask("terminate", {"sessions": ["s1"]}, request="t")
        assert again.reply == first.reply
        assert node.provider.done == []


async def test_the_journal_is_whole_after_it(disk: Disk) -> None:
    async with running(Node(disk.folder)) as node:
        await node.asker.ask("weight", {"weight": 2.0}, request="before")
        disk.fill()
        await node.asker.ask("weight", {"weight": 3.0}, request="full")
        disk.make_room()
        await node.asker.ask("weight", {"weight": 4.0}, request="after")
        reading = Journal(node.config.journal_file).read()
        accepted = [entry.request for entry in reading.entries if entry.state == "done"]
        assert accepted == ["before", "after"]
        assert reading.damaged <= 1
