"""Rules from the configuration: what they become, what is wrong with them and where, and how they are explained."""

from __future__ import annotations

import pytest

from fxtop.actions.guardrails.explain import blind_spots, explained, idle
from fxtop.actions.guardrails.rule import VERBS, Kind
from fxtop.config.error import ConfigError
from tests.unit.actions.guardrails.kit import read

WHOLE = """
[guardrails]
approve_minutes = 30

[[guardrails.rule]]
say = "Professors are asked in person."
cluster = ["prod", "east-*"]
verbs = ["terminate", "drain"]
users = ["prof-*"]
protect = true

[[guardrails.rule]]
say = "Nights belong to the batch jobs."
nodes = ["gpu*"]
quiet = ["Mon-Fri 22:00-06:00"]
zone = "Europe/Berlin"
ticket = "INC-[0-9]{4,}"
cap = 2
"""


def test_a_whole_section_is_read() -> None:
    rules = read(WHOLE)
    first, second = rules.rules
    assert rules.approve_within == 1800
    assert (first.number, first.place) == (1, "site.toml, line 5")
    assert (first.words, set(first.verbs), list(first.kinds)) == (
        "Professors are asked in person.",
        {"terminate", "drain"},
        [Kind.PROTECT],
    )
    assert (set(second.verbs), second.cap) == (set(VERBS), 2)
    assert list(second.kinds) == [Kind.QUIET, Kind.CAP, Kind.TICKET]
    assert [rule.number for rule in rules.of_cluster("east-1").rules] == [1, 2]
    assert [rule.number for rule in rules.of_cluster("west").rules] == [2]


def test_no_section_is_no_rule() -> None:
    assert read("").rules == ()


def test_rules_are_explained_in_words() -> None:
    rules = read(WHOLE)
    assert [explained(rule, rules) for rule in rules.rules] == [
        "drain, terminate of users prof-*, cluster prod, east-*: protected. “Professors are asked in person.”",
        "everything on nodes gpu*: quiet Mon-Fri 22:00-06:00 (Europe/Berlin); at most 2 at once; "
        "a ticket of the form INC-[0-9]{4,}. “Nights belong to the batch jobs.”",
    ]


def test_what_an_agent_can_not_know_is_said() -> None:
    rules = read('[[guardrails.rule]]\nsay = "x"\nverbs = ["drain"]\ncap = 3\ntyped = true\nmin_launchers = 2\n')
    spots = " ".join(blind_spots(rules.rules[0]))
    assert "only console and commands count nodes" in spots
    assert "typed isn't known here" in spots
    assert "asks all others" in spots
    assert blind_spots(read('[[guardrails.rule]]\nsay = "x"\ndeny = true\n').rules[0]) == ()


def test_a_rule_for_no_known_cluster_is_found() -> None:
    assert [rule.number for rule in idle(read(WHOLE), ("west",))] == [1]
    assert idle(read(WHOLE), ("prod", "west")) == ()


RULE = "[[guardrails.rule]]\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("guardrails = 1\n", "line 1: 'guardrails' has to be a table"),
        ("[guardrails]\nrules = []\n", "line 2: there is no setting 'rules' in [guardrails]: did you mean 'rule'?"),
        ("[guardrails]\nrule = 1\n", "line 2: 'rule' in [guardrails] has to be a list"),
        ("[guardrails]\nrule = [1]\n", "line 2: 'rule' in [guardrails] has to be a list"),
        ("[guardrails]\napprove_minutes = 0\n", "line 2: 'approve_minutes' in [guardrails] has to be more than 0"),
        (f"{RULE}deny = true\n", "line 1: [guardrails.rule.1] has no 'say': the words that people read"),
        (f'{RULE}say = " "\ndeny = true\n', "line 2: 'say' in [guardrails.rule.1] has to be a sentence"),
        (f'{RULE}say = "x"\n', "line 1: [guardrails.rule.1] has no 'deny, protect, quiet"),
        (f'{RULE}say = "x"\ndeny = 1\n', "line 3: 'deny' in [guardrails.rule.1] has to be true or false"),
        (f'{RULE}say = "x"\ndenied = true\n', "line 3: there is no setting 'denied'"),
        (f'{RULE}say = "x"\ndeny = true\nverbs = ["drian"]\n', "line 4: 'verbs' in [guardrails.rule.1] has 'drian'"),
        (f'{RULE}say = "x"\ndeny = true\nnodes = [""]\n', "line 4: 'nodes' in [guardrails.rule.1] has a pattern"),
        (f'{RULE}say = "x"\nprotect = true\n', "line 3: 'protect' in [guardrails.rule.1] needs nodes"),
        (f'{RULE}say = "x"\ncap = -1\n', "line 3: 'cap' in [guardrails.rule.1] has to be 0 to 1000000, not -1"),
        (f'{RULE}say = "x"\nquiet = ["daily 1-2"]\nzone = "UTC"\n', "line 3: 'quiet' in [guardrails.rule.1] has"),
        (f'{RULE}say = "x"\nquiet = ["daily 01:00-02:00"]\n', "line 1: [guardrails.rule.1] has no 'zone'"),
        (f'{RULE}say = "x"\nquiet = ["daily 01:00-02:00"]\nzone = "local"\n', "line 4: 'zone' in [guardrails.rule.1]"),
        (
            f'{RULE}say = "x"\nquiet = ["daily 01:00-02:00"]\nzone = "Mars/Base"\n',
            "line 4: 'zone' in [guardrails.rule.1] can't be used: there is no time zone 'Mars/Base'",
        ),
        (f'{RULE}say = "x"\ndeny = true\nzone = "UTC"\n', "line 4: 'zone' in [guardrails.rule.1] says in which"),
        (
            f'{RULE}say = "x"\nticket = "INC-[0-9"\n',
            "line 3: 'ticket' in [guardrails.rule.1] is no pattern that can be used, at character",
        ),
        (
            f'{RULE}say = "x"\nverbs = ["resume"]\nusers = ["a"]\ndeny = true\n',
            "line 4: 'users' in [guardrails.rule.1] is about sessions",
        ),
        (
            f'{RULE}say = "x"\nusers = ["a"]\nmin_launchers = 1\n',
            "line 4: 'min_launchers' in [guardrails.rule.1] counts nodes",
        ),
        (
            f'{RULE}say = "x"\nverbs = ["message"]\nmin_launchers = 1\n',
            "line 4: 'min_launchers' in [guardrails.rule.1] can only be broken by",
        ),
        (f'{RULE}say = "x"\ndeny = true\n\n{RULE}say = "y"\ncap = "z"\n', "line 7: 'cap' in [guardrails.rule.2]"),
    ],
)
def test_every_mistake_is_a_sentence_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert str(caught.value).startswith(f"site.toml, {says}")
    assert str(caught.value)[-1] in ".?"


def test_a_pattern_that_would_take_for_ever_elsewhere_takes_none_here() -> None:
    rules = read(f'{RULE}say = "x"\nticket = "(a+)+b"\n')
    form = rules.rules[0].ticket
    assert form is not None
    assert not form.fits("a" * 256)
