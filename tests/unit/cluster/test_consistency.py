"""Whatever comes in, in whatever order: the store agrees with itself, and what isn't marked dirty hasn't changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fxtop.cluster.findings import findings
from fxtop.cluster.liveness import is_heard
from fxtop.cluster.records import Dirty, JobState, Liveness, NodeRow, Row, SeatState, SessionKey, SessionRow, UserRow
from fxtop.cluster.seats import ALIVE
from fxtop.cluster.store import Store
from fxtop.cluster.summary import summarize
from fxtop.protocol import subjects
from fxtop.protocol.ids import NodeId, RequestId, SessionId
from fxtop.protocol.inbound import Inbound
from tests.unit.cluster.kit import CLUSTER, LICENSE, HandClock, Site, body_of, holder, pool

NODES = st.sampled_from(["n1", "n2.example.edu", "n3"])
SESSIONS = st.sampled_from(["s1", "s2", "s3", "s4"])
USERS = st.sampled_from(["ann", "bob"])
HOSTS = st.sampled_from(["n1", "n1.example.edu", "n2", "laptop"])
REQUESTS = st.sampled_from(["r1", "r2", "r3"])
BOOTS = st.sampled_from(["b1", "b2"])
STATES = st.sampled_from(["pending", "running", "disconnected", "ghost", "orphan", "ended"])
UNPAINTED = {"heard", "skew", "history", "cpu", "mem", "load", "count", "msgs", "used"}
"""Fields that change without the row being another: ages, and figures that come with something that is marked."""


class Recorder(Site):
    """A site whose messages are kept back instead of being folded in."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.kept: list[tuple[str, bytes]] = []

    def raw(self, subject: str, payload: bytes, *, synced: bool = False) -> None:
        self.kept.append((subject, payload))


