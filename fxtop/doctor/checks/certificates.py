"""Certificates: until when, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from fxtop.cluster.records import Severity
from fxtop.cluster.rules.crowd import EXPIRY_WARNED, expiry
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
        if left < EXPIRY_WARNED:
            yield _expiry(found, Severity.CRIT if left <= 0 else Severity.WARN, expiry(left))
        elif found.certificate.begins > facts.now:
            ahead = span(found.certificate.begins - facts.now)
            yield _expiry(found, Severity.CRIT, f"isn't valid for another {ahead}: is this machine's clock right?")


def _expiry(found: CertificateFile, severity: Severity, words: str) -> Finding:
    return Finding(
        severity=severity,
        kind="certificate-expiry",
        subject=str(found.file),
        text=f"the certificate for {found.serves} {words}",
        evidence=_evidence(found),
        consequence=f"when it is over, {_REFUSED[found.serves]}",
        remedy="renew it and restart the service that uses it",
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
