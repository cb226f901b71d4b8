"""What one's own key may do, as the agents say it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fxtop.actions.arming import Arming
from fxtop.actions.courier import Courier
from fxtop.actions.journal import Journal
from fxtop.actions.link import ClusterLink
from fxtop.actions.operator import Operator
from fxtop.actions.permissions import LASTS, MOST, SAMPLE, Permissions, forbids, limits
from fxtop.bus.port import Answer, NoAgent, NotAllowed
from fxtop.protocol.control import HEADER_SIGNATURE
from fxtop.protocol.ids import NodeId
from fxtop.protocol.signing import NkeySigner, new_seed
from fxtop.protocol.standing import Standing
from fxtop.sources.watch import Look, ServerWatch
from tests.unit.actions.fake_bus import FakeBus, Left, answering, failing, reply
from tests.unit.actions.site import CLUSTER, Site

A, B = NodeId("viz01"), NodeId("viz02")
DESK = Standing(role="helpdesk", verbs=["message", "terminate"], sessions=1, users=["lab-*"])


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def bus() -> FakeBus:
    return FakeBus()


@pytest.fixture
def permissions(site: Site, bus: FakeBus) -> Permissions:
    courier = Courier(bus, site.clock, CLUSTER, NkeySigner(new_seed()), "ann")
    return Permissions(site.store, lambda: courier)


def allowing(standing: Any) -> Any:
    return answering("done", may=msgspec.to_builtins(standing))


async def test_each_node_is_asked_by_a_signed_ping(bus: FakeBus, permissions: Permissions) -> None:
    bus.on_ping = allowing(DESK)
    answers = await permissions.ask([A, B])
    assert [(answer.node, answer.standing) for answer in answers] == [(A, DESK), (B, DESK)]
    assert [(left.target, left.verb) for left in bus.pinged] == [(A, "ping"), (B, "ping")]
    assert all(HEADER_SIGNATURE in left.headers for left in bus.pinged)


async def test_who_does_not_answer_or_does_not_know_the_question_says_nothing(
    bus: FakeBus, permissions: Permissions
) -> None:
    async def respond(left: Left) -> Answer:
        if left.target == A:
            raise NoAgent("nobody is there")
        return reply(left, "done")

    bus.on_ping = respond
    silent, old = await permissions.ask([A, B])
    assert (silent.standing, "no agent answers" in silent.detail) == (None, True)
    assert (old.standing, old.detail) == (None, "")
    assert permissions.objection("drain") is None


@pytest.mark.parametrize("said", [7, {"verbs": 3}, "x", [1]], ids=["number", "wrong field", "text", "list"])
async def test_an_answer_that_can_not_be_read_is_none(bus: FakeBus, permissions: Permissions, said: object) -> None:
    bus.on_ping = allowing(said)
    (answer,) = await permissions.ask([A])
    assert answer.standing is None


async def test_an_objection_names_the_role_or_the_reason(bus: FakeBus, permissions: Permissions) -> None:
    bus.on_ping = allowing(DESK)
    await permissions.ask([A, B])
    assert permissions.objection("terminate") is None
    assert permissions.objection("drain") == "This key may not drain: the role helpdesk doesn't allow it there."
    assert permissions.objection("drain", [B]) == "viz02 will refuse this: the role helpdesk doesn't allow it there."
    assert permissions.objection("dismiss") is None


async def test_an_answer_that_changed_counts(bus: FakeBus, permissions: Permissions) -> None:
    bus.on_ping = allowing(Standing(code="unknown_key", detail="The key is not listed here."))
    await permissions.ask([A])
    assert permissions.objection("drain") == "This key may not drain: The key is not listed here."
    bus.on_ping = allowing(Standing(role="operator", verbs=["drain"]))
    await permissions.ask([A])
    assert permissions.objection("drain") is None


def test_a_few_nodes_are_asked_on_each_connection_and_every_now_and_then(site: Site, permissions: Permissions) -> None:
    assert permissions.due(0.0) == []
    for number in range(40):
        site.node(f"viz{number:02d}")
    assert len(permissions.due(0.0)) == SAMPLE
    assert permissions.due(0.0) == []
    assert len(permissions.due(1.0)) == SAMPLE
    site.clock.pass_time(LASTS)
    for number in range(40):
        site.node(f"viz{number:02d}")
    assert len(permissions.due(1.0)) == SAMPLE


async def test_where_nobody_says_anything_the_next_connection_is_waited_for(
    site: Site, bus: FakeBus, permissions: Permissions
) -> None:
    site.node(A)
    bus.on_ping = failing(NotAllowed("this login may not publish there"))
    await permissions.ask(permissions.due(0.0))
    site.clock.pass_time(LASTS)
    site.node(A)
    assert permissions.due(0.0) == []
    assert permissions.due(1.0) == [A]


class StillWatch(ServerWatch):
    """A look at the servers that never ends."""

    async def watch(self, tell: Callable[[Look], None]) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize("read_only", [False, True], ids=["may act", "read-only"])
async def test_a_console_asks_by_itself_unless_it_may_only_look(
    site: Site, bus: FakeBus, tmp_path: Path, read_only: bool
) -> None:
    site.node(A)
    arming, signer = Arming(site.clock, read_only=read_only), NkeySigner(new_seed())
    operator = Operator(bus, site.store, site.clock, arming, Journal(tmp_path / "j"), signer, "ann")
    bus.on_ping = allowing(DESK)
    link = ClusterLink(bus, site.store, site.clock, operator, StillWatch(bus, lambda _: bus))
    await link.start()
    link.inflow.take_in()
    link.settle()
    if link._asking is not None:
        await link._asking
    assert [left.target for left in bus.pinged] == ([] if read_only else [A])
    assert (operator.permissions.objection("drain") is None) == read_only
    await link.stop()


async def test_answers_of_many_nodes_fill_no_memory(bus: FakeBus, permissions: Permissions) -> None:
    bus.on_ping = allowing(DESK)
    await permissions.ask(NodeId(f"n{number}") for number in range(MOST + 5))
    assert permissions.objection("drain", [NodeId("n0")]) is None
    assert permissions.objection("drain", [NodeId("n5")]) is not None


def test_what_a_role_allows_in_part_is_said() -> None:
    assert list(limits(DESK)) == ["ends at most 1 at a time", "only sessions of lab-*"]
    assert forbids(DESK, "message") is None
