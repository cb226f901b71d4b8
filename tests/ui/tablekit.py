"""A table over plain rows, in an app that stands still: what the tests of the table and its bench share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, cast

from textual.app import App, ComposeResult
from textual.message import Message

from fxtop.cluster.records import Liveness
from fxtop.ui.table import FxTable
from fxtop.ui.table.messages import TableMessage
from fxtop.ui.theme import textual_theme, variable_defaults
from fxtop.ui.theme_file import load_themes
from fxtop.views.column import Cell, Column, Look, Tone


@dataclass
class Item:
    """A row with a name, a number and a state."""

    name: str
    number: int = 0
    state: str = "ok"
    heard: float = 0.0
    rev: int = 0
    liveness: Liveness = Liveness.LIVE


def _tone(item: Item) -> Tone:
    return {"ok": Tone.OK, "warn": Tone.WARN, "crit": Tone.CRIT}.get(item.state, Tone.NORMAL)


def column(**changes: Any) -> Column[Item]:
    """A column of names, with whatever a test wants otherwise."""
    usual: dict[str, Any] = {
        "id": "name",
        "title": "Name",
        "help": "",
        "value": lambda item, _store, _look: item.name,
        "cell": lambda item, _store, _look: Cell(item.name),
        "width": 8,
    }
    return Column(**usual | changes)


NAME = column(fixed=True, weight=1, max_width=20)
NUMBER = column(
    id="number",
    title="Number",
    cell=lambda item, _store, _look: Cell(str(item.number)),
    right=True,
    descending=True,
)
STATE = column(id="state", title="State", cell=lambda item, _store, _look: Cell(item.state, _tone(item)))
AGE = column(
    id="age",
    title="Age",
    cell=lambda item, _store, look: Cell(f"{look.monotonic - item.heard:.0f}s"),
    volatile=True,
    ages=True,
    width=6,
)
EXTRA = column(id="extra", title="Extra", cell=lambda item, _store, _look: Cell("x" * item.number), wide=True)
COLUMNS = (NAME, NUMBER, STATE, AGE, EXTRA)


@dataclass
class Rows:
    """A source whose order, hold and clock a test sets by hand."""

    items: dict[str, Item] = field(default_factory=dict)
    ids: Sequence[str] = ()
    revision: int = 0
    held: bool = False
    pending: int = 0
    now: float = 100.0
    ascii: bool = False
    store: Any = None

    @classmethod
    def of(cls, *names: str) -> Rows:
        rows = cls({name: Item(name) for name in names})
        rows.order(names)
        return rows

    @classmethod
    def many(cls, count: int) -> Rows:
        return cls.of(*(f"row{i:05}" for i in range(count)))

    def order(self, names: Sequence[str]) -> None:
        self.ids = tuple(names)
        self._places = {name: i for i, name in enumerate(names)}
        self.revision += 1

    def change(self, name: str, **values: object) -> None:
        for key, value in values.items():
            setattr(self.items[name], key, value)
        self.items[name].rev += 1

    def remove(self, name: str) -> None:
        del self.items[name]
        if not self.held:
            self.order([other for other in self.ids if other != name])

    def look(self) -> Look:
        return Look(monotonic=self.now, now=self.now, tz=UTC, ascii=self.ascii)

    def index(self, row_id: str) -> int | None:
        return self._places.get(row_id)

    def row(self, row_id: str) -> Item | None:
        return self.items.get(row_id)

    def rev(self, row_id: str) -> int:
        return self.items[row_id].rev

    def liveness(self, row_id: str) -> Liveness:
        return self.items[row_id].liveness


class TableApp(App[None]):
    """One table on the whole screen; messages of the table are kept."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, rows: Rows, columns: Sequence[Column[Item]] = COLUMNS, theme: str = "dark", **table: Any
    ) -> None:
        super().__init__()
        for spec in load_themes()[0]:
            self.register_theme(textual_theme(spec))
        self.theme = theme
        self.table: FxTable[str, Item] = FxTable(rows, columns, **table)
        self.said: list[TableMessage] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def compose(self) -> ComposeResult:
        yield self.table

    def on_event_of_table(self, message: Message) -> None:
        self.said.append(cast(TableMessage, message))

    on_row_highlighted = on_row_selected = on_marks_changed = on_sort_changed = on_cursor_lost = on_event_of_table

    def heard(self, kind: type[TableMessage]) -> list[Any]:
        """The messages of one kind, oldest first."""
        return [message for message in self.said if type(message) is kind]


def screen_lines(app: App[Any]) -> list[str]:
    """What stands on the screen, without styles."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def targets(app: TableApp) -> list[str]:
    """What an action would be about now."""
    return list(app.table.targets)
