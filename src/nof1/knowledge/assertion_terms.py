"""The shape of ``assertions.yaml``: what review statuses and terms of classifications of public tables mean."""

from __future__ import annotations

import re

from nof1.knowledge.shape import Spec, Status

CLASSES = ("pathogenic", "likely pathogenic", "uncertain significance", "likely benign", "benign", "conflicting")
UNKNOWN = -1  # stars of a review status that is not listed
_COUNTED = re.compile(r"([^|()]+)\((\d+)\)")
_SURENESS = {"pathogenic": "likely pathogenic", "benign": "likely benign"}


class Review(Spec, frozen=True):
    """A review status and its gold stars, 0 to 4; ``source`` where it is not that of all."""

    text: str
    stars: int
    source: str = ""


class Term(Spec, frozen=True):
    """A term of a classification. ``means``: one of ours, empty where the term stays its own word."""

    text: str
    means: str = ""
    is_low_penetrance: bool = False


class AssertionTerms(Spec, frozen=True):
    """What is written in tables of assertions, and what it means."""

    schema: int = 1
    status: Status = "provisional"
    checked: str = ""
    review_source: str = ""
    reviews: list[Review] = []
    term_source: str = ""
    terms: list[Term] = []
    note: str = ""


def plain(text: str) -> str:
    """A word as it is listed: spaces for underscores, small letters.

    >>> plain("Pathogenic,_low_penetrance")
    'pathogenic, low penetrance'
    """
    return text.replace("_", " ").strip().lower()


class Reading:
    """Reads what tables write, each different text once."""

    def __init__(self, terms: AssertionTerms) -> None:
        self._stars = {row.text: row.stars for row in terms.reviews}
        self._terms = {term.text: term for term in terms.terms}

    def stars(self, review: str) -> int:
        """Gold stars of a review status, ``UNKNOWN`` where it is not listed."""
        return self._stars.get(plain(review), UNKNOWN)

    def classification(self, written: str) -> tuple[str, bool]:
        """The classification a text gives, and whether the source says low penetrance or risk allele.

        Several terms stand between bars; the first that is a classification counts. Terms joined by a slash are those of
        submitters who differ in how sure they are: the less sure one is taken.
        """
        found, is_low = "", False
        for text in map(plain, written.split("|")):
            means, low = self._one(text)
            found, is_low = found or means, is_low or low
        return found or plain(written.split("|", maxsplit=1)[0]), is_low

    def _one(self, text: str) -> tuple[str, bool]:
        if (term := self._terms.get(text)) is not None:
            return term.means, term.is_low_penetrance
        parts = [self._terms[part] for part in text.split("/") if part in self._terms]
        means = list(dict.fromkeys(part.means for part in parts if part.means))
        less_sure = next((_SURENESS[word] for word in means if word in _SURENESS and _SURENESS[word] in means), "")
        return less_sure or (means[0] if means else ""), any(part.is_low_penetrance for part in parts)

    def counts(self, written: str) -> dict[str, int]:
        """Submissions by classification, from a text such as ``Pathogenic(1)|Benign(2)``."""
        found: dict[str, int] = {}
        for word, number in _COUNTED.findall(written):
            name = self._one(plain(word.strip("|,")))[0] or plain(word.strip("|,"))
            found[name] = found.get(name, 0) + int(number)
        return found
