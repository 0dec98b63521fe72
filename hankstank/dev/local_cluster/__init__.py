"""The six rooms as separate processes on loopback, joined by Google Cloud's emulators: `hankstank up`."""
