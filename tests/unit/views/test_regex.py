from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.views.regex import Regex
from fxtop.views.regex_syntax import RegexError

LETTERS = "abAB1"

atoms = st.one_of(
    st.sampled_from([*LETTERS, ".", "\\d", "\\w", "\\S", "[ab]", "[^a]", "[a-b1]", "[A-B]", "\\.", "-"]),
    st.sampled_from(["^", "$"]),
)
patterns = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner.filter(lambda p: p not in "^$"), st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{1,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@given(patterns, st.lists(st.text(LETTERS + ".-", max_size=8), min_size=1, max_size=6))
def test_it_finds_what_pythons_own_finds(pattern: str, texts: list[str]) -> None:
    ours, theirs = Regex(pattern), re.compile(pattern, re.IGNORECASE)
    for text in texts:
        assert ours.search(text.casefold()) is (theirs.search(text) is not None), (pattern, text)


@given(st.text(max_size=30) | st.text("()[]{}*+?|^$\\.-,ab12", max_size=20))
def test_any_text_is_a_pattern_or_one_clear_error(pattern: str) -> None:
    try:
        Regex(pattern)
    except RegexError as error:
        assert 0 <= error.position <= len(pattern)
        assert error.sentence.endswith(".")


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "(a?){30}a{30}$", "(.*a){12}b", "a.*a.*a.*a.*a.*b"])
def test_what_would_hang_a_backtracking_search_ends(pattern: str) -> None:
    assert Regex(pattern).search("a" * 1000 + "!") is False


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        ("a)", 1),
        ("(a", 0),
        ("[a", 0),
        ("*a", 0),
        ("a**", 2),
        ("^*", 0),
        ("a\\", 1),
        ("\\1", 0),
        ("(?=a)", 0),
        ("[b-a]", 0),
        ("a{2,1}", 1),
        ("a{999}", 1),
        ("(" * 30, 20),
    ],
)
def test_a_mistake_is_placed(pattern: str, position: int) -> None:
    with pytest.raises(RegexError) as caught:
        Regex(pattern)
    assert caught.value.position == position


def test_a_pattern_that_is_too_large_is_refused() -> None:
    with pytest.raises(RegexError, match="too large"):
        Regex("((a{60}){60}){60}")
    with pytest.raises(RegexError, match="200 characters"):
        Regex("a" * 201)


def test_braces_that_count_nothing_are_plain_text() -> None:
    assert Regex("a{x}").search("a{x}")


def test_capitals_find_small_letters_even_in_ranges_and_where_folding_lengthens() -> None:
    assert Regex("[A-C]x").search("bx")
    assert Regex("STRASSE").search("straße".casefold())
    assert Regex("straße").search("STRASSE".casefold())


def test_forgetting_what_it_remembered_changes_no_answer() -> None:
    regex = Regex("x[^y]*z")
    alphabet = "".join(chr(0x4E00 + offset) for offset in range(20_500))
    assert regex.search("x" + alphabet + "z")
    assert not regex.search(alphabet)
    assert regex.search("x" + alphabet + "z")
