"""As much of an X.509 certificate as tells for whom it is good and until when (RFC 5280), without a crypto library.

Nothing is verified here. Python's ssl module shows these fields only of a peer whose certificate it has verified, which
is no use for a file that is expired or signed by nobody we know.
"""

from __future__ import annotations

import binascii
import ipaddress
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_SEQUENCE, _OID = 0x30, 0x06
_UTC_TIME, _LONG_TIME = 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_COMMON_NAME: Final = bytes.fromhex("550403")
_ALT_NAMES: Final = bytes.fromhex("551d11")


class CertificateError(ValueError):
    """A file that holds no certificate that can be read. The text is a clause without a subject."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Names and times of a certificate."""

    common_name: str
    """What clients of old went by; today's look at ``names`` alone."""
    names: tuple[str, ...]
    """DNS names and addresses (subjectAltName)."""
    begins: float
    """Unix seconds."""
    ends: float

    def covers(self, host: str) -> bool:
        """Whether ``host`` is one of the names; ``*`` stands for one label (RFC 6125)."""
        wanted = host.rstrip(".").lower()
        rest = wanted.partition(".")[2]
        mine = {name.lower() for name in self.names}
        return wanted in mine or (bool(rest) and f"*.{rest}" in mine and not _is_address(wanted))


def read_certificate(text: str) -> Certificate:
    """The first certificate of a PEM file, which is the server's own.

    Raises:
        CertificateError: there is none, or it can't be read.
    """
    found = _PEM.search(text)
    if found is None:
        raise CertificateError("holds no certificate in PEM form")
    try:
        return _certificate(ssl.PEM_cert_to_DER_cert(found[0]))
    except (binascii.Error, ValueError, IndexError):
        raise CertificateError("holds a certificate that can't be read") from None


class _Element(NamedTuple):
    """A value in DER with its tag."""

    tag: int
    value: bytes


def _elements(der: bytes) -> Iterator[_Element]:
    at = 0
    while at < len(der):
        tag, length = der[at], der[at + 1]
        at += 2
        if length >= 0x80:
            size = length & 0x7F
            if not 0 < size <= 4:
                raise ValueError("a length that no certificate has")
            length = int.from_bytes(der[at : at + size], "big")
            at += size
        if at + length > len(der):
            raise ValueError("an element that is cut off")
        yield _Element(tag, der[at : at + length])
        at += length


def _inner(der: bytes, tag: int) -> list[_Element]:
    first = next(_elements(der), None)
    if first is None or first.tag != tag:
        raise ValueError("another element than expected")
    return list(_elements(first.value))


def _certificate(der: bytes) -> Certificate:
    signed, *_ = _inner(der, _SEQUENCE)
    fields = [each for each in _elements(signed.value) if each.tag != _VERSION]
    _serial, _algorithm, _issuer, validity, subject, *rest = fields
    begins, ends = _elements(validity.value)
    extensions = [each for each in rest if each.tag == _EXTENSIONS]
    return Certificate(
        common_name=_common_name(subject.value),
        names=tuple(_alt_names(extensions[0].value)) if extensions else (),
        begins=_moment(begins),
        ends=_moment(ends),
    )


def _common_name(subject: bytes) -> str:
    for group in _elements(subject):
        for attribute in _elements(group.value):
            kind, value = _elements(attribute.value)
            if kind.value == _COMMON_NAME:
                return value.value.decode(errors="replace")
    return ""


def _alt_names(extensions: bytes) -> Iterator[str]:
    for extension in _inner(extensions, _SEQUENCE):
        kind, *rest = _elements(extension.value)
        if kind.tag == _OID and kind.value == _ALT_NAMES:
            for name in _inner(rest[-1].value, _SEQUENCE):
                if name.tag == _DNS_NAME:
                    yield name.value.decode("ascii", errors="replace")
                elif name.tag == _IP_ADDRESS:
                    yield str(ipaddress.ip_address(name.value))


def _moment(element: _Element) -> float:
    """A time. Two digits of a year mean 1950 to 2049 (RFC 5280, 4.1.2.5.1)."""
    text = element.value.decode("ascii")
    if element.tag == _UTC_TIME:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    elif element.tag != _LONG_TIME:
        raise ValueError("a time that is none")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
