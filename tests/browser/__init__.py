"""Pages driven in a real Chromium: a package, so that pytest ends browser and server with the last of its tests."""
