"""Errors as sentences: what happened, to which server, what to do."""

from __future__ import annotations

import socket
import ssl
from enum import Enum, IntEnum, auto
from typing import Final, NamedTuple

import nats.errors

from fxtop.bus.addresses import Address
from fxtop.bus.private import CannotSeeEncryption, NotEncrypted
from fxtop.bus.settings import BusSettings
from fxtop.protocol.text import inert

X509_EXPIRED: Final = 10
X509_NOT_YET_VALID: Final = 9
X509_WRONG_NAME: Final = (62, 64)
"""Host name and address mismatch (openssl/x509_vfy.h)."""


class Trouble(IntEnum):
    """Kinds of failure. Of several servers' failures the one that stands first here is told: it tells most."""

    SETTINGS = 0
    CLEAR = 1
    LOGIN = 2
    CERTIFICATE = 3
    TLS = 4
    FROZEN = 5
    PROTOCOL = 6
    CLOSED = 7
    TIMEOUT = 8
    UNRESOLVED = 9
    REFUSED = 10


class Stage(Enum):
    """How far a connection had come when something happened to it."""

    DIALLING = auto()
    GREETING = auto()
    """TCP stands; the server's greeting, TLS and the login are under way."""
    LIVE = auto()


class Cause(NamedTuple):
    """Why a connection isn't there."""

    trouble: Trouble
    sentence: str


class SettingsWrong(Exception):
    """A file or secret that a connect needs can't be used; its text is a sentence."""


def explain(error: BaseException | None, address: Address, settings: BusSettings, stage: Stage = Stage.LIVE) -> Cause:
    """``error`` in words.

    Args:
        error: What nats-py or one of our callables raised; None where the connection ended without a word.
        address: The server it happened with.
        settings: What was asked for.
        stage: How far the connection had come.
    """
    match error:
        case SettingsWrong():
            cause = Cause(Trouble.SETTINGS, str(error))
        case NotEncrypted() | CannotSeeEncryption():
            cause = _unencrypted(error, address)
        case None | nats.errors.UnexpectedEOF() | ConnectionResetError() | BrokenPipeError():
            cause = _closed(address, settings, stage)
        case nats.errors.Error():
            cause = _protocol(error, address, settings)
        case ssl.SSLCertVerificationError():
            cause = _certificate(error, address, settings)
        case ssl.SSLError():
            cause = _tls(error, address, settings)
        case OSError():
            cause = _network(error, address, settings, stage)
        case _:
            what = type(error).__name__
            cause = Cause(Trouble.PROTOCOL, f"{address.place} doesn't speak NATS as expected ({what}).")
    return cause


def login_dropped(address: Address) -> Cause:
    """The server ended a running connection because our login isn't valid any more."""
    return Cause(
        Trouble.LOGIN,
        f"{address.place} dropped this login while connected: its token or users were changed. "
        "The secret is read again at each attempt; put the new one in its file.",
    )


def frozen(address: Address, seconds: float) -> Cause:
    """The server stopped answering pings."""
    return Cause(
        Trouble.FROZEN,
        f"{address.place} hasn't answered for {seconds:g} s: its host is frozen or the network drops packets.",
    )


def renewed(address: Address) -> Cause:
    """We hung up ourselves, to be told anew what is allowed."""
    return Cause(
        Trouble.CLOSED,
        f"{address.place} allows less than it did: connecting anew now and then, to see whether it allows more again.",
    )


def lame_duck(address: Address) -> str:
    """The server announced that it will stop."""
    return f"{address.place} is shutting down (lame duck mode): moving to another server."


def _closed(address: Address, settings: BusSettings, stage: Stage) -> Cause:
    if stage is Stage.LIVE:
        why = "it was stopped or restarted, or it cut off a reader too slow for it."
        return Cause(Trouble.CLOSED, f"{address.place} closed the connection: {why}")
    hint = "" if settings.cert else ", or wants a client certificate (cert and key)"
    return Cause(Trouble.CLOSED, f"{address.place} hung up during the login: it is stopping{hint}.")


def _unencrypted(error: BaseException, address: Address) -> Cause:
    if isinstance(error, CannotSeeEncryption):
        sentence = (
            "TLS was asked for, and this release of nats-py doesn't let fxtop see whether it is used: "
            "nothing was sent. Install nats-py 2.16."
        )
        return Cause(Trouble.SETTINGS, sentence)
    return Cause(
        Trouble.CLEAR,
        f"{address.place} offers no TLS although TLS was asked for: nothing was sent, no token either. "
        "Turn tls{} on in that server's configuration, or check that the address is the right one.",
    )


