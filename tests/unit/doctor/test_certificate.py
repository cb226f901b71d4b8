from __future__ import annotations

import ssl
from contextlib import suppress

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.doctor.certificate import Certificate, CertificateError, read_certificate
from tests.unit.doctor.kit import NOW, certificate

PEM = certificate("mgr1.example.com", "*.pool.example.com", "10.0.0.7", "fd00::7", common_name="old-name")
DER = ssl.PEM_cert_to_DER_cert(PEM)


def test_names_and_times_are_read() -> None:
    found = read_certificate(f"a key before it\n{PEM}\n{certificate('the-authority')}")
    assert found.names == ("mgr1.example.com", "*.pool.example.com", "10.0.0.7", "fd00::7")
    assert found.common_name == "old-name"
    assert found.ends == pytest.approx(NOW + 365 * 86400)
    assert found.begins < NOW


def test_times_after_2049_are_read_too() -> None:
    assert read_certificate(certificate("a", days=365 * 40)).ends == pytest.approx(NOW + 365 * 40 * 86400)


def test_an_authoritys_certificate_has_no_names() -> None:
    assert read_certificate(trustme.CA().cert_pem.bytes().decode()).names == ()


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        ("mgr1.example.com", True),
        ("MGR1.Example.com.", True),
        ("mgr2.example.com", False),
        ("a.pool.example.com", True),
        ("a.b.pool.example.com", False),
        ("pool.example.com", False),
        ("10.0.0.7", True),
        ("10.0.0.8", False),
        ("fd00::7", True),
        ("old-name", False),
    ],
)
def test_which_hosts_a_certificate_covers(host: str, covered: bool) -> None:
    assert read_certificate(PEM).covers(host) is covered


def test_a_star_is_no_address() -> None:
    assert not Certificate("", ("*.0.0.7",), 0, 1).covers("10.0.0.7")


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_file_without_a_readable_certificate_is_refused(text: str) -> None:
    with pytest.raises(CertificateError, match="holds"):
        read_certificate(text)


@settings(deadline=None, max_examples=400)
@given(st.integers(0, len(DER) - 1), st.integers(0, 255), st.integers(0, len(DER)))
def test_a_damaged_certificate_is_read_or_refused_and_nothing_else(at: int, byte: int, length: int) -> None:
    damaged = (DER[:at] + bytes([byte]) + DER[at + 1 :])[: length or None]
    with suppress(CertificateError):
        read_certificate(ssl.DER_cert_to_PEM_cert(damaged))
