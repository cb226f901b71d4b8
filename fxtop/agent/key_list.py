"""The list of keys that an agent goes by, read anew whenever its file has changed."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from fxtop.agent.trust import Trust, TrustError

log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int, int]


class KeyList:
    """The keys of one agent.

    Each look asks the file system whether the file is still the same one, which costs microseconds, so that a key that
    was revoked is refused from the next request on. A list with a mistake is not taken up: the last good one stays. One
    that is gone lists nobody, for whoever removes it means that.

    Args:
        trust: what it lists at first.
        path: the file; None where there is none to follow.
    """

    def __init__(self, trust: Trust, path: Path | None = None) -> None:
        self._trust = trust
        self._path = path
        self._stamp: _Stamp | None = None
        self._missing = False

    def now(self) -> Trust:
        """The keys as they are listed now."""
        if self._path is not None:
            self._look(self._path)
        return self._trust

    def replace(self, trust: Trust) -> None:
        """Go by another list from now on, until its file changes."""
        self._trust = trust
        self._stamp = None

    def _look(self, path: Path) -> None:
        stamp = _stamp(path)
        if stamp is None:
            self._gone(path)
        elif stamp != self._stamp:
            self._stamp, self._missing = stamp, False
            self._read(path)

    def _gone(self, path: Path) -> None:
        if not self._missing:
            self._missing, self._stamp = True, None
            self._trust = Trust(roles=self._trust.roles)
            log.warning("There is no list of keys %s, so nobody can ask this agent for anything but a ping.", path)

    def _read(self, path: Path) -> None:
        try:
            trust = Trust.load(path, self._trust.roles)
        except TrustError as error:
            log.error("%s The agent goes by the keys that it listed before.", error)
            return
        if trust.keys != self._trust.keys:
            log.info("The list of keys %s has changed: it has %d keys now.", path, len(trust.keys))
        self._trust = trust


def _stamp(path: Path) -> _Stamp | None:
    """What differs between two versions of a file; None where there is none."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError:
        return (0, 0, 0, 0)  # it is there; reading it says what is wrong
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
