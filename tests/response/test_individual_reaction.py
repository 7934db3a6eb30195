"""Suspected reactions: published cases give the published score, the record answers what it can, unknowns stay unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from nof1.errors import RequestError
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.outcomes import ReactionScale
from nof1.model.record import Allergy, Course, Fact, Medication, Quantity, Record
from nof1.response.episodes import episodes, series
from nof1.response.reaction import Answer, Scored, score
from nof1.response.reaction_record import Event, derived

TODAY = date(2026, 11, 26)
IDS = [
    "reports",
    "after",
    "dechallenge",
    "rechallenge",
    "alternatives",
    "placebo",
    "toxic_level",
    "dose_response",
    "earlier",
    "objective",
]
LETTERS = {"y": Answer.YES, "n": Answer.NO, "?": Answer.UNKNOWN}

# Case reports that print what each question counted and the total. Answers in the order of the ten questions; where a report
# prints 0 for a question whose yes and no would both count, it was not known.
CASES = [
    ("Levothyroxine, liver injury; J Med Case Rep 2019, s13256-019-2244-z table 2", "yyyyn?????", 8, "probable"),
    ("Capecitabine, oromandibular dystonia; BMC Cancer 2015, s12885-015-1132-1 table 1", "yyyyn????y", 9, "definite"),
    ("Korean J Clin Pharm 2019;29:56 table 1", "yyy?????n?", 4, "possible"),
    ("Echinacea, anhydramnios; J Med Cases 2013;4:262 table 1", "?y??n?????", 4, "possible"),
    ("Black cohosh, liver injury; Case Rep Med 2009, 918156 table 5, case 1", "nyy?y??yn?", 3, "possible"),
    ("World J Transl Med 2013;2:13 table 3 (modified wording)", "?yyynnnnyy", 10, "definite"),
    ("Ther Clin Risk Manag 2018;14:1657 table 1 (counts 0 2 1 0 2 0 0 0 0 1, rated probable)", "nyy?n???ny", 6, "probable"),
]  # fmt: skip


@pytest.fixture(scope="module")
def scale() -> ReactionScale:
    return knowledge().responses.scales["naranjo"]


def stated(letters: str) -> dict[str, Answer]:
    return {name: LETTERS[letter] for name, letter in zip(IDS, letters, strict=True)}


@pytest.mark.parametrize(("where", "letters", "total", "band"), CASES)
def test_published_cases(scale: ReactionScale, where: str, letters: str, total: int, band: str) -> None:
    found = score(scale, {}, given=stated(letters))
    assert (found.score, found.band) == (total, band), where
    assert found.lowest <= total <= found.highest


def test_the_weights_are_those_of_the_table(scale: ReactionScale) -> None:
    """PMC5774610 table 2, which reprints Naranjo 1981: yes, no, do not know."""
    table = [
        (1, 0, 0),
        (2, -1, 0),
        (1, 0, 0),
        (2, -1, 0),
        (-1, 2, 0),
        (-1, 1, 0),
        (1, 0, 0),
        (1, 0, 0),
        (1, 0, 0),
        (1, 0, 0),
    ]
    assert [(row.if_yes, row.if_no, row.if_unknown) for row in scale.questions] == table
    assert [(band.title, band.least) for band in scale.bands] == [
        ("definite", 9),
        ("probable", 5),
        ("possible", 1),
        ("doubtful", None),
    ]


def test_range_of_the_scale(scale: ReactionScale) -> None:
    nothing = score(scale, {})
    assert (nothing.score, nothing.lowest, nothing.highest, nothing.band) == (0, -4, 13, "doubtful")
    assert nothing.bands == ("doubtful", "possible", "probable", "definite")


def test_every_way_to_settle_an_unknown_stays_within_the_range(scale: ReactionScale) -> None:
    base = stated("yyy?????n?")
    found = score(scale, {}, given=base)
    for name in IDS:
        if base[name] is Answer.UNKNOWN:
            for answer in Answer:
                other = score(scale, {}, given={**base, name: answer})
                assert found.lowest <= other.lowest <= other.highest <= found.highest


def test_a_question_that_there_is_none_of(scale: ReactionScale) -> None:
    with pytest.raises(RequestError, match="'rash' is no question of the Naranjo scale; it has reports, after"):
        score(scale, {}, given={"rash": Answer.YES})


# A course: 25 before, begun 1 January, 100 in February, stopped 10 February, 30 in March, again 1 April, 90 in May.
BEGUN, STOPPED, AGAIN = date(2026, 1, 1), date(2026, 2, 10), date(2026, 4, 1)
ONSET = date(2026, 2, 5)
VALUES = {date(2025, 12, 20): 25.0, ONSET: 100.0, date(2026, 3, 10): 30.0}


def course(
    values: dict[date, float], *spans: tuple[date | None, date | None], doses: tuple[float, ...] = (), **more: object
) -> Record:
    facts = tuple(Fact("l", "1", Quantity(value, "U/L"), when, f"O/{when}", "alt") for when, value in values.items())
    items = tuple(
        Medication(
            ("d",), "d", "", Course.STOPPED if end else Course.ACTIVE, start, end, place=f"M/{place}",
            dose=Quantity(doses[place], "mg") if doses else None, per_day=1.0 if doses else None,
        )
        for place, (start, end) in enumerate(spans)
    )  # fmt: skip
    return Record(facts=facts, medications=items, **more)  # type: ignore[arg-type]


def scored(scale: ReactionScale, record: Record, onset: date = ONSET, worse: int = 1, others: dict | None = None) -> Scored:  # type: ignore[type-arg]
    event = Event(onset, series(record, "alt", "U/L", TODAY), worse)
    known = knowledge().responses.outcomes
    return score(scale, derived(scale, event, "d", episodes(record, "d", TODAY), record, others or {}, known))


def answers(found: Scored) -> dict[str, Answer]:
    return {row.question: row.answer for row in found.answers}


def test_stopping_and_giving_again(scale: ReactionScale) -> None:
    record = course({**VALUES, date(2026, 5, 1): 90.0}, (BEGUN, STOPPED), (AGAIN, None))
    said = answers(scored(scale, record))
    assert said["after"] is said["dechallenge"] is said["rechallenge"] is said["objective"] is Answer.YES
    assert said["placebo"] is Answer.NOT_DONE and said["alternatives"] is Answer.UNKNOWN
    assert scored(scale, record).score == 2 + 1 + 2 + 1


def test_no_better_after_stopping_and_no_return(scale: ReactionScale) -> None:
    stays = {**VALUES, date(2026, 3, 10): 95.0, date(2026, 3, 20): 90.0}
    assert answers(scored(scale, course(stays, (BEGUN, STOPPED))))["dechallenge"] is Answer.NO
    calm = {**VALUES, date(2026, 5, 1): 31.0}
    assert answers(scored(scale, course(calm, (BEGUN, STOPPED), (AGAIN, None))))["rechallenge"] is Answer.NO


def test_what_the_record_does_not_show_is_unknown(scale: ReactionScale) -> None:
    ongoing = answers(scored(scale, course(VALUES, (BEGUN, None))))
    assert ongoing["dechallenge"] is Answer.UNKNOWN and ongoing["rechallenge"] is Answer.NOT_DONE
    silent = answers(scored(scale, course({ONSET: 100.0}, (BEGUN, STOPPED))))
    assert silent["dechallenge"] is Answer.UNKNOWN and silent["objective"] is Answer.UNKNOWN
    undated = answers(scored(scale, course(VALUES, (None, None))))
    assert undated["after"] is Answer.UNKNOWN


def test_before_the_drug_and_without_it(scale: ReactionScale) -> None:
    early = scored(scale, course(VALUES, (date(2026, 2, 20), None)))
    assert answers(early)["after"] is Answer.NO
    assert answers(scored(scale, Record()))["after"] is Answer.UNKNOWN


def test_a_fall_can_be_the_reaction(scale: ReactionScale) -> None:
    falling = {when: 200 - value for when, value in VALUES.items()}
    said = answers(scored(scale, course(falling, (BEGUN, STOPPED)), worse=-1))
    assert said["objective"] is said["dechallenge"] is Answer.YES


def test_higher_doses(scale: ReactionScale) -> None:
    values = {date(2025, 12, 20): 25.0, date(2026, 1, 20): 40.0, ONSET: 100.0}
    record = course(values, (BEGUN, date(2026, 1, 31)), (date(2026, 2, 1), None), doses=(10.0, 20.0))
    assert answers(scored(scale, record))["dose_response"] is Answer.YES
    turned = course(
        {**values, date(2026, 1, 20): 140.0}, (BEGUN, date(2026, 1, 31)), (date(2026, 2, 1), None), doses=(10.0, 20.0)
    )
    assert answers(scored(scale, turned))["dose_response"] is Answer.NO


def test_an_earlier_reaction_has_to_be_dated(scale: ReactionScale) -> None:
    allergy = Allergy(("d",), (), "rash on d", when=date(2020, 1, 1))
    made = course(VALUES, (BEGUN, None), allergies=(allergy,))
    assert answers(scored(scale, made))["earlier"] is Answer.YES
    later = replace(made, allergies=(replace(allergy, when=None),))
    assert answers(scored(scale, later))["earlier"] is Answer.UNKNOWN
    refuted = replace(made, allergies=(replace(allergy, is_refuted=True),))
    assert answers(scored(scale, refuted))["earlier"] is Answer.UNKNOWN


def test_levels_are_told_and_never_called_toxic(scale: ReactionScale) -> None:
    known = knowledge().responses.outcomes
    made = course(VALUES, (BEGUN, None))
    made = replace(made, medications=tuple(replace(item, drugs=("digoxin",)) for item in made.medications))
    for mark, expected in (("N", Answer.NO), ("H", Answer.UNKNOWN)):
        level = Fact(
            "l", "2", Quantity(1.0, "ng/mL"), ONSET, "O/level", "digoxin_level", given="1 ng/mL", interpretation=mark
        )
        event = Event(ONSET)
        found = derived(
            scale, event, "digoxin", episodes(made, "digoxin", TODAY), replace(made, facts=(*made.facts, level)), {}, known
        )
        assert found["level"][0] is expected
    far = replace(level, when=ONSET + timedelta(days=scale.level_days + 1))
    assert derived(scale, Event(ONSET), "digoxin", (), replace(made, facts=(far,)), {}, known)["level"][0] is Answer.NOT_DONE


def test_other_causes_are_listed_for_a_reader(scale: ReactionScale) -> None:
    made = course(VALUES, (BEGUN, None))
    other = episodes(Record(medications=(Medication(("e",), "e", "", Course.ACTIVE, date(2026, 1, 20)),)), "e", TODAY)
    found = scored(scale, made, others={"e": other})
    row = next(row for row in found.answers if row.question == "alternatives")
    assert row.answer is Answer.UNKNOWN and "e begun 2026-01-20" in row.why
