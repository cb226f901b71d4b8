from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from fxtop.views.fit import clip, fit, plain_ascii, width_of


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [("viz07", 8, "viz07   "), ("viz07", 5, "viz07"), ("viz07", 4, "viz…"), ("viz07", 0, ""), ("日本語", 5, "日本…")],
)
def test_text_is_cut_or_filled_to_its_column(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted


def test_numbers_are_filled_on_the_left() -> None:
    assert fit("42%", 5, right=True) == "  42%"


def test_a_wide_character_that_would_stick_out_leaves_a_space() -> None:
    assert fit("日本語", 4) == "日 …"


def test_ascii_marks_a_cut_by_a_tilde() -> None:
    assert clip("viz07", 4, ascii=True) == "viz~"


inert_text = st.text(st.characters(exclude_categories=["C"]))


@given(inert_text, st.integers(0, 40), st.booleans())
def test_any_text_takes_exactly_its_width(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


@given(inert_text, st.integers(0, 40))
def test_clipped_text_is_never_wider_than_asked_for(text: str, width: int) -> None:
    assert width_of(clip(text, width)) <= width


@given(st.text())
def test_what_an_ascii_terminal_shows_is_ascii(text: str) -> None:
    assert plain_ascii(text).isascii()


def test_ascii_replaces_one_character_by_one() -> None:
    assert plain_ascii("José") == "Jos?"
