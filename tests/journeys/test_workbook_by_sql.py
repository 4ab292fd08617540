"""Every number of the moderation summary, worked out a second time by SQL and by other people's statistics.

The check never imports the program's reports or moderation: what a figure means is taken from
docs/data-dictionary.md, what happened from a backup copy of the database.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from statistics import median
from typing import Any

import pytest
import yaml
from journeys.round_by_sql import GRADES, Council, day, percent, share, words
from journeys.statistics_elsewhere import alpha, gwet_ac2, mean_interval, quadratic_kappa, sign_p, wilson

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys-demo")]

DONE = "select * from a where is_done"
PAIRS = "select auditor, second from g join a using (audit_id) where g.section = 'OV' and auditor and second and is_done"


def close(value: Any) -> Any:
    return pytest.approx(value, abs=1e-9)


def months(today: date) -> list[str]:
    index = today.year * 12 + today.month - 1
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in range(index - 5, index + 1)]


def month_and_n(month: str, n: int) -> str:
    return f"{date.fromisoformat(month + '-01'):%b %Y} (n={n})"


def library() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Titles of practice areas in the order of the audit tool, and the themes' words, from the schemas."""
    from pathlib import Path

    schemas = Path(__file__).parents[2] / "schemas"
    sets = {}
    for path in sorted((schemas / "forms").rglob("*.yaml")):
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        sets[found["id"]] = found
    titles = {one["set"]: sets[one["set"]]["title"] for one in sets["full-case-audit"]["sections"]}
    themes = yaml.safe_load((schemas / "themes.yaml").read_text(encoding="utf-8"))["themes"]
    return titles, {one["id"]: one for one in themes}


def trends(council: Council) -> str:
    """Graded audits of this round and of others of the year before its close, by the month of submission."""
    return """
    select substr(g.submitted_at, 1, 7) as month, g.section, g.auditor, g.second, g.final, g.submitted_at as at
    from g join round mine on mine.ref = :ref
    where substr(g.submitted_at, 1, 10) <= :today and (
      (g.round_id = mine.round_id and g.audit_id in (select audit_id from a where is_done))
      or (g.round_id <> mine.round_id and g.status in ('final', 'shared')
          and substr(g.submitted_at, 1, 10) between date(mine.starts, '-1 year') and mine.closes))
    """


# -- Planned and done -----------------------------------------------------------------------------------------------

STANDING = """
select coalesce(nullif(service, ''), 'Not recorded') as service, coalesce(nullif(team, ''), 'Not recorded') as team, cohort,
  case when is_out then 'out' when is_done then 'done' when status = 'lapsed' or due < :today then 'overdue' else 'hand' end as standing
from a
"""


def test_planned_done_overdue_exempt(council: Council) -> None:
    found = council.sql(
        f"""select service, team, count(*), sum(standing = 'done'), sum(standing = 'overdue'), sum(standing = 'hand'),
        sum(standing = 'out') from ({STANDING}) group by 1, 2 order by 1, 2"""
    )
    expected = [
        (service, team, n, done, share(done, n), late, hand, out, "Small numbers" if n < 5 else None)
        for service, team, n, done, late, hand, out in found
    ]
    assert council.rows("PlanByTeam") == expected
    totals = [sum(row[i] for row in found) for i in range(2, 7)]
    assert totals[0] == sum(totals[1:]) == council.one("select count(*) from a")
    sheet = council.lines("Planned and done")
    total = next(row for row in sheet if row[0] == "All services")
    assert total[2:8] == [totals[0], totals[1], close(totals[1] / totals[0]), *totals[2:5]]

    cohorts = council.sql(
        f"select cohort, count(*), sum(standing = 'done') from ({STANDING}) group by 1 order by 1"
    )
    assert council.rows("PlanByCohort", "Cohort key", "Planned", "Done", "Done, share") == [
        (cohort, n, done, share(done, n)) for cohort, n, done in cohorts
    ]
    left = council.sql(
        "select ended_reason, status, count(*) from a where is_out group by 1, 2 order by 3 desc, 1"
    )
    expected_left = [
        (why, {"withdrawn": "Withdrawn", "exempted": "Exempted"}[kind], n) for why, kind, n in left
    ]
    assert council.rows("LeftTheRound") == (expected_left or [("No audit left the round", None, None)])


# -- Grades ---------------------------------------------------------------------------------------------------------


def test_grades_of_the_round(council: Council) -> None:
    found = council.sql(
        "select auditor, second, final from g join a using (audit_id) where section = 'OV' and is_done"
    )
    columns = [Counter(row[i] for row in found if row[i]) for i in range(3)]
    totals = [sum(one.values()) for one in columns]
    expected = [
        tuple(
            [words(grade)]
            + [
                cell
                for one, n in zip(columns, totals, strict=True)
                for cell in (one[grade], close(one[grade] / n))
            ]
        )
        for grade in (1, 2, 3, 4)
    ]
    assert council.rows("GradeMix") == expected
    sheet = council.lines("Grades")
    assert next(row for row in sheet if row[0] == "All graded")[1:6:2] == totals
    good = next(row for row in sheet if row[0] == "Good or better")
    better = [one[1] + one[2] for one in columns]
    assert good[1:6:2] == better
    assert good[2:7:2] == [share(b, n) for b, n in zip(better, totals, strict=True)]


