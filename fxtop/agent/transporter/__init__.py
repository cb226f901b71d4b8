"""The NATS servers as an agent sees them where their HTTP monitoring is off: by the system account, or by the token."""
