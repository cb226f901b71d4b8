"""Which processes belong to which session directory. Pure: what was seen goes in, sessions come out."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fxtop.agent.providers.fastx.accounts import Account
from fxtop.agent.providers.fastx.census import Census, Process
from fxtop.agent.providers.fastx.folders import NAME, SessionFolder, Sight
from fxtop.agent.providers.fastx.homes import Home
from fxtop.protocol.ids import SessionId

FASTX: Final = "/usr/lib/fastx/"
"""Where every version of FastX is installed; what runs from there is not a session's own command."""
_DISPLAY: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}:\d{1,5}(\.\d+)?|:\d{1,5}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a process is known to belong to a session: whose it is, and under which directories its XAUTHORITY lies.

    There are two where links lead to SessionPath: the path as it is written, and where it leads.
    """

    uid: int
    folders: tuple[str, ...]

    def fits(self, process: Process) -> bool:
        """Whether ``process`` is one of that session."""
        return process.uid == self.uid and any(_is_under(process.xauthority, folder) for folder in self.folders)


@dataclass(frozen=True, slots=True)
class Found:
    """One session as it was found. ``members`` are its processes, oldest first.

    ``guests`` run on its display without its XAUTHORITY: they count for its load, and nobody ends them.
    """

    account: Account
    id: SessionId
    name: str
    mark: Mark
    seen: bool
    """Whether this user's session directories could be looked at."""
    own: bool
    """Whether only sessions of this host can have their directory there."""
    folder: SessionFolder | None
    members: tuple[Process, ...] = ()
    guests: tuple[Process, ...] = ()
    display: str | None = None

    @property
    def key(self) -> tuple[int, str]:
        """What names it on this machine, whatever else takes its id."""
        return self.account.uid, self.name

    @property
    def leader(self) -> Process | None:
        """The process of the session's own command."""
        return leader(self.members)


def leader(members: Iterable[Process]) -> Process | None:
    """The process of a session's own command, which ends a desktop session when it ends.

    FastX doesn't tell which one it is. It is started by FastX's monitor, with the display's environment: so it is one
    that runs nothing of FastX's own and whose parent isn't an ordinary process of the session. Programs that were sent
    to the background look the same but are younger, so the oldest is taken.
    """
    known = {process.pid: process for process in members}
    ordinary = {pid: process for pid, process in known.items() if not is_fastx(process)}
    heads = [process for process in ordinary.values() if process.parent not in ordinary]
    return min(heads or known.values(), key=_age, default=None)


def is_fastx(process: Process) -> bool:
    """Whether it runs a program of FastX itself, or a script of FastX by an interpreter."""
    return any(argument.startswith(FASTX) for argument in process.arguments[:2])


def join(census: Census, homes: Iterable[Home], sights: Mapping[int, Sight]) -> list[Found]:
    """All sessions of the users of ``homes``."""
    by_uid: defaultdict[int, list[Process]] = defaultdict(list)
    for process in census.processes.values():
        by_uid[process.uid].append(process)
    found = [
        session
        for home in homes
        for session in _of_user(home, sights[home.account.uid], by_uid.get(home.account.uid, []))
    ]
    return _with_ids_of_their_own(found)


def _of_user(home: Home, sight: Sight, processes: list[Process]) -> list[Found]:
    roots = tuple(dict.fromkeys(filter(None, (posixpath.normpath(home.place.path), sight.real))))
    members: defaultdict[str, list[Process]] = defaultdict(list)
    others: list[Process] = []
    for process in processes:
        name = _folder_name(process.xauthority, roots)
        (others if name is None else members[name]).append(process)
    folders = sight.folders or {}
    sessions = [
        _session(home, sight, name, roots, tuple(sorted(members.get(name, ()), key=_age)))
        for name in {**dict.fromkeys(members), **dict.fromkeys(folders)}
    ]
    return _with_guests(sessions, others)


def _session(home: Home, sight: Sight, name: str, roots: tuple[str, ...], members: tuple[Process, ...]) -> Found:
    match = NAME.fullmatch(name)
    head = leader(members)
    return Found(
        account=home.account,
        id=SessionId(match["id"] if match else name),
        name=name,
        mark=Mark(home.account.uid, tuple(f"{root}/{name}" for root in roots)),
        seen=sight.folders is not None,
        own=home.place.own,
        folder=(sight.folders or {}).get(name),
        members=members,
        display=_display(([head] if head else []) + list(members)),
    )


def _with_guests(sessions: list[Found], others: Iterable[Process]) -> list[Found]:
    """Processes of the same user on a display that is one session's alone."""
    displays = Counter(_screenless(session.display) for session in sessions if session.display)
    guests: defaultdict[str, list[Process]] = defaultdict(list)
    for process in others:
        if process.display and displays[_screenless(process.display)] == 1:
            guests[_screenless(process.display)].append(process)
    return [
        replace(session, guests=tuple(guests[_screenless(session.display)]))
        if session.display and _screenless(session.display) in guests
        else session
        for session in sessions
    ]


def _with_ids_of_their_own(found: list[Found]) -> list[Found]:
    """Nobody may hide somebody else's session behind one with the same id: those get longer ids, all of them."""
    taken = Counter(session.id for session in found)
    return [
        session if taken[session.id] == 1 else replace(session, id=SessionId(f"{session.name}@{session.account.name}"))
        for session in found
    ]


def _folder_name(path: str | None, roots: tuple[str, ...]) -> str | None:
    for root in roots:
        if path is not None and _is_under(path, root):
            name, slash, _ = path[len(root) + 1 :].partition("/")
            return name if slash and NAME.fullmatch(name) else None
    return None


def _is_under(path: str | None, folder: str) -> bool:
    return path is not None and path.startswith(f"{folder}/") and ".." not in path.split("/")


def _display(processes: Iterable[Process]) -> str | None:
    return next((p.display for p in processes if p.display and _DISPLAY.fullmatch(p.display)), None)


def _screenless(display: str) -> str:
    host, colon, number = display.rpartition(":")
    return host + colon + number.partition(".")[0]


def _age(process: Process) -> tuple[int, int]:
    return process.start, process.pid
