"""The brokers of FastX's mesh, as their packets show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from msgspec.structs import replace

from fxtop.clock import Clock
from fxtop.cluster.records import Liveness, Severity
from fxtop.cluster.voices import Voice, VoiceKey
from fxtop.protocol.text import NAME_BOUND, inert
from fxtop.sources.moleculer.packets import Body, Goodbye, Heartbeat, Info, Packet, Software, Trouble
from fxtop.sources.moleculer.redact import harmless
from fxtop.sources.moleculer.rhythm import Rhythm

MOST_NAMESPACES: Final = 16
MOST_BROKERS: Final = 20_000
"""Far above any site; what is invented beyond is counted and forgotten."""
LONGEST_VERSION: Final = 16
MOST_SERVICES: Final = 256
MOST_ADDRESSES: Final = 32
STRAGGLING: Final = 1.0
"""Seconds after a goodbye in which a packet may be an older one: the kinds come over subscriptions of their own, which
keep no order among each other."""
PRUNE_EVERY: Final = 30.0
GONE: Final = (Liveness.LOST, Liveness.LEFT)


class Remark(NamedTuple):
    """A sentence for people."""

    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """What was learned of one namespace; all numbers are since the start."""

    prefix: str
    protocols: tuple[str, ...]
    interval: float | None
    """Seconds between heartbeats of most of its brokers; None before it was learned."""
    brokers: int
    """Those that are there now."""
    packets: int
    unreadable: int
    malformed: int
    refused: int
    """Packets of brokers beyond `MOST_BROKERS`."""


@dataclass(slots=True)
class _Broker:
    """One broker, and what is needed to understand its next packet."""

    voice: Voice
    rhythm: Rhythm = field(default_factory=Rhythm)
    instance: str | None = None
    informed: bool = False


@dataclass(slots=True)
class _Tally:
    """The counters of one namespace."""

    protocols: dict[str, None] = field(default_factory=dict)
    packets: int = 0
    refused: int = 0
    troubles: Counter[Trouble] = field(default_factory=Counter)


class Mesh:
    """Takes packets in and tells what they change."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._brokers: dict[VoiceKey, _Broker] = {}
        self._changed: dict[VoiceKey, Voice] = {}
        self._tallies: dict[str, _Tally] = {}
        self._remarks: list[Remark] = []
        self._pruned = clock.monotonic()

    def hear(self, packet: Packet) -> None:
        """Take a packet that came in now."""
        tally = self._tally(packet.prefix)
        if tally is None:
            return
        tally.packets += 1
        self._learn(packet, tally)
        key = VoiceKey(packet.prefix, packet.body.sender)
        broker = self._brokers.get(key)
        if broker is None:
            if isinstance(packet.body, Goodbye):
                return  # of somebody who was never there for us
            if len(self._brokers) >= MOST_BROKERS:
                tally.refused += 1
                return
            broker = self._brokers[key] = _met(key, packet.body, self._clock.monotonic())
        if _take(broker, packet.body, self._clock.monotonic()):
            self._changed[key] = broker.voice

    def miss(self, prefix: str, trouble: Trouble) -> None:
        """Count a packet that can't be used; the first unreadable one of a namespace is worth a remark."""
        tally = self._tally(prefix)
        if tally is None:
            return
        tally.packets += 1
        tally.troubles[trouble] += 1
        if trouble is Trouble.UNREADABLE and tally.troubles[trouble] == 1:
            text = (
                f"FastX's own bus ({prefix}) speaks in a serializer that fxtop can't read, or encrypted: "
                "its nodes can't be shown from there."
            )
            self._remarks.append(Remark(Severity.WARN, text))

    def informed(self, prefix: str, broker: str) -> bool:
        """Whether an INFO of a broker was heard, so that it need not be asked."""
        known = self._brokers.get(VoiceKey(prefix, broker))
        return known is not None and known.informed

    def take(self) -> list[Voice]:
        """The brokers of which something was heard since the last call."""
        self._prune()
        changed, self._changed = self._changed, {}
        return list(changed.values())

    def take_remarks(self) -> list[Remark]:
        """What is worth saying since the last call."""
        remarks, self._remarks = self._remarks, []
        return remarks

    def namespaces(self) -> tuple[Namespace, ...]:
        """All namespaces that were heard, by name."""
        return tuple(self._namespace(prefix, tally) for prefix, tally in sorted(self._tallies.items()))

    def _tally(self, prefix: str) -> _Tally | None:
        tally = self._tallies.get(prefix)
        if tally is None and len(self._tallies) < MOST_NAMESPACES:
            tally = self._tallies[prefix] = _Tally()
        return tally

    def _learn(self, packet: Packet, tally: _Tally) -> None:
        version = inert(packet.body.ver, LONGEST_VERSION)
        if version in tally.protocols or len(tally.protocols) >= MOST_NAMESPACES:
            return
        tally.protocols[version] = None
        text = (
            f"FastX's own bus is heard as {packet.prefix}, protocol {version}: "
            "its nodes are shown as heard unofficially."
        )
        self._remarks.append(Remark(Severity.INFO, text))

    def _prune(self) -> None:
        """Forget brokers that are long silent."""
        now = self._clock.monotonic()
        if now < self._pruned + PRUNE_EVERY:
            return
        self._pruned = now
        for key in [key for key, broker in self._brokers.items() if broker.voice.forgettable(now)]:
            del self._brokers[key]
            self._changed.pop(key, None)

    def _namespace(self, prefix: str, tally: _Tally) -> Namespace:
        now = self._clock.monotonic()
        brokers = [broker for key, broker in self._brokers.items() if key.prefix == prefix]
        learned = sorted(broker.rhythm.interval for broker in brokers if broker.rhythm.learned)
        return Namespace(
            prefix=prefix,
            protocols=tuple(tally.protocols),
            interval=learned[len(learned) // 2] if learned else None,
            brokers=sum(broker.voice.liveness(now) not in GONE for broker in brokers),
            packets=tally.packets,
            unreadable=tally.troubles[Trouble.UNREADABLE],
            malformed=tally.troubles[Trouble.MALFORMED],
            refused=tally.refused,
        )


def _met(key: VoiceKey, body: Body, now: float) -> _Broker:
    rhythm = Rhythm()
    voice = Voice(key=key, protocol=inert(body.ver, LONGEST_VERSION), heard=now, interval=rhythm.interval)
    return _Broker(voice, rhythm)


def _take(broker: _Broker, body: Body, now: float) -> bool:
    """Let a packet change what is known of its broker; False where it is too old for that."""
    match body:
        case Goodbye():
            broker.rhythm.pause()
            broker.voice = replace(broker.voice, left=True, heard=now)
        case Heartbeat():
            if _straggles(broker, now):
                return False
            broker.rhythm.beat(now)
            broker.voice = _beaten(broker.voice, body, broker.rhythm.interval, now)
        case Info():
            anew = body.instance != broker.instance
            if _straggles(broker, now) and not anew:
                return False
            if anew and broker.informed:
                broker.rhythm.pause()
            broker.instance, broker.informed = body.instance, True
            broker.voice = _informed(broker.voice, body, now)
    return True


def _straggles(broker: _Broker, now: float) -> bool:
    return broker.voice.left and now < broker.voice.heard + STRAGGLING


def _beaten(voice: Voice, beat: Heartbeat, interval: float, now: float) -> Voice:
    alive = replace(voice, left=False, heard=now, interval=interval)
    if beat.cpu is None or not 0.0 <= beat.cpu <= 100.0:
        return alive
    return replace(alive, cpu=beat.cpu / 100.0, cpu_at=now)


def _informed(voice: Voice, info: Info, now: float) -> Voice:
    return replace(
        voice,
        left=False,
        heard=now,
        hostname=inert(info.hostname or "", NAME_BOUND),
        addresses=tuple(inert(address, NAME_BOUND) for address in (info.addresses or ())[:MOST_ADDRESSES]),
        services=_services(info),
        versions=_versions(info.client),
        metadata={**harmless(info.config or {}), **harmless(info.metadata or {})},
    )


def _services(info: Info) -> tuple[str, ...]:
    """The services' names; those of Moleculer itself, as ``$node``, are left out."""
    names = (service.full_name or service.name for service in info.services or ())
    return tuple(sorted({inert(name, NAME_BOUND) for name in names if not name.startswith("$")}))[:MOST_SERVICES]


def _versions(software: Software | None) -> Mapping[str, str]:
    if software is None:
        return {}
    language = "node" if software.type == "nodejs" else software.type or "runtime"
    said = {"moleculer": software.version, language: software.lang_version}
    return {inert(name, NAME_BOUND): inert(version, NAME_BOUND) for name, version in said.items() if version}
