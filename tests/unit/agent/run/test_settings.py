"""The agent's file: what may stand in it, and what is said of what may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fxtop.actions.chain.rotation import Retention
from fxtop.actions.keys import create
from fxtop.agent.run import settings as agent_settings
from fxtop.agent.run.assembly import agent_config, placement_table, sessions, sources
from fxtop.agent.run.parse import parse
from fxtop.agent.run.settings import AgentSettings, load
from fxtop.agent.run.summary import summary
from fxtop.agent.run.tables import AgentFile, CollectTables
from fxtop.agent.run.template import TEMPLATE
from fxtop.clock import SystemClock
from fxtop.config.error import ConfigError
from fxtop.config.toml_lines import key_lines
from tests.unit.agent.run.machinekit import Machine

NOWHERE = {"FX_CONFIG_DIR": "/nowhere"}


def read(folder: Path, text: str = "", env: dict[str, str] | None = None, **flags: object) -> AgentSettings:
    file = folder / "agent.toml"
    file.write_text(text)
    file.chmod(0o600)
    return load(file, flags, NOWHERE | (env or {}))


def wrong(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        read(folder, text)
    return str(refused.value).replace(str(folder / "agent.toml"), "FILE")


def test_an_empty_file_is_an_agent_with_every_default(tmp_path: Path) -> None:
    settings = read(tmp_path)
    config = agent_config(settings)
    assert settings.file == AgentFile()
    assert (config.interval, config.weight, config.capacity) == (5.0, 1.0, None)
    assert config.cluster == "fastx"
    assert config.node


def test_no_file_at_all_is_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(agent_settings, "FILE", tmp_path / "none.toml")
    assert load(None, {}, NOWHERE).file == AgentFile()


def test_a_file_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="isn't there"):
        load(tmp_path / "none.toml", {}, NOWHERE)


def test_the_template_holds_every_setting_at_its_default() -> None:
    uncommented = re.sub(r"(?m)^# ([a-z_]+ = )", r"\1", TEMPLATE)
    unset_by_default = ("node", "state_dir", "keys_file", "manager_key_file", "capacity", "path", "config", "system")
    for unset in (*unset_by_default, "syncthing"):
        uncommented = re.sub(rf"(?m)^{unset} = .*$", "", uncommented)
    uncommented = re.sub(r"(?m)^on = true\nfile", "file", uncommented)
    bus = re.compile(r"(?ms)^\[bus\].*?^\[log\]")
    told = re.search(r"(?ms)^\[bus\].*?^\[log\]", TEMPLATE)
    assert told is not None
    file = Path("agent.toml")
    assert parse(bus.sub("[log]", uncommented), key_lines(file, uncommented)) == AgentFile()
    for table, text in (("top", TEMPLATE), ("bus", told[0])):
        names = getattr(AgentFile(), table).__struct_fields__
        assert [name for name in names if f"{name} = " not in text] == []
    for name in CollectTables.__struct_fields__:
        section = TEMPLATE.split(f"[collect.{name}]")[1].split("\n[")[0]
        fields = getattr(CollectTables(), name).__struct_fields__
        assert [field for field in fields if f"# {field} = " not in section] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nod = 'x'", "FILE, line 1: there is no setting 'nod': did you mean 'node'?"),
        ("[buss]", "FILE, line 1: there is no setting 'buss': did you mean 'bus'?"),
        ("\n[collect.unit]", "FILE, line 2: there is no setting 'unit' in [collect]: did you mean 'units'?"),
        ("[collect.host]\nevry=1", "FILE, line 2: there is no setting 'evry' in [collect.host]: did you mean 'every'?"),
        (
            "[collect.host]\nevery='1'",
            "FILE, line 2: 'every' in [collect.host] has to be a number, not text in quotes.",
        ),
        ("[journal]\nkeep=-1", "FILE, line 2: 'keep' in [journal] has to be 0 to 100000, not -1."),
        ("[journal]\nfile_mib=0", "FILE, line 2: 'file_mib' in [journal] has to be 0.1 to 1024, not 0."),
        ("[collect.host]\nevery=0", "FILE, line 2: 'every' in [collect.host] has to be 0.2 to 86400, not 0."),
        ("[collect.units]\nlimit=-1", "FILE, line 2: 'limit' in [collect.units] has to be 0.1 to 300, not -1."),
        ("[collect.store]\nevery=301", "FILE, line 2: 'every' in [collect.store] has to be 0.2 to 300, not 301."),
        (
            "[collect.sessions]\nprovider='command'",
            'FILE, line 1: The provider "command" needs a list_command.',
        ),
        (
            "[collect.sessions]\nterminate_command=['kill']",
            "FILE, line 1: The terminate command has to begin with the whole path of a program.",
        ),
        (
            "[collect.sessions.schedulers.slurm]\nstate=['/x']",
            "FILE: 'schedulers' in [collect.sessions] can't be used: "
            "Object contains unknown field `state` - at `$.schedulers[...]`.",
        ),
        (
            "[collect.sessions]\ncommand_limit=0",
            "FILE, line 2: 'command_limit' in [collect.sessions] has to be 0.1 to 300, not 0.",
        ),
        (
            "\n[collect.license]\non=true",
            'FILE, line 2: [collect.license] is switched on and names no server: write servers = ["5053@host"].',
        ),
        (
            "[collect.license]\non=true\nservers=['lic1']",
            "FILE, line 1: A licence server is given as port@host, such as 5053@lic1, not 'lic1'.",
        ),
        (
            "[collect.license]\non=true\nservers=['5053@l']\nrlmutil='/opt/rlm/rlmdown'",
            "FILE, line 1: /opt/rlm/rlmdown may be another tool than rlmutil, "
            "one that acts on the server: give rlmutil.",
        ),
        (
            "[collect.license]\non=true\nservers=['5053@l']\nevery=5",
            "FILE, line 1: A licence server can't be asked every 5 s when that may take 10 s.",
        ),
        ("heartbeat = 0.1", "FILE, line 1: 'heartbeat' has to be 0.2 to 300, not 0.1."),
        ("weight = 11", "FILE, line 1: 'weight' has to be 0 to 10, not 11."),
        ("heartbeat = nan", "FILE, line 1: 'heartbeat' has to be 0.2 to 300, not nan."),
        ("collect = 3", "FILE, line 1: 'collect' has to be a table: write [collect] on a line of its own."),
        ("node = ''", "FILE, line 1: '' can't be a node's id: use 1 to 128 visible characters."),
    ],
)
def test_what_can_not_be_used_is_a_sentence_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    assert wrong(tmp_path, text) == sentence


def test_what_is_no_toml_is_said_to_be_none(tmp_path: Path) -> None:
    assert wrong(tmp_path, "node = 'a\n'").startswith("FILE, line 1: this is not valid TOML")


def test_the_connection_comes_from_the_bus_table(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret")
    (tmp_path / "token").chmod(0o600)
    way = read(
        tmp_path, '[bus]\ncluster="prod"\nservers=["tls://m1:4222"]\ntoken_file="token"\nca="ca.pem"\n'
    ).connection
    assert (way.slug, way.servers, way.ca) == ("prod", ("tls://m1:4222",), tmp_path / "ca.pem")
    assert way.token
    assert way.token.read() == "s3cret"


def test_a_flag_and_a_variable_count_over_the_file(tmp_path: Path) -> None:
    text = '[bus]\nservers="nats://file:1"\n'
    assert read(tmp_path, text, {"FXTOP_SERVER": "nats://env:1"}).connection.servers == ("nats://env:1",)
    settings = read(tmp_path, text, {"FXTOP_SERVER": "nats://env:1"}, server=["nats://flag:1"])
    assert settings.connection.servers == ("nats://flag:1",)


def test_what_the_file_leaves_open_is_found_in_fastx_own_files(tmp_path: Path) -> None:
    (tmp_path / "transporter-secret.ini").write_text("[t]\ntoken=abc\nurl=tls://m2:4222\n")
    (tmp_path / "transporter-secret.ini").chmod(0o600)
    way = read(tmp_path, "", {"FX_CONFIG_DIR": str(tmp_path)}).connection
    assert way.servers == ("tls://m2:4222",)
    assert way.token is not None


def test_fastx_own_files_are_where_its_units_say(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "root")
    machine.drop_in("[Service]\nEnvironment=FX_CONFIG_DIR=/data/fx\n")
    machine.put("/data/fx/transporter-secret.ini", "token=abc\nurl=tls://m3:4222\n").chmod(0o600)
    file = tmp_path / "agent.toml"
    file.write_text("")
    assert load(file, {}, {}, machine.root).connection.servers == ("tls://m3:4222",)


def test_config_toml_of_the_console_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "fxtop").mkdir()
    (tmp_path / "fxtop/config.toml").write_text('[clusters.x]\nservers="nats://console:1"\n')
    way = read(tmp_path, "", {"XDG_CONFIG_HOME": str(tmp_path)}).connection
    assert way.servers == ("nats://127.0.0.1:4222",)


def test_a_login_in_a_url_wants_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "agent.toml"
    file.write_text('[bus]\nservers="nats://user:hunter2@m1"\n')
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600") as refused:
        load(file, {}, NOWHERE)
    assert "hunter2" not in str(refused.value)


def test_the_state_is_where_the_file_says_or_systemd(tmp_path: Path) -> None:
    assert read(tmp_path, "", {"STATE_DIRECTORY": "/s/a:/s/b"}).state_dir == Path("/s/a")
    assert read(tmp_path, "state_dir='here'", {"STATE_DIRECTORY": "/s"}).state_dir == tmp_path / "here"
    assert read(tmp_path).state_dir == Path("/var/lib/fxtop")


def test_listed_keys_are_read_and_no_list_is_said_aloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(agent_settings, "KEYS_FILE", tmp_path / "none")
    assert any("nobody can ask" in notice for notice in read(tmp_path).notices)
    key = create(tmp_path / "op.nk").public_key
    (tmp_path / "keys").write_text(f"{key} operator ann\n")
    (tmp_path / "keys").chmod(0o644)
    settings = read(tmp_path, "keys_file='keys'")
    assert list(settings.trust.keys) == [key]
    assert ("keys", "1 operator") in summary(settings)


def test_a_list_of_keys_that_others_can_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    (tmp_path / "keys").chmod(0o666)
    with pytest.raises(ConfigError, match="can be written by others"):
        read(tmp_path, "keys_file='keys'")


def test_every_collector_can_be_switched_off_and_says_so(tmp_path: Path) -> None:
    names = CollectTables.__struct_fields__
    settings = read(tmp_path, "".join(f"[collect.{name}]\non = false\n" for name in names))
    told = [source.read().notes for source in sources(settings, tmp_path)]
    assert told == [
        {name: f"Nobody looks: [collect.{name}] is switched off on this node."}
        for name in ("services", "units", "versions", "directories", "config")
    ]
    assert {value for name, value in summary(settings) if name.startswith("collect.")} == {"off"}


def test_every_collector_has_its_own_period_and_limit(tmp_path: Path) -> None:
    text = "[collect.units]\nevery=7\nlimit=3\n[collect.config]\nevery=9\nlimit=2\n"
    made = list(sources(read(tmp_path, text), tmp_path))
    found = {(source.name, source.every, source.limit) for source in made}
    assert {("units", 7.0, 3.0), ("config", 9.0, 2.0), ("services", 60.0, 4.0)} <= found


@pytest.mark.parametrize(
    ("text", "services", "kept"),
    [
        ("", "launcher,webserver", True),
        ("", "launcher", False),
        ("", None, True),
        ("on = true", "launcher", True),
        ("on = false", "webserver", False),
    ],
)
def test_a_placement_table_is_kept_where_nodes_are_chosen(
    tmp_path: Path, text: str, services: str | None, kept: bool
) -> None:
    machine = Machine(tmp_path / "root")
    if services:
        machine.drop_in(f"[Service]\nEnvironment=SERVICES={services}\n")
    settings = read(tmp_path, f"[placement_table]\n{text}\n")
    assert placement_table(settings, machine.root) == (Path("/run/fxtop/placement.json") if kept else None)


def test_a_host_without_fastx_keeps_no_table(tmp_path: Path) -> None:
    assert placement_table(read(tmp_path), tmp_path) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "fastx"),
        ('provider = "command"\nlist_command = ["/bin/list"]', "command"),
        ('provider = "simulated"', "simulated"),
        ('provider = "none"', "none"),
        ("on = false", "none"),
        ('[collect.sessions.schedulers."*"]\nstatus = ["/bin/pending"]', "fastx"),
    ],
)
def test_the_sessions_are_told_by_whom_the_file_names(tmp_path: Path, text: str, name: str) -> None:
    settings = read(tmp_path, f"[collect.sessions]\n{text}\n")
    assert sessions(settings, SystemClock(), tmp_path).provider.name == name


def test_no_secret_is_in_what_the_settings_show(tmp_path: Path) -> None:
    settings = read(tmp_path, '[bus]\nservers="nats://user:hunter2@m1"\n')
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in repr(summary(settings))


def test_the_file_says_how_much_of_the_journal_is_kept(tmp_path: Path) -> None:
    config = agent_config(read(tmp_path, "[journal]\nfile_mib = 0.5\nkeep = 7\n"))
    assert config.retention == Retention(size=512 * 1024, keep=7)
