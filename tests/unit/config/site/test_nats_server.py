from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.config.site.nats_conf import parse_nats_conf
from fxtop.config.site.nats_server import NatsServer, is_bcrypt, nats_server


def server(text: str) -> NatsServer:
    return nats_server(parse_nats_conf(text, Path("n.conf")))


@pytest.mark.parametrize(
    ("text", "port"),
    [("", 4222), ("port: 4333", 4333), ("listen: 4444", 4444), ('listen: "0.0.0.0:5"', 5), ("PORT = 7", 7)],
)
def test_the_client_port(text: str, port: int) -> None:
    assert server(text).port == port


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ('http: "127.0.0.1:8222"', True),
        ("http: localhost:8222", True),
        ("http_port: 8222", False),
        ("monitor_port: 8222", False),
        ("http_port: 8222\nhost: 127.0.0.1", True),
        ("https: 0.0.0.0:8222", False),
    ],
)
def test_who_reaches_the_monitoring(text: str, local: bool) -> None:
    found = server(text).monitoring
    assert found is not None
    assert found.local is local


def test_monitoring_is_off_where_nothing_is_said_or_the_port_is_none() -> None:
    assert server("").monitoring is None
    assert server("http_port: 0").monitoring is None


def test_all_authorization_blocks_are_kept_and_the_last_counts() -> None:
    found = server("authorization { token: a }\nauthorization { user: u, pass: p }\n")
    assert [login.at.line for login in found.logins] == [1, 2]
    assert found.login is not None
    assert (found.login.token, found.login.user, found.login.password) == (None, "u", "p")


def test_a_token_of_digits_is_still_a_text() -> None:
    login = server("authorization { token: 12345 }").login
    assert login is not None
    assert login.token == "12345"


def test_routes_are_taken_apart_and_what_is_none_is_kept_by_its_place() -> None:
    found = server(
        'cluster { listen: "0.0.0.0:6222"\nroutes = [\n"nats-route://u:p%40w@a:6333"\nnats://b\n"nats://[::1]:6222"\n'
        'nats://c:99999\n$HIDDEN\n"" ] }'
    ).cluster
    assert found is not None
    assert found.port == 6222
    assert [(r.host, r.port, r.user, r.password, r.at.line) for r in found.routes] == [
        ("a", 6333, "u", "p@w", 3),
        ("b", 6222, None, None, 4),
        ("::1", 6222, None, None, 5),
    ]
    assert [at.line for at in found.unread] == [6, 7, 8]


def test_routes_as_one_variable_are_unread_whole() -> None:
    found = server("cluster { routes: $ROUTES }").cluster
    assert found is not None
    assert (found.routes, len(found.unread), found.port) == ((), 1, 0)


def test_no_repr_shows_a_secret() -> None:
    found = server(
        "authorization { token: hidden-1 }\n"
        "cluster { authorization { user: u, password: hidden-2 }\nroutes: [nats://u:hidden-3@h:1] }"
    )
    assert "hidden" not in repr(found)


def test_a_bcrypt_hash_is_told_by_its_beginning() -> None:
    assert is_bcrypt("$2a$11$abc")
    assert not is_bcrypt("2a$11$abc")
