"""Server URLs: lists of them, logins taken out, and sentences about what is none."""

from __future__ import annotations

import pytest

from fxtop.config.servers import is_tls, parse_servers


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("tls://mgr1.example.edu:4222", ("tls://mgr1.example.edu:4222",)),
        ("mgr1", ("nats://mgr1:4222",)),
        ("mgr1:5222,tls://mgr2", ("nats://mgr1:5222", "tls://mgr2:4222")),
        (" a , b\tc;d,,", ("nats://a:4222", "nats://b:4222", "nats://c:4222", "nats://d:4222")),
        ("a,a:4222,nats://a", ("nats://a:4222",)),
        ("tls://[::1]:4333", ("tls://[::1]:4333",)),
        ("nats://a/", ("nats://a:4222",)),
        ("", ()),
    ],
)
def test_servers_are_read_from_a_list(text: str, urls: tuple[str, ...]) -> None:
    assert parse_servers([text]).urls == urls


def test_a_login_is_taken_out_of_the_url() -> None:
    assert parse_servers(["nats://me:p%40ss@a, nats://me:p%40ss@b"]) == (
        ("nats://a:4222", "nats://b:4222"),
        ("me", "p@ss"),
    )
    assert parse_servers(["nats://token@a", "b"]) == (("nats://a:4222", "nats://b:4222"), ("token", None))


def test_a_login_is_never_shown() -> None:
    assert "hush" not in repr(parse_servers(["nats://hush:hush@a"]))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("http://hush@a", "only nats:// and tls://"),
        ("nats://hush@", "host and a port"),
        ("nats://", "host and a port"),
        ("nats://hush@a/path", "host and a port"),
        ("nats://hush@a:port", "can't be read"),
        ("nats://hush@a:99999", "can't be read"),
        ("nats://[hush", "can't be read"),
        ("nats://hush@a,nats://hush2@b", "different logins"),
    ],
)
def test_what_is_no_server_is_refused_without_quoting_a_login(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what) as caught:
        parse_servers([text])
    assert "hush" not in str(caught.value)


def test_tls_is_asked_for_by_the_scheme() -> None:
    assert is_tls("tls://a:4222")
    assert not is_tls("nats://a:4222")
