"""FastX's own files: whatever can be understood of them, and no error for what can't."""

from __future__ import annotations

import pytest

from fxtop.config.error import ConfigError
from fxtop.config.fastx import fastx_place
from tests.unit.config.conftest import Home

INI = "fastx/transporter-secret.ini"


def servers(home: Home) -> tuple[str, ...] | None:
    return fastx_place(home.env).given.connection.servers


def test_without_fastx_nothing_is_said(home: Home) -> None:
    connection = fastx_place(home.env).given.connection
    assert (connection.servers, connection.login) == (None, None)


def test_the_token_is_the_transporters_secret(home: Home) -> None:
    path = home.write(INI, "[transporter]\ntoken = hush\n")
    place = fastx_place(home.env)
    assert place.given.connection.login is not None
    assert place.given.connection.login.token is not None
    assert place.given.connection.login.token.read() == "hush"
    assert place.source("login") == str(path)


def test_a_secret_that_lies_open_is_refused_when_it_is_read(home: Home) -> None:
    home.write(INI, "token = hush\n", mode=0o644)
    login = fastx_place(home.env).given.connection.login
    assert login is not None
    assert login.token is not None
    with pytest.raises(ConfigError, match=r"FastX's secret .*transporter-secret.ini .*chmod 600") as caught:
        login.token.read()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("ini", "found"),
    [
        ("url = tls://mgr1:4222\n", ("tls://mgr1:4222",)),
        ('x = "nats://a:1, tls://b"\ny=nats://c\n', ("nats://a:1", "tls://b:4222", "nats://c:4222")),
        ("url = nats://hush@mgr1\n", ("nats://mgr1:4222",)),
        ("servers = mgr1.example.edu, mgr2.example.edu:5222\n", ("nats://mgr1.example.edu:4222", "nats://mgr2.example.edu:5222")),
        ("NatsHost = 10.0.0.1\n", ("nats://10.0.0.1:4222",)),
        ("natsEnabled = true\n", None),
        ("server = mgr1\n", None),
        ("token = a.b.c\n", None),
        ("url = tls://[broken\n", None),
    ],
)  # fmt: skip
def test_servers_are_taken_from_urls_or_lists_of_hosts(home: Home, ini: str, found: tuple[str, ...] | None) -> None:
    home.write(INI, ini)
    assert servers(home) == found


def test_urls_may_stand_in_the_environment_file_but_hosts_are_not_guessed_there(home: Home) -> None:
    path = home.write(
        "fastx/fastx.env", "FX_HOST=viz07.example.edu\nexport TRANSPORTER='nats://mgr1:4222'\n", mode=0o644
    )
    assert servers(home) == ("nats://mgr1:4222",)
    assert fastx_place(home.env).source("servers") == str(path)


def test_the_transporters_secret_counts_before_the_environment_file(home: Home) -> None:
    home.write("fastx/fastx.env", "TRANSPORTER=nats://old\n")
    home.write(INI, "url=nats://new\n")
    assert servers(home) == ("nats://new:4222",)


def test_files_that_are_no_text_say_nothing(home: Home) -> None:
    home.write(INI, "").write_bytes(b"\xff\xfe")
    home.write("fastx/fastx.env", "").write_bytes(b"\xff\xfe")
    assert servers(home) is None
