"""Who has sessions, and how many stand how."""

from __future__ import annotations

from collections import Counter
from collections.abc import ItemsView

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster import users
from fxtop.cluster.records import SessionKey, SessionRow, UserRow
from fxtop.cluster.session_table import SessionTable
from fxtop.cluster.store import Store
from tests.unit.cluster.kit import Site, body_of, key

STATES = ("pending", "starting", "running", "disconnected", "ending", "ghost", "orphan", "unknown")
NODES, SESSIONS, USERS = st.sampled_from(["n1", "n2"]), st.sampled_from(["s1", "s2", "s3"]), st.sampled_from("abc")

CHANGE = st.tuples(NODES, SESSIONS, USERS, st.sampled_from((*STATES, "ended")))
SNAPSHOT = st.tuples(NODES, st.dictionaries(SESSIONS, st.tuples(USERS, st.sampled_from(STATES))))


def counted(store: Store) -> dict[str, dict[str, int]]:
    """The counts of every user, without those that are 0."""
    names = [name for name in UserRow.__struct_fields__ if name not in ("user", "rev")]
    return {
        user: {name: getattr(row, name) for name in names if getattr(row, name)} for user, row in store.users.items()
    }


def recounted(store: Store) -> dict[str, dict[str, int]]:
    """The same, by going over all sessions."""
    found: dict[str, Counter[str]] = {}
    for row in store.sessions.values():
        found.setdefault(row.body.user, Counter()).update(("sessions", row.body.state))
    return {user: dict(counts) for user, counts in found.items()}


def keys_of(store: Store, user: str) -> set[SessionKey]:
    """The sessions of a user, by going over all sessions."""
    return {key for key, row in store.sessions.items() if row.body.user == user}


@given(st.lists(CHANGE | SNAPSHOT | st.just(None), max_size=40), st.lists(USERS, max_size=3))
def test_after_any_messages_the_counts_are_those_of_the_sessions(
    told: list[tuple[str, str, str, str] | tuple[str, dict[str, tuple[str, str]]] | None], asked: list[str]
) -> None:
    site = Site()
    for user in asked:
        site.store.by_user.sessions(user)
    for message in told:
        match message:
            case (node, session, user, state):
                site.session(node, session, user=user, state=state)
            case (node, sessions):
                bodies = [{"id": id_, "user": user, "state": state} for id_, (user, state) in sessions.items()]
                site.snapshot(node, *bodies)
            case None:
                site.wait(400.0)
        assert counted(site.store) == recounted(site.store)
    for user in "abc":
        assert site.store.by_user.sessions(user) == keys_of(site.store, user)


def test_a_user_goes_with_the_last_session() -> None:
    site = Site()
    site.session("n1", "s1")
    site.session("n2", "s1")
    assert counted(site.store) == {"ann": {"sessions": 2, "running": 2}}
    site.session("n1", "s1", state="ended")
    site.store.drain_dirty()
    site.session("n2", "s1", state="ended")
    assert site.store.users == {}
    assert site.store.drain_dirty().users == {"ann"}


def test_a_session_that_is_somebody_elses_marks_both() -> None:
    site = Site()
    site.session("n1", "s1")
    site.session("n1", "s2")
    site.store.drain_dirty()
    site.session("n1", "s1", user="bob")
    assert site.store.drain_dirty().users == {"ann", "bob"}
    assert counted(site.store) == {"ann": {"sessions": 1, "running": 1}, "bob": {"sessions": 1, "running": 1}}


def test_a_session_of_another_load_or_name_touches_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site()
    site.session("n1", "s1", cpu=0.1)
    site.store.drain_dirty()
    before = site.store.users["ann"].rev
    moves: list[SessionKey] = []
    monkeypatch.setattr(site.store.by_user, "move", lambda key, old, new: moves.append(key))
    site.session("n1", "s1", cpu=0.9, idle=7.0)
    site.session("n1", "s1", cpu=0.9, idle=7.0, name="desk")
    site.snapshot("n1", {**body_of("n1", "s1"), "cpu": 0.5})
    dirty = site.store.drain_dirty()
    assert dirty.sessions == {key("n1", "s1")}
    assert (dirty.users, moves, site.store.users["ann"].rev) == (set(), [], before)


def test_the_sessions_of_a_user_stay_true_while_somebody_holds_them() -> None:
    site = Site()
    site.session("n1", "s1")
    mine = site.store.by_user.sessions("ann")
    for number in range(users.KEPT + 1):
        site.store.by_user.sessions(f"user{number}")
    site.session("n2", "s1")
    site.session("n1", "s1", user="bob")
    assert site.store.by_user.sessions("ann") is mine
    assert mine == {key("n2", "s1")}


class Counting(SessionTable):
    """Sessions that count how often somebody goes over all of them."""

    passes = 0

    def items(self) -> ItemsView[SessionKey, SessionRow]:
        self.passes += 1
        return super().items()


def test_all_sessions_are_gone_over_once_for_whom_somebody_asks_again_and_again() -> None:
    site = Site()
    sessions = site.store.sessions = Counting(site.store.nodes)
    site.session("n1", "s1")
    for number in range(5):
        site.session("n2", f"s{number}")
        assert len(site.store.by_user.sessions("ann")) == number + 2
    assert sessions.passes == 1
    for number in range(users.KEPT):
        site.store.by_user.sessions(f"user{number}")
    site.store.by_user.sessions("ann")
    assert sessions.passes == 2 + users.KEPT
