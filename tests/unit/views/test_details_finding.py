"""What a finding rests on, one key away."""

from __future__ import annotations

from fxtop.cluster.findings import findings
from fxtop.views.details import Details, details
from fxtop.views.narrow import narrowed
from fxtop.views.panes import FINDINGS, FindingKey
from tests.unit.cluster.kit import LICENSE, Site, key, pool
from tests.unit.views import make


def found(site: Site, kind: str) -> FindingKey:
    return next(each for each in FINDINGS.rows(site.store) if each.kind == kind)


def texts(site: Site, kind: str) -> dict[str, str]:
    made = details(site.store, "findings", found(site, kind), make.LOOK)
    assert isinstance(made, Details)
    return {line.label: line.cell.text for section in made.sections for line in section.lines}


def waiting() -> Site:
    site = Site()
    pending = {"scheduler": "slurm", "job": "77", "reason": "Resources"}
    site.snapshot("viz01", {"id": "s1", "state": "pending", "pending": pending}, {"id": "s2", "state": "ghost"})
    site.beat(interval=300.0)
    site.wait(400.0)
    return site


def test_a_finding_in_full_words_with_its_evidence_and_how_its_rows_stand() -> None:
    told = texts(waiting(), "pending-long")
    assert told["Severity"].endswith("warning")
    assert told["About"] == "viz01/s1"
    assert told["So"].startswith("who asked for it sees no desktop")
    assert told["Do"] == "see what the scheduler says of its job"
    assert told["Evidence"] == "viz01/s1: for 7 min, slurm 77: Resources"
    assert told["viz01/s1"].startswith("pending, of ann, heard ")


def test_to_a_finding_belong_the_rows_that_it_rests_on() -> None:
    site = waiting()
    assert narrowed(site.store, "findings", found(site, "pending-long")) == {"sessions": {key("viz01", "s1")}}
    site.license(("ann", "viz01"), reachable=True, pools=[pool(count=1, inuse=1)])
    assert narrowed(site.store, "findings", found(site, "pool-full-ghosts"))["licenses"] == set(site.store.pools)
    site.license(reachable=False, error="timeout")
    assert narrowed(site.store, "findings", found(site, "license-unreachable")) == {"licenses": set(site.store.pools)}
    assert texts(site, "license-unreachable")[LICENSE].startswith("live, heard ")


def test_findings_of_one_rule_about_the_same_are_all_listed() -> None:
    site = Site()
    site.facts("viz01", config={"a.ini": "1" * 64, "b.ini": "1" * 64})
    site.facts("viz02", config={"a.ini": "2" * 64, "b.ini": "2" * 64})
    assert len(FINDINGS.rows(site.store)) == len(findings(site.store)) == 2


def test_nothing_belongs_to_a_finding_that_is_over() -> None:
    site = waiting()
    over = found(site, "ghosts")
    site.snapshot("viz01")
    assert narrowed(site.store, "findings", over) == {}
    assert details(site.store, "findings", over, make.LOOK) is None
