"""What a login is made of: read anew at each connect, handed out only to a connection that may have it."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fxtop.bus.addresses import Address
from fxtop.bus.private import Client, require_encryption
from fxtop.bus.settings import BusSettings, SecretReader
from fxtop.bus.words import SettingsWrong


def login_options(settings: BusSettings, address: Address, client: Client) -> dict[str, Any]:
    """nats-py's options for the login; a login in the URL counts where the settings name none."""
    options: dict[str, Any] = {}
    if settings.creds:
        options["user_credentials"] = str(_readable(settings.creds))
    elif settings.nkey_seed:
        options["nkeys_seed"] = str(_readable(settings.nkey_seed))
    user, password, token = _readers(settings, address)
    if user and password:
        options |= {"user": _guarded(user, client), "password": _guarded(password, client)}
    elif token:
        options["token"] = _guarded(token, client)
    return options


def fingerprint(settings: BusSettings) -> bytes | None:
    """A digest of the present secrets, to tell whether they changed; None while they can't be read."""
    digest = hashlib.sha256()
    for reader in (settings.token, settings.user, settings.password):
        if reader is not None:
            try:
                digest.update(_read(reader).encode() + b"\0")
            except SettingsWrong:
                return None
    return digest.digest()


def tls_context(settings: BusSettings) -> ssl.SSLContext | None:
    """The context for TLS, made anew so that replaced files count; None where nats-py's own is right.

    Raises:
        SettingsWrong: a file that can't be read or isn't what it should be.
    """
    if not (settings.ca or settings.cert):
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ca)
    except OSError as error:
        remedy = "set ca to the file of the CA that signed the servers' certificates"
        raise SettingsWrong(f"The CA file {settings.ca} can't be used ({_why(error)}): {remedy}.") from None
    if settings.cert:
        try:
            context.load_cert_chain(settings.cert, settings.key, password=_no_passphrase)
        except OSError as error:
            remedy = "check the files that cert and key name"
            raise SettingsWrong(
                f"The client certificate {settings.cert} can't be used ({_why(error)}): {remedy}."
            ) from None
    return context


def _readers(
    settings: BusSettings, address: Address
) -> tuple[SecretReader | None, SecretReader | None, SecretReader | None]:
    """Readers of user, password and token."""
    if settings.user or settings.token or settings.creds or settings.nkey_seed:
        return settings.user, settings.password, settings.token
    in_url, secret = address.user, address.password
    if in_url is None:
        return None, None, None
    if secret is None:
        return None, None, lambda: in_url
    return lambda: in_url, lambda: secret, None


def _guarded(reader: SecretReader, client: Client) -> Callable[[], str]:
    """``reader``, which speaks only where encryption isn't demanded or is seen."""

    def read() -> str:
        if client.must_encrypt:
            require_encryption(client)
        return _read(reader)

    return read


def _read(reader: SecretReader) -> str:
    try:
        return reader()
    except OSError as error:
        raise SettingsWrong(f"The secret can't be read from {error.filename or 'its file'}: {_why(error)}.") from None
    except ValueError as error:
        raise SettingsWrong(str(error)) from None


def _readable(path: Path) -> Path:
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise SettingsWrong(f"The file {path} can't be read: {_why(error)}.") from None


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"OpenSSL says {getattr(error, 'reason', None) or 'that it is no PEM file'}"
    return error.strerror or type(error).__name__


def _no_passphrase() -> str:
    """Keep OpenSSL from asking on the terminal; a key file with a passphrase then counts as unusable."""
    return ""
