"""Nothing but rlmstat is ever run: the same program can stop the server."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.rlm.command import FILTERS, FLAGS, CommandError, RlmCommand, servers
from fxtop.protocol.ids import LicenseId

RLMUTIL = Path("/opt/rlm/rlmutil")
LIC1 = LicenseId("5053@lic1")
TOOLS = [
    "rlmdown", "rlmreread", "rlmremove", "rlmswitch", "rlmswitchr", "rlmnewlog", "rlmadduser", "rlmdebug", "rlmhostid",
    "rlmanon", "rlm", "rlmstat", "RLMDOWN.EXE", "rlmdown.sh",
]  # fmt: skip


def test_the_command_is_rlmstat_for_one_server() -> None:
    assert RlmCommand(RLMUTIL, LIC1).arguments == ("rlmutil", "rlmstat", "-a", "-c", "5053@lic1")


def test_options_that_ask_for_less_or_more_are_passed_on() -> None:
    command = RlmCommand(RLMUTIL, LIC1, ("-a", "-i", "starnet", "-l", "-u", "ann"))
    assert command.arguments == (
        "rlmutil", "rlmstat", "-a", "-i", "starnet", "-l", "-u", "ann", "-c", "5053@lic1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "whole"), [(("-a",), True), (("-a", "-I"), True), (("-a", "-i", "starnet"), False), (("-i",), False)]
)
def test_an_answer_is_whole_where_nothing_is_left_out(options: tuple[str, ...], whole: bool) -> None:
    assert RlmCommand(RLMUTIL, LIC1, options).whole is whole


@pytest.mark.parametrize(
    "name", ["rlmutil", "rlmutil.exe", "RLMUTIL", "rlmutil_wrapper", "rlm-stat.sh", "starnet-rlmutil"]
)
def test_programs_that_may_be_run(name: str) -> None:
    assert RlmCommand(Path("/opt/rlm") / name, LIC1).arguments[:2] == ("rlmutil", "rlmstat")


@pytest.mark.parametrize("name", TOOLS)
def test_a_program_with_the_name_of_another_tool_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="may be another tool"):
        RlmCommand(Path("/opt/rlm") / name, LIC1)


def test_a_program_without_its_whole_path_is_refused() -> None:
    with pytest.raises(CommandError, match="whole one"):
        RlmCommand(Path("rlmutil"), LIC1)


@pytest.mark.parametrize(
    "options",
    [
        *[(tool,) for tool in TOOLS],
        ("-a", "rlmdown"),
        ("rlmdown", "-a"),
        ("-i", "starnet", "rlmdown"),
        ("-c", "5053@elsewhere"),
        ("-avail",),
        ("-v",),
        ("-h",),
        ("--",),
        ("",),
        ("-i", ""),
        ("-i", "a b"),
        ("-i", "a\nb"),
        ("-i", "a\x00b"),
        ("-i", "x" * 257),
        ("-a;rlmdown",),
        ("-a", "$(rlmdown)"),
    ],
)
def test_options_that_do_not_ask_are_refused(options: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="is no option of rlmstat"):
        RlmCommand(RLMUTIL, LIC1, options)


@pytest.mark.parametrize("options", [("-z", "hunter2"), ("-zhunter2",), ("-a", "-z", "hunter2")])
def test_a_password_is_refused_and_not_told(options: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="everybody on this machine") as caught:
        RlmCommand(RLMUTIL, LIC1, options)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "server",
    [
        "", "lic1", "@lic1", "5053@", "0@lic1", "65536@lic1", "123456@lic1", "-1@lic1", "5053@-c", "5053@lic 1",
        "5053@lic1\n", "5053@lic1:5053@lic2", "5053@lic1/../x", "rlmdown", "5053@lic1;rlmdown", " 5053@lic1",
        "5053@" + "x" * 254,
    ],
)  # fmt: skip
def test_a_server_is_a_port_and_a_host(server: str) -> None:
    with pytest.raises(CommandError, match="port@host"):
        RlmCommand(RLMUTIL, LicenseId(server))


@pytest.mark.parametrize(
    "server", ["5053@lic1", "1@lic-1.example.edu", "65535@10.0.0.1", "5053@[fe80::1]", "5053@LIC_1"]
)
def test_servers_that_may_be_asked(server: str) -> None:
    assert RlmCommand(RLMUTIL, LicenseId(server)).arguments[-1] == server


@given(st.lists(st.text() | st.sampled_from([*FLAGS, *FILTERS, *TOOLS]), max_size=5).map(tuple), st.text())
def test_whatever_is_configured_the_verb_is_rlmstat(options: tuple[str, ...], server: str) -> None:
    try:
        name, verb, *rest = RlmCommand(RLMUTIL, LicenseId(server or "5053@lic1"), options).arguments
    except CommandError as error:
        assert str(error)
        return
    assert (name, verb) == ("rlmutil", "rlmstat")
    assert rest[-2:] == ["-c", server or "5053@lic1"]
    assert rest.count("-c") == 1


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("5053@lic1", ["5053@lic1"]),
        ("5053@lic1:5053@lic2", ["5053@lic1", "5053@lic2"]),
        ("5053@lic1;5054@lic2:5053@lic1", ["5053@lic1", "5054@lic2"]),
        ("5053@[fe80::1]:5053@lic2", ["5053@[fe80::1]", "5053@lic2"]),
    ],
)
def test_a_license_path_names_servers(path: str, found: list[str]) -> None:
    assert servers(path) == found


@pytest.mark.parametrize("path", ["", "/opt/fastx/license.lic", "5053@lic1:/opt/fastx/license.lic"])
def test_a_license_path_of_files_names_none(path: str) -> None:
    with pytest.raises(CommandError, match="port@host"):
        servers(path)
