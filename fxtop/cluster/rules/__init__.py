"""The rules behind `fxtop.cluster.findings`, by what they look at."""
