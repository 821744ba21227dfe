"""Coding, captions, audio and pictures as files: everything that touches a codec or ffmpeg."""
