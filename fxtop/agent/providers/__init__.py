"""What an agent asks of whatever knows a node's sessions, and of whatever knows its machine."""
