"""The agent's file as ``fxtop agent config init`` writes it: every setting with its default and what it is for."""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = """\
# The settings of the fxtop agent on this host. Times are seconds.
# What is commented out is the default. Check changes with `fxtop agent config check`; a running agent takes them up on
# SIGHUP (`systemctl reload fxtop-agent`). File names are relative to this file's folder.

# The node's id in the cluster; by default this host's name in full. It has to differ from every other node's.
# node = "viz07.example.edu"

# Where drain state, remembered requests and the journal are kept; by default systemd's StateDirectory.
# state_dir = "/var/lib/fxtop"

# Who may ask this agent for something: lines of PUBLIC-KEY ROLE [NAME], with the roles operator (everything), helpdesk
# (messages, and ending one session at a time), viewer (nothing), manager (for the keys of cluster managers) and those
# of [roles]. Operators make their keys with `fxtop keys new`; `fxtop keys trust` and `revoke` change this list, and a
# change counts at once. Without the list nobody can ask for anything.
# keys_file = "/etc/fxtop/keys"

# On cluster managers only: the key with which rebalances are signed, listed on all nodes with the role manager.
# manager_key_file = "/etc/fxtop/manager.nk"

# Sessions that this node is meant to carry; unset means that nobody said.
# capacity = 40

# The share of new sessions that comes here, 0 to 10, until a rebalance sets another.
# weight = 1.0

# Between two heartbeats, 0.2 to 300.
# heartbeat = 5.0

[bus]
# How the transporters (NATS servers) are reached. What isn't said here is looked for in FastX's own files: the token in
# transporter-secret.ini of FX_CONFIG_DIR, the servers there or in fastx.env.
# cluster = "fastx"
# servers = ["tls://mgr1.example.edu:4222", "tls://mgr2.example.edu:4222"]
# token_file = "/etc/fastx/transporter-secret.ini"
# ca = "/etc/fastx/ca.pem"
# server_name = "fastx-transporter"
# context = "fastx"

[log]
# Onto standard error: "text", or "json" with an object a line.
# form = "text"
# level = "info"

# Roles of your own, for keys_file to name: the verbs, and where wanted how many sessions one request may end, whose
# sessions may be touched, and on which nodes. The verbs are drain, resume, terminate, message, weight, requeue,
# plan, rebalance, approve and withdraw.
#   [roles.lab]
#   verbs = ["message", "terminate"]
#   sessions = 5
#   users = ["lab-*"]
#   nodes = ["viz0*"]

[limits]
# What is taken on of each key in a minute; and the jobs that may run at once, in all and of each key.
# requests = 600
# jobs = 64
# jobs_of_key = 16

[journal]
# The record of all that was decided here: at how many MiB a file is full, put aside and compressed, and how many such
# files are kept (0 keeps them all). `fxtop journal verify` finds what was changed or taken away.
# file_mib = 4.0
# keep = 50

[placement_table]
# What `fxtop node-select` reads: drains, weights and loads of all nodes. It is kept where FastX's web server runs
# since that chooses nodes; "on" decides otherwise. The agent hears the heartbeats of all nodes for it.
# on = true
# file = "/run/fxtop/placement.json"

[guardrails]
# The site's rules for what is asked of this node; the console's config.toml has the same section. Of each kind of
# demand (deny, protect, quiet, cap, min_launchers, ticket, typed, second_person) the first rule that fits a node or a
# session governs it; false, 0, "" or [] free it from later rules of that kind. Without verbs, nodes, sessions or users
# a rule fits any. The agent must be started anew, or get SIGHUP, to take up changes.
#   [[guardrails.rule]]
#   say = "Sessions of professors are ended only with a ticket, and by two of us."
#   verbs = ["terminate", "drain"]
#   users = ["prof-*"]
#   ticket = "INC-[0-9]+"
#   second_person = true
#
#   [[guardrails.rule]]
#   say = "The nights belong to the render farm."
#   nodes = ["gpu*"]
#   quiet = ["Mon-Fri 22:00-06:00", "Sat,Sun 00:00-24:00"]
#   zone = "Europe/Berlin"
#
# Minutes that a request waits for a second person.
# approve_minutes = 15.0

# Each collector can be switched off (on = false), has its own period (every) and is given up after its own limit. None
# can delay the heartbeat or another one, and what can't be read is told as a note.

[collect.host]
# Load and memory, for the heartbeat. Without it no heartbeat is sent: for hosts that only watch a server.
# on = true
# every = 2.5
# limit = 2.0

[collect.sessions]
# Who tells of the sessions: "fastx" (session directories joined with processes), "command" (a program of yours), "none"
# or "simulated" (so many invented ones, for trying things out).
# on = true
# provider = "fastx"
# every = 5.0
# limit = 4.0
# Between two complete lists; in between only changes are told.
# snapshot = 60.0
# simulated = 12
# Programs of yours, by their whole path, without a shell: one that prints the sessions, for the provider "command"; one
# that ends a session, which "fastx" tries before it signals anything; one that shows a text on a session's display.
# list_command = []
# terminate_command = []
# message_command = []
# command_limit = 10.0
# What waits in job schedulers is told where a program lists it, by the scheduler's name or "*" for all others:
#   [collect.sessions.schedulers.slurm]
#   status = ["/usr/local/sbin/fx-pending", "{scheduler}"]
#   cancel = ["/usr/bin/scancel", "{job}"]
# schedulers = {}
# schedulers_every = 15.0

[collect.services]
# SERVICES and METADATA_*, from units, drop-ins and fastx.env.
# on = true
# every = 60.0
# limit = 4.0

[collect.units]
# The states of fastx*, rlm*, nats* and syncthing* by systemctl.
# on = true
# every = 30.0
# limit = 5.0

[collect.versions]
# FastX, its packages, the operating system; and this host's name in full.
# on = true
# every = 3600.0
# limit = 10.0

[collect.directories]
# FX_CONFIG_DIR, FX_VAR_DIR, FX_LOCAL_DIR and FX_TEMP_DIR; each is looked at by itself.
# on = true
# every = 60.0
# limit = 4.0

[collect.config]
# Digests of the files in FX_CONFIG_DIR, so that the console can show where nodes differ. None is taken of a file whose
# name says that it is secret (*secret*, *.key, *.pem, ...), nor of one that holds a password, a token or a key.
# on = true
# every = 300.0
# limit = 10.0
# More names to leave out:
# exclude = []

[collect.transporter]
# The NATS server on this host, by the first of three ways that works: its monitoring (`http: "127.0.0.1:8222"` in
# nats-server.conf), the system account, or what it says of itself at its client port with the shared token's view.
# on = false
# every = 5.0
# limit = 4.0
# url = "http://127.0.0.1:8222"
# address = "127.0.0.1:4222"
# The file that is told to be younger than what the server has read; by default nats-server.conf in FX_CONFIG_DIR.
# config = "/etc/fastx/nats-server.conf"
# A login of the system account ($SYS): user and password_file, creds, or nkey_file. Its servers, ca and server_name are
# those of [bus] unless they are given. With others = true this agent tells of servers that have none beside them too;
# one agent in the cluster should.
# system = { servers = ["tls://gate:4223"], user = "sysmon", password_file = "/etc/fxtop/sysmon", others = false }

[collect.license]
# RLM's licence servers, port@host each, asked with rlmutil rlmstat and these options of it. The zone is that of their
# clocks, which rlmstat prints without one.
# on = false
# every = 30.0
# limit = 10.0
# servers = []
# rlmutil = "/usr/local/bin/rlmutil"
# options = ["-a"]
# zone = "local"

[collect.store]
# On cluster managers: the data that they share; by default FX_VAR_DIR.
# on = false
# every = 30.0
# limit = 10.0
# path = "/var/fastx"
# Where syncthing shares it: its config.xml, which tells where its API is and holds the key (`~/.config/syncthing` or
# `~/.local/state/syncthing` of who runs it; the agent has to be able to read it). The API may have another url, and
# another certificate than the https-cert.pem beside config.xml; no other one is trusted.
# syncthing = { config = "/var/lib/syncthing/.config/syncthing/config.xml" }
"""
