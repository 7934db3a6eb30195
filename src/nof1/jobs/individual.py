"""The response of one person from a record: drugs against outcomes, and a suspected reaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nof1.assessment.assess import known_drug
from nof1.decision.library import library
from nof1.errors import NotInKnowledge, RequestError
from nof1.jobs.records import person_record
from nof1.knowledge.check_rules import nearest
from nof1.knowledge.compiled import knowledge as shipped
from nof1.knowledge.outcomes import Outcome
from nof1.knowledge.schema import Knowledge
from nof1.model.record import Record
from nof1.model.terms import phrase
from nof1.response.episodes import ON, Episode, Series, drugs_in, episodes, series, taken_on
from nof1.response.follow import Followed, follow
from nof1.response.reaction import Answer, Scored, score
from nof1.response.reaction_record import Event, derived

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Suspected:
    """A suspected reaction: to which drug, since when, seen in which outcome, and its score."""

    drug: str
    onset: date
    outcome: str
    scored: Scored


@dataclass(frozen=True, slots=True)
class Response:
    """All that was asked of one person: ``followed`` pairs of drug and outcome, a ``suspected`` reaction, and what was not
    looked at and why (``silent``)."""

    schema_version: str
    person: str
    today: date
    edition: str
    followed: tuple[Followed, ...]
    suspected: Suspected | None
    silent: tuple[str, ...]


def respond(
    record: Sequence[Path | str] | Path | str,
    *,
    drugs: Sequence[str] = (),
    outcomes: Sequence[str] = (),
    suspect: date | None = None,
    answers: Mapping[str, Answer] | None = None,
    scale: str = "",
    level: float = 0.95,
    patient: str = "",
    today: date | None = None,
    knowledge: Knowledge | None = None,
) -> Response:
    """Drugs against outcomes in the record of one person; the pairs with an expected course where nothing is named.

    ``suspect``: the day on which a suspected reaction to the one drug of ``drugs`` was noticed, seen in the one of
    ``outcomes`` if any; ``answers`` to questions of ``scale``. Raises ``InputError`` for what cannot be read or is not
    known.
    """
    known, day = knowledge or shipped(), today or date.today()
    if not 0.5 <= level < 1:
        raise RequestError(f"level {level:g}; write a share from 0.5 to below 1, such as 0.95")
    if suspect is not None and suspect > day:
        raise RequestError(f"the reaction is dated {suspect}, in the future of {day}; correct the date")
    found = person_record(known, record, day, patient)
    if found is None:
        raise RequestError("no record; give the FHIR R4 files of the person")
    names = [known_drug(library(known), name) for name in drugs]
    rows = [_outcome(known, name) for name in outcomes]
    every = {name: episodes(found, name, day) for name in dict.fromkeys((*drugs_in(found), *names))}
    pairs, silent = _pairs(known, found, names, rows, every, day)
    followed = tuple(_follow(known, found, drug, row, every, day, level) for drug, row in pairs)
    suspected = _suspected(known, found, names, rows, every, suspect, answers or {}, scale, day)
    return Response(SCHEMA_VERSION, found.person, day, known.edition.digest, followed, suspected, silent)


def _outcome(known: Knowledge, name: str) -> Outcome:
    """The outcome of that id or name; ``NotInKnowledge`` for none."""
    terms = known.care.measurements
    wanted = phrase(name)
    for row in known.responses.outcomes.values():
        term = terms.get(row.id)
        if wanted in {phrase(row.id), *(phrase(text) for text in ((term.title, *term.also_named) if term else ()))}:
            return row
    hint = nearest(name, known.responses.outcomes)
    raise NotInKnowledge(
        f"outcome {name!r} is not followed here; {hint}known are {', '.join(sorted(known.responses.outcomes))}"
    )


def _pairs(
    known: Knowledge,
    record: Record,
    drugs: Sequence[str],
    outcomes: Sequence[Outcome],
    every: Mapping[str, Sequence[Episode]],
    day: date,
) -> tuple[list[tuple[str, Outcome]], tuple[str, ...]]:
    """What is looked at: named pairs whatever the record holds, else those for which there is something to see."""
    measured = {fact.term for fact in record.facts if fact.term and (fact.when is None or fact.when <= day)}
    rows = list(outcomes) or [row for row in known.responses.outcomes.values() if row.id in measured]
    names = list(drugs) or [name for name, items in every.items() if items]
    if drugs or outcomes:
        pairs = [(name, row) for name in names for row in rows]
    else:
        pairs = [(name, row) for name in names for row in rows if _is_expected(known, name, row.id)]
    silent = []
    if not rows:
        silent.append("the record holds no value of an outcome that is followed here")
    if not names:
        silent.append("the record holds no recognised drug that was taken")
    if rows and names and not pairs:
        silent.append(
            "of no drug in the record it is stored what it should do to an outcome in it; name a drug or an outcome"
        )
    return pairs, tuple(silent)


def _is_expected(known: Knowledge, drug: str, outcome: str) -> bool:
    members = library(known).members
    return any(
        row.outcome == outcome and (drug in row.drugs or any(drug in members.get(name, ()) for name in row.classes))
        for row in known.responses.expected
    )


def _follow(
    known: Knowledge,
    record: Record,
    drug: str,
    row: Outcome,
    every: Mapping[str, Sequence[Episode]],
    day: date,
    level: float,
) -> Followed:
    term = known.care.measurements[row.id]
    others = {name: items for name, items in every.items() if name != drug and items}
    members = library(known).members
    return follow(record, drug, row, term.title, term.unit, known.responses.expected, members, others, day, level)


def _suspected(
    known: Knowledge,
    record: Record,
    drugs: Sequence[str],
    outcomes: Sequence[Outcome],
    every: Mapping[str, Sequence[Episode]],
    onset: date | None,
    given: Mapping[str, Answer],
    scale: str,
    day: date,
) -> Suspected | None:
    if onset is None:
        if given:
            raise RequestError("answers without a reaction; give the day on which it was noticed")
        return None
    if len(drugs) != 1 or len(outcomes) > 1:
        raise RequestError("a suspected reaction needs one drug, and at most one outcome that shows it")
    chosen = known.responses.scales.get(scale) if scale else next(iter(known.responses.scales.values()), None)
    if chosen is None:
        raise NotInKnowledge(
            f"scale {scale!r} is not stored; known are {', '.join(sorted(known.responses.scales)) or 'none'}"
        )
    drug = drugs[0]
    event = Event(onset, *_shown(known, record, outcomes, every[drug], onset, day))
    others = {name: items for name, items in every.items() if name != drug}
    found = derived(chosen, event, drug, every[drug], record, others, known.responses.outcomes)
    return Suspected(drug, onset, outcomes[0].id if outcomes else "", score(chosen, found, given=given))


def _shown(
    known: Knowledge, record: Record, outcomes: Sequence[Outcome], found: Sequence[Episode], onset: date, day: date
) -> tuple[Series | None, int]:
    """The series that shows a reaction, and which way is worse: as the outcome says, else the way it went."""
    if not outcomes:
        return (None, 1)
    row = outcomes[0]
    values = series(record, row.id, known.care.measurements[row.id].unit, day)
    if row.better != "neither":
        return values, 1 if row.better == "lower" else -1
    before = values.values[(values.days < onset.toordinal()) & (taken_on(found, values.days) != ON)]
    after = values.values[values.days >= onset.toordinal()]
    went_down = len(before) and len(after) and float(after[0]) < float(before[-1])
    return values, -1 if went_down else 1
