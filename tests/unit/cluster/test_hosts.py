"""Which node a host name means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster.hosts import Hosts
from fxtop.protocol.ids import NodeId


@pytest.mark.parametrize(
    ("node", "host", "asked"),
    [
        ("viz01", "viz01", "viz01"),
        ("viz01", "viz01.example.edu", "viz01.example.edu"),
        ("viz01", "viz01.example.edu", "viz01"),
        ("viz01", "viz01", "viz01.example.edu"),
        ("viz01.example.edu", "viz01.example.edu", "viz01"),
        ("viz01", "viz01.example.edu", "VIZ01.Example.EDU"),
        ("Node-A", "viz01.example.edu", "node-a"),
        ("n1", "10.0.0.1", "10.0.0.1"),
        ("n1", "fe80::1", "fe80::1"),
    ],
)
def test_a_node_is_found_by_id_fqdn_and_short_name(node: str, host: str, asked: str) -> None:
    hosts = Hosts()
    hosts.name(NodeId(node), host)
    hosts.name(NodeId("other"), "other.example.edu")
    assert hosts.resolve(asked) == node


@pytest.mark.parametrize(
    ("node", "host", "asked"),
    [
        ("viz01", "viz01.example.edu", "viz02"),
        ("viz01", "viz01.example.edu", "viz01.example.org"),
        ("n1", "10.0.0.1", "10"),
        ("n1", "10.0.0.1", "10.0.0.2"),
        ("viz01", "viz01.example.edu", ""),
    ],
)
def test_other_hosts_are_not_taken_for_it(node: str, host: str, asked: str) -> None:
    hosts = Hosts()
    hosts.name(NodeId(node), host)
    assert hosts.resolve(asked) is None


def test_a_name_that_means_two_nodes_means_none() -> None:
    hosts = Hosts()
    hosts.name(NodeId("a"), "viz01.example.edu")
    hosts.name(NodeId("b"), "viz01.example.org")
    assert hosts.resolve("viz01") is None
    assert hosts.resolve("viz01.example.org") == "b"


def test_a_node_answers_to_its_present_host_only() -> None:
    hosts = Hosts()
    assert hosts.name(NodeId("n1"), "old.example.edu")
    assert hosts.name(NodeId("n1"), "new.example.edu")
    assert not hosts.name(NodeId("n1"), "new.example.edu")
    assert hosts.resolve("old") is None
    assert hosts.resolve("new") == "n1"
    assert hosts.resolve("n1") == "n1"


def test_a_name_that_a_flood_of_nodes_claims_means_none_of_them() -> None:
    hosts = Hosts()
    for i in range(5_000):
        hosts.name(NodeId(f"n{i}"), "localhost")
    assert hosts.resolve("localhost") is None
    assert hosts.resolve("n4999") == "n4999"


NODES = st.sampled_from(["viz01", "viz02", "viz01.a.edu"])
NAMES = st.sampled_from(["viz01", "viz02", "viz01.a.edu", "viz01.b.edu", "VIZ02", "10.0.0.1", "10"])


@given(st.lists(st.tuples(NODES, NAMES | st.none()), max_size=12))
def test_names_that_changed_mean_what_they_would_had_they_always_been_so(told: list[tuple[str, str | None]]) -> None:
    changed, last = Hosts(), dict[str, str | None]()
    for node, host in told:
        last.pop(node, None)
        last[node] = host
        if host is None:
            changed.forget(NodeId(node))
        else:
            changed.name(NodeId(node), host)
    afresh = Hosts()
    for node, host in last.items():
        if host is not None:
            afresh.name(NodeId(node), host)
    asked = ["viz01", "viz02", "viz01.a.edu", "viz01.b.edu", "viz01.c.edu", "10.0.0.1", "10"]
    assert [changed.resolve(host) for host in asked] == [afresh.resolve(host) for host in asked]
