"""Emulators of Google Cloud's services: how each is found and started on loopback."""
