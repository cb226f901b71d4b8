"""Readers of what other programs and people write: whatever it is, they answer, or refuse in words of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fxtop.agent.collectors import units, versions
from fxtop.agent.collectors.units import MAX_UNITS, Units
from fxtop.agent.collectors.versions import MAX_PACKAGES, installed_packages
from fxtop.agent.run.parse import parse
from fxtop.agent.run.tables import AgentFile
from fxtop.agent.run.template import TEMPLATE
from fxtop.bus.greeting import NoGreeting, read_greeting
from fxtop.cli.node_select_flags import FLAGS, read_plain
from fxtop.clock import SystemClock
from fxtop.config.error import ConfigError
from fxtop.config.toml_lines import key_lines
from fxtop.doctor.gather.systemd import read_show
from fxtop.doctor.permissions import Permissions, read_permissions
from fxtop.ui.theme_file import ThemeError, parse_theme

LINES = st.lists(st.text(max_size=30), max_size=10).map("\n".join)
FILE = Path("agent.toml")


def around(*words: str) -> st.SearchStrategy[str]:
    """Text made of such words and of anything else."""
    return st.lists(st.sampled_from(words) | st.text(max_size=8), max_size=30).map("".join)


def outcome(read: Callable[[], Any], *refusals: type[Exception]) -> Any:
    """What ``read`` returns, or the sentence with which it refuses."""
    try:
        return read()
    except refusals as error:
        return str(error)


@given(around("[collect.", "host]\n", "every = ", "[bus]\n", "servers = ", '"', "1e999", "-1", "nan", "\n", "[", "]"))
@example("[[" * 2000)
@example("x = " + "[" * 5000)
def test_an_agents_file_is_its_tables_or_a_sentence(text: str) -> None:
    told = outcome(lambda: parse(text, key_lines(FILE, text)), ConfigError)
    assert isinstance(told, AgentFile) or told.startswith(str(FILE))


@given(st.integers(0, len(TEMPLATE)), st.integers(0, len(TEMPLATE)))
def test_a_piece_of_the_template_with_all_its_settings_is_read_or_refused(start: int, end: int) -> None:
    text = TEMPLATE[start:end].replace("\n# ", "\n")
    assert outcome(lambda: parse(text, key_lines(FILE, text)), ConfigError)


@given(around("Id=fastx5.service", "ActiveState=active", "LoadState=not-found", "=", "\n", "\n\n"))
def test_what_systemctl_shows_is_units_with_names(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "ask", lambda command, within: text)
        told = Units(Path("/nowhere")).read().units
    assert len(told) <= MAX_UNITS
    assert all(unit.name and unit.active for unit in told)


@given(around("installed ", "fastx5-server", " 5.0.24", "\n", " "))
def test_what_a_packages_database_prints_is_versions_by_name(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "ask", lambda command, within, codes: text)
        told = installed_packages()
    assert len(told) <= MAX_PACKAGES
    assert all(name and version for name, version in told.items())


@given(st.lists(st.sampled_from([f"--{name}" for name in FLAGS]) | st.text(max_size=8), max_size=8))
def test_a_hooks_words_are_read_whole_or_left_to_argparse(words: list[str]) -> None:
    said = read_plain(words)
    assert said is None or set(said) == {name.replace("-", "_") for name in FLAGS}


@given(around("Id=fastx5.service", "ActiveState=active", "ActiveEnterTimestampMonotonic=", "17", "²", "\n", "\n\n"))
@example("Id=a\nActiveState=active\nActiveEnterTimestampMonotonic=²")
@example("Id=a\nActiveState=active\nActiveEnterTimestampMonotonic=" + "9" * 5000)
def test_since_when_a_unit_runs_is_known_or_not(text: str) -> None:
    assert all(name == unit.name for name, unit in read_show(text, SystemClock()).items())


@given(st.binary() | around('INFO {"', "server_id", '":', "}", "tls_required", "true").map(str.encode))
def test_a_greeting_is_a_servers_or_none(line: bytes) -> None:
    assert outcome(lambda: read_greeting(line, "mgr1:4222"), NoGreeting)


@given(st.binary() | around('{"', "data", '":', "permissions", "publish", "allow", "[", "]", "{", "}").map(str.encode))
def test_permissions_are_some_or_none(payload: bytes) -> None:
    assert isinstance(read_permissions(payload), Permissions | None)


@given(LINES | around("[colors]\n", "background", " = ", '"#000000"', '"', "\n"))
def test_a_theme_is_one_or_a_sentence(text: str) -> None:
    assert outcome(lambda: parse_theme(text, "mine", "mine.toml"), ThemeError)
