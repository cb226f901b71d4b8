"""What is said on an operator's machine: of the terminal, and of the login's rights."""

from __future__ import annotations

import json

import pytest

from fxtop.cluster.records import Severity
from fxtop.doctor import permissions, terminal
from fxtop.doctor.finding import Finding, Missing, NotChecked
from fxtop.doctor.permissions import Permissions, covers, read_permissions
from fxtop.doctor.terminal import Terminal
from fxtop.protocol.ids import ClusterSlug

GOOD = Terminal(True, 120, 40, "utf-8", {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, True)
FX = ClusterSlug("fx")


def told(screen: Terminal) -> dict[str, str]:
    return {found.kind: found.text for found in terminal.judge(screen) if isinstance(found, Finding)}


def test_a_good_terminal_has_nothing_to_find() -> None:
    assert told(GOOD) == {}


@pytest.mark.parametrize(
    ("screen", "kind", "words"),
    [
        (GOOD._replace(columns=60), "terminal-size", "60x40, smaller than 80x24"),
        (GOOD._replace(lines=10), "terminal-size", "120x10"),
        (GOOD._replace(encoding="ISO-8859-1"), "terminal-encoding", "ISO-8859-1"),
        (GOOD._replace(env={"TERM": "xterm"}), "terminal-colors", "doesn't say that it shows all colours"),
        (GOOD._replace(env={"TERM": "dumb"}), "terminal-colors", "can show nothing"),
        (GOOD._replace(synchronized=False), "terminal-sync", "the terminal doesn't know"),
        (
            GOOD._replace(synchronized=False, env={"TERM": "screen", "COLORTERM": "24bit"}),
            "terminal-sync",
            "the multiplexer doesn't know",
        ),
    ],
)
def test_a_terminal_that_makes_the_console_hard_to_read(screen: Terminal, kind: str, words: str) -> None:
    assert list(told(screen)) == [kind]
    assert words in told(screen)[kind]


def test_what_only_the_terminal_knows_is_not_checked() -> None:
    piped = list(terminal.judge(GOOD._replace(is_one=False, columns=1, synchronized=Missing("nobody answers"))))
    assert {left.what for left in piped if isinstance(left, NotChecked)} == {
        "the terminal's size",
        "synchronized output",
    }
    assert not [found for found in piped if isinstance(found, Finding)]


@pytest.mark.parametrize(
    ("pattern", "subject", "covered"),
    [
        ("a.b", "a.b", True),
        ("a.*", "a.b", True),
        ("a.*", "a.*", True),
        ("a.b", "a.*", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        (">", "a.>", True),
        ("a.>", "a.>", True),
        ("a.*", "a.>", False),
        ("a", "a.b", False),
        ("a.b.c", "a.b", False),
    ],
)
def test_whether_a_permission_covers_a_subject(pattern: str, subject: str, covered: bool) -> None:
    assert covers(pattern, subject) is covered


def answer(**rules: object) -> Permissions | None:
    user = {"user": "x", "permissions": rules} if rules else {"user": "x"}
    return read_permissions(json.dumps({"server": {"name": "s"}, "data": user}).encode())


def said(found: Permissions | None) -> list[tuple[Severity, str]]:
    return [(each.severity, each.text) for each in permissions.judge(found, FX, "s") if isinstance(each, Finding)]


def test_no_list_at_all_allows_everything() -> None:
    assert said(answer()) == []


def test_a_viewers_rights_are_told_by_what_they_lack() -> None:
    viewer = answer(
        publish={"allow": ["fxtop.fx.sync", "fxtop.fx.history"]},
        subscribe={"allow": ["fxtop.fx.>"], "deny": ["fxtop.fx.audit.>"]},
    )
    assert said(viewer) == [
        (Severity.WARN, "this login can't hear audit"),
        (Severity.INFO, "this login can't send drain, resume, terminate and 4 more"),
    ]


MAY_ASK = ["fxtop.fx.sync", "fxtop.fx.history", "fxtop.fx.intent.*", "fxtop.fx.ctl.node.*.recall"]


def test_a_login_for_managers_alone_can_rebalance() -> None:
    found = answer(publish={"allow": [*MAY_ASK, "fxtop.fx.ctl.manager.*", "fxtop.fx.ctl.node.*.drain"]})
    assert said(found) == [(Severity.INFO, "this login can't send resume, terminate, message and 2 more")]


def test_whoever_may_not_ask_for_a_plan_can_not_rebalance_either() -> None:
    rights = [*MAY_ASK, "fxtop.fx.ctl.node.>", "fxtop.fx.ctl.manager.rebalance"]
    assert said(answer(publish={"allow": rights})) == [(Severity.INFO, "this login can't send rebalance")]


@pytest.mark.parametrize(
    ("right", "lack"),
    zip(
        MAY_ASK,
        [
            "ask the agents for their state",
            "ask the agents what they decided",
            "tell other operators what it is about to do",
            "ask what became of a request",
        ],
        strict=True,
    ),
)
def test_whoever_acts_is_told_what_it_can_not_ask_or_tell(right: str, lack: str) -> None:
    assert said(answer(publish={"deny": [right]})) == [(Severity.WARN, f"this login can't {lack}")]


def test_who_cannot_ask_for_the_state_is_told_so() -> None:
    assert (Severity.WARN, "this login can't ask the agents for their state") in said(
        answer(publish={"deny": ["*.fx.sync"]})
    )


@pytest.mark.parametrize("payload", [b"", b"{}", b"[1]", b'{"data": 5}', b"\xff"])
def test_an_answer_that_is_none_is_not_checked(payload: bytes) -> None:
    left = list(permissions.judge(read_permissions(payload), FX, "s"))
    assert left == [NotChecked("what this login may do on the bus", "s doesn't tell")]
