"""What FastX's own bus tells of a node, where no agent tells it; and how it is marked as unofficial."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fxtop.cluster.voices import UNOFFICIALLY
from fxtop.views import format as fmt
from fxtop.views.details_parts import Line, line, lines_of, maybe
from fxtop.views.states import LIVENESS_TONES

if TYPE_CHECKING:
    from fxtop.cluster.records import NodeRow
    from fxtop.cluster.voices import Overheard, Voice
    from fxtop.views.column import Look


def cpu_of(row: NodeRow) -> float | None:
    """Share of all cores in use, as the agent tells or else FastX's own bus."""
    if row.beat:
        return row.beat.cpu
    return row.unofficial.cpu if row.unofficial else None


def services_of(row: NodeRow) -> Sequence[str] | None:
    """FastX services of the node; None where nobody told of any."""
    if row.facts:
        return row.facts.services
    return (row.unofficial.services if row.unofficial else ()) or None


def host_of(row: NodeRow) -> str | None:
    """The host's full name, or the one that it uses itself."""
    if row.facts:
        return row.facts.host
    return (row.unofficial.hostname if row.unofficial else "") or None


def brokers_of(row: NodeRow) -> Sequence[str]:
    """What FastX's own bus calls the node."""
    return row.unofficial.brokers if row.unofficial else ()


def overheard_lines(told: Overheard, look: Look) -> Iterator[Line]:
    """All that was overheard, for the details."""
    yield line("Source", UNOFFICIALLY)
    for voice in told.voices:
        yield _voice(voice, look)
    yield maybe("CPU in use there", told.cpu, fmt.percent)
    yield maybe("Host's own name", told.hostname or None)
    yield from lines_of("Addresses", told.addresses) if told.addresses else [maybe("Addresses", None)]
    yield maybe("Services there", ", ".join(told.services) or None)
    for name, version in sorted(told.versions.items()):
        yield line(f"Version of {name}", version)
    for name, value in sorted(told.metadata.items()):
        yield line(name, value)


def _voice(voice: Voice, look: Look) -> Line:
    """One broker: its id, its namespace, and when it was last heard."""
    liveness = voice.liveness(look.monotonic)
    ago = fmt.spoken_duration(look.monotonic - voice.heard)
    every = fmt.spoken_duration(voice.interval)
    text = (
        f"{voice.key.broker} under {voice.key.prefix}, protocol {voice.protocol}: {liveness}, {ago} ago, every {every}"
    )
    return line("Known there as", text, LIVENESS_TONES[liveness])
