"""The promise of the room: unless control is armed, signed and connected, nothing leaves that could change anything.

Said of every verb, every intent and every plan, also of plans that nobody made properly.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.actions.arming import Arming
from fxtop.actions.journal import Journal
from fxtop.actions.model import ActionId, Confirmation, Consequences, Intent, Plan, Refused, Step, Verb
from fxtop.actions.operator import Operator
from fxtop.bus.port import Answer, BusPhase
from fxtop.cluster.records import SessionKey
from fxtop.protocol.control import Args, PlanArgs, RebalanceArgs, TerminateArgs
from fxtop.protocol.ids import NodeId, PlanId, SessionId
from fxtop.protocol.signing import NkeySigner, new_seed
from tests.unit.actions.fake_bus import FakeBus, Left, reply
from tests.unit.actions.site import CLUSTER, Site

SIGNER = NkeySigner(new_seed())

words = st.text(max_size=20)
node_ids = st.sampled_from(["viz01", "viz02", "viz03", "viz04", "nowhere"]).map(NodeId)
session_keys = st.builds(SessionKey, node_ids, st.sampled_from(["a", "b", "c", "gone"]).map(SessionId))
intents = st.builds(
    Intent,
    verb=st.sampled_from(get_args(Verb)),
    nodes=st.lists(node_ids, max_size=4).map(tuple),
    sessions=st.lists(session_keys, max_size=6).map(tuple),
    reason=words,
    ticket=st.none() | words,
    deadline=st.none() | st.floats(1_760_000_700, 1_780_000_000) | st.floats(),
    then=st.sampled_from(["wait", "terminate"]),
    grace=st.floats(0, 600) | st.floats(),
    text=words,
    policy=st.sampled_from(["sessions", "load", "memory"]),
)
steps = st.builds(
    Step,
    target=st.sampled_from(["viz01", "viz02", "manager"]),
    verb=st.sampled_from(["drain", "resume", "terminate", "message", "weight", "requeue", "plan", "rebalance", "ping"]),
    args=st.sampled_from(
        [
            Args(),
            TerminateArgs(sessions=[SessionId("a")]),
            RebalanceArgs(plan=PlanId("p")),
            PlanArgs(policy="load"),
        ]
    ),
    summary=words,
)


def arm(desk: Desk) -> None:
    desk.arming.arm()


def stay_disarmed(_: Desk) -> None: ...


def arm_and_disarm(desk: Desk) -> None:
    desk.arming.arm()
    desk.arming.disarm("disarmed by hand")


def arm_and_wait(desk: Desk) -> None:
    desk.arming.arm()
    desk.site.clock.pass_time(600)


def arm_and_sleep(desk: Desk) -> None:
    desk.arming.arm()
    desk.site.clock.wall += 86_400


def arm_in_vain(desk: Desk) -> None:
    desk.arming = Arming(desk.site.clock, read_only=True)
    with pytest.raises(Refused):
        desk.arming.arm()


def arm_and_lose_the_bus_for_a_moment(desk: Desk) -> None:
    desk.arming.arm()
    desk.site.clock.pass_time(1)
    desk.bus.rise(since=desk.site.clock.monotonic())


UNARMED = [stay_disarmed, arm_and_disarm, arm_and_wait, arm_and_sleep, arm_in_vain, arm_and_lose_the_bus_for_a_moment]


class Desk:
    """A console with all it needs to act, before it is decided whether it may."""

    def __init__(self, folder: Path) -> None:
        self.site = Site()
        for number in range(1, 4):
            self.site.node(f"viz0{number}", state="draining" if number == 3 else "active")
        for name in ("viz01/a", "viz01/b", "viz02/c"):
            self.site.session(name)
        self.bus = FakeBus(respond=self.respond)
        self.arming = Arming(self.site.clock)
        self.journal = Journal(folder / "journal.jsonl")

    async def respond(self, left: Left) -> Answer:
        if left.verb == "plan":
            return reply(left, "done", plan="p", expires=self.site.clock.now() + 900, weights={"viz01": 2.0})
        return reply(left, "done")

    async def try_hard(self, intent: Intent, signer: NkeySigner | None) -> None:
        """Plan, confirm with what is asked for, and send, as far as one gets."""
        operator = Operator(self.bus, self.site.store, self.site.clock, self.arming, self.journal, signer, "ann")
        try:
            made = await operator.prepare(intent)
            await operator.commit(made, made.confirmation.expect)
        except Refused:
            operator.advance()

    async def send(self, made: Plan, signer: NkeySigner | None) -> None:
        operator = Operator(self.bus, self.site.store, self.site.clock, self.arming, self.journal, signer, "ann")
        try:
            await operator.commit(made, made.confirmation.expect)
        except Refused:
            operator.advance()

    def forged(self, intent: Intent, steps_: list[Step]) -> Plan:
        """A plan that no planning would make, fresh and for this cluster."""
        return Plan(
            id=ActionId("forged"),
            cluster=CLUSTER,
            intent=intent,
            steps=tuple(steps_),
            consequences=Consequences(),
            confirmation=Confirmation("press"),
            made_at=self.site.clock.now(),
            born=self.site.clock.monotonic(),
        )


def run(prepare: Callable[[Desk], None], act: Callable[[Desk], Any]) -> list[Left]:
    """What left when ``act`` was done at a desk that was brought into a state by ``prepare``."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        prepare(desk)
        asyncio.run(act(desk))
        return [*desk.bus.left, *desk.bus.said]


