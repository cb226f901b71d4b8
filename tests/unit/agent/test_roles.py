"""What the roles of a site allow: which verbs, where, whose sessions, and how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.agent.roles import VERBS, Role, touched
from fxtop.agent.trust import Trust
from fxtop.protocol.control import Args, DrainArgs, MessageArgs, RequeueArgs, TerminateArgs
from fxtop.protocol.ids import NodeId, SessionId
from tests.unit.agent.kit import HELPDESK, NODE, Asker, Node, body, running

LAB = Role("lab", frozenset(("terminate", "message", "drain")), sessions=2, users=("lab-*",), nodes=("viz0*",))
A, B, C = (SessionId(name) for name in "abc")
LIVING = {A: "lab-1", B: "ann", C: "lab-2"}


def test_an_operator_may_ask_for_everything_and_a_viewer_for_nothing() -> None:
    assert all(Role.OPERATOR.forbids(verb, NODE) is None for verb in VERBS)
    assert all(Role.VIEWER.forbids(verb, NODE) for verb in VERBS)


def test_a_role_is_for_the_nodes_that_its_patterns_name() -> None:
    assert LAB.forbids("drain", NodeId("viz07")) is None
    assert LAB.forbids("drain", NodeId("gpu01")) == "The role lab is for the nodes viz0*, and not for gpu01."


@pytest.mark.parametrize(
    ("args", "forbidden"),
    [
        (TerminateArgs(sessions=[A, B]), None),
        (TerminateArgs(sessions=[A, A, B]), None),
        (TerminateArgs(sessions=[A, B, C]), "The role lab may end 2 sessions at a time, not 3."),
        (DrainArgs(), None),
        (DrainArgs(then="terminate"), "The role lab may not end all sessions of a node."),
        (MessageArgs(text="hello"), None),
        (Args(), None),
    ],
    ids=["two", "two, one twice", "three", "drain", "drain that ends", "message to all", "nothing"],
)
def test_a_role_may_end_so_many_sessions_at_once(args: Args, forbidden: str | None) -> None:
    assert LAB.forbids_extent(args) == forbidden


@pytest.mark.parametrize(
    ("args", "users"),
    [
        (TerminateArgs(sessions=[A, SessionId("gone")]), {"lab-1"}),
        (MessageArgs(sessions=[A, B], text="x"), {"lab-1", "ann"}),
        (MessageArgs(text="to all"), {"lab-1", "ann", "lab-2"}),
        (RequeueArgs(session=C, to=NODE), {"lab-2"}),
        (DrainArgs(), set()),
    ],
    ids=["some", "named", "all", "one", "none"],
)
def test_whose_sessions_a_request_touches(args: Args, users: set[str]) -> None:
    assert touched(args, LIVING) == users


def test_a_role_may_touch_only_the_sessions_of_its_users() -> None:
    assert LAB.forbids_users({"lab-1", "lab-2"}) is None
    said = "The role lab is for sessions of lab-*, and not for those of ann."
    assert LAB.forbids_users({"lab-1", "ann"}) == said


async def test_an_agent_refuses_what_a_role_does_not_allow_for_these_users(tmp_path: Path) -> None:
    trust = Trust({HELPDESK.public_key: Role("lab", frozenset(("terminate",)), users=("lab-*",))})
    async with running(Node(tmp_path, body("a", user="lab-1"), body("b", user="ann"), trust=trust)) as node:
        desk = Asker(node.bus, HELPDESK)
        refused = await desk.ask("terminate", {"sessions": ["a", "b"]})
        assert (refused.reply.code, refused.reply.detail.endswith("those of ann.")) == ("role", True)
        assert (await desk.ask("terminate", {"sessions": ["a"]}, request="ok")).reply.status == "accepted"
        await node.job("ok")
        assert list(node.provider.bodies) == ["b"]
