from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import fxtop.views.view
from fxtop.cluster.records import Dirty, Liveness, NodeRow, SessionKey, SessionRow, Severity
from fxtop.cluster.store import Store
from fxtop.protocol.ids import NodeId
from fxtop.views.column import Column, Look
from fxtop.views.filter import Filter, parse
from fxtop.views.order import SortKey, SortValue, key_of, sort_value
from fxtop.views.panes import EVENTS, NODES, PANES, SESSIONS, PaneSpec
from fxtop.views.view import View
from tests.unit.cluster.kit import Site
from tests.unit.views import make


class Scene:
    """A store, a clock and a view of its nodes; changes mark dirty as a store does."""

    def __init__(self, *rows: NodeRow) -> None:
        self.store: Store = make.store(*rows)
        self.look = make.LOOK
        self.view = View(NODES, self.store, lambda: self.look)

    def change(self, *rows: NodeRow) -> None:
        for row in rows:
            self.store.nodes[row.id] = row
        self.view.apply(Dirty(nodes={row.id for row in rows}))

    def remove(self, *ids: str) -> None:
        for id_ in ids:
            del self.store.nodes[NodeId(id_)]
        self.view.apply(Dirty(nodes={NodeId(id_) for id_ in ids}))

    def filter(self, text: str) -> None:
        self.view.set_filter(self.parsed(text))

    def finish(self) -> None:
        """Ask all that a filter hasn't asked yet."""
        while self.view.asking:
            self.view.go_on()

    def parsed(self, text: str) -> Filter[NodeRow]:
        return parse(text, NODES.columns, NODES.search_text)

    def sort(self, column: str, descending: bool = False) -> None:
        self.view.set_sort(column_of(column), descending)

    def wait(self, seconds: float) -> None:
        self.look = replace(self.look, monotonic=self.look.monotonic + seconds, now=self.look.now + seconds)
        self.view.apply(Dirty())

    @property
    def ids(self) -> list[NodeId]:
        return list(self.view.ids)


def column_of(id_: str) -> Column[NodeRow]:
    column = NODES.column(id_)
    assert column is not None
    return column


def nodes(**cpu: float) -> list[NodeRow]:
    return [make.node(name, cpu=share) for name, share in cpu.items()]


def test_it_shows_all_rows_in_the_panes_own_order() -> None:
    scene = Scene(*nodes(viz10=0.1, viz2=0.2))
    assert scene.ids == ["viz2", "viz10"]
    assert scene.view.total == 2


def test_a_new_row_comes_in_where_it_belongs_and_a_removed_one_goes() -> None:
    scene = Scene(*nodes(viz1=0.1, viz3=0.3))
    scene.change(make.node("viz2"))
    assert scene.ids == ["viz1", "viz2", "viz3"]
    scene.remove("viz1")
    assert scene.ids == ["viz2", "viz3"]


def test_a_changed_row_moves() -> None:
    scene = Scene(*nodes(a=0.1, b=0.2, c=0.3))
    scene.sort("cpu", descending=True)
    assert scene.ids == ["c", "b", "a"]
    scene.change(make.node("a", cpu=0.9))
    assert scene.ids == ["a", "c", "b"]


def test_a_row_comes_and_goes_as_it_begins_and_ceases_to_match() -> None:
    scene = Scene(*nodes(a=0.1, b=0.9))
    scene.filter("cpu>50%")
    assert scene.ids == ["b"]
    scene.change(make.node("a", cpu=0.8), make.node("b", cpu=0.1))
    assert scene.ids == ["a"]
    assert scene.view.total == 2
    scene.view.set_filter(None)
    assert scene.ids == ["a", "b"]


def test_the_revision_stands_while_the_list_is_the_same() -> None:
    scene = Scene(*nodes(a=0.1, b=0.9))
    before = scene.view.revision
    scene.change(make.node("a", cpu=0.2))
    scene.sort("cpu")
    scene.change(make.node("a", cpu=0.3))
    assert scene.view.revision == before
    scene.change(make.node("a", cpu=1.0))
    assert scene.view.revision == before + 1


def test_every_id_knows_where_it_stands() -> None:
    scene = Scene(*[make.node(f"viz{number}") for number in range(50)])
    assert [scene.view.index(id_) for id_ in scene.ids] == list(range(50))
    assert scene.view.index(NodeId("nowhere")) is None


def test_a_filter_shows_its_first_rows_before_it_has_asked_them_all(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.9, b=0.1, c=0.9, d=0.9))
    scene.view.set_filter(scene.parsed("cpu>50%"), enough=1)
    assert scene.ids == ["a"]
    assert scene.view.asking
    scene.change(make.node("d", cpu=0.2), make.node("e", cpu=0.8))
    assert scene.ids == ["a", "e"]
    scene.finish()
    assert scene.ids == ["a", "c", "e"]


