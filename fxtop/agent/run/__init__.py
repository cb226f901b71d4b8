"""The agent as a program: its file of settings, how it is put together, and how it lives under systemd."""
