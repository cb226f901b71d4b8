"""README says what is so."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator

import pytest

from fxtop.cli.parser import parse
from tests.readme import README, keys_table, with_part


def test_the_table_of_keys_is_the_one_that_the_console_has() -> None:
    text = README.read_text()
    assert keys_table() in text
    assert with_part(text, "keys", keys_table()) == text


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"\]\((screenshots/[^)]+)\)", README.read_text())
    assert pictures
    assert [name for name in pictures if not (README.parent / name).is_file()] == []


def commands() -> Iterator[str]:
    """Every command line of fxtop's in the blocks of shell, without what follows it there."""
    for block in re.findall(r"^```sh\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            for part in re.split(r"&&|>", re.sub(r"\s#\s.*", "", line)):
                if part.strip().startswith("fxtop "):
                    yield part.strip()


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_is_one(line: str) -> None:
    parse(shlex.split(line)[1:])


def test_both_commands_and_those_of_a_cluster_are_looked_at() -> None:
    said = {line.split()[1] for line in commands()}
    assert said >= {"agent", "node-select", "doctor", "keys", "get", "drain", "rebalance", "journal"}


def promises() -> str:
    """The page of what is promised."""
    found = re.search(r"^## Safety\n(.*?)^## ", README.read_text(), re.MULTILINE | re.DOTALL)
    assert found, "README has no page on safety"
    return found[1]


def test_every_promise_names_a_test() -> None:
    lines = [line for line in promises().splitlines() if line.startswith("| **")]
    assert len(lines) >= 10
    assert [line for line in lines if "::test_" not in line.split("|")[2]] == []


@pytest.mark.parametrize("name", re.findall(r"`([\w/]+\.py::\w+)`", promises()))
def test_every_test_that_shows_a_promise_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    tree = ast.parse((README.parent / "tests" / path).read_text())
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert function in tests