def harmless(left: list[Left]) -> bool:
    return all(each.verb == "plan" or each.request.dry_run for each in left)


@settings(max_examples=120, deadline=None)
@given(intent=intents, prepare=st.sampled_from(UNARMED))
def test_no_intent_of_any_verb_gets_out_while_disarmed(intent: Intent, prepare: Callable[[Desk], None]) -> None:
    assert harmless(run(prepare, lambda desk: desk.try_hard(intent, SIGNER)))


@settings(max_examples=60, deadline=None)
@given(intent=intents, steps_=st.lists(steps, min_size=1, max_size=4), prepare=st.sampled_from(UNARMED))
def test_no_forged_plan_gets_out_while_disarmed(
    intent: Intent, steps_: list[Step], prepare: Callable[[Desk], None]
) -> None:
    assert run(prepare, lambda desk: desk.send(desk.forged(intent, steps_), SIGNER)) == []


@settings(max_examples=60, deadline=None)
@given(intent=intents, steps_=st.lists(steps, min_size=1, max_size=4))
def test_nothing_at_all_gets_out_unsigned(intent: Intent, steps_: list[Step]) -> None:
    assert run(arm, lambda desk: desk.try_hard(intent, None)) == []
    assert run(arm, lambda desk: desk.send(desk.forged(intent, steps_), None)) == []


@settings(max_examples=60, deadline=None)
@given(intent=intents, phase=st.sampled_from([phase for phase in BusPhase if phase is not BusPhase.CONNECTED]))
def test_nothing_is_even_tried_without_a_bus(intent: Intent, phase: BusPhase) -> None:
    def without_a_bus(desk: Desk) -> None:
        desk.arming.arm()
        desk.bus.fall(phase)

    assert run(without_a_bus, lambda desk: desk.try_hard(intent, SIGNER)) == []


@settings(max_examples=60, deadline=None)
@given(intent=intents, blank=st.sampled_from(["", " ", "\n\t"]))
def test_nothing_leaves_without_a_reason(intent: Intent, blank: str) -> None:
    assert harmless(run(arm, lambda desk: desk.try_hard(replace(intent, reason=blank), SIGNER)))


@pytest.mark.parametrize(
    "intent",
    [
        Intent("drain", nodes=(NodeId("viz01"),), reason="x"),
        Intent("resume", nodes=(NodeId("viz03"),), reason="x"),
        Intent("terminate", sessions=(SessionKey(NodeId("viz01"), SessionId("a")),), reason="x"),
        Intent("message", nodes=(NodeId("viz01"),), text="hello", reason="x"),
        Intent("rebalance", reason="x"),
    ],
    ids=lambda intent: intent.verb,
)
def test_armed_signed_and_connected_each_verb_does_leave(intent: Intent) -> None:
    """Without this the promise above could be kept by sending nothing ever."""
    left = run(arm, lambda desk: desk.try_hard(intent, SIGNER))
    assert left[-1].verb == intent.verb
    assert not left[-1].request.dry_run
