"""How sure a result is, as a word and a shape; the same in page and terminal."""

from __future__ import annotations

from dataclasses import dataclass

from nof1.model.findings import Assessment, CallStatus
from nof1.report.markup import Html, tag

_S = CallStatus
NOT_SETTLED = "not settled"
OPEN = (_S.UNDETERMINED, _S.PROBABLE)


@dataclass(frozen=True, slots=True)
class Mark:
    """The word of a status, a sign that any terminal prints, the same as SVG (16 units square), and what it means."""

    word: str
    sign: str
    drawn: str
    meaning: str


_RING = '<circle cx="8" cy="8" r="6.3" fill="none" stroke="currentColor" stroke-width="1.7"/>'
MARKS = {
    _S.CERTAIN: Mark(
        "certain",
        "●",
        '<circle cx="8" cy="8" r="6.8"/>',
        "what decides was seen, and only this result fits",
    ),
    _S.ASSURED: Mark(
        "assured",
        "◉",
        f'{_RING}<circle cx="8" cy="8" r="3.6"/>',
        "something was not seen; the probability is this high under each population asked",
    ),
    _S.PROBABLE: Mark(
        "probable",
        "◐",
        f'{_RING}<path d="M8 1.7a6.3 6.3 0 0 0 0 12.6z"/>',
        "likely, not assured, under each population asked",
    ),
    _S.UNDETERMINED: Mark(
        "undetermined",
        "○?",
        f'{_RING}<path d="M5.9 6.3a2.1 2.1 0 1 1 3.2 1.8c-.8.5-1.1.9-1.1 1.7" fill="none" stroke="currentColor" '
        'stroke-width="1.5"/><circle cx="8" cy="11.8" r="1"/>',
        "not settled: another result remains possible",
    ),
    _S.NO_CALL: Mark(
        "no call",
        "–",
        '<path d="M2 8h12" fill="none" stroke="currentColor" stroke-width="2.8"/>',
        "nothing can be said",
    ),
    _S.CALLED: Mark(
        "called",
        "■",
        '<path d="M2.2 2.2h11.6v11.6H2.2z"/>',
        "by named alleles, or stated by another laboratory; how likely it is was not weighed",
    ),
}


def definitions() -> str:
    """The shapes, defined once and drawn by ``mark``."""
    shapes = [f'<symbol id="sure-{code.value}" viewBox="0 0 16 16">{one.drawn}</symbol>' for code, one in MARKS.items()]
    return "".join(shapes)


def shape(status: CallStatus) -> Html:
    """The shape alone; a word always stands beside it."""
    return Html(f'<svg class="sign" aria-hidden="true"><use href="#sure-{status.value}"/></svg>')


def mark(status: CallStatus, word: str = "") -> Html:
    """The shape with its word (or another ``word`` for the same)."""
    return tag("span", shape(status), word or MARKS[status].word, class_=f"sure s-{status.value}")


def written(status: CallStatus) -> str:
    """Sign and word in plain text.

    >>> written(CallStatus.PROBABLE)
    '◐ probable'
    """
    return f"{MARKS[status].sign} {MARKS[status].word}"


def limit(assessment: Assessment, status: CallStatus) -> str:
    """The threshold of a status in words, as the assessment states it, in brackets; empty where it states none."""
    stated = assessment.settings.get(status.value, "")
    return f" ({stated})" if stated else ""


def used(assessment: Assessment) -> list[CallStatus]:
    """The statuses that a gene's phenotype or diplotype has here, surest first."""
    found = {status for call in assessment.genes for status in (call.status, call.diplotype_status)}
    return [status for status in MARKS if status in found]


def key(assessment: Assessment) -> Html:
    """What the marks mean, for those that are used."""
    rows = [
        tag("li", mark(status, MARKS[status].word + limit(assessment, status)), ": ", MARKS[status].meaning)
        for status in used(assessment)
    ]
    return tag("ul", *rows, class_="sure-key", aria_label="How sure a result is") if rows else Html("")


def written_key(assessment: Assessment) -> str:
    """The marks in one line of plain text, with their thresholds."""
    return "   ".join(written(status) + limit(assessment, status) for status in used(assessment))
