"""Stories of a journal as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from fxtop.actions.journal import Entry
from fxtop.actions.story import Event, Story
from fxtop.actions.words import listed
from fxtop.cli.output import TableColumn, print_json, print_table
from fxtop.views.column import Look
from fxtop.views.format import moment

_STORY: Final = [
    *map(TableColumn, ("time", "operator", "verb", "targets", "reason", "came to", "said by", "detail", "request"))
]
_LINE: Final = [
    *map(TableColumn, ("time", "what", "cluster", "verb", "targets", "state", "operator", "reason", "detail"))
]


def print_stories(found: Sequence[Story], look: Look, form: str) -> None:
    """Print ``found``; an empty table is not printed."""
    if form == "json":
        print_json([_json(story, look) for story in found])
    elif found:
        print_table(_STORY, (_row(story, look) for story in found))


def print_lines(entries: Sequence[Entry], look: Look, form: str) -> None:
    """Print the lines of one journal as they stand in it."""
    if form == "json":
        print_json([msgspec.to_builtins(entry) for entry in entries])
    elif entries:
        print_table(_LINE, (_line(entry, look) for entry in entries))


def _row(story: Story, look: Look) -> tuple[str, ...]:
    verdict = story.verdict
    verb = f"{story.verb} (dry run)" if story.dry_run else story.verb
    return (
        moment(story.began, look),
        story.operator,
        verb,
        listed(story.targets),
        _reason(story.reason, story.ticket),
        verdict.state or verdict.code,
        verdict.by if verdict.decision else "",
        verdict.detail,
        story.request,
    )


def _line(entry: Entry, look: Look) -> tuple[str, ...]:
    what = f"{entry.kind} (dry run)" if entry.dry_run else entry.kind
    return (
        moment(entry.at, look),
        what,
        entry.cluster,
        entry.verb,
        " ".join(entry.targets),
        entry.state or entry.code,
        entry.operator,
        _reason(entry.reason, entry.ticket),
        entry.detail,
    )


def _reason(reason: str, ticket: str | None) -> str:
    return f"{reason} [{ticket}]" if ticket else reason


def _json(story: Story, look: Look) -> dict[str, Any]:
    verdict = story.verdict
    return {
        "request": story.request or None,
        "plan": story.action or None,
        "plan_hash": story.hash or None,
        "cluster": story.cluster,
        "verb": story.verb,
        "operator": story.operator,
        "key": story.key,
        "targets": list(story.targets),
        "args": story.args,
        "reason": story.reason,
        "ticket": story.ticket,
        "dry_run": story.dry_run,
        "began": story.began,
        "time": _time(story.began, look),
        "state": verdict.state,
        "code": verdict.code,
        "detail": verdict.detail,
        "said_by": verdict.by,
        "events": [_event(event, look) for event in sorted(story.events, key=lambda event: event.at)],
    }


def _event(event: Event, look: Look) -> dict[str, Any]:
    return {
        "at": event.at,
        "time": _time(event.at, look),
        "what": event.what,
        "by": event.by,
        "source": event.source,
        "request": event.request or None,
        "verb": event.verb,
        "decision": event.decision or None,
        "state": event.state,
        "code": event.code,
        "detail": event.detail,
    }


def _time(at: float, look: Look) -> str:
    """With the offset of the zone, to the millisecond."""
    return datetime.fromtimestamp(at, look.tz).isoformat(timespec="milliseconds")
