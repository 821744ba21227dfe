"""storyboard.toml: the values it holds, pure edits on them, the file itself, and merging two authors."""
