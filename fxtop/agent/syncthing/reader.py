"""Following the data that cluster managers share by syncthing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.http import Page, fetch
from fxtop.agent.collectors.port import CollectError, WatchedClass
from fxtop.agent.collectors.share import on_disk
from fxtop.agent.syncthing.access import CERTIFICATE, access_of, trust_in
from fxtop.agent.syncthing.answers import GENERAL, completion_of, errors_of, status_of
from fxtop.agent.syncthing.conflicts import Conflicts, find_conflicts
from fxtop.agent.syncthing.telling import Told, folders_of, peers_of, tell
from fxtop.clock import Clock
from fxtop.protocol.ids import ManagerId
from fxtop.protocol.share import StoreHeartbeat

SEARCH_EVERY: Final = 300.0
"""Seconds between two searches for conflict copies, which look at every name."""
SEARCH_PATIENCE: Final = 2.0
"""Seconds that a reading waits for a search; a longer one goes on, and the next readings tell what it found."""


class SyncthingApi:
    """The REST API of the syncthing that ``config`` (its config.xml) belongs to.

    Args:
        config: names the API's address and its key, which is read anew each time.
        url: where the API is, if not where ``config`` says.
        certificate: the API's own certificate; by default that beside ``config``.
    """

    def __init__(self, config: Path, *, url: str | None = None, certificate: Path | None = None) -> None:
        self._config = config
        self._url = url
        self._certificate = certificate or config.with_name(CERTIFICATE)

    def pages(self, *paths: str) -> dict[str, Page]:
        """What it answers at ``paths``. Blocks. CollectError where it doesn't."""
        access = access_of(self._config, self._url)
        trust = trust_in(self._certificate) if access.url.startswith("https:") else None
        return dict(zip(paths, fetch(access.url, paths, headers={"X-API-Key": access.key}, trust=trust), strict=True))

    def tell(self, path: PurePosixPath) -> Told:
        """What it tells of the data in ``path``. Blocks. CollectError."""
        pages = self.pages(*GENERAL)
        folders = folders_of(pages, path)
        asked = [question for folder in folders for question in (status_of(folder), errors_of(folder))]
        asked += [completion_of(folder, peer) for folder in folders for peer in peers_of(pages, folder)]
        return tell(pages | self.pages(*asked), folders)


class SyncthingReader:
    """Reads what syncthing tells of the data under ``path``, and what the filesystem does."""

    kind: WatchedClass = "store"

    def __init__(
        self, manager: ManagerId, path: Path, api: SyncthingApi, clock: Clock, *, interval: float = 30.0
    ) -> None:
        self.interval = interval
        self._manager = manager
        self._path = path
        self._api = api
        self._apart = Apart(f"syncthing's share of {path}")
        self._search = _Search(path, clock)

    async def read(self) -> StoreHeartbeat:
        """What is known now; what isn't is told with a note. Raises CollectError where looking hangs."""
        reading, conflicts = await asyncio.gather(self._apart.run(self._read), self._search.latest())
        notes = [note for note in (reading.note, conflicts.note) if note]
        return msgspec.structs.replace(
            reading,
            conflicts=conflicts.copies,
            examples=[*reading.examples, *conflicts.examples],
            note=" ".join(notes) or None,
        )

    def _read(self) -> StoreHeartbeat:
        disk = on_disk(self._manager, self._path, interval=self.interval)
        try:
            told = self._api.tell(PurePosixPath(self._path.resolve()))
        except CollectError as error:
            told = Told(notes=(str(error),))
        return msgspec.structs.replace(
            disk,
            kind="syncthing",
            peers=list(told.peers),
            need_bytes=told.need_bytes,
            errors=told.errors,
            state=told.state,
            examples=list(told.examples),
            note=" ".join(([disk.note] if disk.note else []) + list(told.notes)) or None,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of conflicts; ``copies`` is None where it isn't."""

    copies: int | None = None
    examples: tuple[str, ...] = ()
    note: str | None = None


class _Search:
    """Looks for conflict copies now and then, apart from everything else."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._apart = Apart(f"conflict copies in {folder}")
        self._begun: float | None = None
        self._running: asyncio.Task[Conflicts] | None = None
        self._found = _Found()

    async def latest(self) -> _Found:
        """What the last search found; a new one is begun where that is too long ago."""
        now = self._clock.monotonic()
        if self._running is None and (self._begun is None or now - self._begun >= SEARCH_EVERY):
            self._begun = now
            self._running = asyncio.create_task(self._apart.run(lambda: find_conflicts(self._folder)))
        if self._running is not None:
            await asyncio.wait([self._running], timeout=SEARCH_PATIENCE)
            self._take(self._running)
        return self._found

    def _take(self, search: asyncio.Task[Conflicts]) -> None:
        if not search.done():
            return
        self._running = None
        try:
            self._found = _Found(*search.result())
        except OSError as error:
            self._found = _Found(note=f"{self._folder} can't be searched for conflicts: {error.strerror or error}.")
        except CollectError as error:
            self._found = _Found(note=str(error))
