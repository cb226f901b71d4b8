from __future__ import annotations

import pytest

from fxtop.cluster.records import SessionKey
from tests.unit.cluster.kit import Site, key


@pytest.fixture
def site() -> Site:
    site = Site()
    for node, session in (("n1", "s1"), ("n2", "s1"), ("n1", "s2")):
        site.session(node, session)
    return site


def test_it_is_one_map_of_what_the_nodes_hold(site: Site) -> None:
    sessions, nodes = site.store.sessions, site.store.nodes
    expected = {key: row for node in nodes.values() for key, row in node.sessions.items()}
    assert sessions == expected
    assert list(sessions) == list(expected) == [key("n1", "s1"), key("n1", "s2"), key("n2", "s1")]
    assert list(sessions.values()) == list(expected.values())
    assert list(sessions.items()) == list(expected.items())
    assert len(sessions) == 3


def test_each_is_found_by_its_key(site: Site) -> None:
    row = site.store.sessions[key("n2", "s1")]
    assert row is site.store.sessions.get(key("n2", "s1"))
    assert row.key == key("n2", "s1")
    assert row.key in site.store.sessions


@pytest.mark.parametrize("unknown", [key("n2", "s2"), key("n3", "s1")], ids=["session", "node"])
def test_what_is_not_there_is_not_found(site: Site, unknown: SessionKey) -> None:
    sessions = site.store.sessions
    assert sessions.get(unknown) is None
    assert sessions.get(unknown, "none") == "none"
    assert unknown not in sessions
    with pytest.raises(KeyError):
        sessions[unknown]


def test_it_counts_what_comes_and_goes(site: Site) -> None:
    site.session("n1", "s1", state="ended")
    site.session("n1", "s1", state="ended")
    assert (len(site.store.sessions), list(site.store.sessions)) == (2, [key("n1", "s2"), key("n2", "s1")])
    site.snapshot("n1")
    site.snapshot("n2")
    assert (len(site.store.sessions), dict(site.store.sessions)) == (0, {})
