from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster.records import Liveness, NodeRow
from fxtop.protocol.ids import NodeId
from fxtop.views.order import natural
from fxtop.views.panes import NODES, SESSIONS
from tests.unit.views import make


def ordered(column: str, *rows: NodeRow, descending: bool = False) -> list[NodeId]:
    found = NODES.column(column)
    assert found is not None
    store = make.store(*rows)
    return make.sorted_ids(store.nodes.items(), found, descending=descending, store=store, look=make.LOOK)


def test_numbers_in_names_sort_by_size() -> None:
    rows = [make.node(name) for name in ("viz10", "viz2", "viz1", "VIZ3", "ctl")]
    assert ordered("node", *rows) == ["ctl", "viz1", "viz2", "VIZ3", "viz10"]
    assert ordered("node", *rows, descending=True) == ["viz10", "VIZ3", "viz2", "viz1", "ctl"]


def test_the_unknown_comes_last_in_both_directions() -> None:
    rows = [make.node("a", cpu=0.5), make.bare_node("b"), make.node("c", cpu=0.1)]
    assert ordered("cpu", *rows) == ["c", "a", "b"]
    assert ordered("cpu", *rows, descending=True) == ["a", "c", "b"]


def test_equal_rows_keep_the_order_of_their_ids_in_both_directions() -> None:
    rows = [make.node(name, cpu=0.5) for name in ("viz10", "viz2", "viz1")]
    assert ordered("cpu", *rows) == ["viz1", "viz2", "viz10"]
    assert ordered("cpu", *rows, descending=True) == ["viz1", "viz2", "viz10"]


def test_states_sort_worst_first() -> None:
    rows = [
        make.node("a"),
        make.node("b", state="drained"),
        make.node("c", state="draining"),
        make.node("d", liveness=Liveness.LOST),
        make.node("e", liveness=Liveness.LEFT),
        make.node("f", liveness=Liveness.STALE),
    ]
    assert ordered("state", *rows) == ["d", "f", "c", "b", "a", "e"]


def test_a_prefix_comes_first_and_last_when_descending() -> None:
    rows = [make.node(name) for name in ("viz", "viz-a", "viz1", "viz1a")]
    assert ordered("node", *rows, descending=True) == ordered("node", *rows)[::-1]


def test_ids_of_several_parts_sort_by_the_first_part_as_people_sort() -> None:
    rows = [make.session("s1", "viz10"), make.session("s1", "viz2")]
    store = make.store(*rows)
    column = SESSIONS.default_sort
    found = make.sorted_ids(store.sessions.items(), column, descending=False, store=store, look=make.LOOK)
    assert [key.node for key in found] == ["viz2", "viz10"]


@given(st.lists(st.text("aB1209-", max_size=6), unique=True), st.booleans())
def test_descending_is_the_exact_reverse_for_different_texts(names: list[str], descending: bool) -> None:
    different = list({natural(name): name for name in names}.values())
    rows = [make.node(name) for name in different]
    assert ordered("node", *rows, descending=True) == ordered("node", *rows)[::-1]


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_natural_order_of_numbers_is_their_order(one: int, other: int) -> None:
    assert (natural(f"n{one}") < natural(f"n{other}")) is (one < other)
