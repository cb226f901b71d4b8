from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import Monochrome, NoColor

from fxtop.ui.filters import AsciiOnly, last_filters

BLACK = Color(0, 0, 0)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("plain", "plain"), ("╭─ 1: Nodes…", "+- 1: Nodes~"), ("李小龍", "??????"), ("zoe\u0308", "zoe"), ("☃", "?")],
)
def test_in_ascii_everything_keeps_its_width(text: str, plain: str) -> None:
    (segment,) = AsciiOnly().apply([Segment(text)], BLACK)
    assert segment.text == plain
    assert cell_len(plain) == cell_len(text)


def test_without_colour_there_are_no_shades_of_grey_either() -> None:
    filters = last_filters(no_color=True, ascii_only=False, usual=[Monochrome()])
    assert [type(one) for one in filters] == [NoColor]


def test_where_nothing_is_asked_for_textuals_own_filters_do() -> None:
    usual = [Monochrome()]
    assert last_filters(no_color=False, ascii_only=False, usual=usual) == usual
