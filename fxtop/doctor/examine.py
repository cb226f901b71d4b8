"""All checks of one machine, in order, and their outcome as one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from fxtop.cluster.records import Severity
from fxtop.doctor.checks import (
    authorization,
    certificates,
    clock,
    directories,
    exposure,
    leftovers,
    licenses,
    reach,
    routes,
    secret_file,
    units,
)
from fxtop.doctor.facts import Facts, NatsConf, Role
from fxtop.doctor.finding import Broken, Finding, NotChecked, Outcome
from fxtop.protocol.text import inert

Check = Callable[[Facts], Iterable[Outcome]]

BUS_CHECKS: Final[tuple[Check, ...]] = (
    authorization.unreadable,
    authorization.unguarded,
    authorization.token,
    authorization.public,
    authorization.twice,
    routes.credentials,
    routes.ports,
    routes.cluster,
    routes.itself,
    routes.in_clear,
    secret_file.transporters,
    exposure.clients_in_clear,
    exposure.monitoring,
    certificates.names,
    certificates.expiring,
)
"""Those that look at a transporter's configuration."""
NODE_CHECKS: Final[tuple[Check, ...]] = (authorization.token, authorization.public, certificates.expiring)
"""What is left of them where there is no transporter."""

CHECKS: Final[tuple[Check, ...]] = (
    secret_file.present,
    secret_file.readable,
    secret_file.guarded,
    reach.ports,
    directories.temp_on_mount,
    directories.temp_open,
    directories.local_shared,
    licenses.place,
    licenses.ports,
    clock.kept,
    units.stopped,
    units.stale,
    leftovers.ignored,
)
SHARED_CHECKS: Final[tuple[Check, ...]] = (directories.conflicts,)
"""Those of the data that managers share."""

TEXT_BOUND: Final = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, worst first, and what wasn't looked at."""

    role: Role
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is critical or worth a warning."""
        return all(finding.severity is Severity.INFO for finding in self.findings)


def examine(facts: Facts) -> Report:
    """The report on a node or a manager."""
    manager = facts.role is Role.MANAGER or isinstance(facts.nats, NatsConf | Broken)
    checks = (*BUS_CHECKS, *CHECKS, *SHARED_CHECKS) if manager else (*NODE_CHECKS, *CHECKS)
    return report(facts.role, (outcome for check in checks for outcome in check(facts)))


def report(role: Role, outcomes: Iterable[Outcome]) -> Report:
    """``outcomes`` in order, each once. What is quoted from files can't act on a terminal."""
    findings: list[Finding] = []
    left: dict[NotChecked, None] = {}
    for outcome in outcomes:
        if isinstance(outcome, NotChecked):
            left[NotChecked(inert(outcome.what), inert(outcome.why))] = None
        else:
            findings.append(_inert(outcome))
    worst_first = sorted(findings, key=lambda finding: finding.severity.rank)
    return Report(role, tuple(dict.fromkeys(worst_first)), tuple(left))


def _inert(finding: Finding) -> Finding:
    return replace(
        finding,
        subject=inert(finding.subject),
        text=inert(finding.text, TEXT_BOUND),
        evidence=tuple(inert(line) for line in finding.evidence),
        consequence=inert(finding.consequence, TEXT_BOUND),
        remedy=inert(finding.remedy, TEXT_BOUND),
    )
