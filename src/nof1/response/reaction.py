"""A suspected adverse reaction on a published scale: the score, and how far what is not known could move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nof1.errors import RequestError
from nof1.knowledge.outcomes import Question, ReactionScale


class Answer(StrEnum):
    """An answer. ``unknown`` may still become yes or no; ``not_done`` (no placebo) cannot; both score alike."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, what it counts, and where it comes from (``the record``, ``given``, or empty where unknown)."""

    question: str
    text: str
    answer: Answer
    counts: int
    why: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """The score with unknown answers counted as the scale does; ``lowest`` and ``highest`` whatever they turn out to be."""

    scale: str
    title: str
    score: int
    band: str
    lowest: int
    highest: int
    bands: tuple[str, ...]
    answers: tuple[Answered, ...]
    source: str


Derived = Mapping[str, tuple[Answer, str]]


def score(
    scale: ReactionScale, answers: Derived, origin: str = "the record", given: Mapping[str, Answer] | None = None
) -> Scored:
    """The score of ``scale``. ``answers``: derived ones with their reason, by question; ``given``: stated ones, which win.

    Raises ``RequestError`` for a question that the scale does not have.
    """
    stated = given or {}
    names = [question.id for question in scale.questions]
    if wrong := next((name for name in stated if name not in names), None):
        raise RequestError(f"{wrong!r} is no question of the {scale.title}; it has {', '.join(names)}")
    rows = [_answered(question, answers, origin, stated) for question in scale.questions]
    open_ones = [question for question, row in zip(scale.questions, rows, strict=True) if row.answer is Answer.UNKNOWN]
    settled = sum(row.counts for row in rows if row.answer is not Answer.UNKNOWN)
    lowest = settled + sum(min(_values(question)) for question in open_ones)
    highest = settled + sum(max(_values(question)) for question in open_ones)
    total = sum(row.counts for row in rows)
    bands = tuple(dict.fromkeys(band_of(scale, value) for value in range(lowest, highest + 1)))
    return Scored(scale.id, scale.title, total, band_of(scale, total), lowest, highest, bands, tuple(rows), scale.source)


def _answered(question: Question, answers: Derived, origin: str, stated: Mapping[str, Answer]) -> Answered:
    if question.id in stated:
        answer = stated[question.id]
        return Answered(question.id, question.text, answer, counts(question, answer), "as stated", "given")
    answer, why = answers.get(question.derived, (Answer.UNKNOWN, "the record does not say"))
    told = "" if answer is Answer.UNKNOWN else origin
    return Answered(question.id, question.text, answer, counts(question, answer), why, told)


def counts(question: Question, answer: Answer) -> int:
    """What an answer counts; what was not done counts as what is not known."""
    return {Answer.YES: question.if_yes, Answer.NO: question.if_no}.get(answer, question.if_unknown)


def _values(question: Question) -> tuple[int, int, int]:
    return question.if_yes, question.if_no, question.if_unknown


def band_of(scale: ReactionScale, value: int) -> str:
    """What a score is called."""
    return next(band.title for band in scale.bands if band.least is None or value >= band.least)
