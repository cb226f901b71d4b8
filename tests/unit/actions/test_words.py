"""Lists of names, and people's words made fit to send."""

from __future__ import annotations

import pytest

from fxtop.actions.words import listed, nearest, said, unique


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["ann"], "ann"),
        (["ann", "bob"], "ann and bob"),
        (["ann", "bob", "carl", "dora"], "ann, bob, carl and dora"),
        (["ann", "bob", "carl", "dora", "emil"], "ann, bob, carl and 2 others"),
    ],
)
def test_names_are_listed_and_the_rest_is_counted(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_each_name_stands_once_and_in_order() -> None:
    assert unique(["bob", "ann", "bob"]) == ("ann", "bob")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("viz07", "viz07.example.edu"),
        ("mgr", "mgr1"),
        ("viz08.exmaple.edu", "viz08.example.edu"),
        ("vzi08", "viz08.example.edu"),
        ("viz8", "viz08.example.edu"),
        ("viz", None),
        ("database", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_found_where_there_is_one(name: str, meant: str | None) -> None:
    assert nearest(name, ["viz07.example.edu", "viz08.example.edu", "mgr1"]) == meant


def test_words_lose_outer_space_and_what_could_act_on_a_terminal() -> None:
    assert said("  kernel\x1b[2J update\n", 100) == "kernel·[2J update"


def test_undecodable_bytes_of_a_command_line_become_question_marks() -> None:
    assert said("a\udcffb", 100) == "a?b"


def test_too_many_words_are_an_error_and_never_cut() -> None:
    assert len(said("x" * 1024, 1024)) == 1024
    with pytest.raises(ValueError, match="it has 1025 characters, and 1024 are the most"):
        said("x" * 1025, 1024)
