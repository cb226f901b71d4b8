"""The names by which others may call this machine."""

from __future__ import annotations

import socket

import psutil


def own_names() -> frozenset[str]:
    """Names and addresses of this machine. Asks the resolver, which may take a while."""
    addresses = {address.address for found in psutil.net_if_addrs().values() for address in found}
    return frozenset({"localhost", socket.gethostname(), socket.getfqdn(), *addresses})
