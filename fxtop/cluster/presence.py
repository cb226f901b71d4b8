"""Clean stops: ``bye.<class>.<id>`` (protocol 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from fxtop.cluster.intake import Intake
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.presence import Bye

K = TypeVar("K", bound=str)


class Farewell(Generic[K]):
    """The reducer of the goodbyes of one class. A late goodbye of a life that is over already changes nothing."""

    def __init__(self, intake: Intake, class_: str, leave: Callable[[K], None]) -> None:
        self._intake = intake
        self._beats = intake.sequence(f"hb.{class_}")
        self._leave = leave

    def bye(self, sender: K, bye: Bye, _: Inbound) -> None:
        """Fold a goodbye in."""
        self._intake.accept()
        if bye.boot is None or not self._beats.is_past(sender, bye.boot):
            self._leave(sender)
