"""The header: which cluster, may it be acted on, what is wrong, what time is it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from fxtop.actions.arming import Arming
from fxtop.cluster.records import Finding, Severity
from fxtop.ui.chrome.line import Span
from fxtop.views.column import Look

KNOWN_BADGES = ("red", "yellow", "green", "blue", "magenta", "cyan", "grey")


class Badge(Struct, frozen=True):
    """A cluster's badge: a short word on a colour of its own, so that nobody acts on the wrong cluster."""

    text: str
    color: str = "grey"

    @property
    def style(self) -> str:
        """The style of the badge in the theme in use; an unknown colour is grey."""
        color = self.color if self.color in KNOWN_BADGES else "grey"
        return f"$fx-badge-text on $fx-badge-{color} bold"

    @property
    def span(self) -> Span:
        """The badge itself."""
        return Span(f" {self.text} ", self.style)


def header_left(badge: Badge, cluster: str, arming: Arming, operator: str) -> list[Span]:
    """Badge, cluster, and whether it can be acted on."""
    name = [Span(f" {cluster}")] if cluster.casefold() != badge.text.casefold() else []
    return [badge.span, *name, Span("  "), armed_span(arming, operator)]


def armed_span(arming: Arming, operator: str) -> Span:
    """``READ-ONLY`` or ``ARMED 9:41 as ann``."""
    if arming.armed:
        minutes, seconds = divmod(int(arming.remaining), 60)
        return Span(f" ARMED {minutes}:{seconds:02d} as {operator} ", "$fx-banner-text on $fx-banner-warn bold")
    return Span("READ-ONLY (fixed)" if arming.fixed else "READ-ONLY, W arms", "bold")


def header_right(findings: Iterable[Finding], look: Look, beat: str, *, heard: bool) -> list[Span]:
    """How many things are wrong, the time with its zone, and a sign that the screen is alive.

    Before anything was ``heard`` nothing is known to be well.
    """
    counts = Counter(finding.severity for finding in findings)
    alerts: list[Span] = []
    if counts[Severity.CRIT]:
        alerts.append(Span(f"{counts[Severity.CRIT]} critical", "$fx-crit bold"))
    if counts[Severity.WARN]:
        alerts.append(Span(f"{counts[Severity.WARN]} warning{'s' if counts[Severity.WARN] > 1 else ''}", "$fx-warn"))
    spaced = [part for alert in alerts for part in (alert, Span("  "))]
    calm = Span("all well  ", "$fx-ok") if heard else Span("nothing heard yet  ", "$fx-muted")
    return [*(spaced or [calm]), Span(f"{clock(look)} {beat}")]


def clock(look: Look) -> str:
    """The time of day with its zone: ``14:41:03 CET``."""
    local = datetime.fromtimestamp(look.now, tz=look.tz)
    return f"{local:%H:%M:%S} {local:%Z}".rstrip()
