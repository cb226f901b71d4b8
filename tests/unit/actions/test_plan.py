"""Plans: exactly who is concerned, who is left out and why, and what must be typed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from fxtop.actions.export import fingerprint, plan_data
from fxtop.actions.model import Confirmation, Intent, Plan, Refused
from fxtop.actions.plan import plan, plan_balance, with_words
from fxtop.cluster.records import SessionKey
from fxtop.cluster.voices import Voice, VoiceKey
from fxtop.protocol.control import DrainArgs, MessageArgs, Move, RebalanceArgs, RebalancePlan, TerminateArgs
from fxtop.protocol.ids import NodeId, PlanId, SessionId
from tests.unit.actions.site import INTERVAL, Site, key


@pytest.fixture
def site() -> Site:
    site = Site()
    for node in ("viz01", "viz02", "viz03"):
        site.node(node)
    return site


def nodes(*names: str) -> tuple[NodeId, ...]:
    return tuple(NodeId(name) for name in names)


def make(site: Site, verb: Any, **fields: Any) -> Plan:
    return plan(Intent(verb, **fields), site.store, clock=site.clock)


def refusal(site: Site, verb: Any, **fields: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        make(site, verb, **fields)
    return refused.value


class TestDrain:
    def test_sends_one_request_to_each_node_in_the_order_named(self, site: Site) -> None:
        made = make(site, "drain", nodes=nodes("viz02", "viz01", "viz02"))
        assert [(step.target, step.verb) for step in made.steps] == [("viz02", "drain"), ("viz01", "drain")]
        assert made.steps[0].args == DrainArgs(deadline=None, then="wait")
        assert made.cluster == "prod"

    @pytest.mark.parametrize(
        ("then", "ahead", "summary"),
        [
            ("wait", None, "drain, and wait for its sessions to end"),
            ("wait", 3600, "drain, and wait for its sessions to end, which they should by 2025-10-09 09:53 UTC"),
            ("terminate", None, "drain, and end the sessions that are left at once"),
            ("terminate", 3600, "drain, and end the sessions that are left at 2025-10-09 09:53 UTC"),
        ],
    )
    def test_says_what_happens_to_the_sessions_and_when(
        self, site: Site, then: Any, ahead: float | None, summary: str
    ) -> None:
        deadline = None if ahead is None else site.clock.now() + ahead
        step = make(site, "drain", nodes=nodes("viz01"), then=then, deadline=deadline).steps[0]
        assert step.args == DrainArgs(deadline=deadline, then=then)
        assert step.summary == summary

    def test_an_unknown_node_is_refused_with_the_nearest_name(self, site: Site) -> None:
        refused = refusal(site, "drain", nodes=nodes("viz01", "vis02"))
        assert refused.code == "unknown_node"
        assert refused.sentence == "There is no node 'vis02' in cluster prod. Did you mean viz02?"

    def test_an_unknown_node_like_no_other_is_refused(self, site: Site) -> None:
        assert refusal(site, "drain", nodes=nodes("db")).sentence == "There is no node 'db' in cluster prod."

    def test_where_nobody_answered_it_is_not_said_that_there_is_no_such_node(self) -> None:
        sentence = refusal(Site(), "drain", nodes=nodes("viz01")).sentence
        assert sentence.startswith("Nobody answered on cluster prod, so nothing is known of a node 'viz01': no agent")

    def test_a_lost_node_is_left_out_and_the_rest_goes_on(self, site: Site) -> None:
        site.pass_time(INTERVAL * 20)
        site.node("viz02")
        made = make(site, "drain", nodes=nodes("viz01", "viz02"))
        assert [step.target for step in made.steps] == ["viz02"]
        assert made.skipped == (
            ("viz01", "viz01 was last heard 1 minute 40 seconds ago; nobody there can carry this out."),
        )

    def test_a_node_that_left_is_left_out(self, site: Site) -> None:
        site.tell("bye.node", "viz01", ts=site.clock.now())
        site.pass_time(3)
        refused = refusal(site, "drain", nodes=nodes("viz01"))
        assert refused.code == "nothing"
        assert "viz01 said goodbye 3 seconds ago; nobody there can carry this out." in refused.sentence

    def test_a_node_without_an_agent_is_left_out(self, site: Site) -> None:
        heard = Voice(key=VoiceKey("MOL", "fx-a"), protocol="4", heard=site.clock.monotonic(), interval=10.0)
        site.store.overhear([heard])
        made = make(site, "drain", nodes=nodes("viz01", "fx-a"))
        assert [step.target for step in made.steps] == ["viz01"]
        ((name, sentence),) = made.skipped
        assert (name, "no fxtop agent" in sentence) == ("fx-a", True)

    def test_a_draining_node_is_left_out_and_says_who_drains_it(self, site: Site) -> None:
        drain = {"by": "bob", "reason": "kernel update", "since": 1.0}
        site.node("viz01", state="draining", drain=drain)
        refused = refusal(site, "drain", nodes=nodes("viz01"))
        assert refused.code == "nothing"
        assert refused.sentence == "There is nothing to drain. viz01 is draining already, by bob: kernel update."

    def test_a_drained_node_has_nothing_left_to_end(self, site: Site) -> None:
        site.node("viz01", state="drained", drain={"by": "bob", "reason": "x", "since": 1.0})
        refused = refusal(site, "drain", nodes=nodes("viz01"), then="terminate")
        assert "viz01 is drained already: no session is left on it." in refused.sentence

    def test_ending_the_sessions_of_a_draining_node_is_a_change(self, site: Site) -> None:
        site.node("viz01", state="draining", drain={"by": "bob", "reason": "x", "since": 1.0})
        site.session("viz01/a")
        made = make(site, "drain", nodes=nodes("viz01"), then="terminate")
        assert made.steps[0].args == DrainArgs(deadline=None, then="terminate")

    def test_another_deadline_for_a_draining_node_is_a_change(self, site: Site) -> None:
        soon = site.clock.now() + 600
        site.node("viz01", state="draining", drain={"by": "bob", "reason": "x", "since": 1.0, "deadline": soon})
        assert make(site, "drain", nodes=nodes("viz01"), deadline=soon + 60).steps
        assert refusal(site, "drain", nodes=nodes("viz01"), deadline=soon).code == "nothing"

    def test_sessions_that_end_with_it_are_named_in_the_step(self, site: Site) -> None:
        site.session("viz01/b", user="bob")
        site.session("viz01/a", user="ann")
        site.session("viz02/c")
        made = make(site, "drain", nodes=nodes("viz01"), then="terminate")
        assert made.steps[0].sessions == (key("viz01/a"), key("viz01/b"))
        assert made.consequences.sessions == (key("viz01/a"), key("viz01/b"))
        assert make(site, "drain", nodes=nodes("viz01")).steps[0].sessions == ()

    @pytest.mark.parametrize("deadline", [0.0, 1e18, -math.inf, math.inf, math.nan])
    def test_a_deadline_must_still_come(self, site: Site, deadline: float) -> None:
        assert refusal(site, "drain", nodes=nodes("viz01"), deadline=deadline).code == "deadline"

    def test_no_target_is_refused(self, site: Site) -> None:
        refused = refusal(site, "drain")
        assert (refused.code, refused.sentence) == ("no_target", "Name at least one node to drain.")

    def test_a_long_list_of_left_out_targets_is_cut_short(self, site: Site) -> None:
        names = [f"old{number}" for number in range(5)]
        for name in names:
            site.node(name, state="drained")
        sentence = refusal(site, "drain", nodes=nodes(*names)).sentence
        assert sentence.count("drained already") == 3
        assert sentence.endswith("So it is with 2 more.")


class TestResume:
    def test_resumes_what_drains_or_is_drained(self, site: Site) -> None:
        site.node("viz01", state="draining")
        site.node("viz02", state="drained")
        made = make(site, "resume", nodes=nodes("viz01", "viz02"))
        assert [(step.target, step.verb) for step in made.steps] == [("viz01", "resume"), ("viz02", "resume")]

    def test_an_active_node_is_left_out(self, site: Site) -> None:
        refused = refusal(site, "resume", nodes=nodes("viz01"))
        assert refused.sentence.endswith("viz01 is not draining: it takes new sessions already.")


class TestTerminate:
    def test_is_split_by_node(self, site: Site) -> None:
        wanted = [site.session("viz02/x", user="cleo"), site.session("viz01/a"), site.session("viz02/y", user="bob")]
        made = make(site, "terminate", sessions=tuple(wanted), grace=5.0)
        assert [step.target for step in made.steps] == ["viz02", "viz01"]
        args = made.steps[0].args
        assert isinstance(args, TerminateArgs)
        assert (args.sessions, args.grace) == (["x", "y"], 5.0)
        assert made.steps[0].sessions == (key("viz02/x"), key("viz02/y"))
        assert made.steps[0].summary == "terminate 2 sessions of bob and cleo"

    def test_names_each_session_once(self, site: Site) -> None:
        one = site.session("viz01/a")
        made = make(site, "terminate", sessions=(one, one))
        assert made.steps[0].sessions == (one,)

    def test_is_split_in_parts_of_500(self, site: Site) -> None:
        wanted = tuple(site.session(f"viz01/s{number:04}") for number in range(1001))
        made = make(site, "terminate", sessions=wanted)
        sizes = [len(step.args.sessions) for step in made.steps if isinstance(step.args, TerminateArgs)]
        assert sizes == [500, 500, 1]
        assert tuple(k for step in made.steps for k in step.sessions) == wanted

    def test_pending_sessions_may_be_terminated(self, site: Site) -> None:
        waiting = site.session("viz01/p", state="pending", pending={"scheduler": "slurm"})
        assert make(site, "terminate", sessions=(waiting,)).steps[0].sessions == (waiting,)

    def test_sessions_that_ended_meanwhile_are_left_out(self, site: Site) -> None:
        here, gone = site.session("viz01/a"), site.session("viz01/b")
        site.session("viz01/b", state="ended")
        made = make(site, "terminate", sessions=(gone, here))
        assert made.consequences.sessions == (here,)
        assert made.skipped == (("viz01/b", "There is no session viz01/b: it may have ended meanwhile."),)

    def test_it_is_refused_when_none_is_left(self, site: Site) -> None:
        refused = refusal(site, "terminate", sessions=(key("viz01/a"), key("viz02/b")))
        assert refused.code == "nothing"
        assert "There is no session viz01/a" in refused.sentence

    def test_sessions_of_a_lost_node_are_left_out(self, site: Site) -> None:
        wanted = site.session("viz01/a")
        site.pass_time(INTERVAL * 20)
        refused = refusal(site, "terminate", sessions=(wanted,))
        assert "viz01 was last heard" in refused.sentence

    def test_a_session_on_an_unknown_node_is_refused(self, site: Site) -> None:
        assert refusal(site, "terminate", sessions=(key("vix01/a"),)).code == "unknown_node"

    @pytest.mark.parametrize("grace", [-1.0, 601.0, math.nan, math.inf])
    def test_the_grace_has_bounds(self, site: Site, grace: float) -> None:
        refused = refusal(site, "terminate", sessions=(site.session("viz01/a"),), grace=grace)
        assert (refused.code, "give 0 to 600 s" in refused.sentence) == ("grace", True)


class TestMessage:
    def test_reaches_all_of_a_node(self, site: Site) -> None:
        site.session("viz01/a")
        site.session("viz01/b", user="bob")
        made = make(site, "message", nodes=nodes("viz01"), text="  Save your work. ")
        assert made.steps[0].args == MessageArgs(sessions=None, text="Save your work.")
        assert made.consequences.users == ("ann", "bob")

    def test_reaches_single_sessions_by_node(self, site: Site) -> None:
        wanted = (site.session("viz01/a"), site.session("viz02/b"), site.session("viz01/c"))
        made = make(site, "message", sessions=wanted, text="hello")
        assert [(step.target, step.sessions) for step in made.steps] == [
            ("viz01", (wanted[0], wanted[2])),
            ("viz02", (wanted[1],)),
        ]

    def test_tells_nobody_twice(self, site: Site) -> None:
        one = site.session("viz01/a")
        made = make(site, "message", nodes=nodes("viz01"), sessions=(one,), text="hello")
        assert len(made.steps) == 1
        assert made.consequences.sessions == (one,)

    def test_a_session_without_a_screen_is_left_out(self, site: Site) -> None:
        waiting = site.session("viz01/p", state="pending")
        refused = refusal(site, "message", sessions=(waiting,), text="hello")
        assert "viz01/p is pending: it has no screen that could show a message." in refused.sentence

    def test_a_node_without_a_screen_is_left_out(self, site: Site) -> None:
        refused = refusal(site, "message", nodes=nodes("viz01"), text="hello")
        assert "Nobody on viz01 has a session that could show a message." in refused.sentence

    @pytest.mark.parametrize(("text", "says"), [("", "is empty"), (" \n ", "is empty"), ("x" * 1025, "too long")])
    def test_the_text_is_required_and_bounded(self, site: Site, text: str, says: str) -> None:
        site.session("viz01/a")
        refused = refusal(site, "message", nodes=nodes("viz01"), text=text)
        assert (refused.code, says in refused.sentence) == ("text", True)

    def test_the_text_that_is_shown_is_the_text_that_is_sent(self, site: Site) -> None:
        site.session("viz01/a")
        made = make(site, "message", nodes=nodes("viz01"), text="now\x1b[2J")
        assert made.intent.text == "now·[2J"
        assert made.steps[0].args == MessageArgs(sessions=None, text="now·[2J")

    def test_no_target_is_refused(self, site: Site) -> None:
        assert refusal(site, "message", text="hello").sentence == "Name at least one node or session to message."


class TestConfirmation:
    def test_a_few_targets_need_a_key_only(self, site: Site) -> None:
        assert make(site, "drain", nodes=nodes("viz01", "viz02")).confirmation == Confirmation("press")

    @pytest.mark.parametrize(("number", "kind"), [(10, "press"), (11, "type")])
    def test_over_ten_nodes_their_number_must_be_typed(self, site: Site, number: int, kind: str) -> None:
        names = [site.node(f"n{each:02}") for each in range(number)]
        confirmation = make(site, "drain", nodes=tuple(names)).confirmation
        assert confirmation.kind == kind
        if kind == "type":
            assert confirmation.expect == "11"
            assert confirmation.why == "This concerns 11 nodes, more than 10 at once."

    def test_over_ten_sessions_their_number_must_be_typed(self, site: Site) -> None:
        wanted = tuple(site.session(f"viz01/s{number}") for number in range(11))
        assert make(site, "terminate", sessions=wanted).confirmation.expect == "11"
        assert make(site, "message", sessions=wanted, text="x").confirmation.expect == "11"

    def test_targets_that_are_left_out_don_t_count(self, site: Site) -> None:
        wanted = [site.session(f"viz01/s{number}") for number in range(10)]
        made = make(site, "terminate", sessions=(*wanted, key("viz01/gone")))
        assert made.confirmation.kind == "press"

    def test_sessions_that_end_with_a_drain_count(self, site: Site) -> None:
        for number in range(12):
            site.session(f"viz01/s{number}")
        assert make(site, "drain", nodes=nodes("viz01")).confirmation.kind == "press"
        ending = make(site, "drain", nodes=nodes("viz01"), then="terminate").confirmation
        assert (ending.kind, ending.expect) == ("type", "12")

    def test_the_bound_can_be_set(self, site: Site) -> None:
        made = plan(Intent("drain", nodes=nodes("viz01", "viz02")), site.store, clock=site.clock, bulk=1)
        assert made.confirmation.expect == "2"

    def test_the_last_launcher_must_be_named(self, site: Site) -> None:
        site.node("viz02", state="draining")
        site.node("viz03", services=("manager",))
        confirmation = make(site, "drain", nodes=nodes("viz01")).confirmation
        assert confirmation.kind == "type"
        assert confirmation.expect == "viz01"
        assert confirmation.why == "No node that is known to take new sessions is left after this."

    def test_the_last_launchers_must_be_counted(self, site: Site) -> None:
        confirmation = make(site, "drain", nodes=nodes("viz01", "viz02", "viz03")).confirmation
        assert (confirmation.kind, confirmation.expect) == ("type", "3")

    def test_a_silent_launcher_is_not_counted_on(self, site: Site) -> None:
        site.pass_time(INTERVAL * 4)
        site.node("viz01")
        assert make(site, "drain", nodes=nodes("viz01")).confirmation.expect == "viz01"

    def test_a_launcher_of_weight_zero_is_not_counted_on(self, site: Site) -> None:
        site.node("viz02", weight=0.0)
        site.node("viz03", weight=0.0)
        assert make(site, "drain", nodes=nodes("viz01")).confirmation.expect == "viz01"

    def test_a_node_that_doesn_t_say_whether_it_launches_is_not_counted_on(self) -> None:
        site = Site()
        site.node("viz01")
        site.node("viz02", services=None)
        assert make(site, "drain", nodes=nodes("viz01")).confirmation.expect == "viz01"

    def test_a_node_without_a_launcher_is_never_the_last(self) -> None:
        site = Site()
        site.node("mgr1", services=("manager",))
        assert make(site, "drain", nodes=nodes("mgr1")).confirmation.kind == "press"


class TestWords:
    def test_a_plan_can_be_made_before_its_reason_is_known(self, site: Site) -> None:
        made = make(site, "drain", nodes=nodes("viz01"))
        worded = with_words(made, "  kernel update ", " INC-42 ")
        assert (worded.intent.reason, worded.intent.ticket) == ("kernel update", "INC-42")
        assert replace(worded, intent=made.intent) == made
        assert fingerprint(worded) != fingerprint(made)

    def test_no_ticket_is_none(self, site: Site) -> None:
        assert with_words(make(site, "drain", nodes=nodes("viz01")), "x", "  ").intent.ticket is None

    @pytest.mark.parametrize(("reason", "ticket", "code"), [("x" * 1025, None, "reason"), ("x", "y" * 257, "ticket")])
    def test_words_have_bounds(self, site: Site, reason: str, ticket: str | None, code: str) -> None:
        made = make(site, "drain", nodes=nodes("viz01"))
        with pytest.raises(Refused, match="is too long") as refused:
            with_words(made, reason, ticket)
        assert refused.value.code == code

    def test_words_can_t_act_on_a_terminal(self, site: Site) -> None:
        made = make(site, "drain", nodes=nodes("viz01"), reason="a\x1b]0;b", ticket="\u202ex")
        assert (made.intent.reason, made.intent.ticket) == ("a·]0;b", "·x")


class TestFrozen:
    def test_the_cluster_may_move_and_the_plan_may_not(self, site: Site) -> None:
        ann, bob = site.session("viz01/a"), site.session("viz01/b", user="bob")
        drain = make(site, "drain", nodes=nodes("viz01"), then="terminate")
        end = make(site, "terminate", sessions=(ann, bob))
        before = [fingerprint(drain), fingerprint(end)]
        site.session("viz01/a", state="ended")
        site.session("viz01/c", user="cleo")
        site.node("viz01", state="draining")
        site.tell("bye.node", "viz01", ts=site.clock.now())
        assert [fingerprint(drain), fingerprint(end)] == before
        assert drain.steps[0].sessions == (ann, bob)

    def test_two_plans_are_never_the_same(self, site: Site) -> None:
        one, other = (make(site, "drain", nodes=nodes("viz01")) for _ in range(2))
        assert one.id != other.id

    def test_a_plan_is_plain_data_with_the_names_of_its_fields(self, site: Site) -> None:
        made = make(site, "terminate", sessions=(site.session("viz01/a"),))
        data = msgspec.json.decode(msgspec.json.encode(plan_data(made)))
        assert data["steps"][0]["args"] == {"sessions": ["a"], "grace": 10.0}
        assert data["consequences"]["sessions"] == [["viz01", "a"]]
        assert "born" not in data


def balance(site: Site, **fields: Any) -> RebalancePlan:
    defaults: dict[str, Any] = {
        "plan": PlanId("p1"),
        "expires": site.clock.now() + 60,
        "weights": {"viz01": 0.5, "viz02": 2.0},
    }
    return RebalancePlan(**(defaults | fields))


def move(session: str, from_: str, to: str) -> Move:
    return Move(session=SessionId(session), from_=NodeId(from_), to=NodeId(to))


class TestRebalance:
    def test_one_request_goes_to_the_managers(self, site: Site) -> None:
        waiting = site.session("viz01/p", state="pending")
        manager = balance(site, moves=[move("p", "viz01", "viz02")], notes=["Balanced in two hours."])
        made = plan_balance(Intent("rebalance"), manager, site.store, clock=site.clock)
        assert [(step.target, step.verb) for step in made.steps] == [("manager", "rebalance")]
        assert made.steps[0].args == RebalanceArgs(plan=PlanId("p1"))
        assert made.steps[0].summary == "set the weights of 2 nodes, requeue 1 pending session"
        assert made.steps[0].sessions == (SessionKey(NodeId("viz01"), SessionId("p")),)
        assert made.consequences.sessions == (waiting,)
        assert made.balance == manager
        assert made.confirmation.kind == "press"
        assert made.consequences.notes[0].startswith("Running sessions stay where they are")

    def test_many_moves_must_be_counted(self, site: Site) -> None:
        moves = [move(f"p{number}", "viz01", "viz02") for number in range(11)]
        made = plan_balance(Intent("rebalance"), balance(site, moves=moves), site.store, clock=site.clock)
        assert made.confirmation.expect == "11"

    def test_a_plan_that_changes_nothing_is_none(self, site: Site) -> None:
        manager = balance(site, weights={"viz01": 1.0, "viz02": 1.0004}, notes=["All even."])
        with pytest.raises(Refused, match=r"balanced by sessions already: .* They say: All even\.") as refused:
            plan_balance(Intent("rebalance"), manager, site.store, clock=site.clock)
        assert refused.value.code == "nothing"

    def test_a_plan_that_has_expired_is_refused(self, site: Site) -> None:
        with pytest.raises(Refused) as refused:
            plan_balance(Intent("rebalance"), balance(site, expires=site.clock.now()), site.store, clock=site.clock)
        assert refused.value.code == "stale"

    def test_nodes_that_nobody_heard_of_are_told(self, site: Site) -> None:
        made = plan_balance(Intent("rebalance"), balance(site, weights={"new": 2.0}), site.store, clock=site.clock)
        assert "The plan names new, of which nothing was heard here." in made.consequences.notes

    def test_how_long_it_takes_is_told_where_it_is_known(self, site: Site) -> None:
        made = plan_balance(Intent("rebalance"), balance(site, eta=7200.0), site.store, clock=site.clock)
        assert "At the present rate of starts the balance is reached in 2 hours." in made.consequences.notes

    def test_it_can_t_be_planned_without_a_manager(self, site: Site) -> None:
        with pytest.raises(ValueError, match="without a manager"):
            make(site, "rebalance")
