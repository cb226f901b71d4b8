"""The archive for sites without internet: made once, installed where there is no network at all."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from fxtop import __version__
from fxtop.bundle import ARCHITECTURES, BundleError, bundle

PROJECT = Path(__file__).parents[2]
NO_NETWORK = ("unshare", "--user", "--map-root-user", "--net")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive for both architectures."""
    made = tmp_path_factory.mktemp("bundle") / "fxtop.tar.gz"
    try:
        bundle(PROJECT, made)
    except BundleError as error:
        pytest.skip(f"no package index can be reached from here: {error}")
    return made


def _cut_off() -> tuple[str, ...]:
    """What runs a command without a network, where this host lets it."""
    if shutil.which(NO_NETWORK[0]) is None:
        return ()
    tried = subprocess.run([*NO_NETWORK, "true"], capture_output=True, check=False)
    return NO_NETWORK if tried.returncode == 0 else ()


def test_it_holds_a_wheel_for_each_architecture_and_no_source(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        names = [Path(name).name for name in tar.getnames()]
    for architecture in ARCHITECTURES:
        assert any(name.startswith("msgspec-") and architecture in name for name in names)
    assert [name for name in names if name not in ("wheels", "INSTALL.txt") and not name.endswith(".whl")] == []


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11) or platform.machine() not in ARCHITECTURES or platform.system() != "Linux",
    reason="the archive is for CPython 3.11 on Linux, x86-64 and arm64",
)
def test_it_installs_without_a_network_and_runs(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    pip, wheels = str(tmp_path / "venv/bin/pip"), str(tmp_path / "wheels")
    subprocess.run([*_cut_off(), pip, "install", "-q", "--no-index", "--find-links", wheels, "fxtop"], check=True)
    run = subprocess.run([tmp_path / "venv/bin/fxtop", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"fxtop {__version__}"
