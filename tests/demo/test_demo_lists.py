"""The synthetic lists: their size, their agreement with each other, and that a seed decides everything."""

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from qa_audit.demo.council import GeneratedCouncil, generate
from qa_audit.demo.volumes import authority_names, find_area, list_rows
from qa_audit.errors import BadInput

AS_AT = date(2026, 11, 16)
WINDOW = AS_AT - timedelta(days=183)

# Rows per list worked out from the published volumes by the formulae of `list_rows`.
PUBLISHED = {
    "Rutland": (987, 167, 192, 129, 30, 255, 46, 37, 34, 3, 2),
    "Southampton": (6275, 1060, 1388, 1892, 686, 2964, 476, 565, 400, 42, 28),
    "Birmingham": (36074, 6091, 8162, 10441, 3182, 13910, 2542, 2688, 1632, 213, 139),
}


@cache
def council(name: str = "Southampton", seed: int = 3, scale: float = 1.0) -> GeneratedCouncil:
    return next(generate(name, seed=seed, scale=scale, as_at=AS_AT))


@cache
def rows(number: int, name: str = "Southampton", seed: int = 3) -> list[dict]:
    columns = council(name, seed).lists[number].columns
    return [
        dict(zip(columns, r, strict=True)) for r in zip(*[c.tolist() for c in columns.values()], strict=True)
    ]


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_list_has_the_published_number_of_rows(name):
    assert tuple(council(name).row_counts.values()) == pytest.approx(PUBLISHED[name], abs=1)


def test_regions_and_england_add_up_to_the_published_totals():
    south_east = find_area("south east").authorities
    assert len(south_east) == 19
    totals = [sum(list_rows(a, 1)[n] for a in south_east) for n in range(1, 12)]
    want = (249300, 42097, 66180, 70935, 21044, 97450, 12535, 14510, 10741, 1017, 663)
    assert totals == pytest.approx(want, rel=0.006)
    assert len(find_area("England").authorities) == len(authority_names()) == 153
    assert len(find_area("London").authorities) == 33


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(BadInput, match="Southampton"):
        find_area("Southamton")


@pytest.mark.parametrize("name", ["City of London", "Isles of Scilly", "Hampshire", "North Tyneside"])
def test_every_kind_of_authority_can_be_made(name):
    made = council(name, scale=0.3)
    wanted = list_rows(find_area(name).authorities[0], 0.3)
    assert made.row_counts == wanted


def test_the_seed_decides_everything():
    def picture(c):
        return {n: {k: v.tolist() for k, v in t.columns.items()} for n, t in c.lists.items()}

    again = next(generate("Rutland", seed=3, as_at=AS_AT))
    assert picture(again) == picture(council("Rutland"))
    assert again.staff == council("Rutland").staff
    assert picture(next(generate("Rutland", seed=4, as_at=AS_AT))) != picture(again)


@pytest.mark.parametrize(
    ("name", "seed"), [("Southampton", 3), ("Southampton", 8), ("Rutland", 1), ("Birmingham", 2)]
)
def test_lists_agree_with_each_other(name, seed):
    need = {r["child_id"]: r for r in rows(6, name, seed)}
    assert len(need) == len(rows(6, name, seed)), "List 6 holds a child once"
    plans = {r["child_id"]: r for r in rows(7, name, seed)}
    care = {r["child_id"]: r for r in rows(8, name, seed)}
    assert len(plans) == len(rows(7, name, seed))
    assert len(care) == len(rows(8, name, seed))
    for child, r in plans.items():
        status = need[child]["case_status"][0]
        assert status in ("ab" if r["plan_end"] is None else "ace")
        assert need[child]["cin_start"] <= r["plan_start"]
        assert status != "a" or child in care
    for child, r in care.items():
        assert (need[child]["case_status"][0] == "a") == (r["care_ceased"] is None)
        assert need[child]["cin_start"] <= r["care_start"] <= r["placement_start"]
        assert r["care_start"] <= r["legal_status_start"]
    started = {(r["child_id"], r["plan_start"]) for r in plans.values()}
    for r in rows(5, name, seed):
        if r["icpc_led_to_plan"] == "a) Yes":
            assert (r["child_id"], r["icpc"]) in started
            assert r["strategy_discussion"] <= r["icpc"]
    in_care_now = {c for c, r in care.items() if r["care_ceased"] is None}
    leavers = [r["child_id"] for r in rows(9, name, seed)]
    assert not in_care_now.intersection(leavers)
    assert len(set(leavers)) == len(leavers)


def test_new_plans_come_from_conferences():
    conferences = {(r["child_id"], r["icpc"]) for r in rows(5)}
    new = [r for r in rows(7) if r["plan_start"] >= WINDOW + timedelta(days=2)]
    assert len(new) > 100
    assert all((r["child_id"], r["plan_start"]) in conferences for r in new)


def test_a_referral_that_goes_on_leads_to_an_assessment():
    assessed = {r["child_id"] for r in rows(4)}
    onward = [r for r in rows(3) if r["referral_nfa"] == "b) No"]
    assert sum(r["child_id"] in assessed for r in onward) / len(onward) > 0.97
    need = {r["child_id"] for r in rows(6)}
    assert not [r for r in rows(3) if r["referral_nfa"] == "a) Yes" and r["child_id"] in need]