def test_until_there_is_enough_of_the_new_list_the_old_one_is_shown(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.1, b=0.1, c=0.1, d=0.9))
    scene.view.set_filter(scene.parsed("cpu>50%"), enough=1)
    assert scene.ids == ["a", "b", "c", "d"]
    scene.view.go_on()
    scene.view.go_on()
    assert scene.ids == ["d"]


@pytest.mark.parametrize("filter_text", ["", "cpu>20%"])
def test_a_new_order_is_made_in_portions_while_rows_change(asked_singly: None, filter_text: str) -> None:
    scene = Scene(*nodes(a=0.9, b=0.1, c=0.5, d=0.7, e=0.3))
    scene.filter(filter_text)
    steps = scene.view.reorder(column_of("cpu"), False)
    next(steps)
    scene.change(make.node("a", cpu=0.4), make.node("f", cpu=0.6))
    scene.remove("d")
    assert scene.ids == sorted(scene.ids)
    for _ in steps:
        assert scene.view.sort_column.id == "node"
    assert scene.ids == [id_ for id_ in ("b", "e", "a", "c", "f") if not filter_text or id_ != "b"]


def test_an_order_that_is_not_waited_for_leaves_no_trace(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.9, b=0.1, c=0.5))
    steps = scene.view.reorder(column_of("cpu"), False)
    next(steps)
    scene.sort("cpu", descending=True)
    scene.change(make.node("b", cpu=1.0))
    assert scene.ids == ["b", "a", "c"]


def test_a_screen_that_fills_slowly_shows_what_there_is(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.1, b=0.9, c=0.1, d=0.9, e=0.1))
    scene.view.set_filter(scene.parsed("cpu>50%"), enough=10)
    assert scene.ids == ["b"]
    assert scene.view.asking
    assert [scene.view.go_on() for _ in range(2)] == [False, True]
    assert scene.ids == ["b", "d"]


def test_of_what_no_screen_has_room_for_nothing_is_told_until_all_is_known(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.9, b=0.9, c=0.9))
    scene.view.set_filter(scene.parsed("cpu>50%"), enough=1)
    told = []
    while scene.view.asking:
        told.append(scene.view.go_on())
    assert told == [False, False, True]
    assert scene.ids == ["a", "b", "c"]


def test_a_filter_asks_the_row_that_must_not_be_missed_first(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.9, b=0.9, c=0.9))
    scene.view.set_filter(scene.parsed("cpu>50%"), enough=1, beyond=NodeId("b"))
    assert scene.ids == ["a", "b"]


def test_narrowing_shows_only_what_belongs_and_widening_all_again() -> None:
    scene = Scene(*nodes(a=0.1, b=0.2, c=0.3))
    scene.view.narrow({NodeId("a"), NodeId("c"), NodeId("gone")})
    assert scene.ids == ["a", "c"]
    scene.view.narrow({NodeId("b"), NodeId("c")})
    assert scene.ids == ["b", "c"]
    scene.view.narrow(None)
    assert scene.ids == ["a", "b", "c"]


def test_narrowed_to_nothing_shows_nothing() -> None:
    scene = Scene(*nodes(a=0.1))
    scene.view.narrow(set())
    assert scene.ids == []


def test_a_held_order_keeps_rows_in_place_and_counts_what_waits() -> None:
    scene = Scene(*nodes(a=0.1, b=0.2))
    scene.sort("cpu")
    scene.view.hold(True)
    scene.change(make.node("a", cpu=0.9), make.node("c", cpu=0.0))
    assert scene.ids == ["a", "b"]
    assert (scene.view.pending, scene.view.arriving) == (2, 1)
    scene.view.hold(False)
    assert scene.ids == ["c", "b", "a"]
    assert (scene.view.pending, scene.view.arriving) == (0, 0)


def test_a_row_that_vanishes_while_the_order_is_held_stays_listed_as_gone() -> None:
    scene = Scene(*nodes(a=0.1, b=0.2))
    scene.view.hold(True)
    scene.remove("a")
    assert scene.ids == ["a", "b"]
    assert scene.view.gone == {"a"}
    assert scene.view.row(NodeId("a")) is None
    assert scene.view.liveness(NodeId("a")) is Liveness.LEFT
    assert scene.view.index(NodeId("b")) == 1
    scene.change(make.node("a"))
    assert scene.view.gone == set()
    scene.remove("a")
    scene.view.hold(False)
    assert scene.ids == ["b"]
    assert scene.view.gone == set()


def test_a_row_that_only_ceases_to_match_is_not_gone() -> None:
    scene = Scene(*nodes(a=0.9))
    scene.filter("cpu>50%")
    scene.view.hold(True)
    scene.change(make.node("a", cpu=0.1))
    assert scene.ids == ["a"]
    assert scene.view.gone == set()
    assert scene.view.pending == 1


