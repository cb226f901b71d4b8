"""A part of a plan belongs to it, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.protocol.ids import NodeId, PlanId, SessionId
from fxtop.protocol.plan_parts import ID_LENGTH, MOST_STEPS, PlanTree, belongs, move_part, weight_part

PARTS = st.lists(st.binary(max_size=8), min_size=1, max_size=40, unique=True)


@given(PARTS, st.data())
def test_each_part_leads_to_the_id(parts: list[bytes], data: st.DataObject) -> None:
    tree, part = PlanTree(parts), data.draw(st.sampled_from(parts))
    assert belongs(part, tree.way(part), tree.id)
    assert len(tree.id) == ID_LENGTH


@given(PARTS, st.binary(max_size=8), st.data())
def test_nothing_else_does(parts: list[bytes], other: bytes, data: st.DataObject) -> None:
    tree, way = PlanTree(parts), PlanTree(parts).way(data.draw(st.sampled_from(parts)))
    assert belongs(other, way, tree.id) == (other in parts and tree.way(other) == way)
    assert not belongs(other, way, PlanTree([*parts, b"one more part"]).id)


@pytest.mark.parametrize(
    "way",
    [["x"], ["<" + "0" * 63], ["=" + "0" * 64], [">" + "G" * 64], [">" + "0" * 64] * (MOST_STEPS + 1)],
    ids=["short", "cut", "no side", "no hex", "too long"],
)
def test_what_is_no_way_leads_nowhere(way: list[str]) -> None:
    assert not belongs(b"part", way, PlanTree([b"part"]).id)


def test_a_node_of_the_tree_passes_for_no_part() -> None:
    parts = [b"a", b"b", b"c", b"d"]
    tree = PlanTree(parts)
    first, second = tree.way(b"a")
    inner = bytes.fromhex(PlanTree([b"a", b"b"]).id) + bytes.fromhex(first[1:])
    assert not belongs(inner, [second], tree.id)


def test_a_part_that_is_in_no_plan_has_no_way() -> None:
    with pytest.raises(KeyError):
        PlanTree([b"a"]).way(b"b")


def test_a_whole_number_is_the_weight_that_it_is_on_the_wire() -> None:
    assert weight_part(NodeId("a"), 2) == weight_part(NodeId("a"), 2.0) == b'["weight","a",2.0]'
    assert move_part(SessionId("s"), NodeId("a"), NodeId("b")) == b'["requeue","s","a","b"]'
    assert PlanTree([b"x"]).id != PlanId("")
