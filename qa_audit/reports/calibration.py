"""The paper of a calibration exercise, for the QA unit: agreement, spread, who leans which way, reasons, trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.grades import WORDS
from qa_audit.moderation.calibration import (
    FEWEST_FOR_SHIFT,
    FEWEST_IN_PICTURE,
    Against,
    ExerciseFigures,
    TrendPoint,
    shift_words,
    trend_words,
)
from qa_audit.moderation.calibration_records import ATTENDED, Results
from qa_audit.reports.document import (
    Chart,
    Charts,
    Column,
    KeyFigure,
    KeyFigures,
    Properties,
    Sheet,
    Table,
    Text,
    Value,
    Workbook,
)
from qa_audit.reports.figures import fair_share, percent

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.reports.profiles import Profile
    from qa_audit.reports.service import ExportResult
    from qa_audit.sampling.figures import Est
    from qa_audit.store.workspace import Workspace

SHEET_IDS = ("agreement", "people", "reference", "reasons", "trend", "method")
INTERNAL = frozenset({"people", "reasons"})
"""Sheets about single auditors; only a paper for the QA unit may have them."""
BANDS = {"green": "80% or more", "amber": "65% to 79%", "red": "below 65%", "": "too few for a band"}
TOO_FEW = "too few"


def build(
    found: Results, points: Sequence[TrendPoint], profile: Profile, *, council: str, made_at: datetime, made_by_role: str
) -> Workbook:  # fmt: skip
    """The paper as the profile wants it. Pure: the same facts give the same document."""
    from qa_audit.reports.profiles import arrange

    made: Mapping[str, Sheet] = {
        "agreement": _agreement(found),
        "people": _people(found),
        "reference": _reference(found),
        "reasons": _reasons(found),
        "trend": _trend(points),
        "method": _method(found),
    }
    properties = Properties(
        title=f"{profile.title}: {found.row.title}",
        marking=profile.marking,
        council=council,
        round=found.row.ref,
        period=_when(found),
        made_at=made_at,
        made_by_role=made_by_role,
        profile=f"{profile.id} {profile.version}",
    )
    return arrange(made, profile, properties)


def _when(found: Results) -> str:
    day = found.row.workshop_on or found.row.due
    return f"{date.fromisoformat(day):%B %Y}" if day else "no date set"


def _agreement(found: Results) -> Sheet:
    figures = found.figures
    titles = {(case.case_id, code): title for case in found.cases for code, title, *_ in case.lines}
    number = {case.case_id: place for place, case in enumerate(found.cases, 1)}
    rows: list[tuple[Value, ...]] = [
        (
            f"{number[one.case]} {one.section} (n={one.n})", one.case, titles[one.case, one.section], one.reference, one.tolerance, *one.counts,
            one.n, one.exact, one.within_tolerance, one.within_one, one.generous, one.harsh, one.words,
        )
        for one in figures.spots
    ]  # fmt: skip
    columns = (
        Column("Case and section", width=24), Column("Case", width=28), Column("Section", width=34), Column("Reference", "grade", 32),
        Column("Steps allowed", "int", 9), *(Column(name, "int", 12) for name in WORDS), Column("Graded", "int", 9),
        Column("Same", "int", 9), Column("Near enough", "int", 9), Column("Within one", "int", 9), Column("More generous", "int", 10),
        Column("Harsher", "int", 9), Column("Spread", width=36),
    )  # fmt: skip
    return Sheet(
        "Agreement",
        (
            Text(headline(figures), "lead"),
            KeyFigures(_tiles(figures)),
            Text(shift_words(figures.sections), "body"),
            *_between(figures),
            Text(figures.difference, "body"),
            *(Text(words, "note") for words in figures.warnings),
            Charts((
                Chart("stacked", "How each section was graded", "CalibrationSpread", "Case and section", WORDS,
                      alt="Share of each grade in every section of every case; the counts are in table CalibrationSpread."),
            )),
            Table("CalibrationSpread", columns, rows, caption="Every section of every case: the reference, and what was given"),
        ),
        title=f"Calibration: {found.row.title}",
    )  # fmt: skip


def _between(figures: ExerciseFigures) -> tuple[Text, ...]:
    """Auditors against each other, in a line."""
    pairs = figures.between
    if not pairs.pairs:
        return ()
    words = (
        f"Between auditors: {pairs.exact} of {pairs.pairs} pairs gave the same grade ({percent(pairs.exact, pairs.pairs)}), "
        f"{pairs.within_one} within one grade."
    )
    return (Text(words, "body"),)


def headline(figures: ExerciseFigures) -> str:
    """The exercise in a line: cases, people, agreement on whole cases and on sections."""
    people, cases = len(figures.auditors), figures.cases
    words = f"{cases} case{'s' * (cases != 1)} · {people} {'person' if people == 1 else 'people'}"
    for name, found in (("whole cases", figures.overall), ("sections", figures.sections)):
        if found.exact.est is not None:
            same = _count(found.exact)
            words += f" · {name} {percent(same, found.n)} the same as the reference ({same} of {found.n})"
    return words


def _tiles(figures: ExerciseFigures) -> tuple[KeyFigure, ...]:
    whole, parts = figures.overall, figures.sections
    return (
        KeyFigure("Whole cases the same", _share(whole.exact), f"{_interval(whole.exact)}; {BANDS[whole.band]}"),
        KeyFigure("Sections the same", _share(parts.exact), f"{_interval(parts.exact)}; {BANDS[parts.band]}"),
        KeyFigure("Sections within one grade", _share(parts.within_one), _interval(parts.within_one)),
        KeyFigure("Near enough for the panel", percent(parts.within_tolerance, parts.n), f"{parts.within_tolerance} of {parts.n} sections"),
    )  # fmt: skip


def _people(found: Results) -> Sheet:
    attended = {one.code: ATTENDED[one.attended] for one in found.invited}
    by_code = {one.auditor: one for one in found.figures.auditors}
    rows: list[tuple[Value, ...]] = []
    for one in found.invited:
        figures = by_code.get(one.code)
        if figures is None:
            rows.append((one.code, attended[one.code], one.submitted, *([None] * 10), "Submitted nothing"))  # fmt: skip
            continue
        own = figures.against
        low, high = figures.relative_ci or (None, None)
        rows.append((
            one.code, attended[one.code], one.submitted, own.n, own.n - own.direction.n_generous - own.direction.n_harsh, own.within_tolerance,
            own.direction.n_generous, own.direction.n_harsh, TOO_FEW if own.shift.est is None else own.shift.est, figures.relative, low, high,
            figures.pulled, {"generous": "More generous than the others", "harsh": "Harsher than the others", "": ""}[figures.stands_out],
        ))  # fmt: skip
    columns = (
        Column("Person", width=10), Column("Workshop", width=14), Column("Cases submitted", "int", 10), Column("Sections", "int", 9),
        Column("Same", "int", 9), Column("Near enough", "int", 9), Column("More generous", "int", 10), Column("Harsher", "int", 9),
        Column("Mean shift", "shift", 12), Column("Against the others", "shift", 12), Column("From", "shift", 9), Column("To", "shift", 9),
        Column("Pulled to the average", "percent", 12), Column("Stands out", width=30),
    )  # fmt: skip
    notes = (
        "Shift in grade steps: reference minus auditor, positive = more generous. 'Against the others' is pulled towards the "
        f"average by how little is known, and shown from {FEWEST_FOR_SHIFT} sections. Only who stands out is pointed out: "
        "these figures start a conversation, they do not rank anybody."
    )
    return Sheet(
        "People (QA only)",
        (
            Text(found.figures.difference, "lead"),
            Text(notes, "note"),
            Table("CalibrationPeople", columns, rows, empty="Nobody was invited"),
        ),
        title="Who leans which way, by code",
    )


def _reference(found: Results) -> Sheet:
    rows: list[tuple[Value, ...]] = [
        (case.case_id, case.title, code, title, grade, tolerance, why, case.set_by)
        for case in found.cases
        for code, title, grade, tolerance, why in case.lines
    ]
    columns = (
        Column("Case", width=26), Column("What it is", width=30), Column("Code", width=8), Column("Section", width=30),
        Column("Reference", "grade", 32), Column("Steps allowed", "int", 9), Column("Why", width=70), Column("Set by", width=30),
    )  # fmt: skip
    return Sheet(
        "Reference", (Table("CalibrationReference", columns, rows),), title="The reference, and the reasons for it"
    )  # fmt: skip


def _reasons(found: Results) -> Sheet:
    reference = {(case.case_id, code): grade for case in found.cases for code, _, grade, *_ in case.lines}
    rows: list[tuple[Value, ...]] = [
        (
            one.case_id,
            one.section,
            one.code,
            one.grade,
            reference.get((one.case_id, one.section)),
            one.rationale,
        )
        for one in found.said
    ]
    columns = (
        Column("Case", width=26), Column("Section", width=9), Column("Person", width=10), Column("Grade", "grade", 32),
        Column("Reference", "grade", 32), Column("Why they graded so", width=80),
    )  # fmt: skip
    return Sheet(
        "Reasons",
        (Table("CalibrationReasons", columns, rows, empty="Nobody wrote a reason"),),
        title="What auditors said",
    )


def _trend(points: Sequence[TrendPoint]) -> Sheet:
    rows: list[tuple[Value, ...]] = [
        (
            f"{one.ref} (n={one.sections.n})", one.title, date.fromisoformat(one.when), one.auditors, fair_share(_count(one.sections.exact), one.sections.n), *(one.sections.exact.ci or (None, None)),
            fair_share(_count(one.sections.within_one), one.sections.n), _shift(one.sections), fair_share(_count(one.overall.exact), one.overall.n), fair_share(one.between.exact, one.between.pairs),
        )
        for one in points
    ]  # fmt: skip
    columns = (
        Column("Exercise and n", width=18), Column("Title", width=30), Column("When", "date", 12), Column("People", "int", 9),
        Column("Same as reference", "percent", 12), Column("From", "percent", 9), Column("To", "percent", 9), Column("Within one", "percent", 10),
        Column("Mean shift", "shift", 11), Column("Whole cases the same", "percent", 12), Column("Pairs the same", "percent", 10),
    )  # fmt: skip
    line = Chart(
        "line", "Sections graded as the reference", "CalibrationTrend", "Exercise and n", ("Same as reference", "Pairs the same"),
        y_title="Share", alt="Exact agreement with the reference and between auditors, exercise by exercise; figures in table CalibrationTrend.",
    )  # fmt: skip
    table = Table("CalibrationTrend", columns, rows, empty="No exercise has been revealed")
    return Sheet("Trend", (Text(trend_words(points), "lead"), Charts((line,)), table), title="From one exercise to the next")  # fmt: skip


def _method(found: Results) -> Sheet:
    figures = found.figures
    notes: list[tuple[Value, ...]] = [
        ("Exercise", f"{found.row.title} ({found.row.ref})"),
        ("Cases", "; ".join(f"{case.title} ({case.case_id})" for case in found.cases)),
        ("Blind", "Nobody saw the reference or another person's grades before the reveal; drafts not submitted count for nothing"),
        ("Reference", "A grade agreed with reasons, and a tolerance of one step where its setters saw a case for the next grade. It is a judgement, not a truth"),
        ("Same", "Share of gradings equal to the reference, with a 95% Wilson interval"),
        ("Bands", "80% or more, 65% to 79%, below 65%: public re-grades of authorities' audits ran from 43% to 80%"),
        ("Shift", f"Reference minus auditor in grade steps, positive = more generous; shown from {FEWEST_FOR_SHIFT} gradings, t interval"),
        ("Who differs", "Shrunken shifts by restricted maximum likelihood; a person is pointed out only when the 95% interval leaves 0 out"),
        ("Small numbers", f"Auditors see how others graded a section from {FEWEST_IN_PICTURE} gradings"),
        *(("Careful", words) for words in figures.warnings),
    ]  # fmt: skip
    between = figures.between
    if between.coefficients is not None:
        ac2, alpha = between.coefficients.gwet_ac2, between.coefficients.krippendorff_alpha_ordinal
        words = "indicative" if between.coefficients.standing == "indicative" else "from enough sections"
        notes += [
            (f"Gwet AC2 between auditors ({words})", _coefficient(ac2)),
            (f"Krippendorff alpha, ordinal ({words})", _coefficient(alpha)),
        ]
    else:
        notes.append(("Coefficients", f"Not shown: {between.reason}"))
    columns = (Column("What", width=38), Column("How", width=110))
    return Sheet("Method and notes", (Table("CalibrationMethod", columns, notes),), title="How to read this paper")  # fmt: skip


def _coefficient(found: Est) -> str:
    return found.reason if found.est is None else f"{found.est:.2f}, {_interval(found, '.2f')}, n = {found.n}"


def _count(found: Est) -> int:
    return round((found.est or 0) * found.n)


def _share(found: Est) -> str:
    return "none yet" if found.est is None else percent(_count(found), found.n)


def _interval(found: Est, shape: str = ".0%") -> str:
    if found.ci is None:
        return f"of {found.n}" if shape == ".0%" else "no interval"
    low, high = found.ci
    return f"95% {low:{shape}} to {high:{shape}}"


def _shift(found: Against) -> Value:
    return TOO_FEW if found.shift.est is None else found.shift.est


def export_calibration(
    workspace: Workspace, actor: Actor, ref: str, out: Path | None = None, profile: str | Profile = "calibration"
) -> ExportResult:  # fmt: skip
    """Write the paper of a revealed exercise; returns where it is. The file appears whole or not at all."""
    import hashlib

    from qa_audit.access.policy import require
    from qa_audit.errors import BadInput, Code
    from qa_audit.moderation.calibration_reading import results, trend
    from qa_audit.reports import profiles, workbook
    from qa_audit.reports.service import ExportResult, role_words

    require(actor, "calibration.manage")
    require(actor, "report.export")
    chosen = profiles.load_profile(profile) if isinstance(profile, str) else profile
    if chosen.paper != "calibration" or chosen.suppress != "none":
        raise BadInput(
            Code.BAD_SCHEMA, "The profile is not one of a calibration exercise for the council's own use", where=f"profile '{chosen.id}'",
            next_step="Use a profile with 'paper: calibration' and 'suppress: none'",
        )  # fmt: skip
    found, points = results(workspace, actor, ref), trend(workspace, actor)
    here = next((place for place, point in enumerate(points) if point.ref == found.row.ref), len(points) - 1)
    made_at = workspace.clock()
    council = _council(workspace)
    document = build(
        found, points[: here + 1], chosen, council=council, made_at=made_at, made_by_role=role_words(actor)
    )
    name = profiles.file_name(
        chosen, round_ref=found.row.ref, council=council, period=f"{made_at:%Y-%m}", made_on=made_at.date()
    )
    path = _place(workspace, name, out)
    rows = workbook.write(document, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with workspace.write(actor) as unit:
        unit.event(
            "report.exported", "calibration", found.row.exercise_id,
            new={"profile": chosen.id, "version": chosen.version, "sha256": digest, "audience": chosen.audience},
        )  # fmt: skip
    return ExportResult(path, tuple(sheet.name for sheet in document.sheets), rows, digest, chosen.marking)


def _council(workspace: Workspace) -> str:
    """The authority of the newest list of children; "" before there is one."""
    from sqlalchemy import select

    from qa_audit.frame.models import Frame

    frame = Frame.__table__  # type: ignore[attr-defined]
    with workspace.read() as conn:
        query = select(frame.c.authority).order_by(frame.c.imported_at.desc()).limit(1)
        return str(conn.execute(query).scalar() or "")


def _place(workspace: Workspace, name: str, out: Path | None) -> Path:
    from qa_audit.reports import profiles

    if out is None:
        out = profiles.default_out(profiles.exports_folder(), workspace.folder)
        out.mkdir(parents=True, exist_ok=True)
        return out / name
    if out.is_dir() or (out.suffix == "" and not out.exists()):
        out.mkdir(parents=True, exist_ok=True)
        return out / name
    out.parent.mkdir(parents=True, exist_ok=True)
    return out
