"""The record of what was wanted, shown, sent and answered: JSON lines, only appended to, on disk before the effect.

Every line stands by itself and readers pass over fields that they don't know, so that later versions can add to it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import platformdirs

from fxtop.protocol import text


class Kind(StrEnum):
    """What a line tells of."""

    INTENT = "intent"
    """What a person wanted, as it was said."""
    PLAN = "plan"
    """The frozen plan, as it was shown; once more where words were added before it was confirmed."""
    SENT = "sent"
    """The plan was confirmed and this request is about to leave; whether it arrived is told by what follows."""
    REPLY = "reply"
    """What came back at once, or why nothing did."""
    OUTCOME = "outcome"
    """How a request ended; a later line about the same request corrects an earlier one."""
    REFUSED = "refused"
    """Nothing was sent, and why."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. It has no field that could hold a secret."""

    v: Literal[1]
    at: float
    """Unix seconds by this host's clock."""
    kind: str
    """A `Kind`, or one that a later version knows."""
    cluster: str
    verb: str
    operator: str = ""
    key: str | None = None
    """The operator's public key."""
    action: str = ""
    """Id of the plan."""
    request: str = ""
    targets: tuple[str, ...] = ()
    """Nodes, or ``manager``."""
    reason: str = ""
    ticket: str | None = None
    dry_run: bool = False
    state: str = ""
    """State of the job, or status of the reply."""
    code: str = ""
    detail: str = ""
    hash: str = ""
    """SHA-256 of the plan, in hex."""
    data: dict[str, Any] = {}
    """The intent, the plan, or the result of a reply."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a journal, oldest first, and how many lines could not be read."""

    entries: tuple[Entry, ...]
    damaged: int


class JournalError(Exception):
    """A journal that can't be written or read; the text is a sentence for the operator."""


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Entry)


def default_path() -> Path:
    """Where an operator's journal is kept unless the settings say otherwise (XDG state directory)."""
    return platformdirs.user_state_path("fxtop") / "journal.jsonl"


class Journal:
    """A journal in a file of mode 0600. Several processes may append at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, *entries: Entry) -> None:
        """Append ``entries`` and return when they are on disk.

        Raises:
            JournalError: they may not be there; nothing that depends on them may be done.
        """
        lines = b"".join(_ENCODER.encode(entry) + b"\n" for entry in entries)
        try:
            self._append(lines)
        except OSError as error:
            raise JournalError(f"The journal {self.path} can't be written: {error.strerror or error}.") from error

    def read(self, since: float | None = None, node: str | None = None) -> Reading:
        """All entries, or those from Unix time ``since`` on and those that concern ``node``.

        A line that a crash cut short is counted and passed over. A journal that isn't there is empty.

        Raises:
            JournalError: it can't be read.
        """
        entries: list[Entry] = []
        damaged = 0
        for entry in self._entries():
            if entry is None:
                damaged += 1
            elif (since is None or entry.at >= since) and (node is None or node in entry.targets):
                entries.append(entry)
        return Reading(tuple(entries), damaged)

    def _entries(self) -> Iterator[Entry | None]:
        try:
            with self.path.open("rb") as file:
                for line in file:
                    if line.strip():
                        yield _decode(line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalError(f"The journal {self.path} can't be read: {error.strerror or error}.") from error

    def _append(self, lines: bytes) -> None:
        """One write to a file opened for appending: the kernel keeps it apart from those of other processes."""
        handle, new = self._open()
        try:
            data = _line_end(handle) + lines
            if os.write(handle, data) < len(data):
                raise OSError(errno.ENOSPC, "the disk took only a part of it; it may be full")
            os.fsync(handle)
        finally:
            os.close(handle)
        if new:
            _fsync_folder(self.path.parent)

    def _open(self) -> tuple[int, bool]:
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            handle, new = os.open(self.path, flags), False
        except FileNotFoundError:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, new = os.open(self.path, flags | os.O_CREAT, 0o600), True
        status = os.fstat(handle)
        try:
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "it is not a file")
            if stat.S_IMODE(status.st_mode) & 0o077:
                os.fchmod(handle, 0o600)
        except OSError:
            os.close(handle)
            raise
        return handle, new


def _decode(line: bytes) -> Entry | None:
    try:
        entry = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return text.clean(entry) if text.is_suspect(line) else entry


def _line_end(handle: int) -> bytes:
    """What must stand before the next line: a line end where a crash or a full disk cut the last one short."""
    size = os.fstat(handle).st_size
    return b"" if size == 0 or os.pread(handle, 1, size - 1) == b"\n" else b"\n"


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
