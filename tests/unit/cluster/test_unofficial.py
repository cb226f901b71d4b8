"""What FastX's own bus tells becomes rows of their own, or fills in what an agent doesn't tell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Liveness, NodeRow
from fxtop.cluster.summary import summarize
from fxtop.cluster.voices import FORGET_AFTER, FORGET_SILENT_AFTER, Overheard, Voice, VoiceKey
from fxtop.protocol.ids import NodeId
from tests.unit.cluster.kit import Site, key

INTERVAL = 10.0


def voice(broker: str = "fx-a", *, prefix: str = "MOL", **over: Any) -> Voice:
    fields: dict[str, Any] = {"protocol": "4", "heard": 1_000.0, "interval": INTERVAL, **over}
    return Voice(key=VoiceKey(prefix, broker), **fields)


class Overhearing(Site):
    """A site where FastX's own bus is listened to."""

    def hears(self, broker: str = "fx-a", **over: Any) -> None:
        """A broker is heard now."""
        self.store.overhear([voice(broker, **{"heard": self.clock.monotonic(), **over})])

    def row(self, node: str) -> NodeRow:
        return self.store.nodes[NodeId(node)]

    @property
    def nodes(self) -> list[str]:
        return sorted(self.store.nodes)

    def brokers_of(self, node: str) -> list[str]:
        told = self.row(node).unofficial
        return sorted(told.brokers) if told else []


@pytest.fixture
def site() -> Overhearing:
    return Overhearing()


def test_a_broker_without_an_agent_is_a_node_of_its_own(site: Overhearing) -> None:
    site.hears("fx-a", cpu=0.5, cpu_at=1_000.0, hostname="viz01.example.edu", services=("launcher",))
    row = site.row("fx-a")
    assert (row.beat, row.facts, row.by_agent, row.liveness) == (None, None, False, Liveness.LIVE)
    assert row.unofficial is not None
    assert (row.unofficial.cpu, row.unofficial.services, row.host) == (0.5, ("launcher",), "viz01.example.edu")
    assert row.cpu is not None
    assert row.cpu.values() == [0.5]
    assert site.store.heard_anything()
    assert NodeId("fx-a") in site.store.drain_dirty().nodes


def test_its_silence_is_measured_in_the_interval_that_was_learned(site: Overhearing) -> None:
    site.hears()
    seen = []
    for _ in range(7):
        site.wait(INTERVAL)
        seen.append(site.row("fx-a").liveness)
    assert seen[0] is Liveness.LIVE
    assert (seen[1], seen[2], seen[5]) == (Liveness.LATE, Liveness.STALE, Liveness.LOST)
    assert site.store.age(site.row("fx-a")) == 70.0
    site.hears()
    assert site.row("fx-a").liveness is Liveness.LIVE


def test_a_shorter_interval_counts_from_when_it_is_learned(site: Overhearing) -> None:
    site.hears(interval=300.0)
    site.hears(interval=1.0)
    site.wait(6)
    assert site.row("fx-a").liveness is Liveness.LOST


def test_a_goodbye_is_seen_and_told_once(site: Overhearing) -> None:
    site.hears()
    site.hears(left=True)
    site.hears(left=True)
    assert site.row("fx-a").liveness is Liveness.LEFT
    assert [event.text for event in site.store.events] == ["Node fx-a left."]


@pytest.mark.parametrize(
    ("node", "host", "told"),
    [
        ("viz01", "viz01.example.edu", {"broker": "viz01"}),
        ("viz01", "viz01.example.edu", {"broker": "VIZ01.example.edu"}),
        ("n1", "viz01.example.edu", {"hostname": "viz01.example.edu"}),
        ("n1", "viz01.example.edu", {"hostname": "viz01"}),
        ("n1", "viz01", {"hostname": "viz01.example.edu"}),
        ("n1", "10.0.0.1", {"hostname": "elsewhere", "addresses": ("127.0.0.1", "fe80::1%eth0", "10.0.0.1")}),
        ("10.0.0.1", "viz01.example.edu", {"addresses": ("10.0.0.1",)}),
    ],
)
@pytest.mark.parametrize("agent_first", [True, False])
def test_a_broker_belongs_to_the_agents_node_on_the_same_host(
    site: Overhearing, node: str, host: str, told: dict[str, Any], agent_first: bool
) -> None:
    def agent() -> None:
        site.beat(node, cpu=0.25)
        site.facts(node, host=host)

    if agent_first:
        agent()
    site.hears(**{"broker": "fx-a", **told})
    if not agent_first:
        agent()
    assert site.nodes == [node]
    assert site.brokers_of(node) == [told.get("broker", "fx-a")]
    assert summarize(site.store).nodes.total == summarize(site.store).nodes.live == 1


