"""The one table of the console: a line-API widget over rows that somebody else keeps, filters and sorts."""

from fxtop.ui.table.messages import CursorLost, MarksChanged, RowHighlighted, RowSelected, SortChanged
from fxtop.ui.table.source import TableSource
from fxtop.ui.table.widget import FxTable

__all__ = [
    "CursorLost",
    "FxTable",
    "MarksChanged",
    "RowHighlighted",
    "RowSelected",
    "SortChanged",
    "TableSource",
]
