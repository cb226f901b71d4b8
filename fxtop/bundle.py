"""``python -m fxtop.bundle``: one archive with every wheel, for sites without internet.

Run it where a package index can be reached; carry the archive to the site. It installs there with pip alone and
``--no-index``. Wheels are taken for CPython 3.11 on glibc 2.34 and newer (RHEL 9's python3.11 package) and so for
Debian 12 too, for x86-64 and arm64 together.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ARCHITECTURES: Final = ("x86_64", "aarch64")
GLIBC: Final = ("2_34", "2_28", "2_17")
"""Platform tags from RHEL 9's glibc downwards; older ones run there too (PEP 600)."""
PYTHON: Final = "3.11"
SOURCE_ONLY: Final = ("nkeys",)
"""What the index has as source alone; pure Python, so that a wheel made here runs anywhere."""
INSTALL: Final = """\
fxtop for hosts without a network. As root, or in a folder of your own:

    python3.11 -m venv /opt/fxtop
    /opt/fxtop/bin/pip install --no-index --find-links wheels fxtop
    /opt/fxtop/bin/fxtop --version

RHEL 9: dnf install python3.11. Debian 12: apt install python3-venv (its python3 is 3.11).
"""


class BundleError(Exception):
    """A bundle that can't be made; the text is a sentence."""


def bundle(project: Path, archive: Path, architectures: Sequence[str] = ARCHITECTURES) -> None:
    """Write ``archive`` (``.tar.gz``) with the wheel of ``project`` and of all that it needs.

    Args:
        project: a checkout of fxtop, or its wheel.
        archive: the file to write.
        architectures: as ``uname -m`` calls them.

    Raises:
        BundleError: pip could not build or find a wheel; it has said why on stderr.
    """
    with tempfile.TemporaryDirectory(prefix="fxtop-bundle-") as folder:
        wheels = Path(folder) / "wheels"
        wheels.mkdir()
        own = project if project.suffix == ".whl" else _build(project, wheels)
        _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), *SOURCE_ONLY)
        for architecture in architectures:
            _pip("download", *_only_for(architecture), *_into(wheels), str(own))
        notes = Path(folder) / "INSTALL.txt"
        notes.write_text(INSTALL)
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(wheels, "wheels")
            tar.add(notes, "INSTALL.txt")


def _build(project: Path, wheels: Path) -> Path:
    _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(project))
    return next(wheels.glob("fxtop-*.whl"))


def _into(wheels: Path) -> list[str]:
    return ["--dest", str(wheels), "--find-links", str(wheels)]


def _only_for(architecture: str) -> list[str]:
    platforms = [f"--platform=manylinux_{glibc}_{architecture}" for glibc in GLIBC]
    return [*platforms, "--platform=manylinux2014_" + architecture, f"--python-version={PYTHON}", "--only-binary=:all:"]


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:  # noqa: S603  # pip, with our arguments
        raise BundleError(f"pip {arguments[0]} did not work: see what it says above.")


def main(argv: Sequence[str] | None = None) -> int:
    """Make the archive that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m fxtop.bundle", description="All wheels of fxtop in one archive.")
    parser.add_argument("archive", type=Path, help="file to write, as fxtop-bundle.tar.gz")
    parser.add_argument("--from", dest="project", type=Path, default=Path(), help="a checkout of fxtop or its wheel")
    parser.add_argument("--arch", action="append", choices=ARCHITECTURES, help="default: both")
    args = parser.parse_args(argv)
    try:
        bundle(args.project, args.archive, args.arch or ARCHITECTURES)
    except (BundleError, OSError) as error:
        sys.stderr.write(f"fxtop.bundle: {error}\n")
        return 1
    sys.stderr.write(f"Wrote {args.archive}: unpack it at the site and follow INSTALL.txt.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
