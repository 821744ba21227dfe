"""One worker process doing what is stale: its events, its lock, and how others find, follow and stop it."""