def test_grades_by_month(council: Council) -> None:
    expected = []
    for month in months(council.today):
        found = council.sql(
            f"select final, auditor from ({trends(council)}) where section = 'OV' and month = :month",
            month=month,
        )
        final = Counter(row[0] for row in found)
        own = Counter(row[1] for row in found if row[1])
        n = len(found)
        expected.append(
            (
                month, month_and_n(month, n), *(final[grade] for grade in (1, 2, 3, 4)), n,
                share(final[1] + final[2], n), share(own[1] + own[2], sum(own.values())),
            )
        )  # fmt: skip
    assert council.rows("GradesByMonth") == expected
    assert sum(row[6] for row in expected) > 0


# -- Moderation -----------------------------------------------------------------------------------------------------


def test_matrix_and_direction(council: Council) -> None:
    pairs = council.sql(PAIRS)
    cells = Counter(pairs)
    assert council.rows("ModerationMatrix") == [
        (words(x), *(cells[x, y] for y in (1, 2, 3, 4)), sum(cells[x, y] for y in (1, 2, 3, 4)))
        for x in (1, 2, 3, 4)
    ]
    n = len(pairs)
    generous, harsh = sum(y > x for x, y in pairs), sum(y < x for x, y in pairs)
    same = n - generous - harsh
    assert council.rows("Direction") == [
        ("Auditor more generous", generous, n, share(generous, n)),
        ("Same grade", same, n, share(same, n)),
        ("Auditor harsher", harsh, n, share(harsh, n)),
    ]
    caption = next(
        row[0] for row in council.lines("Moderation matrix") if str(row[0]).startswith("Direction.")
    )
    p = sign_p(generous, harsh)
    assert f"p = {p:.3f}" in caption or (p < 0.001 and "p < 0.001" in caption)
    assert ("No clear lean" in caption) == (p >= 0.05)


def test_agreement_and_coefficients(council: Council) -> None:
    pairs = council.sql(PAIRS)
    n = len(pairs)
    exact, near = sum(x == y for x, y in pairs), sum(abs(x - y) <= 1 for x, y in pairs)
    rows = council.table("AgreementShares")
    for row, name, k in zip(rows, ("Exact agreement", "Within one grade"), (exact, near), strict=True):
        low, high = wilson(k, n)
        assert (row["Agreement"], row["Audits"], row["Double-graded"]) == (name, k, n)
        assert (row["Share"], row["95% from"], row["95% to"]) == (close(k / n), close(low), close(high))
    reading = rows[0]["Reading"]
    if n < 10:
        assert reading.startswith(f"Too few to judge ({n} double-graded")
    else:
        band = "Strong" if exact / n >= 0.8 else "Watch" if exact / n >= 0.65 else "Act"
        assert reading.startswith(band)
    figures = {row["Figure"]: row for row in council.table("AgreementFigures")}
    assert len(figures) == 5
    if n < 10:
        assert {(row["Value"], row["Shown"]) for row in figures.values()} == {("withheld", "Withheld")}
        return
    expected = {
        "Mean shift, grade steps": mean_interval([y - x for x, y in pairs]),
        "Good or better, change (0-1)": mean_interval([(y <= 2) - (x <= 2) for x, y in pairs]),
        "Kappa, quadratic weights": quadratic_kappa(pairs),
        "Gwet AC2, quadratic weights": gwet_ac2(pairs),
        "Krippendorff alpha, ordinal": alpha(pairs),
    }
    for name, (value, low, high) in expected.items():
        row = figures[name]
        found = (row["Value"], row["95% from"], row["95% to"])
        assert found == (
            pytest.approx(value, abs=1e-9), pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6)
        ), name  # fmt: skip
        assert row["Double-graded"] == n
        assert row["Shown"] == ("Indicative" if n < 20 else "In full")


def test_drift_by_month(council: Council) -> None:
    expected = []
    for month in months(council.today):
        steps = [
            y - x
            for x, y in council.sql(
                f"select auditor, second from ({trends(council)}) where section = 'OV' and month = :month and auditor and second",
                month=month,
            )
        ]
        n = len(steps)
        remark = "None double-graded" if not n else "Few: read as a hint" if n < 10 else None
        expected.append(
            (
                month_and_n(month, n), month, n, sum(s > 0 for s in steps), sum(s < 0 for s in steps),
                close(sum(steps) / n) if n else None, remark,
            )
        )  # fmt: skip
    assert council.rows("DriftByMonth") == expected


OUTCOMES = {
    "agreed": "Grade agreed", "changed_up": "Grade raised", "changed_down": "Grade lowered",
    "returned": "Returned for more evidence", "": "Moderation not finished",
}  # fmt: skip
MODERATIONS = "select m.*, a.is_hidden from moderation m join a using (audit_id)"


