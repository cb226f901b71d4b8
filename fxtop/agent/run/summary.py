"""What the settings of an agent come to, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fxtop.actions.guardrails.explain import blind_spots, explained
from fxtop.agent.run.settings import AgentSettings
from fxtop.agent.run.tables import CollectorTable, StoreTable, TransporterTable


def summary(settings: AgentSettings) -> list[tuple[str, str]]:
    """Settings with their values, as text."""
    return list(_lines(settings))


def _lines(settings: AgentSettings) -> Iterator[tuple[str, str]]:
    way = settings.connection
    yield "node", settings.node
    yield "cluster", way.slug
    yield "servers", ", ".join(way.servers)
    yield "login", _login(settings)
    yield "tls", "yes" if way.tls else "no"
    yield "state_dir", str(settings.state_dir)
    roles = Counter(role.name for role in settings.trust.keys.values())
    yield "keys", ", ".join(f"{count} {role}" for role, count in sorted(roles.items())) or "none"
    yield "manager", "yes" if settings.manager_key else "no"
    yield "heartbeat", f"every {settings.file.top.heartbeat:g} s"
    yield from _rules(settings)
    tables = settings.file.collect
    for name in tables.__struct_fields__:
        yield f"collect.{name}", _collector(getattr(tables, name))


def _rules(settings: AgentSettings) -> Iterator[tuple[str, str]]:
    """The site's rules in words, with what of them this agent can't know by itself."""
    rules = settings.guardrails
    for rule in rules.rules:
        elsewhere = "" if rule.is_for((settings.connection.slug,)) else " It is for another cluster."
        spots = "".join(f" {spot[:1].upper()}{spot[1:]}." for spot in blind_spots(rule))
        yield f"guardrails.rule.{rule.number}", f"{explained(rule, rules)}{elsewhere}{spots}"


def _login(settings: AgentSettings) -> str:
    """The way in, never the secret."""
    sources = settings.connection.provenance
    fields = ("token", "user", "creds", "nkey")
    given = [name for name in fields if getattr(settings.connection, name) is not None]
    return f"{given[0]} from {sources[given[0]]}" if given else "none"


def _collector(table: CollectorTable) -> str:
    if not table.on:
        return "off"
    ways = ", ".join(_ways(table))
    return f"every {table.every:g} s, given up after {table.limit:g} s" + (f", by {ways}" if ways else "")


def _ways(table: CollectorTable) -> Iterator[str]:
    """By what something is seen that can be seen in several ways, best first."""
    if isinstance(table, TransporterTable):
        yield from ("its monitoring",) if table.url else ()
        yield from ("the system account",) if table.system else ()
        yield from (f"its greeting on {table.address}",) if table.address else ()
    elif isinstance(table, StoreTable):
        yield "the file system" if table.syncthing is None else f"syncthing ({table.syncthing.config})"
