"""The checks, by what they look at. Each takes `fxtop.doctor.facts.Facts` and gives findings, or says what it can't."""
