from __future__ import annotations

from importlib import import_module

import pytest

from fxtop.cli.exits import Usage
from fxtop.cli.flags import settings_flags
from fxtop.cli.parser import COMMANDS, CONSOLE, Entry, parse


@pytest.mark.parametrize(
    "line",
    [
        ["--cluster", "prod", "--ascii", "get", "nodes"],
        ["get", "--cluster", "prod", "nodes", "--ascii"],
        ["get", "nodes", "--ascii", "--cluster=prod"],
        ["--ascii", "get", "nodes", "--cluster", "prod"],
    ],
)
def test_global_flags_stand_before_the_command_or_after_it(line: list[str]) -> None:
    _, args = parse(line)
    assert settings_flags(args) == {"cluster": "prod", "ascii": True}
    assert args.kind == "nodes"


def test_a_flag_that_was_not_given_is_no_setting() -> None:
    _, args = parse(["get", "nodes"])
    assert settings_flags(args) == {}


def test_several_servers_may_be_named() -> None:
    _, args = parse(["--server", "tls://a:1", "get", "nodes", "--server", "tls://b:2"])
    assert settings_flags(args) == {"server": ["tls://a:1", "tls://b:2"]}


def test_no_command_is_the_console() -> None:
    command, args = parse(["--theme", "light"])
    assert command is import_module(CONSOLE.module)
    assert settings_flags(args) == {"theme": "light"}


def test_a_slip_of_the_pen_is_told_what_was_meant() -> None:
    with pytest.raises(Usage, match="Did you mean 'drain'"):
        parse(["drian", "viz01"])


def test_a_wrong_line_is_a_sentence_that_names_the_help() -> None:
    with pytest.raises(Usage, match="fxtop get --help"):
        parse(["get", "moons"])


def test_flags_are_not_abbreviated() -> None:
    with pytest.raises(Usage, match="--clus"):
        parse(["get", "nodes", "--clus", "prod"])


@pytest.mark.parametrize("line", [["--sort", "-cpu"], ["--sort=-cpu"]])
def test_a_column_may_be_sorted_by_with_a_minus(line: list[str]) -> None:
    _, args = parse(["get", "nodes", *line])
    assert args.sort == "-cpu"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([name, "--help"])
    assert ended.value.code == 0
    out = " ".join(capsys.readouterr().out.split())
    assert COMMANDS[name].help in out
    assert "--config" in out


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("entry", [CONSOLE, *COMMANDS.values()], ids=lambda entry: entry.module)
def test_every_command_is_a_command(entry: Entry) -> None:
    module = import_module(entry.module)
    assert callable(module.add_arguments)
    assert callable(module.run)
