"""All that files alone can tell, of this machine or of a copied tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from fxtop.config.site.ini_keys import read_keys
from fxtop.config.site.layout import CONFIG_DIR, LOCAL_DIR, TEMP_DIR, VAR_DIR, Layout, license_folders
from fxtop.config.site.leftovers import FORMS, dead_key, is_dead_variable
from fxtop.config.site.license_file import floating
from fxtop.config.site.mounts import Mount, read_mounts
from fxtop.config.site.nats_server import Tls
from fxtop.config.site.place import Place
from fxtop.doctor.certificate import Certificate, CertificateError, read_certificate
from fxtop.doctor.facts import CertificateFile, Facts, Leftover, NatsConf, Role
from fxtop.doctor.finding import Missing
from fxtop.doctor.gather.secrets import read_nats, read_secret, servers
from fxtop.doctor.gather.services import Services, is_fastx, read_services
from fxtop.doctor.gather.tree import Tree

USER: Final = "fastx"
"""Whom FastX's services run as where no unit says otherwise."""
INSTALLED: Final = PurePosixPath("/usr/lib/fastx")
NOT_IN_A_COPY: Final = Missing("a copied tree doesn't show it")


def gather_files(tree: Tree, role: Role, now: float) -> Facts:
    """What the files of a node or manager tell. What only the living machine knows is `Missing`."""
    services = read_services(tree)
    layout = services.layout
    nats = read_nats(tree, services)
    licenses = tuple(path for folder in license_folders(layout) for path in _found(tree, folder, "*.lic"))
    return Facts(
        role=role,
        now=now,
        names=NOT_IN_A_COPY,
        version=_version(tree),
        layout=layout,
        lies_at={name: tree.resolved(found.path) for name, found in layout.directories.items()},
        variables=services.variables,
        units=services.units,
        running=NOT_IN_A_COPY,
        changed=NOT_IN_A_COPY if tree.copied else _changed(tree, services, nats),
        service_user=_user(services),
        may_read=NOT_IN_A_COPY,
        nats=nats,
        secret=read_secret(tree, services),
        servers=servers(tree, services),
        certificates=tuple(_certificates(tree, layout, nats)),
        mounts=_mounts(tree),
        clock_kept=NOT_IN_A_COPY,
        temp_mode=NOT_IN_A_COPY if tree.copied else _mode(tree, layout.path(TEMP_DIR)),
        local_hosts=tuple(_local_hosts(tree, layout)),
        licenses=licenses,
        floating=tuple(place for path in licenses for place in _floating(tree, path)),
        leftovers=tuple(_leftovers(tree, services)),
        conflicts=_conflicts(tree, layout),
        reached=NOT_IN_A_COPY,
    )


def _user(services: Services) -> str:
    users = [unit.user for unit in services.units if is_fastx(unit.name) and unit.user]
    return users[-1] if users else USER


def _version(tree: Tree) -> int | None:
    numbers = [int(name) for name in tree.names(INSTALLED) if name.isascii() and name.isdigit()]
    return max(numbers, default=None)


def _mounts(tree: Tree) -> tuple[Mount, ...] | Missing:
    path = PurePosixPath("/etc/fstab" if tree.copied else "/proc/self/mounts")
    try:
        return read_mounts(tree.text(path))
    except OSError as error:
        return Missing(f"{path} can't be read: {error.strerror}")


def _mode(tree: Tree, path: PurePosixPath) -> int | Missing:
    try:
        return tree.stat(path).st_mode & 0o7777
    except OSError as error:
        return Missing(f"{path}: {error.strerror}")


def _changed(tree: Tree, services: Services, nats: NatsConf | Missing) -> dict[PurePosixPath, float] | Missing:
    folder = services.layout.path(CONFIG_DIR)
    paths = {*_found(tree, folder, "*"), *(PurePosixPath(file) for unit in services.units for file in unit.files)}
    if isinstance(nats, NatsConf):
        paths.add(PurePosixPath(nats.file))
    times = {}
    for path in paths:
        try:
            times[path] = tree.stat(path).st_mtime
        except OSError:
            continue  # gone meanwhile, or a link to nothing
    return times or Missing(f"nothing can be seen in {folder}")


def _certificates(tree: Tree, layout: Layout, nats: NatsConf | Missing) -> Iterator[CertificateFile]:
    if isinstance(nats, NatsConf):
        server = nats.server
        for serves, tls in (("clients", server.tls), ("routes", server.cluster.tls if server.cluster else None)):
            if tls is not None and tls.cert_file is not None:
                yield _of_nats(tree, nats, serves, tls, tls.cert_file)
    web = layout.path(VAR_DIR) / "fastx.crt"
    if tree.has(web):
        yield CertificateFile(Path(web), None, "web", _certificate(tree, web))


def _of_nats(tree: Tree, nats: NatsConf, serves: str, tls: Tls, name: str) -> CertificateFile:
    if not name.startswith("/"):
        why = Missing(f"{tls.at} names it by a path that depends on where the transporter was started")
        return CertificateFile(Path(name), tls.at, serves, why)
    return CertificateFile(Path(name), tls.at, serves, _certificate(tree, PurePosixPath(name)))


def _certificate(tree: Tree, path: PurePosixPath) -> Certificate | Missing:
    try:
        return read_certificate(tree.text(path))
    except OSError as error:
        return Missing(f"it can't be read: {error.strerror}")
    except CertificateError as error:
        return Missing(f"it {error}")


def _local_hosts(tree: Tree, layout: Layout) -> Iterator[str]:
    """Hosts that the web server's own certificates are made for."""
    folder = layout.path(LOCAL_DIR)
    for path in (*_found(tree, folder, "*.crt"), *_found(tree, folder, "*.pem")):
        found = _certificate(tree, path)
        if isinstance(found, Certificate):
            hosts = {name for name in (found.common_name, *found.names) if name.strip("0123456789.:")}
            yield from sorted(host for host in hosts if host != "localhost" and " " not in host and "*" not in host)


def _floating(tree: Tree, path: PurePosixPath) -> Iterator[Place]:
    try:
        yield from floating(tree.text(path), Path(path))
    except OSError:
        return  # that it can't be read is told where its ports are looked for


def _leftovers(tree: Tree, services: Services) -> Iterator[Leftover]:
    for variable in services.variables:
        if is_dead_variable(variable.name):
            yield Leftover(variable.name, variable.at)
    folder = services.layout.path(CONFIG_DIR)
    if tree.has(folder / FORMS):
        yield Leftover(f"{FORMS}/", Place(Path(folder / FORMS), 0))
    for path in _found(tree, folder, "*.ini"):
        try:
            keys = read_keys(tree.text(path), Path(path))
        except OSError:
            continue
        yield from (Leftover(dead, key.at) for key in keys if (dead := dead_key(key.name)) is not None)


def _conflicts(tree: Tree, layout: Layout) -> tuple[PurePosixPath, ...] | Missing:
    folder = layout.path(VAR_DIR)
    try:
        return tuple(tree.files(folder, "*.sync-conflict-*"))
    except OSError as error:
        return Missing(f"{folder} can't be read: {error.strerror}")


def _found(tree: Tree, folder: PurePosixPath, pattern: str) -> Iterable[PurePosixPath]:
    try:
        return tuple(tree.files(folder, pattern))
    except OSError:
        return ()
