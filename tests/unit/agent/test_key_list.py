"""The list of keys follows its file, without a restart and without a signal."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from fxtop.agent.key_list import KeyList
from fxtop.agent.trust import Role, Trust
from tests.unit.agent.kit import HELPDESK, OPERATOR, Asker, Node, running

KEY, OTHER = OPERATOR.public_key, HELPDESK.public_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    write(path, f"{KEY} operator ann\n")
    return path


def write(path: Path, text: str) -> None:
    """Put another file in its place, as every careful editor does."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o644)
    new.replace(path)


def test_a_changed_file_counts_from_the_next_look_on(path: Path) -> None:
    keys = KeyList(Trust.load(path), path)
    assert keys.now().role(KEY) is Role.OPERATOR
    write(path, f"{OTHER} helpdesk\n")
    assert keys.now().keys == {OTHER: Role.HELPDESK}


def test_a_file_changed_between_loading_and_the_first_look_counts(path: Path) -> None:
    keys = KeyList(Trust.load(path), path)
    write(path, "")
    assert not keys.now().keys


def test_a_list_with_a_mistake_leaves_the_last_good_one(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = KeyList(Trust.load(path), path)
    write(path, f"{KEY} king\n")
    for _ in range(3):
        assert keys.now().role(KEY) is Role.OPERATOR
    assert len(caplog.records) == 1
    assert "there is no role 'king'" in caplog.text


def test_a_list_that_others_can_write_is_not_taken_up(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = KeyList(Trust.load(path), path)
    keys.now()
    path.write_text(f"{OTHER} operator\n")
    path.chmod(0o666)
    assert keys.now().role(OTHER) is None
    assert "can be written by others" in caplog.text


def test_a_list_that_was_removed_lists_nobody_and_counts_again_when_it_is_back(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = KeyList(Trust.load(path), path)
    content = path.read_text()
    path.unlink()
    assert not keys.now().keys
    assert not keys.now().keys
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
    write(path, content)
    assert keys.now().role(KEY) is Role.OPERATOR


def test_a_site_s_own_roles_may_be_named_by_a_changed_list(path: Path) -> None:
    night = Role("night", frozenset(("resume",)))
    keys = KeyList(Trust(roles={"night": night}), path)
    write(path, f"{KEY} night\n")
    assert keys.now().role(KEY) is night


async def test_a_running_agent_refuses_a_key_from_the_moment_it_is_revoked(tmp_path: Path, path: Path) -> None:
    async with running(Node(tmp_path, trust=Trust(), keys_file=path)) as node:
        ann = Asker(node.bus, OPERATOR)
        assert (await ann.ask("weight", {"weight": 2})).reply.status == "done"
        write(path, "# nobody\n")
        assert (await ann.ask("weight", {"weight": 3})).reply.code == "unknown_key"
        assert node.provider.weight == 2.0
