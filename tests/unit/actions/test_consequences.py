"""What comes of a plan: whom it concerns, what is left, who else is at it, and what nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from fxtop.actions.model import Consequences, Intent
from fxtop.actions.plan import plan
from fxtop.cluster.records import SessionKey
from fxtop.protocol.ids import NodeId, PublicKey, RequestId, SessionId
from tests.unit.actions.site import INTERVAL, Site, key


@pytest.fixture
def site() -> Site:
    site = Site()
    site.node("viz01", running=4)
    site.node("viz02", running=12)
    site.node("viz03", capacity=20, running=5)
    return site


def foresee(site: Site, verb: Any, *targets: str, **fields: Any) -> Consequences:
    sessions = tuple(key(name) for name in targets if "/" in name)
    nodes = tuple(NodeId(name) for name in targets if "/" not in name)
    intent = Intent(verb, nodes=nodes, sessions=sessions, **fields)
    return plan(intent, site.store, clock=site.clock).consequences


def job(site: Site, verb: str, target: str, *sessions: str, mine: bool = False, operator: str = "bob") -> None:
    """An unfinished job of another operator, or of ours."""
    if mine:
        site.store.book.open(
            request=RequestId("r-mine"), plan="p", verb=verb, target=target,
            sessions=[SessionId(name) for name in sessions], operator="ann", key=PublicKey("U"), reason="mine",
            ticket=None,
        )  # fmt: skip
        return
    site.tell(
        "audit", target, request=f"r-{operator}-{verb}-{target}", operator=operator, verb=verb,
        args={"sessions": list(sessions)} if sessions else {}, reason="kernel update", decision="accepted",
        ts=site.clock.now(),
    )  # fmt: skip


class TestWhom:
    def test_users_and_sessions_are_named_once_and_in_order(self, site: Site) -> None:
        for name, user in (("viz01/b", "bob"), ("viz01/a", "ann"), ("viz01/c", "ann")):
            site.session(name, user=user)
        found = foresee(site, "drain", "viz01")
        assert found.sessions == (key("viz01/a"), key("viz01/b"), key("viz01/c"))
        assert found.users == ("ann", "bob")

    def test_a_drain_says_that_sessions_go_on(self, site: Site) -> None:
        site.session("viz01/a")
        site.session("viz01/p", state="pending")
        notes = foresee(site, "drain", "viz01").notes
        assert "2 sessions of ann will go on until their users end them." in notes
        assert "1 of them is pending: a rebalance can send them elsewhere." in notes

    def test_a_drain_of_an_empty_node_says_nothing_of_sessions(self, site: Site) -> None:
        assert foresee(site, "drain", "viz01").notes == ()

    def test_a_drain_that_ends_sessions_says_so(self, site: Site) -> None:
        site.session("viz01/a", clients=1)
        site.session("viz01/b", user="bob", clients=0)
        notes = foresee(site, "drain", "viz01", then="terminate").notes
        assert "2 sessions of ann and bob will end." in notes
        assert "1 of them has a client connected now." in notes

    def test_who_is_connected_may_be_unknown(self, site: Site) -> None:
        site.session("viz01/a", clients=None)
        notes = foresee(site, "terminate", "viz01/a").notes
        assert "It is not known whether anybody is connected to 1 of them." in notes

    @pytest.mark.parametrize(
        ("state", "note"),
        [
            ("pending", "1 pending: never started, and will be taken out of the queue."),
            ("ending", "1 ending: began to end already."),
            ("ghost", "1 ghost: left only files behind, which will be removed."),
            ("orphan", "1 orphan: without a session directory."),
        ],
    )
    def test_sessions_in_odd_states_are_told(self, site: Site, state: str, note: str) -> None:
        site.session("viz01/a", state=state)
        assert note in foresee(site, "terminate", "viz01/a").notes

    def test_ending_somebody_else_s_drain_is_told(self, site: Site) -> None:
        site.node("viz01", state="draining", drain={"by": "bob", "reason": "kernel update", "since": 1.0})
        assert foresee(site, "resume", "viz01").notes == ("This ends a drain by bob: kernel update.",)

    def test_a_node_that_is_silent_may_not_answer(self, site: Site) -> None:
        site.pass_time(INTERVAL * 4)
        notes = foresee(site, "drain", "viz01").notes
        assert "viz01 was last heard 20 seconds ago: what is shown of it may be old, and it may not answer." in notes

    def test_a_node_known_by_its_sessions_only_is_told(self, site: Site) -> None:
        site.session("new/a")
        notes = foresee(site, "drain", "new").notes
        assert "No heartbeat of new was heard yet: what it does now is not known." in notes


class TestRoom:
    def test_what_is_left_after_a_drain(self, site: Site) -> None:
        found = foresee(site, "drain", "viz01")
        assert found.launchers_left == 2
        assert found.capacity_left == 15  # viz02 is over its capacity and leaves none, not less

    def test_what_is_left_after_a_resume(self, site: Site) -> None:
        site.node("viz01", state="draining", running=4)
        found = foresee(site, "resume", "viz01")
        assert (found.launchers_left, found.capacity_left) == (3, 6 + 15)

    def test_ended_sessions_leave_room(self, site: Site) -> None:
        site.session("viz01/a")
        assert foresee(site, "terminate", "viz01/a").capacity_left == 7 + 15

    def test_room_is_unknown_where_one_capacity_is(self, site: Site) -> None:
        site.node("viz03", capacity=None)
        found = foresee(site, "drain", "viz01")
        assert found.capacity_left is None
        assert "How much room is left can't be told: the capacity of viz03 is not known." in found.notes

    def test_the_unknown_capacity_of_a_drained_node_doesn_t_matter(self, site: Site) -> None:
        site.node("viz01", capacity=None)
        assert foresee(site, "drain", "viz01").capacity_left == 15

    def test_nodes_that_don_t_say_whether_they_launch_are_told(self, site: Site) -> None:
        site.node("new", services=None)
        found = foresee(site, "drain", "viz01")
        assert found.launchers_left == 3
        assert "1 of the 3 nodes left don't say whether they have a launcher." in found.notes

    def test_nothing_left_is_zero_and_not_unknown(self, site: Site) -> None:
        found = foresee(site, "drain", "viz01", "viz02", "viz03")
        assert (found.launchers_left, found.capacity_left) == (0, 0)


class TestSeats:
    def test_seats_of_ended_sessions_come_free(self, site: Site) -> None:
        site.session("viz01/a")
        site.session("viz02/b", user="bob")
        site.licenses(("ann", "viz01.example.edu", 2), ("bob", "viz02", 1), ("cleo", "viz03", 4))
        assert foresee(site, "terminate", "viz01/a", "viz02/b").seats_freed == 3
        assert foresee(site, "drain", "viz01", then="terminate").seats_freed == 2

    def test_a_drain_that_waits_frees_none(self, site: Site) -> None:
        site.session("viz01/a")
        site.licenses(("ann", "viz01", 2))
        assert foresee(site, "drain", "viz01").seats_freed == 0

    def test_a_session_without_a_seat_frees_none(self, site: Site) -> None:
        site.session("viz01/a")
        site.licenses(("bob", "viz02", 1))
        assert foresee(site, "terminate", "viz01/a").seats_freed == 0

    def test_a_pending_session_frees_none(self, site: Site) -> None:
        site.session("viz01/p", state="pending")
        assert foresee(site, "terminate", "viz01/p").seats_freed == 0

    def test_without_a_licence_server_it_is_unknown(self, site: Site) -> None:
        site.session("viz01/a")
        found = foresee(site, "terminate", "viz01/a")
        assert found.seats_freed is None
        assert any(note.startswith("It is not known which seats come free") for note in found.notes)

    def test_where_the_user_keeps_another_session_there_it_is_unknown(self, site: Site) -> None:
        site.session("viz01/a")
        site.session("viz01/b")
        site.licenses(("ann", "viz01", 1))
        found = foresee(site, "terminate", "viz01/a")
        assert found.seats_freed is None
        assert any("some of these users keep other sessions on the same node" in note for note in found.notes)
        assert foresee(site, "terminate", "viz01/a", "viz01/b").seats_freed == 1

    def test_a_pending_session_of_the_same_user_holds_nothing(self, site: Site) -> None:
        site.session("viz01/a")
        site.session("viz01/p", state="pending")
        site.licenses(("ann", "viz01", 1))
        assert foresee(site, "terminate", "viz01/a").seats_freed == 1

    def test_several_holders_of_one_user_count_once_each(self, site: Site) -> None:
        site.session("viz01/a")
        site.session("viz01/b")
        site.licenses(("ann", "viz01", 1), ("ann", "viz01", 1))
        assert foresee(site, "terminate", "viz01/a", "viz01/b").seats_freed == 2

    def test_a_silent_licence_server_makes_it_unknown(self, site: Site) -> None:
        site.licenses(("ann", "viz01", 1))
        site.pass_time(30 * 7)
        site.node("viz01")
        site.session("viz01/a")
        assert foresee(site, "terminate", "viz01/a").seats_freed is None


class TestConflicts:
    def test_another_operator_on_the_same_node_is_named(self, site: Site) -> None:
        job(site, "drain", "viz01")
        notes = foresee(site, "drain", "viz01").notes
        assert notes[0] == "bob's drain of viz01 is not finished (accepted): kernel update."

    def test_one_s_own_job_is_called_so(self, site: Site) -> None:
        job(site, "drain", "viz01", mine=True)
        assert foresee(site, "drain", "viz01").notes[0] == "Your own drain of viz01 is not finished (requested): mine."

    def test_jobs_on_other_nodes_are_not_told(self, site: Site) -> None:
        job(site, "drain", "viz02")
        assert foresee(site, "drain", "viz01").notes == ()

    def test_another_operator_on_the_same_session_is_named(self, site: Site) -> None:
        site.session("viz01/a", clients=0)
        site.session("viz01/b", clients=0)
        job(site, "terminate", "viz01", "a")
        assert foresee(site, "terminate", "viz01/a").notes[0].startswith("bob's terminate of viz01")
        assert not any("bob" in note for note in foresee(site, "terminate", "viz01/b").notes)

    def test_a_drain_of_the_session_s_node_is_named(self, site: Site) -> None:
        site.session("viz01/a", clients=0)
        job(site, "drain", "viz01")
        assert foresee(site, "terminate", "viz01/a").notes[0].startswith("bob's drain of viz01")

    def test_finished_jobs_are_not_told(self, site: Site) -> None:
        job(site, "drain", "viz01")
        site.store.fold([site.progress("r-bob-drain-viz01", "viz01", "drain", "done")])
        assert foresee(site, "drain", "viz01").notes == ()

    def test_many_jobs_are_counted(self, site: Site) -> None:
        for operator in ("a", "b", "c", "d", "e", "f", "g"):
            job(site, "drain", "viz01", operator=operator)
        notes = foresee(site, "drain", "viz01").notes
        assert sum("drain of viz01" in note for note in notes) == 5
        assert "Not finished either: 2 other jobs on these targets." in notes

    def test_a_session_keyed_alike_on_another_node_is_another(self, site: Site) -> None:
        site.session("viz02/a", clients=0)
        job(site, "terminate", "viz01", "a")
        assert SessionKey(NodeId("viz02"), SessionId("a")) in site.store.sessions
        assert not any("bob" in note for note in foresee(site, "terminate", "viz02/a").notes)
