"""The storyboard as an editable-looking table: drawn line by line, with a cell cursor, a range and marks.

It is given frozen rows and answers with messages; it reads no file, edits nothing and binds no key.
"""

from vktrs_tui.widgets.scene_table.table import SceneTable

__all__ = ["SceneTable"]
