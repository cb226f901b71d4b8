"""The second person's side: what is read is what was signed, and only that is agreed to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fxtop.actions.approval import where_it_waits
from fxtop.actions.arming import Arming
from fxtop.actions.journal import Journal, Kind
from fxtop.actions.model import Refused
from fxtop.actions.operator import Operator
from fxtop.bus.port import Answer
from fxtop.protocol import subjects
from fxtop.protocol.consent import Held
from fxtop.protocol.control import Request
from fxtop.protocol.ids import RequestId
from fxtop.protocol.signing import NkeySigner, new_seed, sign
from tests.unit.actions.fake_bus import FakeBus, Left, reply
from tests.unit.actions.site import CLUSTER, Site

ANN, BOB = NkeySigner(new_seed()), NkeySigner(new_seed())
R1 = RequestId("r1")


def held(verb: str = "terminate", node: str = "viz01", **args: Any) -> Held:
    """A request of ann's as an agent keeps it."""
    args = args or {"sessions": ["s1", "s2"], "grace": 5.0}
    payload = msgspec.json.encode(
        Request(v=1, reason="stuck", ticket="T-1", args=msgspec.Raw(msgspec.json.encode(args)))
    )
    subject = subjects.build(CLUSTER, "ctl.node", node, verb)
    headers = sign(ANN, subject=subject, request=R1, operator="ann", expires=1.0, payload=payload)
    return Held(subject=subject, headers=headers, payload=payload.decode(), until=1_760_000_900.0, rule="Two of us.")


class Desk:
    """Bob, and an agent on viz01 that shows ``held``."""

    def __init__(self, folder: Path, shown: Held | None = None, *, arm: bool = True, read_only: bool = False) -> None:
        self.site, self.bus = Site(), FakeBus()
        self.shown = shown or held()
        self.bus.respond = self._answer
        self.outcome = ("done", "", "")
        self.journal = Journal(folder / "journal.jsonl")
        arming = Arming(self.site.clock, read_only=read_only)
        if arm:
            arming.arm()
        self.operator = Operator(self.bus, self.site.store, self.site.clock, arming, self.journal, BOB, "bob")
        self.approver = self.operator.approver

    async def _answer(self, left: Left) -> Answer:
        if left.request.dry_run:
            return reply(left, "done", **msgspec.to_builtins(self.shown))
        return reply(left, *self.outcome)


async def test_what_waits_is_read_as_its_sender_signed_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    found = await desk.approver.read(R1, "viz01")
    assert found.what == "terminate viz01: 2 sessions, s1 and s2"
    assert (found.operator, found.key, found.reason, found.ticket) == ("ann", ANN.public_key, "stuck", "T-1")
    assert (found.until, found.rule, found.digest) == (1_760_000_900.0, "Two of us.", held().digest)


@pytest.mark.parametrize(
    ("verb", "args", "what"),
    [
        ("drain", {"then": "terminate"}, "drain viz01, and end the sessions that are left"),
        ("drain", {"then": "wait"}, "drain viz01"),
        ("message", {"text": "go home"}, "message viz01: everybody is told «go home»"),
        ("message", {"sessions": ["s1"], "text": "hi"}, "message viz01: 1 session is told «hi»"),
    ],
)
async def test_it_is_told_in_words(tmp_path: Path, verb: str, args: dict[str, Any], what: str) -> None:
    assert (await Desk(tmp_path, held(verb, **args)).approver.read(R1, "viz01")).what == what


async def test_what_was_read_is_what_is_agreed_to(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.approver.approve(await desk.approver.read(R1, "viz01"), "fine with me")
    left = desk.bus.left[-1]
    assert (left.target, left.verb, left.request.reason) == ("viz01", "approve", "fine with me")
    assert left.args == {"request": "r1", "digest": held().digest}
    assert [entry.kind for entry in desk.journal.read().entries] == [Kind.SENT, Kind.REPLY] * 2


@pytest.mark.parametrize("part", ["payload", "subject", "operator", "key", "cluster", "request", "signature"])
async def test_what_was_not_signed_so_is_not_shown(tmp_path: Path, part: str) -> None:
    good = held()
    changed = {
        "payload": lambda: msgspec.structs.replace(good, payload=good.payload.replace("s2", "s3")),
        "subject": lambda: msgspec.structs.replace(good, subject=good.subject.replace("viz01", "viz02")),
        "operator": lambda: msgspec.structs.replace(good, headers={**good.headers, "Fxtop-Operator": "eve"}),
        "key": lambda: msgspec.structs.replace(good, headers={**good.headers, "Fxtop-Key": BOB.public_key}),
        "cluster": lambda: msgspec.structs.replace(good, subject=good.subject.replace("prod", "test")),
        "request": lambda: msgspec.structs.replace(good, headers={**good.headers, "Fxtop-Request": "r2"}),
        "signature": lambda: msgspec.structs.replace(good, headers={}),
    }[part]()
    with pytest.raises(Refused) as refused:
        await Desk(tmp_path, changed).approver.read(R1, "viz01")
    assert refused.value.code == "forged"


async def test_a_genuine_request_of_another_id_is_not_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is another request than r2"):
        await Desk(tmp_path).approver.read(RequestId("r2"), "viz01")


async def test_what_the_agent_refuses_is_told_with_its_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    found = await desk.approver.read(R1, "viz01")
    desk.outcome = ("refused", "same_person", "A second person must approve it: bob asked for it.")
    with pytest.raises(Refused, match="The approve came to nothing: A second person must approve it") as refused:
        await desk.approver.approve(found)
    assert refused.value.code == "same_person"


async def test_nothing_is_agreed_to_or_taken_back_unless_armed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, arm=False)
    found = await desk.approver.read(R1, "viz01")
    for act in (desk.approver.approve(found), desk.approver.withdraw(R1, "viz01")):
        with pytest.raises(Refused) as refused:
            await act
        assert refused.value.code == "disarmed"
    assert [left.request.dry_run for left in desk.bus.left] == [True]


async def test_what_is_read_only_asks_nobody(tmp_path: Path) -> None:
    desk = Desk(tmp_path, arm=False, read_only=True)
    with pytest.raises(Refused, match="Nobody was asked: it is read-only by its settings"):
        await desk.approver.read(R1, "viz01")
    assert desk.bus.left == []


async def test_a_request_is_taken_back_where_it_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.approver.withdraw(R1, "viz01", "wrong node")
    left = desk.bus.left[-1]
    assert (left.verb, left.args, left.request.reason) == ("withdraw", {"request": "r1"}, "wrong node")


async def test_where_it_waits_is_known_from_its_progress(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    told = desk.site.progress("r1", "mgr1", "rebalance", "running")
    assert where_it_waits(R1, desk.site.store) is None
    waiting = {**msgspec.json.decode(told.payload), "waits": {"until": 2.0}}
    desk.site.store.fold([msgspec.structs.replace(told, payload=msgspec.json.encode(waiting))])
    assert where_it_waits(R1, desk.site.store) == "mgr1"
