"""Attacks on an agent by somebody who holds the bus's token: each is refused by its code, recorded, and an alert.

A real server, a real agent, and a plain NATS client that puts whatever it likes into a message. The operators' side is
a store that hears the same bus.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import nats
import pytest
from nats.aio.client import Client

from fxtop.actions.journal import Journal
from fxtop.agent.config import AgentConfig
from fxtop.agent.ledger import MARGIN
from fxtop.agent.proof import LASTS
from fxtop.agent.service import Agent
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import subscriptions
from fxtop.clock import SystemClock
from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding, JobState
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.control import (
    HEADER_EVIDENCE,
    HEADER_EXPIRES,
    HEADER_KEY,
    HEADER_OPERATOR,
    HEADER_REQUEST,
    HEADER_SIGNATURE,
    Reply,
)
from fxtop.protocol.decode import decode_reply
from fxtop.protocol.evidence import derived_id, pack, with_way
from fxtop.protocol.ids import RequestId
from fxtop.protocol.plan_parts import PlanTree, weight_part
from fxtop.protocol.signing import Signer, sign
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack, settings
from tests.unit.agent.kit import (
    HELPDESK,
    MANAGER,
    NODE,
    OPERATOR,
    STRANGER,
    TRUST,
    VIEWER,
    ScriptedProvider,
    StillHost,
    body,
)

HOUR: Final = 3600.0
OTHER_NODE: Final = "viz02.example.edu"


class ShiftedClock(SystemClock):
    """A host's clock that somebody set wrong."""

    def __init__(self) -> None:
        self.shift = 0.0

    def now(self) -> float:
        return super().now() + self.shift


@dataclass(frozen=True)
class Packet:
    """A request as bytes on the wire, before anybody meddled with it."""

    subject: str
    headers: Mapping[str, str]
    payload: bytes

    @classmethod
    def make(
        cls,
        verb: str,
        args: Mapping[str, object],
        request: str,
        *,
        node: str = NODE,
        signer: Signer = OPERATOR,
        expires: float = 30.0,
    ) -> Packet:
        """Signed as a console does it."""
        subject = subjects.build(CLUSTER, "ctl.node", node, verb)
        payload = msgspec.json.encode({"v": 1, "reason": "maintenance", "args": args})
        until = time.time() + expires
        headers = sign(
            signer, subject=subject, request=RequestId(request), operator="ann", expires=until, payload=payload
        )
        return cls(subject, headers, payload)

    def with_header(self, name: str, value: str) -> Packet:
        """The same with another header."""
        return replace(self, headers={**self.headers, name: value})

    def without(self, name: str) -> Packet:
        """The same without one."""
        return replace(self, headers={key: value for key, value in self.headers.items() if key != name})


class Field:
    """The agent under attack, the attacker's client, and an operator's view of the cluster."""

    def __init__(self, server: NatsServer, folder: Path, console: NatsBus, attacker: Client) -> None:
        self.clock = ShiftedClock()
        self.provider = ScriptedProvider(body("s1"), body("s2"), body("p1", "pending"))
        self.config = AgentConfig(CLUSTER, NODE, folder, trust=TRUST, interval=60.0, poll_every=60.0)
        self._server = server
        self.agent = self._make_agent()
        self.store = Store(CLUSTER, SystemClock())
        self._console = console
        self._attacker = attacker

    def _make_agent(self) -> Agent:
        bus = NatsBus(settings(self._server, name=NODE), self.clock, CLUSTER)
        return Agent(self.config, bus, self.provider, StillHost(), self.clock)

    async def again(self) -> None:
        """The agent ends, and starts again with what it kept."""
        await self.agent.stop()
        self.agent = self._make_agent()
        await self.agent.start()
        await self.until(lambda: (beat := self.store.nodes[NODE].beat) and beat.boot == self.agent.identity.boot)

    async def throw(self, packet: Packet) -> Reply:
        """Put ``packet`` on the bus as it is."""
        answer = await self._attacker.request(
            packet.subject, packet.payload, timeout=WITHIN, headers=dict(packet.headers) or None
        )
        return decode_reply(answer.data)

    async def until(self, condition: Callable[[], object]) -> None:
        """Return when ``condition`` holds of what the operators heard."""
        async with asyncio.timeout(WITHIN):
            while not condition():
                await self._console.wait_activity(0.05)
                self.store.fold(self._console.take())
                self.store.advance()

    async def alert(self, code: str) -> Finding:
        """The alert that the operators get for refusals with ``code``."""
        kind = f"refused-{code.replace('_', '-')}"

        def found() -> list[Finding]:
            return [finding for finding in findings(self.store) if finding.kind == kind]

        await self.until(found)
        (finding,) = found()
        return finding

    def recorded(self) -> list[tuple[str, str]]:
        """Decision and code of each line in the agent's journal."""
        return [(entry.state, entry.code) for entry in Journal(self.config.journal_file).read().entries]

    @property
    def untouched(self) -> bool:
        """Whether nothing was done at all."""
        return self.provider.taking and self.provider.weight == 1.0 and not self.provider.done


