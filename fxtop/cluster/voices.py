"""What was heard of a node on FastX's own bus: unofficially, since nobody but its makers knows what it means.

A `Voice` is one broker of FastX's mesh, which is one process; a host may run several. `Overheard` is what a node's row
has of them. The bus is very probably Moleculer's (inferred); what is told there fills in what no agent tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from fxtop.cluster.liveness import judge
from fxtop.cluster.records import Liveness

UNOFFICIALLY: Final = "heard on FastX's own bus, unofficially"
"""How all of this is marked where people see it."""

FORGET_AFTER: Final = 600.0
"""Seconds after which a broker is forgotten that left, or whose host has spoken through another one since: a restarted
broker may have a new id. Brokers themselves forget the old one by then (Moleculer 0.14)."""
FORGET_SILENT_AFTER: Final = 86_400.0
"""Seconds after which one is forgotten that just fell silent: until then it is worth being missed."""


class VoiceKey(NamedTuple):
    """Broker ids are unique within their namespace."""

    prefix: str
    """``MOL``, or ``MOL-`` and the namespace."""
    broker: str


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One broker, as it was heard; what only its INFO tells is empty until one was heard."""

    key: VoiceKey
    protocol: str
    """Version of the protocol, ``4`` or ``5``."""
    heard: float
    """Monotonic seconds."""
    interval: float
    """Seconds between heartbeats, as their gaps tell."""
    left: bool = False
    """It said goodbye."""
    cpu: float | None = None
    """Share of all cores of its host in use."""
    cpu_at: float | None = None
    """Monotonic seconds at which it said so."""
    hostname: str = ""
    addresses: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    versions: Mapping[str, str] = msgspec.field(default_factory=dict)
    metadata: Mapping[str, str] = msgspec.field(default_factory=dict)

    def liveness(self, now: float) -> Liveness:
        """Whether it is heard in time, at monotonic ``now``."""
        return Liveness.LEFT if self.left else judge(self.heard, self.interval, now)[0]

    def forgettable(self, now: float, *, followed: bool = False) -> bool:
        """Whether it has been silent for so long that nobody misses it; ``followed`` where its host spoke since."""
        return now >= self.heard + (FORGET_AFTER if self.left or followed else FORGET_SILENT_AFTER)


class Overheard(msgspec.Struct, frozen=True):
    """The brokers of one node, at least one, the one that was heard last at the front."""

    voices: tuple[Voice, ...]

    @classmethod
    def of(cls, voices: Iterable[Voice]) -> Overheard:
        """They, in order; those that left come last."""
        return cls(tuple(sorted(voices, key=lambda voice: (voice.left, -voice.heard, voice.key))))

    @property
    def latest(self) -> Voice:
        """The one that was heard last."""
        return self.voices[0]

    @property
    def present(self) -> tuple[Voice, ...]:
        """Those that did not leave; all where all have left, for then they tell what was."""
        return tuple(voice for voice in self.voices if not voice.left) or self.voices

    @property
    def brokers(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(voice.key.broker for voice in self.voices)

    @property
    def interval(self) -> float:
        """Seconds within which one of them is expected."""
        return min(voice.interval for voice in self.present)

    @property
    def cpu(self) -> float | None:
        """Share of all cores in use. They share a host, so the one who spoke last is right."""
        said = [voice for voice in self.present if voice.cpu_at is not None]
        return max(said, key=lambda voice: voice.cpu_at or 0.0).cpu if said else None

    @property
    def hostname(self) -> str:
        """The host's own name; empty while none of them told."""
        return next((voice.hostname for voice in self.present if voice.hostname), "")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The host's addresses."""
        return _merged(voice.addresses for voice in self.present)

    @property
    def services(self) -> tuple[str, ...]:
        """What they offer together."""
        return tuple(sorted(_merged(voice.services for voice in self.present)))

    @property
    def versions(self) -> dict[str, str]:
        """Versions of what they are made of; the last one's where they differ."""
        return {name: version for voice in reversed(self.present) for name, version in voice.versions.items()}

    @property
    def metadata(self) -> dict[str, str]:
        """What they were configured with, without secrets; the last one's where they differ."""
        return {name: value for voice in reversed(self.present) for name, value in voice.metadata.items()}


def _merged(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for part in parts for each in part))