def test_what_changed_there_and_back_no_longer_waits() -> None:
    scene = Scene(*nodes(a=0.1))
    scene.sort("cpu")
    scene.view.hold(True)
    scene.change(make.node("a", cpu=0.2))
    assert scene.view.pending == 1
    scene.change(make.node("a", cpu=0.1))
    assert scene.view.pending == 0


def test_what_a_person_asks_for_is_done_even_while_the_order_is_held() -> None:
    scene = Scene(*nodes(a=0.1, b=0.2))
    scene.view.hold(True)
    scene.remove("a")
    scene.sort("node", descending=True)
    assert scene.ids == ["b"]
    scene.filter("nothing")
    assert scene.ids == []
    assert scene.view.held


def test_a_row_that_left_the_store_and_is_not_yet_told_of_is_not_let_through_a_filter() -> None:
    scene = Scene(*nodes(viz01=10, viz02=20))
    del scene.store.nodes[NodeId("viz01")]
    scene.filter("viz")
    scene.finish()
    assert scene.ids == ["viz02"]


def test_time_alone_lets_a_row_through_a_filter_on_its_age() -> None:
    scene = Scene(make.node("a", age=5), make.node("b", age=50))
    scene.filter("age>10s")
    assert scene.ids == ["b"]
    scene.wait(6)
    assert scene.ids == ["a", "b"]


def test_an_order_by_age_stays_true_as_time_passes() -> None:
    scene = Scene(make.node("a", age=5), make.node("b", age=6))
    scene.sort("age")
    scene.wait(100)
    scene.change(make.node("c", age=-99))  # heard a second ago by then
    assert scene.ids == ["c", "a", "b"]


def test_the_rows_revision_tells_when_to_paint_again() -> None:
    scene = Scene(*nodes(a=0.1))
    before = scene.view.rev(NodeId("a"))
    scene.store.nodes[NodeId("a")].rev += 1
    assert scene.view.rev(NodeId("a")) != before
    assert scene.view.rev(NodeId("gone")) is None


def test_rows_that_are_made_anew_each_time_keep_their_ids() -> None:
    store = make.store()
    view = View(EVENTS, store, lambda: make.LOOK)
    for number in range(600):
        store.announce(Severity.INFO, f"event {number}")
    view.apply(Dirty())
    newest, oldest = view.ids[0], view.ids[-1]
    assert (newest, oldest) == (-600, -101)
    row = view.row(newest)
    assert row is not None
    assert row.text == "event 599"


NAMES = [f"viz{number}" for number in range(12)]
COLUMNS = ["node", "cpu", "state", "age", "drain"]
FILTERS = ["", "cpu>50%", "viz1", "age>8s", "!state=draining cpu!=unknown"]

names = st.sampled_from(NAMES)
rows = st.builds(
    lambda name, cpu, age, state, known: (
        make.node(name, cpu=cpu, age=age, state=state) if known else make.bare_node(name)
    ),
    names,
    st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    st.floats(0, 20),
    st.sampled_from(["active", "draining", "drained"]),
    st.booleans(),
)
steps = st.one_of(
    st.tuples(st.just("change"), st.lists(rows, max_size=4)),
    st.tuples(st.just("remove"), st.lists(names, unique=True, max_size=3)),
    st.tuples(st.just("sort"), st.sampled_from(COLUMNS), st.booleans()),
    st.tuples(st.just("filter"), st.sampled_from(FILTERS)),
    st.tuples(st.just("type"), st.sampled_from(FILTERS), st.integers(0, 3)),
    st.tuples(st.just("go on")),
    st.tuples(st.just("narrow"), st.none() | st.frozensets(names)),
    st.tuples(st.just("wait"), st.floats(1, 10)),
    st.tuples(st.just("hold"), st.booleans()),
)


def expected(scene: Scene, narrowed: frozenset[NodeId] | None) -> list[NodeId]:
    """The same by brute force."""
    view = scene.view
    shown = [
        (id_, row)
        for id_, row in scene.store.nodes.items()
        if (narrowed is None or id_ in narrowed)
        and (view.filter is None or view.filter.matches(row, scene.store, scene.look))
    ]
    return make.sorted_ids(shown, view.sort_column, descending=view.descending, store=scene.store, look=scene.look)


def take(scene: Scene, step: tuple[object, ...]) -> None:
    match step:
        case ("change", list(changed)):
            scene.change(*changed)
        case ("remove", list(ids)):
            scene.remove(*[id_ for id_ in ids if id_ in scene.store.nodes])
        case ("sort", str(column), bool(descending)):
            scene.sort(column, descending)
        case ("filter", str(text)):
            scene.filter(text)
        case ("type", str(text), int(enough)):
            scene.view.set_filter(scene.parsed(text), enough=enough)
        case ("go on",):
            scene.view.go_on()
        case ("narrow", ids):
            scene.view.narrow(ids)  # type: ignore[arg-type]  # a set of names, as drawn
        case ("wait", float(seconds)):
            scene.wait(seconds)
        case ("hold", bool(on)):
            scene.view.hold(on)


