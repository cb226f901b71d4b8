"""Machines laid out as files in a folder, and what the doctor says of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

from fxtop.doctor.examine import Report, examine
from fxtop.doctor.facts import Facts, Role
from fxtop.doctor.finding import Finding
from fxtop.doctor.gather.files import gather_files
from fxtop.doctor.gather.tree import Tree

NOW = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
TOKEN = "a-token-that-nobody-printed"
BCRYPT = "$2b$04$abcdefghijklmnopqrstuuGqyWm6kgS5y6R5h2ZxVgXK5pbbiJd4K"
"""Some hash. What it is the hash of doesn't matter."""

GOOD_CONF = f"""
server_name: mgr1
port: 4222
http: "127.0.0.1:8222"
tls {{
  cert_file: "/etc/fastx/nats.crt"
  key_file: "/etc/fastx/nats.key"
}}
authorization {{ token: "{TOKEN}" }}
cluster {{
  name: fx
  port: 6222
  tls {{ cert_file: "/etc/fastx/nats.crt", key_file: "/etc/fastx/nats.key", ca_file: "/etc/fastx/ca.pem" }}
  authorization {{ user: ruser, password: "a-password-that-nobody-printed", timeout: 2 }}
  routes = [
    nats-route://ruser:a-password-that-nobody-printed@mgr1.example.com:6222
    nats-route://ruser:a-password-that-nobody-printed@mgr2.example.com:6222
  ]
}}
"""

VENDOR_CONF = """
# Client port of 4222 on all interfaces
port: 4222

tls {
  cert_file: "/etc/fastx/nats.crt"
  key_file: "/etc/fastx/nats.key"
}

authorization {
  token: "$2a$11$PWIFAL8RsWyGI3jVZtO9Nu8.6jOxzxfZo7c/W0eLk017hjgUKWrhy"
}

# This is for clustering multiple servers together.
cluster {
  # Route connections to be received on any interface on port 6222
  port: 6222

  authorization {
    user: ruser
    password: T0pS3cr3t
    timeout: 2
  }

  routes = [
    nats://mgr1.example.com:6222
    nats://mgr2.example.com:6222
  ]
}

authorization {
  token: thisisasecret
}
"""
"""The shape of the vendor's sample: two authorization blocks, routes without their login, values from manuals."""


def certificate(*names: str, days: float = 365.0, common_name: str | None = None) -> str:
    """A certificate for ``names`` that is good until ``days`` after `NOW`."""
    ends = datetime.fromtimestamp(NOW, UTC) + timedelta(days=days)
    leaf = trustme.CA().issue_cert(
        *names, common_name=common_name, not_before=datetime(2020, 1, 1, tzinfo=UTC), not_after=ends
    )
    return leaf.cert_chain_pems[0].bytes().decode()


def good_manager() -> dict[str, str]:
    """A manager with nothing to find."""
    return {
        "/etc/fastx/nats-server.conf": GOOD_CONF,
        "/etc/fastx/transporter-secret.ini": f"[nats]\ntoken={TOKEN}\nservers=mgr1.example.com:4222\n",
        "/etc/fastx/nats.crt": certificate("mgr1.example.com"),
        "/etc/fastx/license/a.lic": "HOST mgr1.example.com 00000000 5053\n",
        "/etc/fstab": "/dev/sda1 / ext4 rw 0 1\n",
        "/usr/lib/fastx/5/version": "5.0\n",
        "/var/fastx/users/ann": "",
    }


def lay(root: Path, files: Mapping[str, str]) -> Path:
    """The ``files`` under ``root``."""
    for name, text in files.items():
        path = root / name.removeprefix("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def facts_of(root: Path, files: Mapping[str, str], role: Role = Role.MANAGER) -> Facts:
    """The facts of a copied tree."""
    return gather_files(Tree(lay(root, files)), role, NOW)


def diagnose(root: Path, files: Mapping[str, str], role: Role = Role.MANAGER) -> Report:
    """What is said of a copied tree."""
    return examine(facts_of(root, files, role))


def only(found: Report, kind: str) -> Finding:
    """The one finding of ``kind``."""
    matching = [finding for finding in found.findings if finding.kind == kind]
    assert len(matching) == 1, f"{kind}: {[finding.kind for finding in found.findings]}"
    return matching[0]


def kinds(found: Report) -> set[str]:
    """All that was found, by kind."""
    return {finding.kind for finding in found.findings}


def unchecked(found: Report) -> dict[str, Any]:
    """What wasn't checked, with the reasons."""
    return {left.what: left.why for left in found.not_checked}
