"""Where FastX's directories lie, which decides what hosts share and what they must not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from fxtop.cluster.records import Severity
from fxtop.cluster.rules import troubles
from fxtop.cluster.words import naming
from fxtop.config.site.layout import LOCAL_DIR, TEMP_DIR, VAR_DIR
from fxtop.config.site.mounts import Mount, mount_of
from fxtop.doctor.facts import Facts
from fxtop.doctor.finding import Finding, Missing, NotChecked, Outcome

ALL_MAY = 0o777


def temp_on_mount(facts: Facts) -> Iterator[Outcome]:
    """FX_TEMP_DIR on a filesystem of the network."""
    mount = _mount(facts, TEMP_DIR)
    if isinstance(mount, Missing):
        yield NotChecked("whether FX_TEMP_DIR is local", mount.why)
    elif mount is not None and mount.shared:
        yield troubles.temp_on_network(_path(facts, TEMP_DIR), evidence=_evidence(facts, TEMP_DIR, mount))


def temp_open(facts: Facts) -> Iterator[Outcome]:
    """FX_TEMP_DIR that users can't write to."""
    if isinstance(facts.temp_mode, Missing):
        yield NotChecked("the mode of FX_TEMP_DIR", facts.temp_mode.why)
    elif facts.temp_mode & ALL_MAY != ALL_MAY:
        yield Finding(
            severity=Severity.CRIT,
            kind="temp-mode",
            subject=_path(facts, TEMP_DIR),
            text=f"not everybody can use FX_TEMP_DIR (mode {facts.temp_mode:04o})",
            evidence=(f"{_path(facts, TEMP_DIR)}: mode {facts.temp_mode:04o}",),
            consequence="sessions of ordinary users don't start: their processes and FastX meet there",
            remedy=f"chmod 1777 {_path(facts, TEMP_DIR)}",
        )


def local_shared(facts: Facts) -> Iterator[Outcome]:
    """FX_LOCAL_DIR that several hosts use, each of which needs its own."""
    mount = _mount(facts, LOCAL_DIR)
    strangers = _strangers(facts)
    if strangers:
        yield _shared(
            facts, Severity.CRIT, f"FX_LOCAL_DIR holds the certificate of {naming(strangers)}", (naming(strangers),)
        )
    elif isinstance(mount, Missing):
        yield NotChecked("whether FX_LOCAL_DIR is this host's own", mount.why)
    elif mount is not None and mount.shared and not _names_host(facts):
        text = "FX_LOCAL_DIR lies on a network file system, and nothing in its path names this host"
        yield _shared(facts, Severity.WARN, text, _evidence(facts, LOCAL_DIR, mount))


def _shared(facts: Facts, severity: Severity, text: str, evidence: tuple[str, ...]) -> Finding:
    path = _path(facts, LOCAL_DIR)
    return troubles.local_shared(path, text, evidence=(path, *evidence), severity=severity)


def conflicts(facts: Facts) -> Iterator[Outcome]:
    """Copies that syncthing kept because a file was changed on two managers."""
    if isinstance(facts.conflicts, Missing):
        yield NotChecked("conflicts of synchronised files", facts.conflicts.why)
    elif facts.conflicts:
        shown = tuple(str(path) for path in facts.conflicts[:10])
        yield troubles.sync_conflicts(_path(facts, VAR_DIR), len(facts.conflicts), evidence=shown)


def _mount(facts: Facts, variable: str) -> Mount | Missing | None:
    if isinstance(facts.mounts, Missing):
        return facts.mounts
    return mount_of(facts.lies_at[variable], facts.mounts)


def _strangers(facts: Facts) -> list[str]:
    if isinstance(facts.names, Missing):
        return []
    known = {name.partition(".")[0] for name in facts.names} | set(facts.names)
    return sorted({host for host in facts.local_hosts if host not in known and host.partition(".")[0] not in known})


def _names_host(facts: Facts) -> bool:
    if isinstance(facts.names, Missing):
        return False
    parts = {part for name in PurePosixPath(facts.layout.path(LOCAL_DIR)).parts for part in (name, name.split(".")[0])}
    return bool(parts & {short for name in facts.names for short in (name, name.partition(".")[0])})


def _path(facts: Facts, variable: str) -> str:
    return str(facts.layout.path(variable))


def _evidence(facts: Facts, variable: str, mount: Mount) -> tuple[str, ...]:
    at = facts.layout.directories[variable].at
    return (f"{_path(facts, variable)} on {mount.point} ({mount.fstype})", *([f"{at}  sets it"] if at else []))
