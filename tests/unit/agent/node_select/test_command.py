"""``fxtop node-select`` as FastX and people run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fxtop.__main__ import main
from fxtop.agent.node_select.guard import GUARD
from fxtop.agent.node_select.table import TableRow, write_table
from fxtop.cli.exits import Exit
from fxtop.cli.node_select_flags import FLAGS, read_plain
from fxtop.cli.parser import parse
from tests.unit.agent.node_select.kit import JWT, node, question

FORBIDDEN = ("asyncio", "nats", "textual", "msgspec", "argparse", "subprocess", "logging", "dataclasses", "pathlib")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table in which viz01 is drained."""
    file = tmp_path / "placement.json"
    write_table(file, [TableRow("viz01", state="drained"), TableRow("viz02", capacity=10, running=3)])
    return file


def select(raw: bytes, *words: str | Path, **env: str) -> tuple[int, bytes, str]:
    """Run the command: its exit code, stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "fxtop", "node-select", *words],
        input=raw,
        capture_output=True,
        env={**os.environ, **env},
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr.decode()


def test_the_id_stands_alone_on_stdout_and_nothing_on_stderr(table: Path) -> None:
    assert select(question("viz01", "viz02"), "--table", table) == (0, b"viz02\n", "")


def test_an_id_leaves_as_it_came_whatever_the_locale_is(table: Path) -> None:
    code, out, _ = select(question("可視化01"), "--table", table, LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (code, out.decode()) == (0, "可視化01\n")


def test_a_choice_loads_nothing_that_is_slow_to_load(table: Path) -> None:
    script = (
        "import sys; from fxtop.__main__ import main; code = main(sys.argv[1:]); print(*sys.modules); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script, "node-select", "--policy", "round-robin", "--table", str(table)],
        input=question("viz02"),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "FX_LOCAL_DIR": str(table.parent)},
        check=True,
    )
    chosen, modules = done.stdout.decode().splitlines()
    assert chosen == "viz02"
    assert not {name for name in FORBIDDEN if name in modules.split()}


def test_where_no_node_is_left_it_fails_with_a_sentence(table: Path) -> None:
    code, out, said = select(question("viz01"), "--table", table)
    assert (code, out) == (Exit.REFUSED, b"")
    assert said == "fxtop node-select: No node is left for a new session: of 1 offered, 1 drained.\n"


def test_where_no_node_is_left_that_can_be_explained_too(table: Path) -> None:
    _, _, said = select(question("viz01"), "--table", table, "--explain")
    assert said.splitlines()[0].startswith("fxtop node-select: viz01: drained, sessions 0")


def test_as_a_last_resort_a_drained_node_is_chosen(table: Path) -> None:
    code, out, said = select(question("viz01"), "--table", table, "--last-resort")
    assert (code, out) == (0, b"viz01\n")
    assert "last resort" in said


@pytest.mark.parametrize("raw", [b"", b"nodes", b"[]", b'{"nodes": 5}', b"\xff" * 100, b"[" * 200_000], ids=range(6))
def test_garbage_is_a_sentence_and_no_traceback(table: Path, raw: bytes) -> None:
    code, out, said = select(raw, "--table", table)
    assert (code, out) == (Exit.FAILED, b"")
    assert said.startswith("fxtop node-select: The input ")
    assert said.count("\n") == 1


def test_a_stdin_that_is_closed_is_a_sentence(table: Path) -> None:
    line = f"{sys.executable} -m fxtop node-select --table {table} <&-"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (Exit.FAILED, "")
    assert done.stderr == "fxtop node-select: There is no stdin: FastX asks its question there.\n"


@pytest.mark.parametrize("words", [(), ("--explain",), ("--policy", "load"), ("--wrap", "/none")])
def test_nothing_of_the_user_the_start_or_the_token_is_told_or_kept(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, out, said = select(question(node("viz02", 3)), "--table", str(tmp_path / "none"), *words, HOME=str(tmp_path))
    assert (code, out) == (0, b"viz02\n")
    for secret in (JWT, "ann", "xterm-of-ann"):
        assert secret not in said.replace("can", "")
    assert list(tmp_path.iterdir()) == []


def test_a_script_that_runs_the_hook_again_is_not_asked_again(table: Path, tmp_path: Path) -> None:
    script = tmp_path / "loop"
    line = f"{sys.executable} -m fxtop node-select --table {table} --wrap {script}"
    script.write_text(f"#!/bin/sh\nexec {line}\n")
    script.chmod(0o755)
    code, out, said = select(question("viz02"), "--table", table, "--wrap", script, "--wrap-limit", "60")
    assert (code, out) == (0, b"viz02\n")
    assert f"The script {script} runs this command again" in said


def test_what_is_known_of_each_node_can_be_explained(table: Path) -> None:
    _, out, said = select(
        question("viz01", node("viz02", 1, cpu={"load1": 1, "cores": 4})), "--table", table, "--explain"
    )
    assert out == b"viz02\n"
    assert said.splitlines() == [
        "fxtop node-select: viz01: drained, sessions 0, weight 1, load per core ?, free memory ?",
        "fxtop node-select: viz02: open, sessions 3 of 10, weight 1, load per core 0.25, free memory ?",
    ]


def test_round_robin_takes_turns_from_start_to_start(table: Path) -> None:
    words = ("--table", table, "--policy", "round-robin")
    env = {"FX_LOCAL_DIR": str(table.parent)}
    taken = [select(question("viz02", "viz03"), *words, **env)[1] for _ in range(4)]
    assert set(taken[:2]) == set(taken[2:]) == {b"viz02\n", b"viz03\n"}


def test_the_same_seed_makes_the_same_choice(table: Path) -> None:
    raw = question(*(f"node{number}" for number in range(50)))
    assert len({select(raw, "--table", table, "--seed", "7")[1] for _ in range(3)}) == 1


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["--policy", "load"],
        ["--table", "/run/x.json", "--max-age", "5", "--last-resort"],
        ["--wrap", "/site", "--wrap-limit", "0.5", "--turns", "t", "--seed", "3", "--explain"],
    ],
)
def test_both_readings_of_a_line_say_the_same(line: list[str]) -> None:
    _, args = parse(["node-select", *line])
    plain = read_plain(line)
    assert plain is not None
    assert plain == {name: value for name, value in vars(args).items() if name in plain}
    assert len(plain) == len(FLAGS)


@pytest.mark.parametrize(
    "line",
    [
        ["install"],
        ["--policy"],
        ["--policy=load"],
        ["--policy", "best"],
        ["--max-age", "-5"],
        ["--table", "--wrap"],
        ["--max-age", "soon"],
        ["--help"],
        ["--server", "nats://x"],
    ],
)
def test_any_other_line_is_left_to_argparse(line: list[str]) -> None:
    assert read_plain(line) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--policy", "best"], "there is no policy 'best'; there are sessions, load, memory and round-robin"),
        (["--max-age", "soon"], "'soon' is no number of seconds"),
        (["--max-age", "nan"], "'nan' is no number of seconds"),
        (["--wrap-limit", "0"], "'0' is no number of seconds"),
        (["--seed", "x"], "'x' is no whole number"),
        (["balance"], "balance"),
        (["install"], "--dir"),
        (["uninstall"], "--dir"),
    ],
)
def test_a_line_that_makes_no_sense_is_explained(
    line: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["node-select", *line]) == Exit.USAGE
    assert words in capsys.readouterr().err


def test_global_flags_before_the_command_are_no_hindrance(table: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fxtop", "--ascii", "node-select", "--table", str(table)],
        input=question("viz02"),
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"viz02\n"


def test_fastx_4_is_told_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node-select", "install", "--print", "--dir", "/opt/lb"]) == Exit.DONE
    out, said = capsys.readouterr()
    assert out == "LOAD_BALANCER=custom\nLOAD_BALANCER_SCRIPT=/opt/lb/node-select\n"
    assert "install --dir /opt/lb" in said


def test_it_is_installed_wrapped_around_the_sites_script_asked_and_taken_away(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "schedule" / "vdi"
    folder.mkdir(parents=True)
    site = folder / "node-select"
    site.write_text("#!/bin/sh\ncat >/dev/null\necho viz01\n")
    site.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    words = ["--dir", "schedule/vdi", "--table", table.name, "--wrap", "schedule/vdi/node-select"]

    assert main(["node-select", "install", "--dry-run", *words]) == Exit.DONE
    assert "Nothing was changed" in capsys.readouterr().err
    assert list(folder.iterdir()) == [site]

    assert main(["node-select", "install", *words]) == Exit.DONE
    assert "To undo this: fxtop node-select uninstall --dir schedule/vdi" in capsys.readouterr().err
    done = subprocess.run([site], input=question("viz01", "viz02"), capture_output=True, cwd="/", check=True)
    assert done.stdout == b"viz02\n"
    assert b"chose none of the nodes that it was given" in done.stderr
    write_table(table, [])
    done = subprocess.run([site], input=question("viz01", "viz02"), capture_output=True, cwd="/", check=True)
    assert (done.stdout, done.stderr) == (b"viz01\n", b"")

    assert main(["node-select", "uninstall", *words[:2]]) == Exit.DONE
    assert list(folder.iterdir()) == [site]
    assert site.read_text().endswith("echo viz01\n")
    assert main(["node-select", "uninstall", *words[:2]]) == Exit.FAILED
    assert "isn't ours" in capsys.readouterr().err


def test_a_choice_within_a_choice_takes_no_turn(table: Path, tmp_path: Path) -> None:
    turns = tmp_path / "turns.json"
    words = ("--table", table, "--policy", "round-robin", "--turns", turns)
    assert select(question("viz02"), *words, **{GUARD: "1"}) == (0, b"viz02\n", "")
    assert not turns.exists()
    assert select(question("viz02"), *words) == (0, b"viz02\n", "")
    assert turns.exists()