@pytest.fixture
async def field(rack: Rack, park: BusPark, tmp_path: Path) -> AsyncIterator[Field]:
    server = await rack.server()
    console = await park.bus(server, cluster_subjects=subscriptions(CLUSTER))
    attacker = await nats.connect(server.url)
    field = Field(server, tmp_path / "agent", console, attacker)
    await field.agent.start()
    await field.until(lambda: field.store.sessions)
    yield field
    await field.agent.stop()
    await attacker.close()


WEIGHT: Final = {"weight": 7.0}
DRAIN: Final = subjects.build(CLUSTER, "ctl.node", NODE, "drain")


def _genuine() -> Packet:
    return Packet.make("weight", WEIGHT, "r1")


def _managed(weight: float = 7.0, request: str | None = None, *, expires: float = 30.0) -> Packet:
    """A manager's request, behind it that of an operator to rebalance, whose plan gives this node a weight of 7."""
    wanted = subjects.build(CLUSTER, "ctl.manager", "rebalance")
    part = weight_part(NODE, WEIGHT["weight"])
    tree = PlanTree([b"the rest", part])
    payload = b'{"v":1,"reason":"even out","args":{"plan":"%b"}}' % tree.id.encode()
    until = time.time() + expires
    headers = sign(OPERATOR, subject=wanted, request=RequestId("op"), operator="ann", expires=until, payload=payload)
    fits = str(derived_id(RequestId("op"), "weight", NODE))
    packet = Packet.make("weight", {"weight": weight}, request or fits, signer=MANAGER)
    return packet.with_header(HEADER_EVIDENCE, with_way(pack(wanted, headers, payload), tree.way(part)))


