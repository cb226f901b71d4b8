"""No text in a FastX machine's files makes a reader fail, and no tree of them makes the doctor."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.config.site.env_file import read_env
from fxtop.config.site.fastx_conf import SESSION_PATH, read_fastx_conf
from fxtop.config.site.ini_keys import read_keys
from fxtop.config.site.license_file import read_license
from fxtop.config.site.mounts import read_mounts
from fxtop.config.site.unit_files import UnitText, read_unit
from fxtop.doctor.examine import examine
from fxtop.doctor.facts import Role
from fxtop.doctor.gather.files import gather_files
from fxtop.doctor.gather.tree import Tree

FILE = Path("/etc/fastx/file")
LINES = [
    "FX_TEMP_DIR=//a\0b",
    "FX_CONFIG_DIR=/../..",
    'tls { cert_file: "/\\x00" }',
    "EnvironmentFile=/",
    "authorization { token: ",
    "cluster {",
    "}",
    "[Service]",
    "Environment=",
    "User=a",
    "HOST a any 1",
    "ISV x port=70000",
    "a=@b@",
    "@@",
    "token=x",
    "\\",
    '"',
    "'",
]
TEXT = st.text(max_size=200) | st.lists(
    st.sampled_from([*LINES, "=", " ", "\n", "#", "\\040", "/ / nfs"]), max_size=20
).map("".join)
NAMES = [
    "etc/fastx/nats-server.conf",
    "etc/fastx/transporter-secret.ini",
    "etc/fastx/fastx.env",
    "etc/fastx/nats.crt",
    "etc/systemd/system/fastx5.service",
    "etc/fstab",
]


@settings(deadline=None, max_examples=300)
@given(TEXT)
def test_any_text_as_a_file_of_a_fastx_machine(text: str) -> None:
    lines = text.count("\n") + text.count("\r") + 40
    assert all(1 <= variable.at.line <= lines for variable in read_env(text, FILE))
    assert all(1 <= key.at.line <= lines for key in read_keys(text, FILE))
    assert all(mount.point.is_absolute() for mount in read_mounts(text))
    assert all(port.host and 0 < port.port < 65536 for port in read_license(text))
    read_fastx_conf(text, FILE).path(SESSION_PATH, {"HOME": "/h", "HOST": "a", "USER": "u"})
    assert read_unit("fastx5.service", [UnitText(FILE, text)]).name == "fastx5.service"


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.binary(max_size=100) | TEXT.map(lambda text: text.encode(errors="replace"))
    )
)
def test_any_bytes_in_any_file_end_in_a_report(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for role in (Role.NODE, Role.MANAGER):
            found = examine(gather_files(Tree(Path(folder)), role, 0.0))
            assert found.not_checked
