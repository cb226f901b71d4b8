"""Who did what, why, and what came of it: one story a request, told from all journals that speak of it.

The operator's journal says what was wanted, shown and sent, and what was heard of it; the agents' say what they
decided and how it ended. A story says of each event whose word it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from fxtop.actions.decisions import decided
from fxtop.actions.journal import DECISION, Entry, Kind
from fxtop.actions.words import unique
from fxtop.cluster.records import JobState
from fxtop.protocol.evidence import derived_id
from fxtop.protocol.history import is_called
from fxtop.protocol.ids import RequestId

HERE: Final = "here"
"""The source of what stands in the operator's own journal."""

_STATES: Final[dict[str, str]] = {
    Kind.INTENT: "wanted",
    Kind.PLAN: "planned",
    Kind.SENT: "sent",
    Kind.REFUSED: "refused",
    Kind.DISMISSED: "dismissed",
}
"""The states of events that have none of their own."""
_UNSETTLED: Final = frozenset(
    (
        "",
        "wanted",
        "planned",
        "sent",
        "dismissed",
        JobState.REQUESTED,
        JobState.ACCEPTED,
        JobState.RUNNING,
        JobState.UNKNOWN,
    )
)
"""States after which something else may still become known."""

_DERIVED: Final = ("weight", "requeue")
"""What managers ask of nodes for somebody's rebalance."""


class Told(NamedTuple):
    """An entry, and whose word it is: `HERE`, an agent's file, or an agent's node where the bus brought it."""

    entry: Entry
    source: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened."""

    at: float
    """Unix seconds by the clock of whoever tells it."""
    what: str
    """``intent``, ``plan``, ``sent``, ``reply``, ``outcome``, ``refused``, ``dismissed`` or ``decision``."""
    by: str
    """The operator, or the node that decided."""
    source: str
    request: str
    """Differs from the story's where managers asked this of a node for somebody's rebalance."""
    verb: str
    decision: str
    """Of a receiver; empty for what the operator's journal says."""
    state: str
    code: str
    detail: str


