"""What a table tells the screen it stands in."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from fxtop.ui.table.widget import FxTable


@dataclass
class TableMessage(Message):
    """Something that happened in ``table``; handlers can select by the table's id."""

    table: FxTable[Any, Any]

    @property
    def control(self) -> FxTable[Any, Any]:
        """The table, for ``@on(…, selector)``."""
        return self.table


@dataclass
class RowHighlighted(TableMessage):
    """The cursor stands on another row, or on none."""

    row_id: Hashable | None

    def can_replace(self, message: Message) -> bool:
        """Only the last of a run of moves matters."""
        return isinstance(message, RowHighlighted) and message.table is self.table


@dataclass
class RowSelected(TableMessage):
    """The person asked to open the row under the cursor."""

    row_id: Hashable


@dataclass
class MarksChanged(TableMessage):
    """Rows were marked or unmarked, by hand or because they went away."""

    count: int

    def can_replace(self, message: Message) -> bool:
        """Only the last count matters."""
        return isinstance(message, MarksChanged) and message.table is self.table


@dataclass
class SortChanged(TableMessage):
    """The person asked for another order; whoever keeps the rows sorts them."""

    column: str
    descending: bool


@dataclass
class CursorLost(TableMessage):
    """The row under the cursor left the table; the cursor now stands on ``now`` at the same index."""

    lost: Hashable
    now: Hashable | None
