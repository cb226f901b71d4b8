"""What becomes of the connection, in the agent's log."""

from __future__ import annotations

import logging

from fxtop.bus.port import BusStatus

log = logging.getLogger(__name__)


class BusLog:
    """Logs each connection, each loss, and each new reason why there is none; never the same twice in a row."""

    def __init__(self) -> None:
        self._connected = False
        self._since: float | None = None
        self._error: str | None = None
        self._dropped = 0

    def note(self, status: BusStatus) -> None:
        """Look at the connection as it is now."""
        if status.connected:
            if status.since != self._since:
                log.info("Connected to %s (%s).", status.server_name or "a transporter", status.server)
            self._since, self._error = status.since, None
        else:
            if self._connected:
                log.warning("The connection to the transporters is lost; it is mended as soon as that is possible.")
            if status.last_error and status.last_error != self._error:
                self._error = status.last_error
                log.warning("%s", status.last_error)
        self._connected = status.connected
        if status.dropped > self._dropped:
            log.warning(
                "Messages came faster than they could be taken in, and %d were dropped here: what they asked for "
                "is not done, and gets no answer.",
                status.dropped - self._dropped,
            )
        self._dropped = status.dropped