@pytest.mark.parametrize(("name", "seed"), [("Southampton", 3), ("Rutland", 1), ("Birmingham", 2)])
def test_no_event_is_in_the_future_or_before_its_beginning(name, seed):
    pairs = {
        2: ("early_help_start", "early_help_completed"),
        4: ("assessment_start", "assessment_authorised"),
        6: ("cin_start", "cin_closed"),
        7: ("plan_start", "plan_end"),
        8: ("care_start", "care_ceased"),
    }
    for number in range(1, 12):
        for r in rows(number, name, seed):
            for key, value in r.items():
                if isinstance(value, date) and key != "date_of_birth":
                    assert value <= AS_AT, (number, key)
            if number in pairs:
                start, end = (r[k] for k in pairs[number])
                assert end is None or start <= end, (number, r)
    for r in rows(8, name, seed):
        assert r["care_start"] >= r["date_of_birth"]
    for r in rows(7, name, seed):
        if r["date_of_birth"]:
            assert r["plan_start"] >= r["date_of_birth"] - timedelta(days=63)


@pytest.mark.parametrize("number", range(1, 10))
def test_ages_are_completed_years_and_a_child_is_the_same_child_in_every_list(number):
    known = {r["child_id"]: r for r in rows(6)}
    for r in rows(number):
        born = r["date_of_birth"]
        if born is None or born > AS_AT:
            assert r["age"] == -1
            assert r["sex"] == "c) Not stated/recorded"
        else:
            years = AS_AT.year - born.year - ((AS_AT.month, AS_AT.day) < (born.month, born.day))
            assert r["age"] == years
        same = known.get(r["child_id"], r)
        assert (same["sex"], same["ethnicity"], same["date_of_birth"]) == (r["sex"], r["ethnicity"], born)


def test_the_shape_of_the_open_cases_is_the_published_one():
    need = [r for r in rows(6) if r["cin_closed"] is None]
    share = {k[0]: n / len(need) for k, n in Counter(r["case_status"] for r in need).items()}
    assert share == pytest.approx({"a": 0.23, "b": 0.15, "c": 0.31, "d": 0.31}, abs=0.02)
    plans = [r for r in rows(7, "Birmingham", 2) if r["plan_end"] is None]
    neglect = sum(r["initial_category"] == "a) Neglect" for r in plans) / len(plans)
    assert neglect == pytest.approx(0.508, abs=0.05)
    visits = [(AS_AT - r["last_statutory_visit"]).days for r in plans if r["last_statutory_visit"]]
    assert 0.75 < sum(days <= 16 for days in visits) / len(visits) < 0.95
    assert any(days > 28 for days in visits), "some visits are late"
    both = {r["child_id"] for r in plans} & {
        r["child_id"] for r in rows(8, "Birmingham", 2) if r["care_ceased"] is None
    }
    assert 0.005 < len(both) / len(plans) < 0.03


def test_absent_parenting_goes_with_age_sex_and_ethnicity():
    eight = [r for r in rows(6, "Birmingham", 2) if r["primary_need"].startswith("N8")]
    assert len(eight) > 300
    assert sum(r["sex"] == "a) Male" for r in eight) / len(eight) > 0.8
    assert sum(r["age"] >= 15 for r in eight) / len(eight) > 0.9
    assert sum(r["ethnicity"].endswith(("BAFR", "OOTH", "AOTH")) for r in eight) / len(eight) > 0.5


def test_brothers_and_sisters_share_dates_and_worker():
    groups = Counter((r["plan_start"], r["worker"]) for r in rows(7) if r["plan_end"] is None)
    together = sum(n for n in groups.values() if n > 1) / sum(groups.values())
    assert 0.33 < together < 0.65


def test_workers_hold_sixteen_to_eighteen_cases_on_average():
    held = Counter(r["worker"] for r in rows(6) if r["cin_closed"] is None)
    assert 15.5 < sum(held.values()) / len(held) < 18.5
    assert max(held.values()) < 32
    staff = council().staff
    names = [p.display_name for p in staff.people]
    assert len(set(names)) == len(names)
    assert {r["team"] for r in rows(6)} <= {t.name for t in staff.teams}
    team_of = {w.display_name: w.team for t in staff.teams for w in t.workers}
    assert all(team_of[r["worker"]] == r["team"] for n in (3, 6, 7, 8, 9) for r in rows(n))
    assert 18 <= len(staff.teams) <= 28


def test_staff_can_run_a_cycle():
    staff = council().staff
    assert len({p.person_id for p in staff.people}) == len(staff.people)
    assert all(p.temperament for p in staff.auditors)
    assert {p.temperament for p in staff.auditors} >= {
        "calibrated",
        "generous",
        "harsh",
        "late",
        "terse",
        "thorough",
    }
    assert not set(staff.auditors) & set(staff.moderators)
    assert len(staff.moderators) >= 3


def test_not_in_touch_leaves_the_rest_blank():
    for r in rows(9):
        assert (r["in_touch"] == "a) Yes") == (r["accommodation"] is not None) == (r["activity"] is not None)


def test_counts_are_the_childs_and_repeat_on_every_row():
    for number, field in ((3, "referrals_12m"), (5, "section_47s_12m")):
        seen: dict[str, int] = {}
        times = Counter(r["child_id"] for r in rows(number))
        for r in rows(number):
            assert seen.setdefault(r["child_id"], r[field]) == r[field] >= times[r["child_id"]]


@pytest.mark.parametrize(
    ("number", "day"),
    [(1, "contact_date"), (3, "referral_date"), (4, "assessment_start"), (5, "strategy_discussion")],
)
def test_a_clean_list_repeats_no_event(number, day):
    for name, seed in (("Southampton", 3), ("Birmingham", 2)):
        events = Counter((r["child_id"], r[day]) for r in rows(number, name, seed))
        assert max(events.values()) == 1
