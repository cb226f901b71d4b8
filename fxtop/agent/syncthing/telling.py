"""What syncthing's answers come to for the data that cluster managers share. Pure: answers in, a reading out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, TypeVar

from fxtop.agent.collectors.port import CollectError
from fxtop.agent.syncthing.answers import (
    CONNECTIONS,
    DEVICES,
    FOLDERS,
    SEEN,
    STATUS,
    Completion,
    Connections,
    Device,
    Folder,
    FolderErrors,
    FolderStatus,
    Pages,
    Seen,
    System,
    answer,
    completion_of,
    errors_of,
    status_of,
)
from fxtop.protocol.share import Peer

T = TypeVar("T")

PAUSED: Final = "paused"
STOPPED: Final = "error"
"""The state of a folder that syncthing has stopped sharing by itself."""
SHOWN: Final = 3
"""Files in error that are named."""
_SHORT: Final = 7
"""Characters of an id that people know a host by where nobody gave it a name."""


@dataclass(frozen=True, slots=True)
class Told:
    """What syncthing tells of shared data. What it doesn't is None, and ``notes`` says why."""

    peers: tuple[Peer, ...] = ()
    need_bytes: int | None = None
    errors: int | None = None
    state: str | None = None
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def folders_of(pages: Pages, path: PurePosixPath) -> list[Folder]:
    """The folder that holds ``path``, or those that lie in it where none holds it whole.

    Raises:
        CollectError: syncthing shares nothing of it, or its answers can't be read.
    """
    home = answer(pages, STATUS, System).tilde
    folders: list[Folder] = answer(pages, FOLDERS, list[Folder])
    at = {folder.id: _expanded(folder.path, home) for folder in folders}
    around = [folder for folder in folders if path.is_relative_to(at[folder.id])]
    if around:
        return [max(around, key=lambda folder: len(at[folder.id].parts))]
    inside = [folder for folder in folders if at[folder.id].is_relative_to(path)]
    if not inside:
        raise CollectError(f"No folder of syncthing holds {path}.")
    return inside


def peers_of(pages: Pages, folder: Folder) -> list[str]:
    """The ids of the other hosts that ``folder`` is shared with. CollectError."""
    own = answer(pages, STATUS, System).myID
    return list(dict.fromkeys(member.deviceID for member in folder.devices if member.deviceID != own))


def tell(pages: Pages, folders: list[Folder]) -> Told:
    """What ``pages`` tell of ``folders``. Nothing is raised: what is missing or can't be read is a note."""
    reader = _Reader(pages)
    states = [reader.state(folder) for folder in folders]
    failed = [reader.failed(folder) for folder in folders]
    examples = tuple(example for _, names in failed for example in names)[:SHOWN]
    return Told(
        peers=tuple(reader.peers(folders)),
        need_bytes=_sum([need for _, need in states]),
        errors=_sum([count for count, _ in failed]),
        state=", ".join(dict.fromkeys(state for state, _ in states)) or None,
        examples=examples,
        notes=tuple(dict.fromkeys(reader.notes)),
    )


class _Reader:
    """Reads pages, and takes down what it can't."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self.notes: list[str] = []

    def state(self, folder: Folder) -> tuple[str, int | None]:
        """What is done to a folder, and the bytes that it lacks."""
        if folder.paused:
            return PAUSED, None
        status: FolderStatus | None = self._read(status_of(folder), FolderStatus)
        if status is None or not status.state:
            return "unknown", None
        if status.error:
            self.notes.append(f"syncthing stopped sharing {folder.label or folder.id}: {status.error.rstrip('.')}.")
        return status.state, status.needBytes

    def failed(self, folder: Folder) -> tuple[int | None, tuple[str, ...]]:
        """How many files of a folder can't be brought up to date, and some of them."""
        if folder.paused:
            return None, ()
        found: FolderErrors | None = self._read(errors_of(folder), FolderErrors)
        if found is None:
            return None, ()
        errors = found.errors or []
        return len(errors), tuple(f"{each.path}: {each.error}" for each in errors[:SHOWN])

    def peers(self, folders: list[Folder]) -> Iterator[Peer]:
        """The hosts that hold the same; none where it isn't known whether they are connected."""
        connections: Connections | None = self._read(CONNECTIONS, Connections)
        if connections is None:
            return
        names = {device.deviceID: device.name for device in self._read(DEVICES, list[Device]) or []}
        seen: dict[str, Seen] = self._read(SEEN, dict[str, Seen]) or {}
        sharing: dict[str, list[Folder]] = {}
        for folder in folders:
            for device in self._members(folder):
                sharing.setdefault(device, []).append(folder)
        for device, shared in sharing.items():
            at = connections.connections.get(device)
            yield Peer(
                id=device,
                name=names.get(device) or device[:_SHORT],
                connected=at is not None and at.connected,
                completion=self._completion(shared, device),
                last_seen=_moment(seen[device].lastSeen) if device in seen else None,
            )

    def _members(self, folder: Folder) -> list[str]:
        try:
            return peers_of(self._pages, folder)
        except CollectError as error:
            self.notes.append(str(error))
            return []

    def _completion(self, folders: list[Folder], device: str) -> float | None:
        """The share that a host has of the folder that it has least of."""
        shares = []
        for folder in folders:
            if folder.paused:
                return None
            found: Completion | None = self._read(completion_of(folder, device), Completion)
            if found is None:
                return None
            shares.append(found.completion / 100)
        return min(shares, default=None)

    def _read(self, path: str, kind: type[T]) -> T | None:
        try:
            found: T = answer(self._pages, path, kind)
        except CollectError as error:
            self.notes.append(str(error))
            return None
        return found


def _expanded(path: str, home: str) -> PurePosixPath:
    if path == "~" or path.startswith("~/"):
        return PurePosixPath(home) / path[2:]
    return PurePosixPath(path)


def _sum(parts: list[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if parts and len(known) == len(parts) else None


def _moment(stamp: str) -> float | None:
    """A time in Unix seconds; None where it is none, or the 1970 of a host that never was connected."""
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return at.timestamp() if at.tzinfo is not None and at.year > 1970 else None
