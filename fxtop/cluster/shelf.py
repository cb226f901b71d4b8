"""How long ended jobs are kept: failures until somebody dismisses them, the others while there is room."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from fxtop.cluster.records import JobRow
from fxtop.protocol.ids import RequestId

KEPT: Final = 500
"""Ended jobs that nobody has to look at any more."""
KEPT_FAILURES: Final = 2_000
"""Failures of other operators. Our own all stay; these come from the bus, where anybody can invent them."""


class Shelf:
    """The order in which ended jobs are forgotten."""

    def __init__(self) -> None:
        self._settled: OrderedDict[RequestId, None] = OrderedDict()
        self._failures: OrderedDict[RequestId, None] = OrderedDict()

    def put(self, job: JobRow) -> list[RequestId]:
        """Note how ``job`` stands; gives back the ids of those to forget for it."""
        self._settled.pop(job.id, None)
        self._failures.pop(job.id, None)
        if not job.state.ended:
            return []
        if not job.state.bad or job.dismissed:
            self._settled[job.id] = None
        elif not job.mine:
            self._failures[job.id] = None
        return [*_over(self._settled, KEPT), *_over(self._failures, KEPT_FAILURES)]


def _over(shelf: OrderedDict[RequestId, None], limit: int) -> list[RequestId]:
    return [shelf.popitem(last=False)[0] for _ in range(len(shelf) - limit)]
