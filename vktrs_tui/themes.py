"""The colours of the studio: Textual's dark and light themes with text that can be read, and one of high contrast.

What differs from Textual's own has a contrast of 4.5 to 1 or more on every ground that it stands on (WCAG 2, AA).
"""

from __future__ import annotations

from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

DARK = replace(
    BUILTIN_THEMES["textual-dark"],
    variables={
        "block-cursor-background": "#0060ac",
        "block-cursor-foreground": "#ffffff",
        "scrollbar": "#3d5566",
        "text-error": "#e08c9f",
    },
)
"""Textual's theme of the same name, whose text under the cursor has 3.8 to 1."""

LIGHT = replace(
    BUILTIN_THEMES["textual-light"],
    variables={
        "footer-key-foreground": "#004578",
        "text-error": "#6e1e32",
        "text-success": "#1d5c31",
        "text-warning": "#704400",
        "text-accent": "#704400",
        "text-secondary": "#004f8c",
    },
)
"""Textual's theme of the same name, whose marks have 3.5 to 1."""

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#262626",
    success="#00ff00",
    warning="#ffaf00",
    error="#ff5f5f",
    dark=True,
    variables={
        "text-muted": "#ffffff",
        "primary-muted": "#333300",
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#ffff00",
    },
)
"""Plain colours on black, for eyes and screens that need them."""

THEMES = (DARK, LIGHT, HIGH_CONTRAST)
