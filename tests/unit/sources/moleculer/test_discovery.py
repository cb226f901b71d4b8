"""When brokers are asked who they are, and that nothing else is ever said."""

from __future__ import annotations

import re

import pytest

from fxtop.sources.moleculer.discovery import ALL_AGAIN_AFTER, MOST_MESHES, MOST_TRIES, ONE_AGAIN_AFTER, observer_id
from fxtop.sources.moleculer.listener import MoleculerListener
from tests.unit.sources.moleculer.kit import Ear, HandClock, beat, captured, goodbye, info


class Asking:
    """A listener that may ask."""

    def __init__(self, *, discover: bool = True) -> None:
        self.clock = HandClock()
        self.bus = Ear()
        self.listener = MoleculerListener(self.bus, self.clock, discover=discover)  # type: ignore[arg-type]  # as much of a bus as it needs

    async def hear(self, *wires: tuple[str, bytes], after: float = 0.0) -> None:
        self.clock.seconds += after
        if not self.bus.handlers:
            await self.listener.start()
        for wire in wires:
            await self.bus.hears(wire)

    @property
    def said(self) -> list[str]:
        """The subjects of all that was said since the last look."""
        subjects = [subject for subject, _ in self.bus.said]
        self.bus.said.clear()
        return subjects

    async def be_answered(self, broker: str, prefix: str = "MOL") -> None:
        """A broker answers to the question that was put."""
        (_, question), *_ = self.bus.said
        await self.hear(info(broker, prefix=prefix, to=question["sender"]))


@pytest.fixture
def site() -> Asking:
    return Asking()


async def test_who_may_not_ask_says_nothing_whatever_it_hears() -> None:
    silent = Asking(discover=False)
    for kind in ("HEARTBEAT", "INFO", "DISCONNECT", "DISCOVER", "EVENT", "REQ", "RES"):
        await silent.hear(*captured(kind), after=100)
    assert silent.said == []
    assert len(silent.listener.take()) == 3


async def test_nothing_is_said_before_the_version_is_known(site: Asking) -> None:
    await site.hear(("MOL.HEARTBEAT", b"\x83binary"), ("MOL.HEARTBEAT", b"{}"))
    assert site.said == []


async def test_the_first_packet_of_a_namespace_has_all_its_brokers_asked_once(site: Asking) -> None:
    await site.hear(beat("a", prefix="MOL-prod", ver="5"), beat("b", prefix="MOL-prod", ver="5"), after=10)
    ((subject, question),) = site.bus.said
    assert subject == "MOL-prod.DISCOVER"
    assert question.keys() == {"ver", "sender"}
    assert question["ver"] == "5"
    assert re.fullmatch(r"fxtop-[A-Za-z0-9-]+-[0-9a-f]{10}", question["sender"])


async def test_each_namespace_and_version_is_asked_in_its_own_words(site: Asking) -> None:
    await site.hear(beat("a"), beat("b", ver="5"), beat("c", prefix="MOL-x"), beat("d"))
    assert [(subject, question["ver"]) for subject, question in site.bus.said] == [
        ("MOL.DISCOVER", "4"),
        ("MOL.DISCOVER", "5"),
        ("MOL-x.DISCOVER", "4"),
    ]


async def test_a_broker_that_did_not_answer_is_asked_by_itself_a_few_times(site: Asking) -> None:
    await site.hear(beat("a"), beat("viz07.example.edu"))
    await site.be_answered("a")
    assert site.said == ["MOL.DISCOVER"]
    for _ in range(10):
        await site.hear(beat("a"), beat("viz07.example.edu"), after=ONE_AGAIN_AFTER)
    assert site.said == ["MOL.DISCOVER.viz07.example.edu"] * MOST_TRIES


async def test_where_nobody_answers_nobody_is_asked_by_itself(site: Asking) -> None:
    for _ in range(20):
        await site.hear(beat("a"), beat("b"), after=10)
    assert site.said == ["MOL.DISCOVER"]


async def test_an_answer_to_somebody_else_is_no_answer_to_us(site: Asking) -> None:
    await site.hear(beat("a"), info("b", to="fxtop-other-0123456789"))
    await site.hear(beat("a"), after=100)
    assert site.said == ["MOL.DISCOVER"]


@pytest.mark.parametrize("broker", ["*", "a.>", "a b", "a..b", ".a", "x\u00a0y"])
async def test_an_id_that_means_more_than_itself_in_a_subject_is_not_asked(site: Asking, broker: str) -> None:
    await site.hear(beat("a"), beat(broker))
    await site.be_answered("a")
    await site.hear(beat(broker), after=100)
    assert site.said == ["MOL.DISCOVER"]


async def test_after_a_reconnect_all_are_asked_again_but_not_at_every_flutter(site: Asking) -> None:
    await site.hear(beat("a"))
    site.bus.since = 1.0
    await site.hear(beat("a"), after=1)
    assert site.said == ["MOL.DISCOVER"]
    await site.hear(beat("a"), after=ALL_AGAIN_AFTER)
    assert site.said == ["MOL.DISCOVER"]
    await site.hear(beat("a"), after=ALL_AGAIN_AFTER)
    assert site.said == []


async def test_what_could_not_be_asked_is_asked_with_the_next_packet(site: Asking) -> None:
    site.bus.down = True
    await site.hear(beat("a"))
    site.bus.down = False
    assert site.said == []
    await site.hear(beat("a"), after=1)
    assert site.said == ["MOL.DISCOVER"]


async def test_whoever_invents_versions_and_namespaces_does_not_make_us_talk(site: Asking) -> None:
    await site.hear(*(beat(ver=f"v{number}") for number in range(50)))
    assert site.said == []
    await site.hear(*(beat(prefix=f"MOL-{number}") for number in range(200)))
    assert len(site.said) == MOST_MESHES


async def test_whatever_is_heard_nothing_but_discover_is_said(site: Asking) -> None:
    for kind in ("HEARTBEAT", "INFO", "DISCONNECT", "DISCOVER", "EVENT", "REQ", "RES"):
        await site.hear(*captured(kind), after=7)
    await site.hear(goodbye("fx-node2"), beat("new"), after=60)
    said = site.said
    assert said
    assert {".".join(subject.split(".")[:2]) for subject in said} == {"MOL.DISCOVER"}


def test_no_two_observers_have_the_same_id() -> None:
    assert len({observer_id() for _ in range(50)}) == 50


def test_a_hosts_name_with_dots_is_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "mgr1.example.edu")
    assert observer_id().startswith("fxtop-mgr1-example-edu-")
