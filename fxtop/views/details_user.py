"""The details of a user: how the sessions stand, which they are, and what seats are held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fxtop.cluster.joins import sessions_of_user
from fxtop.views.column import Look
from fxtop.views.columns_sessions import what_runs
from fxtop.views.columns_users import USER_COLUMNS
from fxtop.views.details_parts import Line, Section, line, lines_of, section
from fxtop.views.format import plural
from fxtop.views.states import session_status

if TYPE_CHECKING:
    from fxtop.cluster.records import UserRow
    from fxtop.cluster.store import Store

SESSIONS_SHOWN: Final = 50
"""Lines; narrowing the panes to the user shows all of them."""


def user_sections(row: UserRow, store: Store, look: Look) -> Iterator[Section]:
    """What is known of a user."""
    yield section("Sessions by state", _counts(row, store, look), look=look)
    yield section("Sessions", _sessions(row, store), look=look)
    yield section("License seats", lines_of("Held", _held(row, store)), look=look)


def _counts(row: UserRow, store: Store, look: Look) -> Iterator[Line]:
    for column in USER_COLUMNS:
        if column.unit == "number" and (column.id == "sessions" or column.value(row, store, look)):
            yield Line("All" if column.id == "sessions" else column.id.capitalize(), column.cell(row, store, look))


def _sessions(row: UserRow, store: Store) -> Iterator[Line]:
    found = sessions_of_user(store, row.user)
    for session in found[:SESSIONS_SHOWN]:
        status = session_status(session)
        runs = what_runs(session)
        yield line(str(session.key), f"{status.word}, {runs}" if runs else status.word, status.tone)
    if len(found) > SESSIONS_SHOWN:
        yield line("", f"and {len(found) - SESSIONS_SHOWN} more: n narrows the panes to all of them")


def _held(row: UserRow, store: Store) -> Iterator[str]:
    for key, pool in store.pools.items():
        for held in pool.holders:
            if held.holder.user == row.user:
                yield f"{plural(held.holder.seats, 'seat')} of {key.product} at {key.server}, on {held.holder.host}"
