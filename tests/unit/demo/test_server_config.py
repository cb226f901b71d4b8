from __future__ import annotations

import subprocess
from pathlib import Path

from fxtop.demo.certificates import Authority, Certificate
from fxtop.demo.extra import nats_server
from fxtop.demo.server_config import Ports, Secrets, ServerSpec, free_ports, render

SECRETS = Secrets(token="a-token", route_password="a-password")  # test values


def spec(name: str, at: int = 5000) -> ServerSpec:
    return ServerSpec(name, Ports(at, at + 1, at + 2), Certificate(Path(f"/x/{name}.pem"), Path(f"/x/{name}.key")))


def test_ports_are_all_different() -> None:
    ports = [number for one in free_ports(3) for number in (one.clients, one.routes, one.monitoring)]
    assert len(set(ports)) == 9


def test_what_is_wrong_in_the_vendors_sample_is_right_here() -> None:
    peers = [spec("mgr2", 6000), spec("mgr3", 7000)]
    text = render(spec("mgr1"), peers, SECRETS, Path("/x/ca.pem"), "fastx")
    top_level = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert top_level.count("authorization {") == 1
    assert 'server_name: "mgr1"' in top_level
    assert 'name: "fastx"' in text
    for peer in peers:
        assert f'"nats-route://ruser:a-password@127.0.0.1:{peer.ports.routes}"' in text
    cluster = text[text.index("cluster {") :]
    assert "tls {" in cluster
    assert 'ca_file: "/x/ca.pem"' in cluster


def test_nothing_listens_beyond_loopback() -> None:
    text = render(spec("mgr1"), [spec("mgr2")], SECRETS, Path("/x/ca.pem"), "fastx")
    assert text.count('host: "127.0.0.1"') == 2
    assert 'http: "127.0.0.1:5002"' in text


def test_the_server_itself_calls_the_configuration_valid(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca.pem")
    one = ServerSpec("mgr1", Ports(5000, 5001, 5002), authority.issue("mgr1", tmp_path))
    file = tmp_path / "mgr1.conf"
    file.write_text(render(one, [spec("mgr2", 6000)], SECRETS, authority.ca_file, "fastx"))
    judged = subprocess.run([nats_server(), "-t", "-c", file], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stderr


def test_secrets_do_not_show() -> None:
    assert "a-token" not in repr(SECRETS)
    assert "a-password" not in repr(SECRETS)
