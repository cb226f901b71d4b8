from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fxtop.agent.node_select.choosing import DRAINS_HOLD, FRESH, ROUND_ROBIN, NoNode
from fxtop.agent.node_select.policies import POLICIES
from fxtop.agent.node_select.table import Liveness, State, TableRow
from tests.unit.agent.node_select.kit import JWT, Hook, node, question

DRAINING = TableRow("viz01", state="draining", running=2)
DRAINED = TableRow("viz01", state="drained")
WEIGHTLESS = TableRow("viz01", weight=0.0)
FULL = TableRow("viz01", capacity=3, running=1, pending=1, disconnected=1)
LOST = TableRow("viz01", liveness="lost", heard=95.0)
CLOSED = pytest.mark.parametrize("row", [DRAINING, DRAINED, WEIGHTLESS, FULL, LOST], ids=lambda row: str(row[2:]))


@CLOSED
@pytest.mark.parametrize("policy", [*POLICIES, ROUND_ROBIN])
def test_a_node_that_may_not_take_a_session_is_never_chosen(hook: Hook, row: TableRow, policy: str) -> None:
    hook.knows(row)
    busy = node("viz02", 50, cpu={"load1": 90, "cores": 1}, mem={"free": 1, "total": 100})
    idle = node("viz01", 0, cpu={"load1": 0, "cores": 1}, mem={"free": 99, "total": 100})
    assert hook.chooses(idle, busy, policy=policy) == {"viz02"}
    assert hook.said == []


@CLOSED
def test_where_none_is_left_it_says_why(hook: Hook, row: TableRow) -> None:
    hook.knows(row)
    with pytest.raises(NoNode, match=r"^No node is left for a new session: of 1 offered, 1 [a-z0 ]+\.$"):
        hook.asked(question("viz01"))


def test_no_node_offered_is_another_fault_than_none_left(hook: Hook) -> None:
    hook.knows(TableRow("viz01"))
    with pytest.raises(NoNode, match="no launcher is registered"):
        hook.asked(question())


@CLOSED
def test_as_a_last_resort_it_is_chosen_all_the_same(hook: Hook, row: TableRow) -> None:
    hook.knows(row)
    assert hook.asked(question("viz01"), last_resort=True) == "viz01"
    assert "last resort" in hook.said[0]


def test_the_last_resort_is_a_drained_node_then_a_full_one_then_a_lost_one(hook: Hook) -> None:
    lost, full = TableRow("lost", liveness="lost"), TableRow("full", capacity=0)
    draining, drained = TableRow("draining", state="draining"), TableRow("drained", state="drained")
    hook.knows(lost, full, draining, drained)
    assert hook.chooses("lost", "full", "draining", "drained", last_resort=True) == {"draining", "drained"}
    assert hook.chooses("lost", "full", last_resort=True) == {"full"}
    assert hook.chooses("lost", last_resort=True) == {"lost"}


def test_a_node_that_drains_and_is_lost_counts_as_lost(hook: Hook) -> None:
    hook.knows(LOST._replace(state="draining"), TableRow("viz02", capacity=0))
    assert hook.chooses("viz01", "viz02", last_resort=True) == {"viz02"}


def test_an_open_node_needs_no_last_resort(hook: Hook) -> None:
    hook.knows(DRAINED)
    assert hook.chooses("viz01", "viz02", last_resort=True) == {"viz02"}
    assert hook.said == []


def test_a_node_is_full_by_the_greater_of_both_counts(hook: Hook) -> None:
    hook.knows(TableRow("viz01", capacity=3, running=1), TableRow("viz02", capacity=3, running=3))
    assert hook.chooses(node("viz01", 2), node("viz02", 0)) == {"viz01"}
    assert hook.chooses(node("viz01", 3), "viz03") == {"viz03"}


@pytest.mark.parametrize("liveness", ["live", "late", "stale", "left"])
def test_only_a_lost_node_is_left_out_for_its_silence(hook: Hook, liveness: Liveness) -> None:
    hook.knows(TableRow("viz01", liveness=liveness))
    assert hook.asked(question("viz01")) == "viz01"


def test_a_drain_holds_when_the_agent_of_the_node_has_said_goodbye(hook: Hook) -> None:
    hook.knows(DRAINED._replace(liveness="left"))
    assert hook.chooses("viz01", "viz02") == {"viz02"}


def test_a_node_that_no_agent_tells_of_may_be_chosen(hook: Hook) -> None:
    hook.knows(TableRow("viz01", running=5))
    assert hook.chooses(node("viz01", 5), node("viz02", 1)) == {"viz02"}


def test_a_node_is_known_by_its_host_name_too(hook: Hook) -> None:
    hook.knows(TableRow("viz01.example.edu", state="draining"))
    assert hook.chooses(node("viz01-4711", os={"hostname": "viz01"}), node("viz02", 9)) == {"viz02"}


def test_without_a_table_fastx_own_input_decides_and_that_is_said(hook: Hook) -> None:
    assert hook.chooses(node("viz01", 4), node("viz02", 1)) == {"viz02"}
    assert len(hook.said) == 1
    assert "There is no placement table" in hook.said[0]


