"""The program: ``fxtop``, or ``python -m fxtop``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (the process's own by default) and give its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == ["node-select"]:  # FastX waits for it at every start of a session: it loads a fraction of the rest
        from fxtop.cli.node_select import main as node_select  # noqa: PLC0415  # `import fxtop.__main__` stays free

        return node_select(words[1:])
    from fxtop.cli.main import run  # noqa: PLC0415  # as above

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
