from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster.records import SessionRow
from fxtop.cluster.store import Store
from fxtop.views.column import Cell, Column, Look
from fxtop.views.filter_complete import ROWS_LOOKED_AT, Completion, complete, known_values
from fxtop.views.panes import NODES, SESSIONS
from tests.unit.views import make

ROWS = [
    make.session("s1", user="ann", state="running", app="firefox"),
    make.session("s2", user="ann", state="disconnected", app="Text Editor"),
    make.session("s3", user="bob", state="running"),
]
STORE = make.store(*ROWS)


def values(column: Column[SessionRow]) -> list[str]:
    return known_values(column, ROWS, STORE, make.LOOK)


def offered(text: str) -> list[str]:
    """The whole filters that ``text`` can become at its end."""
    found = complete(text, len(text), SESSIONS.columns, values)
    return [found.applied(text, suggestion) for suggestion in found.suggestions]


def test_a_beginning_offers_the_fields_that_begin_so_with_their_usual_operator() -> None:
    assert offered("us") == ["user:"]
    assert offered("state=running id") == ["state=running id:", "state=running idle>"]


def test_every_field_comes_with_what_it_means() -> None:
    found = complete("", 0, NODES.columns, lambda column: ())
    assert len(found.suggestions) == len(NODES.columns)
    assert all(suggestion.help for suggestion in found.suggestions)


def test_values_that_rows_have_are_offered_most_frequent_first() -> None:
    assert offered("user:") == ["user:ann", "user:bob", "user:unknown"]
    assert offered("user:b") == ["user:bob"]
    assert offered("!state=r") == ["!state=running"]


def test_values_that_contain_what_was_typed_come_after_those_that_begin_with_it() -> None:
    assert offered("state=n") == ["state=running", "state=disconnected", "state=unknown"]


def test_a_value_with_a_space_is_offered_in_quotes() -> None:
    assert offered("app:ed") == ['app:"Text Editor"']
    assert offered('app:"Te') == ['app:"Text Editor"']


def test_for_numbers_it_says_how_they_are_written() -> None:
    found = complete("idle>1", 6, SESSIONS.columns, values)
    assert [suggestion.help for suggestion in found.suggestions] == ["a duration, as 90s, 10m or 1h30m"]
    assert offered("idle>1") == ["idle>1"]


def test_only_the_term_at_the_cursor_is_completed() -> None:
    found = complete("us state=running", 2, SESSIONS.columns, values)
    assert [found.applied("us state=running", each) for each in found.suggestions] == ["user: state=running"]


def test_an_unknown_field_has_no_values() -> None:
    assert offered("nothing:a") == []


def test_an_empty_value_is_none_to_offer() -> None:
    column = SESSIONS.column("pending")
    assert column is not None
    assert known_values(column, ROWS, STORE, make.LOOK) == []


@given(st.text('us!=:~<"\\ er', max_size=20), st.data())
def test_anything_at_any_place_can_be_asked(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    found = complete(text, cursor, SESSIONS.columns, values)
    assert isinstance(found, Completion)
    assert 0 <= found.start <= found.end == cursor


def test_of_very_many_rows_some_are_looked_at_from_the_first_to_the_last() -> None:
    asked: list[int] = []

    def value(row: int, store: Store, look: Look) -> str:
        asked.append(row)
        return "early" if row < 40 * ROWS_LOOKED_AT else "late"

    column = Column("when", "When", "", value, lambda row, store, look: Cell(""))
    rows = range(50 * ROWS_LOOKED_AT + 1)
    assert known_values(column, rows, STORE, make.LOOK) == ["early", "late"]
    assert len(asked) <= ROWS_LOOKED_AT
    assert known_values(column, range(3), STORE, make.LOOK) == ["early"]
