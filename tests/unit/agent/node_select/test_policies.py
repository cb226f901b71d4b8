from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from fxtop.agent.node_select.offer import parse
from fxtop.agent.node_select.policies import POLICIES, Unmeasured, pick
from fxtop.agent.node_select.verdict import Candidate


def candidate(id_: str, free_share: float | None = None, **known: Any) -> Candidate:
    health = {} if free_share is None else {"mem": {"percent": free_share * 100}}
    offer = parse(json.dumps({"nodes": [{"id": id_, "nodeData": {"health": health}}]}).encode()).offers[0]
    return Candidate(offer)._replace(**known)


def picks(policy: str, *candidates: Candidate, tries: int = 200) -> Counter[str]:
    """How often each one is picked while nothing changes."""
    rng = Random(1)
    return Counter(pick(POLICIES[policy], candidates, rng).id for _ in range(tries))


def filled(policy: str, *candidates: Candidate, starts: int) -> dict[str, int]:
    """How many sessions each one has after so many starts that each saw the ones before."""
    rng, counts = Random(1), {each.id: 0 for each in candidates}
    for _ in range(starts):
        seen = [each._replace(sessions=counts[each.id]) for each in candidates]
        counts[pick(POLICIES[policy], seen, rng).id] += 1
    return counts


def test_the_node_with_the_fewest_sessions_is_picked() -> None:
    nodes = candidate("viz01", sessions=3), candidate("viz02", sessions=1), candidate("viz03", sessions=2)
    assert set(picks("sessions", *nodes)) == {"viz02"}


def test_the_least_loaded_node_is_picked() -> None:
    nodes = candidate("viz01", load=0.9), candidate("viz02", load=0.2), candidate("viz03", load=0.4)
    assert set(picks("load", *nodes)) == {"viz02"}


def test_the_node_with_the_most_free_memory_is_picked() -> None:
    nodes = candidate("viz01", free=100), candidate("viz02", free=800), candidate("viz03", free=400)
    assert set(picks("memory", *nodes)) == {"viz02"}


def test_free_memory_counts_in_bytes_where_they_are_known() -> None:
    big, small = candidate("big", 0.2, free=200e9), candidate("small", 0.5, free=32e9)
    assert set(picks("memory", big, small)) == {"big"}


def test_free_memory_counts_by_its_share_where_no_node_tells_bytes() -> None:
    assert set(picks("memory", candidate("viz01", 0.2), candidate("viz02", 0.5))) == {"viz02"}


@pytest.mark.parametrize(
    ("policy", "known"),
    [("sessions", {"sessions": 4}), ("load", {"load": 0.5}), ("memory", {"free": 5e9}), ("sessions", {})],
)
def test_starts_of_the_same_moment_do_not_all_go_to_one_of_many_alike(policy: str, known: dict[str, float]) -> None:
    counts = picks(policy, *(candidate(f"viz{number:02}", **known) for number in range(10)), tries=1000)
    assert len(counts) == 10
    assert max(counts.values()) < 200


@pytest.mark.parametrize(
    ("policy", "field", "figures"),
    [
        ("sessions", "sessions", (40, 41, 43)),
        ("load", "load", (0.50, 0.52, 0.54)),
        ("memory", "free", (100e9, 98e9, 95e9)),
    ],
)
def test_a_hairs_breadth_makes_no_difference(policy: str, field: str, figures: tuple[float, ...]) -> None:
    nodes = [candidate(f"viz{number}", **{field: figure}) for number, figure in enumerate(figures)]
    assert len(picks(policy, *nodes)) == 3


def test_one_session_makes_a_difference_where_there_are_few() -> None:
    for count in range(8):
        nodes = candidate("viz01", sessions=count, capacity=7), candidate("viz02", sessions=count + 1, capacity=7)
        assert set(picks("sessions", *nodes)) == {"viz01"}


def test_a_node_of_twice_the_weight_ends_up_with_twice_the_sessions() -> None:
    nodes = candidate("viz01", weight=1.0), candidate("viz02", weight=2.0), candidate("viz03", weight=0.5)
    assert filled("sessions", *nodes, starts=700) == {
        "viz01": pytest.approx(200, rel=0.1),
        "viz02": pytest.approx(400, rel=0.1),
        "viz03": pytest.approx(100, rel=0.1),
    }


def test_nodes_fill_up_by_what_they_are_meant_to_carry() -> None:
    nodes = candidate("small", capacity=10), candidate("large", capacity=40), candidate("unknown")
    counts = filled("sessions", *nodes, starts=60)
    assert counts["large"] / counts["small"] == pytest.approx(4, rel=0.25)
    assert counts["unknown"] == pytest.approx(20, rel=0.25)


@pytest.mark.parametrize("policy", ["load", "memory"])
def test_among_equals_chance_goes_by_weight(policy: str) -> None:
    """The figures are chosen so that the policy sees no difference once the weight is in them."""
    known = {"load": {"load": 0.0}, "memory": {"free": 0.0}}[policy]
    light, heavy = candidate("light", weight=1.0, **known), candidate("heavy", weight=3.0, **known)
    counts = picks(policy, light, heavy, tries=4000)
    assert counts["heavy"] / counts["light"] == pytest.approx(3, rel=0.15)


def test_weight_makes_a_loaded_node_as_good_as_an_idle_one() -> None:
    assert set(picks("load", candidate("viz01", load=0.6, weight=3.0), candidate("viz02", load=0.4))) == {"viz01"}
    assert set(picks("memory", candidate("viz01", free=50, weight=3.0), candidate("viz02", free=100))) == {"viz01"}


@pytest.mark.parametrize(("policy", "field"), [("sessions", "sessions"), ("load", "load"), ("memory", "free")])
def test_to_tell_nothing_is_no_advantage(policy: str, field: str) -> None:
    best, worst = (100, 1) if policy == "memory" else (1, 100)
    nodes = [candidate("best", **{field: best}), candidate("worst", **{field: worst})]
    assert set(picks(policy, *nodes, candidate("silent"))) == {"best"}
    assert set(picks(policy, nodes[1], candidate("silent", **{field: (best + worst) / 2}))) == {"silent"}


@pytest.mark.parametrize(("policy", "what"), [("load", "load"), ("memory", "free memory")])
def test_a_policy_says_what_it_misses(policy: str, what: str) -> None:
    with pytest.raises(Unmeasured, match=what):
        picks(policy, candidate("viz01"), candidate("viz02"))


def test_the_same_seed_makes_the_same_choice() -> None:
    nodes = [candidate(f"viz{number}") for number in range(20)]
    assert picks("sessions", *nodes) == picks("sessions", *nodes)