def test_where_two_agents_may_be_meant_the_broker_stays_by_itself(site: Overhearing) -> None:
    for node in ("viz01.a.edu", "viz01.b.edu"):
        site.beat(node)
        site.facts(node, host=node)
    site.hears("fx-a", hostname="viz01", addresses=("10.0.0.1",))
    assert site.nodes == ["fx-a", "viz01.a.edu", "viz01.b.edu"]


@pytest.mark.parametrize(
    "told",
    [
        {"hostname": "localhost"}, {"hostname": "localhost.localdomain"}, {"addresses": ("127.0.0.1", "::1")},
        {"hostname": "viz01.other.edu"}, {"addresses": ("not an address",)},
    ],
)  # fmt: skip
def test_a_name_that_every_host_has_or_of_another_domain_joins_nothing(site: Overhearing, told: dict[str, Any]) -> None:
    for node, host in (("localhost", "localhost.localdomain"), ("viz01", "viz01.example.edu"), ("127.0.0.1", "::1")):
        site.beat(node)
        site.facts(node, host=host)
    site.hears("fx-a", **told)
    assert site.brokers_of("fx-a") == ["fx-a"]


def test_addresses_of_two_agents_nodes_join_nothing(site: Overhearing) -> None:
    site.beat("10.0.0.1")
    site.beat("10.0.0.2")
    site.hears("fx-a", addresses=("10.0.0.1", "10.0.0.2"))
    assert "fx-a" in site.nodes


def test_when_the_info_tells_the_host_the_row_of_the_id_goes(site: Overhearing) -> None:
    site.beat("viz01")
    site.facts("viz01", host="viz01.example.edu")
    site.hears("fx-a")
    assert site.nodes == ["fx-a", "viz01"]
    site.store.drain_dirty()
    site.hears("fx-a", hostname="viz01")
    assert site.nodes == ["viz01"]
    assert site.store.drain_dirty().nodes == {"fx-a", "viz01"}
    assert summarize(site.store).nodes.total == summarize(site.store).nodes.live == 1
    site.wait(1_000)
    assert site.nodes == ["viz01"]


def test_several_brokers_of_a_host_are_one_row_with_all_they_offer(site: Overhearing) -> None:
    site.beat("viz01")
    site.facts("viz01", host="viz01.example.edu")
    site.hears("a-1", hostname="viz01", services=("user",), cpu=0.1, cpu_at=1_000.0, versions={"node": "v20"})
    site.wait(1)
    site.hears("a-2", hostname="viz01", services=("launcher", "user"), cpu=0.9, cpu_at=1_001.0)
    told = site.row("viz01").unofficial
    assert told is not None
    assert told.brokers == ("a-2", "a-1")
    assert (told.services, told.cpu, told.versions) == (("launcher", "user"), 0.9, {"node": "v20"})
    site.hears("a-2", hostname="viz01", services=("launcher", "user"), left=True)
    told = site.row("viz01").unofficial
    assert told is not None
    assert (told.services, told.brokers) == (("user",), ("a-1", "a-2"))


def test_what_the_agent_tells_counts(site: Overhearing) -> None:
    site.beat("viz01", cpu=0.25)
    site.facts("viz01", host="viz01.example.edu", services=["manager"])
    site.hears("viz01", cpu=0.9, cpu_at=1_000.0, hostname="other", services=("launcher",))
    row = site.row("viz01")
    assert row.beat is not None
    assert row.cpu is not None
    assert (row.beat.cpu, row.cpu.values(), row.host, row.interval) == (0.25, [0.25], "viz01.example.edu", 5.0)


def test_the_agents_silence_is_not_covered_up(site: Overhearing) -> None:
    site.beat("viz01")
    site.hears("viz01")
    for _ in range(8):
        site.wait(5)
        site.hears("viz01")
    row = site.row("viz01")
    assert row.liveness is Liveness.LOST
    assert row.unofficial is not None
    assert row.unofficial.latest.liveness(site.clock.monotonic()) is Liveness.LIVE


def test_a_silent_agent_on_a_host_that_fastx_still_hears_is_found_to_be_just_that(site: Overhearing) -> None:
    site.beat("viz01")
    site.beat("viz02")
    site.hears("fx-a")
    for _ in range(7):
        site.wait(10)
        site.hears("viz01")
    found = {finding.subject: finding for finding in findings(site.store)}
    assert "still hears it" in found["viz01"].text
    assert found["viz01"].remedy == "the host lives: check the fxtop agent on it"
    assert found["viz02"].remedy == "check the host, then the fxtop agent on it"
    assert found["fx-a"].remedy == "check the host, then FastX's services on it"


def test_the_brokers_goodbye_is_not_the_agents(site: Overhearing) -> None:
    site.beat("viz01")
    site.hears("viz01")
    site.hears("viz01", left=True)
    assert site.row("viz01").liveness is Liveness.LIVE


