from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from fxtop.agent.node_select import install
from fxtop.agent.node_select.install import (
    BACKUP,
    METADATA,
    SCRIPT,
    InstallError,
    cautions,
    environment_lines,
    installation,
    removal,
    site_script,
)
from fxtop.agent.node_select.script import is_changed, is_ours, render
from tests.unit.agent.node_select.kit import question

SITE = "#!/bin/sh\n# the site's own\necho viz01\n"


@pytest.fixture
def scheduler(tmp_path: Path) -> Path:
    """The directory of a scheduler, with nothing in it."""
    folder = tmp_path / "schedule" / "vdi"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that answers at once: that the real one does is tested by itself."""
    monkeypatch.setattr(install, "render", fake_render)


def fake_render(arguments: Sequence[str], *, made_metadata: bool) -> bytes:
    return fake(*arguments, made_metadata=made_metadata)


def fake(*arguments: str, made_metadata: bool = False) -> bytes:
    lines = render([], made_metadata=made_metadata).splitlines(keepends=True)
    body = b"".join(lines[3:-1]) + b"echo example # " + " ".join(arguments).encode() + b"\n"
    with_digest = lines[2].rpartition(b" ")[0] + b" " + digest(body) + b"\n"
    return b"".join([*lines[:2], with_digest, body])


def digest(body: bytes) -> bytes:
    done = subprocess.run(["sha256sum"], input=body, capture_output=True, check=True)
    return done.stdout.split()[0]


def put_site_script(folder: Path) -> os.stat_result:
    """A script of the site's, with everything about it unusual."""
    script = folder / SCRIPT
    script.write_text(SITE)
    script.chmod(0o710)
    os.utime(script, (1_000_000_000, 1_000_000_000))
    return script.stat()


def installed(folder: Path, *arguments: str) -> list[str]:
    """Install, and the sentences of the steps."""
    steps = installation(folder, arguments)
    for step in steps:
        step.do()
    return [step.sentence for step in steps]


def removed(folder: Path) -> list[str]:
    steps = removal(folder)
    for step in steps:
        step.do()
    return [step.sentence for step in steps]


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_scheduler_gets_the_script_and_the_file_that_a_scheduler_must_have(scheduler: Path) -> None:
    installed(scheduler, "--policy", "load")
    assert content(scheduler) == {
        SCRIPT: fake("--policy", "load", made_metadata=True),
        METADATA: b"node-select=custom\n",
    }
    assert (scheduler / SCRIPT).stat().st_mode & 0o777 == 0o755


def test_nothing_is_changed_before_the_steps_are_taken(scheduler: Path) -> None:
    put_site_script(scheduler)
    before = content(scheduler)
    assert len(installation(scheduler, [])) == 5
    assert content(scheduler) == before


def test_each_step_names_the_files_that_it_touches(scheduler: Path) -> None:
    put_site_script(scheduler)
    said = installed(scheduler)
    assert [sentence.split()[0] for sentence in said] == ["Write", "Run", "Keep", "Put", "Write"]
    assert f"{scheduler / BACKUP}" in said[2]
    assert all(f"{scheduler}/" in sentence and sentence.endswith(".") for sentence in said)


def test_what_stood_there_comes_back_as_the_very_same_file(scheduler: Path) -> None:
    before = put_site_script(scheduler)
    (scheduler / METADATA).write_text("node-select=sessions\n")
    installed(scheduler)
    removed(scheduler)
    after = (scheduler / SCRIPT).stat()
    assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (before.st_ino, before.st_mode, before.st_mtime_ns)
    assert content(scheduler) == {SCRIPT: SITE.encode(), METADATA: b"node-select=sessions\n"}


def test_a_link_comes_back_as_a_link(scheduler: Path, tmp_path: Path) -> None:
    (tmp_path / "site-script").write_text(SITE)
    (scheduler / SCRIPT).symlink_to(tmp_path / "site-script")
    installed(scheduler)
    assert (tmp_path / "site-script").read_text() == SITE
    removed(scheduler)
    assert (scheduler / SCRIPT).readlink() == tmp_path / "site-script"


def test_where_nothing_stood_nothing_is_left(scheduler: Path) -> None:
    installed(scheduler)
    removed(scheduler)
    assert content(scheduler) == {}


def test_metadata_that_were_there_stay_even_if_they_are_what_we_would_have_written(scheduler: Path) -> None:
    (scheduler / METADATA).write_text("node-select=custom\n")
    installed(scheduler)
    removed(scheduler)
    assert set(content(scheduler)) == {METADATA}


def test_metadata_of_ours_go_after_another_installation_too(scheduler: Path) -> None:
    installed(scheduler)
    installed(scheduler, "--policy", "load")
    removed(scheduler)
    assert content(scheduler) == {}


