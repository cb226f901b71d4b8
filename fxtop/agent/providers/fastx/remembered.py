"""The users whose session directories were seen, kept across restarts of the agent and of the machine.

Nobody's home is looked into unless that user has processes here. What a reboot left behind belongs to users who have
none any more, so that those are remembered whose directories were there before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import msgspec

from fxtop.agent import durable
from fxtop.agent.durable import StateError

log = logging.getLogger(__name__)

Uid = Annotated[int, msgspec.Meta(ge=0, lt=2**32 - 1)]
"""As the kernel has them; the last one means nobody."""
MOST: Final = 10_000
"""Users that are remembered."""


class RememberedUsers:
    """Uids, in ``path``; in memory alone where none is given. What can't be read or written is no reason to stop.

    Args:
        path: the file.
        writes: whether it may be changed; what only looks changes nothing.
    """

    def __init__(self, path: Path | None = None, *, writes: bool = True) -> None:
        self._path = path
        self._writes = writes and path is not None
        self._trouble = ""
        self.uids: frozenset[int] = frozenset() if path is None else self._load(path)
        """The users."""

    async def keep(self, uids: Iterable[int]) -> None:
        """Remember these from now on."""
        kept = frozenset(sorted(uids)[:MOST])
        if kept == self.uids:
            return
        self.uids = kept
        if self._writes and self._path is not None:
            try:
                await asyncio.to_thread(durable.replace, self._path, msgspec.json.encode(sorted(kept)))
            except StateError as error:
                self._complain(str(error))
            else:
                self._trouble = ""

    def _load(self, path: Path) -> frozenset[int]:
        try:
            content = durable.read(path)
            return frozenset(msgspec.json.decode(content, type=list[Uid])[:MOST] if content else ())
        except StateError as error:
            self._complain(str(error))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._complain(str(durable.damaged(path, error)))
        return frozenset()

    def _complain(self, why: str) -> None:
        if why != self._trouble:
            log.warning("%s Session directories of users without processes may not be seen after a restart.", why)
        self._trouble = why
