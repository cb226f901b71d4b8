"""What everybody has to know of the console itself, in few words for the header; and all of it for the bus panel."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.ui.chrome.line import Span
from fxtop.ui.health import Health
from fxtop.views.format import duration, size


def notes(health: Health) -> list[Span]:
    """For the header; empty while all is as it should be."""
    spans: list[Span] = []
    if health.lags:
        spans.append(Span(f"behind by {health.behind:.1f} s  ", "$fx-crit bold"))
    if health.pace.slowed:
        spans.append(Span(f"every {every(health)}  ", "$fx-warn"))
    rate = health.written_rate
    written = f" {size(rate)}/s" if rate is not None else ""
    if health.link.thin:
        spans.append(Span(f"thin link{written}  ", "$fx-warn"))
    elif health.show_rate and written:
        spans.append(Span(f"wrote{written}  "))
    return spans


def thin_sentence(health: Health) -> str:
    """Why the thin link profile is on and what it does, or that it is over."""
    if not health.link.thin:
        return "The thin link profile is over: the line to your terminal is quick again."
    period = every(health)
    return f"Thin link profile, since {health.link.why}: a picture every {period}, few colours. :link fast ends it."


def pace_sentence(health: Health) -> str:
    """How often there is a tick now, and why."""
    took, period = f"{health.pace.took * 1000:.0f} ms", every(health)
    if health.pace.slowed:
        return f"A tick takes {took}, which is too long: the picture changes every {period} until it takes less."
    return f"A tick takes {took} again: the picture changes every {period}."


def details(health: Health) -> Iterator[tuple[str, str]]:
    """Label and text of each line for the bus panel."""
    pace, drain, outlet = health.pace, health.drain, health.outlet
    slowed = ", slowed down because ticks take long" if pace.slowed else ""
    yield "Tick", f"{_ms(pace.took)}, longest {_ms(pace.longest.value)} in the last minute"
    yield "Ticks", f"one every {every(health)}{slowed}"
    yield "Sessions", f"by user, {health.crowd.note}" if health.crowd.by_user else "followed one by one"
    yield "Behind", f"by {health.behind:.1f} s, at most {health.longest_behind.value:.1f} s in the last minute"
    yield "Kept waiting", f"at most {_ms(pace.late.value)} in the last minute"
    yield "Garbage collector", f"at most {_ms(health.pauses.longest.value)} in the last minute"
    if outlet is None:
        yield "Terminal", "written to without measuring: it can't be opened a second time"
        return
    rate = health.written_rate or 0.0
    yield "Written", f"{size(rate)}/s, {size(outlet.written)} in all"
    yield "Terminal drains", _drained(health)
    if drain.overdue > 1:
        yield "Terminal", f"has taken nothing for {duration(drain.overdue)}: pictures are left out until it does"
    if outlet.dropped:
        yield "Left out", f"{outlet.dropped} writes for which there was no room"
    link = health.link
    yield "Link", f"{link.link}: thin link profile, since {link.why}" if link.thin else f"{link.link}: full colours"


def every(health: Health) -> str:
    """The time between two ticks: ``0.5 s``."""
    return f"{health.pace.period:.2g} s"


def _drained(health: Health) -> str:
    last = health.drain.last
    if last is None:
        return "not measured yet"
    if last.seconds < 0.001:
        return "as fast as it is written"
    how = "" if health.drain.answers else ", by how long a frame waits"
    return f"{size(last.rate)}/s ({size(last.size)} in {_ms(last.seconds)}){how}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
