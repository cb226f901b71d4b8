"""The gate as text: nats-server.conf with a word on every line, and the file of its secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from fxtop.config.gate.plan import (
    ROUTE_PASSWORD,
    SYSTEM_PASSWORD,
    GatePlan,
    password_variable,
    route_variable,
    variables,
)
from fxtop.config.gate.roles import Grant, Role, RoleName

_SYSTEM_ASKS: Final = ("VARZ", "STATSZ", "CONNZ", "ROUTEZ", "HEALTHZ", "JSZ", "IDZ")
"""What is only read; RELOAD, KICK and LDM of the system account change a server and are left out."""
_SYSTEM_HEARS: Final = (
    Grant("$SYS.SERVER.>", "what happens to servers"),
    Grant("$SYS.ACCOUNT.>", "what happens to connections"),
    Grant("_INBOX.>", "answers"),
)
_WHY_AT: Final = 52
"""The column that the words on subjects begin at."""


def render(plan: GatePlan, roles: Sequence[Role]) -> str:
    """The configuration. It holds no secret: it asks for them by variables."""
    blocks = (
        _head(plan, roles),
        _server(plan),
        _tls(plan),
        _system(plan),
        _users(plan, roles),
        _cluster(plan),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def render_secrets(plan: GatePlan, passwords: Mapping[str, str], route_password: str | None) -> str:
    """The file with the values of the variables; what isn't known is left to be filled in."""
    lines = [
        "# Secrets of the gate, included by its configuration. Readable by the server's user alone (mode 0600).",
        *(f"{name}: {_text(password)}" for name, password in passwords.items()),
        "",
        "# The login of FastX's own routes, from cluster{authorization{}} of its nats-server.conf.",
    ]
    if route_password is None:
        lines.append("# Fill in the password and take the # away; until then the gate doesn't start.")
    mark = "# " if route_password is None else ""
    password = "PASSWORD" if route_password is None else route_password
    lines.append(f"{mark}{ROUTE_PASSWORD}: {_text(password)}")
    for number, address in enumerate(plan.routes, start=1):
        url = f"nats-route://{quote(plan.route_user, safe='')}:{quote(password, safe='')}@{address}"
        lines.append(f"{mark}{route_variable(number)}: {_text(url)}")
    return "\n".join(lines) + "\n"


def _head(plan: GatePlan, roles: Sequence[Role]) -> list[str]:
    viewer = next(role for role in roles if role.name is RoleName.VIEWER)
    lines = [
        "# A gate for fxtop: one more server in FastX's NATS cluster, with users of its own and least permissions.",
        "# FastX's servers, their token and their clients stay as they are. Whoever holds that token can go round",
        "# the gate: it is a fence for people, and no defence against root on a node.",
        "#",
        "# Check this file with: nats-server -t -c FILE. Run it with: nats-server -c FILE.",
        "# A console that comes in here needs its login and its own inbox prefix, as in ~/.config/fxtop/config.toml:",
        f'#   servers = ["tls://{plan.users[viewer.name]}:PASSWORD@GATE:{plan.port}"]',
        f'#   inbox_prefix = "{viewer.inbox_prefix}"',
        "#",
    ]
    if plan.secrets_file is None:
        return [
            *lines,
            "# No secret stands here. The server doesn't start before the environment has them, each in quotes:",
            *(f"#   {name}" for name in variables(plan)),
        ]
    return [
        *lines,
        "# No secret stands here, but in a file that has to lie in the same folder as this one.",
        f"include {_text(plan.secrets_file)}",
    ]


def _server(plan: GatePlan) -> list[str]:
    return [
        "# The name that people see among the transporters.",
        f"server_name: {_text(plan.name)}",
        "# Where fxtop's consoles and agents connect; not FastX's port, since this may be the same machine.",
        f"port: {plan.port}",
        "# Monitoring for the agent beside this server. It knows no logins, so it stays on loopback.",
        f'http: "127.0.0.1:{plan.monitoring_port}"',
    ]


