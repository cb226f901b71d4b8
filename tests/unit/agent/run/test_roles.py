"""A site's own roles and limits, in the agent's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.actions.keys import create
from fxtop.agent.limits import Limits
from fxtop.agent.roles import Role
from fxtop.agent.run.assembly import agent_config
from fxtop.agent.run.parse import parse
from fxtop.agent.run.program import _same
from fxtop.agent.run.roles import roles_of
from fxtop.agent.run.settings import AgentSettings, load
from fxtop.agent.run.tables import AgentFile
from fxtop.config.error import ConfigError
from fxtop.config.toml_lines import key_lines

LAB = '[roles.lab]\nverbs = ["terminate", "message"]\nsessions = 5\nusers = ["lab-*"]\nnodes = ["viz*"]\n'
PATH = Path("agent.toml")


def read(text: str) -> AgentFile:
    return parse(text, key_lines(PATH, text))


def test_a_role_of_the_file_stands_beside_those_that_are_always_there() -> None:
    roles = roles_of(read(LAB).roles)
    assert list(roles) == ["operator", "helpdesk", "viewer", "manager", "lab"]
    assert roles["lab"] == Role("lab", frozenset(("terminate", "message")), 5, ("lab-*",), ("viz*",))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[roles.operator]\nverbs = ['drain']\n", "is a role that is always there"),
        ("[roles.Lab]\nverbs = ['drain']\n", "can't be a role's name"),
        ("[roles.lab]\n", r"\[roles.lab\] has no 'verbs': say what it allows"),
        ("[roles.lab]\nverbs = ['reboot']\n", "names 'reboot', but there are drain, resume"),
        ("[roles.lab]\nverbs = ['drain']\nsessions = 0\n", "has to be 1 at least"),
        ("[roles.lab]\nverbs = ['drain']\nuser = ['ann']\n", "did you mean 'users'"),
        ("[roles]\nlab = 1\n", "has to be a table"),
        ("[limits]\njobs = 0\n", "has to be 1 to 100000, not 0"),
    ],
    ids=["built in", "name", "no verbs", "verb", "no sessions", "mistyped", "no table", "no jobs"],
)
def test_a_role_that_can_not_be_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read(text)


def machine(folder: Path, text: str, role: str = "lab") -> AgentSettings:
    """The settings of a machine whose list has one key of that role."""
    key = folder / "op.nk"
    public = create(key).public_key if not key.exists() else (folder / "keys").read_text().split()[0]
    (folder / "keys").write_text(f"{public} {role}\n")
    (folder / "keys").chmod(0o644)
    (folder / "agent.toml").write_text(f"keys_file = 'keys'\n{text}[limits]\njobs = 3\n")
    return load(folder / "agent.toml", {}, {}, folder)


def test_the_list_of_keys_may_name_a_role_of_the_file(tmp_path: Path) -> None:
    settings = machine(tmp_path, LAB)
    (role,) = settings.trust.keys.values()
    assert role.name == "lab"
    config = agent_config(settings)
    assert (config.limits, config.keys_file) == (Limits(jobs=3), tmp_path / "keys")


def test_a_changed_role_is_taken_up_without_putting_the_agent_together_anew(tmp_path: Path) -> None:
    before = machine(tmp_path, LAB)
    assert _same(before, machine(tmp_path, LAB.replace("sessions = 5", "sessions = 6")))
    assert not _same(before, machine(tmp_path, f"capacity = 3\n{LAB}"))
