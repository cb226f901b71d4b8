"""What a plan promises: weights in bounds, nobody lost, nothing for nodes that drain (protocol 4)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.manager.fleet import Fleet, FleetNode, Waiting
from fxtop.agent.manager.plan import LEAST_WEIGHT, PLAN_LIFE, NoNodes, make_plan
from fxtop.agent.manager.shares import level, share_out, whole
from fxtop.agent.manager.shelf import KEPT, KEPT_FOR, PlanShelf, SharedPlan
from fxtop.protocol.control import Policy
from fxtop.protocol.ids import NodeId, SessionId
from tests.unit.agent.kit import SetClock

NOW = 1_800_000_000.0
POLICIES: tuple[Policy, ...] = ("sessions", "load", "memory")


def node(id_: str, sessions: int = 0, **fields: object) -> FleetNode:
    settled: dict[str, object] = {
        "taking": True,
        "capacity": 20,
        "weight": 1.0,
        "cores": 32,
        "load": 1.0 * sessions,
        "mem_used": 1000 * sessions,
        "mem_total": 100_000,
    }
    return FleetNode(id=NodeId(id_), sessions=sessions, **(settled | fields))  # type: ignore[arg-type]  # by name


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    nodes = [
        FleetNode(
            id=NodeId(f"n{number:02}"),
            taking=draw(st.booleans()),
            sessions=draw(st.integers(0, 60)),
            capacity=draw(st.none() | st.integers(0, 40)),
            weight=draw(st.floats(0, 10)),
            cores=draw(st.integers(1, 128)),
            load=draw(st.floats(0, 300)),
            mem_used=draw(st.integers(0, 2**40)),
            mem_total=draw(st.integers(1, 2**40)),
        )
        for number in range(draw(st.integers(1, 8)))
    ]
    waiting = [
        Waiting(SessionId(f"{one.id}-{number}"), one.id, NOW - number)
        for one in nodes
        for number in range(draw(st.integers(0, one.sessions)))
    ]
    starts = draw(st.none() | st.just(0.0) | st.floats(0.001, 1))
    return Fleet(nodes=tuple(nodes), waiting=tuple(waiting), starts=starts)


@given(fleets(), st.sampled_from(POLICIES))
def test_a_plan_keeps_its_promises(fleet: Fleet, policy: Policy) -> None:
    taking = {one.id for one in fleet.nodes if one.placing}
    if not taking:
        with pytest.raises(NoNodes):
            make_plan(policy, fleet, NOW)
        return
    plan = make_plan(policy, fleet, NOW)
    assert all(0 <= weight <= 10 for weight in plan.weights.values())
    assert all((plan.weights[one.id] == 0) == (not one.placing) for one in fleet.nodes)
    assert all(plan.weights[id_] >= LEAST_WEIGHT for id_ in taking)
    assert sum(plan.after.values()) == sum(plan.before.values())
    assert all(plan.after[one.id] == 0 for one in fleet.nodes if not one.placing)
    assert all(count >= 0 and count == int(count) for count in plan.after.values())
    assert set(plan.before) == set(plan.after) == set(plan.weights) == {one.id for one in fleet.nodes}
    assert plan.eta is None or (plan.eta >= 0 and math.isfinite(plan.eta))
    assert plan.expires > NOW


@given(fleets(), st.sampled_from(POLICIES))
def test_moves_take_each_waiting_session_once_and_only_where_sessions_are_taken(fleet: Fleet, policy: Policy) -> None:
    taking = {one.id for one in fleet.nodes if one.placing}
    if not taking:
        return
    moves = make_plan(policy, fleet, NOW).moves
    homes = {pending.session: pending.node for pending in fleet.waiting}
    assert len({move.session for move in moves}) == len(moves)
    assert all(homes[move.session] == move.from_ != move.to for move in moves)
    assert all(move.to in taking for move in moves)


@given(fleets(), st.sampled_from(POLICIES))
def test_moves_never_fill_a_node_beyond_its_capacity(fleet: Fleet, policy: Policy) -> None:
    if not any(one.placing for one in fleet.nodes):
        return
    moves = make_plan(policy, fleet, NOW).moves
    for one in fleet.nodes:
        came = sum(move.to == one.id for move in moves)
        assert not came or one.capacity != 0
        if came and one.capacity is not None:
            gone = sum(move.from_ == one.id for move in moves)
            assert one.sessions + came - gone <= max(one.capacity, one.sessions)


@given(st.floats(0, 1e6), st.dictionaries(st.text(max_size=3), st.floats(0.01, 100), min_size=1, max_size=8), st.data())
def test_what_is_shared_out_is_all_there_was(total: float, wishes: dict[str, float], data: st.DataObject) -> None:
    limits = {key: data.draw(st.none() | st.floats(0, 1e5)) for key in wishes}
    shares = share_out(total, wishes, limits)
    assert sum(shares.values()) == pytest.approx(total)
    room = sum(limit if limit is not None else math.inf for limit in limits.values())
    if room >= total:
        assert all(limit is None or shares[key] <= limit * (1 + 1e-9) for key, limit in limits.items())


def test_shares_follow_the_wishes_where_there_is_room() -> None:
    assert share_out(12, {"a": 1, "b": 2, "c": 3}, dict.fromkeys("abc")) == {"a": 2, "b": 4, "c": 6}


def test_what_one_can_not_take_goes_to_the_others() -> None:
    assert share_out(12, {"a": 1, "b": 1, "c": 1}, {"a": 2, "b": None, "c": None}) == {"a": 2, "b": 5, "c": 5}


def test_whole_numbers_keep_the_sum_and_favour_the_largest_remainder() -> None:
    assert whole({"a": 1.2, "b": 1.7, "c": 2.1}) == {"a": 1, "b": 2, "c": 2}


def test_levels_have_a_mean_of_one_and_stay_in_bounds() -> None:
    assert level({"a": 1, "b": 3}, 0.1, 10) == {"a": 0.5, "b": 1.5}
    assert level({"a": 1, "b": 1000}, 0.1, 10) == {"a": 0.1, "b": 2.0}


def test_by_sessions_nodes_fill_to_the_same_share_of_their_capacity() -> None:
    plan = make_plan("sessions", Fleet((node("a", 9, capacity=10), node("b", 3, capacity=20))), NOW)
    assert plan.after == {"a": 4, "b": 8}
    assert plan.weights == {"a": 1, "b": 1}


def test_by_load_a_node_with_heavy_sessions_gets_fewer() -> None:
    plan = make_plan("load", Fleet((node("heavy", 10, load=40.0), node("light", 10, load=5.0))), NOW)
    assert plan.weights["heavy"] < 1 < plan.weights["light"]
    assert plan.after["heavy"] < 10 < plan.after["light"]


def test_by_memory_a_node_with_more_of_it_gets_more() -> None:
    plan = make_plan("memory", Fleet((node("small", 5), node("big", 5, mem_total=300_000))), NOW)
    assert plan.weights == {"small": 0.5, "big": 1.5}


def test_waiting_sessions_leave_a_node_that_drains_first_come_first() -> None:
    fleet = Fleet(
        (node("a", 2, taking=False), node("b", 1)),
        (Waiting(SessionId("old"), NodeId("a"), NOW - 50), Waiting(SessionId("new"), NodeId("a"), NOW - 5)),
    )
    assert [(move.session, move.from_, move.to) for move in make_plan("sessions", fleet, NOW).moves] == [
        ("old", "a", "b"),
        ("new", "a", "b"),
    ]


def test_a_waiting_session_stays_where_it_is_no_worse_off() -> None:
    fleet = Fleet((node("a", 5), node("b", 5)), (Waiting(SessionId("s"), NodeId("a"), NOW),))
    assert make_plan("sessions", fleet, NOW).moves == []


def test_a_balanced_fleet_needs_no_time() -> None:
    assert make_plan("sessions", Fleet((node("a", 5), node("b", 5)), starts=None), NOW).eta == 0


def test_the_time_to_balance_halves_when_twice_as_many_start() -> None:
    nodes = (node("a", 18), node("b", 2))
    slow = make_plan("sessions", Fleet(nodes, starts=0.01), NOW).eta
    fast = make_plan("sessions", Fleet(nodes, starts=0.02), NOW).eta
    assert slow is not None and fast is not None
    assert slow == pytest.approx(2 * fast)


@pytest.mark.parametrize(
    ("starts", "why"), [(0.0, "No session started lately"), (None, "No node tells when its sessions started")]
)
def test_nobody_knows_the_time_to_balance_where_nothing_starts(starts: float | None, why: str) -> None:
    plan = make_plan("sessions", Fleet((node("a", 18), node("b", 2)), starts=starts), NOW)
    assert plan.eta is None
    assert f"{why}, so nobody can say how long the balance takes." in plan.notes


@pytest.mark.parametrize("policy", POLICIES)
def test_a_capacity_of_nothing_is_no_seat_and_an_unknown_one_is_as_much_as_the_others_have(policy: Policy) -> None:
    fleet = Fleet((node("a", 4, capacity=0), node("b", 4, capacity=8), node("c", 4, capacity=None)))
    plan = make_plan(policy, fleet, NOW)
    assert (plan.weights["a"], plan.after["a"]) == (0, 0)
    assert plan.weights["b"] == plan.weights["c"] == 1
    assert plan.after["b"] == plan.after["c"] == 6
    assert "a has capacity 0: it gets nothing new until somebody gives it another." in plan.notes


def test_a_weight_of_nothing_was_given_by_somebody_who_meant_it() -> None:
    plan = make_plan("sessions", Fleet((node("a", 4, weight=0.0), node("b", 4))), NOW)
    assert (plan.weights["a"], plan.after["a"]) == (0, 0)
    assert plan.notes[0].startswith("a has weight 0")


def test_where_no_node_has_a_seat_there_is_nothing_to_plan() -> None:
    with pytest.raises(NoNodes, match="no capacity"):
        make_plan("sessions", Fleet((node("a", 4, capacity=0), node("b", taking=False))), NOW)


def test_a_plan_is_for_another_fleet_once_a_node_is_given_no_capacity() -> None:
    before, after = Fleet((node("a", 1), node("b", 5))), Fleet((node("a", 1, capacity=0), node("b", 5)))
    assert before.fingerprint() != after.fingerprint()


def test_notes_name_the_nodes_that_are_left_out() -> None:
    fleet = Fleet((node("a", 1), node("b", 1, taking=False, weight=2.0)), silent=(NodeId("c"),))
    notes = make_plan("sessions", fleet, NOW).notes
    assert "c is silent and left out." in notes
    assert any(note.startswith("b drains") and "weight of 2 stays" in note for note in notes)


def test_the_id_of_a_plan_is_bound_to_its_content() -> None:
    fleet = Fleet((node("a", 1), node("b", 5)))
    shared = SharedPlan.seal(make_plan("sessions", fleet, NOW), None, fleet.fingerprint())
    assert shared.genuine
    assert shared.plan.plan == SharedPlan.seal(shared.plan, None, fleet.fingerprint()).plan.plan
    assert not SharedPlan(v=1, plan=shared.plan, nodes=None, fleet="another").genuine
    assert not SharedPlan(v=1, plan=shared.plan, nodes=[NodeId("a")], fleet=shared.fleet).genuine


def test_a_fleet_is_another_one_when_a_node_goes_or_drains() -> None:
    fleet = Fleet((node("a", 1), node("b", 5)))
    assert fleet.fingerprint() == Fleet((node("a", 7), node("b", 2, weight=3.0))).fingerprint()
    assert fleet.fingerprint() != Fleet((node("a", 1),)).fingerprint()
    assert fleet.fingerprint() != Fleet((node("a", 1), node("b", 5, taking=False))).fingerprint()


def shared(now: float, sessions: int = 1) -> SharedPlan:
    fleet = Fleet((node("a", sessions), node("b", 5)))
    return SharedPlan.seal(make_plan("sessions", fleet, now), None, fleet.fingerprint())


def test_the_shelf_keeps_a_bounded_number_of_plans() -> None:
    shelf = PlanShelf(SetClock(NOW))
    plans = [shared(NOW, sessions) for sessions in range(KEPT + 1)]
    for plan in plans:
        shelf.put(plan)
    assert shelf.get(plans[0].plan.plan) is None
    assert all(shelf.get(plan.plan.plan) for plan in plans[1:])


def test_the_shelf_forgets_plans_long_after_they_ran_out() -> None:
    clock = SetClock(NOW)
    shelf = PlanShelf(clock)
    old = shared(NOW)
    shelf.put(old)
    clock.move(PLAN_LIFE + KEPT_FOR - 1)
    shelf.put(shared(clock.now(), 2))
    assert shelf.get(old.plan.plan)
    clock.move(2)
    shelf.put(shared(clock.now(), 3))
    assert shelf.get(old.plan.plan) is None
