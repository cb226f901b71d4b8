"""When rules are looked at again: what they cost is counted, not timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from fxtop.cluster.findings import RULES, findings
from fxtop.cluster.records import Finding, Severity
from fxtop.cluster.rules.rule import BEAT, Rule
from fxtop.cluster.store import Store
from tests.unit.cluster.kit import Site, pool

MANY = 10_000


class Counted:
    """The rules, with how often each was looked at."""

    def __init__(self) -> None:
        self.looks: Counter[str] = Counter()
        self.rules = tuple(self._counting(rule) for rule in RULES)

    def _counting(self, rule: Rule) -> Rule:
        name = f"{rule.find.__module__.rpartition('.')[2]}.{rule.find.__name__}"

        def find(store: Store) -> Iterable[Finding]:
            self.looks[name] += 1
            return rule.find(store)

        return replace(rule, find=find)

    def since(self, store: Store) -> set[str]:
        """Who was looked at for the findings of now."""
        self.looks.clear()
        findings(store, self.rules)
        return set(self.looks)


def fleet() -> Site:
    """A large cluster with nothing wrong."""
    site = Site()

    def speak() -> None:
        for number in range(MANY):
            site.beat(f"n{number:05}")
            site.facts(f"n{number:05}", services=["launcher", "user"])

    site.together(speak)
    site.transporter()
    site.license(("ann", "n00001"))
    return site


def test_heartbeats_of_a_healthy_fleet_have_no_rule_looked_at() -> None:
    site, counted = fleet(), Counted()
    assert len(counted.since(site.store)) == len(RULES)
    assert counted.since(site.store) == set()
    site.together(lambda: [site.beat(f"n{number:05}", cpu=0.5) for number in range(MANY)])
    assert counted.since(site.store) == set()


def test_time_alone_has_only_those_looked_at_that_tell_of_it_and_once_a_beat() -> None:
    site, counted = fleet(), Counted()
    counted.since(site.store)
    site.clock.seconds += BEAT
    timed = {f"{rule.find.__module__.rpartition('.')[2]}.{rule.find.__name__}" for rule in RULES if rule.timed}
    assert counted.since(site.store) == timed
    site.clock.seconds += BEAT / 4
    assert counted.since(site.store) == set()


def test_a_change_has_those_looked_at_that_it_may_concern_and_at_once() -> None:
    site, counted = fleet(), Counted()
    counted.since(site.store)
    site.license(pools=[pool(count=1, inuse=1)])
    assert counted.since(site.store) == {f"licenses.{name}" for name in ("silent", "unreachable", "seats", "expiring")}
    site.share()
    assert counted.since(site.store) == {"shares.silent", "shares.unshared"}
    site.snapshot("n00001", {"id": "s", "state": "ghost"})
    assert {"sessions.ghosts", "sessions.orphans"} <= counted.since(site.store)
    site.facts("n00001", services=["launcher", "user"], notes={"leftovers/forms/": "The files in forms/ …"})
    assert "nodes.leftovers" in counted.since(site.store)


def test_what_is_found_goes_when_what_it_rests_on_goes_within_the_same_second() -> None:
    site = Site()
    for state, kinds in (("ghost", ["ghosts"]), ("orphan", ["orphans"]), ("running", [])):
        site.snapshot("viz01", {"id": "s1", "state": state})
        assert [each.kind for each in findings(site.store)] == kinds


def test_rules_about_silence_tell_nothing_while_we_are_deaf() -> None:
    site = Site()
    told = Finding(Severity.INFO, "silence", "x", "nothing is heard of x")
    rules = [Rule(lambda store: [told], lambda store: None, of_silence=True)]
    assert findings(site.store, rules) == [told]
    site.store.hearing.lose(site.clock.seconds, "The line is cut.")
    assert findings(site.store, rules) == []


def test_every_rule_is_listed_once() -> None:
    assert len({rule.find for rule in RULES}) == len(RULES)
