"""What an agent on a cluster manager does beside: plan a rebalance, and apply it (protocol 4)."""
