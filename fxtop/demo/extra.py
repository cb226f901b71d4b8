"""What the demo needs beyond the console: the packages of the ``demo`` extra."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from fxtop.demo.errors import DemoError

_INSTALL = "Install the demo's parts with: pip install 'fxtop[demo]'"


def nats_server() -> Path:
    """The nats-server beside this Python, or else on the PATH.

    Raises:
        DemoError: when there is none.
    """
    found = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
    if found is None:
        raise DemoError(
            f"The demo runs real NATS servers, and there is no nats-server beside {sys.executable} or on the PATH. "
            f"{_INSTALL}."
        )
    return Path(found)


def require() -> None:
    """Raise DemoError where something is missing."""
    nats_server()
    if find_spec("trustme") is None:
        raise DemoError(f"The demo makes its own certificates with trustme, which is not installed. {_INSTALL}.")
