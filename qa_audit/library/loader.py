"""The library: the form files of a folder and the stored versions of old audits, read when asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qa_audit.errors import BadInput, Code
from qa_audit.library import cache
from qa_audit.library.assembly import assemble
from qa_audit.library.case import CaseContext
from qa_audit.library.content import Bundle, bundle, read_bundle
from qa_audit.library.forms import (
    KINDS,
    Descriptors,
    Form,
    FormVersion,
    ModerationVersion,
    SetVersion,
    ToolVersion,
)
from qa_audit.library.place import schemas_folder
from qa_audit.library.problems import Problem, nearest, problems_of, refuse
from qa_audit.library.yaml_text import MAX_BYTES, read_document

UNIVERSAL = "ov"  # the set whose descriptors serve every section that has none of its own
MAX_FILES = 2_000


@dataclass(frozen=True, slots=True)
class FormInfo:
    """One line of the list of forms."""

    id: str
    version: str
    kind: str
    title: str
    area: str
    role: str
    graded: bool
    items: int
    sections: tuple[str, ...]
    versions: tuple[str, ...]
    file: str


def parse_form(raw: bytes | str, file: str) -> tuple[FormVersion | None, list[Problem]]:
    """Read and check one form file's content: the model, or every problem with its line."""
    from pydantic import ValidationError

    document = read_document(raw, file)
    if document.data is None:
        return None, document.problems
    if not isinstance(document.data, dict):
        return None, [Problem(file, 1, "", "a form is a mapping: key: value, key: value")]
    kind = document.data.get("kind", "")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        line = document.lines.get(("kind",), 1)
        message = f"'{kind}' is not a kind of form" if kind else "this key is needed and is missing"
        advice = nearest(str(kind), KINDS) or "Write kind: set, kind: tool or kind: moderation."
        return None, [*document.problems, Problem(file, line, "kind", message, advice)]
    try:
        checked: FormVersion = model.model_validate(document.data)
    except ValidationError as error:
        return None, [*document.problems, *problems_of(error, model, file, document.lines)]
    return (None if document.problems else checked), document.problems


