"""Copied trees, each with one thing wrong, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.cluster.records import Severity
from fxtop.doctor import secret_match
from fxtop.doctor.facts import Role
from tests.unit.doctor.kit import (
    BCRYPT,
    GOOD_CONF,
    TOKEN,
    VENDOR_CONF,
    certificate,
    diagnose,
    good_manager,
    kinds,
    lay,
    only,
    unchecked,
)

CONF = "/etc/fastx/nats-server.conf"
SECRET = "/etc/fastx/transporter-secret.ini"
ENV = "/etc/fastx/fastx.env"


def test_a_sound_manager_has_no_findings_and_says_what_a_copy_cannot_show(tmp_path: Path) -> None:
    found = diagnose(tmp_path, good_manager())
    assert found.findings == ()
    assert found.sound
    assert {
        "whether transporters and licence servers can be reached",
        "owner and mode of FastX's secret",
        "whether services were restarted after their files changed",
        "the mode of FX_TEMP_DIR",
    } <= set(unchecked(found))


CASES: dict[str, tuple[dict[str, str | None], str, Severity, str]] = {
    "a later authorization block": (
        {CONF: GOOD_CONF + f'authorization {{ token: "{TOKEN}" }}\n'},
        "authorization-twice",
        Severity.WARN,
        f"{CONF}:9  has no effect",
    ),
    "a later cluster block": (
        {CONF: GOOD_CONF + GOOD_CONF[GOOD_CONF.index("cluster {") :]},
        "block-twice",
        Severity.WARN,
        f"{CONF}:10  has no effect",
    ),
    "no authorization": (
        {CONF: "port: 4222\n"},
        "no-authorization",
        Severity.CRIT,
        f"{CONF}: no authorization block",
    ),
    "an empty authorization": (
        {CONF: "authorization { timeout: 2 }\n"},
        "no-authorization",
        Severity.CRIT,
        f"{CONF}:1",
    ),
    "a syntax error": (
        {CONF: GOOD_CONF + "cluster {\n"},
        "transporter-conf",
        Severity.CRIT,
        f"{CONF}:21: the file ends before the }} that is missing",
    ),
    "another token": (
        {SECRET: "token=another\n"},
        "token-mismatch",
        Severity.CRIT,
        f"{CONF}:9  in clear",
    ),
    "the hash in the secret": (
        {SECRET: f"token={BCRYPT}\n", CONF: GOOD_CONF.replace(TOKEN, BCRYPT)},
        "token-hashed",
        Severity.CRIT,
        f"{CONF}:9  a bcrypt hash",
    ),
    "an empty secret": ({SECRET: "[nats]\n"}, "secret-empty", Severity.CRIT, SECRET),
    "a printed token": (
        {SECRET: "token=thisisasecret\n", CONF: GOOD_CONF.replace(TOKEN, "thisisasecret")},
        "token-public",
        Severity.CRIT,
        "",
    ),
    "a printed route password": (
        {CONF: GOOD_CONF.replace("a-password-that-nobody-printed", "T0pS3cr3t")},
        "password-public",
        Severity.CRIT,
        "",
    ),
    "routes without a login": (
        {CONF: GOOD_CONF.replace("ruser:a-password-that-nobody-printed@", "")},
        "route-credentials",
        Severity.CRIT,
        f"{CONF}:16  mgr1.example.com:6222",
    ),
    "routes with another login": (
        {CONF: GOOD_CONF.replace("ruser:a-password-that-nobody-printed@mgr2", "ruser:x@mgr2")},
        "route-login",
        Severity.WARN,
        f"{CONF}:17  mgr2.example.com:6222",
    ),
    "routes to the clients' port": (
        {CONF: GOOD_CONF.replace("mgr2.example.com:6222", "mgr2.example.com:4222")},
        "route-port",
        Severity.CRIT,
        f"{CONF}:17  mgr2.example.com:4222",
    ),
    "routes for everybody": (
        {
            CONF: GOOD_CONF.replace(
                'authorization { user: ruser, password: "a-password-that-nobody-printed", timeout: 2 }', ""
            )
        },
        "routes-open",
        Severity.WARN,
        f"{CONF}:10",
    ),
    "no port for routes": (
        {CONF: GOOD_CONF.replace("  port: 6222\n", "")},
        "no-route-port",
        Severity.CRIT,
        f"{CONF}:10",
    ),
    "no routes": (
        {CONF: "authorization { token: x }\ncluster { name: fx, port: 6222 }"},
        "no-routes",
        Severity.WARN,
        f"{CONF}:2",
    ),
    "no cluster": (
        {CONF: "authorization { token: x }"},
        "transporter-alone",
        Severity.INFO,
        f"{CONF}: no cluster block",
    ),
    "no cluster name": ({CONF: GOOD_CONF.replace("name: fx", "")}, "cluster-unnamed", Severity.INFO, f"{CONF}:10"),
    "routes in clear": (
        {CONF: "".join(line for line in GOOD_CONF.splitlines(True) if "ca_file" not in line)},
        "routes-in-clear",
        Severity.WARN,
        f"{CONF}:10  without a tls block of its own",
    ),
    "clients in clear": (
        {CONF: "authorization { token: x }"},
        "clients-in-clear",
        Severity.WARN,
        f"{CONF}: no tls block",
    ),
    "no monitoring": (
        {CONF: GOOD_CONF.replace('http: "127.0.0.1:8222"', "")},
        "monitoring-off",
        Severity.INFO,
        f"{CONF}: no http",
    ),
    "monitoring for all": (
        {CONF: GOOD_CONF.replace('http: "127.0.0.1:8222"', "http_port: 8222")},
        "monitoring-open",
        Severity.WARN,
        f"{CONF}:4  all interfaces",
    ),
    "temp on a mount": (
        {ENV: "FX_TEMP_DIR=/scratch/tmp\n", "/etc/fstab": "nas:/s /scratch nfs4 rw 0 0\n"},
        "temp-network",
        Severity.WARN,
        f"{ENV}:1  sets it",
    ),
    "licences where version 4 had them": (
        {"/etc/fastx/license/a.lic": None, "/var/fastx/license/a.lic": ""},
        "license-place",
        Severity.WARN,
        "/var/fastx/license/a.lic",
    ),
    "licences where version 5 has them": (
        {"/usr/lib/fastx/5/version": None, "/usr/lib/fastx/4/version": ""},
        "license-place",
        Severity.WARN,
        "/etc/fastx/license/a.lic",
    ),
    "a vendor's daemon without a port": (
        {"/etc/fastx/license/a.lic": "HOST mgr1.example.com 0 5053\nISV starnet port=5055\nISV other\n"},
        "isv-port",
        Severity.INFO,
        "/etc/fastx/license/a.lic:3  without port=",
    ),
    "conflicts": (
        {"/var/fastx/users/ann.sync-conflict-20261101-120000-ABCDEFG.ini": ""},
        "sync-conflicts",
        Severity.WARN,
        "/var/fastx/users/ann.sync-conflict-20261101-120000-ABCDEFG.ini",
    ),
    "version 4's load balancer": (
        {ENV: "A=1\nLOAD_BALANCER=custom\n"},
        "v4-leftovers",
        Severity.WARN,
        f"{ENV}:2  LOAD_BALANCER",
    ),
    "version 4's schedulers": (
        {"/etc/fastx/apps/a.ini": "[app]\nscheduleDir=x\n"},
        "v4-leftovers",
        Severity.WARN,
        "/etc/fastx/apps/a.ini:2  scheduleDir",
    ),
    "version 4's forms": ({"/etc/fastx/forms/f.ini": ""}, "v4-leftovers", Severity.WARN, "/etc/fastx/forms  forms/"),
    "version 4's environment": (
        {"/etc/sysconfig/fastx4": "LOAD_BALANCER_SCRIPT=/opt/choose\n"},
        "v4-leftovers",
        Severity.WARN,
        "/etc/sysconfig/fastx4:1  LOAD_BALANCER_SCRIPT",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_thing_wrong_is_one_finding_with_its_place(tmp_path: Path, case: str) -> None:
    changes, kind, severity, evidence = CASES[case]
    files = {name: text for name, text in (good_manager() | changes).items() if text is not None}
    found = diagnose(tmp_path, files)
    matching = [finding for finding in found.findings if finding.kind == kind]
    assert matching, kinds(found)
    assert {finding.severity for finding in matching} == {severity}
    assert any(evidence in line for finding in matching for line in finding.evidence)
    assert all(finding.text and finding.consequence and finding.remedy for finding in matching)
    assert found.sound == (severity is Severity.INFO and all(f.severity is Severity.INFO for f in found.findings))


def test_the_vendors_sample_is_seen_for_what_it_is(tmp_path: Path) -> None:
    found = diagnose(tmp_path, good_manager() | {CONF: VENDOR_CONF, SECRET: "token=thisisasecret\n"})
    assert {"token-public", "password-public", "route-credentials", "authorization-twice", "routes-in-clear"} <= kinds(
        found
    )
    assert "token-mismatch" not in kinds(found)
    assert "line 31 counts" in only(found, "authorization-twice").text


def test_a_token_of_the_block_that_has_no_effect_is_a_mismatch_that_says_so(tmp_path: Path) -> None:
    pytest.importorskip("bcrypt")
    found = diagnose(tmp_path, good_manager() | {CONF: VENDOR_CONF, SECRET: "token=dag0HTXl4RGg7dXdaJwbC8\n"})
    mismatch = only(found, "token-mismatch")
    assert "a block which has no effect" in mismatch.text
    assert f"{CONF}:10  would match, but a later block replaces it" in mismatch.evidence


def test_a_token_and_its_hash_agree(tmp_path: Path) -> None:
    bcrypt = pytest.importorskip("bcrypt")
    hashed = bcrypt.hashpw(TOKEN.encode(), bcrypt.gensalt(4)).decode()
    for kept in (f'"{hashed}"', hashed.replace("$2b$", "$2a$")):
        conf = GOOD_CONF.replace(f'"{TOKEN}"', kept)
        assert kinds(diagnose(tmp_path, good_manager() | {CONF: conf})) == set()


def test_a_hash_that_cannot_be_compared_is_not_checked_rather_than_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_match, "_module", lambda: None)
    found = diagnose(tmp_path, good_manager() | {CONF: GOOD_CONF.replace(TOKEN, BCRYPT)})
    assert "token-mismatch" not in kinds(found)
    assert "install the Python package bcrypt" in unchecked(found)["whether the transporter takes FastX's token"]


def test_a_token_from_a_variable_is_taken_from_the_transporters_unit(tmp_path: Path) -> None:
    conf = {CONF: GOOD_CONF.replace(f'"{TOKEN}"', "$BUS_TOKEN")}
    unknown = diagnose(tmp_path / "unknown", good_manager() | conf)
    assert "whether the transporter takes FastX's token" in unchecked(unknown)
    assert "no-authorization" not in kinds(unknown)
    unit = {"/etc/systemd/system/fastx-nats.service": f"[Service]\nEnvironment=BUS_TOKEN={TOKEN}\n"}
    assert "whether the transporter takes FastX's token" not in unchecked(
        diagnose(tmp_path / "known", good_manager() | conf | unit)
    )


def test_the_configuration_is_the_one_that_the_unit_starts_with_and_may_include_others(tmp_path: Path) -> None:
    files = good_manager() | {
        "/usr/lib/systemd/system/fastx-nats.service": "[Service]\nExecStart=/usr/bin/nats-server -c /opt/nats/n.conf\n",
        "/opt/nats/n.conf": "port: 4222\ninclude auth.conf\n",
        "/opt/nats/auth.conf": "authorization {\n  token: other\n}\n",
    }
    assert "/opt/nats/auth.conf:1  in clear" in only(diagnose(tmp_path, files), "token-mismatch").evidence


@pytest.mark.parametrize(
    ("pem", "kind", "severity", "words"),
    [
        (certificate("mgr1.example.com", days=3), "certificate-expiry", Severity.WARN, "expires in 3 d"),
        (certificate("mgr1.example.com", days=-3), "certificate-expiry", Severity.CRIT, "expired 3 d ago"),
        (certificate("other.example.com"), "certificate-name", Severity.WARN, "doesn't hold mgr1.example.com"),
    ],
    ids=["soon", "over", "another name"],
)
def test_certificates(tmp_path: Path, pem: str, kind: str, severity: Severity, words: str) -> None:
    found = diagnose(tmp_path, good_manager() | {"/etc/fastx/nats.crt": pem})
    matching = [f for f in found.findings if f.kind == kind]
    assert severity in {finding.severity for finding in matching}
    assert any(words in finding.text for finding in matching)


def test_a_certificate_that_cannot_be_read_is_not_checked(tmp_path: Path) -> None:
    found = diagnose(tmp_path, good_manager() | {"/etc/fastx/nats.crt": "not a certificate"})
    assert unchecked(found)["the certificate /etc/fastx/nats.crt"] == "it holds no certificate in PEM form"


def test_a_node_without_a_transporter_is_no_fault(tmp_path: Path) -> None:
    files = {name: text for name, text in good_manager().items() if "nats" not in name}
    found = diagnose(tmp_path, files, Role.NODE)
    assert found.findings == ()
    assert "no transporter is set up here" in unchecked(found)["whether the transporter takes FastX's token"]


def test_leftovers_are_no_fault_of_version_4(tmp_path: Path) -> None:
    files = good_manager() | {"/etc/fastx/fastx.env": "LOAD_BALANCER=x\n", "/usr/lib/fastx/4/v": ""}
    del files["/usr/lib/fastx/5/version"]
    assert "v4-leftovers" not in kinds(diagnose(tmp_path, files))


def test_an_empty_tree_gives_no_findings_and_many_reasons(tmp_path: Path) -> None:
    found = diagnose(tmp_path, {})
    assert found.findings == ()
    assert len(found.not_checked) >= 8
    assert all(left.why for left in found.not_checked)


def test_a_link_to_a_mount_is_followed(tmp_path: Path) -> None:
    tree = lay(tmp_path, good_manager() | {"/etc/fstab": "nas:/s /scratch nfs4 rw 0 0\n", "/scratch/tmp/x": ""})
    (tree / "tmp").symlink_to("scratch/tmp")
    assert "/tmp on /scratch (nfs4)" in only(diagnose(tree, {}), "temp-network").evidence


def test_links_that_lead_out_of_a_copied_tree_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("token=stolen\n")
    files = {name: text for name, text in good_manager().items() if name != SECRET}
    diagnose(tmp_path / "tree", files)
    (tmp_path / "tree" / SECRET.removeprefix("/")).symlink_to(outside)
    assert "token-mismatch" not in kinds(diagnose(tmp_path / "tree", files))
