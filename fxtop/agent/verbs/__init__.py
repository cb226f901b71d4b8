"""What a node can be asked for, one verb a file. `fxtop.agent.order.Verb` is what each of them is."""
