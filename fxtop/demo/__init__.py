"""The demo: a whole cluster on this machine, of real parts.

Three nats-servers on loopback as the vendor's sample would have them had it been right, agents that are the same code
as on real nodes with simulated sessions, a manager with a simulated licence server, and an operator's identity.
Everything lives in one folder and one child process, and both go when the demo ends, however it ends.
"""
