from __future__ import annotations

import pytest

from fxtop.actions.model import Refused
from fxtop.cli.session_names import session_keys
from tests.unit.cluster.kit import Site, key


@pytest.fixture
def site() -> Site:
    made = Site()
    for node, session in (("viz01", "a"), ("viz01", "b"), ("viz02", "b")):
        made.session(node, session)
    return made


def test_an_id_that_only_one_session_has_is_enough(site: Site) -> None:
    assert session_keys(["a"], site.store) == (key("viz01", "a"),)


def test_the_node_may_be_named_and_doubles_are_one(site: Site) -> None:
    assert session_keys(["viz02/b", "a", "viz01/a"], site.store) == (key("viz02", "b"), key("viz01", "a"))


def test_an_id_that_several_sessions_have_asks_which(site: Site) -> None:
    with pytest.raises(Refused, match=r"say which, viz01/b or viz02/b") as refused:
        session_keys(["b"], site.store)
    assert refused.value.code == "ambiguous"


def test_an_id_that_nobody_has_may_have_ended(site: Site) -> None:
    with pytest.raises(Refused, match="may have ended") as refused:
        session_keys(["c"], site.store)
    assert refused.value.code == "unknown_session"
