"""Answers of rlmstat: those that were published, and ones made up after their layouts."""

from __future__ import annotations

from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
CSCI = "csci-12.2-no-pool-number-multi-checkout"
FOUNDRY = "foundry-client15.2-server12.2-pools"
REPRISE = "reprise-9.1-manual-head"
ERROR = "error-12.2-cannot-connect"
ALL = (CSCI, FOUNDRY, REPRISE, ERROR)

RULE = "\t------------------------\n\n"


def sample(name: str) -> str:
    """A published answer. Its first line, which tells where it was found, is left out."""
    source, _, answer = (SAMPLES / f"{name}.txt").read_text().partition("\n")
    assert source.startswith("# source: ")
    return answer


def head(path: str = "5053@lic1") -> str:
    return (
        f"Setting license file path to {path}\n"
        "rlmutil v15.1\nCopyright (C) 2006-2022, Reprise Software, Inc. All rights reserved.\n\n\n"
    )


def daemon(*table: str, host: str = "lic1", port: int = 5053, up: str = "up 1d 02:03:04") -> str:
    return (
        f"\trlm status on {host} (port {port}), {up}\n"
        "\trlm software version v15.1 (build:1)\n"
        "\trlm comm version: v1.2\n"
        "\tStartup time: Mon May 20 08:00:00 2024\n\n"
        "\t--------- ISV servers ----------\n"
        "\t   Name           Port Running Restarts\n" + "".join(f"\t{row}\n" for row in table) + "\n" + RULE
    )


def status(isv: str, *, denials: int = 0, up: str = "up 1d 02:03:00", started: str = "Mon May 20 08:00:04 2024") -> str:
    return (
        f"\t{isv} ISV server status on lic1 (port 49827), {up}\n"
        f"\t{isv} software version v15.1 (build: 1)\n"
        f"\t{isv} comm version: v1.2\n"
        f"\t{isv} info log filename: /var/log/{isv}.dlog\n"
        f"\tStartup time: {started}\n\n"
        "\t             Recent Stats         Todays Stats         Total Stats\n"
        "\t              00:01:59             08:40:33          1d 02:03:00\n"
        f"\tDenials:     0 (0/sec)           1 (0/sec)          {denials} (0/sec)\n\n\n" + RULE
    )


def pools(isv: str, *text: str) -> str:
    return f"\t{isv} license pool status on lic1 (port 49827)\n\n" + "".join(text) + "\n\n" + RULE


def pool(
    head: str, *, count: object = 5, inuse: int = 0, exp: str = "permanent", checkouts: int = 0, reserved: int = 0
) -> str:
    return (
        f"\t{head}\n\t\tcount: {count}, # reservations: {reserved}, inuse: {inuse}, exp: {exp}\n"
        f"\t\tobsolete: 0, min_remove: 120, total checkouts: {checkouts}\n"
    )


def usage(isv: str, *rows: str) -> str:
    return f"\t{isv} license usage status on lic1 (port 49827)\n\n" + "".join(f"\t{row}\n" for row in rows) + "\n"


def whole(
    *,
    inuse: int = 1,
    denials: int = 0,
    checkouts: int = 0,
    up: str = "up 1d 02:03:00",
    started: str = "Mon May 20 08:00:04 2024",
) -> str:
    """The answer of a server with one ISV, of which one pool has five seats."""
    row = "desktop v5.0: ann@viz01 1/0 at 05/21 09:00  (handle: 1a) "
    return (
        head()
        + daemon("starnet          49827   Yes      0")
        + status("starnet", denials=denials, up=up, started=started)
        + pools("starnet", pool("desktop v5.0, pool: 1", inuse=inuse, checkouts=checkouts))
        + (usage("starnet", *[row] * inuse) if inuse else "")
    )
