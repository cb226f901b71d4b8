from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fxtop.config.site.nats_conf import parse_nats_conf, read_nats_conf
from fxtop.config.site.nats_tree import Block, NatsConfError, Unresolved, Value

FILE = Path("/etc/fastx/nats-server.conf")


def value(text: str, **env: str) -> Value:
    return parse_nats_conf(text, FILE, env).entries["a"].value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1", 1),
        ("a = 1", 1),
        ("a 1", 1),
        ("a\n  1", 1),
        ("a: -3", -3),
        ("a: 2.5", 2.5),
        ("a: 1K", 1000),
        ("a: 1KB", 1024),
        ("a: 2MiB", 2 * 1024**2),
        ("a: 10s", "10s"),
        ("a: 3secret", "3secret"),
        ("a: 1zb", "1zb"),
        ("a: 127.0.0.1:4222", "127.0.0.1:4222"),
        ("a: yes", True),
        ("a: OFF", False),
        ('a: "yes"', "yes"),
        ("a: 'x # y'", "x # y"),
        ('a: "x\\ty\\x41"', "x\tyA"),
        ("a: b#c // d", "b#c"),
        ("a: $2a$11$abc", "$2a$11$abc"),
        ("a: (\n  two\n  lines\n)\n", "\n  two\n  lines\n"),
        ("a: 2026-11-22T10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("'a': 1; b: 2", 1),
        ('{"a": 1, "b": 2}', 1),
        ("b: 7\na: $b", 7),
        ("a: $NATS_PORT", Unresolved("NATS_PORT")),
    ],
)
def test_a_value_is_what_the_server_takes_it_for(text: str, expected: Value) -> None:
    assert value(text) == expected


def test_a_variable_may_come_from_the_environment_and_is_read_as_a_value() -> None:
    assert value("a: $PORT", PORT="4222") == 4222
    assert value("a: $TOKEN", TOKEN='"4222"') == "4222"


def test_the_nearest_block_has_the_first_say_in_a_variable() -> None:
    outer = parse_nats_conf("x: 1\nc { x: 2, d { a: $x } }", FILE)
    inner = outer.block("c")
    assert inner is not None
    assert (inner.block("d") or Block()).text("a") == "2"


def test_blocks_and_arrays_hold_their_places() -> None:
    block = parse_nats_conf("cluster {\n  routes = [\n    nats://a:1\n    nats://b:2, nats://c:3\n  ]\n}\n", FILE)
    routes = (block.block("cluster") or Block()).entry("routes")
    assert routes is not None
    assert isinstance(routes.value, tuple)
    assert [(item.value, item.at.line) for item in routes.value] == [
        ("nats://a:1", 3),
        ("nats://b:2", 4),
        ("nats://c:3", 4),
    ]


def test_a_later_block_replaces_an_earlier_one_whole_and_remembers_it() -> None:
    block = parse_nats_conf("tls { a: 1 }\n# between\ntls {\n b: 2\n}\ntls { c: 3 }", FILE)
    entry = block.entry("tls")
    assert entry is not None
    assert entry.at.line == 6
    assert [old.at.line for old in entry.replaced] == [1, 3]
    assert isinstance(entry.value, Block)
    assert list(entry.value.entries) == ["c"]


def test_an_included_file_counts_where_it_is_included() -> None:
    files = {
        FILE: "authorization { token: x }\ninclude 'conf.d/auth.conf'\nport: 4222",
        FILE.parent / "conf.d/auth.conf": "authorization {\n token: y }",
    }
    block = read_nats_conf(FILE, files.__getitem__)
    entry = block.entry("authorization")
    assert entry is not None
    assert str(entry.at) == "/etc/fastx/conf.d/auth.conf:1"
    assert [str(old.at) for old in entry.replaced] == [f"{FILE}:1"]
    assert list(block.entries) == ["authorization", "port"]


def test_a_file_that_includes_itself_is_refused() -> None:
    with pytest.raises(NatsConfError, match=r"nats-server\.conf:2: .* includes itself"):
        read_nats_conf(FILE, lambda path: "a: 1\ninclude ./nats-server.conf")


def test_a_file_that_is_missing_is_told_with_the_line_that_wants_it() -> None:
    def read(path: Path) -> str:
        if path == FILE:
            return "\ninclude auth.conf"
        raise FileNotFoundError(2, "No such file or directory", str(path))

    with pytest.raises(NatsConfError, match=r"nats-server\.conf:2: /etc/fastx/auth\.conf can't be included"):
        read_nats_conf(FILE, read)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a:\n1", 1, "a new line where a value should be"),
        ("a: 1 2", 1, "something after a value"),
        ("\na: [1 ,, 2]", 2, "a comma where a value should be"),
        ("a {\n b: 1\n", 3, "the } that is missing"),
        ("a: 'x", 1, "a quote that is never closed"),
        ('a: "\\q"', 1, "an escape that is none"),
        ("a { b: }", 1, "a key without a value"),
        ("lonely", 1, "a key without a value"),
        ("a: 1kbib", 1, "a unit that is none"),
        ("a: 9999999999999999999", 1, "too large"),
        (": 1", 1, "a separator without a key"),
        ("a: 1\0", 1, "NUL"),
    ],
)
def test_what_the_server_refuses_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(NatsConfError, match=reason) as caught:
        parse_nats_conf(text, FILE)
    assert caught.value.at.line == line


def test_neither_reprs_nor_errors_show_a_value() -> None:
    block = parse_nats_conf("authorization { token: s3cr3t-value }\nroutes: [nats://u:s3cr3t-value@h:1]", FILE)
    assert "s3cr3t-value" not in repr(block)
    with pytest.raises(NatsConfError) as caught:
        parse_nats_conf("token: s3cr3t-value s3cr3t-value", FILE)
    assert "s3cr3t" not in str(caught.value)