def test_what_moderation_led_to(council: Council) -> None:
    found = Counter(one for (one,) in council.sql(f"select outcome from ({MODERATIONS})"))
    n = sum(found.values())
    assert council.rows("ModerationOutcomes") == [
        (name, found[key], share(found[key], n)) for key, name in OUTCOMES.items()
    ]
    quality = Counter(
        one
        for (one,) in council.sql(
            f"select audit_quality from ({MODERATIONS}) where audit_quality and not is_hidden"
        )
    )
    assert council.rows("AuditQuality") == [
        (words(grade), quality[grade], share(quality[grade], sum(quality.values()))) for grade in (1, 2, 3, 4)
    ]
    why = Counter(
        one
        for (one,) in council.sql(
            f"select reason_code from ({MODERATIONS}) where outcome in ('changed_up', 'changed_down')"
        )
    )
    assert sorted(row["Audits"] for row in council.table("ChangeReasons")) == sorted(why.values())
    # How an audit still blind came to moderation may give its grade away: those are counted apart.
    selected = council.table("ModerationSelection")
    assert sum(row["Audits"] for row in selected) == n
    at_random = council.one(
        f"""select count(*) from ({MODERATIONS}) where (select count(*) from json_each(reasons)) = 1
        and json_extract(reasons, '$[0]') = 'random' and not (blind and state in ('queued', 'grading'))"""
    )
    by_words = {row["Why it was moderated"]: row["Audits"] for row in selected}
    assert by_words.get("Chosen at random", 0) == at_random
    disputed = council.one(f"select count(*) from ({MODERATIONS}) where response = 'disputed'")
    panels = council.one("select count(*) from panel join a using (audit_id) where decided_at is not null")
    caption = next(
        row[0]
        for row in council.lines("Moderation matrix")
        if str(row[0]).startswith("What moderation led to")
    )
    assert caption == f"What moderation led to. Disputed: {disputed}; to panel: {panels}"
    finished, blind, at_random = council.sql(
        f"select count(*), sum(graded_at is not null and blind), sum(random) from ({MODERATIONS}) where decided_at is not null"
    )[0]
    said = [str(row[0]) for row in council.lines("Moderation matrix")[:8]]
    pairs = len(council.sql(PAIRS))
    assert (
        f"{pairs} audits have two grades. Of {finished} finished moderations {blind} were blind and {at_random} were picked at random."
        in said
    )


# -- Practice areas -------------------------------------------------------------------------------------------------


