"""The timeline: the song from left to right, with its energy, beats, scenes and times."""

from vktrs_tui.widgets.timeline.widget import Timeline

__all__ = ["Timeline"]
