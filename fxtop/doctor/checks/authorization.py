"""What the transporter asks of its clients, and whether FastX's secret answers it."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Severity
from fxtop.config.site.nats_server import Login, is_bcrypt
from fxtop.config.site.nats_tree import Block
from fxtop.doctor.facts import Facts, NatsConf, SecretFile
from fxtop.doctor.finding import Broken, Finding, Missing, NotChecked, Outcome
from fxtop.doctor.public_secrets import printed_in
from fxtop.doctor.secret_match import is_secret

MATCH = "whether the transporter takes FastX's token"


def unreadable(facts: Facts) -> Iterator[Outcome]:
    """A configuration that the transporter can't read either, or that it would misread."""
    if isinstance(facts.nats, Broken):
        yield Finding(
            severity=Severity.CRIT,
            kind="transporter-conf",
            subject=facts.nats.why.partition(": ")[0],
            text="the transporter's configuration can't be read from there on",
            evidence=(facts.nats.why,),
            consequence="the transporter doesn't start with it, or takes something else than is meant",
            remedy="correct that line, and try it with: nats-server -t -c FILE",
        )


def twice(facts: Facts) -> Iterator[Outcome]:
    """Blocks that stand twice: the later one replaces the earlier one whole (nats-server 2.15)."""
    if isinstance(facts.nats, Missing):
        yield NotChecked("the transporter's configuration", facts.nats.why)
        return
    for entry in facts.nats.tree:
        if not entry.replaced or not isinstance(entry.value, Block):
            continue
        dead = [f"{old.at}  has no effect" for old in entry.replaced]
        counts = f"the one in line {entry.at.line} counts" if entry.at.file == facts.nats.file else f"{entry.at} counts"
        yield Finding(
            severity=Severity.WARN,
            kind="authorization-twice" if entry.key.lower() == "authorization" else "block-twice",
            subject=str(facts.nats.file),
            text=f"there are {len(entry.replaced) + 1} {entry.key} blocks, and only {counts}",
            evidence=(*dead, f"{entry.at}  counts"),
            consequence="no warning is given, and whoever changes an earlier block changes nothing",
            remedy="keep one block, and put into it what is meant",
        )


def unguarded(facts: Facts) -> Iterator[Outcome]:
    """A transporter that lets everybody in."""
    if isinstance(facts.nats, Missing):
        return
    login = facts.nats.server.login
    if facts.nats.server.accounts or (login is not None and (login.asks or _hidden(facts.nats))):
        return
    yield Finding(
        severity=Severity.CRIT,
        kind="no-authorization",
        subject=str(facts.nats.file),
        text="the transporter asks its clients for nothing",
        evidence=(str(login.at) if login else f"{facts.nats.file}: no authorization block",),
        consequence=f"whoever reaches port {facts.nats.server.port} reads and sends everything on the bus",
        remedy="add authorization { token: … } with the token of transporter-secret.ini, on every transporter",
    )


def token(facts: Facts) -> Iterator[Outcome]:
    """A token that differs between the two files that must hold the same one, hashed or not."""
    if isinstance(facts.secret, Missing):
        yield NotChecked(MATCH, facts.secret.why)
        return
    if isinstance(facts.secret.values, Missing):
        yield NotChecked(MATCH, facts.secret.values.why)
        return
    if isinstance(facts.nats, Missing):
        yield NotChecked(MATCH, facts.nats.why)
        return
    login = facts.nats.server.login
    if login is None or login.token is None:
        yield NotChecked(MATCH, "the transporter's configuration shows no token to compare with")
        return
    yield from _compared(facts.secret, facts.secret.values, facts.nats, login, login.token)


def _compared(
    secret: SecretFile, values: tuple[str, ...], nats: NatsConf, login: Login, kept: str
) -> Iterator[Outcome]:
    answers = [is_secret(value, kept) for value in values]
    evidence = (str(secret.file), f"{login.at}  {'a bcrypt hash' if is_bcrypt(kept) else 'in clear'}")
    if is_bcrypt(kept) and kept in values:
        yield Finding(
            severity=Severity.CRIT,
            kind="token-hashed",
            subject=str(secret.file),
            text="holds the bcrypt hash of the token, where the token itself must stand",
            evidence=evidence,
            consequence="the transporter hashes what it is sent, so it refuses the hash: no node joins the cluster",
            remedy="put the token itself into transporter-secret.ini; the hash belongs in nats-server.conf alone",
        )
    elif None in answers and True not in answers:
        yield NotChecked(MATCH, "nats-server.conf holds a bcrypt hash: install the Python package bcrypt to compare")
    elif True not in answers:
        yield _mismatch(secret, values, nats, evidence)


def _mismatch(secret: SecretFile, values: tuple[str, ...], nats: NatsConf, evidence: tuple[str, ...]) -> Finding:
    dead = [old for old in nats.server.logins[:-1] if _takes(old, values)]
    return Finding(
        severity=Severity.CRIT,
        kind="token-mismatch",
        subject=str(secret.file),
        text="no value in it is the token that the transporter asks for"
        + (": it is that of a block which has no effect" if dead else ""),
        evidence=(*evidence, *(f"{old.at}  would match, but a later block replaces it" for old in dead)),
        consequence="the transporter refuses every node with «Authorization Violation»",
        remedy="make both files agree, then restart the transporter and FastX's services on every node",
    )


def _takes(login: Login, values: tuple[str, ...]) -> bool:
    kept = login.token
    return kept is not None and any(is_secret(value, kept) for value in values)


def public(facts: Facts) -> Iterator[Outcome]:
    """Tokens and passwords that anybody can read in a manual."""
    for what, secret, where in _secrets(facts):
        manual = printed_in(secret)
        if manual is not None:
            yield Finding(
                severity=Severity.CRIT,
                kind=f"{what}-public",
                subject=where,
                text=f"the {what} is printed in {manual}",
                evidence=(where,),
                consequence="anybody can log in with it, and whoever is on the bus commands the cluster",
                remedy="make a new one (openssl rand -hex 32), put it on all machines, and restart their services",
            )


def _secrets(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Each secret with what it is and where it stands."""
    if isinstance(facts.secret, SecretFile) and isinstance(facts.secret.values, tuple):
        yield from (("token", value, str(facts.secret.file)) for value in facts.secret.values)
    if isinstance(facts.nats, Missing):
        return
    server = facts.nats.server
    logins = [*server.logins, *([server.cluster.login] if server.cluster and server.cluster.login else [])]
    for login in logins:
        for what, secret in (("token", login.token), ("password", login.password)):
            if secret is not None:
                yield what, secret, str(login.at)
    for route in server.cluster.routes if server.cluster else ():
        if route.password is not None:
            yield "password", route.password, str(route.at)


def _hidden(nats: NatsConf) -> bool:
    """Whether a variable that we don't know stands where a secret should."""
    entry = nats.tree.entry("authorization")
    return entry is not None and isinstance(entry.value, Block) and bool(entry.value.entry("token", "password", "pass"))
