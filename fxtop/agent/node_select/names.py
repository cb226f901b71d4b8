"""Which row of the table an offered node is.

FastX's node ids are its own: the host name, the host name with something behind it, or anything else. The agents name
their nodes by themselves. Where the id is another one, the host name that the node's health tells is looked at too, and
a short name stands for the full one of the same host. What fits two rows fits none.
"""

from __future__ import annotations

from collections.abc import Iterable

from fxtop.agent.node_select.offer import Offer
from fxtop.agent.node_select.table import TableRow


class Names:
    """The rows of a table, by all names that their nodes go by."""

    def __init__(self, rows: Iterable[TableRow]) -> None:
        self._ids = {row.node: row for row in rows}
        self._full: dict[str, TableRow | None] = {}
        self._short: dict[str, TableRow | None] = {}
        for row in self._ids.values():
            for name in {each.casefold() for each in (row.node, *row.aliases)}:
                _enter(self._full, name, row)
            for name in {_short(each.casefold()) for each in (row.node, *row.aliases)}:
                _enter(self._short, name, row)

    def row_of(self, offer: Offer) -> TableRow | None:
        """The row of an offered node; None where no agent told of it, or nobody can tell which one it is."""
        if offer.id in self._ids:
            return self._ids[offer.id]
        names = [name.casefold() for name in (offer.id, offer.hostname) if name]
        for name in names:
            if name in self._full:
                return self._full[name]
        return next((row for name in names if (row := self._by_short(name)) is not None), None)

    def _by_short(self, name: str) -> TableRow | None:
        """A short name may be that of a full one, and the other way round; two full ones are two hosts."""
        short = _short(name)
        return self._short.get(name) if short == name else self._full.get(short)


def _enter(names: dict[str, TableRow | None], name: str, row: TableRow) -> None:
    names[name] = None if name in names else row


def _short(name: str) -> str:
    """A host's name without its domain. The first number of an address is no name."""
    first = name.partition(".")[0]
    return name if not first or first.isdigit() else first
