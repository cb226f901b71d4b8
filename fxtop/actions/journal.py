"""The record of what was wanted, shown, sent and answered: JSON lines, only appended to, on disk before the effect.

Every line stands by itself and readers pass over fields that they don't know, so that later versions can add to it.
The lines are a chain (`fxtop.actions.chain`), so that one that was changed or taken away is missed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from fxtop.actions.chain.file import ChainFile
from fxtop.actions.chain.link import link_of
from fxtop.actions.chain.parts import BROKEN, Part, snapshot
from fxtop.actions.chain.rotation import Retention
from fxtop.actions.chain.verify import MARK
from fxtop.actions.errors import JournalError as JournalError  # noqa: PLC0414  # whoever reads here finds it here
from fxtop.protocol import text

DECISION: Final = "decision"
"""The kind of the lines that tell of a receiver's decision and its outcome."""


class Kind(StrEnum):
    """What a line tells of."""

    INTENT = "intent"
    """What a person wanted, as it was said."""
    PLAN = "plan"
    """The frozen plan, as it was shown; once more where words were added before it was confirmed."""
    SENT = "sent"
    """The plan was confirmed and this request is about to leave; whether it arrived is told by what follows."""
    HELD = "held"
    """The plan was confirmed and can still be stopped for some seconds."""
    REPLY = "reply"
    """What came back at once, or why nothing did."""
    OUTCOME = "outcome"
    """How a request ended; a later line about the same request corrects an earlier one."""
    REFUSED = "refused"
    """Nothing was sent, and why."""
    DISMISSED = "dismissed"
    """The operator has seen how a request ended, or that nobody knows, and wants to be shown it no more."""


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
    decision: str = ""
    """What a receiver decided, apart from what came of it."""
    data: dict[str, Any] = {}
    """The intent, the plan, or the result of a reply."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a journal, oldest first."""

    entries: tuple[Entry, ...]
    damaged: int
    """Lines that could not be read."""
    unchained: int = 0
    """Of ``entries``, those that stand outside the chain: from an earlier version, or added by somebody."""
    older: bool = False
    """Whether older files were left out that may have had something."""


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Entry)

_SECRETS: Final = (
    (re.compile(rb"(?<![A-Z2-7])S[UANOCX][A-Z2-7]{40,}"), b"(seed left out)"),
    (re.compile(rb"eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), b"(JWT left out)"),
)
"""What nobody means to have on record, should it be pasted into a reason or a message: an nkey's seed, a JWT."""

SETTLED: Final = 3600.0
"""Seconds that the time of a full file may be before that of its last line, where a clock was set."""


class Journal:
    """A journal in a file of mode 0600, its full files beside it. Several processes may append at the same time."""

    def __init__(self, path: Path, retention: Retention | None = None) -> None:
        self.path = path
        self._retention = retention or Retention()

    def write(self, *entries: Entry) -> None:
        """Append ``entries`` and return when they are on disk.

        Raises:
            JournalError: they may not be there; nothing that depends on them may be done.
        """
        if not entries:
            return
        first = entries[0]

        def mark(told: Mapping[str, Any]) -> bytes:
            return _body(Entry(v=1, at=first.at, kind=MARK, cluster=first.cluster, verb="", data=dict(told)))

        try:
            ChainFile(self.path, mark, self._retention).append([_body(entry) for entry in entries])
        except OSError as error:
            raise JournalError(f"The journal {self.path} can't be written: {error.strerror or error}.") from error

    def read(self, since: float | None = None, node: str | None = None, newest: int | None = None) -> Reading:
        """All entries, or those from Unix time ``since`` on and those that concern ``node``.

        With ``newest`` only so many files are read, the newest ones. A line that a crash cut short is counted and
        passed over. A journal that isn't there is empty.

        Raises:
            JournalError: it can't be read.
        """
        entries: list[Entry] = []
        damaged = unchained = 0
        try:
            with snapshot(self.path) as now:
                parts = [part for part in now.parts if part.last is None or since is None or _may_hold(part, since)]
                chosen = parts if newest is None else parts[-newest:]
                for entry, chained in chain.from_iterable(map(_entries_of, chosen)):
                    if entry is None:
                        damaged += 1
                    elif (since is None or entry.at >= since) and (node is None or node in entry.targets):
                        entries.append(entry)
                        unchained += not chained
        except OSError as error:
            raise JournalError(f"The journal {self.path} can't be read: {error.strerror or error}.") from error
        return Reading(tuple(entries), damaged, unchained, older=len(chosen) < len(parts))


def _body(entry: Entry) -> bytes:
    body = _ENCODER.encode(entry)
    for secret, instead in _SECRETS:
        body = secret.sub(instead, body)
    return body


def _may_hold(part: Part, since: float) -> bool:
    """Whether a full file may have something from ``since`` on, by the time of its last write."""
    with suppress(FileNotFoundError):  # deleted meanwhile by the policy
        return os.stat(part.path).st_mtime + SETTLED >= since
    return False


def _entries_of(part: Part) -> Iterator[tuple[Entry | None, bool]]:
    try:
        with part.lines() as lines:
            for line in lines:
                if line.strip():
                    entry = _decode(line)
                    if entry is None or entry.kind != MARK:
                        yield entry, link_of(line) is not None
    except FileNotFoundError:
        return  # deleted meanwhile by the policy
    except BROKEN:
        if part.last is None:
            raise
        yield None, False  # a full file that is damaged hides what is in it, and nothing else


def _decode(line: bytes) -> Entry | None:
    try:
        entry = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return text.clean(entry) if text.is_suspect(line) else entry
