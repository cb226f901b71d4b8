"""Acting on the cluster: intent → plan → confirm → job, and the record of it.

Only this room sends requests, and only here is it decided whether one may be sent.
"""
