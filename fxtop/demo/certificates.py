"""Certificates for the demo's servers, from an authority that exists for this one run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from fxtop.demo.folder import write_private

LIFETIME = timedelta(days=90)
"""Long enough that no certificate looks as if it ran out soon."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where a server's certificate and its key are."""

    cert: Path
    key: Path

    @property
    def files(self) -> tuple[Path, Path]:
        """Both."""
        return self.cert, self.key


class Authority:
    """Signs certificates and forgets its key when the process ends."""

    def __init__(self, ca_file: Path) -> None:
        self.ca_file = ca_file
        self._ca = trustme.CA(organization_name="fxtop demo")
        write_private(ca_file, self._ca.cert_pem.bytes())

    def issue(self, name: str, folder: Path) -> Certificate:
        """A certificate for ``name`` and for loopback, written into ``folder``."""
        expires = datetime.now(UTC) + LIFETIME
        leaf = self._ca.issue_cert(name, "localhost", "127.0.0.1", not_after=expires, common_name=name)
        files = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
        write_private(files.cert, b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        write_private(files.key, leaf.private_key_pem.bytes())
        return files