ATTACKS: Final[dict[str, tuple[str, Callable[[], Packet]]]] = {
    "no headers at all": ("unsigned", lambda: replace(_genuine(), headers={})),
    "no signature": ("unsigned", lambda: _genuine().without(HEADER_SIGNATURE)),
    "no request id": ("unsigned", lambda: _genuine().without(HEADER_REQUEST)),
    "expiry that is no number": ("unsigned", lambda: _genuine().with_header(HEADER_EXPIRES, "nan")),
    "changed payload": ("signature", lambda: replace(_genuine(), payload=_genuine().payload.replace(b"7.0", b"9.0"))),
    "changed request id": ("signature", lambda: _genuine().with_header(HEADER_REQUEST, "r2")),
    "changed operator": ("signature", lambda: _genuine().with_header(HEADER_OPERATOR, "bob")),
    "changed key": ("signature", lambda: _genuine().with_header(HEADER_KEY, STRANGER.public_key)),
    "prolonged": ("signature", lambda: _genuine().with_header(HEADER_EXPIRES, f"{time.time() + 120:.3f}")),
    "revived": (
        "signature",
        lambda: Packet.make("weight", WEIGHT, "r1", expires=-60).with_header(HEADER_EXPIRES, f"{time.time() + 20:.3f}"),
    ),
    "another spelling of the expiry": (
        "signature",
        lambda: (genuine := _genuine()).with_header(HEADER_EXPIRES, f"{genuine.headers[HEADER_EXPIRES]}0"),
    ),
    "moved to another verb": (
        "signature",
        lambda: replace(Packet.make("resume", {}, "r1"), subject=DRAIN),
    ),
    "moved from another node": (
        "signature",
        lambda: replace(
            Packet.make("drain", {}, "r1", node=OTHER_NODE),
            subject=DRAIN,
        ),
    ),
    "moved from another cluster": (
        "signature",
        lambda: replace(
            _genuine(),
            headers=sign(
                OPERATOR,
                subject=subjects.build(CLUSTER, "ctl.node", NODE, "weight").replace(CLUSTER, "other", 1),
                request=RequestId("r1"),
                operator="ann",
                expires=time.time() + 30,
                payload=_genuine().payload,
            ),
        ),
    ),
    "stranger's key": ("unknown_key", lambda: Packet.make("weight", WEIGHT, "r1", signer=STRANGER)),
    "far future": ("skew", lambda: Packet.make("weight", WEIGHT, "r1", expires=30 * 86_400)),
    "clock an hour ahead": ("skew", lambda: Packet.make("weight", WEIGHT, "r1", expires=HOUR + 30)),
    "clock an hour behind": ("expired", lambda: Packet.make("weight", WEIGHT, "r1", expires=30 - HOUR)),
    "viewer who drains": ("role", lambda: Packet.make("drain", {}, "r1", signer=VIEWER)),
    "help desk that ends two": (
        "role",
        lambda: Packet.make("terminate", {"sessions": ["s1", "s2"]}, "r1", signer=HELPDESK),
    ),
    "manager who terminates": ("role", lambda: Packet.make("terminate", {"sessions": ["s1"]}, "r1", signer=MANAGER)),
    "manager by itself": ("evidence", lambda: Packet.make("weight", WEIGHT, "r1", signer=MANAGER)),
    "manager with an operator's request of long ago": ("stale", lambda: _managed(expires=-LASTS - 1)),
    "manager with an operator's request of the far future": ("skew", lambda: _managed(expires=HOUR)),
}
"""What is thrown at the agent, and the code that it is refused with."""


@pytest.mark.parametrize("name", ATTACKS)
async def test_each_attack_is_refused_recorded_and_told(field: Field, name: str) -> None:
    code, make = ATTACKS[name]
    reply = await field.throw(make())
    assert (reply.status, reply.code) == ("refused", code)
    assert reply.detail.endswith(".")
    assert field.recorded() == [("refused", code)]
    finding = await field.alert(code)
    assert finding.subject == NODE
    assert finding.text.startswith("1 request ")
    assert field.untouched


async def test_a_capture_that_is_played_back_at_once_has_no_second_effect(field: Field) -> None:
    capture = _genuine()
    first = await field.throw(capture)
    await field.throw(Packet.make("weight", {"weight": 2.0}, "r2"))
    assert await field.throw(capture) == first
    assert field.provider.weight == 2.0


async def test_a_capture_that_is_played_back_later_is_an_alert(field: Field) -> None:
    capture = Packet.make("weight", WEIGHT, "r1")
    await field.throw(capture)
    await field.throw(Packet.make("weight", {"weight": 2.0}, "r2"))
    field.clock.shift = 60.0
    reply = await field.throw(capture)
    assert (reply.status, reply.code) == ("refused", "replayed")
    assert "somebody sends it again" in reply.detail
    assert (await field.alert("replayed")).text.startswith("1 request that had been made before")
    field.clock.shift = 60.0 + MARGIN  # by now it is forgotten, and refused for its age
    await field.throw(Packet.make("weight", {"weight": 3.0}, "r3", expires=60.0 + MARGIN + 30))
    assert (await field.throw(capture)).code == "expired"
    assert field.provider.weight == 3.0


