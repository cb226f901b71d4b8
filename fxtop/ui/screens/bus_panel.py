"""The bus in full: the connection, the servers, and every message that was rejected, lost or dropped, by reason."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from fxtop.bus.port import BusStatus
from fxtop.cluster.intake import Intake
from fxtop.cluster.records import Dirty
from fxtop.sources.moleculer.listener import MoleculerListener
from fxtop.ui.chrome.bus_line import NO_ROOM
from fxtop.ui.chrome.health_notes import details
from fxtop.ui.console import Console
from fxtop.ui.health import Health
from fxtop.ui.screens.box import Box
from fxtop.views.column import Look
from fxtop.views.format import clock_time, latency, moment_ago, number, plural, size, spoken_duration

LABEL_WIDTH = 22
SHOWN_LOSSES = 12
SHOWN_REJECTED = 12


class BusPanel(Box):
    """Follows the bus while it is open."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.fx = console

    def compose(self) -> ComposeResult:
        """One text in a scrolling box."""
        with Vertical(classes="dialog -tall"):
            yield Static(f"Bus of {self.fx.cluster}", classes="dialog-title", markup=False)
            with VerticalScroll(classes="box-scroll"):
                yield Static(self._text(), id="bus-text")
            yield Static("Arrows scroll, Esc goes back", classes="dialog-foot", markup=False)

    def bring(self, _dirty: Dirty) -> None:
        """Bring the text up to date."""
        self.query_one("#bus-text", Static).update(self._text())

    def _text(self) -> Content:
        link, look = self.fx.link, self.fx.look()
        lines = [
            *_connection(link.bus.status, look),
            *(_console(self.fx.health) if self.fx.health else ()),
            *_servers(link.silent),
            *_intake(link.store.intake, link.bus.status.dropped, look),
            *_moleculer(link.moleculer),
        ]
        return Content("\n").join(lines)


def _connection(status: BusStatus, look: Look) -> Iterator[Content]:
    yield _heading("Connection")
    yield _pair("State", f"{status.phase} for {spoken_duration(look.monotonic - status.since)}")
    yield _pair("Configured servers", ", ".join(status.servers))
    if status.connected:
        yield _pair("Server in use", f"{status.server_name or 'without a name'} at {status.server}")
        yield _pair("Server id, version", f"{status.server_id}, {status.server_version}")
        yield _pair("Encrypted", "yes, TLS" if status.tls else "no: everything on the bus can be read on the way")
        yield _pair("Round trip", latency(status.rtt) if status.rtt is not None else "not measured yet")
    yield _pair("Received", f"{status.in_msgs} messages, {size(status.in_bytes)}")
    yield _pair("Rate", f"{number(status.msgs_per_s)} messages/s, {size(status.bytes_per_s)}/s")
    yield _pair("Sent", f"{status.out_msgs} messages, {size(status.out_bytes)}")
    yield _pair("Reconnects", str(status.reconnects))
    if status.last_error and status.last_error_at is not None:
        yield _pair("Last error", f"{status.last_error} ({moment_ago(status.last_error_at, look)})")
    yield Content("")


def _console(health: Health) -> Iterator[Content]:
    yield _heading("This console")
    for label, text in details(health):
        yield _pair(label, text)
    yield Content("")


def _servers(silent: dict[str, str]) -> Iterator[Content]:
    if silent:
        yield _heading("Configured servers that can't be reached")
        for url, why in sorted(silent.items()):
            yield _pair(url, why)
        yield Content("")


def _intake(intake: Intake, dropped: int, look: Look) -> Iterator[Content]:
    yield _heading("What came in")
    yield _pair("Taken", str(intake.accepted))
    yield _pair("Old, not taken", str(intake.old))
    yield _pair("Lost on the way", str(intake.lost))
    yield _pair("Dropped here", f"{dropped}" + (" (this console reads too slowly)" if dropped else ""))
    yield _pair("Rejected", str(intake.rejected_total))
    for (reason, kind), count in intake.rejected.most_common():
        why = " (so many are known that no more are taken in; known ones stay up to date)" if reason == NO_ROOM else ""
        yield _pair(f"  {reason}", f"{count} on {kind}{why}")
    losses = [loss for loss in intake.losses() if loss.lost][:SHOWN_LOSSES]
    if losses:
        yield Content("")
        yield _heading("Who lost most")
        for loss in losses:
            yield _pair(loss.sender, f"{loss.lost} of {loss.kind}")
    if intake.last_rejected:
        yield Content("")
        yield _heading("Last rejected messages")
        for message in list(intake.last_rejected)[-1 : -SHOWN_REJECTED - 1 : -1]:
            yield _pair(clock_time(message.wall, look), f"{message.reason} on {message.subject}: {message.detail}")


def _moleculer(listener: MoleculerListener | None) -> Iterator[Content]:
    """What was learned of FastX's own bus, where it is listened to."""
    if listener is None:
        return
    yield Content("")
    yield _heading("FastX's own bus, listened to unofficially")
    yield _pair("Said there", "only DISCOVER, to learn who is there" if listener.discovers else "nothing")
    if not listener.namespaces:
        yield _pair("Heard there", "nothing yet")
    for namespace in listener.namespaces:
        every = f" every {spoken_duration(namespace.interval)}" if namespace.interval else ""
        protocols = ", ".join(namespace.protocols) or "unknown"
        yield _pair(namespace.prefix, f"{plural(namespace.brokers, 'broker')}{every}, protocol {protocols}")
        yield _pair("  packets", str(namespace.packets))
        if namespace.unreadable:
            yield _pair("  unreadable", f"{namespace.unreadable} (another serializer, or encrypted)")
        for trouble, count in (("malformed", namespace.malformed), ("beyond the bound", namespace.refused)):
            if count:
                yield _pair(f"  {trouble}", str(count))


def _heading(text: str) -> Content:
    return Content.styled(text, "bold underline")


def _pair(label: str, text: str) -> Content:
    return Content.assemble((label.ljust(LABEL_WIDTH) + " ", "$fx-muted"), text)
