"""Why transporters that should be one cluster stay islands, and who else may come in by their routes."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Severity
from fxtop.config.site.nats_server import Cluster, Login, NatsServer, Route
from fxtop.doctor.facts import Facts
from fxtop.doctor.finding import Finding, Missing, NotChecked, Outcome
from fxtop.doctor.secret_match import is_secret

ISLANDS = "the transporters stay islands: a message on one doesn't reach the nodes on another"


def cluster(facts: Facts) -> Iterator[Outcome]:
    """A transporter without routes: whether it can have any, and whether it knows of others."""
    if isinstance(facts.nats, Missing):
        return
    server, file = facts.nats.server, str(facts.nats.file)
    if server.cluster is None:
        yield Finding(
            severity=Severity.INFO,
            kind="transporter-alone",
            subject=file,
            text="there is no cluster block",
            evidence=(f"{file}: no cluster block",),
            consequence="this transporter works alone: if it stops, no node can be reached",
            remedy="with several transporters, add cluster { name, port, authorization, routes } on each",
        )
        return
    found = server.cluster
    if not found.port:
        yield _island(found, "no-route-port", "the cluster block names no port", "add port: 6222 to the cluster block")
    if not found.routes and not found.unread:
        yield Finding(
            severity=Severity.WARN,
            kind="no-routes",
            subject=str(found.at),
            text="the cluster block names no other transporter",
            evidence=(str(found.at),),
            consequence=f"unless the others name this one, {ISLANDS}",
            remedy="list the other transporters in routes, on each of them",
        )
    if found.name is None:
        yield Finding(
            severity=Severity.INFO,
            kind="cluster-unnamed",
            subject=str(found.at),
            text="the cluster has no name",
            evidence=(str(found.at),),
            consequence="the servers make one up and agree on it anew after each start",
            remedy="give all of them the same name in their cluster blocks",
        )
    for at in found.unread:
        yield NotChecked(f"the route at {at}", "it is no URL that can be read here, or a variable hides it")


def credentials(facts: Facts) -> Iterator[Outcome]:
    """Routes that the other side will refuse, and routes that it will take from anybody."""
    found = _cluster(facts)
    if found is None:
        return
    if found.login is None or not found.login.asks:
        yield Finding(
            severity=Severity.WARN,
            kind="routes-open",
            subject=str(found.at),
            text="the transporter takes routes from anybody",
            evidence=(str(found.login.at if found.login else found.at),),
            consequence=f"whoever reaches port {found.port or 6222} can join the bus as a server, without the token",
            remedy="add authorization { user, password } to the cluster block, and that login to every route",
        )
        return
    bare = [route for route in found.routes if route.user is None]
    if bare:
        yield Finding(
            severity=Severity.CRIT,
            kind="route-credentials",
            subject=str(found.at),
            text=f"the cluster block asks routes for a login, and these carry none: {_named(bare)}",
            evidence=(*(f"{route.at}  {route.name}" for route in bare), str(found.login.at)),
            consequence=f"every route is refused, about once a second; {ISLANDS}",
            remedy="write each route with the login: nats-route://USER:PASSWORD@host:6222",
        )
    yield from _other_login(found, found.login)


def _other_login(found: Cluster, login: Login) -> Iterator[Outcome]:
    carrying = [(route, _fits(route, login)) for route in found.routes if route.user is not None]
    wrong = [route for route, fits in carrying if fits is False]
    if wrong:
        yield Finding(
            severity=Severity.WARN,
            kind="route-login",
            subject=str(found.at),
            text=f"these routes carry another login than this server asks for: {_named(wrong)}",
            evidence=(*(f"{route.at}  {route.name}" for route in wrong), str(login.at)),
            consequence=f"if the other servers ask for the same as this one, they refuse it and {ISLANDS}",
            remedy="use one login for all routes of the cluster",
        )
    if any(fits is None for _, fits in carrying):
        why = "nats-server.conf holds a bcrypt hash: install the Python package bcrypt to compare"
        yield NotChecked("whether the routes carry the right password", why)


def _fits(route: Route, login: Login) -> bool | None:
    if login.password is None or login.user is None:
        return None
    return route.user == login.user and is_secret(route.password or "", login.password)


def ports(facts: Facts) -> Iterator[Outcome]:
    """Routes to the port that clients use."""
    found = _cluster(facts)
    if found is None or isinstance(facts.nats, Missing):
        return
    wrong = [route for route in found.routes if route.port == facts.nats.server.port]
    if wrong:
        yield Finding(
            severity=Severity.CRIT,
            kind="route-port",
            subject=str(found.at),
            text=f"these routes go to the port of clients: {_named(wrong)}",
            evidence=tuple(f"{route.at}  {route.name}" for route in wrong),
            consequence=f"servers don't talk to each other there; {ISLANDS}",
            remedy=f"use the port of the others' cluster blocks, {found.port or 6222}",
        )


def itself(facts: Facts) -> Iterator[Outcome]:
    """Routes that lead to this server alone."""
    found = _cluster(facts)
    if found is None or not found.routes:
        return
    if isinstance(facts.names, Missing):
        yield NotChecked("whether the routes lead to other servers", facts.names.why)
    elif all(route.host in facts.names for route in found.routes):
        yield Finding(
            severity=Severity.WARN,
            kind="no-routes",
            subject=str(found.at),
            text=f"all routes lead to this machine itself: {_named(found.routes)}",
            evidence=tuple(f"{route.at}  {route.name}" for route in found.routes),
            consequence=f"unless the others name this one, {ISLANDS}",
            remedy="list the other transporters in routes",
        )


def in_clear(facts: Facts) -> Iterator[Outcome]:
    """Routes without TLS."""
    found = _cluster(facts)
    if found is not None and found.tls is None and found.port:
        carried = "the routes' password and everything" if found.login else "everything"
        yield Finding(
            severity=Severity.WARN,
            kind="routes-in-clear",
            subject=str(found.at),
            text="routes are not encrypted" + (", though clients are" if _encrypts_clients(facts) else ""),
            evidence=(f"{found.at}  without a tls block of its own",),
            consequence=f"{carried} that one server hears goes to the others in clear",
            remedy="add tls { cert_file, key_file, ca_file } to the cluster block of every transporter",
        )


def _encrypts_clients(facts: Facts) -> bool:
    return not isinstance(facts.nats, Missing) and facts.nats.server.tls is not None


def _island(found: Cluster, kind: str, text: str, remedy: str) -> Finding:
    return Finding(
        severity=Severity.CRIT,
        kind=kind,
        subject=str(found.at),
        text=text,
        evidence=(str(found.at),),
        consequence=f"no other server can connect to this one; {ISLANDS}",
        remedy=remedy,
    )


def _cluster(facts: Facts) -> Cluster | None:
    server: NatsServer | None = None if isinstance(facts.nats, Missing) else facts.nats.server
    return None if server is None else server.cluster


def _named(routes: list[Route] | tuple[Route, ...]) -> str:
    return ", ".join(dict.fromkeys(route.name for route in routes))
