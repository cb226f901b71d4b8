"""Who works on the invented cluster, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024
GIB: Final = 1024 * MIB


@dataclass(frozen=True, slots=True)
class App:
    """A program that people start sessions with; the figures are means."""

    name: str
    command: str
    geometries: tuple[str, ...]
    cpu: float
    """Share of one core."""
    mem: int
    """Bytes."""
    popularity: int
    unattended: bool = False
    """Whether it goes on working while nobody is connected."""
    batch: bool = False
    """Whether a job scheduler starts it, so that it may have to wait."""


_DESKTOP: Final = ("1920x1080", "2560x1440", "1680x1050")
_ROOTLESS: Final = ("rootless",)

APPS: Final = (
    App("gnome", "gnome-session", _DESKTOP, 0.15, 1400 * MIB, 30),
    App("mate", "mate-session", _DESKTOP, 0.08, 700 * MIB, 18),
    App("xterm", "xterm -ls", _ROOTLESS, 0.02, 90 * MIB, 12),
    App("matlab", "matlab -desktop", _ROOTLESS, 1.1, 3 * GIB, 14, unattended=True),
    App("paraview", "paraview", _ROOTLESS, 0.9, 4 * GIB, 7),
    App("fluent", "fluent 3ddp -t4 -pshmem", _ROOTLESS, 3.6, 11 * GIB, 6, unattended=True, batch=True),
    App("mechanical", "ansysmech -np 4", ("1920x1080",), 2.8, 9 * GIB, 4, unattended=True, batch=True),
    App("comsol", "comsol -3drend ogl", ("1920x1080",), 1.6, 6 * GIB, 5, unattended=True, batch=True),
    App("virtuoso", "virtuoso -log CDS.log", ("2560x1440",), 0.7, 2 * GIB, 4),
)

LOGINS: Final = (
    "abecker", "akumar", "amoreau", "bchen", "bnovak", "cokafor", "csilva", "dfischer", "dlee", "dweiss",
    "efrost", "ehansen", "ejones", "fmarino", "gpatel", "gtanaka", "hbrandt", "hwu", "ikovacs", "jdupont",
    "jpark", "kadams", "kberg", "lgarcia", "lzhang", "mcostas", "mhuber", "mroy", "nfield", "nsato",
    "odiaz", "pandersen", "pnguyen", "qliu", "rbauer", "rsingh", "schmidta", "slopez", "tkelly", "twagner",
    "uaydin", "vpopov", "wgreen", "xdeng", "ymori", "zkhan",
    "annamaria.wolkenstein-trostburg", "björk", "李小龍", "山田太郎",
)  # fmt: skip

PROJECTS: Final = ("aero", "bridge", "combustion", "delta", "eda7", "flow", "grid")

SCHEDULER: Final = "slurm"
WAIT_REASONS: Final = ("Resources", "Priority", "QOSMaxJobsPerUserLimit", "Licenses")
HANGS_BECAUSE: Final = "ReqNodeNotAvail, reserved for maintenance"
