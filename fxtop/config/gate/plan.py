"""What a site says of its gate, and the names under which secrets are asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fxtop.config.gate.roles import RoleName

CLIENT_PORT: Final = 4223
ROUTE_PORT: Final = 6223
"""One more than NATS' usual ones: the gate may stand beside one of FastX's servers."""
FASTX_ROUTE_PORT: Final = 6222
"""Where FastX's servers take routes, by the vendor's sample."""
MONITORING_PORT: Final = 8222

_HOST: Final = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlan:
    """A gate as it is to be. Nothing in it is a secret."""

    name: str
    cluster_name: str
    """The NATS cluster's name, as FastX's servers have it."""
    routes: tuple[str, ...]
    """``host:port`` of FastX's servers."""
    route_user: str
    users: Mapping[RoleName, str]
    system_user: str | None
    cert: str
    key: str
    route_ca: str | None
    """Set where FastX's servers encrypt their routes."""
    port: int = CLIENT_PORT
    route_port: int = ROUTE_PORT
    monitoring_port: int = MONITORING_PORT
    secrets_file: str | None = None
    """Name of the file beside the configuration that has the passwords; None where the environment has them."""


def route_address(text: str) -> str:
    """``host`` or ``host:port`` as an address of FastX's routes; ValueError with a sentence where it is neither."""
    found = _HOST.fullmatch(text.strip())
    port = int(found["port"] or FASTX_ROUTE_PORT) if found else 0
    if found is None or not 0 < port < 65536:
        raise ValueError(f"'{text}' is no address of a server: write host or host:port, without a login")
    return f"{found['host']}:{port}"


def plain_name(text: str) -> str:
    """A name that can stand in the configuration; ValueError with a sentence where it can't."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"'{text}' can't be a name here: use at most 64 of A-Z a-z 0-9 . _ -")
    return text


def password_variable(role: RoleName | str) -> str:
    """The variable of a user's password."""
    return f"FXTOP_GATE_{role.upper()}_PASSWORD"


SYSTEM_PASSWORD: Final = password_variable("system")
ROUTE_PASSWORD: Final = password_variable("route")


def route_variable(number: int) -> str:
    """The variable of the URL of a route, which holds the routes' login."""
    return f"FXTOP_GATE_ROUTE_{number}"


def variables(plan: GatePlan) -> tuple[str, ...]:
    """All variables that the configuration asks for."""
    return (
        *(password_variable(role) for role in plan.users),
        *((SYSTEM_PASSWORD,) if plan.system_user else ()),
        ROUTE_PASSWORD,
        *(route_variable(number) for number in range(1, len(plan.routes) + 1)),
    )
