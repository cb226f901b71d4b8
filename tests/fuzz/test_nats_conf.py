"""The reader of nats-server's grammar against any text, and against the server itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fxtop.config.site.nats_conf import DEEPEST, parse_nats_conf
from fxtop.config.site.nats_tree import Block, NatsConfError, Unresolved, Value

FILE = Path("nats-server.conf")
SERVER = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
STRICTER = ("a quote that is never closed", "a key without a value", "a lone slash", "a unit that is none")
"""Reasons for which we refuse what the server goes astray on."""

MARKS = ["{", "}", "[", "]", "(", ")", ":", "=", ",", ";", "#", "//", "'", '"', "\\", "$", "\n", "\r\n", " ", "\t"]
WORDS = ["a", "port", "include x", "true", "off", "1", "-2", "3.5", "1.2.3.4:5", "10s", "1MB", "2k", "9" * 20, "$a"]
SOUP = st.lists(st.sampled_from(MARKS + WORDS + ["\n)\n", "$2a$11$x", "\\x41", "nats://u:p@h:1"]), max_size=25).map(
    "".join
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)

_NAMES = st.sampled_from(["port", "tls", "routes", "token", '"quoted key"', "'single'", "user"])
_SCALARS = st.sampled_from(
    ["4222", "-1", "0.5", "1MB", "2GiB", "10s", "true", "off", '"a b"', "'c#d'", "bare", "1.2.3.4:4222", "$2a$11$abc"]
)
_SEPARATORS = st.sampled_from([": ", " = ", " ", ":"])
_GAPS = st.sampled_from(["\n", "\n# a comment\n", " // another {\n", "\n\n\t"])
_COMMAS = st.sampled_from([", ", "\n", " ,\n"])


def _array(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.lists(values, max_size=4), _COMMAS).map(lambda made: f"[ {made[1].join(made[0])} ]")


def _entries(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    entry = st.tuples(_NAMES, _SEPARATORS, values, _GAPS).map("".join)
    return st.lists(entry, max_size=5).map("".join)


def _block(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return _entries(values).map(lambda inner: f"{{\n{inner}}}")


VALUES = st.recursive(_SCALARS, lambda inner: _array(inner) | _block(inner), max_leaves=8)
VALID = _entries(VALUES)


@settings(deadline=None, max_examples=600)
@given(TEXT | SOUP | VALID)
@example("{" * 5000)
@example("a " + "{b " * 5000)
@example("[" * 5000)
@example("a: \\")
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        assert isinstance(parse_nats_conf(text, FILE), Block)
    except NatsConfError as error:
        assert str(error).startswith(f"{FILE}:{error.at.line}: ")
        assert 1 <= error.at.line <= text.count("\n") + 1
        assert not set(str(error)) & set("\x00\x07\x1b\x7f\x9b")


@settings(deadline=None, max_examples=200)
@given(VALID)
def test_what_follows_the_grammar_is_read(text: str) -> None:
    parse_nats_conf(text, FILE)


@pytest.mark.skipif(SERVER is None, reason="there is no nats-server")
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(SOUP | VALID)
@example("a: [1]")
@example("a: 1k5")
@example("a: b#c")
@example("a{b: 1}")
@example("a: x'y")
@example("}")
@example("a: (\nb\n)\n")
@example("{ port: 4222 }")
@example('{ "port": 4222 ')
@example("a: {b: 1}, c: 2")
@example("a: 2020-13-01T00:00:00Z")
@example("a: 1\n}\n")
@example("INCLUDE a")
@example("include")
def test_the_server_agrees(text: str) -> None:
    assert SERVER is not None
    refused = _refusal(text)
    if refused is None:
        assert _server_reads(text) or _lacks_a_variable(parse_nats_conf(text, FILE))
    elif not any(reason in refused for reason in STRICTER):
        assert not _server_reads(text)


def test_blocks_may_nest_and_not_for_ever() -> None:
    def nested(depth: int) -> str:
        return "a " * 1 + "{ a " * depth + "1\n" + "}\n" * depth

    parse_nats_conf(nested(DEEPEST), FILE)
    assert "within each other" in (_refusal(nested(DEEPEST + 1)) or "")


def test_repeating_one_key_costs_no_more_than_as_many_keys() -> None:
    block = parse_nats_conf("a: 1\n" * 20_000, FILE)
    assert len(block.entries["a"].replaced) == 19_999


def _refusal(text: str) -> str | None:
    try:
        parse_nats_conf(text, FILE)
    except NatsConfError as error:
        return error.reason
    return None


def _lacks_a_variable(value: Value) -> bool:
    if isinstance(value, Block):
        entries = [entry for kept in value for entry in (kept, *kept.replaced)]
        return any(_lacks_a_variable(entry.value) for entry in entries)
    if isinstance(value, tuple):
        return any(_lacks_a_variable(item.value) for item in value)
    return isinstance(value, Unresolved)


def _server_reads(text: str) -> bool:
    """Whether the server gets through the grammar of ``text``; what it says of the options' names doesn't matter."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "c.conf"
        file.write_bytes(text.encode())
        done = subprocess.run([str(SERVER), "-t", "-c", str(file)], capture_output=True, check=False, env={})
    said = done.stderr.decode(errors="replace")
    complaints = (
        "Parse error",
        "config is invalid",
        "ariable reference",
        "including",
        "include file",
        "expected",
        "out of the range",
    )
    return not any(complaint in said for complaint in complaints)
