"""``fxtop keys``: one's own key, and the list of keys on an agent's host."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fxtop.actions.keys import is_sealed
from fxtop.agent.listing_keys import trust_key
from fxtop.agent.roles import BUILT_IN
from fxtop.agent.trust import Trust, TrustError
from fxtop.cli.main import run as main
from fxtop.protocol.ids import PublicKey
from fxtop.protocol.signing import NkeySigner, new_seed

KEY, OTHER = (NkeySigner(new_seed()).public_key for _ in range(2))


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# who may\n{KEY} operator ann  # the boss\n")
    path.chmod(0o640)
    return path


def keys(*words: str, path: Path) -> int:
    return main(["keys", *words, "--list", str(path)])


def test_a_key_is_trusted_and_what_stands_in_the_list_stays(path: Path) -> None:
    assert keys("trust", OTHER, "helpdesk", "Bob", "Smith", path=path) == 0
    assert path.read_text() == f"# who may\n{KEY} operator ann  # the boss\n{OTHER} helpdesk Bob Smith\n"
    assert path.stat().st_mode & 0o777 == 0o640


def test_trusting_a_listed_key_changes_its_role(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert keys("trust", KEY, "viewer", path=path) == 0
    assert path.read_text() == f"# who may\n{KEY} viewer ann # the boss\n"
    assert "it was operator before" in capsys.readouterr().err


def test_a_list_is_begun_where_there_is_none(tmp_path: Path) -> None:
    assert keys("trust", KEY, "operator", "ann", path=tmp_path / "new") == 0
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o644
    assert Trust.load(tmp_path / "new").role(KEY) is BUILT_IN["operator"]


def test_a_revoked_key_leaves_a_remark(path: Path) -> None:
    assert keys("revoke", KEY, path=path) == 0
    comment, remark = path.read_text().splitlines()
    assert (comment, remark.startswith("# revoked 2")) == ("# who may", True)
    assert remark.endswith(f"UTC: {KEY} operator ann  # the boss")
    assert not Trust.load(path).keys


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("trust", KEY, "king"), "there is no role 'king', only operator, helpdesk, viewer, manager"),
        (("trust", "SUSEED", "operator"), "that is not an operator's public key"),
        (("trust", KEY), "Say `fxtop keys trust KEY ROLE"),
        (("revoke", OTHER), "is not in the list"),
        (("revoke",), "Say `fxtop keys revoke KEY`"),
    ],
    ids=["role", "seed", "no role", "not listed", "no key"],
)
def test_a_mistake_changes_nothing(
    path: Path, words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = path.read_text()
    assert keys(*words, path=path) == 2
    assert sentence in capsys.readouterr().err
    assert path.read_text() == before


def test_a_list_with_a_mistake_is_not_made_worse(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text("nonsense\n")
    assert keys("trust", KEY, "operator", path=path) == 2
    assert "Line 1 of" in capsys.readouterr().err
    assert path.read_text() == "nonsense\n"


def test_a_link_or_a_list_that_others_can_write_is_left_alone(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(TrustError, match="can't be changed: Too many levels of symbolic links"):
        trust_key(tmp_path / "link", OTHER, "viewer", "", BUILT_IN)
    path.chmod(0o666)
    with pytest.raises(TrustError, match="can be written by others"):
        trust_key(path, OTHER, "viewer", "", BUILT_IN)


def test_two_who_change_it_at_once_lose_nothing(path: Path) -> None:
    many = [PublicKey(NkeySigner(new_seed()).public_key) for _ in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: trust_key(path, key, "viewer", "", BUILT_IN), many))
    assert set(Trust.load(path).keys) == {KEY, *many}


def test_the_agents_file_says_which_list_and_which_roles(tmp_path: Path) -> None:
    agent = tmp_path / "agent.toml"
    agent.write_text("keys_file = 'mine'\n[roles.lab]\nverbs = ['message']\n")
    assert main(["keys", "trust", KEY, "lab", "--agent", str(agent)]) == 0
    assert (tmp_path / "mine").read_text() == f"{KEY} lab\n"


def test_check_says_what_is_wrong_with_key_and_list(path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = home / "op.nk"
    assert main(["keys", "new", str(key)]) == 0
    public = capsys.readouterr().out.strip()
    assert keys("check", str(key), path=path) == 0
    said = capsys.readouterr().out
    assert f"{public}, not sealed" in said
    assert [line.split() for line in said.splitlines()][-1] == ["operator", "ok", KEY]
    key.chmod(0o644)
    path.chmod(0o666)
    assert keys("check", str(key), path=path) == 1
    assert capsys.readouterr().out.count(" bad ") == 2


def test_a_sealed_key_is_made_with_the_passphrase_of_a_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "fxtop").mkdir()
    config = home / "fxtop" / "config.toml"
    config.write_text(f"[operator]\npassphrase_command = ['{sys.executable}', '-c', 'print(\"correct horse\")']\n")
    assert main(["keys", "new", "--seal"]) == 0
    made = capsys.readouterr().out
    assert is_sealed(home / "fxtop" / "operator.nk")
    assert main(["keys", "show"]) == 0
    assert capsys.readouterr().out == made


def test_without_a_terminal_nobody_is_asked_for_a_passphrase(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = os.open

    def without_terminal(path: str, *args: Any, **more: Any) -> int:
        if path == "/dev/tty":
            raise OSError(6, "No such device or address", path)
        return real(path, *args, **more)

    monkeypatch.setattr(os, "open", without_terminal)
    assert main(["keys", "new", str(home / "k"), "--seal"]) == 2
    assert "There is no terminal to ask on" in capsys.readouterr().err
