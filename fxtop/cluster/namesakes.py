"""Which brokers may belong to a node, by the names that both go by. So a new agent costs what it concerns."""

from __future__ import annotations

from collections.abc import Iterable

from fxtop.cluster.hosts import short
from fxtop.cluster.voices import Voice, VoiceKey


class Namesakes:
    """Brokers by their id, their host's name and its addresses, each in its short form."""

    def __init__(self) -> None:
        self._names: dict[VoiceKey, frozenset[str]] = {}
        self._brokers: dict[str, set[VoiceKey]] = {}

    def know(self, voice: Voice) -> None:
        """Take what a broker goes by now."""
        names = frozenset(_short((voice.key.broker, voice.hostname, *voice.addresses)))
        if names == self._names.get(voice.key):
            return
        self.forget(voice.key)
        self._names[voice.key] = names
        for name in names:
            self._brokers.setdefault(name, set()).add(voice.key)

    def forget(self, key: VoiceKey) -> None:
        """Let a broker go by nothing any more."""
        for name in self._names.pop(key, ()):
            self._brokers[name].discard(key)
            if not self._brokers[name]:
                del self._brokers[name]

    def of(self, *names: str) -> set[VoiceKey]:
        """The brokers that share one of ``names``."""
        return set().union(*(self._brokers.get(name, ()) for name in _short(names)))


def _short(names: Iterable[str]) -> Iterable[str]:
    return (short(name.lower()) for name in names if name)
