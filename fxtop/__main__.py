"""The program: ``fxtop``, or ``python -m fxtop``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (the process's own by default) and give its exit code."""
    from fxtop.cli.main import run  # noqa: PLC0415  # `import fxtop.__main__` stays free

    return run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
