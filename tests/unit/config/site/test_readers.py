"""The small readers: environment files, units, FastX.conf, mounts, licences, and the layout that follows from them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from fxtop.config.site.env_file import read_env
from fxtop.config.site.fastx_conf import FASTX_PATH, SESSION_PATH, FastxConf, expand, read_fastx_conf
from fxtop.config.site.ini_keys import read_keys
from fxtop.config.site.layout import CONFIG_DIR, LOCAL_DIR, TEMP_DIR, VAR_DIR, license_folders, read_layout
from fxtop.config.site.license_file import LicensePort, read_license
from fxtop.config.site.mounts import mount_of, read_mounts
from fxtop.config.site.place import Place
from fxtop.config.site.unit_files import Unit, UnitText, read_unit
from fxtop.config.site.variable import Variable

FILE = Path("/etc/fastx/fastx.env")
USER = {"HOST": "viz01", "USER": "ann", "HOME": "/home/ann"}


def unit(*texts: str) -> Unit:
    names = ["fastx5.service", "a.conf", "b.conf"]
    return read_unit("fastx5.service", [UnitText(Path(name), text) for name, text in zip(names, texts, strict=False)])


def pairs(variables: tuple[Variable, ...]) -> list[tuple[str, str, int]]:
    return [(variable.name, variable.value, variable.at.line) for variable in variables]


def test_an_environment_file_sets_variables_with_and_without_quotes() -> None:
    text = "# comment\nA=1\n export B = 'x y' # why\n\nC=\"# no comment\"\nD=a b  # one\nnothing here\n=5\nE=\n"
    assert pairs(read_env(text, FILE)) == [
        ("A", "1", 2),
        ("B", "x y", 3),
        ("C", "# no comment", 5),
        ("D", "a b", 6),
        ("E", "", 9),
    ]


def test_a_variables_value_is_never_in_its_repr() -> None:
    assert "s3cr3t-value" not in repr(read_env("TOKEN=s3cr3t-value", FILE))


def test_a_unit_is_made_of_its_file_and_its_drop_ins_in_order() -> None:
    found = unit(
        "[Unit]\nEnvironment=NOT=here\n"
        "[Service]\nUser=fastx\nEnvironment=A=1 \"B=x y\" 'C=z'\nExecStart=/bin/fastx run\n",
        "[Service]\nEnvironment=A=2\nEnvironmentFile=-/etc/sysconfig/fastx5\n",
        "[Service]\nUser=other\n# Environment=A=3\n",
    )
    assert found.user == "other"
    assert pairs(found.environment) == [("A", "1", 5), ("B", "x y", 5), ("C", "z", 5), ("A", "2", 2)]
    assert found.environment_files == ("/etc/sysconfig/fastx5",)
    assert found.commands == ("/bin/fastx run",)
    assert found.whole


def test_an_empty_assignment_in_a_drop_in_forgets_what_was_set_before() -> None:
    found = unit(
        "[Service]\nEnvironment=A=1\nExecStart=/bin/old\n", "[Service]\nEnvironment=\nEnvironment=B=2\nExecStart=\n"
    )
    assert pairs(found.environment) == [("B", "2", 3)]
    assert found.commands == ()


def test_a_long_line_of_a_unit_may_go_on_with_a_backslash() -> None:
    found = unit("[Service]\nExecStart=/bin/nats-server \\\n  -c /etc/n.conf\nUser=nats\n")
    assert found.commands == ("/bin/nats-server  -c /etc/n.conf",)
    assert found.user == "nats"


def test_drop_ins_alone_are_told_from_a_whole_unit() -> None:
    assert not read_unit("fastx5.service", [UnitText(Path("x.conf"), "[Service]\nUser=a")]).whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@HOME@/s", "/home/ann/s"),
        ("/scratch/@USER@/@HOST@", "/scratch/ann/viz01"),
        ("a@@b", "a@b"),
        ("a@#@b", "a#b"),
        ("@NOBODY@/x", None),
        ("one@ sign", "one@ sign"),
    ],
)
def test_marks_in_fastx_conf_are_expanded(text: str, expected: str | None) -> None:
    assert expand(text, USER) == expected


def test_fastx_conf_has_its_own_host_and_comments() -> None:
    conf = read_fastx_conf("# where\nHOST = farm\nSessionPath=/s/@HOST@/@#@1 # not on NFS\n", Path("FastX.conf"))
    assert conf.path(SESSION_PATH, USER) == Path("/s/farm/#1")
    assert conf.path(FASTX_PATH, USER) == Path("/home/ann/.fastx_server")


def test_without_fastx_conf_sessions_lie_under_the_home_by_host() -> None:
    assert FastxConf().path(SESSION_PATH, USER) == Path("/home/ann/.fastx_server/viz01/sessions")
    assert FastxConf().path(SESSION_PATH, {}) is None


def test_the_longest_mount_that_holds_a_path_counts_and_the_last_made_of_one_point() -> None:
    mounts = read_mounts(
        "/dev/sda1 / ext4 rw 0 0\nnas:/h /home nfs4 rw 0 0\n# comment / x\nswap none swap 0 0\n"
        "/dev/b /with\\040space xfs rw 0 0\ntmpfs /home/local tmpfs rw\nx /home/local ext4 rw\n"
    )
    found = {
        path: mount_of(PurePosixPath(path), mounts) for path in ("/home/ann", "/home/local/a", "/with space/b", "/x")
    }
    assert {path: mount and (mount.fstype, mount.shared) for path, mount in found.items()} == {
        "/home/ann": ("nfs4", True),
        "/home/local/a": ("ext4", False),
        "/with space/b": ("xfs", False),
        "/x": ("ext4", False),
    }
    assert mount_of(PurePosixPath("/x"), ()) is None


def test_a_licence_names_its_server_and_the_daemons_with_a_port_of_their_own() -> None:
    text = "HOST lic.example.com 00000000\nISV starnet port=49679\nisv other starnet.set\nLICENSE starnet x 1.0 5\n"
    assert read_license(text) == (
        LicensePort("rlm", "lic.example.com", 5053),
        LicensePort("starnet", "lic.example.com", 49679),
    )
    assert read_license("HOST a 001122 5055") == (LicensePort("rlm", "a", 5055),)
    assert read_license("HOST localhost") == ()


def test_ini_keys_come_with_their_lines_and_without_values() -> None:
    keys = read_keys("[schedule]\n; dir=old\ndir = x\nform.a: y\nbare\n", Path("a.ini"))
    assert [(key.name, key.at.line) for key in keys] == [("dir", 3), ("form.a", 4)]


def variable(name: str, value: str, file: str = "unit") -> Variable:
    return Variable(name, value, Place(Path(file), 1))


def test_a_units_environment_wins_over_fastx_env_and_that_over_the_default() -> None:
    layout = read_layout(
        [variable(TEMP_DIR, "/fast/tmp")], [variable(TEMP_DIR, "/slow", "env"), variable(VAR_DIR, "/data/fastx", "env")]
    )
    assert str(layout.path(TEMP_DIR)) == "/fast/tmp"
    assert str(layout.path(VAR_DIR)) == "/data/fastx"
    assert str(layout.path(LOCAL_DIR)) == "/var/fastx-local"
    assert layout.directories[LOCAL_DIR].at is None
    assert str(layout.directories[VAR_DIR].at) == "env:1"
    assert [str(folder) for folder in license_folders(layout)] == ["/etc/fastx/license", "/data/fastx/license"]


def test_fastx_env_cannot_say_where_it_lies_itself() -> None:
    layout = read_layout([], [variable(CONFIG_DIR, "/elsewhere")])
    assert str(layout.path(CONFIG_DIR)) == "/etc/fastx"


def test_services_and_metadata_come_from_the_environment() -> None:
    layout = read_layout([variable("SERVICES", "user, socket,,manager"), variable("METADATA_gpu", "yes")], [])
    assert layout.services == ("user", "socket", "manager")
    assert layout.metadata == {"gpu": "yes"}
    assert read_layout([], []).services is None
    assert read_layout([], [variable("SERVICEDIR", "launcher")]).services == ("launcher",)
