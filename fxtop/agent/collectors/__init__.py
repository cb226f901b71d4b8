"""What an agent knows of the machine, and of the servers and shared data beside it."""
