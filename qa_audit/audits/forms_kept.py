"""The form versions a workspace keeps: stored when the first audit uses one, read back for ever."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from qa_audit.library.loader import Library, load_library
from qa_audit.library.models import StoredForm
from qa_audit.store.workspace import Unit, Workspace

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from qa_audit.library.case import CaseContext
    from qa_audit.library.forms import Form

_stored = StoredForm.__table__  # type: ignore[attr-defined]


@lru_cache(maxsize=4)
def current_library() -> Library:
    """The library of the schemas folder, read once."""
    return load_library()


def keep_form(unit: Unit, form_id: str, version: str | None = None) -> tuple[str, str, str]:
    """Store the form version in the workspace if it is not there; returns (id, version, hash)."""
    found_id, found_version, form_hash, text = current_library().stored_form(form_id, version)
    if not unit.conn.execute(select(_stored.c.form_hash).where(_stored.c.form_hash == form_hash)).first():
        unit.conn.execute(
            insert(_stored).values(
                form_hash=form_hash, form_id=found_id, version=found_version, content=text, stored_at=unit.now
            )
        )
        unit.event("form.kept", "form", form_hash, new={"id": found_id, "version": found_version})
    return found_id, found_version, form_hash


class KeptForms:
    """Forms as a workspace's audits were asked them, assembled per child and remembered."""

    def __init__(self, workspace: Workspace) -> None:
        """One per workspace and process; safe to throw away."""
        self._workspace = workspace
        self._libraries: dict[str, Library] = {}
        self._assembled: dict[tuple[str, str], Form] = {}

    def library(self, form_hash: str, conn: Connection | None = None) -> Library:
        """A library that knows the stored version with this hash."""
        if form_hash not in self._libraries:
            query = select(_stored.c.content).where(_stored.c.form_hash == form_hash)
            if conn is None:
                with self._workspace.read() as own:
                    text = own.execute(query).scalar()
            else:
                text = conn.execute(query).scalar()
            self._libraries[form_hash] = current_library().with_stored([text] if text else [])
        return self._libraries[form_hash]

    def remembered(self, audit_id: str, form_hash: str) -> Form | None:
        """The form of one audit if it was assembled already; a stored version never changes."""
        return self._assembled.get((audit_id, form_hash))

    def assembled(self, audit: Any, case: CaseContext, conn: Connection | None = None) -> Form:
        """The form of one audit (its row), as it was asked: its version, its round's choice of sections."""
        key = (audit.audit_id, audit.form_hash)
        if key not in self._assembled:
            if len(self._assembled) > 256:
                self._assembled.clear()
            library = self.library(audit.form_hash, conn)
            self._assembled[key] = library.assemble(
                audit.form_id, case, audit.form_hash, chosen=tuple(audit.sections) or None
            )
        return self._assembled[key]


def kept_forms(workspace: Workspace) -> KeptForms:
    """The workspace's kept forms, one per open workspace."""
    found = workspace.shared.get("forms")
    if not isinstance(found, KeptForms):
        found = workspace.shared["forms"] = KeptForms(workspace)
    return found
