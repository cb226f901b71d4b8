"""Where users' sessions are, by FastX.conf (vendor's CONF)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final

from fxtop.agent.providers.fastx.accounts import Account, Place, Places
from fxtop.config.site.fastx_conf import SESSION_PATH, FastxConf
from fxtop.config.site.mounts import Mount, mount_of

_SOME_HOSTS: Final = ("one-host", "another-host")


def places_of(read_conf: Callable[[], FastxConf], host: str, mounts: Callable[[], tuple[Mount, ...]]) -> Places:
    """The places of sessions on ``host``. FastX.conf and the mounts are asked for again and again, as both change.

    A SessionPath holds this host's sessions alone if the host's name is part of it, as in FastX's default, or if it
    lies on no filesystem that other hosts share. FastX expands variables of the user's environment as well; those
    beyond HOST, USER and HOME can't be known here, and a SessionPath with one is in no place.
    """

    def place(account: Account) -> Place | None:
        conf = read_conf()
        path = _path(conf, account, host)
        if path is None:
            return None
        return Place(path, own=_names_host(conf, account) or not _shared(path, mounts()))

    return place


def _names_host(conf: FastxConf, account: Account) -> bool:
    """Whether the path would be another one elsewhere, where FastX.conf may give the host another name."""
    anywhere = FastxConf(tuple(setting for setting in conf.settings if setting.name != "HOST"))
    return len({_path(anywhere, account, host) for host in _SOME_HOSTS}) > 1


def _path(conf: FastxConf, account: Account, host: str) -> str | None:
    home = {"HOME": account.home} if account.home else {}
    path = conf.path(SESSION_PATH, {"HOST": host, "USER": account.name, **home})
    return str(path) if path is not None and path.is_absolute() else None


def _shared(path: str, mounts: tuple[Mount, ...]) -> bool:
    mount = mount_of(PurePosixPath(path), mounts)
    return mount is None or mount.shared
