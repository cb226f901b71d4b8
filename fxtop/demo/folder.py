"""The one folder that holds all the demo's files, and where in it each thing is."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

PREFIX = "fxtop-demo-"


@dataclass(frozen=True, slots=True)
class Folder:
    """A private folder; it holds secrets, so nobody else may read it (mode 0700)."""

    root: Path

    @classmethod
    def make(cls) -> Folder:
        """A new, empty one under the system's place for temporary files."""
        return cls(Path(tempfile.mkdtemp(prefix=PREFIX)))

    @property
    def config(self) -> Path:
        """The ``config.toml`` that a console or a command reads."""
        return self.root / "config.toml"

    @property
    def token(self) -> Path:
        """The token that every client of the bus shares."""
        return self.root / "transporter.token"

    @property
    def ca(self) -> Path:
        """The certificate that signed the servers' certificates."""
        return self.root / "ca.pem"

    @property
    def operator_key(self) -> Path:
        """The seed of the demo's operator."""
        return self.root / "operator.nk"

    @property
    def log(self) -> Path:
        """What the child process had to say."""
        return self.root / "site.log"

    @property
    def state(self) -> Path:
        """Journals: the agents' and the console's."""
        return self.root / "state"

    def remove(self) -> None:
        """Take it away with all that is in it; a folder that is gone already is no fault."""
        shutil.rmtree(self.root, ignore_errors=True)


def write_private(path: Path, content: str | bytes) -> None:
    """Write a new file that only its owner can read, from its first byte on."""
    data = content.encode() if isinstance(content, str) else content
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
