"""A node carries out a manager's request only for an operator who asked the managers for it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fxtop.agent.proof import LASTS
from fxtop.agent.trust import Role, Trust
from fxtop.protocol import subjects
from fxtop.protocol.control import HEADER_EVIDENCE, Reply, Request
from fxtop.protocol.evidence import MAX_EVIDENCE, derived_id, pack, unpack, with_way
from fxtop.protocol.ids import NodeId, RequestId, SessionId
from fxtop.protocol.plan_parts import PlanTree, move_part, weight_part
from fxtop.protocol.signing import Signer
from tests.unit.agent.kit import (
    CLUSTER,
    HELPDESK,
    MANAGER,
    NODE,
    OPERATOR,
    STRANGER,
    VIEWER,
    Asker,
    Node,
    body,
    running,
    told,
)

WANTED = RequestId("ann-wants-it")
PARTS = [b"the rest", weight_part(NODE, 2.0), move_part(SessionId("p1"), NODE, NodeId("viz02"))]
TREE = PlanTree(PARTS)
PLAN = {"plan": TREE.id}
MANAGERS = subjects.build(CLUSTER, "ctl.manager", "rebalance")


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with running(Node(tmp_path, body("p1", "pending"))) as node:
        yield node


def evidence(
    node: Node,
    signer: Signer = OPERATOR,
    *,
    subject: str = MANAGERS,
    args: Mapping[str, object] = PLAN,
    expires: float = 30.0,
    dry_run: bool = False,
    part: int = 1,
) -> str:
    """What an operator signed, as a manager carries it for one part of the plan."""
    payload = msgspec.json.encode(
        Request(v=1, reason="even out", dry_run=dry_run, args=msgspec.Raw(msgspec.json.encode(args)))
    )
    headers = Asker(node.bus, signer).headers(subject, payload, WANTED, time.time() + expires)
    return with_way(pack(subject, headers, payload), TREE.way(PARTS[part]))


async def ask(
    node: Node, evidence: str, verb: str = "weight", args: Mapping[str, object] | None = None, target: str = NODE
) -> Reply:
    """A manager's request that is said to serve the operator's."""
    subject = subjects.build(CLUSTER, "ctl.node", NODE, verb)
    payload = msgspec.json.encode(Request(v=1, args=msgspec.Raw(msgspec.json.encode(args or {"weight": 2.0}))))
    headers = Asker(node.bus, MANAGER, "ann via mgr1").headers(subject, payload, derived_id(WANTED, verb, target))
    return told(await node.bus.request(subject, payload, headers | {HEADER_EVIDENCE: evidence})).reply


async def test_a_manager_with_an_operators_request_is_obeyed(node: Node) -> None:
    assert (await ask(node, evidence(node))).status == "done"
    moved = await ask(node, evidence(node, part=2), "requeue", {"session": "p1", "to": "viz02"}, "p1")
    assert (moved.status, node.provider.weight) == ("done", 2.0)


@pytest.mark.parametrize(
    ("signer", "code"), [(STRANGER, "unknown_key"), (VIEWER, "role"), (HELPDESK, "role"), (MANAGER, "role")],
    ids=["stranger", "viewer", "help desk", "the manager itself"],
)  # fmt: skip
async def test_the_operator_behind_it_must_be_listed_and_may_rebalance(node: Node, signer: Signer, code: str) -> None:
    reply = await ask(node, evidence(node, signer))
    assert (reply.status, reply.code, node.provider.weight) == ("refused", code, 1.0)


async def test_the_operators_role_must_be_for_this_node(tmp_path: Path) -> None:
    far = replace(Role.OPERATOR, name="far", nodes=("gpu*",))
    trust = Trust({OPERATOR.public_key: far, MANAGER.public_key: Role.MANAGER})
    async with running(Node(tmp_path, trust=trust)) as node:
        reply = await ask(node, evidence(node))
        assert (reply.code, "for the nodes gpu*" in reply.detail) == ("role", True)


@pytest.mark.parametrize(
    ("expires", "code"), [(-60.0, ""), (-LASTS - 10, "stale"), (400.0, "skew")], ids=["just now", "long ago", "ahead"]
)
async def test_the_operators_request_may_have_expired_only_just(node: Node, expires: float, code: str) -> None:
    assert (await ask(node, evidence(node, expires=expires))).code == code


async def test_evidence_for_one_request_serves_for_no_other(node: Node) -> None:
    shown = evidence(node)
    for wrong in (
        await ask(node, shown, target="viz99"),
        await ask(node, shown, "requeue", {"session": "p1", "to": "b"}),
    ):
        assert (wrong.status, wrong.code) == ("refused", "evidence")
        assert "about something else" in wrong.detail


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": subjects.build(CLUSTER, "ctl.manager", "plan"), "args": {"policy": "sessions"}},
        {"subject": "fxtop.other.ctl.manager.rebalance"},
        {"subject": subjects.build(CLUSTER, "ctl.node", NodeId("viz02"), "drain"), "args": {}},
        {"args": {}},
        {"args": {"plan": ""}},
        {"dry_run": True},
    ],
    ids=["a plan", "another cluster", "a drain", "no plan", "empty plan", "dry run"],
)
async def test_only_a_request_to_apply_a_plan_is_evidence(node: Node, changes: dict[str, object]) -> None:
    reply = await ask(node, evidence(node, **changes))  # type: ignore[arg-type]  # some of its own keywords
    assert (reply.status, reply.code) == ("refused", "evidence")


@pytest.mark.parametrize(
    "header",
    ["", "?", base64.b64encode(b"{}").decode(), "A" * (MAX_EVIDENCE + 4)],
    ids=["none", "no base64", "no request", "too long"],
)
async def test_what_is_no_request_is_no_evidence(node: Node, header: str) -> None:
    assert (await ask(node, header)).code == "evidence"


@pytest.mark.parametrize(
    ("verb", "args", "target", "part"),
    [
        ("weight", {"weight": 9.0}, NODE, 1),
        ("weight", {"weight": 2.0}, NODE, 2),
        ("requeue", {"session": "p1", "to": "viz99"}, "p1", 2),
        ("requeue", {"session": "p2", "to": "viz02"}, "p2", 2),
    ],
    ids=["another weight", "another part", "another node", "another session"],
)
async def test_what_is_no_part_of_the_plan_is_refused(
    node: Node, verb: str, args: Mapping[str, object], target: str, part: int
) -> None:
    reply = await ask(node, evidence(node, part=part), verb, args, target)
    assert (reply.status, reply.code) == ("refused", "evidence")
    assert "no part of the plan" in reply.detail
    assert node.provider.weight == 1.0


async def test_changed_evidence_proves_nothing(node: Node) -> None:
    shown = json.loads(base64.b64decode(evidence(node)))
    shown["payload"] = shown["payload"].replace(TREE.id, "0" * 32)
    changed = base64.b64encode(json.dumps(shown).encode()).decode()
    assert (await ask(node, changed)).code == "signature"


def test_a_request_is_the_same_after_its_journey() -> None:
    headers = Asker(None, OPERATOR).headers(MANAGERS, b'{"v":1}', WANTED)  # type: ignore[arg-type]  # it sends nothing
    found = unpack(pack(MANAGERS, headers, b'{"v":1}'))
    assert (found.subject, found.headers, found.body) == (MANAGERS, headers, b'{"v":1}')


def test_a_request_that_is_too_long_or_no_text_is_carried_nowhere() -> None:
    headers = Asker(None, OPERATOR).headers(MANAGERS, b"\xff", WANTED)  # type: ignore[arg-type]  # it sends nothing
    assert pack(MANAGERS, headers, b"\xff") == pack(MANAGERS, headers, b" " * MAX_EVIDENCE) == ""
