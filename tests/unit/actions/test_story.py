"""One story a request, from all journals that speak of it."""

from __future__ import annotations

from typing import Any

from fxtop.actions.journal import DECISION, Entry, Kind
from fxtop.actions.story import HERE, Story, Told, Wanted, stories
from fxtop.protocol.evidence import derived_id
from fxtop.protocol.ids import RequestId

NODE = "viz07.example.edu"
INTENT = {"verb": "drain", "nodes": [NODE]}


def entry(kind: str, at: float, **over: Any) -> Entry:
    fields: dict[str, Any] = {
        "cluster": "prod", "verb": "drain", "operator": "ann", "key": "UANN", "targets": (NODE,), "reason": "disk",
        "ticket": "OPS-7", **over,
    }  # fmt: skip
    return Entry(v=1, at=at, kind=kind, **fields)


def decision(
    at: float, decided: str, outcome: str = "", *, node: str = NODE, request: str = "r1", **over: Any
) -> Entry:
    return entry(DECISION, at, targets=(node,), request=request, decision=decided, state=outcome or decided, **over)


def asked(request: str = "r1", at: float = 10.0) -> list[Told]:
    """A drain from the wish to the first answer, as the operator's journal has it."""
    lines = [
        entry(Kind.INTENT, at, data=INTENT),
        entry(Kind.PLAN, at + 1, action="p1", hash="00ff", data={"intent": INTENT}),
        entry(Kind.SENT, at + 2, action="p1", request=request),
        entry(Kind.REPLY, at + 3, action="p1", request=request, state="accepted"),
    ]
    return [Told(line, HERE) for line in lines]


def one(told: list[Told]) -> Story:
    (story,) = stories(told)
    return story


def test_a_story_goes_from_the_wish_to_the_end() -> None:
    told = [
        *asked(),
        Told(decision(12.5, "accepted"), NODE),
        Told(decision(60, "accepted", "done", detail="3 of 3 done"), NODE),
        Told(entry(Kind.OUTCOME, 61, action="p1", request="r1", state="done"), HERE),
    ]
    story = one(told)
    assert (story.request, story.action, story.operator, story.key) == ("r1", "p1", "ann", "UANN")
    assert (story.verb, story.targets, story.reason, story.ticket) == ("drain", (NODE,), "disk", "OPS-7")
    assert [event.what for event in story.events] == [
        "sent", "decision", "reply", "decision", "outcome", "intent", "plan",
    ]  # fmt: skip
    assert (story.began, story.last) == (10, 61)
    assert (story.verdict.by, story.verdict.state, story.verdict.detail) == (NODE, "done", "3 of 3 done")


def test_what_was_asked_for_is_told_by_whoever_has_it() -> None:
    args = {"sessions": ["s-1"], "grace": 10.0}
    sent = Told(entry(Kind.SENT, 1, verb="terminate", request="r1", data=args), HERE)
    reply = Told(entry(Kind.REPLY, 2, verb="terminate", request="r1", state="done", data={"left": 0}), HERE)
    assert one([reply, sent]).args == args
    assert one([reply, Told(decision(3, "accepted", verb="terminate", data=args), NODE)]).args == args


def test_the_agent_knows_what_it_did_better_than_who_heard_no_answer() -> None:
    told = [
        *asked()[:3],
        Told(entry(Kind.OUTCOME, 99, action="p1", request="r1", state="unknown", detail="no answer came"), HERE),
        Told(decision(13, "accepted", "done"), NODE),
    ]
    assert one(told).verdict.state == "done"


def test_where_no_agent_tells_the_asker_is_believed_and_unknown_stays_unknown() -> None:
    assert one(asked()).verdict.state == "accepted"
    lost = Told(entry(Kind.OUTCOME, 99, request="r1", state="unknown", detail="no answer came"), HERE)
    assert one([*asked(), lost]).verdict.detail == "no answer came"


def test_what_agents_decided_for_somebody_else_is_a_story_too() -> None:
    story = one([Told(decision(5, "refused", code="unknown_key", operator="mallory", detail="not listed"), NODE)])
    assert (story.operator, story.verdict.state, story.verdict.code) == ("mallory", "refused", "unknown_key")


