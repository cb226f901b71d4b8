"""The systemd unit of the agent, hardened as far as its work allows (systemd.exec(5); systemd 252, as in RHEL 9)."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

NAME: Final = "fxtop-agent.service"

_UNIT: Final = """\
# {name}: install it as /etc/systemd/system/{name}, then:
#   systemctl daemon-reload && systemctl enable --now {name}

[Unit]
Description=fxtop agent: tells of this FastX node, and carries out signed requests
Documentation=man:systemd.exec(5)
Wants=network-online.target
After=network-online.target

[Service]
# The agent says when it is up, and that it still goes on; a hung one is started anew.
Type=notify
NotifyAccess=main
WatchdogSec=60
ExecStart={start}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
# Time to say goodbye on the bus.
TimeoutStopSec=15

# /var/lib/fxtop: drain state, remembered requests, journal. Nobody else's business.
StateDirectory=fxtop
StateDirectoryMode=0700
# /run/fxtop: the placement table, which FastX's own user reads.
RuntimeDirectory=fxtop
RuntimeDirectoryMode=0755
UMask=0077

# It runs as root, with five of root's rights and no way to more:
#   CAP_SYS_PTRACE       reads /proc/PID/environ of any user: by it a session's processes are found
#   CAP_KILL             ends the processes of a session that an operator terminates
#   CAP_DAC_READ_SEARCH  reads session directories, and the transporter's secret, which belongs to FastX's user
#   CAP_SETUID, CAP_SETGID  runs a site's own command as a session's user, as for messages
# It has no CAP_DAC_OVERRIDE: it can't write other people's files. Where it is to remove the directories of ghost
# sessions on request, add that one in a drop-in, with ProtectHome=no and ReadWritePaths= for the homes.
User=root
CapabilityBoundingSet=CAP_SYS_PTRACE CAP_KILL CAP_DAC_READ_SEARCH CAP_SETUID CAP_SETGID
NoNewPrivileges=yes

# It sees all processes: that is what it is for. So no ProtectProc=, no ProcSubset=, no PrivateUsers=.
ProtectProc=default
ProcSubset=all

# The file system is read only but for its own two directories; sessions lie in people's homes, which it reads.
ProtectSystem=strict
ProtectHome=read-only
# FX_TEMP_DIR and the sockets of X servers are the real /tmp, so it gets no /tmp of its own.
PrivateTmp=no
# No devices but /dev/null and the like.
PrivateDevices=yes
DevicePolicy=closed

# It changes nothing of the kernel, the clock, the host's name or control groups.
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes

# IPv4 and IPv6 for the bus, unix sockets for systemd and X, netlink for the list of this host's addresses.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
# What services need, kill among it.
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# Not MemoryDenyWriteExecute=: libffi, which the cryptography uses, may need such memory.

# Nobody's sessions suffer from it.
Nice=5
CPUQuota=25%
MemoryHigh=150M
MemoryMax=300M
TasksMax=64

[Install]
WantedBy=multi-user.target
"""


def unit(start: Sequence[str]) -> str:
    """The unit's text; ``start`` is the command that runs the agent, with an absolute path."""
    return _UNIT.format(name=NAME, start=shlex.join(start).replace("%", "%%"))
