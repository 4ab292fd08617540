"""The controlled list of themes: what audits find, for strengths and for gaps."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from qa_audit.errors import BadInput, Code
from qa_audit.library.conditions import Frozen
from qa_audit.library.forms import FormId, Line, PartId, Version, Words
from qa_audit.library.problems import nearest

Side = Literal["strengths", "gaps"]


class Theme(Frozen):
    """One theme, worded for each side it can be: `strength` when it goes well, `gap` when it does not."""

    id: PartId
    title: Line
    strength: Words = ""
    gap: Words = ""
    sections: tuple[FormId, ...] = ()

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.strength and not self.gap:
            raise ValueError("a theme needs words for a strength, a gap, or both")
        return self


class Themes(Frozen):
    """The file of themes."""

    kind: Literal["themes"]
    version: Version
    title: Line
    themes: Annotated[tuple[Theme, ...], Key(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [theme.id for theme in self.themes]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice:
            raise ValueError(f"theme '{twice}' is given twice")
        return self

    def theme(self, theme_id: str) -> Theme:
        """The theme with this id."""
        found = next((theme for theme in self.themes if theme.id == theme_id), None)
        if found is None:
            raise BadInput(
                Code.NOT_FOUND,
                f"There is no theme '{theme_id[:40]}'",
                where="themes.yaml",
                why=nearest(theme_id, [theme.id for theme in self.themes]),
            )
        return found

    def side(self, side: Side) -> tuple[Theme, ...]:
        """The themes that can be strengths, or gaps."""
        return tuple(one for one in self.themes if (one.strength if side == "strengths" else one.gap))

    def suggested(self, section: str) -> tuple[Theme, ...]:
        """The themes nearest to a section, to be offered first."""
        return tuple(theme for theme in self.themes if section in theme.sections)
