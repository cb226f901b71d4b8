"""Certificates: until when, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from fxtop.cluster.records import Severity
from fxtop.cluster.rules import troubles
from fxtop.cluster.rules.crowd import EXPIRY_WARNED
from fxtop.cluster.words import naming, span
from fxtop.doctor.certificate import Certificate
from fxtop.doctor.facts import CertificateFile, Facts
from fxtop.doctor.finding import Finding, Missing, NotChecked, Outcome

_REFUSED: Final = {
    "clients": "nodes that verify it don't connect to this transporter",
    "routes": "the other transporters refuse the route",
    "web": "browsers and clients warn of the web server or refuse it",
}


def expiring(facts: Facts) -> Iterator[Outcome]:
    """Certificates that are over, soon over, or not begun; and those that can't be read."""
    for found in facts.certificates:
        if isinstance(found.certificate, Missing):
            yield NotChecked(f"the certificate {found.file}", found.certificate.why)
            continue
        left = found.certificate.ends - facts.now
        subject, whose = str(found.file), f"for {found.serves}"
        if left < EXPIRY_WARNED:
            yield troubles.certificate_expiry(subject, whose, left, _REFUSED[found.serves], evidence=_evidence(found))
        elif found.certificate.begins > facts.now:
            yield _not_begun(found, whose, span(found.certificate.begins - facts.now))


def _not_begun(found: CertificateFile, whose: str, ahead: str) -> Finding:
    return Finding(
        severity=Severity.CRIT,
        kind="certificate-early",
        subject=str(found.file),
        text=f"the certificate {whose} isn't valid for another {ahead}",
        evidence=_evidence(found),
        consequence=f"until then, {_REFUSED[found.serves]}",
        remedy="check this machine's clock first (chronyc tracking), then have one made that is valid now",
    )


def names(facts: Facts) -> Iterator[Outcome]:
    """Certificates that don't hold the names by which their server is called."""
    for found in facts.certificates:
        if isinstance(found.certificate, Missing) or found.serves == "web":
            continue
        wanted = _called(facts, found.serves)
        if isinstance(wanted, Missing):
            yield NotChecked(f"the names in {found.file}", wanted.why)
            continue
        lacking = [name for name in sorted(wanted) if not found.certificate.covers(name)]
        # Without our own names, the list is everybody's: one name that fits is as much as can be asked.
        enough = len(lacking) < len(wanted) if isinstance(facts.names, Missing) else not lacking
        if not enough:
            yield _nameless(found, found.certificate, lacking)


def _nameless(found: CertificateFile, certificate: Certificate, lacking: list[str]) -> Finding:
    holds = naming(certificate.names) if certificate.names else "no names (subjectAltName) at all"
    return Finding(
        severity=Severity.CRIT if found.serves == "routes" or not certificate.names else Severity.WARN,
        kind="certificate-name",
        subject=str(found.file),
        text=f"the certificate for {found.serves} doesn't hold {naming(lacking)}",
        evidence=(*_evidence(found), f"it holds {holds}"),
        consequence=f"called by that name, {_REFUSED[found.serves]}",
        remedy="have one made that holds every name by which this machine is called",
    )


def _called(facts: Facts, serves: str) -> frozenset[str] | Missing:
    """The names by which others call this server: those of FastX's list, or of routes, that are ours."""
    listed: frozenset[str] = frozenset()
    if serves == "routes" and not isinstance(facts.nats, Missing) and facts.nats.server.cluster is not None:
        listed = frozenset(route.host for route in facts.nats.server.cluster.routes)
    elif serves == "clients":
        listed = frozenset(filter(None, (urlsplit(url).hostname for url in facts.servers)))
    if isinstance(facts.names, Missing):
        return listed or Missing(f"nothing says by which names it is called, and {facts.names.why}")
    ours = listed & facts.names
    return ours or Missing("nothing says by which name others call this machine")


def _evidence(found: CertificateFile) -> tuple[str, ...]:
    return (str(found.file), *([f"{found.at}  names it"] if found.at else []))
