"""The workspace: the screen people live in, its actions grouped by what they are about."""