def test_metadata_that_somebody_changed_since_stay(scheduler: Path) -> None:
    installed(scheduler)
    (scheduler / METADATA).write_text("node-select=custom\nname=VDI\n")
    removed(scheduler)
    assert set(content(scheduler)) == {METADATA}


def test_to_install_again_changes_the_options_and_keeps_the_first_backup(scheduler: Path) -> None:
    put_site_script(scheduler)
    installed(scheduler, "--policy", "load")
    installed(scheduler, "--policy", "memory")
    assert content(scheduler)[SCRIPT] == fake("--policy", "memory", made_metadata=True)
    removed(scheduler)
    assert content(scheduler)[SCRIPT] == SITE.encode()


def test_two_scripts_of_the_sites_are_none_of_our_business(scheduler: Path) -> None:
    put_site_script(scheduler)
    (scheduler / BACKUP).write_text("an older one")
    before = content(scheduler)
    with pytest.raises(InstallError, match="neither is ours"):
        installation(scheduler, [])
    assert content(scheduler) == before


def test_a_script_that_is_not_ours_is_not_taken_away(scheduler: Path) -> None:
    put_site_script(scheduler)
    with pytest.raises(InstallError, match="isn't ours"):
        removal(scheduler)
    with pytest.raises(InstallError, match="nothing is installed"):
        removal(scheduler.parent)


def test_a_script_of_ours_that_somebody_changed_is_neither_replaced_nor_taken_away(scheduler: Path) -> None:
    installed(scheduler)
    with (scheduler / SCRIPT).open("a") as file:
        file.write("logger chosen\n")
    with pytest.raises(InstallError, match="was changed since"):
        installation(scheduler, [])
    with pytest.raises(InstallError, match="was changed since"):
        removal(scheduler)


def test_a_script_that_does_not_answer_is_not_put_in_place(scheduler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_site_script(scheduler)
    monkeypatch.setattr(
        install, "render", lambda arguments, made_metadata: b"#!/bin/sh\necho no module named fxtop >&2; exit 1\n"
    )
    with pytest.raises(InstallError, match="no module named fxtop"):
        installed(scheduler)
    assert content(scheduler) == {SCRIPT: SITE.encode()}


def test_a_directory_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="no directory"):
        installation(tmp_path / "none", [])
    with pytest.raises(InstallError, match="no directory"):
        removal(tmp_path / "none")


def test_fastx_4_needs_no_metadata_but_lines_that_name_the_script(tmp_path: Path) -> None:
    installed(tmp_path)
    assert set(content(tmp_path)) == {SCRIPT}
    assert environment_lines(tmp_path) == f"LOAD_BALANCER=custom\nLOAD_BALANCER_SCRIPT={tmp_path}/node-select\n"


def test_the_script_that_stands_there_can_be_wrapped_and_is_then_found_by_its_new_name(scheduler: Path) -> None:
    put_site_script(scheduler)
    assert site_script(scheduler / SCRIPT, scheduler) == scheduler / BACKUP
    installed(scheduler)
    assert site_script(scheduler / BACKUP, scheduler) == scheduler / BACKUP


def test_the_hook_can_not_wrap_itself(scheduler: Path) -> None:
    installed(scheduler)
    with pytest.raises(InstallError, match="the hook itself"):
        site_script(scheduler / SCRIPT, scheduler)


@pytest.mark.parametrize("name", ["none", "data.ini", "."])
def test_what_can_not_be_run_can_not_be_wrapped(scheduler: Path, name: str) -> None:
    (scheduler / "data.ini").touch()
    with pytest.raises(InstallError, match="no executable"):
        site_script(scheduler / name, scheduler)


def test_a_directory_that_belongs_to_the_vendors_package_is_warned_of() -> None:
    assert "upgrade" in cautions(Path("/usr/lib/fastx/5/integration/schedule/vdi"))[0]


def test_an_interpreter_that_others_can_not_reach_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(sys, "executable", str(closed / "python3"))
    assert any(caution.endswith(f"so FastX's own user can't run {closed}/python3.") for caution in cautions(tmp_path))
    monkeypatch.setattr(sys, "executable", "/usr/bin/env")
    assert not any("/usr/bin/env" in caution for caution in cautions(tmp_path))


def test_the_script_knows_its_own_text_again() -> None:
    script = render(["--table", "/a path/with 'quotes'.json"])
    assert is_ours(script)
    assert not is_changed(script)
    assert is_changed(script + b"x")
    assert not is_ours(SITE.encode())
    assert not is_changed(SITE.encode())


def test_the_script_runs_the_hook_with_its_options(tmp_path: Path) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    script = folder / SCRIPT
    script.write_bytes(render(["--table", str(folder / "placement.json")]))
    script.chmod(0o755)
    done = subprocess.run([script, "what", "--ever"], input=question("viz01"), capture_output=True, cwd="/", check=True)
    assert done.stdout == b"viz01\n"
    assert f"{folder}/placement.json" in done.stderr.decode()