@dataclass(slots=True)
class Story:
    """Everything that is known of one request; ``request`` is empty where it came to none."""

    request: str
    action: str = ""
    cluster: str = ""
    verb: str = ""
    operator: str = ""
    key: str | None = None
    targets: tuple[str, ...] = ()
    args: dict[str, Any] = field(default_factory=dict)
    """As they were sent, or as the receiver understood them."""
    reason: str = ""
    ticket: str | None = None
    dry_run: bool = False
    hash: str = ""
    """Of the plan that was shown."""
    events: list[Event] = field(default_factory=list)

    @property
    def began(self) -> float:
        """Unix seconds of the first event."""
        return min(event.at for event in self.events)

    @property
    def last(self) -> float:
        """Unix seconds of the last event."""
        return max(event.at for event in self.events)

    @property
    def verdict(self) -> Event:
        """What came of it: the last word that settles it, of the agents before that of the asker; or the last at all.

        An agent knows what it did. Whoever asked may only know that no answer came.
        """
        own = [event for event in self.events if event.request in ("", self.request)]
        settled = [event for event in own if event.state not in _UNSETTLED]
        decided = [event for event in settled if event.decision]
        return max(decided or settled or own or self.events, key=lambda event: event.at)

    @property
    def nodes(self) -> frozenset[str]:
        """The nodes that it concerns, or that had a say in it."""
        return frozenset((*self.targets, *(event.by for event in self.events if event.what == DECISION)))

    def take(self, told: Told) -> None:
        """Add an entry, unless another source told the same."""
        event = _event(told)
        if any(replace(event, source=known.source) == known for known in self.events):
            return
        self.events.append(event)
        self.targets = unique([*self.targets, *told.entry.targets])
        if event.request in ("", self.request):
            for name in ("action", "cluster", "verb", "operator", "key", "reason", "ticket", "hash", "dry_run"):
                if not getattr(self, name):
                    setattr(self, name, getattr(told.entry, name))
            if told.entry.kind in (Kind.SENT, DECISION):
                self.args = self.args or told.entry.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which stories are asked for; None is any."""

    since: float | None = None
    until: float | None = None
    node: str | None = None
    operator: str | None = None
    verb: str | None = None
    request: str | None = None

    def fits(self, story: Story) -> bool:
        """Whether ``story`` is one of them: it was not over before ``since``, and had begun by ``until``."""
        return (
            (self.since is None or story.last >= self.since)
            and (self.until is None or story.began <= self.until)
            and (self.node is None or any(is_called(node, self.node) for node in story.nodes))
            and self.operator in (None, story.operator)
            and self.verb in (None, story.verb)
            and (self.request is None or self.request in (story.request, story.action))
        )


def stories(told: Iterable[Told]) -> list[Story]:
    """What all of ``told`` comes to, in the order in which it began."""
    weaver = _Weaver()
    for each in sorted(told, key=lambda one: one.entry.at):
        weaver.take(each)
    return sorted(weaver.finish(), key=lambda story: story.began)


class _Weaver:
    """Puts entries together that speak of the same."""

    def __init__(self) -> None:
        self._requests: dict[str, Story] = {}
        self._shown: dict[str, list[Told]] = {}
        """What was wanted, planned and refused before there was a request, by the id of the plan."""
        self._wanted: list[Told] = []
        """Intents that nothing followed yet."""
        self._refused: list[list[Told]] = []
        """What came to no request: refused here before there was a plan, or by an agent that names none."""
        self._parts: list[Told] = []
        """What managers asked of nodes, perhaps."""

    def take(self, told: Told) -> None:
        """Add the next entry, by time."""
        entry = told.entry
        if entry.kind == DECISION and entry.verb in _DERIVED:
            self._parts.append(told)
        elif entry.request:
            self._requests.setdefault(entry.request, Story(entry.request)).take(told)
        elif entry.action:
            self._shown.setdefault(entry.action, self._wish_behind(told)).append(told)
        elif entry.kind == Kind.INTENT:
            self._wanted.append(told)
        elif entry.kind == DECISION:
            self._refused.append([told])
        else:
            self._refused.append([*self._wish_behind(told), told])

    def finish(self) -> list[Story]:
        """All stories."""
        self._give_parts()
        sent = {story.action for story in self._requests.values()}
        for story in self._requests.values():
            for told in self._shown.get(story.action, ()):
                story.take(told)
        unsent = [entries for action, entries in self._shown.items() if action not in sent]
        untold = [*unsent, *self._refused, *([told] for told in self._wanted)]
        return [*self._requests.values(), *map(_story, untold)]

    def _wish_behind(self, told: Told) -> list[Told]:
        """The intent that led to a plan or a refusal, which has no id to know it by."""
        for number in range(len(self._wanted) - 1, -1, -1):
            if _led_to(self._wanted[number].entry, told.entry):
                return [self._wanted.pop(number)]
        return []

    def _give_parts(self) -> None:
        """Put what managers asked of nodes to the rebalance that they did it for, by the id that follows from it."""
        balances = [story for story in self._requests.values() if story.verb == "rebalance"]
        for told in self._parts:
            entry = told.entry
            target = str(entry.data.get("session", "")) if entry.verb == "requeue" else "".join(entry.targets)
            behind = (
                each for each in balances if derived_id(RequestId(each.request), entry.verb, target) == entry.request
            )
            story = next(behind, None) or self._requests.setdefault(entry.request, Story(entry.request))
            story.take(told)


def _led_to(intent: Entry, entry: Entry) -> bool:
    if (intent.operator, intent.verb, intent.cluster) != (entry.operator, entry.verb, entry.cluster):
        return False
    return entry.data.get("intent") == intent.data if entry.kind == Kind.PLAN else entry.targets == intent.targets


def _story(entries: Sequence[Told]) -> Story:
    story = Story("")
    for told in entries:
        story.take(told)
    return story


def _event(told: Told) -> Event:
    entry = told.entry
    own = entry.kind != DECISION
    return Event(
        at=entry.at,
        what=entry.kind,
        by=entry.operator if own else " ".join(entry.targets),
        source=told.source,
        request=entry.request,
        verb=entry.verb,
        decision="" if own else decided(entry).decision,
        state=entry.state or _STATES.get(entry.kind, ""),
        code=entry.code,
        detail=entry.detail,
    )
