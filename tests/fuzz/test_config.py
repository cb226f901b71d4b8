"""No text in a file or variable does more than be understood or be refused in a sentence."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.config.environment import NAMES, from_environment, variable
from fxtop.config.error import ConfigError
from fxtop.config.fastx import fastx_place
from fxtop.config.nats_context import parse_context
from fxtop.config.private_file import FileText
from fxtop.config.servers import parse_servers
from fxtop.config.token_text import find_token, read_lines
from fxtop.config.toml_file import TomlFile
from fxtop.config.toml_lines import key_lines
from fxtop.config.toml_parse import parse_toml
from fxtop.config.zones import zone
from tests.unit.protocol.strategies import JSON

PATH = Path("/somewhere/file")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
NAMES_IN_FILES = ["cluster", "clusters", "prod", "ui", "tz", "servers", "keys", "token", "nats://a@b", "x" * 200]
MARKS = ["[", "]", "[[", "=", ".", '"', "'", "'''", "\n", " ", ":", "{", "}", ",", "#", "\\u0000"]
VALUES = ["5", "1e999", "true", "1979-05-27"]
WORDS = st.sampled_from(NAMES_IN_FILES + MARKS + VALUES)
SOUP = st.lists(WORDS, max_size=30).map("".join)
FIELDS = ["url", "token", "user", "password", "creds", "nkey", "cert", "key", "ca", "nsc", "user_jwt", "tls_first"]


def assert_sentence(error: Exception) -> None:
    assert str(error)
    assert not set(str(error)) & set("\x00\x07\x1b\x7f\x9b\u202e")


@settings(deadline=None, max_examples=400)
@given(TEXT | SOUP)
def test_any_text_as_the_configuration(text: str) -> None:
    lines = key_lines(PATH, text)
    try:
        file = TomlFile(lines, parse_toml(text, lines), 0o600)
        file.general()
        for name in file.clusters:
            file.cluster(name)
    except ConfigError as error:
        assert_sentence(error)
        assert str(PATH) in str(error)


@settings(deadline=None, max_examples=300)
@given(JSON, st.sampled_from(["cluster", "clusters", "operator", "control", "ui", "keys"]), st.booleans())
def test_any_value_in_any_table(value: object, table: str, deep: bool) -> None:
    text = f"{table}.prod.servers = {json.dumps(value)}\n" if deep else f"{table} = {json.dumps(value)}\n"
    try:
        parse_toml(text, key_lines(PATH, text))
    except ConfigError as error:
        assert_sentence(error)


@settings(deadline=None, max_examples=300)
@given(TEXT | SOUP)
def test_any_text_as_an_ini_or_a_token(text: str) -> None:
    read_lines(text)
    try:
        assert find_token(text).isprintable()
    except ValueError as error:
        assert_sentence(error)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=100) | SOUP.map(str.encode), st.binary(max_size=100) | SOUP.map(str.encode))
def test_any_bytes_as_fastxs_files(secret: bytes, environment: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "transporter-secret.ini").write_bytes(secret)
        (Path(folder) / "transporter-secret.ini").chmod(0o600)
        (Path(folder) / "fastx.env").write_bytes(environment)
        connection = fastx_place({"FX_CONFIG_DIR": folder}).given.connection
        assert connection.login is not None
        assert connection.login.token is not None
        try:
            connection.login.token.read()
        except ConfigError as error:
            assert_sentence(error)


@settings(deadline=None, max_examples=300)
@given(TEXT | JSON.map(json.dumps) | st.dictionaries(st.sampled_from(FIELDS), TEXT | JSON).map(json.dumps))
def test_any_text_as_a_context(text: str) -> None:
    try:
        parse_context(PATH, FileText(text, 0o600))
    except ConfigError as error:
        assert_sentence(error)


@settings(deadline=None, max_examples=300)
@given(TEXT | SOUP | st.text("nats:/@[].,0123456789%", max_size=30))
def test_any_text_as_servers(text: str) -> None:
    try:
        parsed = parse_servers([text])
    except ValueError as error:
        assert_sentence(error)
    else:
        assert all("@" not in url and url.isprintable() for url in parsed.urls)
        assert parse_servers(parsed.urls).urls == parsed.urls


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(NAMES).map(variable), TEXT))
def test_any_text_in_the_environment(env: dict[str, str]) -> None:
    try:
        from_environment(env)
    except ConfigError as error:
        assert_sentence(error)


@settings(deadline=None)
@given(TEXT)
def test_any_text_as_a_time_zone(name: str) -> None:
    try:
        zone(name)
    except ValueError as error:
        assert_sentence(error)
