"""One registry of everything a person can do by key: from it come the bindings, the status bar, the
command palette, the help pages and the table in the documentation.

A screen declares its actions beside itself and takes its bindings from here::

    from qa_audit.tui import actions
    from qa_audit.tui.actions import Action

    actions.register(
        Action("rounds.new", "n", "New round", "Plan a new round of audits.", where="rounds", bar=1),
    )

    class RoundsScreen(QaScreen[None]):
        PLACE = "rounds"
        BINDINGS = actions.bindings("rounds")

        def action_new(self) -> None: ...

The method called is `action_` + the part of the id after the dot (or `method` when given). `bar` puts
the action on the status bar, smaller numbers first; 0 keeps it off. Single letters are for screens
without text entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType

EVERYWHERE = "everywhere"

PLACES: dict[str, str] = {EVERYWHERE: "Everywhere"}
"""Place -> its title on the help page; in the order of registration."""

_SHOWN = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "question_mark": "?",
    "slash": "/",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "plus": "+",
    "minus": "-",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do."""

    id: str
    """Unique: place, dot, verb."""
    key: str
    """Key in Textual's spelling; several with commas; the first is the one shown. May be empty (palette only)."""
    label: str
    """One to three words, for the status bar and the palette."""
    help: str
    """One sentence, for the help page, the palette and the documentation."""
    where: str = EVERYWHERE
    """Place in which the key acts; a screen's `PLACE`."""
    method: str = ""
    """Textual action to run; by default the part of the id after the dot."""
    bar: int = 0
    """Place on the status bar; 0 = not there."""
    palette: bool = True
    """Offered in the command palette."""
    priority: bool = False
    """Acts even while a text is being edited."""

    @property
    def action(self) -> str:
        """The Textual action string."""
        return self.method or self.id.rpartition(".")[2]

    @property
    def shown_key(self) -> str:
        """The key as people read it: Ctrl+N, F2, ?."""
        return shown(self.key.split(",")[0]) if self.key else ""


def shown(key: str) -> str:
    """A key as people read it."""
    if key in _SHOWN:
        return _SHOWN[key]
    *modifiers, last = key.split("+")
    last = _SHOWN.get(last, last.upper() if len(last) == 1 and modifiers else last)
    if last[:1] == "f" and last[1:].isdigit():
        last = last.upper()
    return "+".join([*(modifier.capitalize() for modifier in modifiers), last])


_ACTIONS: dict[str, Action] = {}


def place(name: str, title: str) -> None:
    """Give a place its title on the help page."""
    PLACES[name] = title


def register(*new: Action) -> None:
    """Add actions. The same id twice with a different meaning is a mistake and is refused."""
    for action in new:
        known = _ACTIONS.get(action.id)
        if known is not None and known != action:
            raise ValueError(f"the action {action.id} is registered twice")
        for other in at(action.where):
            clash = set(other.key.split(",")) & set(action.key.split(",")) - {""}
            if other.id != action.id and clash:
                raise ValueError(f"{action.id} and {other.id} both want {sorted(clash)[0]}")
        PLACES.setdefault(action.where, action.where.replace("_", " ").capitalize())
        _ACTIONS[action.id] = action


def find(action_id: str) -> Action:
    """The action of that id; KeyError when there is none."""
    return _ACTIONS[action_id]


def at(*where: str) -> tuple[Action, ...]:
    """The actions of these places, in the order of registration."""
    return tuple(action for action in _ACTIONS.values() if action.where in where)


def all_actions() -> tuple[Action, ...]:
    """Every action there is."""
    return tuple(_ACTIONS.values())


def bindings(where: str) -> list[BindingType]:
    """Textual bindings of one place, each with its id (for a personal keymap) and its help as tooltip."""
    return list(_bindings(at(where)))


def _bindings(chosen: Iterable[Action]) -> Iterable[Binding]:
    for action in chosen:
        if action.key:
            yield Binding(
                action.key,
                action.action,
                action.label,
                show=False,
                tooltip=action.help,
                id=action.id,
                priority=action.priority,
            )


register(
    Action("app.help", "f1,question_mark", "Help", "Show what every key does here.", bar=90),
    Action("app.commands", "ctrl+p", "Commands", "Find any command by typing part of its name.",
           method="command_palette", bar=91, palette=False, priority=True),
    Action("app.back", "escape", "Back", "Leave this screen; everything is already saved.", bar=80, palette=False),
    Action("app.theme", "ctrl+t", "Change colours", "Go round the dark, light and high-contrast colours.",
           method="next_theme", priority=True),
    Action("alert.raise", "f9", "Raise an alert",
           "Tell the people who must know that a child may be at risk now.", method="raise_alert", bar=70,
           priority=True),
    Action("app.jump", "ctrl+o", "Jump", "Show a letter on everything that can be reached, and go there."),
    Action("app.quit", "ctrl+q", "Quit", "Leave the program; everything is already saved.",
           method="quit", priority=True),
)  # fmt: skip
