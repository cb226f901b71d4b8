"""A FastX machine laid out in a folder."""

from __future__ import annotations

from pathlib import Path

UNIT = """\
[Unit]
Description=FastX
[Service]
User=fastx
ExecStart=/usr/lib/fastx/5/start
"""


class Machine:
    """Files of one machine under ``root``; everything is as on a healthy FastX 5 node."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.put("/usr/lib/systemd/system/fastx5.service", UNIT)
        self.put("/etc/os-release", 'NAME="Rocky Linux"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n')
        self.put("/etc/fastx/FastX.conf", "HOST viz07\n")
        self.put("/etc/fastx/fastx.env", "METADATA_rack=r7\n")
        self.put("/etc/fastx/transporter-secret.ini", "token=s3cret\n").chmod(0o600)
        for folder in ("/usr/lib/fastx/5", "/var/fastx", "/var/fastx-local", "/tmp"):
            self.folder(folder)
        self.path("/tmp").chmod(0o1777)
        self.mounts("/dev/vda1 / xfs rw 0 0")

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def put(self, name: str, text: str | bytes) -> Path:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def folder(self, name: str) -> Path:
        path = self.path(name)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def mounts(self, *lines: str) -> None:
        self.put("/proc/self/mounts", "".join(f"{line}\n" for line in lines))

    def drop_in(self, text: str, unit: str = "fastx5.service", name: str = "site.conf") -> None:
        self.put(f"/etc/systemd/system/{unit}.d/{name}", text)

    def program(self, name: str, script: str) -> str:
        """An executable of that name; its path."""
        path = self.put(f"/bin/{name}", f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)
