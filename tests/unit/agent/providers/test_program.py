"""Programs of a site: no shell, limits, and nobody else's work run as root."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.providers.fastx.procfs import NoProcess, read_stat
from fxtop.agent.providers.program import ProgramError, Runner, SiteCommand, TemplateError, require_safe
from tests.unit.agent.providers.fastx_machine import root_only

SH = "/bin/sh"


def sh(script: str, *arguments: str, **limits: float) -> SiteCommand:
    return SiteCommand((SH, "-c", script, "sh", *arguments), **limits)  # type: ignore[arg-type]  # passed on


async def test_what_it_says_and_hears_is_passed_on() -> None:
    assert await sh("cat; echo $1", "{id}").run({"id": "seven"}, b"heard ") == b"heard seven\n"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_a_value_is_one_argument_and_is_not_expanded_again(value: str) -> None:
    command = SiteCommand(("/bin/x", "{id}", "--id={id}", "{other}"))
    prefix = " " if value.startswith("-") else ""
    assert command.fill({"id": value, "other": "{id}"}) == ["/bin/x", prefix + value, f"--id={value}", "{id}"]


async def test_no_shell_sees_a_value() -> None:
    echo = SiteCommand(("/bin/echo", "{id}"))
    assert await echo.run({"id": "$(id); `id` > /tmp/x"}) == b"$(id); `id` > /tmp/x\n"


async def test_its_environment_holds_nothing_of_the_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FXTOP_TOKEN", "secret")
    said = (await SiteCommand(("/usr/bin/env",)).run({}, env={"DISPLAY": ":1"})).decode().splitlines()
    assert {line.partition("=")[0] for line in said} == {"PATH", "LANG", "DISPLAY"}


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (sh("echo oops >&2; exit 3"), "/bin/sh failed with status 3: oops"),
        (sh("kill -9 $$"), r"was ended by signal 9\.$"),
        (sh("printf 'a\\033]0;x\\007b' >&2; exit 1"), "a·]0;x·b"),
        (sh("sleep 600 & sleep 600", limit=0.2), "didn't end within 0.2 s and was killed"),
        (sh("cat /dev/zero", output=1000), "more than 1000 bytes"),
        (SiteCommand(("/bin/no-such-program",)), "No such file"),
        (SiteCommand(("/etc/passwd",)), "Permission denied"),
        (SiteCommand(("/etc",)), "not a file"),
        (SiteCommand(("/bin/echo", "a\0b")), "null byte"),
    ],
)
async def test_a_failure_is_a_sentence(command: SiteCommand, sentence: str) -> None:
    with pytest.raises(ProgramError, match=sentence):
        await command.run({})


async def test_what_takes_too_long_is_killed_with_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with pytest.raises(ProgramError):
        await sh("sleep 600 & echo $! $$ > $1; wait", str(pids), limit=0.5).run({})
    for pid in pids.read_text().split():
        with pytest.raises(NoProcess):
            while True:
                read_stat(int(pid))


async def test_a_program_need_not_hear_what_it_is_told() -> None:
    assert await sh("exec 0<&-; echo ok").run({}, b"x" * 1_000_000) == b"ok\n"


async def test_much_complaint_does_not_block_it() -> None:
    assert await sh("head -c 1000000 /dev/zero >&2; echo ok").run({}) == b"ok\n"


@pytest.mark.parametrize("argv", [(), ("echo",), ("/bin/echo", "{sesion}"), ("{session}",)])
def test_a_command_that_can_not_be_used_is_refused_before_it_is_needed(argv: tuple[str, ...]) -> None:
    with pytest.raises(TemplateError):
        SiteCommand(argv).check(frozenset({"session"}), "terminate")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "bin" / "list"
    file.parent.mkdir()
    file.write_text("#!/bin/sh\necho ok\n")
    file.chmod(0o755)
    yield file


def test_a_program_of_ones_own_is_safe(program: Path) -> None:
    require_safe(program)


@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_program_that_others_can_change_is_not_run(program: Path, which: str) -> None:
    changed = program if which == "file" else program.parent
    changed.chmod(0o777)
    with pytest.raises(ProgramError, match="changed by others"):
        require_safe(program)


@root_only
@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_program_of_somebody_else_is_not_run(program: Path, which: str) -> None:
    os.chown(program if which == "file" else program.parent, 61_000, 61_000)
    with pytest.raises(ProgramError, match="belong to root"):
        require_safe(program)


def test_a_link_is_judged_by_where_it_leads(program: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(program)
    require_safe(link)
    program.parent.chmod(0o777)
    with pytest.raises(ProgramError):
        require_safe(link)


@root_only
async def test_it_runs_as_the_user_and_has_none_of_roots_groups() -> None:
    command = sh("id -u; id -G; echo $HOME $USER; pwd")
    said = await command.run({}, runner=Runner(61_000, 61_001, "ann", "/home/ann"))
    assert said.decode().splitlines() == ["61000", "61001", "/home/ann ann", "/"]


def test_the_shell_of_these_tests_is_there() -> None:
    assert shutil.which(SH)
