"""The placement table: what the local agent knows of all nodes, in a file that FastX's own user can read.

Format, version 1: a JSON object with ``v`` (1), ``written`` (Unix seconds) and ``nodes``, a list of objects with the
fields of `TableRow`. The agent writes it anew every few seconds, and only while it hears the others: silence of a table
is then the silence of the agent, and is told from that of a node.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, NamedTuple, TypeGuard, get_args

DEFAULT_TABLE: Final = "/run/fxtop/placement.json"
"""Where it is looked for: gone after a boot, and not in the agent's own state directory, which is closed to FastX."""
MOST_BYTES: Final = 16 * 2**20
AHEAD: Final = 5.0
"""Seconds that a clock may have been set back since a table was written."""

State = Literal["active", "draining", "drained"]
Liveness = Literal["live", "late", "stale", "lost", "left"]
_STATES: Final = get_args(State)
_LIVENESSES: Final = get_args(Liveness)


class TableError(Exception):
    """The table can't be read or written; the text is a sentence."""


class TableRow(NamedTuple):
    """A node as its agent told of it. What nobody told is None."""

    node: str
    aliases: tuple[str, ...] = ()
    """Other names of the same machine, as its host name in full."""
    state: State = "active"
    weight: float = 1.0
    """0 to 10; a node of weight 0 takes no sessions."""
    capacity: int | None = None
    """Sessions that it is meant to carry."""
    pending: int = 0
    running: int = 0
    disconnected: int = 0
    load: float | None = None
    """Load average over a minute for each core."""
    mem_free: int | None = None
    """Bytes."""
    liveness: Liveness = "live"
    heard: float = 0.0
    """Seconds since its agent was heard, when the table was written."""

    @property
    def sessions(self) -> int:
        """All of them."""
        return self.pending + self.running + self.disconnected


class Table(NamedTuple):
    """A table that was read."""

    rows: tuple[TableRow, ...]
    age: float
    """Seconds since it was written."""


def write_table(path: str | os.PathLike[str], rows: Iterable[TableRow], now: float | None = None) -> None:
    """Put a table of ``rows`` in the place of the file ``path`` at once, readable by everybody.

    It is not forced to the disk: it is only worth something while its writer lives.

    Args:
        path: the file; its directory is made where there is none, open to everybody too.
        rows: the nodes.
        now: Unix seconds; this host's clock where it isn't given.

    Raises:
        TableError: nothing was changed.
    """
    written = time.time() if now is None else now
    content = json.dumps({"v": 1, "written": written, "nodes": [row._asdict() for row in rows]}).encode()
    folder, name = os.path.split(os.fspath(path))
    new = os.path.join(folder, f".{name}.new")
    try:
        _make(folder)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o644)  # the agent's umask may be stricter
            file.write(content)
        os.replace(new, path)
    except OSError as error:
        raise TableError(f"The placement table {path} can't be written: {error.strerror or error}.") from error


def _make(folder: str) -> None:
    if folder and not os.path.isdir(folder):
        os.mkdir(folder)
        os.chmod(folder, 0o755)  # noqa: S103  # as above: FastX's user must get at it


def read_table(path: str | os.PathLike[str], now: float) -> Table:
    """The table in the file ``path``, at Unix time ``now``. Rows without a name are left out.

    Raises:
        TableError: there is none, or none that can be used.
    """
    document = _document(path)
    written, nodes = document.get("written"), document.get("nodes")
    if document.get("v") != 1 or not _is_number(written) or not isinstance(nodes, list):
        raise TableError(f"{path} is no placement table of version 1.")
    age = now - written
    if age < -AHEAD:
        raise TableError(f"The placement table {path} was written in the future: this host's clock was set back.")
    rows = (_row(node) for node in nodes if isinstance(node, dict))
    return Table(tuple(row for row in rows if row is not None), max(0.0, age))


def _document(path: str | os.PathLike[str]) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise TableError(f"There is no placement table {path}: no agent keeps one here.") from None
    except OSError as error:
        raise TableError(f"The placement table {path} can't be read: {error.strerror or error}.") from None
    if len(content) > MOST_BYTES:
        raise TableError(f"The placement table {path} is over {MOST_BYTES // 2**20} MiB.")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise TableError(f"The placement table {path} is damaged: it is not JSON.") from None
    return document if isinstance(document, dict) else {}


def _row(data: dict[str, Any]) -> TableRow | None:
    """The row of one node; None where none is named. What is missing or makes no sense is the default."""
    known = {name: data[name] for name, is_valid in _VALID.items() if name in data and is_valid(data[name])}
    if "node" not in known:
        return None
    return TableRow(**{**known, "aliases": tuple(known.get("aliases", ()))})


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e18 < value < 1e18


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""


_VALID: Final[dict[str, Callable[[object], bool]]] = {
    "node": _is_name,
    "aliases": lambda value: isinstance(value, list) and all(_is_name(name) for name in value),
    "state": lambda value: value in _STATES,
    "weight": lambda value: _is_number(value) and 0 <= value <= 10,
    "capacity": lambda value: value is None or _is_count(value),
    "pending": _is_count,
    "running": _is_count,
    "disconnected": _is_count,
    "load": lambda value: value is None or (_is_number(value) and value >= 0),
    "mem_free": lambda value: value is None or _is_count(value),
    "liveness": lambda value: value in _LIVENESSES,
    "heard": lambda value: _is_number(value) and value >= 0,
}
