"""What an operator's actions leave in the journal, and what happens when the journal can't take it.

Before anything is sent the journal must have taken it, or nothing is sent. Afterwards the truth on screen comes first:
what the journal can't take then is kept, told as trouble, and written as soon as it can be.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

import msgspec

from fxtop.actions.courier import Heard, Letter
from fxtop.actions.export import fingerprint, intent_data, plan_data
from fxtop.actions.journal import Entry, Journal, JournalError, Kind
from fxtop.actions.model import Intent, Plan, Refused
from fxtop.actions.words import unique
from fxtop.clock import Clock
from fxtop.cluster.records import JobRow
from fxtop.protocol.ids import ClusterSlug, PublicKey
from fxtop.views.format import plural

BACKLOG: Final = 10_000
"""Entries kept for a journal that can't be written; beyond them the oldest are lost."""


class Record:
    """One operator's pen."""

    def __init__(
        self, journal: Journal, clock: Clock, cluster: ClusterSlug, operator: str, key: PublicKey | None
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._who: dict[str, Any] = {"v": 1, "cluster": cluster, "operator": operator, "key": key}
        self._waiting: deque[Entry] = deque(maxlen=BACKLOG)
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why the journal lacks something that happened, as a sentence; None while it has everything."""
        return self._trouble

    def intent(self, intent: Intent) -> Entry:
        """That somebody wants something."""
        return self._of_intent(Kind.INTENT, intent, data=intent_data(intent))

    def plan(self, plan: Plan) -> Entry:
        """What was shown."""
        return self._of_plan(Kind.PLAN, plan, targets=_targets(plan), hash=fingerprint(plan), data=plan_data(plan))

    def sent(self, letter: Letter) -> Entry:
        """That a request is about to leave, and with which arguments."""
        return self._of_letter(Kind.SENT, letter, data=msgspec.to_builtins(letter.args))

    def held(self, plan: Plan, seconds: float) -> Entry:
        """That a plan was confirmed and can still be stopped for so long."""
        return self._of_plan(
            Kind.HELD, plan, targets=_targets(plan), hash=fingerprint(plan), detail=f"{seconds:g} s to stop it"
        )

    def reply(self, letter: Letter, heard: Heard) -> Entry:
        """What came of a request at once."""
        result = heard.reply.result if heard.reply else {}
        return self._of_letter(Kind.REPLY, letter, state=heard.state, code=heard.code, detail=heard.detail, data=result)

    def outcome(self, job: JobRow) -> Entry:
        """How a request ended."""
        return self._entry(
            Kind.OUTCOME,
            action=job.plan,
            request=job.id,
            verb=job.verb,
            reason=job.reason,
            ticket=job.ticket,
            targets=(job.target,),
            state=job.state,
            code=job.code,
            detail=job.detail,
            data={"done": job.done, "total": job.total, "items": [[i.id, i.status, i.detail] for i in job.items]},
        )

    def dismissed(self, job: JobRow) -> Entry:
        """That the operator wants to see no more of a request."""
        words = {"request": job.id, "verb": job.verb, "reason": job.reason, "ticket": job.ticket}
        return self._entry(Kind.DISMISSED, action=job.plan, targets=(job.target,), **words)

    def refused(self, what: Intent | Plan, refused: Refused) -> Entry:
        """That nothing was sent, and why."""
        why = {"code": refused.code, "detail": refused.sentence}
        if isinstance(what, Plan):
            return self._of_plan(Kind.REFUSED, what, targets=_targets(what), **why)
        return self._of_intent(Kind.REFUSED, what, **why)

    async def keep(self, *entries: Entry) -> None:
        """Return when ``entries`` are on disk.

        Raises:
            Refused: with the code ``journal``; what depends on them must not be done.
        """
        try:
            await asyncio.to_thread(self._journal.write, *entries)
        except JournalError as error:
            raise Refused("journal", f"Nothing was sent, because it could not be recorded first. {error}") from error

    def note(self, *entries: Entry) -> None:
        """Let the next `flush` write what has happened already."""
        self._waiting.extend(entries)

    def flush(self) -> None:
        """Write what waits, if anything does; a journal that can't take it is `trouble` and no error."""
        if not self._waiting:
            return
        try:
            self._journal.write(*self._waiting)
        except JournalError as error:
            self._trouble = f"{error} Kept in memory until it can be: {plural(len(self._waiting), 'line')}."
            return
        self._waiting.clear()
        self._trouble = None

    def _of_intent(self, kind: Kind, intent: Intent, **more: Any) -> Entry:
        targets = unique([*intent.nodes, *(key.node for key in intent.sessions)])
        words = {"verb": intent.verb, "reason": intent.reason, "ticket": intent.ticket, "targets": targets}
        return self._entry(kind, **words, **more)

    def _of_plan(self, kind: Kind, plan: Plan, **more: Any) -> Entry:
        words = {
            "verb": plan.intent.verb,
            "reason": plan.intent.reason,
            "ticket": plan.intent.ticket,
            "action": plan.id,
        }
        return self._entry(kind, **words | more)

    def _of_letter(self, kind: Kind, letter: Letter, **more: Any) -> Entry:
        words = {
            "action": letter.action,
            "hash": letter.plan_hash,
            "verb": letter.verb,
            "reason": letter.reason,
            "ticket": letter.ticket,
            "request": letter.request,
            "targets": (letter.target,),
            "dry_run": letter.dry_run,
        }
        return self._entry(kind, **words, **more)

    def _entry(self, kind: Kind, **fields: Any) -> Entry:
        return Entry(at=self._clock.now(), kind=kind, **self._who, **fields)


def _targets(plan: Plan) -> tuple[str, ...]:
    """Every node that the plan concerns, and the managers where it goes to them."""
    moved = [node for move in plan.balance.moves for node in (move.from_, move.to)] if plan.balance else []
    weighed = list(plan.balance.weights) if plan.balance else []
    return unique([*(step.target for step in plan.steps), *weighed, *moved])