def _protocol(error: nats.errors.Error, address: Address, settings: BusSettings) -> Cause:
    match error:
        case nats.errors.AuthorizationError():
            return login_dropped(address)
        case nats.errors.ProtocolError():
            return Cause(Trouble.PROTOCOL, f"{address.place} sent what can't be read as NATS's protocol.")
        case nats.errors.TimeoutError() | nats.errors.StaleConnectionError():
            return Cause(Trouble.TIMEOUT, f"{address.place} took too long to answer: check the network.")
    return _said_by_server(str(error).removeprefix("nats: ").strip("' "), address, settings)


def _said_by_server(text: str, address: Address, settings: BusSettings) -> Cause:
    low = text.lower()
    if "authorization violation" in low or "authentication" in low:
        return Cause(Trouble.LOGIN, _refused_login(address, settings))
    if "empty response" in low:
        return Cause(Trouble.PROTOCOL, f"{address.place} closes connections at once: is it a NATS server?")
    if "json parse" in low:
        return Cause(Trouble.PROTOCOL, f"{address.place} doesn't greet as a NATS server does: check the address.")
    return Cause(Trouble.CLOSED, f"{address.place} ended the connection with '{inert(text, 200)}'.")


def _refused_login(address: Address, settings: BusSettings) -> str:
    if settings.creds or settings.nkey_seed:
        return (
            f"{address.place} refuses this nkey or credentials file: ask its administrator whether it is still listed."
        )
    if settings.user or (address.user and address.password):
        return f"{address.place} refuses this user and password: check both."
    if settings.token or address.user:
        return (
            f"{address.place} refuses the token: it differs from the server's. "
            "Compare the token file with authorization{} in that server's nats-server.conf."
        )
    return f"{address.place} wants a login and none is configured: name the file that holds the token (--token-file)."


def _certificate(error: ssl.SSLCertVerificationError, address: Address, settings: BusSettings) -> Cause:
    expected = settings.server_name or address.tls_name or address.host
    if error.verify_code in X509_WRONG_NAME:
        sentence = (
            f"The certificate of {address.place} isn't for the name '{expected}': "
            "set server_name to a name that it holds, or correct the server's certificate."
        )
    elif error.verify_code == X509_EXPIRED:
        sentence = f"The certificate of {address.place} has expired: renew it on that server."
    elif error.verify_code == X509_NOT_YET_VALID:
        sentence = f"The certificate of {address.place} isn't valid yet: compare the clocks of both hosts."
    else:
        trusted = f"the CA in {settings.ca}" if settings.ca else "this system's CAs"
        sentence = (
            f"The certificate of {address.place} isn't signed by {trusted} ({error.verify_message}): "
            "set ca to the file of the CA that signed it."
        )
    return Cause(Trouble.CERTIFICATE, sentence)


def _tls(error: ssl.SSLError, address: Address, settings: BusSettings) -> Cause:
    reason = getattr(error, "reason", None) or "no reason given"
    if reason == "WRONG_VERSION_NUMBER" and settings.tls_first:
        sentence = f"{address.place} doesn't begin with TLS: switch tls_first off, or handshake_first on in the server."
    elif "CERTIFICATE_REQUIRED" in reason or "BAD_CERTIFICATE" in reason:
        sentence = f"{address.place} wants a client certificate that it trusts: set cert and key."
    else:
        sentence = f"TLS with {address.place} failed: {reason}."
    return Cause(Trouble.TLS, sentence)


def _network(error: OSError, address: Address, settings: BusSettings, stage: Stage) -> Cause:
    if isinstance(error, ConnectionRefusedError):
        return Cause(
            Trouble.REFUSED,
            f"Nothing listens on {address.place} (connection refused): start nats-server there, or check the address.",
        )
    if isinstance(error, socket.gaierror):
        return Cause(
            Trouble.UNRESOLVED,
            f"The name {address.host} can't be resolved: check the server's name, or this host's DNS.",
        )
    if isinstance(error, TimeoutError):
        return Cause(Trouble.TIMEOUT, _timed_out(address, settings, stage))
    what = error.strerror or type(error).__name__
    return Cause(Trouble.TIMEOUT, f"{address.place} can't be reached: {what}.")


def _timed_out(address: Address, settings: BusSettings, stage: Stage) -> str:
    limit = f"{settings.connect_timeout:g} s"
    if stage is Stage.DIALLING:
        return f"{address.place} didn't answer within {limit}: check the network, a firewall, and the address."
    hint = "" if settings.tls_first else ", or expects TLS first (tls_first)"
    return f"{address.place} took the connection and then said nothing for {limit}: it is frozen, no NATS server{hint}."
