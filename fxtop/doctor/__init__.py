"""What breaks FastX clusters, found on one machine: facts are gathered on the host, and pure checks judge them.

Begin at `fxtop.doctor.examine.examine`. Nothing here shows a secret, and what can't be checked is said to be unchecked.
"""
