"""The configuration of the demo's NATS servers: the vendor's sample, made right.

The sample has two ``authorization`` blocks of which the later silently wins, routes without credentials (so that no
cluster forms), no TLS between the servers, no names, and no monitoring. None of that is so here.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fxtop.demo.certificates import Certificate

LOOPBACK: Final = "127.0.0.1"
ROUTE_USER: Final = "ruser"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a server listens, on loopback only."""

    clients: int
    routes: int
    monitoring: int


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """One server of the cluster."""

    name: str
    ports: Ports
    certificate: Certificate

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"tls://{LOOPBACK}:{self.ports.clients}"

    @property
    def monitoring_url(self) -> str:
        """Where its HTTP monitoring answers."""
        return f"http://{LOOPBACK}:{self.ports.monitoring}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What clients and routes log in with."""

    token: str
    route_password: str

    def __repr__(self) -> str:
        return "Secrets(…)"


def free_ports(servers: int) -> list[Ports]:
    """Ports that nobody uses now, for so many servers; all held open together so that none comes up twice."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(3 * servers)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        numbers = iter([int(one.getsockname()[1]) for one in sockets])
        return [Ports(next(numbers), next(numbers), next(numbers)) for _ in range(servers)]


def render(spec: ServerSpec, peers: Iterable[ServerSpec], secrets: Secrets, ca_file: Path, cluster: str) -> str:
    """The text of ``spec``'s configuration file, with routes to its ``peers``."""
    routes = "\n".join(
        f'    "nats-route://{ROUTE_USER}:{secrets.route_password}@{LOOPBACK}:{peer.ports.routes}"' for peer in peers
    )
    cert, key, ca = (json.dumps(str(file), ensure_ascii=False) for file in (*spec.certificate.files, ca_file))
    return f"""\
server_name: "{spec.name}"
host: "{LOOPBACK}"
port: {spec.ports.clients}
http: "{LOOPBACK}:{spec.ports.monitoring}"

authorization {{
  token: "{secrets.token}"
  timeout: 5
}}

tls {{
  cert_file: {cert}
  key_file: {key}
  timeout: 5
}}

cluster {{
  name: "{cluster}"
  host: "{LOOPBACK}"
  port: {spec.ports.routes}
  authorization {{
    user: "{ROUTE_USER}"
    password: "{secrets.route_password}"
    timeout: 5
  }}
  tls {{
    cert_file: {cert}
    key_file: {key}
    ca_file: {ca}
    timeout: 5
  }}
  routes: [
{routes}
  ]
}}
"""
