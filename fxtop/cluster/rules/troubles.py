"""Troubles that more than one looks for: the console in what the bus tells, and the doctor on a machine.

What such a trouble is called, how bad it is, what follows from it and what to do are written here, once.
"""

from __future__ import annotations

from collections.abc import Sequence

from fxtop.cluster.records import Finding, RowRef, Severity
from fxtop.cluster.rules.crowd import expiry
from fxtop.cluster.words import naming, plural, span

Evidence = tuple[str, ...]
Rows = tuple[RowRef, ...]


def bus_down(text: str, evidence: Evidence, remedy: str) -> Finding:
    """No connection to the bus."""
    return Finding(
        severity=Severity.CRIT,
        kind="bus-down",
        subject="bus",
        text=text,
        remedy=remedy,
        consequence="the console shows nothing that is new, and nothing can be sent",
        evidence=evidence,
    )


def temp_on_network(subject: str, where: str = "", *, evidence: Evidence = (), rows: Rows = ()) -> Finding:
    """FX_TEMP_DIR on a file system of the network; ``where`` follows in the sentence."""
    return Finding(
        severity=Severity.WARN,
        kind="temp-network",
        subject=subject,
        text=f"FX_TEMP_DIR lies on a network file system{where}",
        remedy="set it to a local directory, and restart FastX",
        consequence="sessions fail to start or to be reached: sockets there work on one host alone",
        evidence=evidence,
        rows=rows,
    )


def local_shared(
    subject: str, text: str, *, evidence: Evidence, rows: Rows = (), severity: Severity = Severity.WARN
) -> Finding:
    """FX_LOCAL_DIR that several hosts use, each of which needs its own; ``text`` says how that was seen."""
    return Finding(
        severity=severity,
        kind="local-shared",
        subject=subject,
        text=text,
        remedy="give every host its own, for example with FX_LOCAL_DIR=/var/fastx-local on a local disk",
        consequence="hosts that share it overwrite each other's keys and socket.json: sessions start on one alone",
        evidence=evidence,
        rows=rows,
    )


def leftovers(subject: str, what: Sequence[str], where: str = "", *, evidence: Evidence, rows: Rows = ()) -> Finding:
    """Settings of FastX 4 that FastX 5 doesn't look at (vendor's migration sheet)."""
    return Finding(
        severity=Severity.WARN,
        kind="v4-leftovers",
        subject=subject,
        text=f"FastX 5 ignores what FastX 4 left{where}: {naming(what)}",
        remedy="move what is still wanted into a scheduler's folder under schedule/, and delete the rest",
        consequence="load balancing and job scheduling don't do what these lines say",
        evidence=evidence,
        rows=rows,
    )


def sync_conflicts(subject: str, count: int, *, evidence: Evidence = (), rows: Rows = ()) -> Finding:
    """Copies that syncthing kept because ``count`` files were changed on two managers."""
    return Finding(
        severity=Severity.WARN,
        kind="sync-conflicts",
        subject=subject,
        text=f"{plural(count, 'file')} {'was' if count == 1 else 'were'} changed on two managers at once",
        remedy="compare each with the file that it was copied from, keep the right one, delete the copy",
        consequence="what users changed on one manager is missing on the other",
        evidence=evidence,
        rows=rows,
    )


def unit_failed(subject: str, text: str, remedy: str, *, evidence: Evidence, rows: Rows = ()) -> Finding:
    """A service that systemd gave up."""
    return Finding(
        severity=Severity.CRIT,
        kind="unit-failed",
        subject=subject,
        text=text,
        remedy=remedy,
        consequence="what it does for the cluster isn't done there",
        evidence=evidence,
        rows=rows,
    )


def clock_skew(subject: str, whose: str, ahead: float, of_whom: str, *, evidence: Evidence, rows: Rows = ()) -> Finding:
    """A clock that is ``ahead`` seconds ahead of another, or behind where that is below 0."""
    return Finding(
        severity=Severity.WARN,
        kind="clock-skew",
        subject=subject,
        text=f"the clock of {whose} is {span(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} {of_whom}",
        remedy="check the time synchronisation on both (chronyc tracking)",
        consequence="a request expires by the clock of who gets it, so it may be refused",
        evidence=evidence,
        rows=rows,
    )


def certificate_expiry(
    subject: str, whose: str, left: float, consequence: str, *, evidence: Evidence = (), rows: Rows = ()
) -> Finding:
    """A certificate that is over, or soon is: in ``left`` seconds."""
    return Finding(
        severity=Severity.CRIT if left <= 0 else Severity.WARN,
        kind="certificate-expiry",
        subject=subject,
        text=f"the certificate {whose} {expiry(left)}",
        remedy="renew it and restart the service that uses it",
        consequence=f"when it is over, {consequence}",
        evidence=evidence,
        rows=rows,
    )
