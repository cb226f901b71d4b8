"""What a table needs to know of its rows: nothing of where they come from, how they are filtered, or what they mean."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from fxtop.cluster.records import Liveness
from fxtop.views.column import Look

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

K = TypeVar("K", bound=Hashable)
R_co = TypeVar("R_co", covariant=True)


class TableSource(Protocol[K, R_co]):
    """Rows of one kind in an order, each with an id of kind ``K`` that stays the same while the row lives."""

    @property
    def ids(self) -> Sequence[K]:
        """Ids in the order they are shown."""
        ...

    @property
    def revision(self) -> int:
        """Goes up whenever `ids` changes; as long as it stands, `ids` is the same."""
        ...

    @property
    def store(self) -> Store:
        """Handed to the columns."""
        ...

    @property
    def held(self) -> bool:
        """Whether the order is held."""
        ...

    @property
    def pending(self) -> int:
        """How many rows would come, go or move if the order weren't held."""
        ...

    def look(self) -> Look:
        """How text is to be written now."""
        ...

    def index(self, row_id: K) -> int | None:
        """Where a row stands in `ids`."""
        ...

    def row(self, row_id: K) -> R_co | None:
        """The row, or None when it is gone (a held order can still name it)."""
        ...

    def rev(self, row_id: K) -> Hashable:
        """A value that differs whenever the row's cells may differ, time aside."""
        ...

    def liveness(self, row_id: K) -> Liveness:
        """How fresh the row is."""
        ...
