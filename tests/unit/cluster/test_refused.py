"""Requests that agents refuse for who sent them are an alert to all operators."""

from __future__ import annotations

import pytest

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding, Severity
from fxtop.cluster.refused import CODES, MOST, NAMED, RECENT
from tests.unit.cluster.kit import Site

KEY = "U" + "A" * 55


def refuse(site: Site, code: str, *, request: str = "r1", source: str = "viz01", **over: object) -> None:
    site.audit(request, "refused", source=source, code=code, **over)


def told(site: Site) -> list[Finding]:
    return [finding for finding in findings(site.store) if finding.kind.startswith("refused-")]


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_code_is_told_with_what_to_do(code: str) -> None:
    site = Site()
    refuse(site, code, verb="weight")
    (finding,) = told(site)
    assert finding.kind == f"refused-{code.replace('_', '-')}"
    assert (finding.subject, finding.text.startswith("1 request ")) == ("viz01", True)
    assert finding.remedy
    assert finding.consequence


@pytest.mark.parametrize("code", ["unknown_session", "not_ready", "storage", "guardrail"])
def test_what_is_refused_for_its_subject_is_no_alert(code: str) -> None:
    site = Site()
    refuse(site, code)
    assert told(site) == []


def test_a_plan_under_which_the_cluster_moved_is_no_alert() -> None:
    site = Site()
    refuse(site, "stale", verb="rebalance")
    assert told(site) == []


def test_strangers_are_told_together_with_the_names_that_they_used() -> None:
    site = Site()
    refuse(site, "signature", operator="eve", verb="drain")
    refuse(site, "signature", operator="ann", verb="drain", source="viz02")
    site.wait(180.0)
    (finding,) = told(site)
    assert finding.severity is Severity.CRIT
    assert finding.text == (
        "2 requests with a signature that doesn't fit refused by viz01, viz02, said to be from ann, eve, "
        "the last 3 min ago"
    )
    assert finding.evidence == ("verb drain: 2 times", "node viz01: 1 time", "node viz02: 1 time")


def test_listed_keys_are_told_apart() -> None:
    site = Site()
    refuse(site, "role", operator="vic", key=KEY)
    refuse(site, "role", operator="val", key=KEY[:-1] + "B")
    assert sorted(finding.text.partition(", from ")[2][:3] for finding in told(site)) == ["val", "vic"]


def test_a_sum_counts_for_all_that_it_stands_for_and_is_no_job() -> None:
    site = Site()
    refuse(site, "unsigned")
    refuse(site, "unsigned", request="", more=4812)
    (finding,) = told(site)
    assert finding.text.startswith("4,813 requests without a signature")
    assert list(site.store.jobs) == ["r1"]
    assert not any("without a request id" in event.text for event in site.store.events)


def test_what_an_agent_repeats_to_who_joins_counts_once_and_is_as_old_as_it_is() -> None:
    site = Site()
    record = {"request": "r1", "operator": "eve", "verb": "drain", "decision": "refused", "code": "unsigned"}
    site.send("audit", ("viz01",), record | {"ts": site.clock.now() - 180.0}, synced=True)
    for _ in range(2):
        site.send("audit", ("viz01",), record | {"ts": site.clock.now() - 180.0}, synced=True)
    (finding,) = told(site)
    assert finding.text.startswith("1 request without a signature")
    assert finding.text.endswith("the last 3 min ago")


def test_an_alert_ends_when_nothing_more_comes() -> None:
    site = Site()
    refuse(site, "signature")
    site.wait(RECENT - 1)
    assert told(site)
    site.wait(2)
    assert told(site) == []


def test_invented_names_and_keys_fill_no_memory() -> None:
    site = Site()
    for number in range(MOST + 10):
        refuse(site, "role", request=f"r{number}", key=f"U{number}", operator=f"o{number}")
        refuse(site, "unknown_key", request=f"s{number}", key=f"U{number}", operator=f"o{number}")
    recent = site.store.refused.recent()
    assert len(recent) == MOST
    assert max(len(turned.names) for turned in recent) == NAMED
