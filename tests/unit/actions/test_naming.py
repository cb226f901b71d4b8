"""Names that people type: short where that is safe, never guessed."""

from __future__ import annotations

import pytest

from fxtop.actions.model import Refused
from fxtop.actions.naming import node_named, session_named
from tests.unit.actions.site import Site, key


@pytest.fixture
def site() -> Site:
    site = Site()
    for node in ("viz01.example.edu", "viz02.example.edu", "gpu01.a.edu", "gpu01.b.edu"):
        site.node(node)
    site.session("viz01.example.edu/abc1")
    site.session("viz01.example.edu/dup")
    site.session("viz02.example.edu/dup")
    return site


def test_a_node_may_be_called_by_its_short_name(site: Site) -> None:
    assert node_named("viz01", site.store) == "viz01.example.edu"
    assert node_named("viz02.example.edu", site.store) == "viz02.example.edu"


def test_a_short_name_of_two_nodes_is_refused_with_both(site: Site) -> None:
    with pytest.raises(Refused, match=r"gpu01\.a\.edu and gpu01\.b\.edu") as caught:
        node_named("gpu01", site.store)
    assert caught.value.code == "ambiguous"


def test_an_unknown_node_is_refused_with_the_nearest_name(site: Site) -> None:
    with pytest.raises(Refused, match=r"Did you mean viz01\.example\.edu"):
        node_named("viz01.exampel.edu", site.store)


def test_a_session_may_be_called_by_its_id_where_only_one_has_it(site: Site) -> None:
    assert session_named("abc1", site.store) == key("viz01.example.edu/abc1")
    assert session_named("viz02/dup", site.store) == key("viz02.example.edu/dup")


@pytest.mark.parametrize(
    ("name", "code"), [("dup", "ambiguous"), ("abc", "unknown_session"), ("viz01/x", "unknown_session")]
)
def test_what_is_not_exactly_one_session_is_refused(site: Site, name: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        session_named(name, site.store)
    assert caught.value.code == code
