"""What only the living machine can tell, added to what its files told."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from fxtop.clock import Clock
from fxtop.config.site.layout import license_folders
from fxtop.config.site.license_file import read_license
from fxtop.config.site.own_names import own_names
from fxtop.doctor.facts import Facts, NatsConf
from fxtop.doctor.finding import Missing
from fxtop.doctor.gather.reach import Port, try_ports
from fxtop.doctor.gather.systemd import ask_clock, ask_systemd
from fxtop.doctor.gather.tree import Tree


async def ask_host(facts: Facts, tree: Tree, clock: Clock, ca: Path | None = None) -> Facts:
    """``facts`` with the machine's names, its services, its rights, and what it reaches."""
    names = own_names()
    ports = dict.fromkeys((*transporters(facts), *routes(facts, names), *license_ports(facts, tree)))
    return replace(
        facts,
        names=names,
        running=ask_systemd(clock),
        clock_kept=ask_clock(),
        may_read=_may_read(facts),
        reached=await try_ports(ports, ca),
    )


def transporters(facts: Facts) -> Iterator[Port]:
    """The transporters that FastX's files name."""
    for url in facts.servers:
        parts = urlsplit(url)
        if parts.hostname and parts.port:
            yield Port("transporter", parts.hostname, parts.port, parts.scheme == "tls")


def routes(facts: Facts, names: frozenset[str]) -> Iterator[Port]:
    """The other transporters that this one's configuration names."""
    if isinstance(facts.nats, NatsConf) and facts.nats.server.cluster is not None:
        others = (route for route in facts.nats.server.cluster.routes if route.host not in names)
        yield from (Port("route", route.host, route.port) for route in others)


def license_ports(facts: Facts, tree: Tree) -> Iterator[Port]:
    """The ports that licence files name."""
    for path in facts.licenses:
        if path.parent in license_folders(facts.layout):
            try:
                found = read_license(tree.text(path))
            except OSError:
                continue
            yield from (Port("licence server", each.host, each.port) for each in found)


def _may_read(facts: Facts) -> dict[Path, bool] | Missing:
    if isinstance(facts.secret, Missing):
        return facts.secret
    try:
        user = pwd.getpwnam(facts.service_user)
    except (KeyError, ValueError):
        return Missing(f"there is no user {facts.service_user} on this machine")
    groups = {user.pw_gid, *os.getgrouplist(user.pw_name, user.pw_gid)}
    file = facts.secret.file
    try:
        stats = [(path.stat(), 0o1) for path in file.parents]
        stats.append((file.stat(), 0o4))
    except OSError as error:
        return Missing(f"{file}: {error.strerror}")
    return {file: user.pw_uid == 0 or all(_allowed(stat, user.pw_uid, groups, bit) for stat, bit in stats)}


def _allowed(found: os.stat_result, uid: int, groups: set[int], bit: int) -> bool:
    """Whether the classic mode bits allow it; access lists may allow more or less."""
    if found.st_uid == uid:
        return bool(found.st_mode & bit << 6)
    return bool(found.st_mode & (bit << 3 if found.st_gid in groups else bit))
