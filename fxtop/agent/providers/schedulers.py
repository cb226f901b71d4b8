"""Pending sessions: those that a job scheduler of FastX 5 holds back.

A scheduler is a directory, ``/etc/fastx/schedule/<name>`` of the site or, of the vendor,
``/usr/lib/fastx/5/integration/schedule/<name>``; the site's replaces the vendor's of the same name (documented). FastX
runs the ``status`` in it for each pending session, with data that only FastX has. So the site configures a command that
tells which sessions a scheduler holds:

It prints a JSON array of objects with ``id`` and ``user``, and, where they are known, ``submitted`` (Unix seconds),
``job`` (the batch system's id), ``reason`` (why it waits, in the batch system's words), ``name``, ``command``, ``app``,
``geometry``, ``params`` and ``node`` (this one, if it is left out; a session of another node is passed over here).
``{scheduler}``, ``{directory}`` and ``{node}`` may stand in its arguments. A command ``cancel`` may have ``{session}``,
``{job}`` and ``{user}`` too, and gets the whole session on stdin. Both run as the agent's user, without a shell, with
limits on time and output.

Where a command fails, the sessions that this scheduler had before stay, and a note says when they were heard of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from fxtop.agent.providers.command import check_ids
from fxtop.agent.providers.program import ProgramError, SiteCommand
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import Pending, SessionBody
from fxtop.protocol.text import inert

SYSTEM: Final = Path("/usr/lib/fastx/5/integration/schedule")
CUSTOM: Final = Path("/etc/fastx/schedule")
ANY: Final = "*"
"""Stands for every scheduler that has no command of its own."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Scheduler:
    """A scheduler directory that counts."""

    name: str
    directory: Path


@dataclass(frozen=True, slots=True)
class SchedulerCommands:
    """How the pending sessions of a scheduler are listed, and cancelled where that is possible.

    Raises:
        TemplateError: one of them can't be used.
    """

    status: SiteCommand
    cancel: SiteCommand | None = None

    def __post_init__(self) -> None:
        self.status.check(frozenset({"scheduler", "directory", "node"}), "status")
        if self.cancel is not None:
            known = frozenset({"scheduler", "directory", "node", "session", "job", "user"})
            self.cancel.check(known, "cancel")


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A pending session as a status command tells of it."""

    id: SessionId
    user: str
    node: NodeId | None = None
    submitted: float | None = None
    job: str | int | None = None
    reason: str | None = None
    name: str | None = None
    command: str | None = None
    app: str | None = None
    geometry: str | None = None
    params: Annotated[dict[str, str], msgspec.Meta(max_length=32)] = {}

    def body(self, scheduler: str, node: NodeId) -> SessionBody:
        """The session as the protocol tells of it."""
        return SessionBody(
            id=self.id,
            node=node,
            user=self.user,
            state="pending",
            name=self.name,
            command=self.command,
            geometry=self.geometry,
            app=self.app,
            created=self.submitted,
            pending=Pending(scheduler=scheduler, job=None if self.job is None else str(self.job), reason=self.reason),
            params=self.params,
        )


def find_schedulers(system: Path = SYSTEM, custom: Path = CUSTOM) -> dict[str, Scheduler]:
    """The schedulers of this machine by name, the site's in place of the vendor's."""
    found: dict[str, Scheduler] = {}
    for root in (system, custom):
        try:
            folders = sorted(path for path in root.iterdir() if _NAME.fullmatch(path.name) and path.is_dir())
        except OSError:
            continue  # neither has to be there
        found |= {folder.name: Scheduler(folder.name, folder) for folder in folders}
    return found


def read_waiting(said: bytes) -> list[Waiting]:
    """The pending sessions in a JSON array.

    Raises:
        ProgramError: it is not such an array. Then nothing of it is believed.
    """
    try:
        waiting = msgspec.json.decode(said, type=list[Waiting])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProgramError(f"The list of pending sessions can't be understood: {inert(str(error), 200)}.") from None
    check_ids([one.id for one in waiting])
    return waiting
