from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fxtop.demo import extra
from fxtop.demo.errors import DemoError


def test_the_server_beside_this_python_comes_first() -> None:
    assert extra.nats_server() == Path(sys.executable).parent / "nats-server"


def test_a_missing_server_is_a_sentence_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DemoError, match=r"pip install 'fxtop\[demo\]'"):
        extra.nats_server()


def test_missing_trustme_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    with pytest.raises(DemoError, match="trustme"):
        extra.require()
