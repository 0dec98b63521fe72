"""Emulators of Google Cloud's services, each a server on loopback in a context manager."""
