"""All processes of the machine, with what tells to which session they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fxtop.agent.providers.fastx import procfs
from fxtop.agent.providers.fastx.procfs import NoProcess, Stat

XAUTHORITY: Final = "XAUTHORITY"
DISPLAY: Final = "DISPLAY"
_NAMES: Final = frozenset({XAUTHORITY, DISPLAY})


@dataclass(frozen=True, slots=True)
class Process:
    """A process that lived when it was looked at."""

    pid: int
    start: int
    """Clock ticks after the boot."""
    parent: int
    uid: int
    """The real one."""
    ticks: int
    rss: int
    xauthority: str | None = None
    display: str | None = None
    arguments: tuple[str, ...] = ()
    """Only of processes with an XAUTHORITY."""


@dataclass(frozen=True, slots=True)
class Census:
    """The processes by pid, and how many of them, root's aside, this user may not look into."""

    processes: Mapping[int, Process]
    closed: int = 0


@dataclass(frozen=True, slots=True)
class _Traits:
    """What stays the same while a process runs the same program as the same user."""

    uid: int
    xauthority: str | None = None
    display: str | None = None
    arguments: tuple[str, ...] = ()
    closed: bool = False


class CensusTaker:
    """Looks at all processes. It remembers environments, so that one is read once for each program that runs.

    Not for two threads at once.
    """

    def __init__(self, proc: str = procfs.PROC) -> None:
        self._proc = proc
        self._known: dict[int, tuple[object, _Traits]] = {}

    def take(self) -> Census:
        """All processes now. One that ends while it is looked at isn't among them."""
        processes: dict[int, Process] = {}
        known: dict[int, tuple[object, _Traits]] = {}
        for pid in procfs.pids(self._proc):
            try:
                stat, owner = procfs.read_stat(pid, self._proc)
                if stat.kernel:
                    continue
                entry = known[pid] = self._traits(pid, stat, owner)
            except NoProcess:
                continue
            processes[pid] = _process(pid, stat, entry[1])
        self._known = known
        return Census(processes, sum(traits.closed and traits.uid != 0 for _, traits in known.values()))

    def _traits(self, pid: int, stat: Stat, owner: int) -> tuple[object, _Traits]:
        key = (stat.start, stat.image, owner)
        known = self._known.get(pid)
        return known if known is not None and known[0] == key else (key, _read_traits(pid, self._proc))


def look_at(pid: int, proc: str = procfs.PROC) -> Process:
    """One process as it is right now, nothing of it remembered.

    Raises:
        NoProcess: it is gone.
    """
    stat, _ = procfs.read_stat(pid, proc)
    return _process(pid, stat, _read_traits(pid, proc))


def _process(pid: int, stat: Stat, traits: _Traits) -> Process:
    return Process(
        pid=pid,
        start=stat.start,
        parent=stat.parent,
        uid=traits.uid,
        ticks=stat.ticks,
        rss=stat.pages * procfs.PAGE,
        xauthority=traits.xauthority,
        display=traits.display,
        arguments=traits.arguments,
    )


def _read_traits(pid: int, proc: str) -> _Traits:
    uid = procfs.read_uid(pid, proc)
    try:
        environment = procfs.read_environment(pid, _NAMES, proc)
        xauthority = environment.get(XAUTHORITY)
        arguments = procfs.read_arguments(pid, proc) if xauthority else ()
    except PermissionError:
        return _Traits(uid, closed=True)
    return _Traits(uid, xauthority, environment.get(DISPLAY), arguments)
