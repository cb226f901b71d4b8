"""The demo's child process: ``python -m fxtop.demo.site FOLDER …``. It ends when its standard input does."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from fxtop.clock import SystemClock
from fxtop.demo.cluster import DemoCluster
from fxtop.demo.errors import DemoError
from fxtop.demo.folder import Folder
from fxtop.demo.identity import SLUG
from fxtop.demo.lifeline import parent_gone
from fxtop.demo.options import Options
from fxtop.demo.ready import Failed, Happened, Ready, tell
from fxtop.demo.scenario import SCENARIOS, play


def main() -> int:
    """Run the site until the parent is gone."""
    folder, options = _arguments()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to understand
    try:
        asyncio.run(_until_parent_gone(folder, options))
    except DemoError as error:
        tell(Failed(str(error)))
        return 1
    finally:
        folder.remove()
    return 0


async def _until_parent_gone(folder: Folder, options: Options) -> None:
    living = asyncio.create_task(_live(folder, options))
    orphaned = asyncio.create_task(parent_gone())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, living.cancel)
    await asyncio.wait((living, orphaned), return_when=asyncio.FIRST_COMPLETED)
    orphaned.cancel()
    living.cancel()
    try:
        await living
    except asyncio.CancelledError:
        logging.info("the site was told to end")


async def _live(folder: Folder, options: Options) -> None:
    cluster = DemoCluster(folder, options, SystemClock())
    try:
        await cluster.start()
        tell(Ready(list(cluster.servers.urls), str(folder.config), SLUG))
        scenes = SCENARIOS[options.scenario]
        await play(scenes, cluster, speed=options.speed, tell=lambda scene: tell(Happened(scene.at, scene.what)))
        await asyncio.Event().wait()
    finally:
        await cluster.stop()


def _arguments() -> tuple[Folder, Options]:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nodes", type=int, required=True)
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), required=True)
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--churn", type=float)
    given = vars(parser.parse_args())
    return Folder(given.pop("folder")), Options(**given)


if __name__ == "__main__":
    sys.exit(main())
