"""The plan: intervals and ages of the sources, dates from what was done, competing actions, and what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.knowledge.compiled import knowledge
from nof1.model.prevention import Plan, PlanCase, PlannedAction, PlanState, Trigger, TriggerKind
from nof1.model.record import Code, Done
from nof1.risk.plan import plan
from nof1.risk.plan_dates import months_later

TODAY = date(2026, 11, 26)
NONE = dict.fromkeys(knowledge().care.conditions, 0.0)


def born(age: float) -> date:
    """A birthday exactly so many years ago."""
    return months_later(TODAY, -12 * age)


def made(age: float, sex: str = "female", *triggers: Trigger, done: Sequence[Done] = (), **more: object) -> Plan:
    values = {**NONE, "bmi": 22.0, "pack_years": 0.0, "years_since_quitting": 99.0, **more.pop("values", {})}  # type: ignore[dict-item]
    case = PlanCase(TODAY, born(age), sex, values, {}, tuple(done), **more)  # type: ignore[arg-type]
    return plan(knowledge().prevention, case, triggers)


def by_id(found: Plan) -> dict[str, PlannedAction]:
    return {one.id: one for one in found.actions}


def done(code: str, day: date | None, state: str = "done", system: str = "http://snomed.info/sct", reason: str = "") -> Done:
    return Done((Code(system, code),), "it", state, day, reason)


def finding(gene: str) -> Trigger:
    return Trigger(TriggerKind.FINDING, gene, f"a pathogenic variant in {gene}")


def risk(low: float, high: float | None = None) -> Trigger:
    return Trigger(TriggerKind.RISK, "pce-2013", f"10-year risk {low:.1%}", low=low, high=high)


COLONOSCOPY, MAMMOGRAPHY, STOOL = "73761001", "71651007", "59614000"


@pytest.mark.parametrize(
    ("action", "sex", "first", "last"),
    [
        ("uspstf-2021-colorectal-45", "male", 45, 49),
        ("uspstf-2021-colorectal-50", "male", 50, 75),
        ("uspstf-2024-breast", "female", 40, 74),
        ("uspstf-2018-cervical-21", "female", 21, 29),
        ("uspstf-2018-cervical-30", "female", 30, 65),
        ("uspstf-2025-osteoporosis", "female", 65, None),
        ("uspstf-2021-hypertension-18", "male", 18, 39),
        ("uspstf-2021-hypertension-40", "male", 40, None),
    ],
)
def test_ages_of_the_uspstf(action: str, sex: str, first: int, last: int | None) -> None:
    assert by_id(made(first, sex))[action].state is PlanState.DUE
    before = by_id(made(first - 0.1, sex)).get(action)
    assert before is None or before.state is PlanState.LATER
    if last is not None:
        assert by_id(made(last + 0.9, sex))[action].state is PlanState.DUE
        assert action not in by_id(made(last + 1, sex))
        assert by_id(made(first, sex))[action].until == born(first) + (
            months_later(born(first), 12 * (last + 1)) - born(first)
        ) - timedelta(days=1)


def test_sex_decides() -> None:
    assert "uspstf-2024-breast" not in by_id(made(50, "male"))
    assert "uspstf-2019-aaa" not in by_id(made(66, "female", values={"smoker": 1.0}))


@pytest.mark.parametrize(
    ("values", "age", "is_due"),
    [
        ({"pack_years": 20.0, "smoker": 1.0}, 50, True),
        ({"pack_years": 19.9, "smoker": 1.0}, 50, False),
        ({"pack_years": 20.0, "years_since_quitting": 15.0}, 80, True),
        ({"pack_years": 20.0, "years_since_quitting": 15.1}, 60, False),
        ({"pack_years": 40.0, "smoker": 1.0}, 81, False),
    ],
)
def test_lung_cancer_screening(values: dict[str, float], age: float, is_due: bool) -> None:
    assert ("uspstf-2021-lung" in by_id(made(age, "male", values=values))) == is_due


@pytest.mark.parametrize(
    ("smoked", "age", "is_due"), [(1.0, 65, True), (1.0, 75.9, True), (1.0, 76, False), (0.0, 70, False)]
)
def test_aneurysm_screening(smoked: float, age: float, is_due: bool) -> None:
    assert ("uspstf-2019-aaa" in by_id(made(age, "male", values={"pack_years": smoked}))) == is_due


@pytest.mark.parametrize(
    ("low", "high", "states"),
    [
        (0.10, None, {"uspstf-2022-statin-10": PlanState.DUE}),
        (0.099, None, {"uspstf-2022-statin-7.5": PlanState.DUE}),
        (0.074, None, {}),
        (0.08, 0.12, {"uspstf-2022-statin-10": PlanState.UNKNOWN}),
        (0.11, 0.20, {"uspstf-2022-statin-10": PlanState.DUE}),
        (0.01, 0.05, {}),
    ],
)
def test_statin_by_risk_and_its_limits(low: float, high: float | None, states: dict[str, PlanState]) -> None:
    found = by_id(made(50, "male", risk(low, high), values={"hypertension": 1.0}))
    assert {name: one.state for name, one in found.items() if one.purpose == "statin"} == states


def test_statin_needs_a_risk_factor_a_risk_and_no_disease() -> None:
    assert "uspstf-2022-statin-10" not in by_id(made(50, "male", risk(0.2)))
    assert by_id(made(50, "male", values={"diabetes": 1.0}))["uspstf-2022-statin-10"].needs == ("the risk by pce-2013",)
    assert "uspstf-2022-statin-10" not in by_id(made(50, "male", risk(0.2), values={"diabetes": 1.0, "stroke_tia": 1.0}))


def test_statin_taken_or_not_tolerated() -> None:
    taken = by_id(made(50, "male", risk(0.2), values={"diabetes": 1.0}, taking=frozenset(["statin"])))
    assert taken["uspstf-2022-statin-10"].state is PlanState.NOT_DUE
    allergic = by_id(made(50, "male", risk(0.2), values={"diabetes": 1.0}, allergic_to=frozenset(["statin"])))
    assert allergic["uspstf-2022-statin-10"].state is PlanState.CONTRAINDICATED


@pytest.mark.parametrize(
    ("codes", "state", "due"),
    [
        ([done(COLONOSCOPY, date(2020, 2, 1))], PlanState.NOT_DUE, date(2030, 2, 1)),
        ([done(COLONOSCOPY, date(2016, 11, 26))], PlanState.DUE, date(2026, 11, 26)),
        ([done(COLONOSCOPY, date(2016, 2, 1))], PlanState.OVERDUE, date(2026, 2, 1)),
        ([done(STOOL, date(2026, 1, 10))], PlanState.NOT_DUE, date(2027, 1, 10)),
        ([done(STOOL, date(2026, 1, 10)), done(COLONOSCOPY, date(2010, 1, 1))], PlanState.NOT_DUE, date(2027, 1, 10)),
        ([done(STOOL, date(2025, 1, 10)), done(COLONOSCOPY, date(2020, 1, 1))], PlanState.NOT_DUE, date(2030, 1, 1)),
        (
            [done(COLONOSCOPY, date(2016, 2, 1)), done(COLONOSCOPY, date(2027, 1, 5), "planned")],
            PlanState.PLANNED,
            date(2027, 1, 5),
        ),
        ([done(COLONOSCOPY, date(2026, 5, 1), "declined")], PlanState.DECLINED, None),
        (
            [done(COLONOSCOPY, date(2020, 5, 1), "declined"), done(COLONOSCOPY, date(2021, 5, 1))],
            PlanState.NOT_DUE,
            date(2031, 5, 1),
        ),
        ([done(COLONOSCOPY, None)], PlanState.DUE, TODAY),
    ],
)
def test_dates_from_what_was_done(codes: list[Done], state: PlanState, due: date | None) -> None:
    found = by_id(made(60, "male", done=codes))["uspstf-2021-colorectal-50"]
    assert found.state is state
    assert due is None or found.due == due


def test_an_undated_examination_is_asked_about() -> None:
    found = by_id(made(60, "male", done=[done(COLONOSCOPY, None)]))["uspstf-2021-colorectal-50"]
    assert found.notes[0] == "colonoscopy was done, the record does not say when; ask for the day"


def test_a_measurement_counts_as_done() -> None:
    found = by_id(made(50, "male", measured={"systolic": date(2026, 6, 1)}))["uspstf-2021-hypertension-40"]
    assert (found.state, found.due, found.last_done) == (PlanState.NOT_DUE, date(2027, 6, 1), date(2026, 6, 1))


@pytest.mark.parametrize(
    ("gene", "interval", "starts"),
    [
        ("MLH1", "every 1 to 2 years", 20),
        ("MSH2", "every 1 to 2 years", 20),
        ("MSH6", "every 1 to 3 years", 30),
        ("PMS2", "every 1 to 3 years", 30),
    ],
)
def test_lynch_syndrome_by_gene(gene: str, interval: str, starts: int) -> None:
    early = [one for one in made(starts - 1, "male", finding(gene)).actions if one.purpose == "colorectal-screening"]
    assert [(one.state, one.due, one.interval) for one in early] == [
        (PlanState.LATER, months_later(born(starts - 1), 12 * starts), interval)
    ]
    now = [one for one in made(55, "male", finding(gene)).actions if one.purpose == "colorectal-screening"]
    assert [(one.state, one.interval) for one in now] == [(PlanState.DUE, interval)]
    assert now[0].overrides == ("screening for colorectal cancer, one of several tests (USPSTF 2021)",)


def test_a_stool_test_is_not_enough_for_a_carrier() -> None:
    tests = [done(STOOL, date(2026, 10, 1)), done(COLONOSCOPY, date(2024, 10, 1))]
    found = next(
        one for one in made(55, "male", finding("MSH2"), done=tests).actions if one.purpose == "colorectal-screening"
    )
    assert (found.state, found.due, found.latest) == (PlanState.OVERDUE, date(2025, 10, 1), date(2026, 10, 1))


def test_carriers_of_brca1() -> None:
    found = by_id(made(36, "female", finding("BRCA1"), done=[done(MAMMOGRAPHY, date(2026, 3, 1))]))
    assert (found["nccn-brca-mammography"].state, found["nccn-brca-mammography"].due) == (
        PlanState.NOT_DUE,
        date(2027, 3, 1),
    )
    assert found["nccn-brca-mri"].state is PlanState.DUE
    assert found["nccn-brca1-ovaries"].state is PlanState.DUE
    assert "nccn-brca2-ovaries" not in found
    assert "uspstf-2024-breast" not in found
    young = by_id(made(20, "female", finding("BRCA1")))
    assert (young["nccn-brca-mri"].state, young["nccn-brca-mri"].due) == (PlanState.LATER, months_later(born(20), 300))
    assert not [one for one in made(36, "male", finding("BRCA1")).actions if one.id.startswith("nccn")]
    gone = by_id(made(36, "female", finding("BRCA1"), values={"ovaries_removed": 1.0, "breasts_removed": 1.0}))
    assert not [name for name in gone if name.startswith("nccn")]


def test_family_with_bowel_cancer_begins_earlier() -> None:
    rule = Trigger(TriggerKind.FAMILY_RULE, "family-colorectal-cancer", "mother with colorectal cancer at 44")
    onsets = ((1, "colorectal_cancer", 44.0), (2, "colorectal_cancer", 30.0))
    found = by_id(made(33, "male", rule, onsets=onsets))["aga-family-colorectal"]
    assert (found.state, found.due) == (PlanState.LATER, months_later(born(33), 12 * 34))
    found = by_id(made(34, "male", rule, onsets=onsets))["aga-family-colorectal"]
    assert found.state is PlanState.DUE
    assert found.because[-1] == "it begins 10 years before the youngest diagnosis in the family, at 44"
    late = by_id(made(36, "male", rule, onsets=((1, "colorectal_cancer", 58.0),)))["aga-family-colorectal"]
    assert late.due == months_later(born(36), 480)


def test_a_rule_that_cannot_be_judged_is_asked() -> None:
    rule = Trigger(TriggerKind.FAMILY_RULE, "nice-cg164-referral", "referral", None, needs=("mother: age at breast cancer",))
    found = by_id(made(36, "female", rule))["nice-cg164-referral"]
    assert (found.state, found.needs, found.due) == (PlanState.UNKNOWN, ("mother: age at breast cancer",), None)


def test_cascade_testing_names_the_relatives() -> None:
    found = by_id(made(40, "male", finding("LDLR"), relatives={1: ("brother", "daughter"), 2: ("maternal aunt",)}))[
        "fh-cascade"
    ]
    assert found.relatives == (
        "first-degree relatives: brother, daughter",
        "second-degree relatives: maternal aunt",
        "third-degree relatives (none is recorded)",
    )


def test_without_date_of_birth_or_sex_nothing_is_said_and_both_are_asked() -> None:
    found = plan(knowledge().prevention, PlanCase(TODAY, values=NONE), [])
    assert {one.state for one in found.actions} == {PlanState.UNKNOWN}
    assert {"date of birth", "sex"} <= {need for one in found.actions for need in one.needs}


def test_nothing_is_known_of_illnesses_is_asked() -> None:
    case = PlanCase(TODAY, born(50), "female", {})
    found = by_id(plan(knowledge().prevention, case, []))
    assert found["uspstf-2024-breast"].state is PlanState.UNKNOWN
    assert "whether there is breast cancer" in found["uspstf-2024-breast"].needs


def test_order_is_by_state_urgency_and_strength() -> None:
    found = made(55, "female", finding("MSH2"), done=[done(MAMMOGRAPHY, date(2020, 1, 1))], values={"smoker": 1.0})
    assert [one.id for one in found.actions][:4] == [
        "uspstf-2024-breast",
        "lynch-colonoscopy-mlh1-msh2",
        "uspstf-2021-tobacco",
        "lynch-cascade",
    ]


GENES = sorted({gene for one in knowledge().prevention.actions.values() for gene in one.wanted.findings})


@settings(max_examples=120, deadline=None)
@given(
    st.floats(0, 100),
    st.sampled_from(["female", "male"]),
    st.lists(st.sampled_from(GENES), max_size=2),
    st.lists(st.tuples(st.sampled_from([COLONOSCOPY, MAMMOGRAPHY, STOOL]), st.integers(0, 6000)), max_size=3),
)
def test_laws_of_every_plan(age: float, sex: str, genes: list[str], before: list[tuple[str, int]]) -> None:
    tests = [done(code, TODAY - timedelta(days=days)) for code, days in before]
    found = made(age, sex, *map(finding, genes), done=tests)
    actions = knowledge().prevention.actions
    for one in found.actions:
        action = actions[one.id]
        assert action.sex in ("", sex)
        assert one.source and one.because
        if one.state in (PlanState.DUE, PlanState.OVERDUE):
            assert action.from_age is None or months_later(born(age), 12 * action.from_age) <= TODAY
            assert one.due is not None and one.due <= TODAY
        if one.state in (PlanState.NOT_DUE, PlanState.LATER) and one.due is not None:
            assert one.due > TODAY
        if one.latest is not None and one.due is not None:
            assert one.due <= one.latest
    now = [one.purpose for one in found.actions if one.state not in (PlanState.LATER, PlanState.UNKNOWN)]
    assert len(now) == len(set(now))
    assert found == made(age, sex, *map(finding, reversed(genes)), done=tests[::-1]) or len(set(genes)) > 1


def test_every_action_is_cited_and_can_be_reached() -> None:
    known = knowledge()
    for one in known.prevention.actions.values():
        assert one.source.split("#")[0] in known.sources
        triggers = [finding(gene) for gene in one.wanted.findings[:1]]
        triggers += [Trigger(TriggerKind.FAMILY_RULE, rule, "met") for rule in one.wanted.family_rules[:1]]
        triggers += [risk(one.wanted.at_least or 0.0)] if one.wanted.risks else []
        weight = 22.0 if one.id == "uspstf-2021-hypertension-18" else 30.0  # with excess weight a stricter one counts
        values = {"smoker": 1.0, "pack_years": 30.0, "bmi": weight}
        if one.not_with and "smoker" in one.not_with:
            continue
        triggers += [finding("a gene without an action")] if one.wanted.other_findings else []
        age = one.from_age if one.from_age is not None else one.to_age or 40
        assert one.id in by_id(made(age, one.sex or "female", *triggers, values=values)), one.id


def test_a_finding_for_which_no_action_applies_is_referred_to_genetics() -> None:
    referral = by_id(made(40, "female", finding("LMNA"), finding("MSH2")))["genetics-referral"]
    assert referral.because == ("a pathogenic variant in LMNA",)
    assert "no action of a guideline is cited here" in referral.words
    assert "genetics-referral" in by_id(made(40, "male", finding("PALB2"))), "the actions of that gene are for women"
    assert "genetics-referral" not in by_id(made(40, "male", finding("MSH2")))
    assert "genetics-referral" not in by_id(made(40, "male"))


def test_every_gene_of_the_list_has_an_action_or_a_referral() -> None:
    known = knowledge()
    listed = {one.gene for one in known.secondary.genes.values()}
    cited = {gene for one in known.prevention.actions.values() for gene in one.wanted.findings}
    assert cited <= listed and len(listed) == 84 and len(cited) == 47
    for gene in sorted(listed):
        for age, sex in ((1.0, "male"), (5.0, "female"), (30.0, "male"), (60.0, "female")):
            plan_ = made(age, sex, finding(gene))
            assert any(f"variant in {gene}" in because for one in plan_.actions for because in one.because), (gene, age, sex)


@pytest.mark.parametrize(
    ("gene", "age", "action", "months"),
    [
        ("TP53", 30, "li-fraumeni-whole-body", 12),
        ("VHL", 30, "vhl-abdomen", 12),
        ("SMAD4", 20, "jps-bowel", 36),
        ("MUTYH", 20, "mutyh-bowel", 24),
        ("MYBPC3", 30, "hcm-heart", 60),
        ("RB1", 5, "rb1-eyes-child", 6),
        ("RB1", 8, "rb1-eyes-school", 12),
        ("WT1", 3, "wt1-kidneys", 3),
        ("NF2", 10, "nf2-spine", 36),
    ],
)
def test_intervals_of_further_genes(gene: str, age: float, action: str, months: int) -> None:
    found = by_id(made(age, "female", finding(gene)))[action]
    assert found.state is PlanState.DUE
    option = knowledge().prevention.actions[action].options[0]
    assert option.months[1] == months


def test_the_reason_names_only_what_carries_the_condition() -> None:
    found = by_id(made(60, "female", values={"smoker": 1.0, "pack_years": 30.0, "years_since_quitting": 99.0}))
    assert found["uspstf-2021-lung"].because == ("pack years 30", "smoker")