def test_practice_areas_and_their_order(council: Council) -> None:
    titles, _ = library()
    starts = date.fromisoformat(council.one("select starts from round where ref = :ref"))
    index = starts.year * 12 + starts.month - 1 - 3
    before_from = date(index // 12, index % 12 + 1, starts.day).isoformat()
    now = council.sql(
        "select section, final, auditor, second from g join a using (audit_id) where is_done and section <> 'OV'"
    )
    before = council.sql(
        f"""select section, final from ({trends(council)}) where section <> 'OV' and substr(at, 1, 10) >= :start
        and substr(at, 1, 10) < :starts and at not in (select submitted_at from a where submitted_at is not null)""",
        start=before_from, starts=starts.isoformat(),
    )  # fmt: skip
    expected = []
    for code, title in titles.items():
        here = [row[1:] for row in now if row[0] == code]
        earlier = [row[1] for row in before if row[0] == code]
        if not here and not earlier:
            continue
        counts, old = Counter(row[0] for row in here), Counter(earlier)
        n, n_old = len(here), len(earlier)
        change: Any = None
        if n >= 5 and n_old >= 5:
            change = round(100 * ((counts[1] + counts[2]) / n - (old[1] + old[2]) / n_old))
        elif n_old:
            change = "too few"
        pairs = [(x, y) for _, x, y in here if x and y]
        expected.append(
            (
                title, code, n, *(counts[g] for g in (1, 2, 3, 4)), share(counts[1] + counts[2], n),
                share(old[1] + old[2], n_old), n_old, change, len(pairs), sum(x == y for x, y in pairs),
            )
        )  # fmt: skip
    assert council.rows("PracticeAreas") == expected
    assert len(expected) > 10

    services = [one for (one,) in council.sql(f"select distinct service from ({DONE}) order by 1")]
    heat = council.table("AreaHeatMap")
    assert list(heat[0]) == ["Practice area", "Code", *services]
    assert [row["Code"] for row in heat] == [row[1] for row in expected]
    for row in heat:
        for service in services:
            finals = [
                one
                for (one,) in council.sql(
                    "select final from g join a using (audit_id) where is_done and section = :code and a.service = :service",
                    code=row["Code"], service=service,
                )
            ]  # fmt: skip
            assert row[service] == share(sum(one <= 2 for one in finals), len(finals))


# -- Auditors, collaboration, timeliness ----------------------------------------------------------------------------


def test_auditors(council: Council) -> None:
    expected = []
    people = council.sql(
        """select auditor_id, auditor_code, count(*), sum(is_done),
        sum(not is_done and not is_out and (status = 'lapsed' or due < :today)) from a where auditor_id is not null
        group by 1, 2 order by 2"""
    )
    for person, code, n, done, late in people:
        found = council.sql(
            "select auditor, second from g join a using (audit_id) where section = 'OV' and is_done and auditor_id = :person",
            person=person,
        )
        own = Counter(x for x, _ in found if x)
        steps = [y - x for x, y in found if x and y]
        over = council.one(
            """select count(*) from a join submission s on s.audit_id = a.audit_id and s.revision = a.revision
            where is_done and not is_hidden and auditor_id = :person and s.override_reason <> ''""",
            person=person,
        )
        remark = "none yet" if not steps else None if len(steps) >= 10 else f"Only {len(steps)} double-graded"
        expected.append(
            (
                code, n, done, late, *(own[g] for g in (1, 2, 3, 4)), share(own[1] + own[2], sum(own.values())), len(steps),
                steps.count(0), sum(s > 0 for s in steps), sum(s < 0 for s in steps),
                close(sum(steps) / len(steps)) if len(steps) >= 5 else None, over, remark,
            )
        )  # fmt: skip
    assert council.rows("Auditors") == expected


def answers(item: str, part: str) -> str:
    return f"(select value from answer w where w.audit_id = a.audit_id and w.item = '{item}' and w.part = '{part}' and value <> '')"


FAMILY = """
select a.audit_id, w.item, max(case when part = 'obtained' then value end) as obtained, max(case when part = 'who' then value end) as who,
  max(case when part = 'not_obtained' then value end) as why_not,
  max(case when part = 'listened' then cast(value as int) end) as listened,
  max(case when part = 'understood' then cast(value as int) end) as understood,
  max(case when part = 'better' then cast(value as int) end) as better
from answer w join a using (audit_id) where is_done and (w.item = 'FB1' or w.item like 'FB1#%') and value <> '' group by 1, 2
"""
WHO = {
    "child": "The child", "young_person": "The young person", "mother": "Mother", "father": "Father", "carer": "Carer",
    "other_family": "Other family", "advocate": "Advocate",
}  # fmt: skip
WHY_NOT = {
    "worker_left": "Worker has left", "worker_absent": "Worker absent", "declined": "Declined", "not_attempted": "Not attempted",
    "not_contactable": "Could not be reached", "not_safe": "Not safe to ask", "not_appropriate": "Not appropriate",
}  # fmt: skip


def test_collaboration(council: Council) -> None:
    n = council.one(f"select count(*) from ({DONE})")
    held = Counter(one for (one,) in council.sql(f"select {answers('CV1', 'held')} from ({DONE}) a"))
    own = council.one(f"select count({answers('CV3', 'worker_grade')}) from ({DONE}) a")
    supervision = Counter(
        one for (one,) in council.sql(f"select {answers('CV7', 'in_supervision')} from ({DONE}) a")
    )
    heard = council.sql(f"select audit_id, sum(obtained = 'yes'), count(obtained) from ({FAMILY}) group by 1")
    yes, asked = sum(row[1] > 0 for row in heard), sum(row[2] > 0 for row in heard)
    shared = council.one(f"select count(shared_at) from ({DONE})")
    expected = [
        ("Conversation held with the worker", held["yes"], held["no"]),
        ("Worker graded their own work first", own, n - own),
        ("View of the child, family or carer obtained", yes, asked - yes),
        ("Findings discussed in supervision", supervision["yes"], supervision["no"]),
        ("Shared with worker and manager", shared, n - shared),
    ]
    assert council.rows("Collaboration") == [
        (what, y, no, n - y - no, n, share(y, n)) for what, y, no in expected
    ]

    reasons = Counter(
        ("Conversation", WHY_NOT.get(why, "Not recorded"))
        for (why,) in council.sql(
            f"select {answers('CV6', 'reason')} from ({DONE}) a where {answers('CV1', 'held')} = 'no'"
        )
    ) + Counter(
        ("Family view", WHY_NOT.get(why, "Not recorded"))
        for (why,) in council.sql(f"select why_not from ({FAMILY}) where obtained = 'no'")
    )
    said = {(row["What"], row["Reason"]): row["Times"] for row in council.table("ReasonsWhyNot")}
    assert said == dict(reasons)

    order = {"outstanding": 1, "good": 2, "ri": 3, "inadequate": 4}
    both = [
        (order[mine], auditor)
        for mine, auditor in council.sql(
            f"""select {answers("CV3", "worker_grade")} as mine, g.auditor from ({DONE}) a
            join g on g.audit_id = a.audit_id and g.section = 'OV' where mine is not null and g.auditor"""
        )
    ]
    assert council.rows("OwnGrade", "Audits", "Share") == [
        (k, share(k, len(both)))
        for k in (sum(m == x for m, x in both), sum(m < x for m, x in both), sum(m > x for m, x in both))
    ]
    who = Counter(
        WHO.get(one, "Not recorded")
        for (one,) in council.sql(f"select who from ({FAMILY}) where obtained = 'yes'")
    )
    assert dict(council.rows("WhoWasHeard")) == dict(who)
    scales = []
    for part in ("listened", "understood", "better"):
        found = [one for (one,) in council.sql(f"select {part} from ({FAMILY}) where {part} is not null")]
        high = sum(one >= 7 for one in found)
        enough = median(found) if len(found) >= 10 else "shown from 10" if found else None
        scales.append((len(found), enough, high, share(high, len(found))))
    columns = ("Answers", "Median", "Seven or more", "Seven or more, share")
    assert council.rows("FamilyScales", *columns) == scales


MODERATED = "(select max(decided_at) from live m where m.audit_id = a.audit_id and decided_at is not null)"
STEPS = (
    ("Planned to allocated", "planned_at", "allocated_at"),
    ("Allocated to submitted", "allocated_at", "sent"),
    ("Submitted to moderated", "sent", "moderated_at"),
    ("Moderated to final", "moderated_at", "final_at"),
    ("Final to shared", "final_at", "shared_at"),
)
LIVE = f"""select a.service, a.due, a.planned_at, a.allocated_at, case when is_done then a.submitted_at end as sent,
{MODERATED} as moderated_at, a.final_at, a.shared_at from a where not is_out"""


def waits(council: Council, start: str, end: str, where: str = "1", **values: Any) -> list[int]:
    query = f"""select cast(julianday(substr({end}, 1, 10)) - julianday(substr({start}, 1, 10)) as int) as d from ({LIVE})
    where {start} is not null and {end} is not null and d >= 0 and {where}"""
    return [one for (one,) in council.sql(query, **values)]


def test_timeliness(council: Council) -> None:
    columns = ("Step", "Audits", "Median days", "Longest, days")
    expected = []
    for name, start, end in STEPS:
        found = waits(council, start, end)
        expected.append((name, len(found), median(found) if found else None, max(found, default=None)))
    assert council.rows("Timeliness", *columns) == expected
    by_service = []
    for (service,) in council.sql("select distinct service from a where not is_out order by 1"):
        first = waits(council, "allocated_at", "sent", "service = :service", service=service)
        second = waits(council, "sent", "moderated_at", "service = :service", service=service)
        by_service.append(
            (
                service, len(first), median(first) if first else None, len(second), median(second) if second else None,
            )
        )  # fmt: skip
    assert council.rows("TimelinessByService") == by_service
    sent, on_time = council.sql(
        f"select count(*), sum(substr(sent, 1, 10) <= due) from ({LIVE}) where sent is not null"
    )[0]
    assert any(
        f"Submitted by the due date: {on_time} of {sent}." in str(row[0])
        for row in council.lines("Timeliness")[:6]
    )


# -- Actions and themes ---------------------------------------------------------------------------------------------

ACTIONS = """
select x.*, case when x.state = 'verified' then 'Verified' when x.state = 'done' then 'Done, to be verified'
  when x.due < :today then 'Open, overdue' else 'Open, not yet due' end as standing
from action x join round r on r.round_id = x.round_id where r.ref = :ref
"""
KINDS = {"child": "This child", "worker": "This worker", "team": "This team", "service": "Whole service"}
PURPOSES = {"for_the_child": "For the child", "for_practice": "For practice"}
STANDINGS = ("Open, not yet due", "Open, overdue", "Done, to be verified", "Verified")


def test_actions_and_their_ages(council: Council) -> None:
    found = council.sql(f"select type, purpose, standing, count(*) from ({ACTIONS}) group by 1, 2, 3")
    counts = {(kind, purpose, standing): n for kind, purpose, standing, n in found}
    rows = council.table("ActionsByKind")
    expected = [
        (KINDS[kind], PURPOSES[purpose], sum(line), *line, 0)
        for kind in KINDS
        for purpose in PURPOSES
        for line in [[counts.get((kind, purpose, one), 0) for one in STANDINGS]]
    ]
    assert [tuple(row.values()) for row in rows] == expected
    assert sum(row["Raised"] for row in rows) == council.one(f"select count(*) from ({ACTIONS})")
    late = [
        one
        for (one,) in council.sql(
            f"select cast(julianday(:today) - julianday(due) as int) from ({ACTIONS}) where standing like 'Open%'"
        )
    ]
    bands = (
        sum(d <= 0 for d in late), sum(1 <= d <= 7 for d in late), sum(8 <= d <= 30 for d in late),
        sum(31 <= d <= 90 for d in late), sum(d > 90 for d in late), 0,
    )  # fmt: skip
    assert tuple(row["Open actions"] for row in council.table("ActionAgeing")) == bands


def test_every_action_is_listed(council: Council) -> None:
    columns = (
        "Action", "Audit", "What", "Priority", "Owner (role)", "Service", "Team", "Section", "Raised", "Due", "Done", "Verified",
        "Standing", "How we will know",
    )  # fmt: skip
    found = council.sql(
        f"""select x.ref, a.ref, x.what, x.priority, x.owner_role, a.service, x.team, x.section, x.created_at, x.due,
        case when x.state in ('done', 'verified') then x.done_at end, case when x.state = 'verified' then x.verified_at end,
        x.standing, x.success from ({ACTIONS}) x left join a using (audit_id) order by x.due, x.ref"""
    )
    expected = [
        (
            *row[:3],
            row[3].capitalize(),
            *(one or None for one in row[4:8]),
            *(day(one) for one in row[8:12]),
            *row[12:],
        )
        for row in found
    ]
    assert council.rows("ActionList", *columns) == expected


def themes(council: Council) -> list[tuple[str, int, str, int, str]]:
    _, known = library()
    found = []
    for polarity in ("strength", "gap"):
        rows = council.sql(
            """select t.theme, count(distinct t.audit_id),
            (select line from theme_tag l join a la using (audit_id) where l.theme = t.theme and l.polarity = t.polarity
              and l.line <> '' and not la.is_hidden order by l.audit_id limit 1)
            from theme_tag t join a using (audit_id) where not is_hidden and t.polarity = :polarity group by 1""",
            polarity=polarity,
        )
        titled = sorted((-n, known[key][polarity], key, line) for key, n, line in rows)
        found += [
            (polarity.capitalize(), rank, title, -n, line, key)
            for rank, (n, title, key, line) in enumerate(titled, 1)
        ]
    return found


def test_themes(council: Council) -> None:
    done = council.one(f"select count(*) from ({DONE})")
    found = themes(council)
    assert council.rows("Themes") == [
        (kind, rank, title, n, share(n, done), line, key) for kind, rank, title, n, line, key in found
    ]
    top = [(kind, title, line, n) for kind, rank, title, n, line, _ in found if rank <= 5]
    assert council.rows("TopThemes") == top


# -- The lists ------------------------------------------------------------------------------------------------------


def test_the_list_of_audits(council: Council) -> None:
    answered = {"yes": "Yes", "no": "No", None: "Not recorded"}
    own = {"outstanding": 1, "good": 2, "ri": 3, "inadequate": 4}
    heard = {
        audit: "Yes" if yes else "No"
        for audit, yes, asked in council.sql(
            """select a.audit_id, sum(value = 'yes'), count(*) from answer w join a using (audit_id)
            where (item = 'FB1' or item like 'FB1#%') and part = 'obtained' and value <> '' group by 1"""
        )
        if asked
    }
    found = council.sql(
        f"""select a.audit_id, a.ref, a.child_key, a.service, a.team, a.auditor_code, a.form_id || ' ' || a.form_version, a.planned_at,
        a.allocated_at, a.due, case when is_done then a.submitted_at end, {MODERATED}, a.final_at, a.shared_at,
        g.auditor, g.blind, g.moderated, g.panel, g.final, case when is_hidden then null else {answers("CV3", "worker_grade")} end,
        case when is_done and not is_hidden then s.ceiling end, is_done and not is_hidden and s.override_reason <> '',
        m.graded_at is not null and m.blind, m.decided_at is not null, m.audit_quality, {answers("CV1", "held")},
        {answers("CV7", "in_supervision")}, (select count(*) from alert l where l.audit_id = a.audit_id), r.plan_on, r.reaudit_due,
        a.ended_reason
        from a left join g on g.audit_id = a.audit_id and g.section = 'OV'
        left join submission s on s.audit_id = a.audit_id and s.revision = a.revision
        left join live m on m.audit_id = a.audit_id left join recovery r on r.audit_id = a.audit_id order by a.ref"""
    )
    expected = []
    for row in found:
        blind, decided = row[22:24]
        expected.append(
            (
                *(one or None for one in row[1:7]), *(day(one) for one in row[7:14]), *(words(one) for one in row[14:19]),
                words(own.get(row[19])), words(row[20]), "Yes" if row[21] else "No", "Yes" if blind else "No" if decided else None,
                words(row[24]), answered[row[25]], heard.get(row[0], "Not recorded"), answered[row[26]], row[27],
                day(row[28]), day(row[29]), row[30] or None,
            )
        )  # fmt: skip
    columns = (
        "Audit", "Child key", "Service", "Team", "Auditor", "Form", "Planned", "Allocated", "Due", "Submitted", "Moderated",
        "Final on", "Shared", "Auditor's grade", "Blind grade", "Moderated grade", "Panel grade", "Final grade", "Worker's own grade",
        "Ceiling", "Graded above ceiling", "Moderated blind", "Audit quality", "Conversation held", "Family view obtained",
        "Discussed in supervision", "Alerts", "Recovery plan on file", "Re-audit due", "Why left out",
    )  # fmt: skip
    for got, wanted in zip(council.rows("Audits", *columns), expected, strict=True):
        assert dict(zip(columns, got, strict=True)) == dict(zip(columns, wanted, strict=True))


def test_section_grades(council: Council) -> None:
    titles, _ = library()
    order = {code: place for place, code in enumerate(titles)}
    found = council.sql(
        """select g.ref, g.section, g.auditor, g.blind, g.moderated, g.panel, g.final from g join a using (audit_id)
        where is_done and g.section <> 'OV'"""
    )
    expected = sorted(
        (ref, order[code], code, titles[code], *(words(one) for one in grades))
        for ref, code, *grades in found
    )
    listed = [(row[0], *row[2:]) for row in expected]
    assert sorted(council.rows("SectionGrades"), key=str) == sorted(listed, key=str)


def test_the_draw_in_the_notes(council: Council) -> None:
    # What the dice drew: those selected or since replaced, without those who came in for somebody.
    drawn = council.sql(
        """select d.stratum, count(*) from drawn_case d join draw w using (draw_id) join round r on r.round_id = w.round_id
        where r.ref = :ref and not w.superseded and d.state in ('selected', 'replaced') and d.kind <> 'judgement'
        and d.child_key not in (select o.replaced_by from drawn_case o where o.draw_id = d.draw_id and o.replaced_by is not null)
        group by 1"""
    )
    rows = council.table("Strata")
    assert sorted(row["Drawn"] for row in rows) == sorted(n for _, n in drawn)
    assert sum(row["Drawn"] for row in rows) > 15
    for row in rows:
        assert row["In words"] == f"{row['Drawn']:,} drawn of {row['Children']:,} children"
    notes = [(row["Subject"], row["Note"]) for row in council.table("MethodNotes")]
    seed, algorithm, frame_hash, children = council.sql(
        """select w.seed, w.algorithm, w.frame_hash, f.children from draw w join round r on r.round_id = w.round_id
        join frame f on f.frame_id = w.frame_id where r.ref = :ref and not w.superseded"""
    )[0]
    assert ("Draw", f"{algorithm}; seed {seed}") in notes
    assert ("Fingerprint of the list", frame_hash) in notes
    assert any(subject == "List of children" and f"{children:,} children" in note for subject, note in notes)
    n, done, random, risky = council.sql(
        "select count(*), sum(is_done), sum(selection = 'random'), sum(selection = 'risk') from a"
    )[0]
    came_in = council.one(
        """select count(*) from drawn_case d join draw w using (draw_id) join round r on r.round_id = w.round_id
        where r.ref = :ref and not w.superseded and d.replaced_by is not null"""
    )
    later = f"; {came_in} of them came in by the next ticket for a case that left" if came_in else ""
    how = f"{random} cases drawn at random within strata, {risky} from risk lists at their own rate{later}."
    assert ("How audits were selected", how) in notes
    assert n == sum(row["Drawn"] for row in rows) + came_in
    assert ("Audits", f"{n} planned, {done} done") in notes
    hidden = council.one(
        "select count(distinct audit_id) from moderation m join a using (audit_id) where m.blind and m.state in ('queued', 'grading')"
    )
    left_out = [row["Left out"] for row in council.table("LeftOut")]
    assert (f"Grades of {hidden} audits" in left_out) == (hidden > 1)


# -- Summary --------------------------------------------------------------------------------------------------------


def corrected(council: Council) -> str:
    """The auditors' share plus what blind moderation changed, each chance of being moderated by itself."""
    if council.one("select count(*) from moderation m join a using (audit_id) where decided_at is null"):
        return "not shown"
    found = council.sql(
        """select coalesce(m.inclusion_probability, json_extract(r.moderation, '$.share')), g.auditor <= 2, g.blind <= 2
        from a join round r on r.round_id = a.round_id join g on g.audit_id = a.audit_id and g.section = 'OV'
        left join live m on m.audit_id = a.audit_id where is_done"""
    )
    share_ = sum(own for _, own, _ in found) / len(found)
    for chance in {row[0] for row in found}:
        here = [row for row in found if row[0] == chance]
        moved = [blind - own for _, own, blind in here if blind is not None]
        share_ += len(here) / len(found) * sum(moved) / len(moved)
    return percent(round(share_ * 10_000), 10_000)


def test_headline_and_key_figures(council: Council) -> None:
    standing = Counter(one for (one,) in council.sql(f"select standing from ({STANDING})"))
    n = sum(standing.values())
    done = standing["done"]
    pairs = council.sql(PAIRS)
    exact = sum(x == y for x, y in pairs)
    generous, harsh = sum(y > x for x, y in pairs), sum(y < x for x, y in pairs)
    shift = sum(y - x for x, y in pairs) / len(pairs)
    graded = council.sql(
        "select final, auditor, second from g join a using (audit_id) where section = 'OV' and is_done"
    )
    better = sum(row[0] <= 2 for row in graded)
    own_better = sum(row[1] <= 2 for row in graded if row[1])
    moderated = sum(row[2] is not None for row in graded)
    bad = council.sql(
        """select r.plan_on from g join a using (audit_id) left join recovery r on r.audit_id = a.audit_id
        where section = 'OV' and is_done and final = 4"""
    )
    alerts = council.sql("select raised_at, acknowledged_at from alert join a using (audit_id)")
    held = council.one(f"select count(*) from ({DONE}) a where {answers('CV1', 'held')} = 'yes'")
    heard = council.one(f"select count(distinct audit_id) from ({FAMILY}) where obtained = 'yes'")
    actions = Counter(one for (one,) in council.sql(f"select standing from ({ACTIONS})"))
    raised = sum(actions.values())
    whole, with_actions = council.sql(
        f"select sum(least_state), count(*) from (select min(state = 'verified') as least_state from ({ACTIONS}) group by audit_id)"
    )[0]
    took = waits(council, "sent", "moderated_at")

    lead = [f"{n} planned", f"{done} done ({percent(done, n)})", f"{standing['overdue']} overdue"]
    lead += [f"{standing['hand']} in hand"] if standing["hand"] else []
    lead += [f"{standing['out']} exempt or withdrawn"] if standing["out"] else []
    lead.append(f"{moderated} moderated ({percent(moderated, done)})")
    lean = "auditors more generous" if shift > 0 else "auditors harsher" if shift < 0 else "no lean"
    drift = f"net drift {shift:+.2f} ({lean})".replace("-", "−")
    if len(pairs) < 10:
        drift = f"auditors more generous on {generous}, harsher on {harsh}"
    lead.append(f"agreement {percent(exact, len(pairs))} ({exact}/{len(pairs)}), {drift}")
    if not alerts:
        lead.append("no alert")
    else:
        raised_at, taken_at = (datetime.fromisoformat(one) for one in alerts[0])
        assert len(alerts) == 1
        lead.append(f"1 alert, acknowledged in {int((taken_at - raised_at).total_seconds() // 3600)} h")
    without = sum(one is None for (one,) in bad)
    if not bad:
        lead.append("none Inadequate")
    elif without:
        lead.append(f"{len(bad)} Inadequate, {without} WITHOUT a recovery plan on file")
    else:
        lead.append(f"{len(bad)} Inadequate, recovery plan{'s' if len(bad) > 1 else ''} on file")
    assert council.lines("Summary")[3][0] == " · ".join(lead)

    figures = {row["Measure"]: (str(row["Figure"]), row["Out of"]) for row in council.table("KeyFigures")}
    assert figures == {
        "Audits done": (str(done), n),
        "Overdue audits": (str(standing["overdue"]), n),
        "Audits in hand": (str(standing["hand"]), n),
        "Exempt or withdrawn": (str(standing["out"]), n),
        "Audits moderated": (str(moderated), done),
        "Exact agreement": (percent(exact, len(pairs)), len(pairs)),
        "Net drift": (f"{shift:+.2f}" if len(pairs) >= 10 else "too few", len(pairs)),
        "Good or better": (percent(better, len(graded)), len(graded)),
        "Good or better, corrected": (corrected(council), done),
        "Inadequate": (str(len(bad)), done),
        "Safeguarding alerts": (str(len(alerts)), n),
        "Conversation held": (percent(held, done), done),
        "Family view obtained": (percent(heard, done), done),
        "Actions verified": (percent(actions["Verified"], raised), raised),
        "Audits with every action verified": (str(whole), with_actions),
        "Median days to moderation": (f"{median(took):g}", len(took)),
    }
    says = {row["Measure"]: row["What it says"] for row in council.table("KeyFigures")}
    assert (
        says["Good or better"]
        == f"{better} of {len(graded)} by the grade that stands; {own_better} by the auditor's"
    )
    assert (
        says["Actions verified"]
        == f"{actions['Verified']} of {raised}; {actions['Open, overdue']} open and overdue"
    )
    assert says["Net drift"] == f"Auditors more generous on {generous}, harsher on {harsh}"


def test_no_table_goes_unchecked(council: Council) -> None:
    """A table added to the paper must be added here too."""
    checked = {
        "KeyFigures", "TopThemes", "PlanByTeam", "PlanByCohort", "LeftTheRound", "GradeMix", "GradesByMonth", "ModerationMatrix",
        "AgreementShares", "Direction", "AgreementFigures", "DriftByMonth", "ModerationOutcomes", "ChangeReasons", "AuditQuality",
        "ModerationSelection", "PracticeAreas", "AreaHeatMap", "Auditors", "Collaboration", "ReasonsWhyNot", "OwnGrade",
        "WhoWasHeard", "FamilyScales", "Timeliness", "TimelinessByService", "ActionsByKind", "ActionAgeing", "ActionList", "Themes",
        "Audits", "SectionGrades", "MethodNotes", "Strata", "LeftOut",
    }  # fmt: skip
    assert set(council.tables) - {"Evidence"} == checked
    assert {cell for row in council.rows("GradeMix", "Grade") for cell in row} == set(GRADES)
