"""Events: one sentence for each thing that happened, and one for many that happened at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fxtop.cluster.pools import denied, is_full
from fxtop.cluster.records import JobRow, JobState, Liveness, PoolKey, SessionKey, Severity
from fxtop.cluster.tables import Tables
from fxtop.cluster.words import naming, plural, pool_words, sentence, span
from fxtop.protocol.license import LicenseHeartbeat, Pool
from fxtop.protocol.node import NodeHeartbeat

_SILENCES: Final = {
    Liveness.STALE: (Severity.WARN, "silent for 3 intervals"),
    Liveness.LOST: (Severity.CRIT, "lost: silent for 6 intervals"),
}
"""Being late passes by itself more often than not, so only the row shows it."""

_QUIET: Final = frozenset({"weight"})
"""Verbs that a manager sends to every node by itself; only their failures are worth a line."""

_ENDS: Final[dict[JobState, tuple[Severity, str]]] = {
    JobState.DONE: (Severity.INFO, "is done"),
    JobState.PARTIAL: (Severity.WARN, "was done in part"),
    JobState.FAILED: (Severity.WARN, "failed"),
    JobState.REFUSED: (Severity.WARN, "was refused"),
    JobState.UNSUPPORTED: (Severity.WARN, "is not supported there"),
    JobState.UNKNOWN: (Severity.WARN, "may have happened or not"),
}


def fell_silent(tables: Tables, one: str, many: str, name: str, liveness: Liveness) -> None:
    """Tell that a row of a kind, ``one`` of ``many``, is silent."""
    if liveness in _SILENCES:
        severity, words = _SILENCES[liveness]
        text = sentence(f"{one} {name} is {words}")
        tables.herald.gather(severity, name, text, f"{{count}} {many} are {words} ({{names}}).")


def came_back(tables: Tables, one: str, many: str, name: str, before: Liveness, silent: float) -> None:
    """Tell that something silent, or gone, is heard again."""
    if before is Liveness.LATE:
        return
    since = "it had left" if before is Liveness.LEFT else f"{span(silent)} of silence"
    text = sentence(f"{one} {name} is back after {since}")
    tables.herald.gather(Severity.INFO, name, text, f"{{count}} {many} are back ({{names}}).")


def left(tables: Tables, one: str, many: str, name: str) -> None:
    """Tell that something said goodbye."""
    tables.herald.gather(Severity.INFO, name, sentence(f"{one} {name} left"), f"{{count}} {many} left ({{names}}).")


def restarted(tables: Tables, node: str) -> None:
    """Tell that a node's agent is a new one."""
    text = f"The agent on {node} was started anew."
    tables.herald.gather(Severity.INFO, node, text, "The agents on {count} nodes were started anew ({names}).")


def drain_changed(tables: Tables, node: str, beat: NodeHeartbeat) -> None:
    """Tell what became of a node's drain."""
    gather = tables.herald.gather
    if beat.state == "active":
        gather(
            Severity.INFO, node, f"Node {node} takes sessions again.", "{count} nodes take sessions again ({names})."
        )
    elif beat.state == "drained":
        text = f"Node {node} is drained: no session is left on it."
        gather(Severity.INFO, node, text, "{count} nodes are drained ({names}).")
    else:
        by = f" by {beat.drain.by}" if beat.drain else ""
        why = f": {beat.drain.reason}" if beat.drain and beat.drain.reason else ""
        text = f"Node {node} is being drained{by}{why}."
        gather(Severity.INFO, node, text, "{count} nodes are being drained ({names}).")


def license_changed(tables: Tables, old: LicenseHeartbeat | None, new: LicenseHeartbeat) -> None:
    """Tell what became of a licence server and its vendor daemons."""
    was_reachable = old is None or old.reachable
    if was_reachable and not new.reachable:
        why = f": {new.error}" if new.error else ""
        tables.announce(Severity.CRIT, f"Licence server {new.server} can't be reached{why}.")
    elif new.reachable and not was_reachable:
        tables.announce(Severity.INFO, f"Licence server {new.server} can be reached again.")
    before = {isv.name: isv for isv in old.isvs} if old else {}
    for isv in new.isvs:
        was = before.get(isv.name)
        if not isv.running and (was is None or was.running):
            tables.announce(Severity.CRIT, f"The licence daemon {isv.name} at {new.server} is down.")
        elif was is not None and isv.running and not was.running:
            tables.announce(Severity.INFO, f"The licence daemon {isv.name} at {new.server} runs again.")


def pool_changed(tables: Tables, key: PoolKey, old: Pool | None, new: Pool, denials: int) -> None:
    """Tell what became of a pool of seats; ``old`` is None for one that was not known."""
    was_full = old is not None and is_full(old)
    if denials:
        verb = "was" if denials == 1 else "were"
        tables.announce(Severity.WARN, f"{denied(key, new, denials)} {verb} denied.")
    if is_full(new) and not was_full:
        tables.announce(Severity.WARN, f"{pool_words(key)} is full: {new.inuse} of {new.count} seats are in use.")
    elif was_full and not is_full(new):
        tables.announce(Severity.INFO, f"{pool_words(key)} has free seats again.")


def transporter_appeared(tables: Tables, name: str, *, again: bool) -> None:
    """Tell of a transporter that was not known, or that comes back ``again`` under a new id."""
    tables.announce(Severity.INFO, f"Transporter {name} {'was started anew' if again else 'appeared'}.")


def slow_consumers(tables: Tables, name: str, count: int) -> None:
    """Tell of clients that a transporter cut off."""
    tables.announce(Severity.WARN, f"Transporter {name} cut off {plural(count, 'slow consumer')}.")


def islands_changed(tables: Tables, before: int, groups: Sequence[Sequence[str]]) -> None:
    """Tell that the transporters fell apart into ``groups``, or found together."""
    if len(groups) > 1:
        parts = "; ".join(naming(group) for group in groups)
        tables.announce(
            Severity.CRIT, f"The transporters are {len(groups)} islands that don't see each other: {parts}."
        )
    elif before > 1:
        tables.announce(Severity.INFO, "The transporters all see each other again.")


def waits_long(tables: Tables, key: SessionKey, limit: float) -> None:
    """Tell that a session is pending for ``limit`` seconds now."""
    words = f"pending for more than {span(limit)}"
    text = f"Session {key} is {words}."
    tables.herald.gather(Severity.WARN, str(key), text, f"{{count}} sessions are {words} ({{names}}).")


def waited_long(tables: Tables, key: SessionKey) -> None:
    """Tell that a session that was pending for long no longer is."""
    text = f"Session {key} is no longer pending after a long wait."
    many = "{count} sessions are no longer pending after a long wait ({names})."
    tables.herald.gather(Severity.INFO, str(key), text, many)


def nameless_refused(tables: Tables, source: str, verb: str, code: str) -> None:
    """Tell that somebody asked for something without so much as a request id. It is no job: nobody can follow it."""
    text = f"{source} refused a {verb} without a request id ({code})."
    many = "{count} requests without an id were refused ({names})."
    tables.herald.gather(Severity.WARN, source, text, many)


def job_ended(tables: Tables, job: JobRow) -> None:
    """Tell how a job ended."""
    if job.verb in _QUIET and not job.state.bad:
        return
    severity, words = _ENDS[job.state]
    whose = f" by {job.operator}" if job.operator and not job.mine else ""
    why = f": {job.detail.rstrip('.')}" if job.detail and job.state.bad else ""
    tables.announce(severity, sentence(f"{job.verb} on {job.target}{whose} {words}{why}"))
