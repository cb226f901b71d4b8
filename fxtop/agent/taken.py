"""What an agent took on lately by its journal, to find a ledger that was deleted or set back.

Journal and ledger are two files, and each request is in the journal first. So what the journal has and the ledger has
not was known to a ledger that is gone.
"""

from __future__ import annotations

import logging

from fxtop.actions.journal import DECISION, Journal, JournalError
from fxtop.agent.ledger import MARGIN
from fxtop.clock import Clock
from fxtop.protocol.ids import RequestId

log = logging.getLogger(__name__)

NEWEST = 2
"""Files of the journal that are read at the start of an agent."""


def taken_lately(journal: Journal, clock: Clock) -> frozenset[RequestId]:
    """The requests that a ledger must still remember.

    The last one is left out as long as nothing came of it: the agent may have ended between the two files, before
    anything was done. A journal that can't be read is logged and tells nothing.
    """
    try:
        entries = journal.read(clock.now() - MARGIN, newest=NEWEST).entries
    except JournalError as error:
        log.warning("%s What was asked for before can't be compared with it.", error)
        return frozenset()
    lines = [entry for entry in entries if entry.kind == DECISION and entry.decision == "accepted" and entry.request]
    taken = {RequestId(entry.request) for entry in lines if not entry.dry_run}
    if lines and lines[-1].state == "accepted" and sum(entry.request == lines[-1].request for entry in lines) == 1:
        taken.discard(RequestId(lines[-1].request))
    return frozenset(taken)
