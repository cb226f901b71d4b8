"""The placement hook: FastX asks it where a session is to start, and it answers with a node's id.

FastX calls a custom load balancer at every start of a session (v4 ``LOAD_BALANCER_SCRIPT``, v5 an executable
``node-select`` in a scheduler's directory): JSON on stdin, the id alone on stdout. This is what makes a drain, a
capacity or a weight true on a stock installation.

A node is left out while it drains or is drained (or has weight 0), while it is lost to the agents, and while it carries
as many sessions as it is meant to. Among the others a policy chooses (`policies`). What the agents know comes from the
table that the local agent keeps (`table`); without it FastX's own input is all there is, and that is said.

This is on the way of every start, so a millisecond counts: what runs then imports nothing but small parts of the
standard library, and its records are named tuples, since dataclasses or msgspec alone would cost as much as all else.
"""
