"""Who a uid is, and where that user's session directories are."""

from __future__ import annotations

import pwd
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fxtop.clock import Clock

FORGET: Final = 600.0
"""Seconds after which the name service is asked again."""


@dataclass(frozen=True, slots=True)
class Account:
    """A local user. One that the name service doesn't know is named by the uid and has no home."""

    uid: int
    gid: int
    name: str
    home: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The directory that holds a user's session directories: ``SessionPath``, expanded for that user.

    ``own`` tells whether only sessions of this host can be in it. Where several hosts share it, a directory without
    processes here may well be a session that lives elsewhere.
    """

    path: str
    own: bool = True


Places = Callable[[Account], Place | None]
"""Where the sessions of a user are; None where that can't be told."""


def account_of(uid: int) -> Account:
    """What the name service tells of ``uid``. May take long: never called on the event loop."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(uid, uid, str(uid), None)
    return Account(uid, entry.pw_gid, entry.pw_name, entry.pw_dir or None)


class AccountBook:
    """Accounts by uid, asked of ``lookup`` once in a while."""

    def __init__(self, clock: Clock, lookup: Callable[[int], Account] = account_of) -> None:
        self._clock = clock
        self._lookup = lookup
        self._known: dict[int, tuple[float, Account]] = {}

    def get(self, uid: int) -> Account:
        """The account of ``uid``."""
        now = self._clock.monotonic()
        known = self._known.get(uid)
        if known is None or now - known[0] > FORGET:
            known = self._known[uid] = now, self._lookup(uid)
        return known[1]
