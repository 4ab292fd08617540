"""Three looks: dark, light and high contrast. One accent, muted surfaces, the same meaning everywhere.

The variables added here: `$chosen`/`$chosen-text` for a picked answer, `$quiet` for lines and bars
that are not in use, and one colour per grade. All text pairs reach a contrast of 4.5 to 1 on their
ground (7 to 1 in high contrast); grades differ in lightness too, for people who see colours
differently, and always carry their word.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="calm-dark",
    primary="#7fb3d5",
    secondary="#9aa7b4",
    accent="#7fb3d5",
    warning="#e3b341",
    error="#f0857d",
    success="#7cc08a",
    foreground="#d9dee3",
    background="#14181d",
    surface="#1a1f26",
    panel="#222932",
    dark=True,
    variables={
        "chosen": "#2f5f80",
        "chosen-text": "#ffffff",
        "quiet": "#3a444f",
        "grade-outstanding": "#8ab8ff",
        "grade-good": "#7cc08a",
        "grade-ri": "#e3b341",
        "grade-inadequate": "#f0857d",
        "text-muted": "#98a4b0",
        "text-accent": "#8fc1e2",
        "text-warning": "#e9bf5b",
        "text-error": "#f4988f",
        "text-success": "#8bcb98",
        "footer-background": "#222932",
        "block-cursor-background": "#2f5f80",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#d9dee3",
        "input-selection-background": "#2f5f80 60%",
        "scrollbar": "#3a444f",
        "scrollbar-background": "#14181d",
        "scrollbar-corner-color": "#14181d",
    },
)

LIGHT = Theme(
    name="calm-light",
    primary="#1f5f8b",
    secondary="#53606c",
    accent="#1f5f8b",
    warning="#8a5a00",
    error="#a82a22",
    success="#1f6b35",
    foreground="#1d2329",
    background="#fbfbf9",
    surface="#f3f3f0",
    panel="#e7e8e4",
    dark=False,
    variables={
        "chosen": "#1f5f8b",
        "chosen-text": "#ffffff",
        "quiet": "#b9bfc4",
        "grade-outstanding": "#1b4fa0",
        "grade-good": "#1f6b35",
        "grade-ri": "#8a5a00",
        "grade-inadequate": "#a82a22",
        "text-muted": "#59646e",
        "text-accent": "#1f5f8b",
        "text-warning": "#7c5100",
        "text-error": "#a82a22",
        "text-success": "#1f6b35",
        "footer-background": "#e7e8e4",
        "block-cursor-background": "#1f5f8b",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#1d2329",
        "input-selection-background": "#1f5f8b 35%",
        "scrollbar": "#b9bfc4",
        "scrollbar-background": "#fbfbf9",
        "scrollbar-corner-color": "#fbfbf9",
    },
)

CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#ffffff",
    accent="#ffff00",
    warning="#ffd000",
    error="#ff9d9d",
    success="#8dff9d",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    text_alpha=1.0,
    variables={
        "chosen": "#ffff00",
        "chosen-text": "#000000",
        "quiet": "#a0a0a0",
        "grade-outstanding": "#9fd0ff",
        "grade-good": "#8dff9d",
        "grade-ri": "#ffd000",
        "grade-inadequate": "#ff9d9d",
        "text-muted": "#e0e0e0",
        "text-accent": "#ffff00",
        "text-warning": "#ffd000",
        "text-error": "#ff9d9d",
        "text-success": "#8dff9d",
        "footer-background": "#1c1c1c",
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#ffffff",
        "input-selection-background": "#ffff00 50%",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#000000",
        "scrollbar-corner-color": "#000000",
    },
)

THEMES = (DARK, LIGHT, CONTRAST)
LABELS = {"calm-dark": "Dark", "calm-light": "Light", "high-contrast": "High contrast"}


def following(name: str) -> str:
    """The theme after `name` in the round; the first when `name` is not one of ours."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
