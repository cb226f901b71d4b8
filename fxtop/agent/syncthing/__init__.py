"""Shared data as syncthing tells of it, by its REST API on this host (syncthing 1.12 and later)."""
