"""The command line: what a line means, what it can become, and what is said when it means nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.ui.commands import Command, CommandError, complete, read
from fxtop.ui.keyentry import Takes


def names(kind: Takes) -> Sequence[str]:
    return {"nodes": ["viz01", "viz02"], "theme": ["dark", "light"]}.get(kind, [])


def test_a_command_with_its_argument() -> None:
    command = read("sessions user:ann state=running")
    assert (command.entry.id, command.argument) == ("pane.sessions", "user:ann state=running")


def test_a_unique_beginning_is_enough() -> None:
    assert read("dr viz07").entry.id == "node.drain"


def test_q_quits() -> None:
    assert read("q").entry.id == "console.quit"


@pytest.mark.parametrize(
    ("line", "position", "length", "said"),
    [
        ("", 0, 0, "Type a command"),
        (" drian viz01", 1, 5, "Did you mean :drain"),
        ("s", 0, 1, "can be"),
        ("help me", 5, 2, "takes nothing"),
    ],
)
def test_a_mistake_says_what_and_where(line: str, position: int, length: int, said: str) -> None:
    with pytest.raises(CommandError, match=said) as caught:
        read(line)
    assert (caught.value.position, caught.value.length) == (position, length)


def test_names_of_commands_and_arguments_are_completed() -> None:
    assert "drain" in complete("dr", names)
    assert complete("drain v", names) == ["drain viz01", "drain viz02"]
    assert complete("drain viz01 ", names) == ["drain viz01 viz02"]
    assert complete("theme l", names) == ["theme light"]
    assert complete("help x", names) == []


@given(st.text())
def test_any_line_is_a_command_or_a_sentence(line: str) -> None:
    try:
        assert isinstance(read(line), Command)
    except CommandError as error:
        assert str(error)
        assert 0 <= error.position <= len(line)
