"""A theme of high contrast, beside Textual's own: plain colours on black, for eyes and screens that need them."""

from __future__ import annotations

from textual.theme import Theme

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
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#ffff00",
    },
)