def test_a_damaged_table_is_as_none(hook: Hook) -> None:
    hook.table.write_text("{")
    assert hook.asked(question("viz01")) == "viz01"
    assert "damaged" in hook.said[0]


def test_of_a_table_that_is_no_longer_written_only_the_drains_are_believed(hook: Hook) -> None:
    hook.knows(DRAINED, LOST._replace(node="viz02"), FULL._replace(node="viz03"), age=FRESH + 1)
    assert hook.chooses("viz01", "viz02", "viz03") == {"viz02", "viz03"}
    assert "Only its drains are believed" in hook.said[0]


def test_the_drains_of_an_old_table_never_make_a_start_fail(hook: Hook) -> None:
    hook.knows(DRAINED, age=FRESH + 1)
    assert hook.asked(question("viz01")) == "viz01"
    assert "FastX's own input alone" in hook.said[0]


def test_a_table_that_was_left_behind_is_not_believed_at_all(hook: Hook) -> None:
    hook.knows(DRAINED, age=DRAINS_HOLD + 1)
    assert hook.chooses("viz01", "viz02") == {"viz01", "viz02"}
    assert "FastX's own input alone" in hook.said[0]


def test_how_long_a_table_is_believed_can_be_set(hook: Hook) -> None:
    hook.knows(LOST, age=100)
    assert hook.chooses("viz01", "viz02", max_age=120) == {"viz02"}


@pytest.mark.parametrize("policy", ["load", "memory"])
def test_a_policy_that_nothing_is_known_for_gives_way_to_sessions(hook: Hook, policy: str) -> None:
    hook.knows()
    assert hook.chooses(node("viz01", 5), node("viz02", 1), policy=policy) == {"viz02"}
    assert "Choosing by sessions instead" in hook.said[0]


def test_turns_that_cannot_be_kept_give_way_to_chance(hook: Hook) -> None:
    hook.knows()
    assert hook.chooses("viz01", "viz02", policy=ROUND_ROBIN, turns="/proc/none/turns.json") == {"viz01", "viz02"}
    assert "The turns can't be kept" in hook.said[0]


def test_the_agents_word_of_load_and_memory_is_worth_more_than_fastx(hook: Hook) -> None:
    hook.knows(TableRow("viz01", load=0.1, mem_free=900), TableRow("viz02", load=0.9, mem_free=100))
    offered = (
        node("viz01", cpu={"load1": 9, "cores": 1}, mem={"free": 1}),
        node("viz02", cpu={"load1": 0, "cores": 1}, mem={"free": 10**6}),
    )
    assert hook.chooses(*offered, policy="load") == {"viz01"}
    assert hook.chooses(*offered, policy="memory") == {"viz01"}


ROWS = st.lists(
    st.builds(
        TableRow,
        node=st.sampled_from(["a", "A", "b", "c.x", "c.y", "d"]),
        state=st.sampled_from(get_args(State)),
        weight=st.sampled_from([0.0, 0.5, 1.0, 10.0]),
        capacity=st.none() | st.integers(0, 3),
        running=st.integers(0, 3),
        liveness=st.sampled_from(get_args(Liveness)),
    ),
    unique_by=lambda row: row.node,
)
FIGURE = st.none() | st.integers() | st.floats() | st.text(max_size=2)
NODES = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["a", "A", "b", "c", "c.x", "d", "e\n", ""]) | FIGURE},
        optional={
            "nodeData": st.fixed_dictionaries(
                {},
                optional={
                    "sessions": st.lists(st.none(), max_size=3) | FIGURE,
                    "health": st.fixed_dictionaries(
                        {},
                        optional={
                            "cpu": st.fixed_dictionaries({"load1": FIGURE, "cores": FIGURE}) | FIGURE,
                            "mem": st.fixed_dictionaries({"free": FIGURE, "percent": FIGURE}) | FIGURE,
                            "os": st.fixed_dictionaries({"hostname": FIGURE}) | FIGURE,
                        },
                    ),
                },
            )
        },
    ),
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nodes=NODES,
    rows=ROWS,
    age=st.sampled_from([0.0, FRESH + 1, DRAINS_HOLD + 1]),
    policy=st.sampled_from([*POLICIES, ROUND_ROBIN]),
    last_resort=st.booleans(),
    seed=st.integers(0, 5),
)
def test_what_is_chosen_was_offered_and_is_open(
    hook: Hook, nodes: list[dict[str, Any]], rows: list[TableRow], age: float, policy: str, last_resort: bool, seed: int
) -> None:
    hook.knows(*rows, age=age)
    raw = json.dumps({"nodes": nodes, "params": {"jwt": JWT}}).encode()
    try:
        chosen = hook.asked(raw, seed, policy=policy, last_resort=last_resort)
    except NoNode:
        assert not last_resort or not any(each["id"] in ("a", "A", "b", "c", "c.x", "d") for each in nodes)
        return
    assert any(each["id"] == chosen for each in nodes)
    row = next((row for row in rows if row.node == chosen), None)
    if row is not None and age == 0 and not last_resort:
        assert row.state == "active"
        assert row.weight > 0
        assert row.liveness != "lost"
        assert row.capacity is None or row.sessions < row.capacity
    assert not any(JWT in sentence for sentence in hook.said)
