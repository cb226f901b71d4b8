"""Homes on a filesystem that doesn't answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fxtop.agent.providers.fastx.accounts import Account, Place
from fxtop.agent.providers.fastx.folders import SessionFolder, Sight
from fxtop.agent.providers.fastx.homes import Home, Homes

USERS = [Home(Account(uid, uid, f"user{uid}", None), Place(f"/{uid}")) for uid in (1, 2, 3)]


class Disk:
    """Answers for each user with a directory, unless that user's home hangs."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._gates: dict[int, threading.Event] = {}

    @contextmanager
    def hanging(self, uid: int) -> Iterator[None]:
        gate = self._gates[uid] = threading.Event()
        try:
            yield
        finally:
            del self._gates[uid]
            gate.set()

    def look(self, account: Account, place: Place) -> Sight:
        self.asked.append(account.uid)
        if account.uid in self._gates:
            self._gates[account.uid].wait()
        return Sight({"FX3-a": SessionFolder("FX3-a", 1, account.uid, 0.0)})


async def test_a_home_that_hangs_keeps_its_last_look_and_is_left_alone() -> None:
    disk = Disk()
    homes = Homes(0.2, disk.look)
    before = await homes.look(USERS)
    assert all(sight.folders and sight.note is None for sight in before.values())
    with disk.hanging(2):
        during = await homes.look(USERS)
        assert during[1].note is None
        assert during[2].folders == before[2].folders
        assert during[2].note is not None
        assert "user2" in during[2].note
        assert during[3].folders == before[3].folders
        disk.asked.clear()
        later = await homes.look(USERS)
        assert disk.asked == [1, 3]
        assert (later[3].note, later[2].note) == (None, during[2].note)


async def test_a_home_that_was_never_seen_is_unknown_and_not_empty() -> None:
    disk = Disk()
    homes = Homes(0.1, disk.look)
    with disk.hanging(1):
        assert (await homes.look(USERS[:1]))[1].folders is None


async def test_a_home_that_answers_again_is_looked_at_again() -> None:
    disk = Disk()
    homes = Homes(0.1, disk.look)
    with disk.hanging(1):
        await homes.look(USERS)
    for thread in threading.enumerate():
        if thread.name == "session directories":
            thread.join()
    assert all(sight.note is None for sight in (await homes.look(USERS)).values())
