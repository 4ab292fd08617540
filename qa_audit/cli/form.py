"""`qa-audit form`: the library of audit forms. List it, read a form, check edited files, see what a child gets."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa_audit.library.case import CaseContext
    from qa_audit.library.checks import Checked
    from qa_audit.library.forms import Field, Form, Item, Section

_EXAMPLES = """examples:
  qa-audit form list
  qa-audit form show PL
  qa-audit form check
  qa-audit form check schemas/forms/PL.yaml
  qa-audit form preview full-case-audit --cohort child_in_care --flag disabled_child --age 7

Forms are YAML files. To use your council's own, copy the folder, edit it, and name it in QA_AUDIT_SCHEMAS."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "form",
        help="the library of audit forms",
        description="The library of audit forms: sections, tools and the moderation form.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)

    def step(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = steps.add_parser(
            name,
            help=help_text,
            description=help_text[:1].upper() + help_text[1:] + ".",
            epilog=f"example:  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        one.add_argument("--json", action="store_true", help="one JSON document on stdout")
        one.set_defaults(handler=handler)
        return one

    step("list", "every form with its version", _list, "qa-audit form list")
    show = step("show", "one form, whole", _show, "qa-audit form show full-case-audit")
    show.add_argument("id", metavar="ID", help="a form's id, such as PL or full-case-audit")
    show.add_argument("--version", metavar="X.Y.Z", help="an earlier version (the current one)")
    check = step(
        "check", "check form files and say everything that is wrong", _check, "qa-audit form check PL.yaml"
    )
    check.add_argument("files", nargs="*", type=Path, metavar="FILE", help="form files (the whole folder)")
    check.add_argument(
        "--record", action="store_true", help="when all is well, record new versions in versions.lock"
    )
    preview = step(
        "preview",
        "the form that a child would get",
        _preview,
        "qa-audit form preview full-case-audit --cohort child_protection --age 3",
    )
    preview.add_argument("id", metavar="ID", help="a form's id")
    preview.add_argument(
        "--cohort", action="append", default=[], metavar="C", help="a cohort; the first is the primary one"
    )
    preview.add_argument(
        "--flag", action="append", default=[], metavar="F", help="a flag, such as disabled_child"
    )
    preview.add_argument("--age", type=int, metavar="N", help="completed years; -1 before birth")


def _list(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say_json, say_table
    from qa_audit.library.loader import load_library

    infos = load_library().forms()
    if args.json:
        say_json({"forms": infos})
        return 0
    kinds = {"tool": "tool", "set": "section", "moderation": "moderation"}
    say_table(
        ("Id", "Kind", "Title", "Version", "Asks"),
        [
            (
                info.id,
                kinds[info.kind],
                info.title,
                info.version,
                f"{len(info.sections)} sections" if info.kind == "tool" else f"{info.items} items",
            )
            for info in infos
        ],
    )
    return 0


def _show(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say_json
    from qa_audit.library.loader import load_library

    library = load_library()
    form = library.form(args.id, args.version)
    changes = library.version(args.id, args.version).changes
    if args.json:
        say_json(
            {
                **form.model_dump(mode="json", by_alias=True),
                "changes": [c.model_dump(mode="json") for c in changes],
            }
        )
        return 0
    _say_form(form)
    _say_changes([(c.version, c.date.isoformat(), c.note) for c in changes])
    return 0


def _preview(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say, say_json
    from qa_audit.library.loader import load_library

    case = _case(args.cohort, args.flag, args.age)
    form = load_library().assemble(args.id, case)
    if args.json:
        say_json(form.model_dump(mode="json", by_alias=True))
        return 0
    _say_form(form)
    if not form.sections:
        say("No section applies to this child.")
    return 0


def _case(cohorts: list[str], flags: list[str], age: int | None) -> CaseContext:
    from datetime import date

    from qa_audit.errors import BadInput, Code
    from qa_audit.library.case import CaseContext
    from qa_audit.library.problems import nearest
    from qa_audit.library.vocabulary import COHORTS, FLAGS

    for name, known, option in [
        *((c, COHORTS, "--cohort") for c in cohorts),
        *((f, FLAGS, "--flag") for f in flags),
    ]:
        if name not in known:
            raise BadInput(
                Code.BAD_VALUE,
                f"'{name[:40]}' is not known",
                where=option,
                why=nearest(name, known),
                next_step=f"Choose from: {', '.join(known)}",
            )
    return CaseContext(frozenset([*cohorts, *flags]), cohorts[0] if cohorts else "", age, {}, date.today())  # noqa: DTZ011


def _check(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say, say_json
    from qa_audit.library.checks import check_files, check_folder, record
    from qa_audit.library.place import schemas_folder

    folder = schemas_folder()
    outcome = check_files(args.files, folder) if args.files else check_folder(folder)
    recorded = record(folder, outcome.unrecorded) if args.record and outcome.usable else 0
    if args.json:
        say_json(
            {
                "usable": outcome.usable,
                "files": outcome.files,
                "problems": list(outcome.problems),
                "unrecorded": [{"id": i, "version": v, "hash": h} for i, v, h in outcome.unrecorded],
                "recorded": recorded,
            }
        )
        return 0 if outcome.usable else 1
    for problem in outcome.problems:
        say(str(problem))
    say(_verdict(outcome))
    if recorded:
        say(f"{recorded} new versions recorded in forms/versions.lock.")
    elif outcome.usable and outcome.unrecorded:
        named = ", ".join(f"{form_id} {version}" for form_id, version, _ in outcome.unrecorded[:5])
        more = f" and {len(outcome.unrecorded) - 5} more" if len(outcome.unrecorded) > 5 else ""
        say(
            f"Not recorded yet: {named}{more}. Record them with 'qa-audit form check --record' before first use."
        )
    return 0 if outcome.usable else 1


def _verdict(outcome: Checked) -> str:
    files = "1 file" if outcome.files == 1 else f"{outcome.files} files"
    if outcome.usable:
        return f"{files} checked, nothing wrong."
    count = len(outcome.problems)
    return f"{files} checked, {count} {'problem' if count == 1 else 'problems'}."


def _say_form(form: Form) -> None:
    from qa_audit.cli.saying import say

    say(f"{form.title} ({form.id} {form.version})")
    if form.purpose:
        say(form.purpose)
    for section in form.sections:
        say()
        _say_section(section)
    say()


def _say_section(section: Section) -> None:
    from qa_audit.cli.saying import say

    marks = [
        word for word, on in (("graded", section.graded), ("safety-critical", section.safety_critical)) if on
    ]
    say(f"{section.code}  {section.title}" + (f"  [{', '.join(marks)}]" if marks else ""))
    if section.intro:
        say(f"    {section.intro}")
    if section.grades is not None:
        words = {
            "good": "Good",
            "outstanding": "Outstanding",
            "ri": "Requires improvement",
            "inadequate": "Inadequate",
        }
        for key, word in words.items():
            say(f"    {word}: {getattr(section.grades, key)}")
    if not section.items:
        for prompt in section.prompts:
            say(f"    - {prompt}")
    for item in section.items:
        _say_item(item)


def _say_item(item: Item) -> None:
    from qa_audit.cli.saying import say

    marks = [
        *item.tag,
        *(["critical"] if item.critical else []),
        *([f"up to {item.repeat}"] if item.repeat > 1 else []),
    ]
    say(f"    {item.id:<6} {item.text}" + (f"  [{', '.join(marks)}]" if marks else ""))
    say(f"           {'; '.join(_field_words(field) for field in item.fields)}")


def _field_words(field: Field) -> str:
    kinds = {
        "yes_partly_no": "yes, partly, no",
        "yes_no": "yes, no",
        "scale": "0 to 10",
        "choice": "one of " + ", ".join(option.label for option in field.options),
        "choices": "any of " + ", ".join(option.label for option in field.options),
    }
    kind = kinds.get(field.type, field.type)
    if field.options_from:
        kind = f"one of the {field.options_from}"
    return (f"{field.label}: {kind}" if field.label else kind) + (" (optional)" if field.optional else "")


def _say_changes(changes: list[tuple[str, str, str]]) -> None:
    from qa_audit.cli.saying import say

    say("Changes")
    for version, day, note in changes:
        say(f"    {version}  {day}  {note}")