def test_an_agent_takes_over_the_row_of_its_id(site: Overhearing) -> None:
    site.hears("viz01", cpu=0.5, cpu_at=1_000.0)
    site.beat("viz01", cpu=0.25)
    site.session("viz01", "s1")
    row = site.row("viz01")
    assert row.by_agent
    assert row.cpu is not None
    assert (row.cpu.values(), row.interval, list(row.sessions)) == ([0.25], 5.0, [key("viz01", "s1")])
    assert site.brokers_of("viz01") == ["viz01"]


def test_a_restarted_broker_with_a_new_id_takes_the_place_of_the_old_one(site: Overhearing) -> None:
    site.hears("viz01-100", hostname="viz01")
    site.hears("viz01-200", hostname="viz01")
    for _ in range(int(FORGET_AFTER / 50) + 1):
        site.wait(50)
        site.hears("viz01-200", hostname="viz01")
    assert site.nodes == ["viz01-200"]
    assert summarize(site.store).nodes.total == 1


def test_one_that_left_is_forgotten_after_a_while(site: Overhearing) -> None:
    site.hears()
    site.hears(left=True)
    site.wait(FORGET_AFTER - 1)
    assert site.nodes == ["fx-a"]
    site.wait(31)
    assert site.nodes == []
    assert summarize(site.store).nodes.total == 0


def test_one_that_fell_silent_is_missed_for_a_day(site: Overhearing) -> None:
    site.hears(hostname="viz01")
    site.wait(FORGET_SILENT_AFTER - 100)
    assert site.row("fx-a").liveness is Liveness.LOST
    site.wait(200)
    assert site.nodes == []


def test_a_forgotten_broker_is_taken_off_an_agents_node_and_may_come_back(site: Overhearing) -> None:
    site.beat("viz01")
    site.hears("viz01")
    site.hears("viz01", left=True)
    site.wait(FORGET_AFTER + 31)
    assert site.row("viz01").unofficial is None
    site.hears("viz01")
    assert site.brokers_of("viz01") == ["viz01"]


def test_an_agent_that_comes_after_all_brokers_were_forgotten_is_known_to_the_next_one(site: Overhearing) -> None:
    site.hears()
    site.hears(left=True)
    site.wait(FORGET_AFTER + 31)
    site.beat("viz01")
    site.facts("viz01", host="viz01.example.edu")
    site.hears("fx-a", hostname="viz01")
    assert site.nodes == ["viz01"]


def test_an_unofficial_node_takes_part_in_no_join_of_seats(site: Overhearing) -> None:
    site.hears("viz01", hostname="viz01")
    site.license(("ann", "viz01"))
    (pool,) = site.store.pools.values()
    assert [holder.state for holder in pool.holders] == ["unknown"]


def test_a_flood_of_invented_ids_stops_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.nodes.MAX_NODES", 3)
    site = Overhearing()
    for number in range(5):
        site.hears(f"b{number}")
    assert len(site.nodes) == 3
    assert site.store.intake.rejected["full", "other"] == 2


HOSTS = st.sampled_from(["viz01", "viz01.a.edu", "viz01.b.edu", "viz02", "localhost", "10.0.0.1", "10.0.0.2"])
AGENTS = st.tuples(st.just("agent"), st.sampled_from(["viz01", "n1", "n2", "10.0.0.2"]), HOSTS)
BROKERS = st.tuples(
    st.just("broker"), st.sampled_from(["fx-a", "fx-b", "viz01", "viz01.a.edu"]), HOSTS | st.just(""), st.sets(HOSTS)
)


@given(st.lists(AGENTS | BROKERS, max_size=12))
def test_where_a_broker_belongs_depends_on_what_is_known_and_not_on_the_order_it_came_in(
    told: list[tuple[Any, ...]],
) -> None:
    site, orderly = Overhearing(), Overhearing()
    for each in told:
        tell(site, each)
    last = {each[:2]: each for each in told}
    for each in sorted(last.values(), key=lambda each: each[0]):
        tell(orderly, each)
    assert site.nodes == orderly.nodes
    assert {node: site.brokers_of(node) for node in site.nodes} == {
        node: orderly.brokers_of(node) for node in orderly.nodes
    }
    census = site.store.census.nodes.counts
    assert sum(census.values()) == len(site.nodes)
    brokers = [broker for node in site.nodes for broker in site.brokers_of(node)]
    assert sorted(brokers) == sorted({each[1] for each in told if each[0] == "broker"})


def tell(site: Overhearing, each: tuple[Any, ...]) -> None:
    if each[0] == "agent":
        site.facts(each[1], host=each[2])
    else:
        site.hears(each[1], hostname=each[2], addresses=tuple(sorted(each[3])))


def test_those_who_left_tell_only_where_nobody_else_is_there() -> None:
    gone = voice("gone", left=True, services=("user",), heard=2_000.0)
    there = voice("there", services=("launcher",), interval=5.0)
    assert Overheard.of([gone, there]).services == ("launcher",)
    assert Overheard.of([gone]).services == ("user",)
    assert Overheard.of([gone, there]).latest is there
