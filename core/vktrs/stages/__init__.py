"""The stages of a project, one file each: a pure, light `inputs` (the fingerprint) and a `make` (the work)."""
