"""The list of keys, and what each role allows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fxtop.agent.trust import Role, Trust, TrustError
from fxtop.protocol.control import TerminateArgs
from fxtop.protocol.ids import SessionId
from tests.unit.agent.kit import HELPDESK, NODE, OPERATOR

KEY = OPERATOR.public_key
OTHER = HELPDESK.public_key


def test_a_list_names_keys_and_roles() -> None:
    trust = Trust.parse(f"# who may\n{KEY} operator ann\n\n  {OTHER}  helpdesk  # the desk\n")
    assert trust.keys == {KEY: Role.OPERATOR, OTHER: Role.HELPDESK}
    assert (trust.name(KEY), trust.name(OTHER), trust.name(None)) == ("ann", "", "")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (KEY, "lacks a role"),
        (f"{KEY} king", "there is no role 'king', only operator, helpdesk, viewer, manager"),
        ("UABC operator", "not an operator's public key"),
        (f"{KEY[:-1]}{'B' if KEY.endswith('A') else 'A'} operator", "not an operator's public key"),
        (f"{KEY} operator\n{KEY} viewer", "a second role"),
    ],
    ids=["no role", "unknown role", "short key", "mistyped key", "two roles"],
)
def test_a_list_with_a_mistake_is_not_used_at_all(line: str, why: str) -> None:
    with pytest.raises(TrustError, match=why):
        Trust.parse(line, "keys")


def test_a_list_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"{KEY} operator")
    path.chmod(0o664)
    with pytest.raises(TrustError, match="can be written by others"):
        Trust.load(path)
    path.chmod(0o644)
    assert Trust.load(path).role(KEY) is Role.OPERATOR


def test_a_list_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys"
    path.write_text(f"{KEY} operator")
    if os.geteuid() == 0:
        os.chown(path, 4711, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 4712)
    with pytest.raises(TrustError, match="belongs to another user"):
        Trust.load(path)


def test_what_is_no_file_is_no_list(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "keys")
    with pytest.raises(TrustError, match="is not a file"):
        Trust.load(tmp_path / "keys")


def test_a_list_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="can't be read"):
        Trust.load(tmp_path / "keys")


def test_a_key_that_is_not_listed_has_no_role() -> None:
    assert Trust({KEY: Role.OPERATOR}).role(OTHER) is None


def test_the_help_desk_may_end_one_session_only() -> None:
    desk = Role.HELPDESK
    one, two = TerminateArgs(sessions=[SessionId("a")]), TerminateArgs(sessions=[SessionId("a"), SessionId("b")])
    assert desk.forbids("terminate", NODE) is None
    assert desk.forbids_extent(one) is None
    assert desk.forbids_extent(two) == "The role helpdesk may end one session at a time, not 2."
    assert desk.forbids("drain", NODE) == "The role helpdesk doesn't allow drain."
