"""Taking each setting from the first place that gives it, and checking what was taken."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fxtop.config import directories
from fxtop.config.clusters import Chosen
from fxtop.config.given import Choice, Login
from fxtop.config.guardrails import WrittenGuardrails
from fxtop.config.link import Link, link_named
from fxtop.config.servers import DEFAULT_SERVER, is_tls
from fxtop.config.settings import Settings
from fxtop.config.toml_file import TomlFile
from fxtop.config.zones import LOCAL, zone
from fxtop.protocol.text import inert

MOST_ARM_MINUTES: Final = 24 * 60.0
MOST_BULK: Final = 10_000
MOST_CANCEL_SECONDS: Final = 300.0
LEAST_MIB: Final = 0.1
MOST_MIB: Final = 1024.0
MOST_KEPT: Final = 100_000
"""Full files of a journal."""
LEAST_RATE: Final = 0.1
MOST_RATE: Final = 30.0
MOST_NAME: Final = 128
"""Characters of an operator's name."""

_INBOX_PREFIX: Final = re.compile(r"[^\s.*>]+(\.[^\s.*>]+)*")
_LOGIN_FIELDS: Final = ("token", "user", "password", "creds", "nkey")
_TLS_REASONS: Final = ("ca", "cert", "server_name")


class ConfigFile(NamedTuple):
    """The configuration, None where there is none, and who named it."""

    file: TomlFile | None
    source: str


def compose(
    choice: Choice, chosen: Chosen, config: ConfigFile, env: Mapping[str, str], notices: tuple[str, ...]
) -> Settings:
    """The settings of the cluster ``chosen``; ConfigError for a value that can't be used."""
    take = choice.take
    login = take("login", lambda given: given.connection.login, Login())
    settings = Settings(
        cluster=chosen.name,
        slug=chosen.slug,
        clusters=config.file.clusters if config.file else (),
        servers=take("servers", lambda given: given.connection.servers, (DEFAULT_SERVER,)),
        ca=take("ca", lambda given: given.connection.ca, None),
        cert=take("cert", lambda given: given.connection.cert, None),
        cert_key=take("cert_key", lambda given: given.connection.cert_key, None),
        server_name=take("server_name", lambda given: given.connection.server_name, None),
        tls_first=take("tls_first", lambda given: given.connection.tls_first, False),
        inbox_prefix=take("inbox_prefix", lambda given: given.connection.inbox_prefix, None),
        moleculer=take("moleculer", lambda given: given.moleculer, False),
        moleculer_discover=take("moleculer_discover", lambda given: given.moleculer_discover, False),
        token=login.token,
        user=login.user,
        password=login.password,
        creds=login.creds,
        nkey=login.nkey,
        badge=take("badge", lambda given: given.badge, None),
        color=take("color", lambda given: given.color, None),
        read_only=take("read_only", lambda given: given.read_only, False),
        operator=take("operator", lambda given: given.operator, _login_name(env), "login name"),
        key_file=take("key_file", lambda given: given.key_file, directories.config_dir(env) / "operator.nk"),
        key_command=take("key_command", lambda given: given.key_command, ()),
        passphrase_command=take("passphrase_command", lambda given: given.passphrase_command, ()),
        arm_minutes=take("arm_minutes", lambda given: given.arm_minutes, 10.0),
        bulk=take("bulk", lambda given: given.bulk, 10),
        cancel_seconds=take("cancel_seconds", lambda given: given.cancel_seconds, 5.0),
        guardrails=config.file.document.guardrails if config.file else WrittenGuardrails(),
        theme=take("theme", lambda given: given.theme, "dark"),
        ascii=take("ascii", lambda given: given.ascii, False),
        tz=take("tz", lambda given: given.tz, LOCAL),
        rate=take("rate", lambda given: given.rate, 2.0),
        link=_link(choice),
        keys=MappingProxyType(dict(take("keys", lambda given: given.keys, {}))),
        themes_dir=directories.config_dir(env) / "themes",
        config_file=config.file.path if config.file else None,
        log_file=take("log_file", lambda given: given.log_file, directories.state_dir(env) / "fxtop.log"),
        journal=directories.state_dir(env) / "journal.jsonl",
        journal_mib=take("journal_mib", lambda given: given.journal_mib, 4.0),
        journal_keep=take("journal_keep", lambda given: given.journal_keep, 50),
        provenance=MappingProxyType(choice.sources),
        notices=notices,
    )
    _complete(choice.sources, settings, chosen, config)
    _check(settings, choice)
    return settings


def _complete(sources: dict[str, str], settings: Settings, chosen: Chosen, config: ConfigFile) -> None:
    """Say where the values come from that no single place gives."""
    login = sources.pop("login")
    sources |= {field: login if getattr(settings, field) else "not set" for field in _LOGIN_FIELDS}
    reasons = ["servers"] if any(map(is_tls, settings.servers)) else []
    reasons += [field for field in _TLS_REASONS if getattr(settings, field)]
    sources["tls"] = sources[reasons[0]] if reasons else "default"
    sources["cluster"], sources["slug"] = chosen.source, chosen.slug_source
    sources["config_file"] = config.source if config.file else "not set"
    sources["guardrails"] = sources["config_file"] if settings.guardrails.rules else "not set"
    sources["themes_dir"] = sources["journal"] = "default"


def _check(settings: Settings, choice: Choice) -> None:
    name = settings.operator
    if name != name.strip() or inert(name, MOST_NAME) != name or not name:
        raise choice.wrong("operator", f"write it in one line of at most {MOST_NAME} visible characters")
    if settings.inbox_prefix is not None and not _INBOX_PREFIX.fullmatch(settings.inbox_prefix):
        raise choice.wrong("inbox_prefix", "it begins subjects, so it has no blanks, wildcards or empty parts")
    if not 0 < settings.arm_minutes <= MOST_ARM_MINUTES:
        raise choice.wrong("arm_minutes", f"take more than 0 and at most {MOST_ARM_MINUTES:g} minutes")
    if not 1 <= settings.bulk <= MOST_BULK:
        raise choice.wrong("bulk", f"take 1 to {MOST_BULK} targets")
    if not 0 <= settings.cancel_seconds <= MOST_CANCEL_SECONDS:
        raise choice.wrong("cancel_seconds", f"take 0 to {MOST_CANCEL_SECONDS:g} seconds")
    if not LEAST_MIB <= settings.journal_mib <= MOST_MIB:
        raise choice.wrong("journal_mib", f"take {LEAST_MIB:g} to {MOST_MIB:g} MiB")
    if not 0 <= settings.journal_keep <= MOST_KEPT:
        raise choice.wrong("journal_keep", f"take 0 (all) to {MOST_KEPT} full files")
    if not LEAST_RATE <= settings.rate <= MOST_RATE:
        raise choice.wrong("rate", f"take {LEAST_RATE:g} to {MOST_RATE:g} screen updates a second")
    try:
        zone(settings.tz)
    except ValueError as error:
        raise choice.wrong("tz", str(error)) from None


def _link(choice: Choice) -> Link:
    try:
        return link_named(choice.take("link", lambda given: given.link, Link.AUTO))
    except ValueError as error:
        raise choice.wrong("link", str(error)) from None


def _login_name(env: Mapping[str, str]) -> str:
    """Who sits at the terminal: behind sudo the person, not root."""
    names = ("SUDO_USER", "LOGNAME", "USER") if os.geteuid() == 0 else ("LOGNAME", "USER")
    for name in names:
        if value := env.get(name, "").strip():
            return value
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
