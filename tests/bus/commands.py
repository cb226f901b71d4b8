"""Running command lines on the cluster of a demo, as a person of whom nothing else on this machine is known."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fxtop.__main__ import main
from fxtop.demo.run import Demo


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]


def move_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the person directories in ``folder``, and none of this machine's settings."""
    for name in [name for name in os.environ if name.startswith(("FXTOP_", "NATS_", "FX_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.setenv("FX_CONFIG_DIR", str(folder / "none"))


def runner(cluster: Demo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line on ``cluster``, whose few agents need no time to spread their answers over."""
    for place, seconds in {"cli.joined.SPREAD": 0.02, "cli.joined.QUIET": 0.15, "actions.inquiry.SPREAD": 0.02}.items():
        monkeypatch.setattr(f"fxtop.{place}", seconds)

    def run(*line: str) -> Ended:
        capsys.readouterr()
        code = main(["--config", cluster.ready.config, *line])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(code, said.out, said.err)

    return run
