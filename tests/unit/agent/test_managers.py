"""Cluster managers on one bus: a plan by one, applied by another, and refused when it no longer fits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fxtop.agent.manager import member
from fxtop.clock import SystemClock
from fxtop.protocol.control import Audit, RebalancePlan
from fxtop.protocol.ids import NodeId
from tests.unit.agent.hub import Hub, MemoryBus
from tests.unit.agent.kit import CLUSTER, MANAGER, OTHER_MANAGER, VIEWER, Asker, Node, Told, body, running

A, B, M1, M2 = (NodeId(name) for name in ("viza", "vizb", "mgr1", "mgr2"))


class Site:
    """Two nodes, one of them full, and two managers."""

    def __init__(self, folder: Path) -> None:
        hub = Hub()
        many = [body(f"a{number}", node=A) for number in range(8)]
        waiting = [body(f"p{number}", "pending", node=A) for number in range(2)]
        self.hub = hub
        self.a = Node(folder, *many, *waiting, hub=hub, node=A, capacity=10, weight=2.0)
        self.b = Node(folder, hub=hub, node=B, capacity=10)
        self.m1 = Node(folder, hub=hub, node=M1, signer=MANAGER, capacity=10)
        self.m2 = Node(folder, hub=hub, node=M2, signer=OTHER_MANAGER, capacity=10)
        self.console = MemoryBus(hub, SystemClock(), CLUSTER)
        self.asker = Asker(self.console)

    async def plan(self, **args: object) -> Told:
        return await self.asker.ask_managers("plan", {"policy": "sessions", "nodes": [A, B], **args})

    def answerer(self, name: NodeId) -> None:
        """Have ``name`` answer next: a queue group may choose anyone."""
        self.hub.ears.sort(key=lambda ear: ear.owner is not (self.m1 if name == M1 else self.m2).bus)


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(member, "SPREAD", 0.0)
    monkeypatch.setattr(member, "SETTLE", 0.0)
    site = Site(tmp_path)
    async with AsyncExitStack() as stack:
        for node in (site.a, site.b, site.m1, site.m2):
            await stack.enter_async_context(running(node))
        await site.console.start()
        await _both_know_all(site)
        yield site


async def _both_know_all(site: Site) -> None:
    async with asyncio.timeout(5):
        for name in (M1, M2):
            site.answerer(name)
            while (await site.plan()).reply.result.get("before") != {A: 10.0, B: 0.0}:
                await asyncio.gather(*site.hub.tasks)


async def test_a_plan_says_what_would_be(site: Site) -> None:
    plan = msgspec.convert((await site.plan()).reply.result, RebalancePlan)
    assert plan.before == {A: 10.0, B: 0.0}
    assert plan.after == {A: 5.0, B: 5.0}
    assert plan.weights == {A: 1.0, B: 1.0}
    assert sorted((move.session, move.from_, move.to) for move in plan.moves) == [("p0", A, B), ("p1", A, B)]
    assert site.a.provider.weight == 2.0


async def test_any_manager_applies_what_another_one_planned(site: Site) -> None:
    site.answerer(M1)
    plan = (await site.plan()).reply.result["plan"]
    site.answerer(M2)
    answer = await site.asker.ask_managers("rebalance", {"plan": plan}, request="go", ticket="OPS-2")
    assert answer.reply.status == "accepted"
    job = await site.m1.job("go")
    assert (job.status, job.node, job.done, job.total) == ("done", M2, 3, 3)
    assert site.a.provider.weight == 1.0
    assert sorted(site.a.provider.done) == [("requeue", "p0", B), ("requeue", "p1", B)]
    told = [m for d in site.hub.heard("audit") if isinstance(m := d.message, Audit) and m.verb == "weight"]
    assert {(m.operator, m.key, m.ticket) for m in told} == {("ann via mgr2", OTHER_MANAGER.public_key, "OPS-2")}


async def test_both_managers_applying_it_has_the_effect_of_one_and_both_say_that_it_is_done(site: Site) -> None:
    site.a.provider.forgetful = True
    plan = (await site.plan()).reply.result["plan"]
    for ends, name in enumerate((M1, M2), 1):
        site.answerer(name)
        await site.asker.ask_managers("rebalance", {"plan": plan}, request="go")
        end = await site.m1.job("go", ends)
        assert (end.status, end.node) == ("done", name), end.items
    assert sorted(site.a.provider.done) == [("requeue", "p0", B), ("requeue", "p1", B)]


async def test_a_plan_is_stale_when_a_node_drains_meanwhile(site: Site) -> None:
    plan = (await site.plan()).reply.result["plan"]
    await site.asker.ask("drain", node=B)
    answer = await site.asker.ask_managers("rebalance", {"plan": plan})
    assert (answer.reply.status, answer.reply.code) == ("refused", "stale")
    assert site.a.provider.done == []


async def test_a_plan_is_stale_when_a_node_leaves_meanwhile(site: Site) -> None:
    plan = (await site.plan()).reply.result["plan"]
    await site.b.agent.stop()
    assert (await site.asker.ask_managers("rebalance", {"plan": plan})).reply.code == "stale"


async def test_a_plan_runs_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.agent.manager.plan.PLAN_LIFE", -1.0)
    plan = (await site.plan()).reply.result["plan"]
    assert (await site.asker.ask_managers("rebalance", {"plan": plan})).reply.code == "stale"


async def test_a_plan_that_nobody_made_is_refused(site: Site) -> None:
    answer = await site.asker.ask_managers("rebalance", {"plan": "0" * 32})
    assert (answer.reply.status, answer.reply.code) == ("refused", "unknown_plan")


async def test_a_plan_that_somebody_slips_in_is_not_taken(site: Site) -> None:
    result = (await site.plan()).reply.result
    forged = {**result, "weights": {A: 10.0, B: 0.1}, "plan": "f" * 32}
    shared = msgspec.json.encode({"v": 1, "plan": forged, "nodes": [A, B], "fleet": "x"})
    await site.console.publish(f"fxtop.{CLUSTER}.plan.{'f' * 32}", shared)
    await site.console.publish(f"fxtop.{CLUSTER}.plan.x", b"{")
    answer = await site.asker.ask_managers("rebalance", {"plan": "f" * 32})
    assert answer.reply.code == "unknown_plan"


async def test_a_dry_run_shows_what_a_rebalance_would_do(site: Site) -> None:
    plan = (await site.plan()).reply.result["plan"]
    answer = await site.asker.ask_managers("rebalance", {"plan": plan}, dry_run=True)
    assert answer.reply.result["weights"] == {A: 1.0}
    assert len(answer.reply.result["moves"]) == 2
    assert site.a.provider.weight == 2.0


async def test_what_a_node_refuses_is_told_item_by_item(site: Site) -> None:
    plan = (await site.plan()).reply.result["plan"]
    site.a.provider.abilities = frozenset()
    await site.asker.ask_managers("rebalance", {"plan": plan}, request="go")
    job = await site.m1.job("go")
    assert (job.status, job.done, job.total) == ("partial", 1, 3)
    assert any("can't send a session" in item.detail for item in job.items)


async def test_a_node_that_drains_keeps_its_own_weight(site: Site) -> None:
    await site.asker.ask("drain", node=A)
    await _drain_is_known(site)
    plan = (await site.plan()).reply.result
    assert plan["weights"][A] == 0.0
    await site.asker.ask_managers("rebalance", {"plan": plan["plan"]}, request="go")
    await site.m1.job("go")
    assert site.a.provider.weight == 2.0


async def _drain_is_known(site: Site) -> None:
    async with asyncio.timeout(5):
        while (await site.plan()).reply.result["weights"][A]:
            await asyncio.gather(*site.hub.tasks)


async def test_a_node_that_starts_no_sessions_is_in_no_plan(site: Site) -> None:
    site.b.host.told = replace(site.b.host.told, services=("webserver",))
    await site.b.agent._announcer.look_at_facts()
    await site.b.agent._announcer.tell_facts()
    await asyncio.gather(*site.hub.tasks)
    plan = (await site.plan(nodes=None)).reply.result
    assert set(plan["weights"]) == {A, M1, M2}
    answer = await site.plan()
    assert (answer.reply.code, B in answer.reply.detail) == ("no_launcher", True)


async def test_nodes_that_nobody_knows_are_refused_by_name(site: Site) -> None:
    answer = await site.plan(nodes=[A, "nowhere"])
    assert (answer.reply.code, "nowhere" in answer.reply.detail) == ("unknown_node", True)


async def test_a_viewer_gets_no_plan(site: Site) -> None:
    answer = await Asker(site.console, VIEWER).ask_managers("plan", {"policy": "load", "nodes": None})
    assert answer.reply.code == "role"


async def test_a_manager_that_has_just_begun_does_not_plan_with_half_a_view(tmp_path: Path) -> None:
    node = Node(tmp_path, node=M1, signer=MANAGER)
    async with running(node):
        answer = await Asker(node.bus).ask_managers("plan", {"policy": "sessions", "nodes": None})
        assert (answer.reply.status, answer.reply.code) == ("refused", "not_ready")
