"""The event line: the last thing that happened, or for some seconds what the console has to say to the person."""

from __future__ import annotations

from fxtop.cluster.records import Event, Severity
from fxtop.ui.chrome.line import Line, Span
from fxtop.views.column import Look
from fxtop.views.format import clock_time, plural

SAID_SECONDS = 8.0
_STYLES = {Severity.CRIT: "$fx-crit bold", Severity.WARN: "$fx-warn", Severity.INFO: ""}
_WORDS = {Severity.CRIT: "critical ", Severity.WARN: "warning ", Severity.INFO: ""}


class EventLine(Line):
    """One line for both: what is said to the person comes before what happened in the cluster."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._said: tuple[str, Severity, float] | None = None

    def say(self, sentence: str, severity: Severity, monotonic: float) -> None:
        """Tell the person something; it stands for some seconds."""
        self._said = (sentence, severity, monotonic)
        self.show([Span(sentence, _STYLES[severity] or "bold")])

    def bring(self, last: Event | None, waiting: int, look: Look) -> None:
        """Show the last event, unless something said still stands. ``waiting`` is how many jobs want attention."""
        if self._said is not None:
            if look.monotonic - self._said[2] < SAID_SECONDS:
                return
            self._said = None
        right = [Span(f"{plural(waiting, 'job')} went wrong: 5 shows", "$fx-crit bold")] if waiting else []
        if last is None:
            self.show([Span("Nothing happened yet since the console started.", "$fx-muted")], right)
            return
        text = f"{clock_time(last.at, look)} {_WORDS[last.severity]}{last.text}"
        self.show([Span(text, _STYLES[last.severity])], right)
