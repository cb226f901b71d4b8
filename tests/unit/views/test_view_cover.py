"""A view that knows a few rows only costs what these cost, and knows all again when it is asked to."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fxtop.views.view
from fxtop.cluster.records import Dirty, NodeRow, SessionKey, SessionRow
from fxtop.protocol.ids import NodeId
from fxtop.views.column import Column, Look
from fxtop.views.filter import parse
from fxtop.views.panes import NODES, SESSIONS
from fxtop.views.view import View
from tests.unit.cluster.kit import Site
from tests.unit.views import make
from tests.unit.views.test_view import FILTERS, NAMES, Scene, asked_singly, column_of, names, nodes, rows

__all__ = ["asked_singly"]


def covering(scene: Scene, *ids: str) -> None:
    scene.view.cover({NodeId(id_) for id_ in ids})


def test_rows_outside_are_neither_listed_nor_looked_at() -> None:
    scene = Scene(*nodes(a=0.1, b=0.2, c=0.3))
    covering(scene, "b")
    assert (scene.ids, scene.view.total) == (["b"], 3)
    before = scene.view.revision
    scene.change(make.node("a", cpu=0.9), make.node("d"))
    scene.remove("c")
    assert (scene.ids, scene.view.revision) == (["b"], before)
    scene.remove("b")
    assert scene.ids == []


def test_what_it_costs_is_what_it_covers(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(*(make.node(name) for name in NAMES))
    covering(scene, "viz1")
    keyed: list[object] = []

    def counted(row: NodeRow, column: Column[NodeRow], **how: object) -> str:
        keyed.append(row.id)
        return row.id

    monkeypatch.setattr(fxtop.views.view, "sort_value", counted)
    scene.view.apply(Dirty(nodes={NodeId(name) for name in NAMES}))
    assert keyed == ["viz1"]
    covering(scene)
    keyed.clear()
    scene.view.apply(Dirty(nodes={NodeId(name) for name in NAMES}))
    assert keyed == []


def test_a_set_that_changes_by_itself_is_followed() -> None:
    site = Site()
    site.session("n1", "s1", user="bob")
    site.session("n1", "s2")
    view: View[SessionKey, SessionRow] = View(SESSIONS, site.store, Look)
    view.cover(site.store.by_user.sessions("ann"))
    assert [str(id_) for id_ in view.ids] == ["n1/s2"]
    site.session("n2", "s1")
    site.session("n1", "s1")
    site.session("n1", "s2", user="bob")
    view.apply(site.store.drain_dirty())
    assert [str(id_) for id_ in view.ids] == ["n1/s1", "n2/s1"]


def test_it_takes_up_all_rows_in_portions_while_they_change(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.9, b=0.1, c=0.5))
    scene.sort("cpu")
    covering(scene, "b")
    steps = scene.view.uncover()
    next(steps)
    assert scene.ids == ["b"]
    before = scene.view.revision
    scene.change(make.node("d", cpu=0.3), make.node("a", cpu=0.2))
    scene.remove("c")
    assert scene.ids == ["b"], "part of the rows would pass for all of them"
    for _ in steps:
        pass
    assert scene.ids == ["b", "a", "d"]
    assert scene.view.revision > before


def test_another_order_that_is_asked_for_meanwhile_takes_up_all_rows_too(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.9, b=0.1, c=0.5))
    scene.filter("cpu<80%")
    covering(scene)
    next(scene.view.uncover())
    scene.sort("cpu", descending=True)
    scene.finish()
    assert scene.ids == ["c", "b"]


def test_it_is_narrowed_when_all_rows_are_taken_up() -> None:
    scene = Scene(*nodes(a=0.9, b=0.1, c=0.5))
    covering(scene, "b")
    for _ in scene.view.uncover({NodeId("a"), NodeId("c")}):
        assert scene.view.uncovering
    assert (scene.ids, scene.view.uncovering) == (["a", "c"], False)
    scene.view.narrow(None)
    assert scene.ids == ["a", "b", "c"]


steps = st.one_of(
    st.tuples(st.just("change"), st.lists(rows, max_size=4)),
    st.tuples(st.just("remove"), st.lists(names, unique=True, max_size=3)),
    st.tuples(st.just("sort"), st.sampled_from(["node", "cpu", "age"]), st.booleans()),
    st.tuples(st.just("filter"), st.sampled_from(FILTERS)),
    st.tuples(st.just("cover"), st.frozensets(names)),
    st.tuples(st.just("uncover"), st.lists(rows, max_size=2)),
    st.tuples(st.just("hold"), st.booleans()),
)


def take(scene: Scene, step: tuple[object, ...]) -> None:
    match step:
        case ("change", list(changed)):
            scene.change(*changed)
        case ("remove", list(ids)):
            scene.remove(*[id_ for id_ in ids if id_ in scene.store.nodes])
        case ("sort", str(column), bool(descending)):
            scene.view.set_sort(column_of(column), descending)
        case ("filter", str(text)):
            scene.view.set_filter(parse(text, NODES.columns, NODES.search_text))
        case ("cover", frozenset() as ids):
            scene.view.cover(ids)
        case ("uncover", list(changed)):
            for _ in scene.view.uncover():
                scene.change(*changed)
        case ("hold", bool(on)):
            scene.view.hold(on)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, max_size=8), st.lists(steps, max_size=12))
def test_it_always_shows_what_sorting_and_filtering_the_covered_rows_would(
    asked_singly: None, first: list[NodeRow], course: list[tuple[object, ...]]
) -> None:
    scene, covered = Scene(*first), None
    for step in course:
        take(scene, step)
        if step[0] in ("cover", "uncover"):
            covered = step[1] if step[0] == "cover" else None
    scene.view.hold(False)
    scene.finish()
    scene.wait(1)
    view = scene.view
    shown = [
        (id_, row)
        for id_, row in scene.store.nodes.items()
        if (covered is None or id_ in covered)  # type: ignore[operator]  # a set of names, as drawn
        and (view.filter is None or view.filter.matches(row, scene.store, scene.look))
    ]
    assert scene.ids == make.sorted_ids(
        shown, view.sort_column, descending=view.descending, store=scene.store, look=scene.look
    )
