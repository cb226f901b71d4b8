"""Contexts of the NATS command line (ADR-21): read, never written, refused where their secret lies open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fxtop.config.error import ConfigError
from fxtop.config.given import Login
from fxtop.config.nats_context import NatsContext, read_context
from tests.unit.config.conftest import Home

EMPTY = dict.fromkeys(
    ("description", "url", "token", "user", "password", "creds", "nkey", "cert", "key", "ca", "nsc", "inbox_prefix"), ""
)


def context(home: Home, mode: int = 0o600, **fields: object) -> NatsContext:
    home.context("prod", json.dumps({**EMPTY, **fields}), mode)
    return read_context("prod", home.env)


def login(home: Home, **fields: Any) -> Login:
    made = context(home, **fields).connection.login
    assert made is not None
    return made


def refused(home: Home, **fields: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        context(home, **fields)
    assert "hush" not in str(caught.value)
    return str(caught.value)


def test_a_context_says_how_to_connect(home: Home) -> None:
    made = context(
        home, url="tls://a:4222,tls://b", ca="/ca.pem", cert="/c.pem", key="~/k.pem", inbox_prefix="_IN"
    ).connection
    assert made.servers == ("tls://a:4222", "tls://b:4222")
    assert (made.ca, made.cert, made.cert_key) == (Path("/ca.pem"), Path("/c.pem"), Path.home() / "k.pem")
    assert made.inbox_prefix == "_IN"
    assert made.login is None


def test_unset_fields_say_nothing(home: Home) -> None:
    made = context(home).connection
    assert (made.servers, made.login, made.ca, made.tls_first) == (None, None, None, None)


def test_a_token_is_read_when_it_is_used(home: Home) -> None:
    token = login(home, token="hush").token
    assert token is not None
    assert token.read() == "hush"
    context(home, token="hush-2")
    assert token.read() == "hush-2"
    context(home)
    with pytest.raises(ConfigError, match="no 'token' any more"):
        token.read()


def test_user_and_password_are_a_login_and_a_lone_user_is_a_token(home: Home) -> None:
    both = login(home, user="me", password="hush")
    assert both.token is None
    assert [part.read() for part in (both.user, both.password) if part] == ["me", "hush"]
    lone = login(home, user="hush")
    assert lone.user is None
    assert lone.token is not None
    assert lone.token.read() == "hush"


def test_a_login_in_the_url_counts_where_none_is_named(home: Home) -> None:
    in_url = login(home, url="nats://me:hush@a")
    assert [part.read() for part in (in_url.user, in_url.password) if part] == ["me", "hush"]
    named = login(home, url="nats://me:hush@a", token="hush-2")
    assert named.user is None
    assert named.token is not None


def test_files_of_credentials_are_named_not_read(home: Home) -> None:
    made = login(home, creds="/x.creds", nkey="/x.nk")
    assert (made.creds, made.nkey) == (Path("/x.creds"), Path("/x.nk"))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
@pytest.mark.parametrize("secret", [{"token": "hush"}, {"user": "a", "password": "hush"}, {"url": "nats://hush@a"}])
def test_a_secret_that_lies_open_is_refused(home: Home, mode: int, secret: dict[str, str]) -> None:
    assert "can be used by others" in refused(home, mode=mode, **secret)


def test_a_secret_that_is_opened_later_is_refused_then(home: Home) -> None:
    token = login(home, token="hush").token
    assert token is not None
    (home.path / "config/nats/context/prod.json").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        token.read()


def test_a_context_without_a_secret_may_be_open(home: Home) -> None:
    assert context(home, mode=0o644, url="tls://a").connection.servers == ("tls://a:4222",)


def test_what_is_not_used_is_said(home: Home) -> None:
    assert context(home, nsc="nsc://o/a/u", user_jwt="hush").notices == (
        f"The NATS context {home.path}/config/nats/context/prod.json has 'nsc', which fxtop doesn't use.",
        f"The NATS context {home.path}/config/nats/context/prod.json has 'user_jwt', which fxtop doesn't use.",
    )


def test_an_absolute_path_may_stand_for_a_name(home: Home) -> None:
    path = home.write("elsewhere.json", '{"url": "a"}')
    assert read_context(str(path), home.env).connection.servers == ("nats://a:4222",)


@pytest.mark.parametrize("name", ["prd", "../context/prod", "prod.json", "", "a\x1b\0"])
def test_an_unknown_name_lists_the_known_ones(home: Home, name: str) -> None:
    home.context("prod", "{}")
    home.context("lab", "{}")
    with pytest.raises(ConfigError, match=r"There is no NATS context .*there are lab, prod") as caught:
        read_context(name, home.env)
    assert "\x1b" not in str(caught.value)


def test_without_any_context_that_is_said(home: Home) -> None:
    with pytest.raises(ConfigError, match="there is none"):
        read_context("prod", home.env)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"token": 5}', '{"tls_first": "yes"}', "[" * 10_000])
def test_a_broken_context_is_a_sentence(home: Home, text: str) -> None:
    home.context("prod", text)
    with pytest.raises(ConfigError, match="can't be understood"):
        read_context("prod", home.env)


def test_values_that_cannot_be_used_are_a_sentence(home: Home) -> None:
    assert "only nats:// and tls://" in refused(home, url="http://hush@a")
    assert "in another program (op://)" in refused(home, creds="op://vault/item")
    assert "NUL" in refused(home, ca="a\0")


def test_a_context_is_never_written(home: Home) -> None:
    path = home.context("prod", '{"token": "hush", "later": 1}')
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    home.load(context="prod")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