async def test_a_capture_serves_for_nothing_on_a_node_whose_clock_was_set_back(field: Field) -> None:
    capture = Packet.make("weight", WEIGHT, "r1", expires=30.0)
    await field.throw(capture)
    field.clock.shift = MARGIN + 60.0  # r1 is forgotten, once something else is asked for
    await field.throw(Packet.make("weight", {"weight": 2.0}, "r2", expires=MARGIN + 90.0))
    await field.again()
    field.clock.shift = 0.0
    reply = await field.throw(capture)
    assert (reply.status, reply.code) == ("refused", "expired")
    assert "set back" in reply.detail
    assert (await field.throw(Packet.make("weight", {"weight": 3.0}, "r3", expires=60.0))).status == "done"
    assert field.provider.weight == 3.0


@pytest.mark.parametrize(
    ("verb", "args", "signer"),
    [("weight", {"weight": 9.0}, OPERATOR), ("drain", {}, OPERATOR), ("message", {"text": "hello"}, HELPDESK)],
    ids=["other arguments", "other verb", "other operator"],
)
async def test_an_old_or_foreign_request_id_serves_for_nothing_else(
    field: Field, verb: str, args: Mapping[str, object], signer: Signer
) -> None:
    await field.throw(_genuine())
    reply = await field.throw(Packet.make(verb, args, "r1", signer=signer))
    assert (reply.status, reply.code) == ("refused", "replayed")
    await field.alert("replayed")
    await field.until(lambda: field.store.jobs[RequestId("r1")].state is JobState.DONE)
    assert field.provider.weight == 7.0
    assert field.provider.taking
    assert not field.provider.done


@pytest.mark.parametrize(("shift", "code"), [(HOUR, "expired"), (-HOUR, "skew")], ids=["ahead", "behind"])
async def test_an_agent_whose_clock_is_wrong_by_an_hour_does_nothing_and_says_why(
    field: Field, shift: float, code: str
) -> None:
    field.clock.shift = shift
    reply = await field.throw(_genuine())
    assert (reply.status, reply.code) == ("refused", code)
    assert "one of the two clocks is wrong" in reply.detail
    assert "clocks" in (await field.alert(code)).remedy
    assert field.untouched


async def test_a_manager_can_not_use_an_operators_request_for_something_else(field: Field) -> None:
    assert (await field.throw(_managed(weight=9.0))).code == "evidence"
    assert (await field.throw(_managed(request="made-up"))).code == "evidence"
    assert field.untouched
    assert (await field.throw(_managed())).status == "done"
    assert field.provider.weight == 7.0


async def test_a_session_that_the_agent_never_listed_reaches_no_provider(field: Field) -> None:
    strange = ["s1", "../../etc/passwd", "-rf", "$(reboot)", "s1\x1b[2J"]
    reply = await field.throw(Packet.make("terminate", {"sessions": strange, "grace": 0}, "r1"))
    assert reply.status == "accepted"
    await field.until(lambda: (job := field.store.jobs.get(RequestId("r1"))) is not None and job.state.ended)
    assert field.provider.done == [("terminate", "s1", 0.0)]


async def test_a_flood_of_forgeries_is_a_few_lines_and_its_true_number(field: Field) -> None:
    forged = replace(_genuine(), payload=b"{}")
    replies = [await field.throw(forged) for _ in range(300)]
    assert {reply.code for reply in replies} == {"signature"}
    assert len(field.recorded()) < 10
    assert (await field.throw(_genuine())).status == "done"
    await field.agent.stop()
    await field.until(lambda: any(f.text.startswith("300 requests") for f in findings(field.store)))
    assert field.config.journal_file.stat().st_size < 16_384
