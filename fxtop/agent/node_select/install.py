"""Putting the placement hook where FastX looks for it, and taking it away again, step by step.

FastX 5 runs an executable ``node-select`` in a scheduler's directory; FastX 4 the script that ``fastx.env`` names. What
stood in its place is kept beside it, the very same file, and comes back when the hook goes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.agent.node_select.guard import GUARD
from fxtop.agent.node_select.script import has_made_metadata, is_changed, is_ours, render

SCRIPT: Final = "node-select"
BACKUP: Final = "node-select.before-fxtop"
METADATA: Final = "metadata.ini"
METADATA_CONTENT: Final = b"node-select=custom\n"
"""A scheduler has at least this file and this key; the executable takes the place of whatever type it names."""
SCHEDULERS: Final = "schedule"
"""The directory of all schedulers, /etc/fastx/schedule or /usr/lib/fastx/5/integration/schedule."""
V4_DIR: Final = Path("/usr/local/lib/fxtop")
"""Where FastX 4's script goes if nobody says otherwise."""
_VENDOR: Final = Path("/usr/lib/fastx")
_EXAMPLE: Final = b'{"nodes":[{"id":"example","nodeData":{"health":{},"services":[],"sessions":[]},"metadata":{}}]}'
_TRY_LIMIT: Final = 30.0


class InstallError(Exception):
    """Something is not as it must be; the text is a sentence, and what it speaks of was not changed."""


class Step(NamedTuple):
    """One thing that is done."""

    sentence: str
    """What, in the words of an order."""
    do: Callable[[], None]


def installation(folder: Path, arguments: Sequence[str]) -> list[Step]:
    """What puts the hook, run with ``arguments``, into the directory ``folder``.

    Raises:
        InstallError: it can't be done there.
    """
    _check_folder(folder)
    script, new, backup = folder / SCRIPT, folder / f".{SCRIPT}.new", folder / BACKUP
    metadata = folder / METADATA
    lacks = is_scheduler(folder) and not metadata.exists()
    text = render(arguments, made_metadata=lacks or _has_made_metadata(script))
    steps = [
        Step(f"Write the new script as {new}, mode 0755.", lambda: _write(new, text, 0o755)),
        Step(f"Run {new} with a made-up node, to see that it answers.", lambda: _try(new)),
    ]
    if not _stands(script):
        move = f"Give {new} its name {script}."
    elif _is_ours(script):
        move = f"Put {new} in the place of {script}, which is an earlier one of ours."
    else:
        _check_free(script, backup)
        steps.append(Step(f"Keep {script} as it is under the name {backup}.", lambda: _keep(script, backup)))
        move = f"Put {new} in the place of {script}."
    steps.append(Step(move, lambda: _move(new, script)))
    if lacks:
        said = METADATA_CONTENT.decode().strip()
        order = f"Write {metadata} with {said}, since a scheduler must have one."
        steps.append(Step(order, lambda: _write(metadata, METADATA_CONTENT, 0o644)))
    return steps


def removal(folder: Path) -> list[Step]:
    """What takes the hook out of the directory ``folder``, and brings back what stood there before.

    Raises:
        InstallError: what stands there isn't ours.
    """
    _check_folder(folder)
    script, backup, metadata = folder / SCRIPT, folder / BACKUP, folder / METADATA
    if not _stands(script):
        raise InstallError(f"There is no {script}: nothing is installed there.")
    if not _is_ours(script):
        raise InstallError(f"{script} isn't ours, so it stays.")
    if _stands(backup):
        steps = [Step(f"Put {backup} back as {script}.", lambda: _move(backup, script))]
    else:
        steps = [Step(f"Delete {script}; none stood there before.", lambda: _delete(script))]
    if _has_made_metadata(script) and metadata.is_file() and _read(metadata) == METADATA_CONTENT:
        steps.append(Step(f"Delete {metadata}, which is as we wrote it.", lambda: _delete(metadata)))
    return steps


def is_scheduler(folder: Path) -> bool:
    """Whether ``folder`` is where FastX 5 looks for a scheduler."""
    return folder.absolute().parent.name == SCHEDULERS


