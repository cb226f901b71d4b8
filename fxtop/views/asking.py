"""Which rows of a large pane a new filter has been asked about so far, and what it let through."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from fxtop.views.sorted_ids import SortedIds

if TYPE_CHECKING:
    from fxtop.views.order import SortKey

K = TypeVar("K", bound=Hashable)


class Asking(Generic[K]):
    """Goes through a list from its first id to its last, in portions; the list may change meanwhile."""

    def __init__(
        self, asked: SortedIds[K], enough: int | None = None, beyond: K | None = None, patience: int = 0
    ) -> None:
        """Ask about all of ``asked``.

        Args:
            asked: in the order in which they are to be listed.
            enough: what is found fills a screen when it is so much; None shows all or nothing.
            beyond: an id that must have been asked before anything is shown.
            patience: when so many have been asked, less than ``enough`` is shown too.
        """
        self.found: SortedIds[K] = SortedIds()
        self.done = False
        """Whether all have been asked."""
        self._asked = asked
        self._enough = enough
        self._beyond = beyond
        self._patience = patience
        self._count = 0
        self._at: SortKey | None = None

    @property
    def enough_found(self) -> bool:
        """Whether what was found fills a screen."""
        return self._enough is not None and len(self.found) >= self._enough

    @property
    def takes_long(self) -> bool:
        """Whether somebody who waits should be shown something by now, be it the old list."""
        return self._enough is not None and (self.shows or self._count >= self._patience)

    @property
    def shows(self) -> bool:
        """Whether what was found is to be shown."""
        if self.done or self._enough is None:
            return self.done
        return (self.enough_found or (len(self.found) > 0 and self._count >= self._patience)) and self._passed()

    def take(self, count: int) -> Sequence[SortKey]:
        """The keys of the next ids to ask."""
        portion = self._asked.after(self._at, count)
        self.done = len(portion) < count
        self._count += len(portion)
        if portion:
            self._at = portion[-1]
        return portion

    def _passed(self) -> bool:
        key = None if self._beyond is None else self._asked.key(self._beyond)
        return key is None or (self._at is not None and key <= self._at)
