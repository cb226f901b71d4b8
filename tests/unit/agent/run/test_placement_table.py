"""What an agent keeps for the placement hook beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from fxtop.agent import placement_table
from fxtop.agent.identity import Identity
from fxtop.agent.node_select.table import TableRow, read_table
from fxtop.agent.pace import Pace
from fxtop.agent.placement_table import TableKeeper
from fxtop.clock import SystemClock
from fxtop.protocol.ids import NodeId
from fxtop.protocol.signing import NkeySigner
from tests.unit.agent.hub import Hub, MemoryBus
from tests.unit.agent.kit import CLUSTER, MANAGER, NODE, Node, body, running

OTHER = NodeId("viz02.example.edu")
Rows = dict[str, TableRow]


class Written:
    """Every table, as it is written."""

    def __init__(self) -> None:
        self._tables: asyncio.Queue[Rows] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def take(self, path: Path, rows: Iterable[TableRow], now: float) -> None:
        self._loop.call_soon_threadsafe(self._tables.put_nowait, {row.node: row for row in rows})

    async def until(self, fits: Callable[[Rows], bool]) -> Rows:
        async with asyncio.timeout(10):
            while not fits(table := await self._tables.get()):
                continue
        return table


@pytest.mark.parametrize("signer", [None, MANAGER])
async def test_it_tells_of_all_nodes_as_they_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signer: NkeySigner | None
) -> None:
    written = Written()
    monkeypatch.setattr(placement_table, "EVERY", 0.02)
    monkeypatch.setattr(placement_table, "write_table", written.take)
    hub = Hub()
    here = Node(tmp_path, hub=hub, placement_table=tmp_path / "t.json", signer=signer, capacity=9)
    there = Node(tmp_path, body("s1", node=OTHER), hub=hub, node=OTHER, interval=0.2)
    async with running(here), running(there):
        await here.asker.ask("drain")
        await there.asker.ask("weight", {"weight": 2.0}, node=OTHER)
        table = await written.until(lambda rows: OTHER in rows and rows[OTHER].weight == 2.0 and NODE in rows)
    assert (table[NODE].state, table[NODE].capacity) == ("drained", 9)
    assert table[OTHER].running == 1


@pytest.fixture
def keeper(tmp_path: Path) -> TableKeeper:
    clock = SystemClock()
    bus = MemoryBus(Hub(), clock, CLUSTER)
    return TableKeeper(tmp_path / "run/placement.json", Identity.fresh(CLUSTER, NODE), bus, clock)


async def test_what_it_writes_is_what_the_hook_reads(keeper: TableKeeper, tmp_path: Path) -> None:
    await keeper.write()
    assert read_table(tmp_path / "run/placement.json", time.time()).rows == ()


async def test_it_writes_nothing_while_nothing_can_be_heard(
    keeper: TableKeeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = asyncio.Semaphore(0)

    async def wait(pace: object) -> None:
        turns.release()
        await asyncio.sleep(0)

    monkeypatch.setattr(Pace, "wait", wait)
    work = asyncio.create_task(keeper.run())
    for _ in range(3):
        await turns.acquire()
    work.cancel()
    assert not (tmp_path / "run").exists()


async def test_a_table_that_can_not_be_written_is_said_once(
    keeper: TableKeeper, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "run").write_text("in the way")
    await keeper.write()
    await keeper.write()
    assert caplog.text.count("Drains have no effect") == 1
