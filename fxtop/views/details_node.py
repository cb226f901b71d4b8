"""The details of a node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fxtop.views import format as fmt
from fxtop.views.column import Look, Tone
from fxtop.views.column_kinds import COUNT, DECIMAL, acting_text, threshold
from fxtop.views.columns_nodes import CPU, MEMORY, mem_share
from fxtop.views.details_parts import (
    Line,
    Section,
    Series,
    heard_lines,
    line,
    lines_of,
    maybe,
    of_total,
    section,
    series,
    state_line,
)
from fxtop.views.overheard import overheard_lines
from fxtop.views.states import node_status

if TYPE_CHECKING:
    from fxtop.cluster.records import NodeRow
    from fxtop.cluster.store import Store
    from fxtop.protocol.node import Directory, Drain, NodeFacts, NodeHeartbeat

TEMP_DIR = "FX_TEMP_DIR"


def node_sections(row: NodeRow, store: Store, look: Look) -> Iterator[Section]:
    """What is known of a node, what is wrong first."""
    yield section("State", _state(row, store, look), heard_lines(row, row.interval, look), look=look)
    if row.beat:
        yield section("Load", _load(row.beat, mem_share(row)), look=look)
        yield section("Sessions", _sessions(row.beat), look=look)
    if row.facts:
        yield section("Software", _software(row.facts), look=look)
        yield section("Directories", map(_directory, row.facts.dirs), look=look)
        yield section("Configuration", _configuration(row.facts, store), look=look)
        if row.facts.notes:
            yield section("Notes", _notes(row.facts), look=look)
    if row.unofficial:
        yield section("FastX's own bus", overheard_lines(row.unofficial, look), look=look)


def node_series(row: NodeRow) -> tuple[Series, ...]:
    """The recent past of a node."""
    return (
        series("CPU", row.cpu, CPU),
        series("Memory", row.mem, MEMORY),
        series("Load", row.load, DECIMAL),
        series("Sessions", row.count, COUNT),
    )


def _state(row: NodeRow, store: Store, look: Look) -> Iterator[Line]:
    yield state_line(node_status(row))
    if row.beat and row.beat.drain:
        yield from _drain(row.beat.drain, look)
    if row.acting:
        yield line("Being changed", acting_text(row.acting, store), Tone.ACCENT)


def _drain(drain: Drain, look: Look) -> Iterator[Line]:
    yield line("Drained by", drain.by)
    yield line("Because", drain.reason)
    if drain.ticket:
        yield line("Ticket", drain.ticket)
    yield line("Drained since", fmt.moment_ago(drain.since, look))
    if drain.deadline is not None:
        late = drain.deadline < look.now
        yield line("To be done by", fmt.moment_ago(drain.deadline, look), Tone.WARN if late else Tone.NORMAL)


def _load(beat: NodeHeartbeat, memory: float | None) -> Iterator[Line]:
    cpu = f"{fmt.percent(beat.cpu)} of {fmt.plural(beat.cores, 'core')}"
    yield line("CPU in use", cpu, CPU.cell(beat.cpu).tone)
    averages = ", ".join(map(fmt.decimal, (beat.load.one, beat.load.five, beat.load.fifteen)))
    yield line("Load average", f"{averages} over 1, 5 and 15 minutes")
    tone = Tone.NORMAL if memory is None else MEMORY.cell(memory).tone
    yield line("Memory in use", of_total(beat.mem_used, beat.mem_total), tone)
    yield line("Up for", fmt.spoken_duration(beat.uptime))


def _sessions(beat: NodeHeartbeat) -> Iterator[Line]:
    counts = beat.sessions
    share = counts.total / beat.capacity if beat.capacity else 0.0
    yield line("Sessions", str(counts.total), threshold(share, 0.9, 1.0))
    yield line("Running", f"{counts.running}, connected or not known to be disconnected")
    yield line("Disconnected", str(counts.disconnected))
    yield line("Pending", str(counts.pending))
    yield maybe("Capacity", beat.capacity)
    yield line("Placement weight", f"{beat.weight:.2f}")


def _software(facts: NodeFacts) -> Iterator[Line]:
    yield line("Host", facts.host)
    yield line("Services", ", ".join(facts.services) or "none")
    for name, version in sorted(facts.versions.items()):
        yield line(f"Version of {name}", version)
    for unit in facts.units:
        yield line(f"Unit {unit.name}", unit.active, Tone.NORMAL if unit.active == "active" else Tone.WARN)
    yield line("Sessions told by", facts.provider)
    yield from lines_of("Transporters", (link.name for link in facts.transporters))


def _directory(directory: Directory) -> Line:
    kind = {True: "on a network", False: "local", None: "local or not is unknown"}[directory.network]
    parts = [directory.path, directory.fstype or "file system unknown", kind]
    if directory.total is not None and directory.free is not None:
        parts.append(f"{fmt.spoken_size(directory.free)} free of {fmt.spoken_size(directory.total)}")
    if directory.inodes and directory.inodes_free is not None:
        parts.append(f"{fmt.percent(directory.inodes_free / directory.inodes)} of inodes free")
    if directory.note:
        parts.append(directory.note)
    misplaced = directory.name == TEMP_DIR and directory.network is True
    return line(directory.name, ", ".join(parts), Tone.WARN if misplaced or directory.note else Tone.NORMAL)


def _notes(facts: NodeFacts) -> Iterator[Line]:
    for about, text in sorted(facts.notes.items()):
        yield line(about, text, Tone.WARN)


def _configuration(facts: NodeFacts, store: Store) -> Iterator[Line]:
    for name, digest in sorted(facts.config.items()):
        if store.drift.is_odd(name, digest):
            yield line(name, f"sha256 {digest[:12]}, differs from that of most nodes", Tone.WARN)
        else:
            yield line(name, f"sha256 {digest[:12]}")
    for name in facts.withheld:
        yield line(name, "not compared, since it holds a secret")
    for name, value in sorted(facts.metadata.items()):
        yield line(name, value)
