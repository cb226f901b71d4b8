"""The site's rules on the node: what they forbid whatever program asks, and what an agent finds out for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fxtop.actions.guardrails.globs import Globs
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.guardrails.quiet import QuietHours, read_windows
from fxtop.actions.guardrails.rule import Rule, TicketForm
from fxtop.actions.journal import Journal
from fxtop.agent.launchers import Launchers, launchers
from fxtop.agent.manager import member
from fxtop.bus.port import BusDown
from fxtop.config.zones import zone
from fxtop.protocol.control import Reply
from fxtop.protocol.ids import NodeId, RequestId
from tests.unit.agent.hub import Hub, MemoryBus
from tests.unit.agent.kit import CLUSTER, MANAGER, NODE, Node, body, running

A, B, M = NodeId("viza"), NodeId("vizb"), NodeId("mgr1")
ASKED = {"policy": "sessions", "nodes": [A, B]}
WORDS = "Ask the lab first."
ALWAYS = QuietHours(read_windows(["daily 00:00-24:00"]), zone("UTC"), "UTC")


def node(folder: Path, *rules: Rule, **settings: Any) -> Node:
    bodies = [body(f"s{number}", user=user) for number, user in enumerate(("ann", "bob", "prof-x"), 1)]
    return Node(folder, *bodies, guardrails=Guardrails(rules), **settings)


def rule(**fields: Any) -> Rule:
    return Rule(words=WORDS, **fields)


async def asked(folder: Path, rules: Sequence[Rule], verb: str, args: dict[str, Any], **fields: Any) -> Reply:
    async with running(node(folder, *rules)) as of:
        reply = (await of.asker.ask(verb, args, **fields)).reply
        if reply.status == "refused":
            assert of.provider.done == []
            assert of.agent.placement.taking
        return reply


CASES = [
    ("deny", rule(deny=True), "drain", {}),
    ("deny", rule(verbs=frozenset({"weight"}), deny=True), "weight", {"weight": 0.5}),
    ("protect", rule(nodes=Globs(["viz01"]), protect=True), "resume", {}),
    ("protect", rule(users=Globs(["prof-*"]), protect=True), "terminate", {"sessions": ["s1", "s3"]}),
    ("protect", rule(users=Globs(["prof-*"]), protect=True), "drain", {"then": "terminate"}),
    ("protect", rule(users=Globs(["prof-*"]), protect=True), "message", {"text": "hello"}),
    ("protect", rule(sessions=Globs(["s2"]), protect=True), "requeue", {"session": "s2", "to": "viz02"}),
    ("cap", rule(cap=1), "terminate", {"sessions": ["s1", "s2"]}),
    ("cap", rule(cap=2), "message", {"text": "hello"}),
    ("ticket", rule(ticket=TicketForm("INC-[0-9]+")), "drain", {}),
    ("quiet", rule(quiet=ALWAYS), "drain", {}),
]


@pytest.mark.parametrize(("code", "guard", "verb", "args"), CASES, ids=[f"{case[0]}-{case[2]}" for case in CASES])
async def test_what_a_rule_forbids_is_refused_by_the_node_in_the_rules_words(
    tmp_path: Path, code: str, guard: Rule, verb: str, args: dict[str, Any]
) -> None:
    if verb == "requeue":
        async with running(Node(tmp_path, body("s2", "pending"), guardrails=Guardrails((guard,)))) as of:
            reply = (await of.asker.ask(verb, args)).reply
    else:
        reply = await asked(tmp_path, [guard], verb, args)
    assert (reply.status, reply.code) == ("refused", code)
    assert WORDS in reply.detail


@pytest.mark.parametrize(
    ("guard", "verb", "args"),
    [
        (rule(users=Globs(["prof-*"]), protect=True), "terminate", {"sessions": ["s1", "s2"]}),
        (rule(users=Globs(["prof-*"]), protect=True), "drain", {"then": "wait"}),
        (rule(cap=2), "terminate", {"sessions": ["s1", "s2"]}),
        (rule(nodes=Globs(["gpu*"]), deny=True), "drain", {}),
        (rule(clusters=Globs(["other"]), deny=True), "drain", {}),
        (rule(typed=True), "drain", {}),
    ],
    ids=["other-users", "sessions-stay", "exactly-the-cap", "other-nodes", "other-cluster", "typing-is-not-known"],
)
async def test_what_no_rule_forbids_is_done(tmp_path: Path, guard: Rule, verb: str, args: dict[str, Any]) -> None:
    assert (await asked(tmp_path, [guard], verb, args)).status == "accepted"


async def test_a_ticket_of_the_form_is_taken(tmp_path: Path) -> None:
    guard = rule(ticket=TicketForm("INC-[0-9]+"))
    assert (await asked(tmp_path, [guard], "drain", {}, ticket="INC-7")).status == "accepted"


async def test_a_refusal_is_on_record_and_is_told_to_a_dry_run_too(tmp_path: Path) -> None:
    async with running(node(tmp_path, rule(deny=True))) as of:
        assert (await of.asker.ask("drain", {}, dry_run=True)).reply.code == "deny"
        await of.asker.ask("drain", {}, request="r1")
        entries = [each for each in Journal(of.config.journal_file).read().entries if each.request == "r1"]
        assert [(each.state, each.code, WORDS in each.detail) for each in entries] == [("refused", "deny", True)]


async def test_while_sessions_can_not_be_listed_a_rule_for_users_lets_nothing_through(tmp_path: Path) -> None:
    of = node(tmp_path, rule(users=Globs(["prof-*"]), protect=True))
    of.provider.fault = "FastX is starting"
    await of.agent.start()
    try:
        assert (await of.asker.ask("drain", {"then": "terminate"})).reply.code == "not_ready"
    finally:
        await of.agent.stop()


# Launchers are asked for


def others(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """What the nodes say when they are asked."""

    async def told(*_: object) -> Launchers:
        return Launchers(frozenset(map(NodeId, names)), {})

    monkeypatch.setattr("fxtop.agent.desk.launchers", told)


@pytest.mark.parametrize(
    ("names", "status"), [(("viz02", "viz03"), "accepted"), (("viz02",), "refused"), ((), "refused")]
)
async def test_so_many_others_must_take_new_sessions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], status: str
) -> None:
    others(monkeypatch, str(NODE), *names)
    reply = await asked(tmp_path, [rule(min_launchers=2)], "drain", {})
    assert reply.status == status
    assert reply.code == ("min_launchers" if status == "refused" else "")


async def test_a_weight_of_nothing_takes_a_launcher_away_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others(monkeypatch, str(NODE))
    assert (await asked(tmp_path, [rule(min_launchers=1)], "weight", {"weight": 0})).code == "min_launchers"
    assert (await asked(tmp_path, [rule(min_launchers=1)], "weight", {"weight": 1})).status == "done"


@pytest.mark.parametrize(
    ("other", "asked_times", "status"), [("req0", 1, "refused"), ("reqz", 2, "accepted")], ids=["earlier", "later"]
)
async def test_of_two_that_may_go_at_once_the_lower_request_waits_for_the_other_to_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str, asked_times: int, status: str
) -> None:
    viz02, viz03 = NodeId("viz02"), NodeId("viz03")
    answers = [
        Launchers(frozenset({viz03}), {NODE: RequestId("req5"), viz02: RequestId(other)}),
        Launchers(frozenset({viz02, viz03}), {NODE: RequestId("req5")}),
    ]
    seen: list[str] = []

    async def told(*_: object) -> Launchers:
        seen.append(of.agent.placement.leaving)
        return answers[len(seen) - 1]

    monkeypatch.setattr("fxtop.agent.desk.launchers", told)
    of = node(tmp_path, rule(min_launchers=2))
    async with running(of):
        assert (await of.asker.ask("drain", {}, request="req5")).reply.status == status
        assert seen == ["req5"] * asked_times
        assert of.agent.placement.leaving == ""


async def test_without_such_a_rule_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> frozenset[NodeId]:
        raise AssertionError("the nodes were asked")

    monkeypatch.setattr("fxtop.agent.desk.launchers", never)
    assert (await asked(tmp_path, [rule(cap=5)], "drain", {})).status == "accepted"


async def test_where_nobody_can_be_asked_none_is_left(tmp_path: Path) -> None:
    class Silent(MemoryBus):
        async def gather(self, *_: Any, **__: Any) -> Any:
            raise BusDown("There is no connection.")

    of = node(tmp_path)
    assert await launchers(Silent(Hub(), of.clock, CLUSTER), of.agent.identity, of.clock) == (frozenset(), {})


# Managers


async def rebalanced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, on_node: Sequence[Rule], on_manager: Sequence[Rule]
) -> tuple[Reply, float]:
    """The answer to a rebalance of one node with a weight of 2, and its weight afterwards."""
    monkeypatch.setattr(member, "SPREAD", 0.0)
    monkeypatch.setattr(member, "SETTLE", 0.0)
    hub = Hub()
    full = [body(f"a{number}", node=A) for number in range(8)]
    one = Node(folder, *full, hub=hub, node=A, capacity=10, weight=2.0, guardrails=Guardrails(tuple(on_node)))
    other = Node(folder, hub=hub, node=B, capacity=10)
    manager = Node(folder, hub=hub, node=M, signer=MANAGER, guardrails=Guardrails(tuple(on_manager)))
    async with running(one), running(other), running(manager):
        async with asyncio.timeout(5):
            while (plan := (await one.asker.ask_managers("plan", ASKED)).reply).result.get("before") != {
                A: 8.0,
                B: 0.0,
            }:
                await asyncio.gather(*hub.tasks)
        reply = (await one.asker.ask_managers("rebalance", {"plan": plan.result["plan"]}, request="r1")).reply
        if reply.status == "accepted" and not reply.code:
            await manager.job("r1")
        return reply, one.agent.placement.weight


async def test_what_a_manager_carries_out_needs_no_ticket_and_no_second_person_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = rule(ticket=TicketForm("INC-[0-9]+"), second_person=True)
    reply, weight = await rebalanced(tmp_path, monkeypatch, [people], [])
    assert (reply.status, weight) == ("accepted", 1.0)


async def test_what_is_denied_on_a_node_is_denied_to_a_manager_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, weight = await rebalanced(tmp_path, monkeypatch, [rule(deny=True)], [])
    assert weight == 2.0


@pytest.mark.parametrize(
    ("guard", "status", "code"),
    [
        (rule(nodes=Globs(["viza"]), protect=True), "refused", "protect"),
        (rule(verbs=frozenset({"rebalance"}), second_person=True), "accepted", "second_person"),
        (rule(nodes=Globs(["vizc"]), deny=True), "accepted", ""),
    ],
    ids=["a-node-of-the-plan", "a-second-person", "another-node"],
)
async def test_a_manager_judges_a_rebalance_by_the_nodes_of_its_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guard: Rule, status: str, code: str
) -> None:
    reply, weight = await rebalanced(tmp_path, monkeypatch, [], [guard])
    assert (reply.status, reply.code) == (status, code)
    assert weight == (1.0 if not code else 2.0)


async def test_a_person_is_asked_where_a_manager_is_not(tmp_path: Path) -> None:
    people = rule(ticket=TicketForm("INC-[0-9]+"))
    assert (await asked(tmp_path, [people], "weight", {"weight": 0.5})).code == "ticket"
