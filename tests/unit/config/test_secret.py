"""Secrets are read late, only from files that are the owner's alone, and are never shown."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path

import pytest

from fxtop.config.error import ConfigError
from fxtop.config.private_file import MAX_FILE
from fxtop.config.secret import Secret, held, token_file

HUSH = "hush-hush-token"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(HUSH + "\n")
    path.chmod(0o600)
    return path


def refused(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        token_file(path).read()
    assert HUSH not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_token_is_read_from_its_owners_file(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert token_file(file).read() == HUSH


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o602, 0o601, 0o777])
def test_a_file_that_others_can_use_is_refused_with_what_to_do(file: Path, mode: int) -> None:
    file.chmod(mode)
    sentence = refused(file)
    assert f"mode {mode:04o}" in sentence
    assert f"chmod 600 {file}" in sentence


def test_the_file_that_a_link_points_to_is_judged(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    assert token_file(link).read() == HUSH
    file.chmod(0o644)
    refused(link)


def test_it_is_read_anew_each_time(file: Path) -> None:
    secret = token_file(file)
    assert secret.read() == HUSH
    file.write_text("[nats]\ntoken = another\n")
    assert secret.read() == "another"
    file.unlink()
    assert "isn't there" in refused(file)


def test_what_is_no_token_file_is_refused(tmp_path: Path) -> None:
    assert "it is not a file" in refused(tmp_path)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o600)
    assert "it is not a file" in refused(fifo)
    large = tmp_path / "large"
    large.touch(0o600)
    os.truncate(large, MAX_FILE + 1)
    assert "more than" in refused(large)


def test_bytes_that_are_no_text_are_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused(file)


def test_a_file_without_a_token_is_named(file: Path) -> None:
    file.write_text("[nats]\nhost = hush-hush-token\n")
    assert "holds no token" in refused(file)


def test_a_files_byte_order_mark_is_not_part_of_the_token(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + HUSH.encode())
    assert token_file(file).read() == HUSH


@pytest.mark.parametrize("make", [token_file, lambda _: held(HUSH, "--server")])
def test_no_text_of_a_secret_shows_it(file: Path, make: object) -> None:
    assert callable(make)
    secret: Secret = make(file)
    assert secret.read() == HUSH
    assert HUSH not in f"{secret!r} {secret!s} {secret}"
    assert secret.source in repr(secret)


@pytest.mark.parametrize("store", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_cannot_be_stored_or_copied(file: Path, store: object) -> None:
    assert callable(store)
    with pytest.raises(TypeError, match="not copied or stored"):
        store(token_file(file))
