"""The command that asks a licence server. It is ``rlmutil rlmstat`` and can be nothing else.

The same program stops servers, takes seats away and switches logs (``rlmdown``, ``rlmremove``, …), as its first
argument tells it, or its own name where it is a link of that name. So neither is left to the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fxtop.protocol.ids import LicenseId
from fxtop.protocol.text import inert

NAME: Final = "rlmutil"
VERB: Final = "rlmstat"
FLAGS: Final = frozenset({"-a", "-f", "-I", "-q", "-dat"})
"""Options of rlmstat that stand alone and only ask."""
FILTERS: Final = frozenset({"-i", "-l", "-n", "-p", "-u"})
"""Options that a name may follow (ISV, host, product, user)."""
_OTHER_TOOL: Final = re.compile(r"rlm[a-z]*", re.IGNORECASE)
_SERVER: Final = re.compile(r"(?P<port>[0-9]{1,5})@[A-Za-z0-9_\[][A-Za-z0-9_.:\[\]-]{0,252}")
_VALUE: Final = re.compile(r"(?!-)[^\s\x00-\x1f\x7f]{1,256}")


class CommandError(ValueError):
    """Such a command is not run; the text is a sentence for whoever wrote the configuration."""


@dataclass(frozen=True, slots=True)
class RlmCommand:
    """How one licence server is asked.

    Args:
        program: rlmutil, by its whole path.
        server: the server, ``port@host``.
        options: options of rlmstat, of `FLAGS` and `FILTERS`.

    Raises:
        CommandError: that would be something else than asking one server.
    """

    program: Path
    server: LicenseId
    options: tuple[str, ...] = ("-a",)

    def __post_init__(self) -> None:
        _check_program(self.program)
        _check_server(self.server)
        _check_options(self.options)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The program's name for itself, and its arguments."""
        return NAME, VERB, *self.options, "-c", self.server

    @property
    def whole(self) -> bool:
        """Whether everything is asked for, so that what isn't told is missing."""
        return "-a" in self.options and FILTERS.isdisjoint(self.options)


def servers(path: str) -> list[LicenseId]:
    """The servers of a license path such as ``5053@lic1:5053@lic2``, in its order.

    Raises:
        CommandError: one of them is no ``port@host``.
    """
    found = [LicenseId(part) for part in re.split("[:;](?=[0-9]+@)", path)]
    for server in found:
        _check_server(server)
    return list(dict.fromkeys(found))


def _check_program(program: Path) -> None:
    if not program.is_absolute():
        raise CommandError(f"The path of rlmutil has to be a whole one, not '{inert(str(program), 200)}'.")
    stem = program.name.partition(".")[0]
    if _OTHER_TOOL.fullmatch(stem) and stem.lower() != NAME:
        raise CommandError(
            f"{inert(str(program), 200)} may be another tool than rlmutil, one that acts on the server: give rlmutil."
        )


def _check_server(server: str) -> None:
    match = _SERVER.fullmatch(server)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise CommandError(f"A licence server is given as port@host, such as 5053@lic1, not '{inert(server, 200)}'.")


def _check_options(options: Sequence[str]) -> None:
    before = ""
    for option in options:
        if option.startswith("-z"):
            raise CommandError("rlmstat's option -z isn't used: everybody on this machine could read the password.")
        is_value = before in FILTERS and _VALUE.fullmatch(option) is not None
        if option not in FLAGS and option not in FILTERS and not is_value:
            raise CommandError(
                f"'{inert(option, 200)}' is no option of rlmstat that can be used here: take some of "
                f"{', '.join(sorted(FLAGS | FILTERS))} ({', '.join(sorted(FILTERS))} with a name or without)."
            )
        before = option