def test_the_same_word_from_a_file_and_from_the_bus_is_one_event() -> None:
    told = [Told(decision(5, "refused"), NODE), Told(decision(5, "refused"), "/var/lib/fxtop/journal.jsonl")]
    assert len(one(told).events) == 1


def test_each_request_of_a_plan_has_a_story_with_the_plan_in_it() -> None:
    more = entry(Kind.SENT, 12, action="p1", request="r2", targets=("viz08",))
    first, second = stories([*asked(), Told(more, HERE)])
    assert {first.request, second.request} == {"r1", "r2"}
    assert all("plan" in [event.what for event in story.events] for story in (first, second))


def test_a_plan_that_was_not_sent_and_a_wish_that_was_refused_are_told() -> None:
    unsent, refused, wish = stories(
        [
            *asked()[:2],
            Told(entry(Kind.INTENT, 20, verb="resume"), HERE),
            Told(entry(Kind.REFUSED, 21, verb="resume", code="no_key", detail="there is no key"), HERE),
            Told(entry(Kind.INTENT, 30, verb="drain"), HERE),
        ]
    )
    assert (unsent.request, unsent.action, unsent.verdict.state) == ("", "p1", "planned")
    assert (refused.verdict.state, refused.verdict.code, len(refused.events)) == ("refused", "no_key", 2)
    assert wish.verdict.state == "wanted"


def test_what_managers_asked_of_nodes_belongs_to_the_rebalance_it_was_for() -> None:
    request = RequestId("r9")
    part = derived_id(request, "weight", NODE)
    moved = derived_id(request, "requeue", "s-1")
    told = [
        Told(decision(10, "accepted", "done", verb="rebalance", node="manager1", request=request), "manager1"),
        Told(decision(11, "accepted", "done", verb="weight", request=part, operator="manager1", key="UMGR"), NODE),
        Told(decision(12, "refused", verb="requeue", request=moved, data={"session": "s-1", "to": "viz08"}), NODE),
    ]
    story = one(told)
    assert (story.operator, story.verb, story.verdict.state) == ("ann", "rebalance", "done")
    assert [event.verb for event in story.events] == ["rebalance", "weight", "requeue"]
    assert NODE in story.nodes


def test_somebodys_own_weight_is_a_story_of_its_own() -> None:
    told = [
        Told(decision(10, "accepted", "done", verb="rebalance", request="r9"), NODE),
        Told(decision(11, "accepted", "done", verb="weight", request="r10"), NODE),
    ]
    assert [story.request for story in stories(told)] == ["r9", "r10"]


def test_sums_of_refusals_are_not_taken_for_an_end_of_something() -> None:
    told = [
        Told(entry(Kind.INTENT, 1, data=INTENT), HERE),
        Told(decision(2, "refused", request="", detail="And 70 more like it"), NODE),
    ]
    assert [story.verdict.state for story in stories(told)] == ["wanted", "refused"]


def test_an_outcome_of_an_earlier_version_stands_for_an_accepted_request() -> None:
    old = entry(DECISION, 5, request="r1", state="partial")
    (event,) = one([Told(old, NODE)]).events
    assert (event.decision, event.state) == ("accepted", "partial")


class TestWanted:
    def story(self) -> Story:
        return one([*asked(at=100), Told(decision(160, "accepted", "done"), NODE)])

    def test_what_was_not_over_and_had_begun_is_within(self) -> None:
        story = self.story()
        assert Wanted(since=150, until=170).fits(story)
        assert Wanted(since=90, until=110).fits(story)
        assert not Wanted(since=161).fits(story)
        assert not Wanted(until=99).fits(story)

    def test_a_node_may_be_named_without_its_domain(self) -> None:
        assert Wanted(node="viz07").fits(self.story())
        assert Wanted(node=NODE).fits(self.story())
        assert not Wanted(node="viz0").fits(self.story())

    def test_who_what_and_which(self) -> None:
        story = self.story()
        assert Wanted(operator="ann", verb="drain", request="r1").fits(story)
        assert Wanted(request="p1").fits(story)
        assert not Wanted(operator="bob").fits(story)
        assert not Wanted(verb="resume").fits(story)
        assert not Wanted(request="r2").fits(story)
