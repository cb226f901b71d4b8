"""What a source of facts is: something that reads one part of what changes rarely on a machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from fxtop.agent.providers.port import HostFacts
from fxtop.protocol.node import Directory, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A part of `HostFacts`."""

    host: str | None = None
    services: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    units: tuple[Unit, ...] = ()
    dirs: tuple[Directory, ...] = ()
    config: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()


class FactSource(Protocol):
    """Reads one part, again and again."""

    @property
    def name(self) -> str:
        """What it reads, as in a node's notes: ``units``, ``directories/FX_VAR_DIR``."""
        ...

    @property
    def every(self) -> float:
        """Seconds between two readings."""
        ...

    @property
    def limit(self) -> float:
        """Seconds after which a reading is given up."""
        ...

    def read(self) -> Fragment:
        """Read it now. Called in a thread of its own, so it may block.

        Raises:
            CollectError: it can't be read, as a sentence.
        """
        ...

    def unread(self, why: str) -> Fragment:
        """What to tell while it never could be read; ``why`` is a sentence."""
        ...


class PartlyKnown:
    """A source of which nothing but a note is told while it can't be read."""

    name: str

    def unread(self, why: str) -> Fragment:
        """The note."""
        return Fragment(notes={self.name: why})


def joined(fragments: Iterable[Fragment], *, host: str) -> HostFacts:
    """All ``fragments`` as one; ``host`` is the name where none of them knows it."""
    parts = list(fragments)
    return HostFacts(
        host=next((part.host for part in parts if part.host), host),
        services=tuple(name for part in parts for name in part.services),
        versions={name: version for part in parts for name, version in part.versions.items()},
        units=tuple(unit for part in parts for unit in part.units),
        dirs=tuple(directory for part in parts for directory in part.dirs),
        config={name: digest for part in parts for name, digest in part.config.items()},
        metadata={name: value for part in parts for name, value in part.metadata.items()},
        notes={about: note for part in parts for about, note in part.notes.items()},
        withheld=tuple(name for part in parts for name in part.withheld),
    )