class Bus(RuleBasedStateMachine):
    """Senders put messages on a line; they arrive in any order, twice, as answers to a sync, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.site = Recorder(HandClock())
        self.store: Store = self.site.store
        self.painted: dict[str, dict[Any, tuple[Any, ...]]] = {}
        self.told: dict[SessionKey, tuple[Any, ...]] = {}

    @rule(node=NODES, boot=BOOTS, state=st.sampled_from(["active", "draining", "drained"]))
    def beat(self, node: str, boot: str, state: str) -> None:
        self.site.beat(node, boot=boot, state=state)

    @rule(node=NODES, host=HOSTS, servers=st.sets(st.sampled_from(["S1", "S2"])))
    def facts(self, node: str, host: str, servers: set[str]) -> None:
        self.site.facts(node, host=host, transporters=[{"server_id": each, "name": each} for each in sorted(servers)])

    @rule(node=NODES, session=SESSIONS, user=USERS, state=STATES)
    def session(self, node: str, session: str, user: str, state: str) -> None:
        self.site.session(node, session, user=user, state=state)

    @rule(node=NODES, boot=BOOTS, named=st.lists(st.tuples(SESSIONS, USERS, STATES), max_size=4), split=st.booleans())
    def snapshot(self, node: str, boot: str, named: list[tuple[str, str, str]], split: bool) -> None:
        bodies = [{**body_of(node, session), "user": user, "state": state} for session, user, state in named]
        halves = [bodies[:2], bodies[2:]] if split else [bodies]
        for part, half in enumerate(halves, 1):
            self.site.snapshot(node, *half, part=part, parts=len(halves), boot=boot)

    @rule(server=st.sampled_from(["S1", "S2"]), routes=st.sets(st.sampled_from(["S1", "S2"])))
    def transporter(self, server: str, routes: set[str]) -> None:
        self.site.transporter(server, routes=tuple(sorted(routes)))

    @rule(
        holders=st.lists(st.tuples(USERS, HOSTS), max_size=3),
        server=st.sampled_from([LICENSE, "5053@two"]),
        reachable=st.booleans(),
    )
    def license(self, holders: list[tuple[str, str]], server: str, reachable: bool) -> None:
        named = [holder(*each) for each in holders]
        pools = [pool(pool=None, inuse=1), pool(pool=None, inuse=len(holders))]
        self.site.license(server=server, holders=named, pools=pools, reachable=reachable)

    @rule(request=REQUESTS, node=NODES, sessions=st.lists(SESSIONS, max_size=2, unique=True))
    def open(self, request: str, node: str, sessions: list[str]) -> None:
        if RequestId(request) not in self.store.jobs:
            self.store.book.open(
                request=RequestId(request), plan="p", verb="terminate", target=node, operator="ann", key=None,
                sessions=[SessionId(each) for each in sessions], reason="", ticket=None,
            )  # fmt: skip

    @rule(request=REQUESTS, node=NODES, status=st.sampled_from(["running", "done", "partial", "failed"]))
    def progress(self, request: str, node: str, status: str) -> None:
        self.site.progress(request, status, node=node, items=[{"id": "s1", "status": status}])

    @rule(request=REQUESTS, node=NODES, decision=st.sampled_from(["accepted", "refused", "dry_run", "?"]))
    def audit(self, request: str, node: str, decision: str) -> None:
        self.site.audit(request, decision, source=node, args={"sessions": ["s1", "s2"]})

    @rule(request=REQUESTS)
    def give_up(self, request: str) -> None:
        self.store.book.fail(RequestId(request), JobState.UNKNOWN, "no_answer", "")

    @rule(request=REQUESTS)
    def dismiss(self, request: str) -> None:
        self.store.book.dismiss(RequestId(request))

    @rule(class_=st.sampled_from(["node", "license"]), node=NODES)
    def bye(self, class_: str, node: str) -> None:
        self.site.bye(class_, node if class_ == "node" else LICENSE)

    @precondition(lambda self: self.site.kept)
    @rule(data=st.data(), again=st.booleans(), synced=st.booleans(), count=st.integers(1, 6))
    def arrive(self, data: st.DataObject, again: bool, synced: bool, count: int) -> None:
        batch = []
        for _ in range(min(count, len(self.site.kept))):
            index = data.draw(st.integers(0, len(self.site.kept) - 1))
            subject, payload = self.site.kept[index] if again else self.site.kept.pop(index)
            batch.append(Inbound(subject, payload, self.site.clock.monotonic(), synced))
        self.store.fold(batch)

    @precondition(lambda self: self.site.kept)
    @rule()
    def arrive_in_order(self) -> None:
        kept, self.site.kept = self.site.kept, []
        self.store.fold([Inbound(subject, payload, self.site.clock.monotonic()) for subject, payload in kept])

    @rule(garbage=st.binary(max_size=20), kind=st.sampled_from(["hb.node", "sessions", "job", "nonsense"]))
    def garbage(self, garbage: bytes, kind: str) -> None:
        self.store.fold([Inbound(f"fxtop.{CLUSTER}.{kind}.n1", garbage, self.site.clock.monotonic())])

    @rule(seconds=st.sampled_from([0.5, 5.0, 15.0, 130.0]))
    def wait(self, seconds: float) -> None:
        self.site.wait(seconds)

    @invariant()
    def what_is_not_dirty_has_not_changed(self) -> None:
        dirty = self.store.drain_dirty()
        for name in Dirty.__struct_fields__:
            if name == "moved":
                continue
            marked: set[Any] = getattr(dirty, name)
            rows: Mapping[Any, Row | UserRow] = getattr(self.store, name)
            before = self.painted.get(name, {})
            now = {id_: painted(row) for id_, row in rows.items()}
            for id_ in (before.keys() | now.keys()) - marked:
                assert before.get(id_) == now.get(id_), f"{name} {id_} changed and was not marked"
            for id_ in marked & before.keys() & now.keys():
                assert before[id_][0] < now[id_][0], f"{name} {id_} was marked with the same revision"
            self.painted[name] = now
        before, self.told = self.told, {key: told(row) for key, row in self.store.sessions.items()}
        others = {key for key in before.keys() | self.told.keys() if before.get(key) != self.told.get(key)}
        assert others <= dirty.moved <= dirty.sessions, "a session came, went or changed, and was not marked so"

    @invariant()
    def sessions_and_nodes_agree(self) -> None:
        for node in self.store.nodes.values():
            assert node.sessions == {key: row for key, row in self.store.sessions.items() if key.node == node.id}
        for key, row in self.store.sessions.items():
            assert row.key == key == SessionKey(row.body.node, row.body.id)
            assert row.liveness is self.store.nodes[key.node].liveness
            assert row.body.state != "ended"

    @invariant()
    def what_is_counted_is_what_is_there(self) -> None:
        census, rows = self.store.census, self.store.nodes.values()
        states = Counter(row.body.state for row in self.store.sessions.values())
        assert +census.sessions.counts == states
        assert census.sessions.those("ghost") == {k for k, r in self.store.sessions.items() if r.body.state == "ghost"}
        assert +census.nodes.counts == Counter(row.liveness for row in rows)
        assert census.nodes.those(Liveness.LOST) == {row.id for row in rows if row.liveness is Liveness.LOST}
        assert +census.drains.counts == Counter(row.beat.state for row in rows if row.beat)
        pending = {key for key, row in self.store.sessions.items() if row.body.state == "pending"}
        assert self.store.waits.long.keys() <= pending
        assert all(self.store.waits.waited(key, self.site.clock.monotonic()) is not None for key in pending)

    @invariant()
    def rows_say_who_acts_on_them(self) -> None:
        open_jobs = [job for job in self.store.jobs.values() if not job.state.ended]
        assert sorted(job.id for job in self.store.book.unfinished()) == sorted(job.id for job in open_jobs)
        for node in self.store.nodes.values():
            assert set(node.acting) == {job.id for job in open_jobs if job.target == node.id}
        for key, row in self.store.sessions.items():
            named = {job.id for job in open_jobs if job.target == key.node and key.session in job.sessions}
            assert set(row.acting) == named

    @invariant()
    def transporters_have_the_nodes_that_name_them(self) -> None:
        for row in self.store.transporters.values():
            linked = {
                node.id
                for node in self.store.nodes.values()
                if node.facts and any(link.server_id == row.id for link in node.facts.transporters)
            }
            assert row.nodes == linked

    @invariant()
    def seats_are_as_if_joined_from_scratch(self) -> None:
        trusted = {r.id for r in self.store.licenses.values() if is_heard(r.liveness) and r.beat and r.beat.reachable}
        for row in self.store.pools.values():
            for each in row.holders:
                self._check_holder(row.key.server in trusted, each.holder.user, each.holder.host, each.state)
        if not trusted:
            assert all(row.seat is SeatState.UNKNOWN for row in self.store.sessions.values())

    def _check_holder(self, trusted: bool, user: str, host: str, state: SeatState) -> None:
        nodes = [row for row in self.store.nodes.values() if host in (row.id, row.host)]
        if len(nodes) != 1 or not trusted or not is_heard(nodes[0].liveness):
            assert state is SeatState.UNKNOWN or not nodes, "a seat is judged that nothing is known of"
            return
        alive = any(
            self.store.sessions[key].body.user == user and self.store.sessions[key].body.state in ALIVE
            for key in nodes[0].sessions
        )
        assert (state is SeatState.HELD) == alive

    @invariant()
    def pools_belong_to_their_server(self) -> None:
        listed = [key for row in self.store.licenses.values() for key in row.pools]
        assert sorted(listed) == sorted(self.store.pools)
        for key, row in self.store.pools.items():
            assert row.liveness is self.store.licenses[key.server].liveness

    @invariant()
    def everything_can_be_told(self) -> None:
        summary = summarize(self.store)
        assert summary.nodes.total == len(self.store.nodes)
        assert sum(summary.sessions.by_state.values()) == len(self.store.sessions)
        assert all(finding.text for finding in findings(self.store))
        assert all("None" not in event.text for event in self.store.events)


def painted(row: Row | UserRow) -> tuple[Any, ...]:
    """All that can be painted of a row, its revision first."""
    values = (getattr(row, name) for name in row.__struct_fields__ if name not in UNPAINTED | {"rev"})
    return (row.rev, *(repr(list(value) if isinstance(value, dict) else value) for value in values))


def told(row: SessionRow) -> tuple[Any, ...]:
    """What is told of a session and doesn't walk by itself."""
    body = row.body
    return body.user, body.state, body.name, body.command, body.app, body.geometry


TestBus = Bus.TestCase
TestBus.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_any_interleaving_of_snapshots_ends_in_what_the_last_one_says() -> None:
    site = Site()
    site.snapshot("n1", "s1", "s2")
    site.session("n1", "s3")
    site.raw(subjects.build(CLUSTER, "sessions", "n1"), json.dumps({"v": 1}).encode())
    site.snapshot("n1", "s2", "s4")
    row: NodeRow = site.store.nodes[NodeId("n1")]
    assert {key.session for key in row.sessions} == {"s2", "s4"}
