"""What an agent keeps: files that are whole, requests that are remembered long enough, a beat that doesn't drift."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fxtop.agent import durable
from fxtop.agent.durable import StateError
from fxtop.agent.identity import Identity
from fxtop.agent.ledger import MARGIN, Ledger
from fxtop.agent.order import Order
from fxtop.agent.outbox import Outbox
from fxtop.agent.pace import Pace
from fxtop.agent.placement import Placement
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.signal import Signal
from fxtop.clock import SystemClock
from fxtop.protocol.control import JobProgress, Reply
from fxtop.protocol.ids import RequestId
from fxtop.protocol.presence import Bye
from tests.unit.agent.hub import Hub, MemoryBus
from tests.unit.agent.kit import CLUSTER, NODE, SetClock, body


def order(request: str, clock: SetClock) -> Order:
    return Order(request=RequestId(request), verb="weight", operator="ann", expires=clock.now() + 30)


def reply(request: str) -> Reply:
    return Reply(v=1, request=RequestId(request), status="done")


async def test_a_request_is_remembered_until_well_after_it_expired(tmp_path: Path) -> None:
    clock = SetClock()
    ledger = Ledger(tmp_path / "requests", clock)
    await ledger.settle(order("a", clock), "print", reply("a"))
    clock.move(30 + MARGIN - 1)
    await ledger.settle(order("b", clock), "print", reply("b"))
    assert Ledger(tmp_path / "requests", clock).recall(RequestId("a")) is not None
    clock.move(2)
    await ledger.settle(order("c", clock), "print", reply("c"))
    assert ledger.recall(RequestId("a")) is None


async def test_a_request_whose_work_goes_on_is_remembered_however_long_that_takes(tmp_path: Path) -> None:
    clock = SetClock()
    ledger = Ledger(tmp_path / "requests", clock)
    await ledger.settle(order("long", clock), "print", reply("long"), work=True)
    clock.move(1e6)
    await ledger.settle(order("b", clock), "print", reply("b"))
    assert [entry.order.request for entry in Ledger(tmp_path / "requests", clock).open()] == ["long"]
    end = JobProgress(v=1, request=RequestId("long"), node=NODE, verb="drain", status="done", done=1, total=1, ts=1.0)
    await ledger.close(RequestId("long"), end)
    clock.move(MARGIN - 1)
    await ledger.settle(order("c", clock), "print", reply("c"))
    kept = Ledger(tmp_path / "requests", clock).recall(RequestId("long"))
    assert kept is not None
    assert (kept.open, kept.end) == (False, end)
    clock.move(2)
    await ledger.settle(order("d", clock), "print", reply("d"))
    assert ledger.recall(RequestId("long")) is None


async def test_many_requests_at_once_are_all_kept(tmp_path: Path) -> None:
    clock = SetClock()
    ledger = Ledger(tmp_path / "requests", clock)
    await asyncio.gather(*(ledger.settle(order(f"r{n}", clock), "p", reply(f"r{n}")) for n in range(20)))
    kept = Ledger(tmp_path / "requests", clock)
    assert all(kept.recall(RequestId(f"r{n}")) for n in range(20))


@pytest.mark.parametrize("content", [b"{", b"{}", b'[{"order":1}]', b"\xff"])
def test_a_damaged_ledger_stops_the_agent_and_is_not_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "requests"
    path.write_bytes(content)
    with pytest.raises(StateError, match="is damaged"):
        Ledger(path, SetClock())
    assert path.read_bytes() == content


def test_a_damaged_placement_stops_the_agent(tmp_path: Path) -> None:
    (tmp_path / "placement").write_bytes(b'{"weight":"heavy"}')
    with pytest.raises(StateError, match="is damaged"):
        Placement(tmp_path / "placement", Signal())


async def test_a_weight_that_was_set_outlives_the_configured_one(tmp_path: Path) -> None:
    await Placement(tmp_path / "placement", Signal(), 2.0).weigh(0.5)
    assert Placement(tmp_path / "placement", Signal(), 2.0).weight == 0.5


def test_a_state_file_is_private_and_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "state" / "file"
    durable.replace(path, b"one")
    durable.replace(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_a_state_file_that_can_not_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.replace(path, b"one")
    (tmp_path / ".file.new").mkdir()
    with pytest.raises(StateError, match="can't keep its state"):
        durable.replace(path, b"two")
    assert durable.read(path) == b"one"


def test_a_beat_keeps_to_its_moments_and_makes_up_for_one_that_it_missed() -> None:
    clock = SetClock()
    pace = Pace(5.0, clock, first=2.0)
    assert pace.step() == 2.0
    clock.move(2.5)
    assert pace.step() == 4.5
    clock.move(4.5 + 11.0)
    assert pace.step() == 0.0
    assert pace.step() == pytest.approx(4.0)


def test_a_beat_that_begins_at_once_does_so() -> None:
    clock = SetClock()
    pace = Pace(5.0, clock, first=0.0)
    clock.move(0.001)
    assert pace.step() == 0.0
    assert pace.step() == pytest.approx(4.999)


def board(*states: str) -> SessionBoard:
    known = SessionBoard(NODE, Signal())
    known.update([body(f"s{number}", state) for number, state in enumerate(states)])
    return known


def test_sessions_are_counted_by_what_is_known_of_their_connection() -> None:
    counts = board("pending", "starting", "running", "unknown", "orphan", "ending", "disconnected", "ghost").counts()
    assert (counts.pending, counts.running, counts.disconnected) == (1, 5, 1)


def test_load_and_idle_time_are_only_told_when_they_change_by_much() -> None:
    known = board()
    known.update([body("s", cpu=1.0, mem=1000, idle=100.0)])
    assert known.update([body("s", cpu=1.3, mem=1100, idle=160.0)]) == []
    assert known.update([body("s", cpu=1.8, mem=1100, idle=165.0)])
    assert known.update([body("s", cpu=1.8, mem=1100, idle=1.0)])
    assert known.update([body("s", cpu=1.8, mem=1500, idle=1.0)])
    assert known.update([body("s", cpu=None, mem=1500, idle=1.0)])


def test_what_changes_little_by_little_is_told_in_the_end() -> None:
    known = board()
    known.update([body("s", cpu=0.0)])
    told = [bool(known.update([body("s", cpu=step / 10)])) for step in range(1, 11)]
    assert told.count(True) == 1


def test_what_a_snapshot_told_is_told_anew_only_when_it_changes_from_there() -> None:
    known = board()
    known.update([body("s", cpu=0.0)])
    known.update([body("s", cpu=0.4)])
    known.told()
    assert known.update([body("s", cpu=0.7)]) == []
    assert known.update([body("s", cpu=1.0)])


async def test_the_end_of_a_job_waits_for_the_bus() -> None:
    hub, clock = Hub(), SystemClock()
    bus = MemoryBus(hub, clock, CLUSTER)
    outbox = Outbox(bus, Identity.fresh(CLUSTER, NODE), clock)
    bye = Bye(v=1, ts=0.0)
    assert not await outbox.say("bye.node", (NODE,), bye)
    telling = asyncio.ensure_future(outbox.deliver("bye.node", (NODE,), bye))
    await asyncio.sleep(0)
    assert hub.said == []
    bus.connect()
    await telling
    assert len(hub.heard("bye.node")) == 1


def test_text_of_a_session_can_not_act_on_a_terminal() -> None:
    (told,) = board().update([body("s", name="a\x1b[2Jb", params={"x": "y" * 5000})])
    assert told.name == "a·[2Jb"
    assert len(told.params["x"]) <= 1024
