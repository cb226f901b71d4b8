"""Reading a whole answer of ``rlmstat``, line by line, by what the lines say.

Neither indentation nor the order of blocks means anything: both differ between versions, and with the options that
were asked for. What is known of the place of a line is only which server and which ISV were named last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from fxtop.agent.rlm import lines
from fxtop.agent.rlm.pools import PoolDraft, pool_head
from fxtop.agent.rlm.report import Block, Failure, IsvEntry, PoolRow, RlmReport, RlmServer, Status, UsageRow
from fxtop.agent.rlm.status import StatusDraft
from fxtop.agent.rlm.usage import usage_row

MAX_LINE: Final = 4096
"""Longer lines are none of rlmstat's (RLM's own limit is 1024) and aren't looked at."""
MAX_KEPT: Final = 512
"""Characters kept of a line that wasn't understood."""
MAX_REASON: Final = 6
"""Lines that an error text may have after its first one."""


def parse(text: str) -> RlmReport:
    """Read an answer. Any text is one: what can't be understood is in `RlmReport.unread`."""
    reading = _Reading()
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if stripped := line.strip():
            reading.take(stripped)
    return reading.finished()


@dataclass(slots=True)
class _Server:
    """A licence server while it is being told of."""

    daemon: Status | None = None
    isvs: list[IsvEntry] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    pools: list[PoolRow] = field(default_factory=list)
    usage: list[UsageRow] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def finished(self) -> RlmServer:
        """The server. Rows before which no ISV was named are of the only one there is, if there is only one."""
        names = {entry.name for entry in self.isvs} | {block.isv for block in self.blocks}
        only = names.pop() if len(names) == 1 else ""
        return RlmServer(
            daemon=self.daemon,
            isvs=tuple(self.isvs),
            statuses=tuple(self.statuses),
            pools=tuple(row if row.isv else replace(row, isv=only) for row in self.pools),
            usage=tuple(row if row.isv else replace(row, isv=only) for row in self.usage),
            failures=tuple(self.failures),
            blocks=tuple(self.blocks),
        )


class _Reading:
    """What was read so far, and where in the answer that is."""

    def __init__(self) -> None:
        self._path: tuple[str, ...] = ()
        self._failures: list[Failure] = []
        self._servers = [_Server()]
        self._isv = ""
        self._status: StatusDraft | None = None
        self._pool: PoolDraft | None = None
        self._failure: Failure | None = None
        self._understood = 0
        self._unread: list[str] = []
        self._rules: tuple[Callable[[str], bool], ...] = (
            self._fields,
            self._plain,
            self._head,
            self._section,
            self._statistics,
            self._entry,
            self._error,
            self._reason,
            self._pool_head,
        )

    def take(self, line: str) -> None:
        """Read a line that isn't blank."""
        self._understood += 1
        if len(line) <= MAX_LINE:
            flat = " ".join(line.split())
            if self._used(line) or any(rule(flat) for rule in self._rules):
                return
        self._begin()
        self._misunderstood(line)

    def finished(self) -> RlmReport:
        """All that was read."""
        self._begin()
        self._end_status()
        servers = tuple(server.finished() for server in self._servers)
        return RlmReport(
            path=self._path,
            servers=tuple(server for server in servers if server.answered),
            failures=tuple(self._failures),
            understood=self._understood,
            unread=tuple(self._unread),
        )

    def _used(self, line: str) -> bool:
        row = usage_row(line, self._isv)
        if row is None:
            return False
        self._begin()
        self._servers[-1].usage.append(row)
        return True

    def _fields(self, line: str) -> bool:
        """What a pool's head is followed by."""
        understood = self._pool.take(line) if self._pool else None
        if self._pool is None or understood is None:
            return False
        if understood:
            self._pool.lines.append(line)
        else:
            self._misunderstood(line)
        return True

    def _plain(self, line: str) -> bool:
        path = lines.path(line)
        if path is None and not lines.is_plain(line):
            return False
        self._begin()
        self._path = path or self._path
        return True

    def _head(self, line: str) -> bool:
        """A status block begins."""
        status = lines.head(line)
        if status is None:
            return False
        self._begin()
        self._end_status()
        if status.name == lines.DAEMON:
            self._servers.append(_Server())
            self._isv = ""
        else:
            self._name(Block(status.name, "status"))
        self._status = StatusDraft(status)
        if status.up and status.uptime is None:
            self._misunderstood(line)
        return True

    def _section(self, line: str) -> bool:
        """A list of pools or holders begins."""
        block = lines.section(line)
        if block is None:
            return False
        self._begin()
        self._end_status()
        self._name(block)
        return True

    def _statistics(self, line: str) -> bool:
        if self._status is None or not self._status.take(line):
            return False
        self._begin()
        return True

    def _entry(self, line: str) -> bool:
        entry = lines.entry(line)
        if entry is None:
            return False
        self._begin()
        self._servers[-1].isvs.append(entry)
        return True

    def _error(self, line: str) -> bool:
        """An error text begins."""
        name = lines.failure(line)
        if name is None:
            return False
        self._begin()
        self._failure = Failure(name, (line,))
        return True

    def _reason(self, line: str) -> bool:
        """An error text goes on."""
        if self._failure is None or len(self._failure.lines) > MAX_REASON:
            return False
        self._failure = replace(self._failure, lines=(*self._failure.lines, line))
        return True

    def _pool_head(self, line: str) -> bool:
        pool = pool_head(line, self._isv)
        if pool is None:
            return False
        self._begin()
        self._pool = pool
        return True

    def _name(self, block: Block) -> None:
        self._isv = block.isv
        self._servers[-1].blocks.append(block)

    def _begin(self) -> None:
        """Something else begins: a pool or an error text before it has ended."""
        pool, self._pool = self._pool, None
        if pool is not None:
            self._end_pool(pool)
        failure, self._failure = self._failure, None
        if failure is not None:
            others = failure.name in ("", lines.DAEMON)
            (self._failures if others else self._servers[-1].failures).append(failure)

    def _end_pool(self, pool: PoolDraft) -> None:
        row = pool.finished()
        if row is None:
            self._misunderstood(*pool.lines)
        else:
            self._servers[-1].pools.append(row)

    def _end_status(self) -> None:
        draft, self._status = self._status, None
        if draft is None:
            return
        status = draft.finished()
        if status.name == lines.DAEMON:
            self._servers[-1].daemon = status
        else:
            self._servers[-1].statuses.append(status)

    def _misunderstood(self, *found: str) -> None:
        """Take it back that these lines were understood, and keep them."""
        self._understood -= len(found)
        self._unread.extend(line if len(line) <= MAX_KEPT else line[: MAX_KEPT - 1] + "…" for line in found)
