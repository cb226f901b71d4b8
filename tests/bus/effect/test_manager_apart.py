"""A manager whose server is cut off from the others in the middle of a rebalance, both ways."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from fxtop.actions import courier
from fxtop.actions.model import Intent, Refused
from fxtop.agent.manager import member, reach
from fxtop.cluster.records import JobState
from fxtop.protocol.ids import RequestId
from fxtop.protocol.session import SessionBody
from tests.bus.effect.test_cut_off import MGR, VIZ, Desk, accepted, agent
from tests.natskit import Rack
from tests.relay import Cable, cabled
from tests.unit.agent.kit import MANAGER, ScriptedProvider, body


class Cutting(ScriptedProvider):
    """A node that sets its weight, and is cut off before it can say so."""

    cable: Cable | None = None

    def __init__(self, *bodies: SessionBody) -> None:
        super().__init__(*bodies)
        self.apart = asyncio.Event()

    async def placement(self, taking: bool, weight: float) -> None:
        await super().placement(taking, weight)
        if self.cable is not None:
            cable, self.cable = self.cable, None
            await cable.cut()
            self.apart.set()


async def test_what_it_could_not_see_is_unknown_and_is_told_when_it_is_back(
    rack: Rack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "ANSWER_WITHIN", 0.3)
    monkeypatch.setattr(member, "SPREAD", 0.1)
    monkeypatch.setattr(courier, "ANSWER_WITHIN", 2.0)
    here, there, cable = await cabled(rack)
    busy = Cutting(*(body(f"s{n}", node=VIZ) for n in range(8)))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(cable.cut)
        desk = Desk(here, tmp_path / "journal.jsonl")
        for each in (
            agent(here.url, VIZ, tmp_path, busy),
            agent(there.url, MGR, tmp_path, ScriptedProvider(), key=MANAGER),
        ):
            await each.start()
            stack.push_async_callback(each.stop)
        await desk.link.start()
        stack.push_async_callback(desk.link.stop)
        await desk.until(lambda: {VIZ, MGR} <= desk.store.nodes.keys())
        made = await desk.planned()
        desk.operator.arming.arm()
        busy.cable = cable
        sent = await desk.operator.commit(made, made.confirmation.expect)
        (request,) = map(RequestId, sent.requests)
        async with asyncio.timeout(20):
            await busy.apart.wait()  # the request is accepted before the node has done its part
        with pytest.raises(Refused, match="no plan"):
            await desk.operator.prepare(Intent("rebalance", reason="while it is away"))
        assert not desk.store.jobs[request].state.ended, "nobody here can know how it ended"
        await cable.mend()
        async with asyncio.timeout(20):
            while not desk.store.jobs[request].state.ended:
                await desk.operator.resolve([request])
                await desk.bus.wait_activity(0.2)
                desk.link.inflow.take_in()
                desk.link.settle()
        job = desk.store.jobs[request]
        found = {item.id: item.status for item in job.items}
        assert found[VIZ] == "unknown"
        assert found.get(MGR, "done") == "done"
        assert job.state in (JobState.PARTIAL, JobState.FAILED)
        assert accepted(tmp_path, VIZ, "weight") == 1
        assert made.balance is not None
        assert busy.weight == made.balance.weights[VIZ]
