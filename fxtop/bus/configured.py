"""From the settings of a command to the settings of a connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fxtop.bus.settings import BusSettings
from fxtop.config.secret import Secret
from fxtop.config.settings import Settings


def bus_settings(
    settings: Settings, *, subjects: tuple[str, ...] = (), sync_on_connect: bool = False, name: str = "fxtop"
) -> BusSettings:
    """How ``settings`` say to reach the bus, with what is to be heard there and our name in the servers' lists."""
    plain = BusSettings(
        servers=settings.servers,
        cluster_subjects=subjects,
        sync_on_connect=sync_on_connect,
        token=_reader(settings.token),
        user=_reader(settings.user),
        password=_reader(settings.password),
        nkey_seed=settings.nkey,
        creds=settings.creds,
        tls=settings.tls,
        ca=settings.ca,
        cert=settings.cert,
        key=settings.cert_key,
        server_name=settings.server_name,
        tls_first=settings.tls_first,
        name=name,
    )
    return plain if settings.inbox_prefix is None else replace(plain, inbox_prefix=settings.inbox_prefix)


def _reader(secret: Secret | None) -> Callable[[], str] | None:
    return None if secret is None else secret.read
