"""How syncthing's REST API is reached, as its own ``config.xml`` says (syncthing 1.12 to 2.0)."""

from __future__ import annotations

import ipaddress
import ssl
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.site import text_of

CERTIFICATE: Final = "https-cert.pem"
"""The API's own certificate, which syncthing signs itself and keeps beside ``config.xml``."""
_ANY: Final = ("", "0.0.0.0", "::")  # noqa: S104  # compared with, never bound to


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is, and what opens it."""

    url: str
    key: str = field(repr=False)


def access_of(config: Path, url: str | None = None) -> Access:
    """What the file ``config`` says now, with another ``url`` if one is given.

    Raises:
        CollectError: it can't be read, or doesn't say it.
    """
    text = text_of(config)
    if text is None:
        raise CollectError(f"syncthing's {config} isn't there: name its config.xml in [collect.store.syncthing].")
    try:
        return read_access(text, url)
    except CollectError as error:
        raise CollectError(f"syncthing's {config} {error}.") from None


def read_access(text: str, url: str | None = None) -> Access:
    """What the ``text`` of a config.xml says; the text of the CollectError is a clause without a subject."""
    gui = _root(text).find("gui")
    if gui is None or gui.get("enabled", "true") != "true":
        raise CollectError("has the API switched off")
    key = (gui.findtext("apikey") or "").strip()
    if not key.isascii() or not key.isprintable() or not key:
        raise CollectError("holds no API key")
    return Access(url or _url((gui.findtext("address") or "").strip(), tls=gui.get("tls") == "true"), key)


def url_flaw(url: str) -> str | None:
    """Why the API's key can't or must not be sent to ``url``, a clause without a subject; None where it may."""
    try:
        found = urlsplit(url)
        host, _ = found.hostname, found.port
    except ValueError:
        return "is no URL"
    if found.scheme not in ("http", "https") or not host:
        return "has to be a URL such as https://127.0.0.1:8384"
    if found.scheme == "http" and not _is_loopback(host):
        return "would send the API key in clear over the network: use https"
    return None


def trust_in(certificate: Path) -> ssl.SSLContext:
    """Trust in the one ``certificate`` that syncthing signed itself, whatever name it was made for.

    Raises:
        CollectError: it can't be read.
    """
    try:
        context = ssl.create_default_context(cafile=certificate)
    except OSError as error:
        why = "it is no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise CollectError(f"syncthing's certificate {certificate} can't be used: {why}.") from error
    context.check_hostname = False  # it is pinned, which is more than a name
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _root(text: str) -> ET.Element:
    if "<!" in text.replace("<!--", ""):
        raise CollectError("declares a document type, which syncthing never does: it isn't read")
    try:
        return ET.fromstring(text)  # noqa: S314  # entities need a document type, and that was refused
    except (ET.ParseError, ValueError):
        raise CollectError("is no XML that can be read") from None


def _url(address: str, *, tls: bool) -> str:
    if address.startswith(("/", "unix")):
        raise CollectError("has the API on a Unix socket, which the agent doesn't speak: give it a port on loopback")
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    at = "127.0.0.1" if host in _ANY else host
    url = f"{'https' if tls else 'http'}://{f'[{at}]' if ':' in at else at}:{port}"
    if flaw := url_flaw(url):
        raise CollectError(f"has the API at an address that {flaw}")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
