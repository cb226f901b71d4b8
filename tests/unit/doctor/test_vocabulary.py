"""The console and the doctor call the same trouble by the same name, as bad, with the same advice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding
from fxtop.doctor.checks import directories, leftovers, units
from fxtop.doctor.facts import Facts, Running
from fxtop.doctor.finding import NotChecked
from tests.unit.cluster.kit import Site
from tests.unit.doctor.kit import facts_of, good_manager

ENV = "/etc/fastx/fastx.env"
LOCAL = {"name": "FX_LOCAL_DIR", "path": "/nfs/local", "network": True}
TEMP = {"name": "FX_TEMP_DIR", "path": "/nfs/tmp", "network": True}
ON_NFS = {ENV: "FX_TEMP_DIR=/nfs/tmp\nFX_LOCAL_DIR=/nfs/local\n", "/etc/fstab": "nas:/s /nfs nfs4 rw 0 0\n"}


def machine(root: Path) -> Facts:
    """A machine with every trouble that a console can hear of too."""
    facts = facts_of(root, good_manager() | ON_NFS | {"/etc/fastx/forms/f.ini": ""})
    failed = Running("fastx5.service", "failed", None)
    return replace(facts, names=frozenset({"viz01"}), running={"fastx5.service": failed})


def cluster() -> Site:
    """The same as two nodes would tell it."""
    site = Site()
    site.facts(
        "viz01",
        dirs=[TEMP, LOCAL],
        units=[{"name": "fastx5.service", "active": "failed"}],
        notes={"leftovers/forms/": "The files in forms/ have no effect."},
    )
    site.facts("viz02", dirs=[LOCAL])
    return site


@pytest.mark.parametrize("kind", ["temp-network", "local-shared", "unit-failed", "v4-leftovers"])
def test_both_say_the_same_of_the_same_trouble(tmp_path: Path, kind: str) -> None:
    facts = machine(tmp_path)
    checks = (directories.temp_on_mount, directories.local_shared, units.stopped, leftovers.ignored)
    here = _only(kind, (each for check in checks for each in check(facts) if not isinstance(each, NotChecked)))
    heard = _only(kind, findings(cluster().store))
    assert (here.severity, here.consequence) == (heard.severity, heard.consequence)
    assert here.remedy == heard.remedy
    assert here.evidence
    assert heard.evidence


def _only(kind: str, found: Iterable[Finding]) -> Finding:
    (one,) = [each for each in found if each.kind == kind]
    return one
