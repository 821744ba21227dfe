"""What does the heavy work behind a stage, one file an engine; heavy libraries are imported inside functions only."""