class Library:
    """Forms by id and version. The folder is indexed by file name; a file is read when it is needed."""

    def __init__(self, folder: Path, cache_folder: Path | None = None, stored: Iterable[Bundle] = ()) -> None:
        """`folder` is the schemas folder; `stored` are form versions that a workspace kept."""
        self.folder = folder
        self._cache = cache_folder
        self._files: dict[tuple[str, str], Path] = {}
        self._models: dict[Path, FormVersion] = {}
        self._bundles: dict[tuple[str, str], Bundle] = {}
        self._stored: tuple[Bundle, ...] = tuple(stored)
        self._index()

    def _index(self) -> None:
        forms = self.folder / "forms"
        paths = sorted(forms.glob("*.yaml")) if forms.is_dir() else []
        if len(paths) > MAX_FILES:
            raise BadInput(Code.BAD_SCHEMA, "The folder of forms holds too many files", where=str(forms))
        for path in paths:
            stem, _, version = path.stem.partition("@")
            self._files[stem.casefold(), version] = path

    def with_stored(self, texts: Iterable[str]) -> Library:
        """This library, knowing also the form versions that a workspace stored (the `text` of `stored_form`)."""
        more = Library(self.folder, self._cache, (*self._stored, *(read_bundle(text) for text in texts)))
        more._models = self._models
        return more

    def files(self) -> tuple[Path, ...]:
        """Every form file, archived versions included."""
        return tuple(sorted(self._files.values()))

    def ids(self) -> tuple[str, ...]:
        """Ids of the current forms as their file names give them, without reading the files."""
        return tuple(path.stem for (_, version), path in self._files.items() if not version)

    def versions(self, form_id: str) -> tuple[str, ...]:
        """Every version that can be had of a form, newest first."""
        wanted = form_id.casefold()
        found = {self._model(path).version for (stem, _), path in self._files.items() if stem == wanted}
        found |= {one.form.version for one in self._stored if one.form.id.casefold() == wanted}
        return tuple(sorted(found, key=_order, reverse=True))

    def forms(self) -> tuple[FormInfo, ...]:
        """The current forms: tools first, then the moderation form, then the sets, each by id."""
        infos = [self.info(form_id) for form_id in self.ids()]
        order = {"tool": 0, "moderation": 1, "set": 2}
        return tuple(sorted(infos, key=lambda info: (order[info.kind], info.id.casefold())))

    def info(self, form_id: str) -> FormInfo:
        """One form's line of the list."""
        model = self.version(form_id)
        return FormInfo(
            id=model.id,
            version=model.version,
            kind=model.kind,
            title=model.title,
            area=model.area if isinstance(model, SetVersion) else "",
            role=model.role if isinstance(model, SetVersion) else model.kind,
            graded=model.graded if isinstance(model, SetVersion) else False,
            items=0 if isinstance(model, ToolVersion) else len(model.items),
            sections=tuple(use.set for use in model.sections) if isinstance(model, ToolVersion) else (),
            versions=self.versions(form_id),
            file=self._path(form_id, None).name,
        )

    def version(self, form_id: str, version: str | None = None) -> FormVersion:
        """What one file holds: the current version, or an archived one."""
        return self._model(self._path(form_id, version))

    def sets(self) -> Iterator[SetVersion]:
        """Every current set of the bank."""
        for form_id in self.ids():
            model = self.version(form_id)
            if isinstance(model, SetVersion):
                yield model

    def form(self, form_id: str, version: str | None = None) -> Form:
        """The whole form, every section whatever the child: for reading, printing and old audits."""
        return assemble(self.bundle(form_id, version), None)

    def assemble(
        self,
        form_id: str,
        case: CaseContext,
        version: str | None = None,
        chosen: Collection[str] | None = None,
    ) -> Form:
        """The form for a child. `version` is a version number or a form hash; None is the current one.

        `chosen` are the section codes that a round picked for its lines of enquiry (tools with
        `choose: true`); required sections and those without a grade, such as actions, always stay.
        """
        form = assemble(self.bundle(form_id, version), case)
        if chosen is None:
            return form
        kept = [one for one in form.sections if one.required or not one.graded or one.code in chosen]
        return form.model_copy(update={"sections": tuple(kept)})

    def form_hash(self, form_id: str, version: str | None = None) -> str:
        """SHA-256 of the form's canonical content with all its sets: what an audit remembers."""
        return self.bundle(form_id, version).form_hash

    def stored_form(self, form_id: str, version: str | None = None) -> tuple[str, str, str, str]:
        """(id, version, form hash, text) to keep in a workspace when the first audit uses the version."""
        found = self.bundle(form_id, version)
        return found.form.id, found.form.version, found.form_hash, found.text

    def bundle(self, form_id: str, version: str | None = None) -> Bundle:
        """A form bound to its sets. A stored version, asked for by hash or number, wins over the files."""
        wanted = form_id.casefold()
        known = self._bundles.get((wanted, version or ""))
        if known is not None:
            return known
        found = self._find(wanted, form_id, version)
        self._bundles[wanted, version or ""] = found
        return found

    def _find(self, wanted: str, form_id: str, version: str | None) -> Bundle:
        if version:
            stored = [one for one in self._stored if one.form.id.casefold() == wanted]
            for one in stored:
                if version == one.form_hash:
                    return one
            if len(version) == 64:
                current = self.bundle(form_id)
                if current.form_hash == version:
                    return current
            numbered = [one for one in stored if one.form.version == version]
            if numbered and (wanted, version) not in self._files:
                return numbered[-1]
        model = self.version(form_id, version)
        used: dict[str, SetVersion] = {}
        if isinstance(model, ToolVersion):
            used = {use.set.casefold(): self._set(use.set, use.version, model.id) for use in model.sections}
        return bundle(model, used, self._universal())

    def _universal(self) -> Descriptors | None:
        if (UNIVERSAL, "") not in self._files:
            return None
        model = self.version(UNIVERSAL)
        return None if isinstance(model, ToolVersion) else model.grades

    def _set(self, code: str, version: str | None, tool: str) -> SetVersion:
        try:
            model = self.version(code, version)
        except BadInput as error:
            if error.code is not Code.NO_SUCH_FORM:
                raise
            raise BadInput(
                Code.BAD_SCHEMA,
                f"Form {tool} names the section {code}, and there is no such set",
                where=str(self.folder / "forms"),
                why=nearest(code, self.ids()),
                next_step="Run 'qa-audit form check' to see every problem with its file and line",
            ) from None
        if not isinstance(model, SetVersion):
            raise BadInput(
                Code.BAD_SCHEMA, f"Form {tool} names {code} as a section, and it is a {model.kind}"
            )
        return model

    def _path(self, form_id: str, version: str | None) -> Path:
        wanted = form_id.casefold()
        current = self._files.get((wanted, ""))
        if version is None:
            found = current
        else:
            found = self._files.get((wanted, version))
            if found is None and current is not None and self._model(current).version == version:
                found = current
        if found is None:
            have = ", ".join(self.versions(form_id)) if current else ""
            raise BadInput(
                Code.NO_SUCH_FORM,
                f"There is no form {form_id[:40]}" + (f" of version {version[:70]}" if version else ""),
                where=str(self.folder / "forms"),
                why=f"Versions here: {have}" if have else nearest(form_id, self.ids()),
                next_step="List the forms with 'qa-audit form list'",
            )
        return found

    def _model(self, path: Path) -> FormVersion:
        known = self._models.get(path)
        if known is None:
            known = self._models[path] = read_form(path, self._cache)
        return known


def read_form(path: Path, cache_folder: Path | None = None) -> FormVersion:
    """One checked form file. Raises SchemaProblems with every fault."""
    from pydantic import ValidationError

    raw = read_file(path)
    key = cache.key_of(raw)
    stored = cache.read(cache_folder, key)
    if stored is not None:
        kind = stored[:32].partition(b'"kind":"')[2].partition(b'"')[0].decode("ascii", "replace")
        if kind in KINDS:
            try:
                return KINDS[kind].model_validate_json(stored)
            except ValidationError:
                pass  # a damaged entry is only a slow start
    model, problems = parse_form(raw, path.name)
    if model is None or problems:
        raise refuse(problems, f"The form file {path.name} cannot be used")
    content = model.model_dump_json(by_alias=True, exclude_defaults=True, exclude={"kind"})
    cache.write(cache_folder, key, f'{{"kind":"{model.kind}",{content[1:]}')
    return model


def read_file(path: Path) -> bytes:
    """A schema file's bytes, never more than the size allowed."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(
            Code.UNREADABLE_FILE,
            "A form file cannot be read",
            where=str(path),
            why=error.strerror or type(error).__name__,
        ) from None


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def load_library(
    folder: Path | None = None, *, cache_folder: Path | None = None, use_cache: bool = True
) -> Library:
    """The library of a schemas folder (default: the council's, or the packaged one)."""
    where = cache_folder or (cache.default_folder() if use_cache else None)
    return Library(folder or schemas_folder(), where)


__all__ = ["FormInfo", "Library", "ModerationVersion", "load_library", "parse_form", "read_form"]
