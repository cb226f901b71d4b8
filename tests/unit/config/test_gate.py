"""The gate's permissions are what this protocol uses: all of it, and nothing of anybody else's."""

from __future__ import annotations

import pytest

from fxtop.agent.manager.member import OBSERVED
from fxtop.agent.manager.shelf import PLAN_CLASS
from fxtop.bus.settings import BusSettings, subscriptions
from fxtop.config.gate.plan import plain_name, route_address
from fxtop.config.gate.roles import Role, RoleName, roles
from fxtop.protocol.consent import INTENT
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.subjects import build, wildcard
from fxtop.sources.moleculer.packets import SUBJECTS
from fxtop.sources.servers import CONNZ, STATZ

CLUSTER = ClusterSlug("fastx")


def role(name: RoleName, *, overhear: bool = False, discover: bool = False) -> Role:
    return next(each for each in roles(CLUSTER, overhear=overhear, discover=discover) if each.name is name)


def heard(name: RoleName, **switches: bool) -> set[str]:
    return {grant.subject for grant in role(name, **switches).subscribe}


def said(name: RoleName, **switches: bool) -> set[str]:
    return {grant.subject for grant in role(name, **switches).publish}


@pytest.mark.parametrize("name", [RoleName.OPERATOR, RoleName.VIEWER])
def test_consoles_hear_what_the_console_subscribes_to_and_answers_to_themselves(name: RoleName) -> None:
    assert heard(name) == {*subscriptions(CLUSTER), f"_INBOX_{name}.>"}
    assert {build(CLUSTER, "sync"), CONNZ, STATZ} <= said(name)


def test_agents_tell_what_consoles_subscribe_to() -> None:
    told = {*subscriptions(CLUSTER)} - {wildcard(CLUSTER, INTENT)}
    assert said(RoleName.AGENT) == {*told, build(CLUSTER, "sync")}
    assert f"{BusSettings(servers=()).inbox_prefix}.>" in heard(RoleName.AGENT)


def test_who_only_looks_may_ask_agents_what_they_decided() -> None:
    assert build(CLUSTER, "history") in said(RoleName.VIEWER)
    assert build(CLUSTER, "history") in said(RoleName.OPERATOR)
    assert build(CLUSTER, "history") in heard(RoleName.AGENT)


def test_managers_have_what_their_code_uses_beside() -> None:
    plan = wildcard(CLUSTER, PLAN_CLASS)
    assert {*(wildcard(CLUSTER, kind) for kind in OBSERVED), plan, wildcard(CLUSTER, "ctl.manager")} == heard(
        RoleName.MANAGER
    ) - heard(RoleName.AGENT)
    asks = {f"fxtop.fastx.ctl.node.*.{verb}" for verb in ("weight", "requeue")}
    assert said(RoleName.MANAGER) - said(RoleName.AGENT) == {plan, *asks}


def test_only_operators_may_ask_agents_to_act() -> None:
    control = {wildcard(CLUSTER, kind) for kind in ("ctl.node", "ctl.manager", INTENT)}
    assert said(RoleName.OPERATOR) - said(RoleName.VIEWER) == control
    assert not [subject for name in (RoleName.AGENT, RoleName.VIEWER) for subject in said(name) if ".ctl." in subject]


def test_fastxs_own_bus_is_opened_only_on_request_and_never_for_sending_by_viewers() -> None:
    for name in RoleName:
        assert not [subject for subject in heard(name) | said(name) if subject.startswith(("*", "MOL"))]
    for name in (RoleName.OPERATOR, RoleName.VIEWER):
        assert heard(name, overhear=True) - heard(name) == set(SUBJECTS)
    opened = {"overhear": True, "discover": True}
    assert said(RoleName.OPERATOR, **opened) - said(RoleName.OPERATOR) == {"*.DISCOVER", "*.DISCOVER.>"}
    assert said(RoleName.VIEWER, **opened) == said(RoleName.VIEWER)
    assert said(RoleName.OPERATOR, discover=True) == said(RoleName.OPERATOR)


def test_every_permission_says_what_it_is_for() -> None:
    for each in roles(CLUSTER, overhear=True, discover=True):
        assert all(grant.why for grant in (*each.publish, *each.subscribe))
        assert len({grant.subject for grant in each.publish}) == len(each.publish)


@pytest.mark.parametrize(
    ("text", "address"),
    [("mgr1", "mgr1:6222"), ("mgr1.example.edu:7000", "mgr1.example.edu:7000"), ("[::1]", "[::1]:6222")],
)
def test_a_route_is_a_host_and_perhaps_a_port(text: str, address: str) -> None:
    assert route_address(text) == address


@pytest.mark.parametrize("text", ["", "a b", "u:p@h", "nats://h", "h:0", "h:70000", "h:x", 'h"', "::1"])
def test_what_is_no_address_is_told_so(text: str) -> None:
    with pytest.raises(ValueError, match="host or host:port"):
        route_address(text)


@pytest.mark.parametrize("text", ["", "a b", 'a"', "$VAR", "a\n", "-a", "x" * 65])
def test_a_name_that_could_be_more_than_a_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="can't be a name"):
        plain_name(text)