def environment_lines(folder: Path) -> str:
    """What FastX 4's ``fastx.env`` says to use the script in ``folder``."""
    return f"LOAD_BALANCER=custom\nLOAD_BALANCER_SCRIPT={folder.absolute() / SCRIPT}\n"


def site_script(wrap: Path, folder: Path) -> Path:
    """The script to wrap, by the name under which it can be found after an installation in ``folder``.

    Raises:
        InstallError: it can't be run, or is the hook itself.
    """
    wrap, script = wrap.absolute(), folder.absolute() / SCRIPT
    if not os.access(wrap, os.X_OK) or wrap.is_dir():
        raise InstallError(f"There is no executable {wrap} to wrap.")
    if _stands(script) and wrap.samefile(script):
        if _is_ours(script):
            raise InstallError(f"{wrap} is the hook itself: name the site's own script, as {folder / BACKUP}.")
        return script.with_name(BACKUP)
    return wrap


def cautions(folder: Path) -> list[str]:
    """What an administrator should know about an installation in ``folder`` that looks as if it could fail later."""
    found = []
    if folder.absolute().is_relative_to(_VENDOR):
        found.append(
            f"{folder} belongs to FastX's package, and an upgrade may overwrite it: "
            f"a copy under /etc/fastx/{SCHEDULERS} takes its place and stays."
        )
    package = Path(__file__).resolve().parents[2]
    for part in (Path(sys.executable), Path(sys.executable).resolve(), package):
        if (closed := _closed(part)) is not None:
            found.append(f"Others can't enter {closed}, so FastX's own user can't run {part}.")
    return list(dict.fromkeys(found))


def _closed(path: Path) -> Path | None:
    """The first directory on the way to ``path`` that is closed to other users."""
    return next((each for each in reversed(path.parents) if not each.stat().st_mode & 0o001), None)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise InstallError(f"There is no directory {folder}: name a scheduler's directory, or make it first.")


def _check_free(script: Path, backup: Path) -> None:
    if _stands(backup):
        raise InstallError(
            f"Both {script} and {backup} are there, and neither is ours: move away the one that is not in use."
        )


def _stands(path: Path) -> bool:
    """Whether something has that name, if only a link to nowhere."""
    return os.path.lexists(path)


def _is_ours(script: Path) -> bool:
    """InstallError: it was ours, and somebody has changed it."""
    if script.is_symlink() or not script.is_file():
        return False
    content = _read(script)
    if is_changed(content):
        raise InstallError(f"{script} was changed since it was installed: move it away, then try again.")
    return is_ours(content)


def _has_made_metadata(script: Path) -> bool:
    """Whether metadata.ini came with the script that stands there, if that is ours."""
    return _stands(script) and _is_ours(script) and has_made_metadata(_read(script))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InstallError(f"{path} can't be read: {error.strerror or error}.") from error


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(content)
            file.flush()
            os.fsync(handle)
    except OSError as error:
        raise InstallError(f"{path} can't be written: {error.strerror or error}.") from error


def _try(script: Path) -> None:
    """See that it answers. The guard keeps it from asking the site's own script and from taking a turn."""
    try:
        done = subprocess.run(  # noqa: S603  # the script was just written here
            [script.absolute()],
            input=_EXAMPLE,
            capture_output=True,
            timeout=_TRY_LIMIT,
            env={**os.environ, GUARD: "1"},
            check=False,
        )
        worked = (done.returncode, done.stdout) == (0, b"example\n")
        said = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
    except (OSError, subprocess.TimeoutExpired) as error:
        worked, said = False, str(error)
    if not worked:
        _delete(script)
        raise InstallError(f"It does not answer ({said}), so it was deleted again; nothing else was changed.")


def _keep(script: Path, backup: Path) -> None:
    """A second name for the same file, so that at no moment there is none."""
    try:
        os.link(script, backup, follow_symlinks=False)
    except OSError as error:
        raise InstallError(f"{script} can't be kept as {backup}: {error.strerror or error}.") from error


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        raise InstallError(f"{source} can't be moved to {target}: {error.strerror or error}.") from error


def _delete(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise InstallError(f"{path} can't be deleted: {error.strerror or error}.") from error
