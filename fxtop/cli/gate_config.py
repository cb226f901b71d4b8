"""``fxtop gate-config``: print a nats-server configuration with users for agents, operators and viewers."""

from __future__ import annotations

import argparse
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fxtop.cli.exits import Exit, Usage
from fxtop.cli.flags import settings_flags
from fxtop.cli.output import say, write
from fxtop.config.error import ConfigError
from fxtop.config.gate.plan import (
    CLIENT_PORT,
    FASTX_ROUTE_PORT,
    MONITORING_PORT,
    ROUTE_PORT,
    SYSTEM_PASSWORD,
    GatePlan,
    password_variable,
    plain_name,
    route_address,
)
from fxtop.config.gate.render import render, render_secrets
from fxtop.config.gate.roles import RoleName, roles
from fxtop.config.load import load
from fxtop.config.settings import Settings

PASSWORD_BYTES: Final = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.epilog = (
        "Put the gate on any machine that reaches FastX's servers. With --moleculer consoles may also hear FastX's own "
        "heartbeats there, and with --moleculer-discover operators' consoles may ask for more."
    )
    server = parser.add_argument_group("the server")
    server.add_argument(
        "--name", metavar="NAME", type=_said(plain_name), default="fxtop-gate", help="its name; default %(default)s"
    )
    server.add_argument(
        "--port", metavar="PORT", type=_port, default=CLIENT_PORT, help="for clients; default %(default)s"
    )
    server.add_argument(
        "--monitoring-port",
        metavar="PORT",
        type=_port,
        default=MONITORING_PORT,
        help="on loopback; default %(default)s",
    )
    server.add_argument(
        "--cert", metavar="FILE", default="/etc/fxtop/gate.pem", help="its certificate; default %(default)s"
    )
    server.add_argument(
        "--key", metavar="FILE", default="/etc/fxtop/gate.key", help="the certificate's key; default %(default)s"
    )
    _add_route_arguments(parser)
    _add_user_arguments(parser)


def _add_route_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the way to FastX's servers")
    group.add_argument(
        "--route",
        dest="routes",
        metavar="HOST[:PORT]",
        action="append",
        type=_said(route_address),
        help=f"a FastX server's port for routes; may be given several times; by default the configured servers' hosts "
        f"with port {FASTX_ROUTE_PORT}",
    )
    group.add_argument(
        "--cluster-name",
        metavar="NAME",
        type=_said(plain_name),
        default="fastx",
        help="the NATS cluster's; default %(default)s",
    )
    group.add_argument(
        "--route-user",
        metavar="NAME",
        type=_said(plain_name),
        default="ruser",
        help="login of FastX's routes; default %(default)s",
    )
    group.add_argument(
        "--route-port", metavar="PORT", type=_port, default=ROUTE_PORT, help="the gate's own; default %(default)s"
    )
    group.add_argument("--route-ca", metavar="FILE", help="FastX's routes are encrypted, with certificates of this CA")


def _add_user_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the users")
    for role in RoleName:
        group.add_argument(
            f"--{role}-user", metavar="NAME", type=_said(plain_name), default=str(role), help="default %(default)s"
        )
    group.add_argument(
        "--system-user", metavar="NAME", type=_said(plain_name), help="also a login that reads the servers' monitoring"
    )
    group.add_argument(
        "--secrets",
        metavar="FILE",
        type=Path,
        help="make passwords and keep them in FILE (new, mode 0600), which the configuration includes; without it the "
        "server takes them from its environment",
    )
    group.add_argument(
        "--route-password-file", metavar="FILE", type=Path, help="holds the password of FastX's routes, for --secrets"
    )


def run(args: argparse.Namespace) -> int:
    """Print the configuration."""
    settings = load(settings_flags(args), os.environ)
    for notice in settings.notices:
        say(notice)
    if args.route_password_file and not args.secrets:
        raise Usage("--route-password-file says what to put into the file of --secrets: name that too.")
    plan = _plan(args, settings)
    if args.secrets:
        route_password = _route_password(args.route_password_file)
        _write_secrets(args.secrets, render_secrets(plan, _passwords(plan), route_password))
        say(f"Made the users' passwords: they are in {args.secrets}, which has to lie beside the configuration.")
    write(render(plan, roles(settings.slug, overhear=settings.moleculer, discover=settings.moleculer_discover)))
    return Exit.DONE


def _plan(args: argparse.Namespace, settings: Settings) -> GatePlan:
    return GatePlan(
        name=args.name,
        cluster_name=args.cluster_name,
        routes=tuple(dict.fromkeys(args.routes or map(_fastx_route, settings.servers))),
        route_user=args.route_user,
        users={role: getattr(args, f"{role}_user") for role in RoleName},
        system_user=args.system_user,
        cert=args.cert,
        key=args.key,
        route_ca=args.route_ca,
        port=args.port,
        route_port=args.route_port,
        monitoring_port=args.monitoring_port,
        secrets_file=args.secrets.name if args.secrets else None,
    )


def _fastx_route(url: str) -> str:
    """The port for routes of the server that clients reach at ``url``."""
    return f"{url.partition('://')[2].rpartition(':')[0]}:{FASTX_ROUTE_PORT}"


def _passwords(plan: GatePlan) -> dict[str, str]:
    names = [password_variable(role) for role in plan.users]
    if plan.system_user:
        names.append(SYSTEM_PASSWORD)
    return {name: secrets.token_urlsafe(PASSWORD_BYTES) for name in names}


def _route_password(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The routes' password can't be read from {file}: {error}.") from None


def _write_secrets(file: Path, text: str) -> None:
    """Into a new file that only its owner reads; one that is there is left alone, for it may be in use."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(text)
    except FileExistsError:
        raise ConfigError(f"{file} is there already: a gate may be using it. Name another file.") from None
    except OSError as error:
        raise ConfigError(f"{file} can't be written: {error.strerror}. Name another place.") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: take 1 to 65535")
    return int(text)


def _said(read: Callable[[str], str]) -> Callable[[str], str]:
    """``read`` with its sentence where argparse would give none."""

    def reading(text: str) -> str:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reading
