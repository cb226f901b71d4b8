"""Whose turn it is: weighted round robin over starts that are processes of their own.

Each start gives every node its weight in credit, takes the one with the most, and that one pays what was given out; so
turns are spread and not bunched (the way nginx does it). The credits are kept in a file, under a lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
import time
from collections.abc import Mapping
from random import Random
from typing import Final

LOCK_WAIT: Final = 0.1
"""Seconds to wait for others who choose at the same moment; each needs a millisecond."""
_LOCK_RETRY: Final = 0.002
MOST_IDS: Final = 10_000
"""Over that, nodes that aren't offered are forgotten."""
MOST_BYTES: Final = 4 * 2**20


class NoTurns(Exception):
    """Nobody knows whose turn it is; the text is a sentence."""


def default_file(environ: Mapping[str, str]) -> str:
    """Where the turns are kept: with what FastX keeps of this host, or in the user's own state directory."""
    if local := environ.get("FX_LOCAL_DIR"):
        return os.path.join(local, "fxtop-turns.json")
    state = environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "fxtop", "turns.json")


def take_turn(path: str, weights: Mapping[str, float], rng: Random) -> str:
    """The id whose turn it is among ``weights``, which must name at least one; the next start sees it taken.

    Raises:
        NoTurns: the file can't be used.
    """
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
        with os.fdopen(handle, "r+b") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise NoTurns(f"{path} is no ordinary file, so the turns can't be kept there.")
            _lock(handle, path)
            credit = _load(file.read(MOST_BYTES))
            chosen = _advance(credit, weights, rng)
            file.seek(0)
            file.truncate()
            file.write(json.dumps({"v": 1, "credit": credit}).encode())
    except OSError as error:
        raise NoTurns(f"The turns can't be kept in {path}: {error.strerror or error}.") from error
    return chosen


def _lock(handle: int, path: str) -> None:
    """Wait for the lock. The kernel has no limit for that, so it is asked again and again until one of ours is over."""
    end = time.monotonic() + LOCK_WAIT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise NoTurns(f"Another process holds {path} for too long.") from None
            time.sleep(_LOCK_RETRY)
        else:
            return


def _load(content: bytes) -> dict[str, float]:
    """The credits; none where the file is new or was cut off, since turns may begin anywhere."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    credit = document.get("credit") if isinstance(document, dict) else None
    if not isinstance(credit, dict):
        return {}
    return {id_: value for id_, value in credit.items() if isinstance(value, float) and abs(value) < 1e9}


def _advance(credit: dict[str, float], weights: Mapping[str, float], rng: Random) -> str:
    """One turn. A node that is new begins anywhere, so that two gateways don't walk in step."""
    if len(credit) > MOST_IDS:
        for gone in credit.keys() - weights.keys():
            del credit[gone]
    for id_, weight in weights.items():
        credit[id_] = credit[id_] + weight if id_ in credit else weight * rng.random()
    chosen = max(weights, key=credit.__getitem__)
    credit[chosen] -= sum(weights.values())
    return chosen
