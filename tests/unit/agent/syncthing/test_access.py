"""How syncthing's API is reached, by its config.xml."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.collectors.port import CollectError
from fxtop.agent.syncthing.access import access_of, read_access, trust_in, url_flaw

KEY = "k3y-of-nobody"


def config(address: str = "127.0.0.1:8384", *, tls: str = "false", enabled: str = "true", key: str = KEY) -> str:
    gui = f'<gui enabled="{enabled}" tls="{tls}"><address>{address}</address><apikey>{key}</apikey></gui>'
    return f'<?xml version="1.0"?>\n<!-- made by hand --><configuration version="36">{gui}</configuration>'


@pytest.mark.parametrize(
    ("address", "tls", "url"),
    [
        ("127.0.0.1:8384", "false", "http://127.0.0.1:8384"),
        ("127.0.0.1:8384", "true", "https://127.0.0.1:8384"),
        ("0.0.0.0:8384", "true", "https://127.0.0.1:8384"),
        (":8384", "false", "http://127.0.0.1:8384"),
        ("[::]:8384", "false", "http://127.0.0.1:8384"),
        ("[::1]:8384", "false", "http://[::1]:8384"),
        ("mgr1.example.edu:8384", "true", "https://mgr1.example.edu:8384"),
    ],
)
def test_the_address_is_reached_from_this_host(address: str, tls: str, url: str) -> None:
    access = read_access(config(address, tls=tls))
    assert (access.url, access.key) == (url, KEY)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (config(enabled="false"), "switched off"),
        (config(key=""), "no API key"),
        (config(key="a\nb"), "no API key"),
        (config("/run/syncthing.sock"), "Unix socket"),
        (config("10.0.0.7:8384"), "in clear"),
        (config("nowhere"), "URL"),
        ("<configuration/>", "switched off"),
        ("<configuration>", "no XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><configuration/>', "document type"),
    ],
    ids=["off", "no-key", "odd-key", "socket", "clear", "no-port", "no-gui", "cut-off", "entities"],
)
def test_what_can_not_be_used_is_said_without_the_key(text: str, why: str) -> None:
    with pytest.raises(CollectError, match=why) as raised:
        read_access(text)
    assert KEY not in str(raised.value)


def test_a_given_url_counts_over_the_file() -> None:
    assert read_access(config("/run/s.sock"), "https://[::1]:9").url == "https://[::1]:9"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8384", "http://localhost", "https://mgr1:8384", "http://[::1]:1"])
def test_the_key_may_go_where_nobody_overhears_it(url: str) -> None:
    assert url_flaw(url) is None


@pytest.mark.parametrize("url", ["http://mgr1:8384", "ftp://127.0.0.1", "127.0.0.1:8384", "http://", "http://x:y"])
def test_the_key_goes_nowhere_else(url: str) -> None:
    assert url_flaw(url)


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(read_access(config()))


def test_a_file_that_is_not_there_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match=r"config\.xml isn't there"):
        access_of(tmp_path / "config.xml")


def test_a_certificate_that_is_none_is_said_by_name(tmp_path: Path) -> None:
    (tmp_path / "https-cert.pem").write_text("-")
    with pytest.raises(CollectError, match=r"https-cert\.pem can't be used: it is no certificate"):
        trust_in(tmp_path / "https-cert.pem")
    with pytest.raises(CollectError, match="No such file"):
        trust_in(tmp_path / "none.pem")


@given(st.text() | st.text().map(config) | st.text().map(lambda text: config(key=text)))
def test_whatever_the_file_says_is_an_access_or_an_error_in_words(text: str) -> None:
    try:
        access = read_access(text)
    except CollectError:
        return
    assert access.key.isprintable()
    assert url_flaw(access.url) is None
