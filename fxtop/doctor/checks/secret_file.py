"""Who can read the secrets, and whether FastX itself can (vendor's guide: owner fastx, mode 600)."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Severity
from fxtop.config.site.nats_server import NatsServer, is_bcrypt
from fxtop.doctor.facts import Facts, SecretFile
from fxtop.doctor.finding import Finding, Missing, NotChecked, Outcome

OWNER = "owner and mode of FastX's secret"


def guarded(facts: Facts) -> Iterator[Outcome]:
    """Owner and mode of ``transporter-secret.ini``."""
    if isinstance(facts.secret, Missing):
        yield NotChecked(OWNER, facts.secret.why)
        return
    stat = facts.secret.stat
    if isinstance(stat, Missing):
        yield NotChecked(OWNER, stat.why)
        return
    seen = (f"{facts.secret.file}: {stat.owner}:{stat.group}, mode {stat.mode:04o}",)
    if stat.mode & 0o077:
        yield Finding(
            severity=Severity.CRIT,
            kind="secret-mode",
            subject=str(facts.secret.file),
            text=f"others than its owner can use it (mode {stat.mode:04o})",
            evidence=seen,
            consequence="whoever reads it can read and command the whole cluster",
            remedy=f"chmod 600 {facts.secret.file}, and make a new token if somebody may have read it",
        )
    if stat.owner != facts.service_user:
        yield Finding(
            severity=Severity.WARN,
            kind="secret-owner",
            subject=str(facts.secret.file),
            text=f"it belongs to {stat.owner}, and FastX runs as {facts.service_user}",
            evidence=seen,
            consequence="copied by root it is often unreadable for FastX, and the node never joins",
            remedy=f"chown {facts.service_user}: {facts.secret.file}",
        )


def transporters(facts: Facts) -> Iterator[Outcome]:
    """A transporter's configuration with a secret in clear that everybody on the machine can read."""
    if isinstance(facts.nats, Missing) or not _in_clear(facts.nats.server):
        return
    stat, file = facts.nats.stat, str(facts.nats.file)
    if isinstance(stat, Missing):
        yield NotChecked("who can read the transporter's configuration", stat.why)
    elif stat.mode & 0o007:
        yield Finding(
            severity=Severity.WARN,
            kind="secret-mode",
            subject=file,
            text=f"it holds a secret in clear, and every user of this machine can use it (mode {stat.mode:04o})",
            evidence=(f"{file}: {stat.owner}:{stat.group}, mode {stat.mode:04o}",),
            consequence="whoever logs in here can read and command the whole cluster",
            remedy=f"chmod 640 {file}, with the group that the transporter runs as",
        )


def _in_clear(server: NatsServer) -> bool:
    """Whether a token, or a password of routes, stands there as it is."""
    cluster = server.cluster
    logins = [*server.logins, *([cluster.login] if cluster and cluster.login else [])]
    secrets = [secret for login in logins for secret in (login.token, login.password) if secret is not None]
    secrets += [route.password for route in (cluster.routes if cluster else ()) if route.password is not None]
    return not all(map(is_bcrypt, secrets))


def readable(facts: Facts) -> Iterator[Outcome]:
    """Files with secrets that the service's user can't read."""
    if isinstance(facts.may_read, Missing):
        yield NotChecked(f"whether {facts.service_user} can read its secrets", facts.may_read.why)
        return
    for file, may in sorted(facts.may_read.items()):
        if not may:
            yield Finding(
                severity=Severity.CRIT,
                kind="secret-unreadable",
                subject=str(file),
                text=f"{facts.service_user} can't read it",
                evidence=(str(file),),
                consequence="the service starts without what stands in it: this machine doesn't join the cluster",
                remedy=f"chown {facts.service_user}: {file} and check the folders above it",
            )


def present(facts: Facts) -> Iterator[Outcome]:
    """A secret that holds nothing."""
    if isinstance(facts.secret, SecretFile) and facts.secret.values == ():
        yield Finding(
            severity=Severity.CRIT,
            kind="secret-empty",
            subject=str(facts.secret.file),
            text="it holds no value at all",
            evidence=(str(facts.secret.file),),
            consequence="this machine can't log in to the transporter",
            remedy="copy it again from the cluster manager",
        )
