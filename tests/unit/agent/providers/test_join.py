"""Which processes are which session's, whatever they claim."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.providers.fastx.accounts import Account, Place
from fxtop.agent.providers.fastx.census import Census, Process
from fxtop.agent.providers.fastx.folders import SessionFolder, Sight
from fxtop.agent.providers.fastx.homes import Home
from fxtop.agent.providers.fastx.join import Found, Mark, join, leader

ANN = Home(Account(1000, 1000, "ann", "/home/ann"), Place("/home/ann/s"))
BOB = Home(Account(1001, 1001, "bob", "/home/bob"), Place("/home/bob/s"))


def process(pid: int, uid: int = 1000, **other: Any) -> Process:
    return Process(**{"pid": pid, "start": pid, "parent": 1, "uid": uid, "ticks": 0, "rss": 1, **other})


def found(*processes: Process, folders: tuple[str, ...] = (), homes: tuple[Home, ...] = (ANN, BOB)) -> list[Found]:
    known = {name: SessionFolder(name, 1, 1, 0.0) for name in folders}
    sights = {1000: Sight(known, real="/export/ann/s"), 1001: Sight({})}
    return join(Census({one.pid: one for one in processes}), homes, sights)


PATHS = st.one_of(
    st.text(max_size=40),
    st.tuples(
        st.sampled_from(["/home/ann/s", "/home/bob/s", "/export/ann/s", "/home/ann", ""]),
        st.lists(st.sampled_from(["FX3-a", "FX3-b", "FX-", "..", ".", "", "authority", "x\n"]), max_size=4),
    ).map(lambda parts: "/".join([parts[0], *parts[1]])),
)


@given(st.lists(st.tuples(st.sampled_from([1000, 1001, 0]), PATHS), max_size=12))
def test_a_process_is_of_one_session_at_most_and_of_its_own_user(claims: list[tuple[int, str]]) -> None:
    processes = [process(pid, uid, xauthority=path) for pid, (uid, path) in enumerate(claims, start=2)]
    sessions = found(*processes, folders=("FX3-a", "FX3-b"))
    members = [member for session in sessions for member in session.members]
    assert len(members) == len({member.pid for member in members})
    assert len({session.id for session in sessions}) == len(sessions)
    for session in sessions:
        for member in session.members:
            assert member.uid == session.account.uid
            assert session.mark.fits(member)
            assert ".." not in (member.xauthority or "").split("/")


@pytest.mark.parametrize(
    "path",
    [
        "/home/ann/s/FX3-a",
        "/home/ann/s/FX3-a/../FX3-b/authority",
        "/home/ann/s/../../bob/s/FX3-a/authority",
        "home/ann/s/FX3-a/authority",
        "/home/ann/sessions/FX3-a/authority",
        "/home/ann/s/FX3-a b/authority",
        "/home/ann/s//FX3-a/authority",
        "/home/bob/s/FX3-a/authority",
    ],
)
def test_what_is_not_plainly_under_the_users_own_session_directory_is_not_of_it(path: str) -> None:
    assert found(process(2, xauthority=path)) == []


def test_both_the_written_and_the_real_path_count() -> None:
    (session,) = found(
        process(2, xauthority="/home/ann/s/FX3-a/authority"), process(3, xauthority="/export/ann/s/FX3-a/authority")
    )
    assert [member.pid for member in session.members] == [2, 3]
    assert session.mark == Mark(1000, ("/home/ann/s/FX3-a", "/export/ann/s/FX3-a"))


def test_the_leader_is_the_oldest_that_nothing_of_the_session_started() -> None:
    inner = process(3, parent=2, start=5)
    outer = process(2, start=10)
    assert leader([inner, outer]) == outer
    assert leader([process(9, start=1), process(2, start=10)]) == process(9, start=1)
    assert leader([]) is None


def test_fastx_is_passed_over_for_the_leader_unless_there_is_nothing_else() -> None:
    monitor = process(2, arguments=("perl", "/usr/lib/fastx/5/scripts/link"))
    command = process(3, parent=2, arguments=("gnome-session",))
    assert leader([monitor, command]) == command
    assert leader([monitor]) == monitor


def test_processes_that_started_each_other_in_a_circle_still_have_a_leader() -> None:
    assert leader([process(2, parent=3), process(3, parent=2)]) == process(2, parent=3)


def test_a_guest_belongs_to_a_display_that_only_one_session_has() -> None:
    first = process(2, xauthority="/home/ann/s/FX3-a/authority", display="viz01:101")
    second = process(3, xauthority="/home/ann/s/FX3-b/authority", display="viz01:101.0")
    guest = process(4, display="viz01:101.0")
    (alone,) = found(first, guest)
    assert alone.guests == (guest,)
    assert [session.guests for session in found(first, second, guest)] == [(), ()]
    assert found(first, process(4, uid=1001, display="viz01:101"))[0].guests == ()


@pytest.mark.parametrize(
    "display", ["-display", "viz01", "viz01:x", ":1;reboot", "a b:1", ":" + "9" * 9, "x" * 300 + ":1"]
)
def test_what_is_no_display_is_not_told_as_one(display: str) -> None:
    (session,) = found(process(2, xauthority="/home/ann/s/FX3-a/authority", display=display))
    assert session.display is None
