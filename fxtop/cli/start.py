"""What every command that talks to a cluster begins with: settings, notices, log."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from fxtop.cli.flags import settings_flags
from fxtop.cli.logs import log_to
from fxtop.cli.output import say
from fxtop.config.load import load
from fxtop.config.settings import Settings


def start(args: argparse.Namespace) -> Settings:
    """The settings of a command line in this environment, as `prepare` makes them."""
    return prepare(settings_flags(args), os.environ)


def prepare(flags: Mapping[str, object], env: Mapping[str, str]) -> Settings:
    """The settings that ``flags`` and ``env`` make, with the log open. Notices go to standard error.

    Raises:
        ConfigError: settings that can't be used, or a secret that can't be read: that is the person's to mend, and
            would look like a fault of the bus later.
    """
    settings = load(flags, env)
    for secret in (settings.token, settings.user, settings.password):
        if secret is not None:
            secret.read()
    for notice in (*settings.notices, log_to(settings.log_file)):
        if notice:
            say(notice)
    return settings
