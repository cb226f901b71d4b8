"""What each kind of rule forbids, at its boundary, and which rule governs what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.actions.guardrails.globs import Globs
from fxtop.actions.guardrails.judge import Act, Guardrails, count
from fxtop.actions.guardrails.quiet import QuietHours, read_windows
from fxtop.actions.guardrails.rule import VERBS, Kind, Rule, Target, TicketForm
from fxtop.config.zones import zone
from tests.unit.actions.guardrails.kit import WORDS, act, objections, rule, target


def test_without_rules_nothing_is_forbidden() -> None:
    assert objections([], act("terminate", "viz01/s1:ann")) == []


def test_a_denied_verb_is_denied_and_others_are_not() -> None:
    denied = rule(verbs=["terminate"], deny=True)
    assert objections([denied], act("terminate", "viz01/s1:ann")) == ["deny"]
    assert objections([denied], act("drain", "viz01")) == []


def test_an_objection_says_what_it_is_about_and_the_rules_own_words() -> None:
    judged = Guardrails((rule(users=["prof-*"], protect=True),)).judge(
        act("terminate", "viz01/s1:prof-x", "viz01/s2:ann")
    )
    assert [each.sentence for each in judged.objections] == [f"A rule protects viz01/s1 of prof-x. {WORDS}"]


@pytest.mark.parametrize(
    ("pattern", "node", "fits"),
    [
        ("gpu*", "gpu07.example.edu", True),
        ("gpu07", "gpu07.example.edu", True),
        ("GPU07.example.edu", "gpu07.Example.edu", True),
        ("*.example.edu", "gpu07.example.edu", True),
        ("gpu0[1-4]", "gpu05.example.edu", False),
        ("gpu", "gpu07.example.edu", False),
    ],
)
def test_a_node_is_known_by_its_full_name_and_by_the_short_one(pattern: str, node: str, fits: bool) -> None:
    assert Globs([pattern]).fit_node(node) is fits


def test_a_rule_for_users_is_about_their_sessions_and_not_about_nodes() -> None:
    protected = rule(users=["ann"], protect=True)
    assert objections([protected], act("drain", "viz01")) == []
    assert objections([protected], act("drain", "viz01", "viz01/s1:ann")) == ["protect"]


def test_all_patterns_of_a_rule_have_to_fit() -> None:
    narrow = rule(nodes=["gpu*"], users=["ann"], deny=True)
    assert objections([narrow], act("terminate", "viz01/s1:ann")) == []
    assert objections([narrow], act("terminate", "gpu01/s1:bob")) == []
    assert objections([narrow], act("terminate", "gpu01/s1:ann")) == ["deny"]


def test_users_are_told_from_one_another_only_where_they_are_known() -> None:
    assert objections([rule(users=["*"], deny=True)], act("terminate", "viz01/s1")) == ["deny"]
    assert objections([rule(users=["ann"], deny=True)], act("terminate", "viz01/s1")) == []


# First match wins, for each kind and each target


def test_an_exception_stands_above_its_rule() -> None:
    free, denied = rule(nodes=["test*"], deny=False), rule(deny=True)
    assert objections([free, denied], act("drain", "test01")) == []
    assert objections([denied, free], act("drain", "test01")) == ["deny"]


def test_an_exception_frees_only_what_it_fits() -> None:
    free, denied = rule(nodes=["test*"], deny=False), rule(deny=True)
    judged = Guardrails((free, denied)).judge(act("drain", "test01", "viz01"))
    assert [each.what for each in judged.objections] == ["A rule denies the drain of viz01."]


def test_an_exception_of_one_kind_leaves_the_other_kinds() -> None:
    assert objections([rule(deny=False), rule(deny=True, cap=1)], act("drain", "a", "b")) == ["cap"]


def test_one_rule_may_demand_several_things() -> None:
    both = rule(ticket=TicketForm("INC-[0-9]+"), second_person=True, cap=1)
    judged = Guardrails((both,)).judge(act("drain", "a", "b"))
    assert [each.kind for each in judged.objections] == [Kind.CAP, Kind.TICKET]
    assert judged.rules(Kind.SECOND) == (both,)


# The kinds, each at its boundary


@pytest.mark.parametrize(("targets", "forbidden"), [(2, False), (3, False), (4, True)])
def test_a_cap_allows_exactly_so_many(targets: int, forbidden: bool) -> None:
    names = [f"viz{number:02}" for number in range(targets)]
    assert bool(objections([rule(cap=3)], act("drain", *names))) is forbidden


def test_a_cap_counts_what_its_own_patterns_fit() -> None:
    capped = rule(nodes=["gpu*"], cap=1)
    assert objections([capped], act("drain", "gpu1", "viz1", "viz2")) == []
    assert objections([capped], act("drain", "gpu1", "gpu2")) == ["cap"]


def test_things_are_counted_as_nodes_or_as_sessions_whichever_are_more() -> None:
    assert count([target("a"), target("a/1"), target("a/2")]) == 2
    assert count([target("a"), target("b"), target("a/1")]) == 2


@pytest.mark.parametrize(("left", "forbidden"), [({"a", "b", "c"}, False), ({"a", "b"}, False), ({"a"}, True)])
def test_so_many_launchers_have_to_remain(left: set[str], forbidden: bool) -> None:
    draining = act("drain", "x", takes=["x"], leaves=left)
    assert bool(objections([rule(min_launchers=2)], draining)) is forbidden


def test_launchers_are_counted_among_the_nodes_that_the_rule_names() -> None:
    of_gpu = rule(nodes=["gpu*"], min_launchers=1)
    assert objections([of_gpu], act("drain", "gpu1", takes=["gpu1"], leaves=["viz1", "viz2"])) == ["min_launchers"]
    assert objections([of_gpu], act("drain", "gpu1", takes=["gpu1"], leaves=["gpu2"])) == []
    assert objections([of_gpu], act("drain", "viz1", takes=["viz1"], leaves=[])) == []


def test_a_node_that_takes_none_now_takes_no_launcher_away() -> None:
    assert objections([rule(min_launchers=5)], act("drain", "x", takes=[], leaves=["a"])) == []


@pytest.mark.parametrize(
    ("ticket", "fits"),
    [("INC-42", True), ("inc-42", True), (None, False), ("", False), ("INC-42 and more", False), ("xINC-42", False)],
)
def test_a_ticket_has_to_have_its_form_from_end_to_end(ticket: str | None, fits: bool) -> None:
    wanted = rule(ticket=TicketForm("INC-[0-9]+|CHG[0-9]+"))
    assert bool(objections([wanted], act("drain", "a", ticket=ticket))) is not fits


def test_a_lacking_ticket_is_no_lasting_objection() -> None:
    judged = Guardrails((rule(ticket=TicketForm("A")), rule(deny=True))).judge(act("drain", "a"))
    assert [each.kind for each in judged.lasting] == [Kind.DENY]


def test_quiet_hours_forbid_while_they_last() -> None:
    quiet = QuietHours(read_windows(["daily 22:00-06:00"]), zone("UTC"), "UTC")
    nine_past_ten = 1_760_047_740.0  # Thu 2025-10-09 22:09 UTC
    judged = Guardrails((rule(quiet=quiet),)).judge(act("drain", "a", at=nine_past_ten))
    assert [each.what for each in judged.objections] == [
        "It is Thu 22:09 in UTC: quiet for the drain of a until Fri 06:00."
    ]
    assert objections([rule(quiet=quiet)], act("drain", "a", at=nine_past_ten - 600)) == []


def test_rules_of_other_clusters_are_left_out() -> None:
    rules = Guardrails((rule(clusters=["prod*"], deny=True), rule(clusters=["test"], cap=1)))
    assert [each.deny for each in rules.of_cluster("fastx", "prod-east").rules] == [True]
    assert rules.of_cluster("other").rules == ()


# Adding a rule never lets more through

NAMES = st.sampled_from(["a", "b", "gpu1", "gpu2"])
TARGETS = st.lists(
    st.builds(Target, NAMES, st.sampled_from(["", "s1", "s2"]), st.sampled_from(["", "ann", "prof-x"])),
    min_size=1,
    max_size=6,
).map(tuple)
PATTERNS = st.sampled_from([(), ("gpu*",), ("a", "b"), ("*",)]).map(Globs)
QUIET = st.sampled_from(
    [
        QuietHours((), zone("UTC"), "UTC"),
        QuietHours(read_windows(["daily 00:00-12:00"]), zone("UTC"), "UTC"),
    ]
)
RULES = st.builds(
    Rule,
    words=st.just(WORDS),
    verbs=st.sets(st.sampled_from(VERBS), min_size=1).map(frozenset),
    nodes=PATTERNS,
    users=st.sampled_from([(), ("prof-*",), ("ann",)]).map(Globs),
    deny=st.sampled_from([None, False, True]),
    protect=st.sampled_from([None, False, True]),
    quiet=st.none() | QUIET,
    cap=st.none() | st.integers(0, 4),
    min_launchers=st.none() | st.integers(0, 4),
    ticket=st.none() | st.sampled_from(["", "INC-[0-9]+"]).map(TicketForm),
    typed=st.sampled_from([None, False, True]),
    second_person=st.sampled_from([None, False, True]),
)
ACTS = st.builds(
    Act,
    verb=st.sampled_from(VERBS),
    targets=TARGETS,
    at=st.floats(0, 2e9),
    ticket=st.sampled_from([None, "INC-1", "nothing"]),
    takes=st.sets(NAMES).map(frozenset),
    leaves=st.sets(NAMES).map(frozenset),
)


@given(st.lists(RULES, max_size=5), RULES, ACTS)
def test_a_rule_at_the_end_never_lets_more_through(rules: list[Rule], more: Rule, doing: Act) -> None:
    before, after = Guardrails(tuple(rules)).judge(doing), Guardrails((*rules, more)).judge(doing)
    assert set(before.objections) <= set(after.objections)
    for kind in (Kind.TYPED, Kind.SECOND):
        assert set(before.rules(kind)) <= set(after.rules(kind))


@given(st.lists(RULES, max_size=5), st.integers(0, 5), st.sampled_from([Kind.DENY, Kind.PROTECT]), RULES, ACTS)
def test_a_rule_that_forbids_forbids_more_wherever_it_is_put(
    rules: list[Rule], at: int, kind: Kind, where: Rule, doing: Act
) -> None:
    fields: dict[str, Any] = {"verbs": where.verbs, "nodes": where.nodes, "users": where.users, kind.value: True}
    more = Rule(words="added", **fields)
    before = {each.kind for each in Guardrails(tuple(rules)).judge(doing).objections}
    after = {each.kind for each in Guardrails((*rules[:at], more, *rules[at:])).judge(doing).objections}
    assert before <= after


@given(st.lists(RULES, max_size=5), RULES, ACTS)
def test_a_rule_that_only_frees_is_never_an_objection(rules: list[Rule], free: Rule, doing: Act) -> None:
    freeing = Rule(words="free", deny=False, protect=False, cap=0, min_launchers=0, typed=False, second_person=False)
    assert not {Kind.DENY, Kind.PROTECT, Kind.CAP, Kind.LAUNCHERS} & {
        each.kind for each in Guardrails((freeing, *rules, free)).judge(doing).objections
    }
