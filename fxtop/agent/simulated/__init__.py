"""Invented sessions, machines and licences, for the demo and for tests. All of it says so: provider ``simulated``.

`fxtop.agent.simulated.site.SimulatedSite` is the world; providers, host probes and the licence collector look into it.
"""