def _tls(plan: GatePlan) -> list[str]:
    return [
        "# Passwords go over this connection: there is no way in without TLS.",
        "tls {",
        "  # The certificate has to name the host that consoles and agents connect to.",
        f"  cert_file: {_text(plan.cert)}",
        f"  key_file: {_text(plan.key)}",
        "  # Seconds for a handshake; the usual 2 are few when all agents come back at once.",
        "  timeout: 5",
        "}",
    ]


def _system(plan: GatePlan) -> list[str]:
    if plan.system_user is None:
        return []
    return [
        "# A login that only reads the servers' own monitoring, for all servers of the cluster.",
        "accounts {",
        "  $SYS {",
        "    users = [",
        f"      {{ user: {_text(plan.system_user)}, password: ${SYSTEM_PASSWORD}, permissions {{",
        *_permission("publish", [Grant(f"$SYS.REQ.SERVER.*.{kind}", "only reads") for kind in _SYSTEM_ASKS]),
        *_permission("subscribe", _SYSTEM_HEARS),
        "      } }",
        "    ]",
        "  }",
        "}",
    ]


def _users(plan: GatePlan, roles: Sequence[Role]) -> list[str]:
    lines = [
        "# The users. They share FastX's account ($G): what agents say reaches consoles, whichever server each is on.",
        "authorization {",
        "  # Seconds for a login.",
        "  timeout: 5",
        "  users = [",
    ]
    for role in roles:
        lines += _user(plan.users[role.name], role)
    return [*lines, "  ]", "}"]


def _user(user: str, role: Role) -> Iterator[str]:
    yield f"    # {role.who}"
    yield f"    {{ user: {_text(user)}, password: ${password_variable(role.name)}"
    yield "      permissions {"
    yield from _permission("publish", role.publish)
    yield from _permission("subscribe", role.subscribe)
    if role.replies:
        yield "        # Answers to whoever asked, as many as they are (a state comes in parts), for two minutes."
        yield '        allow_responses: { max: -1, expires: "2m" }'
    yield "      }"
    yield "    }"


def _permission(what: str, grants: Sequence[Grant]) -> Iterator[str]:
    yield f"        {what}: {{ allow: ["
    for grant in grants:
        yield f"{f'          {_text(grant.subject)}':<{_WHY_AT}} # {grant.why}"
    yield "        ] }"


def _cluster(plan: GatePlan) -> list[str]:
    routes = [
        f"    ${route_variable(number)}  # nats-route://{plan.route_user}:PASSWORD@{address}"
        for number, address in enumerate(plan.routes, start=1)
    ]
    return [
        "# The way to FastX's servers.",
        "cluster {",
        "  # As in FastX's own cluster{} block; where that has none, its servers take this one over.",
        f"  name: {_text(plan.cluster_name)}",
        "  # Where the other servers may connect to this one.",
        f"  port: {plan.route_port}",
        "  # Or FastX's clients would be told of this server, which refuses their token.",
        "  no_advertise: true",
        "  # FastX's own login for routes: the same user and password as on its servers.",
        "  authorization {",
        f"    user: {_text(plan.route_user)}",
        f"    password: ${ROUTE_PASSWORD}",
        "    timeout: 5",
        "  }",
        *_route_tls(plan),
        "  # FastX's servers. One is enough to be found by all; all are better for when one is down.",
        "  routes: [",
        *routes,
        "  ]",
        "}",
    ]


def _route_tls(plan: GatePlan) -> list[str]:
    if plan.route_ca is None:
        return [
            "  # FastX's sample has no tls{} here: its routes, this one too, go over the network in clear, and their",
            "  # password with them. Where yours are encrypted, print this file with --route-ca.",
        ]
    return [
        "  # As FastX's servers encrypt their routes.",
        "  tls {",
        f"    cert_file: {_text(plan.cert)}",
        f"    key_file: {_text(plan.key)}",
        f"    ca_file: {_text(plan.route_ca)}",
        "    timeout: 5",
        "  }",
    ]


def _text(text: str) -> str:
    """A string of nats-server's configuration: in quotes nothing is a variable, a number or a comment."""
    return json.dumps(text, ensure_ascii=False)
