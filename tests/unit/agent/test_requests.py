"""Who may ask an agent for what, and that nothing happens twice (protocol 4)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from fxtop.agent import durable
from fxtop.agent.durable import StateError
from fxtop.protocol import subjects
from fxtop.protocol.control import CONSENT_VERBS, NODE_VERBS, Audit, Request
from tests.unit.agent.kit import (
    CLUSTER,
    HELPDESK,
    MANAGER,
    NODE,
    STRANGER,
    VIEWER,
    Asker,
    Node,
    body,
    running,
    told,
)

WEIGHT = {"weight": 2.5}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with running(Node(tmp_path, body("s1"), body("s2"))) as node:
        yield node


def audits(node: Node) -> list[Audit]:
    return [decoded.message for decoded in node.hub.heard("audit") if isinstance(decoded.message, Audit)]


async def test_a_signed_request_of_an_operator_is_carried_out(node: Node) -> None:
    answer = await node.asker.ask("weight", WEIGHT)
    assert (answer.reply.status, answer.reply.result) == ("done", {"before": 1.0, "weight": 2.5})
    assert node.provider.weight == 2.5
    assert not answer.headers


async def test_the_changed_weight_is_in_a_heartbeat_at_once(node: Node) -> None:
    await node.asker.ask("weight", WEIGHT)
    beats = await node.hub.until("hb.node", 2)
    assert msgspec.to_builtins(beats[-1].message)["weight"] == 2.5


async def test_an_unsigned_request_is_refused(node: Node) -> None:
    subject = subjects.build(CLUSTER, "ctl.node", NODE, "weight")
    answer = told(await node.bus.request(subject, b'{"v":1,"args":{"weight":9}}'))
    assert (answer.reply.status, answer.reply.code) == ("refused", "unsigned")
    assert node.provider.weight == 1.0


@pytest.mark.parametrize(("ahead", "code"), [(-1.0, "expired"), (400.0, "skew")])
async def test_a_request_outside_its_time_is_refused(node: Node, ahead: float, code: str) -> None:
    answer = await node.asker.ask("weight", WEIGHT, expires=time.time() + ahead)
    assert (answer.reply.status, answer.reply.code) == ("refused", code)
    assert node.provider.weight == 1.0


async def test_a_signature_for_another_payload_is_refused(node: Node) -> None:
    subject = subjects.build(CLUSTER, "ctl.node", NODE, "weight")
    headers = node.asker.headers(subject, b'{"v":1,"args":{"weight":2}}', "r1")
    answer = told(await node.bus.request(subject, b'{"v":1,"args":{"weight":9}}', headers))
    assert (answer.reply.status, answer.reply.code) == ("refused", "signature")


async def test_a_signature_for_another_node_is_refused(node: Node) -> None:
    payload = b'{"v":1,"args":{"weight":2}}'
    headers = node.asker.headers(subjects.build(CLUSTER, "ctl.node", "viz02", "weight"), payload, "r1")
    answer = told(await node.bus.request(subjects.build(CLUSTER, "ctl.node", NODE, "weight"), payload, headers))
    assert (answer.reply.status, answer.reply.code) == ("refused", "signature")


async def test_a_key_that_is_not_listed_is_refused(node: Node) -> None:
    answer = await Asker(node.bus, STRANGER).ask("weight", WEIGHT)
    assert (answer.reply.status, answer.reply.code) == ("refused", "unknown_key")


@pytest.mark.parametrize("verb", [verb for verb in NODE_VERBS if verb not in ("ping", "recall")])
async def test_a_viewer_may_do_nothing(node: Node, verb: str) -> None:
    args: dict[str, dict[str, object]] = {
        "terminate": {"sessions": ["s1"]},
        "message": {"text": "hello"},
        "weight": {"weight": 2.5},
        "requeue": {"session": "s1", "to": "viz02"},
    }
    answer = await Asker(node.bus, VIEWER).ask(verb, args.get(verb))
    assert (answer.reply.status, answer.reply.code) == ("refused", "role")
    assert node.provider.done == []


async def test_the_help_desk_ends_one_session_but_not_two(node: Node) -> None:
    desk = Asker(node.bus, HELPDESK)
    both = await desk.ask("terminate", {"sessions": ["s1", "s2"]})
    assert (both.reply.status, both.reply.code) == ("refused", "role")
    one = await desk.ask("terminate", {"sessions": ["s1"]}, request="one")
    assert one.reply.status == "accepted"
    assert (await node.job("one")).status == "done"
    assert list(node.provider.bodies) == ["s2"]


async def test_a_manager_drains_nothing_and_sets_no_weight_by_itself(node: Node) -> None:
    manager = Asker(node.bus, MANAGER)
    assert (await manager.ask("weight", WEIGHT)).reply.code == "evidence"
    assert (await manager.ask("drain")).reply.code == "role"


async def test_ping_needs_no_signature_and_leaves_no_record(node: Node) -> None:
    answer = told(await node.bus.request(subjects.build(CLUSTER, "ctl.node", NODE, "ping"), b""))
    assert answer.reply.status == "done"
    assert answer.reply.result["boot"] == node.agent.identity.boot
    assert audits(node) == []


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"{", "not_json"),
        (b'{"v":2,"args":{"weight":1}}', "version"),
        (b'{"v":1,"args":{}}', "missing_field"),
        (b'{"v":1,"args":{"weight":11}}', "out_of_range"),
        (b'{"v":1,"args":{"weight":"1"}}', "wrong_type"),
    ],
)
async def test_a_malformed_request_is_an_error_of_the_service(node: Node, payload: bytes, why: str) -> None:
    subject = subjects.build(CLUSTER, "ctl.node", NODE, "weight")
    answer = told(await node.bus.request(subject, payload, node.asker.headers(subject, payload, "bad")))
    assert (answer.reply.status, answer.reply.code) == ("refused", "malformed")
    assert why in answer.reply.detail
    assert answer.headers["Nats-Service-Error-Code"] == "400"
    assert answer.headers["Nats-Service-Error"] == answer.reply.detail


async def test_a_fault_inside_is_answered_as_one(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(taking: bool, weight: float) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(node.provider, "placement", broken)
    answer = await node.asker.ask("weight", WEIGHT)
    assert (answer.reply.status, answer.reply.code) == ("failed", "internal")
    assert answer.headers["Nats-Service-Error-Code"] == "500"


async def test_a_dry_run_says_what_would_be_and_changes_nothing(node: Node) -> None:
    answer = await node.asker.ask("terminate", {"sessions": ["s1", "gone"], "grace": 5}, dry_run=True)
    assert (answer.reply.status, answer.reply.code) == ("done", "dry_run")
    assert answer.reply.result == {"sessions": ["s1"], "users": ["ann"], "gone": ["gone"], "grace": 5.0}
    assert node.provider.done == []
    assert [audit.decision for audit in audits(node)] == ["dry_run"]


async def test_the_same_request_again_gets_the_same_reply_and_has_no_second_effect(node: Node) -> None:
    first = await node.asker.ask("weight", WEIGHT, request="once")
    await node.asker.ask("weight", {"weight": 1.5})
    again = await node.asker.ask("weight", WEIGHT, request="once")
    assert again.reply == first.reply
    assert node.provider.weight == 1.5


async def test_a_refused_request_stays_refused_under_its_id(node: Node) -> None:
    first = await node.asker.ask("terminate", {"sessions": ["s3"]}, request="once")
    node.provider.put(body("s3"))
    again = await node.asker.ask("terminate", {"sessions": ["s3"]}, request="once")
    assert again.reply == first.reply
    assert again.reply.code == "unknown_session"


async def test_a_request_id_can_not_be_used_for_something_else(node: Node) -> None:
    await node.asker.ask("weight", WEIGHT, request="once")
    other = await node.asker.ask("weight", {"weight": 9.0}, request="once")
    assert (other.reply.status, other.reply.code) == ("refused", "replayed")
    assert node.provider.weight == 2.5
    assert audits(node)[-1].request == "once~again"


async def test_requests_are_remembered_across_a_restart(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1")), bye=False) as before:
        first = await before.asker.ask("weight", WEIGHT, request="once")
    async with running(Node(tmp_path, body("s1"))) as after:
        await after.asker.ask("weight", {"weight": 1.5})
        again = await after.asker.ask("weight", WEIGHT, request="once")
        assert again.reply == first.reply
        assert after.provider.weight == 1.5


async def test_a_request_that_a_crash_cut_short_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(Node(tmp_path), bye=False) as before:
        real = durable.replace

        def crash(path: Path, content: bytes) -> None:
            if path == before.config.placement_file:
                raise KeyError("the power went")
            if b'"reply":{' not in content:
                real(path, content)

        monkeypatch.setattr(durable, "replace", crash)
        await before.asker.ask("weight", WEIGHT, request="cut")
        monkeypatch.undo()
    async with running(Node(tmp_path)) as after:
        again = await after.asker.ask("weight", WEIGHT, request="cut")
        assert (again.reply.status, again.reply.code) == ("failed", "not_begun")
        assert after.provider.weight == 1.0
        assert [(a.request, a.outcome) for a in audits(after)] == [("cut", "failed")]


async def test_nothing_is_done_that_can_not_be_recorded(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise StateError(f"The agent can't keep its state in {path}: No space left on device.")

    monkeypatch.setattr(durable, "replace", full)
    answer = await node.asker.ask("weight", WEIGHT, request="full")
    assert (answer.reply.status, answer.reply.code) == ("failed", "storage")
    assert "No space left" in answer.reply.detail
    assert node.provider.weight == 1.0
    monkeypatch.undo()
    assert (await node.asker.ask("weight", WEIGHT, request="full")).reply.status == "done"


async def test_every_decision_is_in_the_journal_and_on_the_bus(node: Node) -> None:
    await node.asker.ask("weight", WEIGHT, request="a", ticket="T1")
    await Asker(node.bus, STRANGER, "eve").ask("weight", WEIGHT, request="b")
    told = [(a.request, a.operator, a.decision, a.code, a.outcome, a.ticket) for a in audits(node)]
    assert told == [
        ("a", "ann", "accepted", "", "", "T1"),
        ("a", "ann", "accepted", "", "done", "T1"),
        ("b", "eve", "refused", "unknown_key", "", None),
    ]
    lines = [msgspec.json.decode(line) for line in node.config.journal_file.read_bytes().splitlines()]
    assert [(line["request"], line["state"]) for line in lines] == [("a", "accepted"), ("a", "done"), ("b", "refused")]


async def test_what_a_role_does_not_allow_is_recorded_in_full(node: Node) -> None:
    await Asker(node.bus, VIEWER, "vic").ask("weight", WEIGHT, ticket="T1")
    (audit,) = audits(node)
    assert (audit.operator, audit.key, audit.args) == ("vic", VIEWER.public_key, WEIGHT)
    assert (audit.decision, audit.code, audit.ticket) == ("refused", "role", "T1")


async def test_a_stranger_is_recorded_with_the_key_that_signed(node: Node) -> None:
    await Asker(node.bus, STRANGER).ask("weight", WEIGHT)
    assert audits(node)[0].key == STRANGER.public_key


async def test_what_a_stranger_sends_is_not_repeated_in_the_record(node: Node) -> None:
    subject = subjects.build(CLUSTER, "ctl.node", NODE, "message")
    payload = msgspec.json.encode(Request(v=1, reason="read me", args=msgspec.Raw(b'{"text":"spam"}')))
    await node.bus.request(subject, payload, Asker(node.bus, STRANGER, "eve\x1b[2J").headers(subject, payload, "x"))
    (audit,) = audits(node)
    assert (audit.reason, audit.args, audit.ticket) == ("", {}, None)
    assert audit.operator == "eve·[2J"


async def test_the_service_says_where_it_can_be_asked(node: Node) -> None:
    (service,) = node.bus.services
    assert service.name == "fxtop-agent"
    assert service.metadata == {"cluster": "test", "node": NODE, "roles": "node"}
    assert {endpoint.name for endpoint in service.endpoints} == {*NODE_VERBS, *CONSENT_VERBS}
