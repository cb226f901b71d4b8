"""The agent: says what its node knows, and carries out what listed operators ask for (protocol 2 to 5).

`fxtop.agent.service.Agent` is the whole of it. What it knows of sessions comes from a provider (`providers/`), what it
knows of the machine and of servers beside it from collectors (`collectors/`), what it may do stands in `verbs/`. On a
cluster manager it also plans rebalances (`manager/`). Everything under `simulated/` is invented, and says so.
"""