@pytest.fixture
def asked_singly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters ask one row after the other, and at most two before the old list is shown meanwhile."""
    monkeypatch.setattr(fxtop.views.view, "SLICE", 1)
    monkeypatch.setattr(fxtop.views.view, "FIRST", 1)
    monkeypatch.setattr(fxtop.views.view, "AT_ONCE", 2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, max_size=8), st.lists(steps, max_size=12))
def test_it_always_shows_what_sorting_and_filtering_all_rows_would(
    asked_singly: None, first: list[NodeRow], course: list[tuple[object, ...]]
) -> None:
    scene = Scene(*first)
    narrowed: frozenset[NodeId] | None = None
    for step in course:
        before = list(scene.view.ids)
        take(scene, step)
        if step[0] == "narrow":
            narrowed = step[1]  # type: ignore[assignment]  # as drawn
        if scene.view.held and step[0] in ("change", "remove", "wait"):
            assert scene.ids == before
        for place, id_ in enumerate(scene.view.ids):
            assert scene.view.index(id_) == place
    scene.view.hold(False)
    scene.finish()
    scene.wait(1)
    assert scene.ids == expected(scene, narrowed)


def test_a_row_that_sorts_by_what_it_did_is_put_in_order_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(*nodes(a=0.1, b=0.2, c=0.3))
    made: list[object] = []

    def counted(id_: object, value: SortValue) -> SortKey:
        made.append(id_)
        return key_of(id_, value)

    monkeypatch.setattr(fxtop.views.view, "key_of", counted)
    scene.change(*nodes(a=0.9, b=0.8, d=0.7))
    assert (made, scene.ids) == ([NodeId("d")], ["a", "b", "c", "d"])
    scene.sort("cpu")
    made.clear()
    scene.change(*nodes(a=0.1, b=0.8))
    assert (made, scene.ids) == ([NodeId("a")], ["a", "c", "d", "b"])


def test_a_row_is_not_looked_at_again_where_the_order_is_one_of_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(*nodes(a=0.1, b=0.2))
    looked_at: list[str] = []

    def counted(row: NodeRow, *arguments: object, **options: object) -> SortValue:
        looked_at.append(row.id)
        return row.id

    monkeypatch.setattr(fxtop.views.view, "sort_value", counted)
    scene.change(*nodes(a=0.9, c=0.7))
    scene.remove("b")
    assert (looked_at, scene.ids) == ([NodeId("c")], ["a", "c"])


def test_a_session_is_asked_for_its_place_again_when_more_of_it_changed_than_what_walks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Site()
    for number in range(3):
        site.session("n1", f"s{number}", user="bob")
    view: View[SessionKey, SessionRow] = View(SESSIONS, site.store, Look)
    site.store.drain_dirty()
    asked: list[str] = []

    def counted(row: SessionRow, column: Column[SessionRow], **how: Any) -> SortValue:
        asked.append(str(row.key))
        return sort_value(row, column, **how)

    monkeypatch.setattr(fxtop.views.view, "sort_value", counted)
    site.session("n1", "s0", user="bob", cpu=0.7, idle=3.0)
    site.session("n1", "s2", user="ann")
    site.session("n2", "s9", user="amy")
    site.session("n1", "s1", state="ended")
    view.apply(site.store.drain_dirty())
    assert sorted(asked) == ["n1/s2", "n2/s9"]
    assert [str(id_) for id_ in view.ids] == ["n2/s9", "n1/s2", "n1/s0"]


@pytest.mark.parametrize("pane", PANES.values(), ids=lambda pane: pane.id)
def test_what_is_said_to_be_constant_is_a_part_of_the_id(pane: PaneSpec[Hashable, object]) -> None:
    store = make.store(make.node(), make.session(), make.transporter(), make.pool(), make.license_(), make.share())
    for id_, row in pane.rows(store).items():
        parts = (id_.node, id_.session) if isinstance(id_, SessionKey) else id_ if isinstance(id_, tuple) else (id_,)
        for column in pane.columns:
            assert not column.constant or column.value(row, store, make.LOOK) in parts


def test_a_row_that_changes_after_it_was_asked_is_found_while_the_old_list_is_shown(asked_singly: None) -> None:
    scene = Scene(*nodes(a=0.1, b=0.1, c=0.1))
    scene.view.set_filter(scene.parsed("cpu>50%"), enough=1)
    assert scene.view.asking
    scene.change(*nodes(a=0.9))
    scene.finish()
    assert scene.ids == ["a"]
