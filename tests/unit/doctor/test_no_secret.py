"""Whatever is wrong, nothing that is said of it holds a secret."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from fxtop.__main__ import main
from tests.unit.doctor.kit import GOOD_CONF, diagnose, facts_of, good_manager, lay

PLANTED = [f"PLANTED-SECRET-{number}" for number in range(9)]

CONF = f"""
authorization {{ token: "{PLANTED[0]}" }}
cluster {{ name: fx, port: 6222
  authorization {{ user: ruser, password: "{PLANTED[1]}" }}
  routes = [ "nats-route://ruser:{PLANTED[2]}@mgr2:4222", "nats://{PLANTED[3]}@mgr3:6222", "http://x:{PLANTED[4]}@[" ]
}}
authorization {{ users = [ {{ user: a, password: "{PLANTED[5]}" }} ], token: {PLANTED[6]} }}
"""
SECRET = f"[{PLANTED[7]}]\ntoken = {PLANTED[7]}\nurl = nats://u:{PLANTED[8]}@mgr1.example.com:4222\n"
TREES = {
    "all at once": {"/etc/fastx/nats-server.conf": CONF, "/etc/fastx/transporter-secret.ini": SECRET},
    "a mismatch": {"/etc/fastx/transporter-secret.ini": SECRET},
    "a broken line": {"/etc/fastx/nats-server.conf": f"token: {PLANTED[0]} {PLANTED[1]}"},
    "a broken quote": {"/etc/fastx/nats-server.conf": f'authorization {{ token: "{PLANTED[0]}'},
    "a secret as a name of a file": {
        "/etc/fastx/nats-server.conf": f"authorization {{ token: {PLANTED[0]} }}\ninclude x"
    },
    "in the environment": {
        "/etc/fastx/fastx.env": f"NATS_URL=nats://{PLANTED[0]}@mgr1:4222\nLOAD_BALANCER={PLANTED[1]}\nFX_TEMP_DIR={PLANTED[2]}",
        "/etc/systemd/system/fastx-nats.service": f"[Service]\nEnvironment=TOKEN={PLANTED[3]}\n",
        "/etc/fastx/nats-server.conf": GOOD_CONF.replace("server_name: mgr1", "a: $TOKEN"),
    },
}


@pytest.mark.parametrize(("tree", "form"), itertools.product(TREES, ["text", "json"]))
def test_no_output_holds_a_planted_secret(
    tree: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = lay(tmp_path, good_manager() | TREES[tree])
    for role in ("node", "manager"):
        main(["doctor", "--offline", str(root), "--role", role, "-o", form])
    captured = capsys.readouterr()
    assert captured.out
    assert not [secret for secret in PLANTED if secret in captured.out + captured.err]


@pytest.mark.parametrize("tree", TREES)
def test_neither_facts_nor_reports_show_one_in_their_reprs(tree: str, tmp_path: Path) -> None:
    facts = facts_of(tmp_path, good_manager() | TREES[tree])
    report = diagnose(tmp_path, good_manager() | TREES[tree])
    assert not [secret for secret in PLANTED if secret in repr(facts) + repr(report)]
