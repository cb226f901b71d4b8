"""The ways to see the transporter, the best one that works being taken each time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from fxtop.agent.collectors.port import CollectError, WatchedClass
from fxtop.protocol.transporter import TransporterHeartbeat

log = logging.getLogger(__name__)

Seen = TransporterHeartbeat | tuple[TransporterHeartbeat, ...]


class View(Protocol):
    """One way to see servers."""

    async def read(self) -> Seen:
        """The servers now. Raises CollectError."""
        ...


class Way(NamedTuple):
    """A view by its name in sentences."""

    name: str
    view: View


class Ways:
    """Reads by the first of ``ways`` that works, and adds when the server's configuration was changed.

    A worse way than the last one is taken when the better ones have failed twice: what they tell isn't quite the same,
    and one late heartbeat harms nobody.

    Args:
        ways: from that which shows most to that which shows least.
        limit: seconds for all of them together; each gets an equal part, so that one that hangs leaves time for the
            next.
        config: the file of the configuration of the server on this host.
        interval: seconds between two readings.
    """

    kind: WatchedClass = "transporter"

    def __init__(self, ways: Sequence[Way], *, limit: float, config: Path | None, interval: float) -> None:
        self.interval = interval
        self._ways = ways
        self._part = limit / len(ways)
        self._config = config
        self._taken = len(ways)
        """The place of the way that was taken last; beyond all of them before the first."""
        self._failed = False

    async def read(self) -> Seen:
        """The servers now. Raises CollectError with what each way said."""
        said = []
        for place, way in enumerate(self._ways):
            if place > self._taken and not self._failed:
                break
            try:
                async with asyncio.timeout(self._part):
                    seen = await way.view.read()
            except CollectError as error:
                said.append(str(error))
            except TimeoutError:
                said.append(f"By {way.name} it took longer than {self._part:g} s.")
            else:
                self._settle(place, said)
                return self._with_config(seen)
        self._failed = True
        raise CollectError(" ".join(said))

    def _settle(self, place: int, said: list[str]) -> None:
        """Remember which way is taken, and log it where it is another one than before."""
        self._failed = False
        if place != self._taken:
            self._taken = place
            log.info("The transporter is seen by %s. %s", self._ways[place].name, " ".join(said))

    def _with_config(self, seen: Seen) -> Seen:
        changed = _changed(self._config)
        if changed is None:
            return seen
        beats = seen if isinstance(seen, tuple) else (seen,)
        told = tuple(msgspec.structs.replace(beat, config_changed=changed) if beat.beside else beat for beat in beats)
        return told if isinstance(seen, tuple) else told[0]


def _changed(config: Path | None) -> float | None:
    """When the file was changed; None where there is none, or nobody may look."""
    try:
        return None if config is None else config.stat().st_mtime
    except OSError:
        return None
