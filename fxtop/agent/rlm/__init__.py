"""RLM, the licence manager that FastX uses: asking it by ``rlmutil rlmstat``, and reading what it answers."""
