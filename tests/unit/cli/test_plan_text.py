from __future__ import annotations

from fxtop.actions.model import ActionId, Confirmation, Consequences, Intent, Plan, Step
from fxtop.cli.plan_text import plan_lines
from fxtop.protocol.control import Args
from fxtop.protocol.ids import ClusterSlug
from tests.unit.cluster.kit import key


def plan(sessions: int = 1) -> Plan:
    keys = tuple(key("viz01", f"s{number}") for number in range(sessions))
    return Plan(
        id=ActionId("p1"),
        cluster=ClusterSlug("prod"),
        intent=Intent(verb="terminate", sessions=keys),
        steps=(Step("viz01", "terminate", Args(), "terminate 1 session of ann"),),
        consequences=Consequences(sessions=keys, users=("ann",), seats_freed=None, notes=("Work will be lost.",)),
        confirmation=Confirmation("type", "prod", why="It is the last launcher."),
        made_at=0.0,
        skipped=(("viz02", "viz02 is lost."),),
    )


def test_a_plan_says_where_what_and_what_comes_of_it() -> None:
    text = "\n".join(plan_lines(plan(), "PROD"))
    for part in (
        "Terminate on cluster prod [PROD], 1 request:",
        "viz01: terminate 1 session of ann",
        "sessions concerned: 1: viz01/s0",
        "users: 1: ann",
        "Work will be lost.",
        "left out: viz02 is lost.",
        "It is the last launcher.",
    ):
        assert part in text


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    assert "  seats that come free: unknown" in list(plan_lines(plan(), "PROD"))


def test_a_long_list_is_counted_and_cut() -> None:
    line = next(line for line in plan_lines(plan(500), "PROD") if "sessions concerned" in line)
    assert "concerned: 500: viz01/s0," in line
    assert line.endswith(" more")
    assert len(line) < 400
