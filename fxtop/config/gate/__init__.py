"""A fence for people: one more nats-server in FastX's cluster, with users of its own and least permissions.

A nats-server can't have both FastX's token and users, but each server of a cluster logs its own clients in: people and
agents come in through the gate, FastX stays as it is (nats-server 2.15). Whoever holds FastX's token can still go round
it: it is a fence for people, and no defence against root on a node.
"""
