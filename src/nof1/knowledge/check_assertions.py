"""What must hold in ``assertions.yaml`` beyond its shape; every breach is one line with its remedy."""

from __future__ import annotations

from nof1.knowledge.assertion_terms import CLASSES, AssertionTerms
from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.schema import Source
from nof1.knowledge.tables import Problem


def check(known: AssertionTerms, sources: dict[str, Source], problem: Problem) -> None:
    """Tell every breach in ``known``."""
    place = "assertions.yaml"
    cited = [known.review_source, known.term_source, *(row.source for row in known.reviews if row.source)]
    for source in cited if known.reviews or known.terms else ():
        check_source(source, sources, place, problem)
    if known.checked:
        check_date(known.checked, place, problem)
    for row in known.reviews:
        if not 0 <= row.stars <= 4:
            problem(f"{place}: {row.text!r} has {row.stars} stars; write 0 to 4")
    for term in known.terms:
        if term.means and term.means not in CLASSES:
            problem(f"{place}: {term.text!r} means {term.means!r}; write one of {', '.join(CLASSES)}, or nothing")
    texts = [row.text for row in known.reviews] + [term.text for term in known.terms]
    if double := next((text for text in texts if texts.count(text) > 1), ""):
        problem(f"{place}: {double!r} is written twice; remove one")
