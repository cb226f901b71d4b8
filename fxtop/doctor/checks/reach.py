"""Whether this machine reaches its transporters and its licence server, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from fxtop.cluster.records import Severity
from fxtop.doctor.facts import Facts, Reached
from fxtop.doctor.finding import Finding, Missing, NotChecked, Outcome


class _Cause(NamedTuple):
    text: str
    remedy: str


_CAUSES: Final = {
    "unresolved": _Cause("its name can't be resolved", "check the name, and the resolver of this machine"),
    "refused": _Cause("nothing listens there", "start the service there, or correct the port"),
    "filtered": _Cause("nothing answers, as behind a firewall", "open the port on the way: firewall-cmd --list-all"),
    "unreachable": _Cause("there is no way to that host", "check that the host is up, and the routing to it"),
    "name": _Cause("its certificate is made for another name", "call it by a name in its certificate, or renew that"),
    "untrusted": _Cause("its certificate is signed by nobody we trust", "name its authority with --ca"),
    "expired": _Cause("its certificate is over or not begun", "renew it, and check both clocks"),
    "protocol": _Cause("what answers there is no NATS server", "check that the port is right"),
}
_TRUSTED_BY_SOME: Final = ("untrusted",)
"""Others may know an authority that we don't."""
_CONSEQUENCES: Final = {
    "transporter": "this machine takes no part in the cluster through it",
    "route": "the transporters stay islands if no other way leads there",
    "licence server": "sessions don't start here: no seat can be had",
}
_KINDS: Final = {"transporter": "transporter", "route": "route", "licence server": "license"}
_EXPECTED: Final = ("transporter", "licence server")
"""What every machine of a cluster should reach."""


def ports(facts: Facts) -> Iterator[Outcome]:
    """Servers that can't be reached."""
    if isinstance(facts.reached, Missing):
        yield NotChecked("whether transporters and licence servers can be reached", facts.reached.why)
        return
    for what in _EXPECTED:
        if not any(found.what == what for found in facts.reached):
            yield NotChecked(f"whether a {what} can be reached", "nothing here says where one is")
    for found in facts.reached:
        if found.problem:
            yield unreachable(found)


def unreachable(found: Reached) -> Finding:
    """The finding about a server that can't be reached."""
    cause = _CAUSES[found.problem]
    place = f"{found.host}:{found.port}"
    return Finding(
        severity=Severity.WARN if found.problem in _TRUSTED_BY_SOME else Severity.CRIT,
        kind=f"{_KINDS[found.what]}-{found.problem}",
        subject=place,
        text=f"the {found.what} {place} can't be used: {cause.text}",
        evidence=(f"{place}: {found.detail}" if found.detail else place,),
        consequence=_CONSEQUENCES[found.what],
        remedy=cause.remedy,
    )
