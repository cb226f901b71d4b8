from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.views.names import shared_domain, short


@pytest.mark.parametrize(
    ("names", "domain"),
    [
        (["viz01.example.edu", "viz02.example.edu"], ".example.edu"),
        (["viz01.a.example.edu", "viz02.b.example.edu"], ".example.edu"),
        (["viz01.example.edu"], ".example.edu"),
        (["viz01", "viz02"], ""),
        (["viz01", "viz02.example.edu"], ".example.edu"),
        (["viz01.example.edu", "viz02.example.org"], ""),
        ([], ""),
    ],
)
def test_the_domain_that_all_share_is_found(names: list[str], domain: str) -> None:
    assert shared_domain(names) == domain


def test_nothing_is_cut_where_two_names_would_look_alike() -> None:
    assert shared_domain(["viz01", "viz01.example.edu", "viz02.example.edu"]) == ""


def test_addresses_are_not_domains() -> None:
    assert shared_domain(["10.0.0.5", "10.1.0.5"]) == ""


labels = st.text("abc", max_size=3)


@given(st.lists(st.lists(labels, min_size=1, max_size=4).map(".".join), unique=True))
def test_short_names_stay_different(names: list[str]) -> None:
    domain = shared_domain(names)
    assert len({short(name, domain) for name in names}) == len(names)


def test_a_name_of_another_domain_is_left_whole() -> None:
    assert short("viz01.example.org", ".example.edu") == "viz01.example.org"
