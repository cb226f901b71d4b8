"""Which nodes differ in which file from the majority, and in versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster.drift import Split
from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding, Severity
from tests.unit.cluster.kit import Site

SAME = {"FastX.conf": "a" * 64, "fastx.env": "b" * 64}


def site(**odd: Mapping[str, Any]) -> Site:
    """Five nodes with the same configuration, but for the fields of those that are named."""
    site = Site()
    for number in range(1, 6):
        node = f"viz0{number}"
        site.beat(node)
        site.facts(node, **({"config": SAME, **odd.get(node, {})}))
    return site


def told(site: Site) -> list[tuple[str, str, str]]:
    return [(finding.kind, finding.subject, finding.text) for finding in findings(site.store)]


def only(site: Site) -> Finding:
    (found,) = findings(site.store)
    return found


def test_nodes_with_the_same_files_are_no_finding() -> None:
    assert told(site()) == []


def test_a_node_that_differs_from_the_majority_is_named_with_the_file() -> None:
    found = only(site(viz03={"config": SAME | {"FastX.conf": "c" * 64}}))
    assert (found.kind, found.subject, found.severity) == ("config-drift", "viz03", Severity.WARN)
    assert found.text == "FastX.conf on viz03 differs from that of 4 other nodes"
    assert "nothing synchronises it" in found.remedy


def test_several_odd_nodes_are_one_finding_for_a_file() -> None:
    odd = {"config": SAME | {"FastX.conf": "c" * 64}}
    assert told(site(viz02=odd, viz04=odd)) == [
        ("config-drift", "nodes", "FastX.conf on viz02, viz04 differs from that of 3 other nodes")
    ]


def test_each_file_has_its_own_finding() -> None:
    found = told(site(viz01={"config": {"FastX.conf": "c" * 64, "fastx.env": "d" * 64}}))
    assert [text.split()[0] for _, _, text in found] == ["FastX.conf", "fastx.env"]


def test_a_file_that_most_nodes_have_is_missed_where_it_is_not() -> None:
    found = only(site(viz05={"config": {"FastX.conf": "a" * 64}}))
    assert (found.kind, found.subject) == ("config-missing", "viz05")
    assert found.text == "viz05 lacks fastx.env, which 4 nodes have"


def test_a_file_that_few_nodes_have_is_missed_nowhere() -> None:
    assert told(site(viz01={"config": SAME | {"nats-server.conf": "e" * 64}})) == []


def test_what_could_not_be_read_is_neither_missing_nor_different() -> None:
    part = {"FastX.conf": "a" * 64}
    for facts in (
        {"config": {}, "notes": {"config": "/etc/fastx can't be read: Permission denied."}},
        {"config": part, "notes": {"config/fastx.env": "fastx.env can't be read: Permission denied."}},
        {"config": part, "withheld": ["fastx.env"]},
        {"config": part, "notes": {"config/full": "There are more than 500 files."}},
    ):
        assert told(site(viz05=facts)) == []


def test_without_a_majority_the_versions_are_told_with_their_nodes() -> None:
    other = {"config": SAME | {"FastX.conf": "c" * 64}}
    third = {"config": SAME | {"FastX.conf": "d" * 64}}
    (found,) = told(site(viz01=other, viz02=other, viz03=third))
    assert found == ("config-drift", "nodes", "FastX.conf has 3 versions: on viz04, viz05; viz01, viz02; viz03")


def test_a_file_that_is_each_hosts_own_is_told_quietly() -> None:
    every = {f"viz0{n}": {"config": SAME | {"FastX.conf": str(n) * 64}} for n in range(1, 6)}
    found = only(site(**every))
    assert (found.severity, found.text) == (Severity.INFO, "FastX.conf is another one on each of 5 nodes")


def test_many_files_that_differ_are_one_finding() -> None:
    every = {f"apps/{n}.ini": "f" * 64 for n in range(30)}
    other = dict.fromkeys(every, "9" * 64)
    everywhere = {f"viz0{n}": {"config": every} for n in range(1, 5)}
    ((kind, subject, text),) = told(site(**everywhere, viz05={"config": other}))
    assert (kind, subject) == ("config-drift", "nodes")
    assert text.startswith("30 files of FastX's configuration differ between nodes: apps/0.ini, ")


def test_a_node_that_was_mended_is_no_finding_any_more() -> None:
    drifted = site(viz03={"config": SAME | {"FastX.conf": "c" * 64}})
    assert told(drifted)
    drifted.facts("viz03", config=SAME)
    assert told(drifted) == []


def test_a_file_that_can_be_read_again_counts_again() -> None:
    blind = site(viz05={"config": {"FastX.conf": "a" * 64}, "notes": {"config/fastx.env": "It can't be read."}})
    assert told(blind) == []
    blind.facts("viz05", config={"FastX.conf": "a" * 64})
    assert [kind for kind, _, _ in told(blind)] == ["config-missing"]


def test_a_node_that_left_is_not_reproached() -> None:
    drifted = site(viz03={"config": SAME | {"FastX.conf": "c" * 64}})
    assert told(drifted)
    drifted.send("bye.node", ("viz03",), {"id": "viz03"})
    assert told(drifted) == []
    drifted.beat("viz03")
    assert told(drifted)


def test_one_file_alone_differs_from_nothing() -> None:
    alone = Site()
    alone.beat("viz01")
    alone.facts("viz01", config=SAME)
    assert told(alone) == []


def test_versions_of_fastx_that_differ_are_a_warning() -> None:
    new = {f"viz0{n}": {"config": SAME, "versions": {"fastx": "5.1.3", "kernel": str(n)}} for n in range(1, 5)}
    found = only(site(**new, viz05={"versions": {"fastx": "5.1.2"}}))
    assert (found.kind, found.subject, found.severity) == ("version-skew", "viz05", Severity.WARN)
    assert found.text == "FastX has 2 versions: 5.1.3 on viz01, viz02, viz03, viz04; 5.1.2 on viz05"


def test_versions_of_the_agent_that_differ_are_worth_a_word() -> None:
    found = only(site(viz01={"versions": {"agent": "0.1"}}, viz02={"versions": {"agent": "0.2"}}))
    assert found.severity is Severity.INFO
    assert found.text.startswith("The fxtop agent has 2 versions: 0.1 on viz01; 0.2 on viz02")


def test_whether_a_digest_is_that_of_the_majority() -> None:
    drift = site(viz03={"config": SAME | {"FastX.conf": "c" * 64}}).store.drift
    assert drift.is_odd("FastX.conf", "c" * 64)
    assert not drift.is_odd("FastX.conf", "a" * 64)
    assert not drift.is_odd("unheard.of", "a" * 64)


CONFIGS = [SAME, {**SAME}, SAME | {"fastx.env": "c" * 64}, {"FastX.conf": "a" * 64}, {}]
VERSIONS = [{"fastx": "5.0", "os": "Rocky 9"}, {"fastx": "5.0", "os": "Rocky 8"}, {"fastx": "5.1"}, {}]


@given(
    st.lists(
        st.tuples(st.sampled_from(["viz01", "viz02", "viz03"]), st.sampled_from(CONFIGS), st.sampled_from(VERSIONS)),
        max_size=10,
    )
)
def test_what_changed_differs_as_if_it_had_always_been_so(said: list[tuple[str, Any, Any]]) -> None:
    changed, afresh = Site(), Site()
    for node, config, versions in said:
        changed.facts(node, config=config, versions=versions)
        splits(changed)
    for node, (config, versions) in {node: last for node, *last in said}.items():
        afresh.facts(node, config=config, versions=versions)
    assert splits(changed) == splits(afresh)


def splits(site: Site) -> tuple[tuple[Split, ...], tuple[Split, ...]]:
    store = site.store
    return store.drift.files(store.nodes, 0), store.drift.versions(store.nodes, 0)
