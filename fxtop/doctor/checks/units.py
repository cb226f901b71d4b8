"""Services that still run with what their files said before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath

from fxtop.cluster.nodes import FAILED
from fxtop.cluster.records import Severity
from fxtop.cluster.rules import troubles
from fxtop.cluster.words import naming
from fxtop.config.site.layout import CONFIG_DIR
from fxtop.doctor.facts import Facts, Running
from fxtop.doctor.finding import Finding, Missing, NotChecked, Outcome

NATS_CONF = "nats-server.conf"


def stale(facts: Facts) -> Iterator[Outcome]:
    """Units that were not restarted since a file that they read was changed."""
    what = "whether services were restarted after their files changed"
    if isinstance(facts.running, Missing):
        yield NotChecked(what, facts.running.why)
        return
    if isinstance(facts.changed, Missing):
        yield NotChecked(what, facts.changed.why)
        return
    for unit in facts.running.values():
        since = unit.since
        if since is not None:
            late = sorted(file for file in _read_by(facts, unit, facts.changed) if facts.changed[file] > since)
            if late:
                yield _stale(unit, since, [(file, facts.changed[file]) for file in late])


def _stale(unit: Running, since: float, files: list[tuple[PurePosixPath, float]]) -> Finding:
    return Finding(
        severity=Severity.WARN,
        kind="unit-stale",
        subject=unit.name,
        text=f"{unit.name} runs since before a change of {naming([file.name for file, _ in files])}",
        evidence=(f"{unit.name} active since {_stamp(since)}", *(f"{file} changed {_stamp(at)}" for file, at in files)),
        consequence="it still works with what the files said before",
        remedy=f"systemctl restart {unit.name}",
    )


def stopped(facts: Facts) -> Iterator[Outcome]:
    """Units that failed."""
    if isinstance(facts.running, Missing):
        return
    for unit in facts.running.values():
        if unit.state == FAILED:
            yield troubles.unit_failed(
                unit.name,
                f"{unit.name} has failed",
                f"see why with: journalctl -u {unit.name}",
                evidence=(f"{unit.name}: {unit.state}",),
            )


def _read_by(facts: Facts, unit: Running, files: Collection[PurePosixPath]) -> list[PurePosixPath]:
    """Those of ``files`` that ``unit`` reads when it starts, as far as is known."""
    own = {PurePosixPath(file) for each in facts.units if each.name == unit.name for file in each.files}
    folder = facts.layout.path(CONFIG_DIR)
    if "nats" in unit.name:
        read = {folder / NATS_CONF} if isinstance(facts.nats, Missing) else {PurePosixPath(facts.nats.file)}
    elif unit.name.startswith("fastx"):
        read = {file for file in files if file.is_relative_to(folder) and file.name != NATS_CONF}
    elif unit.name.startswith("rlm"):
        read = {file for file in files if file.suffix == ".lic"}
    else:
        read = set()
    return [file for file in files if file in read | own]


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
