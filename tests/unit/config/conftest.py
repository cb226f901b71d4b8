"""A home with nothing in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from fxtop.config.load import load
from fxtop.config.settings import Settings


@dataclass(frozen=True)
class Home:
    """Folders of a person, an environment that points to them, and writing files into them."""

    path: Path
    env: dict[str, str]

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        """A file with ``text`` under the home."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def config(self, text: str) -> Path:
        """The usual configuration."""
        return self.write("config/fxtop/config.toml", text)

    def context(self, name: str, text: str, mode: int = 0o600) -> Path:
        """A context of the NATS command line."""
        return self.write(f"config/nats/context/{name}.json", text, mode)

    def load(self, env: dict[str, str] | None = None, switch_to: str | None = None, **flags: object) -> Settings:
        """The settings in this home, with ``env`` beside its own environment."""
        return load(flags, {**self.env, **(env or {})}, cluster=switch_to)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    env = {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "FX_CONFIG_DIR": str(tmp_path / "fastx"),
        "LOGNAME": "ann",
    }
    return Home(tmp_path, env)
