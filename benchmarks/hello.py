"""The least Textual app one would write: what start-up is compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Footer, Input, Label


class Hello(App[None]):
    """A label, a line to type in, a footer."""

    def compose(self) -> ComposeResult:
        yield Label("Hello, world")
        yield Input()
        yield Footer()


if __name__ == "__main__":
    Hello().run()
