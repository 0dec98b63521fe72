"""The six services as processes on loopback, connected by Google Cloud's emulators."""
